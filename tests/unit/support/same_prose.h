// Do two documents say the same? What prose_markdown promises to keep, word for word.
#pragma once

#include "extractor/prose/markdown.h"
#include "lib/text/unicode.h"

#include <stdio.h>
#include <string.h>
#include <unicode/uchar.h>

static const struct prose_span *same_prose_span(const struct prose_line *line, size_t at)
{
    for (size_t i = 0; i < line->span_count; i++)
        if (line->spans[i].start <= at && at < line->spans[i].end)
            return &line->spans[i];
    return NULL;
}

// Is it said in the text itself? Plain addresses become links.
static bool same_prose_is_plain(struct slice text, struct slice url)
{
    return slice_find(text, url) != SIZE_MAX;
}

static const char *same_prose_spans(struct arena *scratch, const struct prose_line *a,
                                    const struct prose_line *b)
{
    struct slice rest = a->text;
    while (rest.len) {
        size_t at = a->text.len - rest.len;
        if (!u_isalnum((UChar32)unicode_next(&rest)))
            continue;
        const struct prose_span *x = same_prose_span(a, at), *y = same_prose_span(b, at);
        if ((x && x->is_bold) != (y && y->is_bold))
            return "bold";
        struct slice from = x ? markdown_target(scratch, x->url) : (struct slice){0};
        struct slice to = y ? y->url : (struct slice){0};
        if (!slice_equal(from, to) && !(from.len == 0 && same_prose_is_plain(b->text, to)))
            return "link";
    }
    return NULL;
}

static int same_prose_level(const struct prose_line *line, int max)
{
    return line->level < 1 ? 1 : line->level > max ? max : line->level;
}

// Very deep items stand a little less deep; how deep that is depends on the numbers around them.
static bool same_prose_depth(const struct prose_line *x, const struct prose_line *y,
                             bool long_numbers)
{
    if (x->kind == PROSE_PARAGRAPH)
        return true;
    if (x->kind == PROSE_HEADING)
        return same_prose_level(x, 6) == y->level;
    return same_prose_level(x, x->level) == y->level ||
           (y->level < x->level && y->level >= (long_numbers ? 2 : 5));
}

// What differs, or NULL. `b` may lack lines at the end when `is_cut`.
static const char *same_prose(struct arena *scratch, const struct prose_document *a,
                              const struct prose_document *b, bool is_cut, size_t *ret_line)
{
    bool long_numbers = false;
    *ret_line = a->count < b->count ? a->count : b->count;
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        const struct prose_line *x = &a->lines[i], *y = &b->lines[i];
        const char *difference = NULL;
        long_numbers |= x->number > 9;
        if (!slice_equal(unicode_clean_line(scratch, x->text),
                         unicode_clean_line(scratch, y->text)))
            difference = "text";
        else if (x->kind != y->kind)
            difference = "kind";
        else if (!same_prose_depth(x, y, long_numbers))
            difference = "level";
        else if (x->kind == PROSE_ITEM && !x->continues && x->number != y->number)
            difference = "number";
        else if (x->kind != PROSE_HEADING && x->continues != y->continues)
            difference = "continues";
        else if (x->after_rule != y->after_rule)
            difference = "rule";
        else if (slice_equal(x->text, y->text))
            difference = same_prose_spans(scratch, x, y);
        if (difference) {
            *ret_line = i;
            return difference;
        }
    }
    return a->count == b->count || (is_cut && b->count < a->count) ? NULL : "count";
}

static void same_prose_show(const struct prose_document *document, size_t at)
{
    if (at >= document->count)
        return;
    const struct prose_line *line = &document->lines[at];
    fprintf(stderr, "kind %d level %d number %d continues %d rule %d: %.*s\n", (int)line->kind,
            line->level, line->number, line->continues, line->after_rule, SLICE_FMT(line->text));
    for (size_t i = 0; i < line->span_count; i++)
        fprintf(stderr, "  %zu to %zu bold %d url %.*s\n", line->spans[i].start, line->spans[i].end,
                line->spans[i].is_bold, SLICE_FMT(line->spans[i].url));
}

// Written as Markdown and read again, is it the same? Says on standard error what is not.
static bool same_prose_again(struct arena *scratch, const struct prose_document *document)
{
    struct slice markdown = prose_markdown(scratch, document);
    struct prose_document again = markdown_read(scratch, markdown);
    bool is_cut = markdown.len > PROSE_MAX_TEXT / 2; // what has no room is left out
    size_t line;
    const char *difference = same_prose(scratch, document, &again, is_cut, &line);
    if (difference) {
        fprintf(stderr, "line %zu differs in %s:\n", line, difference);
        same_prose_show(document, line);
        same_prose_show(&again, line);
    }
    return !difference && markdown.len <= PROSE_MAX_TEXT;
}
