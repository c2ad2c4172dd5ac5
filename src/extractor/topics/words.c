#include "extractor/topics/words.h"

#include "lib/text/unicode.h"

#include <string.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

enum { MAX_WORD = 64, FIRST_CAPACITY = 32 };

enum kind { KIND_SPACE, KIND_SOFT, KIND_BREAK, KIND_LETTER, KIND_KATAKANA, KIND_IDEOGRAPH };

struct scan {
    struct arena *arena;
    struct slice text;
    size_t at;
    topic_look_up *look_up;
    void *context;
    struct topic_words words;
    size_t capacity;
    bool after_break, in_hashtag;
};

// ---- characters

static enum kind kind_of_ascii(unsigned char c)
{
    if ((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
        return KIND_LETTER;
    if (c == ' ')
        return KIND_SPACE;
    return c && strchr("-&+/'\"_*~`", c) ? KIND_SOFT : KIND_BREAK;
}

static enum kind kind_of_other(uint32_t c)
{
    UErrorCode status = U_ZERO_ERROR;
    if (c == 0x30fc) // the Katakana length mark
        return KIND_KATAKANA;
    if (c == 0xd7) // "×" joins names
        return KIND_SOFT;
    if (u_isUWhiteSpace((UChar32)c))
        return KIND_SPACE;
    if (!u_isalnum((UChar32)c) &&
        (U_MASK(u_charType((UChar32)c)) & (U_GC_M_MASK | U_GC_CF_MASK)) == 0)
        return c >= 0x2010 && c <= 0x201f && c != 0x2013 && c != 0x2014 ? KIND_SOFT : KIND_BREAK;
    UScriptCode script = uscript_getScript((UChar32)c, &status);
    if (script == USCRIPT_HAN || script == USCRIPT_HIRAGANA || script == USCRIPT_HANGUL)
        return KIND_IDEOGRAPH;
    return script == USCRIPT_KATAKANA ? KIND_KATAKANA : KIND_LETTER;
}

// The kind of the character at `at`, and its length; a break at the end.
static enum kind kind_at(const struct scan *scan, size_t at, size_t *ret_len)
{
    if (at >= scan->text.len) {
        *ret_len = 0;
        return KIND_BREAK;
    }
    unsigned char c = (unsigned char)scan->text.ptr[at];
    if (c < 0x80) {
        *ret_len = 1;
        return kind_of_ascii(c);
    }
    struct slice rest = slice_sub(scan->text, at, scan->text.len);
    size_t before = rest.len;
    uint32_t code_point = unicode_next(&rest);
    *ret_len = before - rest.len;
    return code_point == UNICODE_REPLACEMENT ? KIND_BREAK : kind_of_other(code_point);
}

static bool is_letter_at(const struct scan *scan, size_t at)
{
    size_t len;
    return kind_at(scan, at, &len) == KIND_LETTER;
}

static char char_at(const struct scan *scan, size_t at)
{
    return at < scan->text.len ? scan->text.ptr[at] : '\0';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

// ---- words

// The singular of an English plural: "communities", "agents"; not "class", "campus", "thesis".
static struct slice singular(char *word, size_t len)
{
    struct slice stem = {word, len};
    if (len <= 3 || word[len - 1] != 's' || slice_equal(stem, SLICE("news")))
        return stem;
    if (len > 4 && memcmp(word + len - 3, "ies", 3) == 0) {
        word[len - 3] = 'y';
        return (struct slice){word, len - 2};
    }
    if (strchr("sui", word[len - 2]))
        return stem;
    return (struct slice){word, len - 1};
}

static uint32_t number_of(const struct scan *scan, struct slice text)
{
    char word[MAX_WORD];
    bool is_ascii = true;
    if (text.len > MAX_WORD)
        return 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        word[i] = is_upper(c) ? (char)(c | 0x20) : c;
        is_ascii &= (unsigned char)c < 0x80;
    }
    if (is_ascii)
        return scan->look_up(scan->context, singular(word, text.len));
    struct slice folded = unicode_fold(scan->arena, text);
    if (folded.len > MAX_WORD || folded.len == 0)
        return 0;
    memcpy(word, folded.ptr, folded.len);
    return scan->look_up(scan->context, singular(word, folded.len));
}

static void add_word(struct scan *scan, size_t start, size_t end)
{
    struct topic_words *words = &scan->words;
    if (words->count == TOPIC_WORDS_MAX)
        return;
    if (words->count == scan->capacity) {
        scan->capacity = scan->capacity ? scan->capacity * 2 : FIRST_CAPACITY;
        struct topic_word *grown = ARENA_ARRAY(scan->arena, scan->capacity, struct topic_word);
        if (words->count)
            memcpy(grown, words->items, words->count * sizeof *grown);
        words->items = grown;
    }
    struct slice text = slice_sub(scan->text, start, end - start);
    words->items[words->count++] = (struct topic_word){.id = number_of(scan, text),
                                                       .after_break = scan->after_break,
                                                       .in_hashtag = scan->in_hashtag,
                                                       .text = text};
    scan->after_break = false;
}

static bool is_joining_word(struct slice word)
{
    static const char *const words[] = {"in", "for", "at", "of", "on", "and", "to", "with", "x"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (slice_equal(word, slice_from_cstr(words[i])))
            return true;
    return false;
}

// "AIinSF": at each capital after a small letter; within "AIin" before "in", within "AITech" before
// "Tech".
static void add_hashtag(struct scan *scan, size_t start, size_t end)
{
    const char *s = scan->text.ptr;
    size_t from = start;
    for (size_t i = start + 1; i < end; i++) {
        bool split = is_upper(s[i]) && (is_lower(s[i - 1]) || (s[i - 1] >= '0' && s[i - 1] <= '9'));
        if (!split && is_upper(s[i]) && is_upper(s[i - 1]) && i + 1 < end && is_lower(s[i + 1])) {
            size_t small = i + 1;
            while (small < end && is_lower(s[small]))
                small++;
            split = !is_joining_word(slice_sub(scan->text, i + 1, small - i - 1));
        }
        if (!split && is_lower(s[i]) && is_upper(s[i - 1]) && i - 1 > from) {
            size_t small = i;
            while (small < end && is_lower(s[small]))
                small++;
            split = is_joining_word(slice_sub(scan->text, i, small - i));
        }
        if (split) {
            add_word(scan, from, i);
            from = i;
        }
    }
    add_word(scan, from, end);
}

// The end of the word that starts at `start`: letters, and single dots and @ between letters, but not
// where a sentence begins without a space ("soon.Join").
static size_t word_end(const struct scan *scan, size_t start)
{
    size_t at = start, len;
    while (true) {
        char before = at > start ? char_at(scan, at - 1) : '\0', c = char_at(scan, at);
        bool joins = (c == '.' || c == '@') && at > start && is_letter_at(scan, at + 1) &&
                     !(c == '.' && is_lower(before) && is_upper(char_at(scan, at + 1)));
        if (joins)
            at++;
        else if (kind_at(scan, at, &len) == KIND_LETTER)
            at += len;
        else
            break;
    }
    // C++, C#, F#
    if (at == start + 1)
        while ((char_at(scan, at) == '+' || char_at(scan, at) == '#') && at < start + 3 &&
               !is_letter_at(scan, at + 1))
            at++;
    return at;
}

static bool has_dot(struct slice word)
{
    return slice_find_char(word, '.') != SIZE_MAX || slice_find_char(word, '@') != SIZE_MAX;
}

static void skip_to_space(struct scan *scan)
{
    while (scan->at < scan->text.len && (unsigned char)scan->text.ptr[scan->at] > ' ')
        scan->at++;
    scan->after_break = true;
}

static void read_word(struct scan *scan)
{
    size_t start = scan->at, end = word_end(scan, start);
    struct slice word = slice_sub(scan->text, start, end - start);
    struct slice rest = slice_sub(scan->text, end, scan->text.len);
    scan->at = end;
    if (slice_starts_with(rest, SLICE("://"))) {
        skip_to_space(scan);
        return;
    }
    bool hashtag = start && scan->text.ptr[start - 1] == '#';
    scan->in_hashtag = hashtag;
    if (hashtag)
        add_hashtag(scan, start, end);
    else
        add_word(scan, start, end);
    if (has_dot(word) && char_at(scan, end) == '/')
        skip_to_space(scan);
    // The genitive: "founder's", "founder’s".
    size_t quote = char_at(scan, end) == '\''                       ? 1
                   : slice_starts_with(rest, SLICE("\xe2\x80\x99")) ? 3
                                                                    : 0;
    if (quote && (char_at(scan, end + quote) | 0x20) == 's' && !is_letter_at(scan, end + quote + 1))
        scan->at = end + quote + 1;
}

struct topic_words topic_words_of(struct arena *arena, struct slice text, topic_look_up *look_up,
                                  void *context)
{
    struct scan scan = {.arena = arena, .text = text, .look_up = look_up, .context = context};
    bool after_space = true;
    while (scan.at < text.len && scan.words.count < TOPIC_WORDS_MAX) {
        size_t len, start = scan.at;
        enum kind kind = kind_at(&scan, start, &len);
        if (kind == KIND_LETTER) {
            read_word(&scan);
        } else if (kind == KIND_IDEOGRAPH || kind == KIND_KATAKANA) {
            scan.at += len;
            while (kind == KIND_KATAKANA && kind_at(&scan, scan.at, &len) == KIND_KATAKANA)
                scan.at += len;
            scan.in_hashtag = start && text.ptr[start - 1] == '#';
            add_word(&scan, start, scan.at);
        } else {
            // A hyphen with space before it is a dash.
            scan.after_break |=
                kind == KIND_BREAK || (kind == KIND_SOFT && after_space && text.ptr[start] == '-');
            scan.at += len;
        }
        after_space = kind == KIND_SPACE;
    }
    return scan.words;
}
