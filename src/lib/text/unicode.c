#include "lib/text/unicode.h"

#include "lib/base/ensure.h"

#include <string.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>

enum { CUT_BYTES_PER_CHARACTER = 32, MAX_INDENT = 12, ZWNJ = 0x200c, ZWJ = 0x200d };

// Second bytes narrower than 80..bf, by first byte: RFC 3629, section 4.
static const struct {
    unsigned char first, low, high;
} narrow_seconds[] = {
    {0xe0, 0xa0, 0xbf}, {0xed, 0x80, 0x9f}, {0xf0, 0x90, 0xbf}, {0xf4, 0x80, 0x8f}};

static size_t length_by_first_byte(unsigned char first)
{
    return first < 0x80   ? 1
           : first < 0xc2 ? 0
           : first < 0xe0 ? 2
           : first < 0xf0 ? 3
           : first < 0xf5 ? 4
                          : 0;
}

size_t unicode_sequence(struct slice text)
{
    if (text.len == 0)
        return 0;
    const unsigned char *p = (const unsigned char *)text.ptr;
    size_t len = length_by_first_byte(p[0]);
    if (len > text.len)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    for (size_t i = 0; i < ARRAY_LEN(narrow_seconds); i++)
        if (p[0] == narrow_seconds[i].first &&
            (p[1] < narrow_seconds[i].low || p[1] > narrow_seconds[i].high))
            return 0;
    return len;
}

// Number of leading bytes below 0x80: pages are mostly ASCII, eight bytes are looked at in one
// step.
static size_t ascii_run(struct slice text)
{
    size_t at = 0;
    for (uint64_t word; at + sizeof word <= text.len; at += sizeof word) {
        memcpy(&word, text.ptr + at, sizeof word);
        if (word & UINT64_C(0x8080808080808080))
            break;
    }
    while (at < text.len && (unsigned char)text.ptr[at] < 0x80)
        at++;
    return at;
}

bool unicode_is_valid(struct slice text)
{
    for (;;) {
        text = slice_sub(text, ascii_run(text), text.len);
        if (text.len == 0)
            return true;
        size_t len = unicode_sequence(text);
        if (len == 0)
            return false;
        text = slice_sub(text, len, text.len);
    }
}

uint32_t unicode_next(struct slice *rest)
{
    static const unsigned char lead_mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    ensure(rest->len > 0);
    if ((unsigned char)rest->ptr[0] < 0x80) {
        *rest = (struct slice){rest->ptr + 1, rest->len - 1};
        return (unsigned char)rest->ptr[-1];
    }
    size_t len = unicode_sequence(*rest);
    const unsigned char *p = (const unsigned char *)rest->ptr;
    uint32_t code_point = len ? p[0] & lead_mask[len] : UNICODE_REPLACEMENT;
    for (size_t i = 1; i < len; i++)
        code_point = code_point << 6 | (p[i] & 0x3f);
    *rest = slice_sub(*rest, len ? len : 1, rest->len);
    return code_point;
}

size_t unicode_encode(uint32_t c, char ret_bytes[static 4])
{
    if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        c = UNICODE_REPLACEMENT;
    size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = len - 1; i > 0; i--, c >>= 6)
        ret_bytes[i] = (char)(0x80 | (c & 0x3f));
    ret_bytes[0] = (char)(lead[len] | c);
    return len;
}

size_t unicode_length(struct slice text)
{
    size_t count = 0;
    for (; text.len; count++)
        unicode_next(&text);
    return count;
}

struct slice unicode_repair(struct arena *arena, struct slice text)
{
    if (text.len == 0 || (!memchr(text.ptr, '\0', text.len) && unicode_is_valid(text)))
        return text;
    // First the size: three bytes for every bad one would be much for a large text with one of
    // them.
    size_t bad = 0;
    for (struct slice rest = text; rest.len;) {
        size_t len = unicode_sequence(rest);
        bad += len == 0;
        rest = slice_sub(rest, len ? len : 1, rest.len);
    }
    char *out = arena_alloc(arena, text.len + 2 * bad + 1);
    size_t used = 0;
    for (struct slice rest = text; rest.len;) {
        size_t len = unicode_sequence(rest);
        if (len == 0) {
            used += unicode_encode(UNICODE_REPLACEMENT, out + used);
        } else if (rest.ptr[0] != '\0') {
            memcpy(out + used, rest.ptr, len);
            used += len;
        }
        rest = slice_sub(rest, len ? len : 1, rest.len);
    }
    return (struct slice){out, used};
}

// ---- UTF-16, which ICU's normaliser works on

struct text16 {
    UChar *ptr;
    int32_t len;
};

static struct text16 to_utf16(struct arena *arena, struct slice text)
{
    // A code unit for every byte is always enough.
    struct text16 out = {arena_alloc_array(arena, text.len + 1, sizeof(UChar)), 0};
    UErrorCode status = U_ZERO_ERROR;
    u_strFromUTF8(out.ptr, (int32_t)text.len + 1, &out.len, text.ptr, (int32_t)text.len, &status);
    ensure(U_SUCCESS(status));
    return out;
}

static struct slice from_utf16(struct arena *arena, struct text16 text)
{
    int32_t len = 0, capacity = text.len * 3 + 1;
    char *out = arena_alloc(arena, (size_t)capacity);
    UErrorCode status = U_ZERO_ERROR;
    u_strToUTF8(out, capacity, &len, text.ptr, text.len, &status);
    ensure(U_SUCCESS(status));
    return (struct slice){out, (size_t)len};
}

static struct text16 normalize(struct arena *arena, const UNormalizer2 *normalizer,
                               struct text16 text)
{
    UErrorCode status = U_ZERO_ERROR;
    struct text16 out = {.len = unorm2_normalize(normalizer, text.ptr, text.len, NULL, 0, &status)};
    ensure(status == U_BUFFER_OVERFLOW_ERROR || U_SUCCESS(status));
    out.ptr = arena_alloc_array(arena, (size_t)out.len + 1, sizeof(UChar));
    status = U_ZERO_ERROR;
    unorm2_normalize(normalizer, text.ptr, text.len, out.ptr, out.len + 1, &status);
    ensure(U_SUCCESS(status));
    return out;
}

static const UNormalizer2 *normalizer(const UNormalizer2 *(*get)(UErrorCode *))
{
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *found = get(&status);
    ensure(U_SUCCESS(status)); // ICU without its data cannot be worked with
    return found;
}

// NFC of valid UTF-8; text that is in NFC already, as nearly all is, is only read.
static struct slice nfc(struct arena *arena, struct slice text)
{
    // Nothing below U+0300 combines, and those characters have the lead bytes up to 0xcb.
    size_t at = 0;
    while (at < text.len && (unsigned char)text.ptr[at] < 0xcc)
        at++;
    if (at == text.len)
        return text;
    const UNormalizer2 *form = normalizer(unorm2_getNFCInstance);
    struct text16 wide = to_utf16(arena, text);
    UErrorCode status = U_ZERO_ERROR;
    if (unorm2_isNormalized(form, wide.ptr, wide.len, &status) && U_SUCCESS(status))
        return text;
    return from_utf16(arena, normalize(arena, form, wide));
}

// ---- cleaning

enum kind { KIND_KEEP, KIND_SPACE, KIND_NEWLINE, KIND_JOINER, KIND_DROP };

// Invisible by property, but meant to be seen as something: variation selectors, flag tags.
static bool is_part_of_emoji(uint32_t c)
{
    return (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0xe0020 && c <= 0xe007f);
}

static bool is_blank_filler(uint32_t c)
{
    return c == 0x2800 || c == 0x3164 || c == 0x115f || c == 0x1160 || c == 0xffa0;
}

static enum kind kind_of(uint32_t c)
{
    if (c >= 0x20 && c < 0x7f)
        return c == ' ' ? KIND_SPACE : KIND_KEEP;
    if ((c >= '\n' && c <= '\r') || c == 0x85 || c == 0x2028 || c == 0x2029)
        return KIND_NEWLINE;
    if (c == ZWJ || c == ZWNJ)
        return KIND_JOINER;
    if (u_isUWhiteSpace((UChar32)c) || is_blank_filler(c))
        return KIND_SPACE;
    if (is_part_of_emoji(c))
        return KIND_KEEP;
    int8_t category = u_charType((UChar32)c);
    bool unwanted = category == U_CONTROL_CHAR || category == U_SURROGATE ||
                    category == U_PRIVATE_USE_CHAR ||
                    u_hasBinaryProperty((UChar32)c, UCHAR_NONCHARACTER_CODE_POINT) ||
                    u_hasBinaryProperty((UChar32)c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
    return unwanted ? KIND_DROP : KIND_KEEP;
}

struct cleaner {
    char *out;
    size_t used;
    bool keep_lines;
    size_t spaces, newlines; // seen since the last kept character, not yet written
    uint32_t last;           // the last kept character
};

static void clean_gap(struct cleaner *cleaner)
{
    bool at_start = cleaner->used == 0;
    if (cleaner->newlines && !at_start)
        for (size_t i = 0; i < (cleaner->newlines > 2 ? 2 : cleaner->newlines); i++)
            cleaner->out[cleaner->used++] = '\n';
    size_t spaces = cleaner->spaces;
    if (at_start)
        spaces = 0;
    else if (cleaner->newlines)
        spaces = spaces > MAX_INDENT ? MAX_INDENT : spaces;
    else
        spaces = spaces > 0;
    memset(cleaner->out + cleaner->used, ' ', spaces);
    cleaner->used += spaces;
    cleaner->spaces = cleaner->newlines = 0;
}

static void clean_newline(struct cleaner *cleaner, uint32_t c, struct slice rest)
{
    bool second_half_follows = c == '\r' && rest.len && rest.ptr[0] == '\n';
    if (!cleaner->keep_lines)
        cleaner->spaces++;
    else if (!second_half_follows)
        cleaner->newlines++, cleaner->spaces = 0;
}

// Joiners shape Arabic, Persian and Indic words and glue emoji; between Latin letters they are
// noise.
static bool joiner_is_wanted(uint32_t before, struct slice rest)
{
    return before >= 0x300 && rest.len && unicode_next(&rest) >= 0x300;
}

static void clean_keep(struct cleaner *cleaner, const char *from, size_t len, uint32_t last)
{
    if (cleaner->spaces || cleaner->newlines)
        clean_gap(cleaner);
    memcpy(cleaner->out + cleaner->used, from, len);
    cleaner->used += len;
    cleaner->last = last;
}

// Words in ASCII, which most of a text consists of, are copied whole.
static size_t printable_run(struct slice text)
{
    size_t len = 0;
    while (len < text.len && text.ptr[len] > ' ' && text.ptr[len] < 0x7f)
        len++;
    return len;
}

static struct slice clean(struct arena *arena, struct slice text, bool keep_lines)
{
    if (!text.ptr)
        return text;
    struct slice rest = text = nfc(arena, unicode_repair(arena, text));
    // No character grows: a space is written for each white space character, which has at least one
    // byte.
    struct cleaner cleaner = {.out = arena_alloc(arena, text.len + 1), .keep_lines = keep_lines};
    while (rest.len) {
        const char *from = rest.ptr;
        size_t run = printable_run(rest);
        if (run) {
            rest = slice_sub(rest, run, rest.len);
            clean_keep(&cleaner, from, run, 'a');
            continue;
        }
        uint32_t c = unicode_next(&rest);
        enum kind kind = kind_of(c);
        if (kind == KIND_SPACE)
            cleaner.spaces++;
        else if (kind == KIND_NEWLINE)
            clean_newline(&cleaner, c, rest);
        else if (kind == KIND_KEEP || (kind == KIND_JOINER && joiner_is_wanted(cleaner.last, rest)))
            clean_keep(&cleaner, from, (size_t)(rest.ptr - from), c);
    }
    // What was dropped may have stood between a letter and its accent.
    return nfc(arena, (struct slice){cleaner.out, cleaner.used});
}

struct slice unicode_clean_line(struct arena *arena, struct slice text)
{
    return clean(arena, text, false);
}

struct slice unicode_clean_text(struct arena *arena, struct slice text)
{
    return clean(arena, text, true);
}

// ---- folding

// Letters that Unicode does not decompose, though readers take them for their base letter.
static const struct {
    uint32_t letter;
    const char *base;
} base_letters[] = {{0xe6, "ae"}, {0xf0, "d"},  {0xf8, "o"},  {0xfe, "th"},  {0x111, "d"},
                    {0x127, "h"}, {0x131, "i"}, {0x142, "l"}, {0x153, "oe"}, {0x167, "t"}};

static bool is_accent(UChar32 c)
{
    // Marks that belong to no script are accents, except the two that make another kana of a kana.
    UErrorCode status = U_ZERO_ERROR;
    return u_charType(c) == U_NON_SPACING_MARK && c != 0x3099 && c != 0x309a &&
           uscript_getScript(c, &status) == USCRIPT_INHERITED;
}

// Takes accents off decomposed text and replaces undecomposable letters, some of them by two.
static struct text16 strip_accents(struct arena *arena, struct text16 text)
{
    struct text16 out = {arena_alloc_array(arena, (size_t)text.len * 2 + 1, sizeof(UChar)), 0};
    for (int32_t at = 0; at < text.len;) {
        UChar32 c;
        U16_NEXT(text.ptr, at, text.len, c);
        if (is_accent(c))
            continue;
        const char *base = NULL;
        for (size_t i = 0; i < ARRAY_LEN(base_letters); i++)
            if ((uint32_t)c == base_letters[i].letter)
                base = base_letters[i].base;
        for (; base && *base; base++)
            out.ptr[out.len++] = (UChar)*base;
        if (!base)
            U16_APPEND_UNSAFE(out.ptr, out.len, c);
    }
    return out;
}

static struct slice fold_ascii(struct arena *arena, struct slice text)
{
    char *out = arena_alloc(arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++)
        out[i] =
            text.ptr[i] >= 'A' && text.ptr[i] <= 'Z' ? (char)(text.ptr[i] | 0x20) : text.ptr[i];
    return (struct slice){out, text.len};
}

struct slice unicode_fold(struct arena *arena, struct slice text)
{
    text = unicode_clean_line(arena, text);
    if (ascii_run(text) == text.len)
        return text.len ? fold_ascii(arena, text) : text;
    struct text16 wide = to_utf16(arena, text);
    wide = normalize(arena, normalizer(unorm2_getNFKCCasefoldInstance), wide);
    wide = normalize(arena, normalizer(unorm2_getNFDInstance), wide);
    wide = strip_accents(arena, wide);
    wide = normalize(arena, normalizer(unorm2_getNFCInstance), wide);
    // Compatibility forms can bring white space of their own ("´" is a space and an accent).
    return unicode_clean_line(arena, from_utf16(arena, wide));
}

// ---- cutting

struct slice unicode_cut(struct slice text, size_t max_characters)
{
    if (text.len <= max_characters)
        return text;
    size_t limit = text.len;
    if (max_characters < text.len / CUT_BYTES_PER_CHARACTER) {
        limit = max_characters * CUT_BYTES_PER_CHARACTER;
        while (limit && ((unsigned char)text.ptr[limit] & 0xc0) == 0x80)
            limit--;
    }
    UErrorCode status = U_ZERO_ERROR;
    UText *input = utext_openUTF8(NULL, text.ptr, (int64_t)limit, &status);
    UBreakIterator *breaks = ubrk_open(UBRK_CHARACTER, "", NULL, 0, &status);
    ubrk_setUText(breaks, input, &status);
    ensure(U_SUCCESS(status));
    int32_t at = 0;
    for (size_t i = 0; i < max_characters && at != UBRK_DONE; i++)
        at = ubrk_next(breaks);
    ubrk_close(breaks);
    utext_close(input);
    return slice_sub(text, 0, at == UBRK_DONE ? limit : (size_t)at);
}

bool unicode_is_emoji(uint32_t c)
{
    if (c < 0x80)
        return false;
    return is_part_of_emoji(c) || c == ZWJ || c == 0x20e3 ||
           u_hasBinaryProperty((UChar32)c, UCHAR_EMOJI_PRESENTATION) ||
           u_hasBinaryProperty((UChar32)c, UCHAR_EMOJI_MODIFIER) ||
           u_hasBinaryProperty((UChar32)c, UCHAR_REGIONAL_INDICATOR) ||
           (u_hasBinaryProperty((UChar32)c, UCHAR_EXTENDED_PICTOGRAPHIC) && c >= 0x2190);
}
