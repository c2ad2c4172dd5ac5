// Any text as the description of an event: what is found is on the page, clean and bounded.
#include "extractor/extract.h"
#include "extractor/prose/markdown.h"
#include "extractor/prose/prose.h"
#include "lib/base/arena.h"
#include "lib/base/ensure.h"
#include "lib/text/unicode.h"
#include "support/same_prose.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(struct slice text)
{
    ensure(unicode_is_valid(text));
    ensure(slice_find_char(text, '\0') == SIZE_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(EXTRACT_ARENA_BYTES);
    struct record record;
    // The first line is the event's name.
    struct slice text = {(const char *)data, size}, name = {0};
    if (size)
        slice_split_next(&text, '\n', &name);
    record_init(&record, arena);
    record.kind = PAGE_EVENT;
    record_set_text(&record, FIELD_NAME, METHOD_NEXT_DATA, unicode_clean_line(arena, name));
    record_set_prose(&record, METHOD_NEXT_DATA, markdown_read(arena, text));
    check_text(prose_markdown(arena, &record.prose));
    ensure(same_prose_again(arena, &record.prose));
    prose_read(&record);
    ensure(record.people_count <= RECORD_MAX_PEOPLE);
    ensure(record.companies_count <= RECORD_MAX_COMPANIES);
    for (size_t i = 0; i < record.people_count; i++) {
        const struct person *person = &record.people[i];
        ensure(person->name.len > 0 && person->role && person->confidence <= 1);
        check_text(person->name);
        check_text(person->title);
        check_text(person->company);
        check_text(person->evidence);
    }
    for (size_t i = 0; i < record.companies_count; i++) {
        ensure(record.companies[i].name.len > 0 && record.companies[i].relationship);
        check_text(record.companies[i].name);
        check_text(record.companies[i].evidence);
    }
    arena_free(arena);
    return 0;
}
