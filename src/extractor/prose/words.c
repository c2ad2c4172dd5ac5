#include "extractor/prose/words.h"

#include "lib/text/lexicon.h"
#include "lib/text/unicode.h"

#include <ctype.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

enum { FIRST_WORDS = 16, MAX_WORD = 80 };

static bool is_apostrophe(uint32_t c)
{
    return c == '\'' || c == 0x2019 || c == 0x2018 || c == 0x02bc;
}

static bool is_word_character(uint32_t c)
{
    if (c < 0x80)
        return (c | 0x20) - 'a' < 26 || c - '0' < 10 || c == '_';
    return u_isalnum((UChar32)c) || (U_GET_GC_MASK((UChar32)c) & U_GC_M_MASK);
}

// A mark alone (the selector behind an emoji) is no word.
static bool begins_word(uint32_t c)
{
    return c < 0x80 ? is_word_character(c) : u_isalnum((UChar32)c);
}

static const struct {
    uint32_t character;
    enum gap gap;
} marks[] = {
    {'"', GAP_QUOTE},    {0x201c, GAP_QUOTE}, {0x201d, GAP_QUOTE}, {0xab, GAP_QUOTE},
    {0xbb, GAP_QUOTE},   {0x300c, GAP_QUOTE}, {0x300d, GAP_QUOTE}, {'&', GAP_AND},
    {'+', GAP_AND},      {0xd7, GAP_AND},     {'/', GAP_SLASH},    {',', GAP_COMMA},
    {0xff0c, GAP_COMMA}, {0x3001, GAP_COMMA}, {'@', GAP_AT},       {0x2013, GAP_DASH},
    {0x2014, GAP_DASH},  {0x2015, GAP_DASH},  {0x2192, GAP_DASH},  {0x27a1, GAP_DASH},
    {'~', GAP_DASH},     {0xff5e, GAP_DASH},  {':', GAP_COLON},    {0xff1a, GAP_COLON},
    {'|', GAP_PIPE},     {0xff5c, GAP_PIPE},  {0x2022, GAP_PIPE},  {0xb7, GAP_PIPE},
    {0x30fb, GAP_PIPE},  {';', GAP_PIPE},     {0x2502, GAP_PIPE},  {'(', GAP_OPEN},
    {'[', GAP_OPEN},     {0xff08, GAP_OPEN},  {')', GAP_CLOSE},    {']', GAP_CLOSE},
    {0xff09, GAP_CLOSE}, {0x3002, GAP_STOP},  {'!', GAP_STOP},     {'?', GAP_STOP},
    {0xff01, GAP_STOP},  {0x60c, GAP_COMMA},  {0x61b, GAP_PIPE},   {0x61f, GAP_STOP},
    {0xff1b, GAP_PIPE},  {0xff1f, GAP_STOP},
};

static bool is_white(uint32_t c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == 0xa0 || c == 0x3000;
}

static enum gap gap_of(uint32_t c, struct slice rest, bool after_space)
{
    uint32_t next = rest.len ? unicode_next(&rest) : ' ';
    if (is_white(c) || is_apostrophe(c) || c == 0xfe0f)
        return GAP_SPACE;
    if (c == '-' || c == 0x2010 || c == 0x2011 || c == 0x2212)
        return after_space || is_white(next) ? GAP_DASH : GAP_OTHER;
    if (c == '.' || c == 0x2026)
        return is_white(next) ? GAP_STOP : GAP_OTHER;
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (marks[i].character == c)
            return marks[i].gap;
    return GAP_OTHER;
}

// May this character, which is no letter, stand inside of a word? "O'Brien", "Anne-Marie", "dev.to",
// "AT&T", "W." with a letter in front.
static bool joins(uint32_t c, struct slice rest, size_t letters)
{
    uint32_t next = rest.len ? unicode_next(&rest) : ' ';
    if (is_apostrophe(c) || c == '-' || c == 0x2010 || c == 0x2011 || c == '&')
        return is_word_character(next);
    if (c == '.')
        return is_word_character(next) || letters == 1;
    return c == '+' && letters == 1 && (next == '+' || is_white(next)); // C++
}

static struct slice fold(struct arena *arena, struct slice text)
{
    char *out = arena_alloc(arena, text.len + 1);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c & 0x80)
            return unicode_fold(arena, text);
        out[i] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    }
    struct slice folded = {out, text.len};
    if (folded.len > 1 && out[folded.len - 1] == '.')
        folded.len--;
    return folded;
}

static bool is_upper(uint32_t c)
{
    return c < 0x80 ? c - 'A' < 26 : u_isupper((UChar32)c);
}

static bool is_lower(uint32_t c)
{
    return c < 0x80 ? c - 'a' < 26 : u_islower((UChar32)c);
}

static bool is_east_asian(uint32_t c)
{
    if (c < 0x2e80)
        return false;
    UErrorCode status = U_ZERO_ERROR;
    UScriptCode script = uscript_getScript((UChar32)c, &status);
    return script == USCRIPT_HAN || script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA ||
           script == USCRIPT_HANGUL || c == 0x30fc;
}

static void describe(struct arena *arena, struct word *word)
{
    size_t uppers = 0, lowers = 0, letters = 0;
    bool first = true;
    uint32_t before = 0;
    word->is_east_asian = true;
    for (struct slice rest = word->text; rest.len; first = false) {
        uint32_t c = unicode_next(&rest);
        bool upper = is_upper(c), lower = is_lower(c);
        if (first)
            word->is_capital = upper || (!lower && c > 0x7f && u_isalpha((UChar32)c));
        word->is_inner |= upper && (is_lower(before) || is_apostrophe(before));
        word->has_digit |= c - '0' < 10;
        word->has_dot |= c == '.' && rest.len > 0;
        uppers += upper, lowers += lower, letters += upper || lower;
        word->is_east_asian &= is_east_asian(c);
        before = c;
    }
    word->is_upper = uppers > 1 && lowers == 0;
    word->is_number = word->has_digit && letters == 0;
    word->folded = fold(arena, word->text);
    bool is_text = letters || !word->has_digit;
    if (is_text && word->folded.len < MAX_WORD)
        word->lexicon = lexicon_look_up(word->folded);
}

// Takes one word off the text, which begins with one.
static struct slice take_word(struct slice *rest)
{
    const char *start = rest->ptr, *end = start;
    size_t letters = 0;
    while (rest->len) {
        struct slice behind = *rest;
        uint32_t c = unicode_next(&behind);
        if (is_word_character(c))
            letters++;
        else if (!joins(c, behind, letters))
            break;
        *rest = behind;
        end = behind.ptr;
    }
    return (struct slice){start, (size_t)(end - start)};
}

static struct word *add_word(struct arena *arena, struct words *words, size_t *capacity)
{
    if (words->count == *capacity) {
        size_t more = *capacity ? *capacity * 2 : FIRST_WORDS;
        struct word *items = ARENA_ARRAY(arena, more, struct word);
        if (words->count)
            memcpy(items, words->items, words->count * sizeof *items);
        words->items = items;
        *capacity = more;
    }
    return &words->items[words->count++];
}

// "u.s", "r.a"
static bool is_initials(struct slice folded)
{
    for (size_t i = 0; i < folded.len; i++)
        if ((folded.ptr[i] == '.') != (i % 2 == 1))
            return false;
    return folded.len > 2;
}

// A full stop behind these ends no sentence.
static bool is_abbreviation(struct slice folded)
{
    static const char *const list[] = {"co", "corp", "dr", "eng", "feat", "ft", "inc", "jr", "ltd",
                                       "mr", "mrs",  "ms", "no",  "prof", "sr", "st",  "vs"};
    for (size_t i = 0; i < ARRAY_LEN(list); i++)
        if (slice_equal(folded, slice_from_cstr(list[i])))
            return true;
    return is_initials(folded);
}

// "w/ Ada Byron" is written for "with Ada Byron"; "w/o" is not.
static bool takes_with(struct slice word, struct slice *rest)
{
    bool without = slice_starts_with(*rest, SLICE("/o ")) || slice_equal(*rest, SLICE("/o"));
    if (!(word.len == 1 && (word.ptr[0] | 0x20) == 'w') || !slice_starts_with(*rest, SLICE("/")) ||
        without)
        return false;
    *rest = slice_sub(*rest, 1, rest->len - 1);
    return true;
}

struct words words_of(struct arena *arena, struct slice text)
{
    struct words words = {.text = text};
    size_t capacity = 0;
    enum gap gap = GAP_SPACE;
    bool after_space = true, asked = false;
    for (struct slice rest = text; rest.len && words.count < WORDS_MAX;) {
        struct slice behind = rest;
        uint32_t c = unicode_next(&behind);
        if (begins_word(c)) {
            struct word word = {.gap = gap};
            word.text = take_word(&rest);
            describe(arena, &word);
            if (takes_with(word.text, &rest))
                word.folded = SLICE("with");
            *add_word(arena, &words, &capacity) = word;
            gap = GAP_SPACE;
            after_space = asked = false;
            continue;
        }
        enum gap here = gap_of(c, behind, after_space);
        if (c == '.' && words.count && is_abbreviation(words.items[words.count - 1].folded) &&
            !after_space)
            here = GAP_SPACE;
        // A dash goes on behind a title that asks: "Why looms?" — Ada Byron. Behind other sentences
        // stands whose words they are.
        asked = c == '?' || (asked && here != GAP_STOP);
        if (here > gap || (here == GAP_DASH && asked))
            gap = here;
        after_space = is_white(c);
        rest = behind;
    }
    // "Speakers (more soon):" ends with the colon, though a bracket stands before it.
    words.end = slice_ends_with(slice_trim(text), SLICE(":")) ? GAP_COLON : gap;
    return words;
}

struct slice words_text(const struct words *words, size_t from, size_t to)
{
    if (from >= to || to > words->count)
        return (struct slice){0};
    const char *start = words->items[from].text.ptr;
    struct slice last = words->items[to - 1].text;
    return (struct slice){start, (size_t)(last.ptr + last.len - start)};
}

size_t words_offset(const struct words *words, size_t index)
{
    return index < words->count ? (size_t)(words->items[index].text.ptr - words->text.ptr)
                                : words->text.len;
}

bool words_is(const struct words *words, size_t index, const char *folded)
{
    // Asked of every word by every rule: most differ in the first letter.
    if (index >= words->count)
        return false;
    struct slice word = words->items[index].folded;
    return word.len && word.ptr[0] == folded[0] && slice_equal(word, slice_from_cstr(folded));
}

bool words_is_any(const struct words *words, size_t index, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (words_is(words, index, list[i]))
            return true;
    return false;
}

size_t words_phrase_end(const struct words *words, size_t at, const char *phrase)
{
    struct slice rest = slice_from_cstr(phrase), part;
    while (slice_split_next(&rest, ' ', &part)) {
        // "hosted weekly by"
        static const char *const manners[] = {"weekly",  "monthly", "kindly",     "proudly",
                                              "jointly", "daily",   "generously", "annually"};
        if (slice_equal(part, SLICE("by")) && part.ptr > phrase)
            at += WORDS_IS_ONE_OF(words, at, manners);
        if (at >= words->count || !slice_equal(words->items[at].folded, part))
            return 0;
        at++;
        if (rest.ptr && at < words->count && words->items[at].gap != GAP_SPACE &&
            words->items[at].gap != GAP_OTHER)
            return 0;
    }
    return at;
}

bool words_gap_parts(const struct words *words, size_t index)
{
    static const char *const parts[] = {",", ";", "|", "\u00b7", "\u2022"};
    if (index == 0 || index >= words->count)
        return false;
    struct slice before = words->items[index - 1].text;
    const char *start = before.ptr + before.len;
    struct slice gap = {start, (size_t)(words->items[index].text.ptr - start)};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (slice_find(gap, slice_from_cstr(parts[i])) != SIZE_MAX)
            return true;
    return false;
}

size_t words_skip_brackets(const struct words *words, size_t at)
{
    if (at >= words->count || words->items[at].gap != GAP_OPEN)
        return at;
    while (at + 1 < words->count && words->items[at + 1].gap != GAP_CLOSE)
        at++;
    return at + 1;
}

bool words_is_and(const struct words *words, size_t index)
{
    static const char *const list[] = {"and", "und", "et", "y", "e"};
    return WORDS_IS_ONE_OF(words, index, list);
}

bool words_is_by(const struct words *words, size_t index)
{
    static const char *const list[] = {"by",   "par", "por", "von",  "vom",
                                       "door", "av",  "af",  "przez"};
    return WORDS_IS_ONE_OF(words, index, list);
}

bool words_is_with(const struct words *words, size_t index)
{
    static const char *const list[] = {"with", "avec", "mit", "con", "com", "met", "med"};
    return WORDS_IS_ONE_OF(words, index, list);
}

bool words_is_legal_form(const struct words *words, size_t index)
{
    static const char *const list[] = {"inc", "llc", "ltd", "llp", "corp", "gmbh", "pbc"};
    return WORDS_IS_ONE_OF(words, index, list);
}

enum gap words_gap_after(const struct words *words, size_t index)
{
    return index + 1 < words->count ? words->items[index + 1].gap : GAP_STOP;
}

bool words_is_hour(const struct words *words, size_t index)
{
    static const char *const halves[] = {"am", "pm", "h", "uhr", "a.m", "p.m"};
    if (index >= words->count || !words->items[index].has_digit)
        return false;
    struct slice rest = words->items[index].folded;
    while (rest.len && isdigit((unsigned char)rest.ptr[0]))
        rest = slice_sub(rest, 1, rest.len);
    for (size_t i = 0; i < ARRAY_LEN(halves); i++)
        if (slice_equal(rest, slice_from_cstr(halves[i])))
            return true;
    bool goes_on = words_gap_after(words, index) == GAP_SPACE && words->items[index + 1].is_capital;
    return rest.len == 0 && (!goes_on || WORDS_IS_ONE_OF(words, index + 1, halves));
}

bool words_gap_quotes(const struct words *words, size_t index)
{
    if (index >= words->count)
        return false;
    struct slice text = words->items[index].text;
    struct slice before = index ? words->items[index - 1].text : (struct slice){words->text.ptr, 0};
    const char *start = before.ptr + before.len;
    for (struct slice gap = {start, (size_t)(text.ptr - start)}; gap.len;) {
        uint32_t c = unicode_next(&gap);
        if (gap_of(c, gap, false) == GAP_QUOTE)
            return true;
    }
    return false;
}

bool words_gap_has(const struct words *words, size_t index, char c)
{
    if (index == 0 || index >= words->count)
        return false;
    struct slice before = words->items[index - 1].text;
    const char *start = before.ptr + before.len;
    return memchr(start, c, (size_t)(words->items[index].text.ptr - start)) != NULL;
}
