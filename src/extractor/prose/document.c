#include "extractor/prose/document.h"

#include "lib/base/buffer.h"
#include "lib/text/unicode.h"

#include <string.h>
#include <unicode/uchar.h>

enum { FIRST_LINES = 64, FIRST_SPANS = 64 };

// One piece of the line that is being written: cleaned, and whether a space stands before it.
struct piece {
    struct slice text;
    struct prose_style style;
    bool spaced;
};

struct prose_writer {
    struct arena *arena;
    struct prose_line *lines;
    size_t count, capacity;
    struct piece *pieces; // of the open line
    size_t piece_count, piece_capacity;
    size_t text_bytes, span_total;
    struct prose_line open; // kind, level and number of the line that is being written
    bool ends_spaced;       // the open line ends in white space
};

// ---- reading

static bool is_letter(struct slice text, size_t at)
{
    struct slice rest = slice_sub(text, at, text.len);
    return u_isalnum((UChar32)unicode_next(&rest));
}

bool prose_is_bold(const struct prose_line *line)
{
    size_t span = 0;
    bool any = false;
    for (size_t at = 0; at < line->text.len; at++) {
        while (span < line->span_count && line->spans[span].end <= at)
            span++;
        if (((unsigned char)line->text.ptr[at] & 0xc0) == 0x80 || !is_letter(line->text, at))
            continue;
        if (span == line->span_count || at < line->spans[span].start || !line->spans[span].is_bold)
            return false;
        any = true;
    }
    return any;
}

struct slice prose_url(const struct prose_line *line, size_t start, size_t end)
{
    for (size_t i = 0; i < line->span_count; i++)
        if (line->spans[i].url.len && line->spans[i].start < end && line->spans[i].end > start)
            return line->spans[i].url;
    return (struct slice){0};
}

static void plain_line(struct buffer *out, const struct prose_line *line, bool after_item)
{
    bool is_item = line->kind == PROSE_ITEM;
    if (out->len)
        buffer_append_cstr(out, line->continues || (is_item && after_item) ? "\n" : "\n\n");
    if (is_item && !line->continues) {
        for (int i = 1; i < line->level; i++)
            buffer_append_cstr(out, "  ");
        if (line->number)
            buffer_printf(out, "%d. ", line->number);
        else
            buffer_append_cstr(out, "- ");
    }
    buffer_append(out, line->text);
}

struct slice prose_plain(struct arena *arena, const struct prose_document *document)
{
    struct buffer out CLEANUP(buffer_done);
    buffer_init(&out, 2 * PROSE_MAX_TEXT);
    for (size_t i = 0; i < document->count; i++)
        plain_line(&out, &document->lines[i], i > 0 && document->lines[i - 1].kind == PROSE_ITEM);
    // The first line may be indented: an item of a list within a list that says nothing itself.
    return arena_slice(arena, slice_trim(buffer_slice(&out)));
}

// ---- writing

struct prose_writer *prose_writer_new(struct arena *arena)
{
    struct prose_writer *writer = ARENA_NEW(arena, struct prose_writer);
    *writer = (struct prose_writer){.arena = arena};
    return writer;
}

static void *grown(struct arena *arena, void *items, size_t count, size_t *capacity, size_t size,
                   size_t first)
{
    if (count < *capacity)
        return items;
    size_t more = *capacity ? *capacity * 2 : first;
    void *room = arena_alloc_array(arena, more, size);
    if (count)
        memcpy(room, items, count * size);
    *capacity = more;
    return room;
}

static bool is_space(uint32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
           c == 0x205f || c == 0x3000;
}

// Characters that nobody sees; they stand between white space and letters.
static bool is_invisible(uint32_t c)
{
    return (c >= 0x200b && c <= 0x200f) || c == 0xfeff || c == 0x2060 || c == 0xad;
}

static bool begins_spaced(struct slice text)
{
    while (text.len) {
        uint32_t c = unicode_next(&text);
        if (!is_invisible(c))
            return is_space(c);
    }
    return false;
}

static bool ends_spaced(struct slice text)
{
    while (text.len) {
        size_t at = text.len - 1;
        while (at > 0 && ((unsigned char)text.ptr[at] & 0xc0) == 0x80)
            at--;
        struct slice last = slice_sub(text, at, text.len);
        uint32_t c = unicode_next(&last);
        if (!is_invisible(c))
            return is_space(c);
        text.len = at;
    }
    return false;
}

static struct slice within(struct slice text, size_t room)
{
    if (text.len <= room)
        return text;
    while (room > 0 && ((unsigned char)text.ptr[room] & 0xc0) == 0x80)
        room--;
    return slice_sub(text, 0, room);
}

static void write_piece(struct prose_writer *writer, struct slice text, struct prose_style style)
{
    bool spaced = writer->ends_spaced || begins_spaced(text), ends = ends_spaced(text);
    struct slice clean = unicode_clean_line(writer->arena, text);
    clean = within(clean, PROSE_MAX_TEXT - writer->text_bytes);
    if (clean.len == 0) {
        writer->ends_spaced |= spaced || ends;
        return;
    }
    writer->text_bytes += clean.len;
    writer->pieces = grown(writer->arena, writer->pieces, writer->piece_count,
                           &writer->piece_capacity, sizeof *writer->pieces, FIRST_SPANS);
    writer->pieces[writer->piece_count] =
        (struct piece){.text = clean, .style = style, .spaced = spaced && writer->piece_count > 0};
    writer->piece_count++;
    writer->ends_spaced = ends;
}

void prose_write_text(struct prose_writer *writer, struct slice text, struct prose_style style)
{
    struct slice part;
    bool first = true;
    for (; slice_split_next(&text, '\n', &part); first = false) {
        if (!first)
            prose_write_break(writer);
        write_piece(writer, part, style);
    }
}

// Neighbours that look the same are one, also with a space between them.
static void add_span(struct prose_span *spans, size_t *count, struct prose_span span, bool spaced)
{
    struct prose_span *last = *count ? &spans[*count - 1] : NULL;
    if (last && last->end + spaced == span.start && last->is_bold == span.is_bold &&
        slice_equal(last->url, span.url))
        last->end = span.end;
    else
        spans[(*count)++] = span;
}

// Puts the pieces of the open line together.
static void end_line(struct prose_writer *w)
{
    size_t len = 0, used = 0;
    if (w->piece_count && w->count < PROSE_MAX_LINES) {
        for (size_t i = 0; i < w->piece_count; i++)
            len += w->pieces[i].text.len + w->pieces[i].spaced;
        char *text = arena_alloc(w->arena, len + 1);
        struct prose_span *spans = ARENA_ARRAY(w->arena, w->piece_count, struct prose_span);
        for (size_t i = 0; i < w->piece_count; i++) {
            const struct piece *piece = &w->pieces[i];
            if (piece->spaced)
                text[used++] = ' ';
            memcpy(text + used, piece->text.ptr, piece->text.len);
            if ((piece->style.is_bold || piece->style.url.len) && w->span_total < PROSE_MAX_SPANS) {
                size_t before = w->open.span_count;
                add_span(spans, &w->open.span_count,
                         (struct prose_span){.start = used,
                                             .end = used + piece->text.len,
                                             .is_bold = piece->style.is_bold,
                                             .url = piece->style.url},
                         piece->spaced);
                w->span_total += w->open.span_count - before;
            }
            used += piece->text.len;
        }
        w->open.text = (struct slice){text, used};
        w->open.spans = spans;
        w->lines = grown(w->arena, w->lines, w->count, &w->capacity, sizeof *w->lines, FIRST_LINES);
        w->lines[w->count++] = w->open;
        w->open.after_rule = false;
        w->open.continues = true;
    }
    w->open.span_count = 0;
    w->piece_count = 0;
    w->ends_spaced = false;
}

void prose_write_block(struct prose_writer *writer, enum prose_kind kind, int level, int number)
{
    end_line(writer);
    writer->open.kind = kind;
    writer->open.level = level;
    writer->open.number = number;
    writer->open.continues = false;
}

void prose_write_break(struct prose_writer *writer)
{
    // Two in a row stand for an empty line: people part paragraphs so.
    if (writer->piece_count == 0 && writer->open.kind == PROSE_PARAGRAPH)
        writer->open.continues = false;
    end_line(writer);
}

void prose_write_rule(struct prose_writer *writer)
{
    prose_write_block(writer, PROSE_PARAGRAPH, 0, 0);
    writer->open.after_rule = true;
}

struct prose_document prose_finish(struct prose_writer *writer)
{
    end_line(writer);
    return (struct prose_document){writer->lines, writer->count};
}
