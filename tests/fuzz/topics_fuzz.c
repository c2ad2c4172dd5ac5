// Any text as the title and the description of an event: the topics are few, of the taxonomy and in
// order. The first line is the title.
#include "extractor/extract.h"
#include "extractor/prose/markdown.h"
#include "extractor/topics/taxonomy.h"
#include "extractor/topics/topics.h"
#include "lib/base/arena.h"
#include "lib/base/ensure.h"
#include "lib/text/unicode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_words(struct arena *arena, struct slice text)
{
    struct topic_words words = taxonomy_words(taxonomy_get(), arena, text);
    size_t end = 0;
    for (size_t i = 0; i < words.count; i++) {
        size_t start = (size_t)(words.items[i].text.ptr - text.ptr);
        ensure(start >= end && words.items[i].text.len > 0);
        end = start + words.items[i].text.len;
        ensure(end <= text.len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(EXTRACT_ARENA_BYTES);
    struct slice text = {(const char *)data, size}, title = {0};
    check_words(arena, text); // not even UTF-8
    text = unicode_repair(arena, text);
    slice_split_next(&text, '\n', &title);
    struct record record;
    record_init(&record, arena);
    record.kind = PAGE_EVENT;
    record_set_text(&record, FIELD_NAME, METHOD_NEXT_DATA, title);
    record_set_text(&record, FIELD_CALENDAR_NAME, METHOD_NEXT_DATA, title);
    record_set_prose(&record, METHOD_NEXT_DATA, markdown_read(arena, text));
    topics_read(&record);
    ensure(record.topics_count <= TOPICS_MAX_SHOWN);
    for (size_t i = 0; i < record.topics_count; i++) {
        ensure(record.topics[i].relevance > 0 && record.topics[i].relevance <= 1);
        ensure(i == 0 || record.topics[i].relevance <= record.topics[i - 1].relevance);
    }
    arena_free(arena);
    return 0;
}
