// Character references of html.h (WHATWG HTML, 13.2.5.72 and following).
#include "extractor/page/entity_table.h"
#include "extractor/page/html.h"
#include "lib/text/unicode.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_NAME = 9, LARGEST_LEGACY = 0xff };

// What numbers 0x80 to 0x9f mean: browsers take them for windows-1252.
static const uint16_t windows_1252[32] = {
    0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6,  0x2030, 0x160,
    0x2039, 0x152,  0x8d,   0x17d,  0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};

static int compare_entity(const void *key, const void *entity)
{
    return slice_compare(*(const struct slice *)key,
                         slice_from_cstr(((const struct entity *)entity)->name));
}

static const struct entity *find_entity(struct slice name)
{
    return bsearch(&name, entities, entity_count, sizeof entities[0], compare_entity);
}

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static int digit_value(char c, uint32_t base)
{
    int value = c >= '0' && c <= '9'                     ? c - '0'
                : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                         : 99;
    return value < (int)base ? value : -1;
}

// "#39;" or "#x27;": how many bytes it takes, 0 when it is none.
static size_t take_number(struct slice text, uint32_t *ret_code_point)
{
    bool hexadecimal = text.len > 1 && (text.ptr[1] | 0x20) == 'x';
    uint32_t base = hexadecimal ? 16 : 10, value = 0;
    size_t first = hexadecimal ? 2 : 1, at = first;
    for (int digit; at < text.len && (digit = digit_value(text.ptr[at], base)) >= 0; at++)
        if (value <= 0x10ffff)
            value = value * base + (uint32_t)digit;
    if (at == first)
        return 0;
    *ret_code_point = value == 0                       ? UNICODE_REPLACEMENT
                      : value >= 0x80 && value <= 0x9f ? windows_1252[value - 0x80]
                                                       : value;
    return at < text.len && text.ptr[at] == ';' ? at + 1 : at;
}

// "amp;", or "amp" where the semicolon may be missing: how many bytes it takes, 0 when it is none.
static size_t take_name(struct slice text, bool in_attribute, uint32_t *ret_code_point)
{
    size_t len = 0;
    while (len < text.len && len <= MAX_NAME && is_alphanumeric(text.ptr[len]))
        len++;
    const struct entity *entity = find_entity(slice_sub(text, 0, len));
    if (entity && len < text.len && text.ptr[len] == ';') {
        *ret_code_point = entity->code_point;
        return len + 1;
    }
    // The old names of Latin-1 work without: the longest that the text begins with.
    for (; len > 0; len--) {
        entity = find_entity(slice_sub(text, 0, len));
        if (!entity || entity->code_point > LARGEST_LEGACY || strcmp(entity->name, "apos") == 0)
            continue;
        char next = len < text.len ? text.ptr[len] : '\0';
        if (in_attribute && (next == '=' || is_alphanumeric(next)))
            return 0;
        *ret_code_point = entity->code_point;
        return len;
    }
    return 0;
}

static struct slice decode(struct arena *arena, struct slice raw, bool in_attribute)
{
    if (slice_find_char(raw, '&') == SIZE_MAX)
        return raw;
    // No reference is shorter than what it stands for in UTF-8: "&lt" 3 to 1, "&#1" to 3 at most.
    char *out = arena_alloc(arena, raw.len + 4);
    size_t used = 0;
    while (raw.len) {
        size_t plain = slice_find_char(raw, '&');
        struct slice run = slice_sub(raw, 0, plain);
        memcpy(out + used, run.ptr, run.len);
        used += run.len;
        raw = slice_sub(raw, run.len, raw.len);
        if (raw.len == 0)
            break;
        struct slice behind = slice_sub(raw, 1, raw.len);
        uint32_t code_point = 0;
        bool number = behind.len && behind.ptr[0] == '#';
        size_t len = number ? take_number(behind, &code_point)
                            : take_name(behind, in_attribute, &code_point);
        if (len)
            used += unicode_encode(code_point, out + used);
        else
            out[used++] = '&';
        raw = slice_sub(raw, 1 + len, raw.len);
    }
    return (struct slice){out, used};
}

struct slice html_decode_text(struct arena *arena, struct slice raw)
{
    return decode(arena, raw, false);
}

struct slice html_decode_attribute(struct arena *arena, struct slice raw)
{
    return decode(arena, raw, true);
}
