#include "extractor/page/sloppy_json.h"

#include "lib/base/compiler.h"

#include <stdint.h>
#include <string.h>

struct cleaner {
    struct slice rest;
    char *out; // twice as long as the text: a control character becomes two
    size_t used;
    size_t depth;
    bool begun, ended;
};

static void skip(struct cleaner *c, size_t count)
{
    c->rest = slice_sub(c->rest, count, c->rest.len);
}

static void put(struct cleaner *c, char byte)
{
    c->out[c->used++] = byte;
}

static void copy(struct cleaner *c, size_t count)
{
    struct slice part = slice_sub(c->rest, 0, count);
    memcpy(c->out + c->used, part.ptr, part.len);
    c->used += part.len;
    skip(c, part.len);
}

// ---- strings

// "\\ud83d": the escape of a code unit of UTF-16, or 0 when there is none at the start of the text.
static unsigned escaped_unit(struct slice text)
{
    unsigned unit = 0;
    if (text.len < 6 || text.ptr[0] != '\\' || text.ptr[1] != 'u')
        return 0;
    for (size_t i = 2; i < 6; i++) {
        char c = text.ptr[i];
        if (c >= '0' && c <= '9')
            unit = unit * 16 + (unsigned)(c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            unit = unit * 16 + (unsigned)((c | 0x20) - 'a' + 10);
        else
            return 0;
    }
    return unit;
}

// JavaScript cuts texts between the halves of an emoji and writes the half that is left as an
// escape, which no JSON parser takes. The halves are removed.
static void take_escape(struct cleaner *c)
{
    unsigned unit = escaped_unit(c->rest), next = escaped_unit(slice_sub(c->rest, 6, c->rest.len));
    bool is_high = unit >= 0xd800 && unit <= 0xdbff, is_low = unit >= 0xdc00 && unit <= 0xdfff;
    if (is_high && next >= 0xdc00 && next <= 0xdfff)
        copy(c, 12);
    else if (is_high || is_low)
        skip(c, 6);
    else if (c->rest.len > 1 && memchr("\"\\/bfnrtu", c->rest.ptr[1], 9))
        copy(c, 2);
    else
        skip(c, 1); // "\'" is "'"
}

// Behind the quote that begins a string.
static void take_string(struct cleaner *c)
{
    while (c->rest.len) {
        unsigned char byte = (unsigned char)c->rest.ptr[0];
        if (byte == '\\') {
            take_escape(c);
        } else if (byte >= 0x20) {
            copy(c, 1);
            if (byte == '"')
                return;
        } else {
            skip(c, 1);
            put(c, byte == '\n' ? '\\' : ' ');
            if (byte == '\n')
                put(c, 'n');
        }
    }
}

// ---- what is around them

static void skip_past(struct cleaner *c, struct slice mark)
{
    size_t at = slice_find(c->rest, mark);
    skip(c, at == SIZE_MAX ? c->rest.len : at + mark.len);
}

// A comment, or the wrapper that hid scripts from browsers of another age: then what is inside
// counts.
static void skip_html_comment(struct cleaner *c)
{
    struct slice inside = slice_sub(c->rest, 4, slice_find(c->rest, SLICE("-->")));
    bool is_wrapper = !c->begun && (slice_find_char(inside, '{') != SIZE_MAX ||
                                    slice_find_char(inside, '[') != SIZE_MAX);
    if (is_wrapper)
        skip(c, 4);
    else
        skip_past(c, SLICE("-->"));
}

static bool skip_comment(struct cleaner *c)
{
    if (slice_starts_with(c->rest, SLICE("//")))
        skip_past(c, SLICE("\n"));
    else if (slice_starts_with(c->rest, SLICE("/*")))
        skip_past(c, SLICE("*/"));
    else if (slice_starts_with(c->rest, SLICE("<!--")))
        skip_html_comment(c);
    else if (slice_starts_with(c->rest, SLICE("<![CDATA[")))
        skip(c, 9);
    else
        return false;
    return true;
}

// Takes back a comma that nothing followed.
static void drop_comma(struct cleaner *c)
{
    size_t at = c->used;
    while (at > 0 && strchr(" \t\r\n", c->out[at - 1]) && c->out[at - 1])
        at--;
    if (at > 0 && c->out[at - 1] == ',')
        c->used = at - 1;
}

static void take_structure(struct cleaner *c)
{
    char byte = c->rest.ptr[0];
    if (byte == '{' || byte == '[') {
        c->begun = true;
        c->depth++;
    } else if ((byte == '}' || byte == ']') && c->depth > 0) {
        drop_comma(c);
        c->ended = --c->depth == 0;
    }
    if ((unsigned char)byte < 0x20) {
        skip(c, 1);
        put(c, ' ');
    } else {
        copy(c, 1);
    }
    if (byte == '"')
        take_string(c);
}

struct slice sloppy_json_clean(struct arena *arena, struct slice text)
{
    struct cleaner cleaner = {.rest = text, .out = arena_alloc_array(arena, text.len + 1, 2)};
    while (cleaner.rest.len && !cleaner.ended)
        if (!skip_comment(&cleaner))
            take_structure(&cleaner);
    return (struct slice){cleaner.out, cleaner.used};
}
