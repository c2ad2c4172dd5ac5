#include "extractor/llm/page.h"

#include "lib/text/unicode.h"

#include <string.h>

enum { MIN_EVIDENCE_LEAD = 60 };

static struct slice cut_lines(struct slice text)
{
    if (text.len <= LLM_MAX_TEXT)
        return text;
    size_t len = LLM_MAX_TEXT;
    while (len > 0 && text.ptr[len] != '\n')
        len--;
    return len ? slice_sub(text, 0, len) : (struct slice){0};
}

static void add_line(struct llm_page *page, struct slice text)
{
    text = slice_trim(text);
    if (text.len && page->count < LLM_MAX_LINES)
        page->lines[page->count++] = (struct llm_line){text, words_of(page->arena, text)};
}

bool llm_page_read(struct arena *arena, struct slice record_json, struct llm_page *ret_page)
{
    *ret_page = (struct llm_page){.arena = arena};
    struct llm_page *page = ret_page;
    if (record_json.len > LLM_MAX_RECORD || json_parse(arena, record_json, &page->record, NULL) ||
        !slice_equal(json_get_text(page->record, "kind"), SLICE("event")))
        return false;
    page->event = json_get(page->record, "event");
    page->name = json_get_text(page->event, "name");
    page->text = cut_lines(json_get_text(page->event, "description"));
    if (page->text.len == 0)
        return false;
    page->lines = ARENA_ARRAY(arena, LLM_MAX_LINES, struct llm_line);
    add_line(page, page->name);
    struct slice rest = page->text, line;
    while (slice_split_next(&rest, '\n', &line))
        add_line(page, line);
    return true;
}

static bool is_apostrophe_s(struct slice end)
{
    return slice_equal(end, SLICE("'s")) || slice_equal(end, SLICE("\xe2\x80\x99s"));
}

static bool same_word(struct slice on_page, struct slice wanted, bool is_last)
{
    if (slice_equal(on_page, wanted))
        return true;
    return is_last && slice_starts_with(on_page, wanted) &&
           is_apostrophe_s(slice_sub(on_page, wanted.len, SIZE_MAX));
}

static bool is_here(const struct words *line, size_t at, const struct words *wanted,
                    bool needs_capitals)
{
    if (line->count - at < wanted->count)
        return false;
    for (size_t i = 0; i < wanted->count; i++) {
        const struct word *word = &line->items[at + i];
        if (!same_word(word->folded, wanted->items[i].folded, i + 1 == wanted->count))
            return false;
        if (needs_capitals && wanted->items[i].is_capital && !word->is_capital)
            return false;
        // What parts two names on the page is not inside of one.
        if (i > 0 && word->gap != GAP_SPACE && word->gap != wanted->items[i].gap)
            return false;
    }
    return true;
}

// The line; of a long one the part around byte `at`.
static struct slice evidence_around(struct slice line, size_t at)
{
    size_t from = 0;
    if (unicode_length(line) > LLM_MAX_EVIDENCE && at > MIN_EVIDENCE_LEAD) {
        from = at - MIN_EVIDENCE_LEAD;
        while (from > 0 && line.ptr[from - 1] != ' ')
            from--;
    }
    return unicode_cut(slice_sub(line, from, SIZE_MAX), LLM_MAX_EVIDENCE);
}

// Scripts that are written without spaces: there a name is a part of a word.
static bool is_unspaced(struct slice folded)
{
    for (size_t i = 0; i < folded.len; i++)
        if ((unsigned char)folded.ptr[i] < 0xe0 && !((unsigned char)folded.ptr[i] & 0x80))
            return false;
    return folded.len >= 6 && (unsigned char)folded.ptr[0] >= 0xe3;
}

static bool find(const struct llm_page *page, struct slice text, bool needs_capitals,
                 struct slice *ret_evidence)
{
    struct words wanted = words_of(page->arena, text);
    if (wanted.count == 0)
        return false;
    bool unspaced = wanted.count == 1 && is_unspaced(wanted.items[0].folded);
    for (size_t i = 0; i < page->count; i++) {
        const struct words *words = &page->lines[i].words;
        for (size_t at = 0; at < words->count; at++) {
            bool inside =
                unspaced && slice_find(words->items[at].folded, wanted.items[0].folded) != SIZE_MAX;
            if (!inside && !is_here(words, at, &wanted, needs_capitals))
                continue;
            if (ret_evidence)
                *ret_evidence = evidence_around(page->lines[i].text, words_offset(words, at));
            return true;
        }
    }
    return false;
}

bool llm_page_has(const struct llm_page *page, struct slice text, struct slice *ret_evidence)
{
    return find(page, text, false, ret_evidence);
}

bool llm_page_has_name(const struct llm_page *page, struct slice text, struct slice *ret_evidence)
{
    return find(page, text, true, ret_evidence);
}
