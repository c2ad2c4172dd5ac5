#include "lib/text/names.h"

#include "lib/text/name_parts.h"
#include "lib/text/name_words.h"
#include "lib/text/unicode.h"

#include <string.h>
#include <unicode/uchar.h>

// ---- decorations

static struct slice strip_emoji(struct arena *arena, struct slice text)
{
    char *out = arena_alloc(arena, text.len + 1);
    size_t used = 0;
    for (struct slice rest = text; rest.len;) {
        const char *from = rest.ptr;
        if (unicode_is_emoji(unicode_next(&rest)))
            continue;
        memcpy(out + used, from, (size_t)(rest.ptr - from));
        used += (size_t)(rest.ptr - from);
    }
    struct slice kept = unicode_clean_line(arena, (struct slice){out, used});
    return kept.len ? kept : text;
}

// "she/her", "they, them", "he": every word a pronoun.
static bool is_pronouns(struct arena *arena, struct slice text)
{
    char *spaced = arena_cstr(arena, text);
    for (size_t i = 0; i < text.len; i++)
        if (strchr("/,|&", spaced[i]))
            spaced[i] = ' ';
    struct slice rest = {spaced, text.len}, word;
    bool any = false;
    while (name_next_word(&rest, &word)) {
        if (!name_list_has(arena, NAME_LIST_PRONOUN, word))
            return false;
        any = true;
    }
    return any;
}

bool name_find_bracket(struct slice text, size_t from, size_t *ret_open, size_t *ret_close)
{
    for (size_t open = from; open < text.len; open++) {
        if (text.ptr[open] != '(' && text.ptr[open] != '[')
            continue;
        char closing = text.ptr[open] == '(' ? ')' : ']';
        size_t len = slice_find_char(slice_sub(text, open, text.len), closing);
        if (len == SIZE_MAX)
            continue;
        *ret_open = open;
        *ret_close = open + len;
        return true;
    }
    return false;
}

struct slice name_without(struct arena *arena, struct slice text, size_t from, size_t end)
{
    char *out = arena_alloc(arena, text.len + 2);
    memcpy(out, text.ptr, from);
    out[from] = ' ';
    memcpy(out + from + 1, text.ptr + end, text.len - end);
    return unicode_clean_line(arena, (struct slice){out, text.len - (end - from) + 1});
}

struct slice name_strip_pronouns(struct arena *arena, struct slice text)
{
    size_t open, close;
    for (size_t from = 0; name_find_bracket(text, from, &open, &close); from = open + 1)
        if (is_pronouns(arena, slice_sub(text, open + 1, close - open - 1)))
            return name_without(arena, text, open, close + 1);
    // Without brackets only a last word with strokes is meant so.
    size_t last = text.len;
    while (last > 0 && text.ptr[last - 1] != ' ')
        last--;
    struct slice word = slice_sub(text, last, text.len);
    if (last > 0 && slice_find_char(word, '/') != SIZE_MAX && is_pronouns(arena, word))
        return slice_trim(slice_sub(text, 0, last));
    return text;
}

struct slice name_clean(struct arena *arena, struct slice name)
{
    if (!name.ptr)
        return name;
    struct slice text = strip_emoji(arena, unicode_clean_line(arena, name));
    struct slice bare = name_strip_pronouns(arena, text);
    return bare.len ? bare : text;
}

// ---- the key

static bool belongs_to_key(UChar32 c)
{
    int8_t category = u_charType(c);
    return u_isalnum(c) || (U_GET_GC_MASK(c) & U_GC_M_MASK) || category == U_LETTER_NUMBER ||
           category == U_OTHER_NUMBER;
}

struct slice name_normalize(struct arena *arena, struct slice name)
{
    if (!name.ptr)
        return name;
    struct slice folded = unicode_fold(arena, name_clean(arena, name));
    char *out = arena_alloc(arena, folded.len + 1);
    size_t used = 0;
    bool letters = false;
    for (struct slice rest = folded; rest.len;) {
        const char *from = rest.ptr;
        uint32_t c = unicode_next(&rest);
        if (c != ' ' && !belongs_to_key((UChar32)c))
            continue;
        memcpy(out + used, from, (size_t)(rest.ptr - from));
        used += (size_t)(rest.ptr - from);
        letters |= u_isalnum((UChar32)c);
    }
    return letters ? unicode_clean_line(arena, (struct slice){out, used}) : folded;
}

// ---- companies

// Between a name and its subtitle.
static const char *const subtitle_marks[] = {" - ", " – ", " — ", " | ", " @ "};

static bool is_generic(struct arena *arena, struct slice text)
{
    struct slice word;
    while (name_next_word(&text, &word))
        if (!name_list_has(arena, NAME_LIST_GENERIC, word) &&
            !name_list_has(arena, NAME_LIST_ACCOUNT, word))
            return false;
    return true;
}

static struct slice strip_brackets(struct arena *arena, struct slice text)
{
    size_t open, close;
    while (name_find_bracket(text, 0, &open, &close)) {
        struct slice rest = name_without(arena, text, open, close + 1);
        if (rest.len == 0 || is_generic(arena, rest))
            break;
        text = rest;
    }
    return text;
}

static struct slice strip_subtitle(struct arena *arena, struct slice text)
{
    for (size_t i = 0; i < ARRAY_LEN(subtitle_marks); i++) {
        size_t at = slice_find(text, slice_from_cstr(subtitle_marks[i]));
        struct slice head = slice_sub(text, 0, at);
        if (at != SIZE_MAX && !is_generic(arena, head))
            text = head;
    }
    // "Community events by Acme"
    size_t by = slice_find(text, SLICE(" by "));
    if (by != SIZE_MAX && is_generic(arena, slice_sub(text, 0, by)))
        text = slice_sub(text, by + 4, text.len);
    return slice_trim(text);
}

static struct slice last_word(struct slice text)
{
    size_t at = text.len;
    while (at > 0 && text.ptr[at - 1] != ' ')
        at--;
    return slice_sub(text, at, text.len);
}

static struct slice without_last_word(struct slice text)
{
    return slice_trim(slice_sub(text, 0, text.len - last_word(text).len));
}

static bool is_and(struct slice word)
{
    return slice_equal(word, SLICE("&")) || slice_equal_nocase(word, SLICE("and"));
}

// "Acme Events" gives "Acme", "Acme Dinners & Events" too: what is joined to such a word is one
// itself.
static struct slice strip_account_words(struct arena *arena, struct slice text)
{
    for (;;) {
        struct slice rest = without_last_word(text), last = last_word(text);
        // "The Engine Team" is what it calls itself.
        bool is_own_name =
            slice_equal_nocase(last, SLICE("team")) && slice_starts_with(text, SLICE("The "));
        if (is_own_name || !name_list_has(arena, NAME_LIST_ACCOUNT, last))
            break;
        if (is_and(last_word(rest))) {
            rest = without_last_word(without_last_word(rest));
            if (slice_equal_nocase(last_word(rest), SLICE("community")))
                rest = without_last_word(rest);
        }
        if (rest.len == 0 || is_generic(arena, rest))
            break;
        text = rest;
    }
    struct slice rest = text, first;
    name_next_word(&rest, &first);
    rest = slice_trim(rest);
    if (slice_equal_nocase(first, SLICE("team")) && rest.len && !is_generic(arena, rest))
        text = rest;
    return text;
}

struct slice name_clean_company(struct arena *arena, struct slice raw)
{
    if (!raw.ptr)
        return raw;
    struct slice text = name_clean(arena, raw);
    text = strip_brackets(arena, text);
    text = strip_subtitle(arena, text);
    text = strip_account_words(arena, text);
    while (text.len && strchr(",;:-|", text.ptr[text.len - 1]))
        text = slice_trim(slice_sub(text, 0, text.len - 1));
    return text.len ? text : name_clean(arena, raw);
}

// Endings of domains that people leave away when they say a company's name.
static const char *const domain_endings[] = {".ai",  ".app", ".co", ".com", ".dev", ".io",
                                             ".net", ".org", ".so", ".xyz", " com"};

// Places at the end of a name, which one of two writings leaves away.
static const char *const place_endings[] = {
    " amsterdam",
    " austin",
    " bangalore",
    " bay area",
    " bengaluru",
    " berlin",
    " boston",
    " chicago",
    " dubai",
    " eu",
    " europe",
    " hong kong",
    " la",
    " london",
    " los angeles",
    " miami",
    " new york",
    " nyc",
    " paris",
    " san francisco",
    " seattle",
    " sf",
    " silicon valley",
    " singapore",
    " sydney",
    " taipei",
    " tokyo",
    " toronto",
    " uk",
    " us",
    " usa",
};

struct slice name_place_ending(struct arena *arena, struct slice name)
{
    struct slice key = name_normalize(arena, name);
    for (size_t i = 0; i < ARRAY_LEN(place_endings); i++) {
        struct slice place = slice_from_cstr(place_endings[i]);
        if (slice_ends_with(key, place) &&
            !is_generic(arena, slice_sub(key, 0, key.len - place.len)))
            return place;
    }
    return (struct slice){0};
}

bool name_is_place(struct arena *arena, struct slice name)
{
    struct slice key = name_normalize(arena, name);
    for (size_t i = 0; i < ARRAY_LEN(place_endings); i++)
        if (slice_equal(key, slice_from_cstr(place_endings[i] + 1)))
            return true;
    return false;
}

struct slice name_company_key(struct arena *arena, struct slice name)
{
    struct slice text = unicode_fold(arena, name_clean_company(arena, name));
    for (size_t i = 0; i < ARRAY_LEN(domain_endings); i++) {
        struct slice ending = slice_from_cstr(domain_endings[i]);
        if (text.len > ending.len && slice_ends_with(text, ending)) {
            text = slice_sub(text, 0, text.len - ending.len);
            break;
        }
    }
    struct slice key = name_normalize(arena, text);
    while (name_list_has(arena, NAME_LIST_LEGAL_FORM, last_word(key)) && without_last_word(key).len)
        key = without_last_word(key);
    if (slice_starts_with(key, SLICE("the ")) && key.len > 4)
        key = slice_sub(key, 4, key.len);
    return slice_sub(key, 0, key.len - name_place_ending(arena, key).len);
}
