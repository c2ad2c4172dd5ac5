// Lines to Markdown. What would be a mark and is text is escaped, all else stays as it is: most
// descriptions read the same before and after.
#include "extractor/prose/markdown.h"
#include "lib/base/buffer.h"
#include "lib/text/unicode.h"

#include <string.h>
#include <unicode/uchar.h>

// md4c takes no marker for one that stands further in than MAX_COLUMN, whatever is around it.
enum { MAX_DEPTH = 7, MAX_COLUMN = 12, MAX_NUMBER = 999999, MAX_URL = 2048 };

// The open list of one depth.
struct list {
    int number;  // of its last item; 0: bullets
    char mark;   // after numbers: '.' or ')', so that two lists in a row stay two
    int content; // where its items' text stands
};

struct writer {
    struct arena *arena;
    struct buffer out, line;
    struct list lists[MAX_DEPTH];
    int depth;
    bool after_item;
};

// ---- links

static bool is_target(struct slice url)
{
    static const char *const schemes[] = {"http://", "https://", "mailto:"};
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
        struct slice scheme = slice_from_cstr(schemes[i]);
        if (url.len > scheme.len && slice_equal_nocase(slice_sub(url, 0, scheme.len), scheme))
            return true;
    }
    return false;
}

static bool is_encoded(unsigned char c)
{
    return c <= ' ' || c == 0x7f || c == '<' || c == '>';
}

struct slice markdown_target(struct arena *arena, struct slice url)
{
    url = unicode_clean_line(arena, url);
    if (!is_target(url) || url.len > MAX_URL)
        return (struct slice){0};
    char *text = arena_alloc(arena, 3 * url.len);
    size_t used = 0;
    for (size_t i = 0; i < url.len; i++) {
        unsigned char c = (unsigned char)url.ptr[i];
        if (is_encoded(c)) {
            text[used++] = '%';
            text[used++] = "0123456789ABCDEF"[c >> 4];
            text[used++] = "0123456789ABCDEF"[c & 15];
        } else {
            text[used++] = (char)c;
        }
    }
    return (struct slice){text, used};
}

static bool is_ascii_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// "&amp;", "&#38;"
static bool is_entity(struct slice text)
{
    size_t end = 1 + (text.len > 1 && text.ptr[1] == '#');
    while (end < text.len && is_ascii_word(text.ptr[end]))
        end++;
    return end > 1 && end < text.len && text.ptr[end] == ';';
}

static void write_target(struct buffer *out, struct slice url)
{
    for (size_t i = 0; i < url.len; i++) {
        char c = url.ptr[i];
        if (strchr("()[]\\`*", c) || (c == '&' && is_entity(slice_sub(url, i, url.len))))
            buffer_append_char(out, '\\');
        buffer_append_char(out, c);
    }
}

// ---- text

// The part of a line that is written: everything is decided on the whole line.
struct part {
    struct slice text; // the line's
    size_t start, end;
    bool in_link;     // its words are a link's
    bool before_link; // a link follows
};

static bool is_only(struct slice text, const char *characters)
{
    for (size_t i = 0; i < text.len; i++)
        if (!strchr(characters, text.ptr[i]))
            return false;
    return true;
}

// Where the text would begin a block of another kind; SIZE_MAX: it would not.
static size_t find_block_mark(struct slice text)
{
    size_t digits = 0;
    switch (text.ptr[0]) {
    case '#':
    case '>':
        return 0;
    case '-':
    case '+':
        if (text.len == 1 || text.ptr[1] == ' ')
            return 0;
        break;
    case '=':
        if (is_only(text, "= "))
            return 0;
        break;
    default:
        break;
    }
    if (is_only(text, "_ "))
        return 0;
    // The rule under a heading or a table's first row.
    if (is_only(text, "-|: ") && slice_find_char(text, '-') != SIZE_MAX)
        return 0;
    while (digits < text.len && digits < 10 && text.ptr[digits] >= '0' && text.ptr[digits] <= '9')
        digits++;
    bool is_number = digits > 0 && digits < 10 && digits < text.len &&
                     (text.ptr[digits] == '.' || text.ptr[digits] == ')') &&
                     (digits + 1 == text.len || text.ptr[digits + 1] == ' ');
    return is_number ? digits : SIZE_MAX;
}

// "## In C #" would lose its last sign.
static size_t find_closing_mark(struct slice text)
{
    return text.ptr[text.len - 1] == '#' ? text.len - 1 : SIZE_MAX;
}

// Readers make a link of a plain address, and take a backslash in it for a part of it.
static bool can_be_link(struct slice text, size_t colon)
{
    size_t at = colon;
    while (at < text.len && at < colon + MAX_URL && text.ptr[at] != ' ')
        if (strchr("*_`[]\\~<&", text.ptr[at++]))
            return false;
    return at < colon + MAX_URL;
}

static bool is_mark(const struct part *part, size_t at)
{
    struct slice text = part->text;
    char before = at > 0 ? text.ptr[at - 1] : '\0',
         after = at + 1 < text.len ? text.ptr[at + 1] : '\0';
    switch (text.ptr[at]) {
    case '\\':
    case '*':
    case '`':
    case '[':
        return true;
    case ']':
        return part->in_link;
    case '_': // a_b is a name
        return at == part->start || at + 1 == part->end || !is_ascii_word(before) ||
               !is_ascii_word(after);
    case '~':
        return before == '~' || after == '~';
    case '<':
        return (after != '\0' && strchr("/!?", after)) || is_ascii_word(after);
    case '&':
        return is_entity(slice_sub(text, at, text.len));
    case '!': // before a link: an image
        return part->before_link && at + 1 == part->end;
    case ':': // links do not stand in links
        return after == '/' && (part->in_link || !can_be_link(text, at));
    default:
        return false;
    }
}

// The end of the underscores at `at` if they stand alone, as lines that people draw do: nothing can
// begin or end there.
static size_t free_line_end(struct slice text, size_t at)
{
    size_t end = at;
    while (end < text.len && text.ptr[end] == '_')
        end++;
    bool alone = (at == 0 || text.ptr[at - 1] == ' ') && (end == text.len || text.ptr[end] == ' ');
    return alone ? end : at;
}

static void write_part(struct buffer *out, struct part part, size_t start, size_t end,
                       size_t block_mark)
{
    size_t free_end = start; // what is below is no mark
    for (size_t at = start; at < end; at++) {
        bool begins = part.text.ptr[at] == '_' && (at == 0 || part.text.ptr[at - 1] != '_');
        if (begins)
            free_end = free_line_end(part.text, at);
        if (at == block_mark || (at >= free_end && is_mark(&part, at)))
            buffer_append_char(out, '\\');
        buffer_append_char(out, part.text.ptr[at]);
    }
}

// ---- bold

enum side { SIDE_SPACE, SIDE_WORD, SIDE_PUNCTUATION, SIDE_OTHER };

static enum side side_of(uint32_t c)
{
    if (c == 0 || c <= ' ' || u_isUWhiteSpace((UChar32)c))
        return SIDE_SPACE;
    if (u_isalnum((UChar32)c))
        return SIDE_WORD;
    if (u_ispunct((UChar32)c) || c < 0x80)
        return SIDE_PUNCTUATION;
    return SIDE_OTHER; // symbols are punctuation for some readers only
}

static enum side first_side(struct slice text)
{
    return text.len ? side_of(unicode_next(&text)) : SIDE_SPACE;
}

static enum side last_side(struct slice text)
{
    size_t at = text.len;
    while (at > 0 && ((unsigned char)text.ptr[--at] & 0xc0) == 0x80)
        continue;
    return first_side(slice_sub(text, at, text.len));
}

// May "**" stand between these two, the second within the bold words? The rule of CommonMark for
// delimiter runs.
static bool can_part(enum side outside, enum side inside)
{
    return inside == SIDE_WORD || (inside != SIDE_SPACE && outside == SIDE_SPACE) ||
           (inside != SIDE_SPACE && outside == SIDE_PUNCTUATION);
}

// Moves both ends inwards to a letter or digit.
static void trim_to_words(struct slice text, size_t *start, size_t *end)
{
    size_t first = *end, last = *end;
    struct slice rest = slice_sub(text, *start, *end - *start);
    while (rest.len) {
        size_t at = *end - rest.len;
        if (u_isalnum((UChar32)unicode_next(&rest))) {
            first = first == *end ? at : first;
            last = *end - rest.len;
        }
    }
    *start = first;
    *end = last;
}

static void write_bold(struct buffer *out, struct part part, size_t block_mark)
{
    size_t start = part.start, end = part.end;
    struct slice words = slice_sub(part.text, start, end - start);
    enum side left = last_side(buffer_slice(out));
    enum side right = part.in_link || part.before_link
                          ? SIDE_PUNCTUATION
                          : first_side(slice_sub(part.text, end, part.text.len));
    if (!can_part(left, first_side(words)) || !can_part(right, last_side(words)))
        trim_to_words(part.text, &start, &end);
    bool is_empty = start == end;
    write_part(out, part, part.start, start, block_mark);
    buffer_append_cstr(out, is_empty ? "" : "**");
    write_part(out, part, start, end, block_mark);
    buffer_append_cstr(out, is_empty ? "" : "**");
    write_part(out, part, end, part.end, block_mark);
}

// ---- lines

static void write_span(struct writer *writer, struct part part, bool is_bold, struct slice url,
                       size_t block_mark)
{
    struct buffer *out = &writer->line;
    part.in_link = url.len > 0;
    if (!is_bold && url.len &&
        slice_equal(url, slice_sub(part.text, part.start, part.end - part.start))) {
        buffer_printf(out, "<%.*s>", SLICE_FMT(url));
        return;
    }
    if (url.len)
        buffer_append_char(out, '[');
    if (is_bold)
        write_bold(out, part, block_mark);
    else
        write_part(out, part, part.start, part.end, block_mark);
    if (url.len) {
        buffer_append_cstr(out, "](");
        write_target(out, url);
        buffer_append_char(out, ')');
    }
}

// The spans as they can be written: links of refused addresses are none, and neighbours that look
// the same are one.
static size_t usable_spans(struct arena *arena, const struct prose_line *line,
                           struct prose_span *ret_spans)
{
    size_t count = 0;
    for (size_t i = 0; i < line->span_count; i++) {
        struct prose_span span = line->spans[i], *last = count ? &ret_spans[count - 1] : NULL;
        span.url = markdown_target(arena, span.url);
        if (span.start == span.end || (!span.is_bold && span.url.len == 0))
            continue;
        if (last && last->end == span.start && last->is_bold == span.is_bold &&
            slice_equal(last->url, span.url))
            last->end = span.end;
        else
            ret_spans[count++] = span;
    }
    return count;
}

static void write_words(struct writer *writer, const struct prose_line *line)
{
    struct part part = {.text = line->text};
    struct prose_span *spans = ARENA_ARRAY(writer->arena, line->span_count, struct prose_span);
    size_t count = usable_spans(writer->arena, line, spans);
    size_t mark =
        line->kind == PROSE_HEADING ? find_closing_mark(line->text) : find_block_mark(line->text);
    for (size_t i = 0; i < count; i++) {
        part.end = spans[i].start;
        part.before_link = spans[i].url.len > 0;
        write_part(&writer->line, part, part.start, part.end, mark);
        part.start = spans[i].start;
        part.end = spans[i].end;
        part.before_link =
            i + 1 < count && spans[i + 1].start == part.end && spans[i + 1].url.len > 0;
        write_span(writer, part, spans[i].is_bold, spans[i].url, mark);
        part.start = part.end;
    }
    part.end = part.text.len;
    part.before_link = false;
    write_part(&writer->line, part, part.start, part.end, mark);
}

static void indent(struct buffer *out, int columns)
{
    while (columns-- > 0)
        buffer_append_char(out, ' ');
}

static int limited(int value, int min, int max)
{
    return value < min ? min : value > max ? max : value;
}

// Where the marker of an item stands that is so deep.
static int column_at(const struct writer *writer, int depth)
{
    int open = depth <= writer->depth ? depth - 1 : writer->depth;
    return (open > 0 ? writer->lists[open - 1].content : 0) + 2 * (depth - 1 - open);
}

// The marker of an item, and before it those of the items around it that have no text.
static void begin_item(struct writer *writer, const struct prose_line *line)
{
    int depth = limited(line->level, 1, MAX_DEPTH), number = limited(line->number, 0, MAX_NUMBER);
    while (column_at(writer, depth) > MAX_COLUMN)
        depth--;
    struct list *list = &writer->lists[depth - 1];
    bool is_open = depth <= writer->depth, goes_on = is_open && !list->number == !number &&
                                                     (number == 0 || number == list->number + 1);
    int from = is_open ? depth - 1 : writer->depth;
    // A list that begins with another number than 1 does not end a paragraph.
    if (writer->out.len)
        buffer_append_cstr(&writer->line,
                           writer->after_item && (goes_on || (!is_open && number <= 1)) ? "\n"
                                                                                        : "\n\n");
    int column = from > 0 ? writer->lists[from - 1].content : 0;
    indent(&writer->line, column);
    for (int i = from; i < depth - 1; i++, column += 2) {
        writer->lists[i] = (struct list){.mark = '.', .content = column + 2};
        buffer_append_cstr(&writer->line, "- ");
    }
    if (!is_open)
        list->mark = '.';
    else if (!goes_on && number && list->number)
        list->mark = list->mark == '.' ? ')' : '.';
    list->number = number;
    size_t before = writer->line.len;
    if (number)
        buffer_printf(&writer->line, "%d%c ", number, list->mark);
    else
        buffer_append_cstr(&writer->line, "- ");
    list->content = column + (int)(writer->line.len - before);
    writer->depth = depth;
}

static void begin_line(struct writer *writer, const struct prose_line *line)
{
    struct buffer *out = &writer->line;
    bool goes_on = line->continues && writer->out.len && line->kind != PROSE_HEADING &&
                   !line->after_rule && (line->kind == PROSE_ITEM) == writer->after_item;
    if (goes_on) {
        buffer_append_cstr(out, "  \n");
        indent(out, writer->after_item ? writer->lists[writer->depth - 1].content : 0);
        return;
    }
    if (line->after_rule) {
        buffer_append_cstr(out, writer->out.len ? "\n\n---" : "---");
        writer->depth = 0;
        writer->after_item = false;
        buffer_append(&writer->out, buffer_slice(out));
        buffer_clear(out);
    }
    if (line->kind == PROSE_ITEM) {
        begin_item(writer, line);
        return;
    }
    writer->depth = 0;
    buffer_append_cstr(out, writer->out.len ? "\n\n" : "");
    for (int i = 0; line->kind == PROSE_HEADING && i < limited(line->level, 1, 6); i++)
        buffer_append_char(out, '#');
    if (line->kind == PROSE_HEADING)
        buffer_append_char(out, ' ');
}

struct slice prose_markdown(struct arena *arena, const struct prose_document *document)
{
    struct writer writer = {.arena = arena};
    buffer_init(&writer.out, PROSE_MAX_TEXT);
    buffer_init(&writer.line, PROSE_MAX_TEXT);
    for (size_t i = 0; i < document->count; i++) {
        const struct prose_line *line = &document->lines[i];
        begin_line(&writer, line);
        write_words(&writer, line);
        if (writer.line.overflow || writer.out.len + writer.line.len > PROSE_MAX_TEXT)
            break;
        buffer_append(&writer.out, buffer_slice(&writer.line));
        buffer_clear(&writer.line);
        writer.after_item = line->kind == PROSE_ITEM;
    }
    struct slice text = arena_slice(arena, buffer_slice(&writer.out));
    buffer_done(&writer.line);
    buffer_done(&writer.out);
    return text;
}
