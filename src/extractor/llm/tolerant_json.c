#include "extractor/llm/tolerant_json.h"

#include "lib/text/unicode.h"

#include <string.h>

// The reader writes strict JSON into a buffer while it reads, and takes back what turns out not to
// be whole; yyjson reads the result.
enum { MAX_STARTS = 16, MAX_WORD = 200, MAX_OUT = 8 * TOLERANT_MAX_BYTES };

enum outcome {
    WHOLE,
    CUT,    // the text ended; what was written is whole
    NOTHING // no value here (or not all of it): nothing was written
};

struct reader {
    struct slice text;
    size_t at;
    struct buffer *out;
    int depth;
    bool too_deep;
};

static int peek(const struct reader *r, size_t ahead)
{
    return r->at + ahead < r->text.len ? (unsigned char)r->text.ptr[r->at + ahead] : -1;
}

static bool is_blank(int c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static bool is_at(const struct reader *r, const char *text)
{
    return slice_starts_with(slice_sub(r->text, r->at, SIZE_MAX), slice_from_cstr(text));
}

static void skip_until(struct reader *r, const char *end)
{
    size_t found = slice_find(slice_sub(r->text, r->at, SIZE_MAX), slice_from_cstr(end));
    r->at = found == SIZE_MAX ? r->text.len : r->at + found + strlen(end);
}

// White space, comments, and the no-break space and byte order mark that some put there.
static void skip_blank(struct reader *r)
{
    while (r->at < r->text.len) {
        if (is_blank(peek(r, 0)))
            r->at++;
        else if (is_at(r, "//") || peek(r, 0) == '#')
            skip_until(r, "\n");
        else if (is_at(r, "/*"))
            skip_until(r, "*/");
        else if (is_at(r, "\xc2\xa0"))
            r->at += 2;
        else if (is_at(r, "\xef\xbb\xbf"))
            r->at += 3;
        else
            return;
    }
}

// ---- strings

static const struct {
    const char *open, *close;
} quotes[] = {
    {"\"", "\""},
    {"'", "'"},
    {"`", "`"},
    {"\xe2\x80\x9c", "\xe2\x80\x9d"}, // “ ”
    {"\xe2\x80\x98", "\xe2\x80\x99"}, // ‘ ’
};

static const char *closing_quote(const struct reader *r, size_t *ret_len)
{
    for (size_t i = 0; i < ARRAY_LEN(quotes); i++)
        if (is_at(r, quotes[i].open)) {
            *ret_len = strlen(quotes[i].open);
            return quotes[i].close;
        }
    return NULL;
}

// Does the quote at `at` end the string? One that is followed by more text is a part of it.
static bool ends_here(const struct reader *r, size_t len)
{
    struct reader behind = *r;
    behind.at += len;
    while (peek(&behind, 0) == ' ' || peek(&behind, 0) == '\t')
        behind.at++;
    int c = peek(&behind, 0);
    if (c < 0 || strchr(",:}]\r\n/#=", c))
        return true;
    // A comma was forgotten: the next quoted text begins behind white space.
    size_t unused;
    return behind.at > r->at + len && closing_quote(&behind, &unused) != NULL;
}

static int hex_value(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Four hexadecimal digits behind "\u"; -1 when they are none.
static int read_unit(const struct reader *r, size_t ahead)
{
    int unit = 0;
    for (size_t i = 0; i < 4; i++) {
        int digit = hex_value(peek(r, ahead + i));
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

static void append_code_point(struct buffer *out, uint32_t code_point)
{
    char bytes[4];
    if (code_point != 0)
        buffer_append(out, (struct slice){bytes, unicode_encode(code_point, bytes)});
}

// At a backslash.
static void read_escape(struct reader *r, struct buffer *out)
{
    static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
    int c = peek(r, 1), unit = c == 'u' ? read_unit(r, 2) : -1;
    r->at += c < 0 ? 1 : 2;
    const char *known = c > 0 ? strchr(from, c) : NULL;
    if (unit >= 0) {
        r->at += 4;
        bool is_high = unit >= 0xd800 && unit < 0xdc00;
        int low = is_high && peek(r, 0) == '\\' && peek(r, 1) == 'u' ? read_unit(r, 2) : -1;
        if (low >= 0xdc00 && low < 0xe000) {
            r->at += 6;
            append_code_point(out, 0x10000u + ((uint32_t)(unit - 0xd800) << 10) +
                                       (uint32_t)(low - 0xdc00));
        } else {
            append_code_point(out, (uint32_t)unit);
        }
    } else if (known) {
        buffer_append_char(out, to[known - from]);
    } else if (c > 0 && c != 'u') {
        buffer_append_char(out, (char)c);
    }
}

// NOTHING when its end is missing.
static enum outcome read_string(struct reader *r, const char *close, size_t open_len)
{
    size_t close_len = strlen(close);
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, TOLERANT_MAX_BYTES);
    r->at += open_len;
    while (r->at < r->text.len) {
        if (is_at(r, close) && ends_here(r, close_len)) {
            r->at += close_len;
            struct slice read = buffer_slice(&text);
            json_append_string(r->out, read.ptr ? read : SLICE(""));
            return WHOLE;
        }
        if (peek(r, 0) == '\\')
            read_escape(r, &text);
        else if (peek(r, 0) == '\0')
            r->at++;
        else
            buffer_append_char(&text, r->text.ptr[r->at++]);
    }
    return NOTHING;
}

// ---- words and numbers

static bool ends_word(int c)
{
    return c < 0 || strchr(",:}]{[\n\r", c);
}

static bool append_number(struct buffer *out, struct slice word)
{
    double value;
    if (word.len && word.ptr[0] == '+')
        word = slice_sub(word, 1, SIZE_MAX);
    int64_t integer;
    if (slice_to_int(word, &integer))
        buffer_append_int(out, integer);
    else if (word.len && strchr("-.0123456789", word.ptr[0]) && slice_to_double(word, &value))
        json_append_double(out, value);
    else
        return false;
    return true;
}

// A value without quotes: a constant of some language, a number, or text. One that the text's end
// cut off is none.
static enum outcome read_word(struct reader *r)
{
    static const struct {
        const char *word, *json;
    } constants[] = {{"true", "true"}, {"false", "false"},   {"null", "null"},
                     {"none", "null"}, {"nil", "null"},      {"undefined", "null"},
                     {"nan", "null"},  {"infinity", "null"}, {"-infinity", "null"}};
    size_t start = r->at;
    while (!ends_word(peek(r, 0)) && !is_at(r, "//") && !is_at(r, "/*"))
        r->at++;
    struct slice word = slice_trim(slice_sub(r->text, start, r->at - start));
    bool is_over = r->at >= r->text.len, is_ellipsis = word.len > 0;
    for (size_t i = 0; i < word.len; i++)
        is_ellipsis = is_ellipsis && word.ptr[i] == '.';
    if (word.len == 0 || word.len > MAX_WORD || is_over || is_ellipsis ||
        slice_equal(word, SLICE("…")))
        return NOTHING;
    for (size_t i = 0; i < ARRAY_LEN(constants); i++)
        if (slice_equal_nocase(word, slice_from_cstr(constants[i].word))) {
            buffer_append_cstr(r->out, constants[i].json);
            return WHOLE;
        }
    if (!append_number(r->out, word))
        json_append_string(r->out, word);
    return WHOLE;
}

// ---- objects and lists

static enum outcome read_value(struct reader *r);

static enum outcome read_key(struct reader *r)
{
    size_t len, start = r->at;
    const char *close = closing_quote(r, &len);
    if (close)
        return read_string(r, close, len);
    while (!ends_word(peek(r, 0)) && !is_blank(peek(r, 0)) && peek(r, 0) != '=')
        r->at++;
    struct slice word = slice_sub(r->text, start, r->at - start);
    if (word.len == 0 || word.len > MAX_WORD)
        return NOTHING;
    json_append_string(r->out, word);
    return WHOLE;
}

// "key": value; NOTHING when one of them is missing.
static enum outcome read_member(struct reader *r)
{
    if (read_key(r) != WHOLE)
        return NOTHING;
    skip_blank(r);
    if (peek(r, 0) != ':' && peek(r, 0) != '=')
        return NOTHING;
    r->at += peek(r, 1) == '>' ? 2 : 1;
    buffer_append_char(r->out, ':');
    skip_blank(r);
    return read_value(r);
}

static void take_back(struct buffer *out, size_t len)
{
    if (out->ptr && len <= out->len) {
        out->len = len;
        out->ptr[len] = '\0';
    }
}

// Behind the opening bracket, up to and with its end.
static enum outcome read_members(struct reader *r, char close,
                                 enum outcome (*read)(struct reader *))
{
    bool any = false;
    for (;;) {
        skip_blank(r);
        while (peek(r, 0) == ',' || peek(r, 0) == ';') {
            r->at++;
            skip_blank(r);
        }
        int c = peek(r, 0);
        if (c < 0 || c == '}' || c == ']') {
            r->at += c == close;
            buffer_append_char(r->out, close);
            // The other bracket ends this one too, and what is around it.
            return c < 0 ? CUT : WHOLE;
        }
        size_t before = r->out->len, start = r->at;
        if (any)
            buffer_append_char(r->out, ',');
        enum outcome outcome = read(r);
        if (outcome == NOTHING)
            take_back(r->out, before);
        else
            any = true;
        if (r->too_deep || r->out->overflow)
            return NOTHING;
        if (r->at == start)
            r->at++; // a character that belongs to nothing
    }
}

static enum outcome read_value(struct reader *r)
{
    int c = peek(r, 0);
    size_t len;
    const char *close = closing_quote(r, &len);
    if (close)
        return read_string(r, close, len);
    if (c != '{' && c != '[')
        return read_word(r);
    if (r->depth == TOLERANT_MAX_DEPTH) {
        r->too_deep = true;
        return NOTHING;
    }
    r->depth++;
    r->at++;
    buffer_append_char(r->out, (char)c);
    enum outcome outcome =
        c == '{' ? read_members(r, '}', read_member) : read_members(r, ']', read_value);
    r->depth--;
    return outcome;
}

// ---- the text around

// What a model thinks aloud, and the fence around its answer, come first.
static struct slice answer_part(struct slice text)
{
    static const struct slice thought = SLICE_INIT("</think>");
    size_t at;
    while ((at = slice_find(text, thought)) != SIZE_MAX)
        text = slice_sub(text, at + thought.len, SIZE_MAX);
    return text;
}

static bool has_any_member(yyjson_val *object, const char *const *members)
{
    for (const char *const *name = members; *name; name++)
        if (yyjson_obj_get(object, *name))
            return true;
    return false;
}

// Is the JSON in the buffer an object with one of these members?
static bool is_wanted(struct slice json, const char *const *members)
{
    yyjson_doc *doc = yyjson_read(json.ptr, json.len, YYJSON_READ_NOFLAG);
    bool wanted = has_any_member(yyjson_doc_get_root(doc), members);
    yyjson_doc_free(doc);
    return wanted;
}

enum err tolerant_json_parse(struct arena *arena, struct slice text, const char *const *members,
                             yyjson_val **ret_object, bool *ret_is_cut, struct error *ret_error)
{
    struct buffer out CLEANUP(buffer_done);
    buffer_init(&out, MAX_OUT);
    bool too_deep = false, any = false;
    text = answer_part(slice_sub(text, 0, TOLERANT_MAX_BYTES));
    size_t from = 0, start;
    for (int i = 0; i < MAX_STARTS; i++, from += start + 1) {
        start = slice_find_char(slice_sub(text, from, SIZE_MAX), '{');
        if (start == SIZE_MAX)
            break;
        buffer_clear(&out);
        struct reader r = {.text = text, .at = from + start, .out = &out};
        enum outcome outcome = read_value(&r);
        too_deep |= r.too_deep;
        any |= outcome != NOTHING;
        if (outcome == NOTHING || !is_wanted(buffer_slice(&out), members))
            continue;
        if (ret_is_cut)
            *ret_is_cut = outcome == CUT;
        return json_parse(arena, buffer_slice(&out), ret_object, ret_error);
    }
    if (any)
        return error_set(ret_error, ERR_INVALID_JSON, "no object in it has the member \"%s\"",
                         members[0]);
    return error_set(ret_error, ERR_INVALID_JSON, "%s",
                     too_deep ? "the nesting is too deep" : "there is no JSON object in it");
}
