#include "lib/match/similar.h"

#include <string.h>

// ---- edits

static struct slice cut(struct slice word)
{
    return slice_sub(word, 0, SIMILAR_MAX_BYTES);
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned similar_edits(struct slice a, struct slice b, unsigned most)
{
    unsigned rows[3][SIMILAR_MAX_BYTES + 1];
    a = cut(a), b = cut(b);
    size_t apart = a.len > b.len ? a.len - b.len : b.len - a.len;
    if (apart > most)
        return most + 1;
    unsigned *before = rows[0], *last = rows[1], *row = rows[2];
    memset(rows, 0, sizeof rows);
    for (size_t j = 0; j <= b.len; j++)
        last[j] = (unsigned)j;
    for (size_t i = 1; i <= a.len; i++) {
        unsigned best = row[0] = (unsigned)i;
        for (size_t j = 1; j <= b.len; j++) {
            unsigned change = last[j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]);
            row[j] = least(change, least(last[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
            best = least(best, row[j]);
        }
        if (best > most)
            return most + 1;
        unsigned *free_row = before;
        before = last, last = row, row = free_row;
    }
    return least(last[b.len], most + 1);
}

// ---- Jaro-Winkler

static size_t count_matches(struct slice a, struct slice b, bool *in_a, bool *in_b)
{
    size_t longer = a.len > b.len ? a.len : b.len, matches = 0;
    size_t window = longer / 2 > 0 ? longer / 2 - 1 : 0;
    for (size_t i = 0; i < a.len; i++) {
        size_t from = i > window ? i - window : 0;
        size_t end = i + window + 1 < b.len ? i + window + 1 : b.len;
        for (size_t j = from; j < end; j++) {
            if (in_b[j] || a.ptr[i] != b.ptr[j])
                continue;
            in_a[i] = in_b[j] = true;
            matches++;
            break;
        }
    }
    return matches;
}

static double jaro(struct slice a, struct slice b)
{
    bool in_a[SIMILAR_MAX_BYTES] = {0}, in_b[SIMILAR_MAX_BYTES] = {0};
    size_t matches = count_matches(a, b, in_a, in_b), swapped = 0;
    if (matches == 0)
        return 0;
    for (size_t i = 0, j = 0; i < a.len; i++) {
        if (!in_a[i])
            continue;
        while (!in_b[j])
            j++;
        swapped += a.ptr[i] != b.ptr[j++];
    }
    double m = (double)matches;
    return (m / (double)a.len + m / (double)b.len + (m - (double)(swapped / 2)) / m) / 3;
}

double similar_jaro_winkler(struct slice a, struct slice b)
{
    a = cut(a), b = cut(b);
    if (a.len == 0 || b.len == 0)
        return a.len == b.len;
    // The greedy pairing depends on which word is gone through first.
    if (slice_compare(a, b) > 0) {
        struct slice other = a;
        a = b, b = other;
    }
    size_t common = 0;
    while (common < 4 && common < a.len && common < b.len && a.ptr[common] == b.ptr[common])
        common++;
    double alike = jaro(a, b);
    return alike + (double)common * 0.1 * (1 - alike);
}

// ---- spellings

// Ways to write one sound; the longer ones first.
static const struct {
    const char *written, *sound;
} sounds[] = {
    {"sch", "s"}, {"tch", "c"}, {"tsch", "c"}, {"ae", "a"}, {"oe", "o"}, {"ue", "u"}, {"ph", "f"},
    {"th", "t"},  {"sh", "s"},  {"ch", "k"},   {"gh", "g"}, {"kh", "k"}, {"dh", "d"}, {"bh", "b"},
    {"ck", "k"},  {"cz", "k"},  {"sz", "s"},   {"ts", "z"}, {"tz", "z"}, {"dj", "j"}, {"dz", "z"},
    {"ks", "x"},  {"ou", "u"},  {"oo", "u"},   {"ee", "i"}, {"ie", "i"}, {"ei", "i"}, {"ey", "i"},
    {"c", "k"},   {"q", "k"},   {"w", "v"},    {"y", "i"},  {"j", "i"},
};

// The sounds of a word, doubled ones once.
static struct slice sounds_of(struct slice word, char out[static SIMILAR_MAX_BYTES])
{
    size_t used = 0;
    word = cut(word);
    while (word.len) {
        char sound = word.ptr[0];
        size_t taken = 1;
        for (size_t i = 0; i < ARRAY_LEN(sounds); i++) {
            if (!slice_starts_with(word, slice_from_cstr(sounds[i].written)))
                continue;
            sound = sounds[i].sound[0];
            taken = strlen(sounds[i].written);
            break;
        }
        // A vowel pair is shortened to a vowel, and a vowel behind it to the same one.
        if (used == 0 || out[used - 1] != sound)
            out[used++] = sound;
        word = slice_sub(word, taken, word.len);
    }
    return (struct slice){out, used};
}

bool similar_spelling(struct slice a, struct slice b)
{
    char of_a[SIMILAR_MAX_BYTES], of_b[SIMILAR_MAX_BYTES];
    if (slice_equal(a, b))
        return true;
    if (a.len > SIMILAR_MAX_BYTES || b.len > SIMILAR_MAX_BYTES)
        return false;
    return slice_equal(sounds_of(a, of_a), sounds_of(b, of_b));
}

// ---- pinyin

static const char *const pinyin_starts[] = {"zh", "ch", "sh", "b", "p", "m", "f", "d", "t",
                                            "n",  "l",  "g",  "k", "h", "j", "q", "x", "r",
                                            "z",  "c",  "s",  "y", "w", ""};
static const char *const pinyin_ends[] = {
    "iang", "iong", "uang", "ang", "eng", "iao", "ian", "ing", "ong", "uai", "uan", "ai",
    "an",   "ao",   "ei",   "en",  "er",  "ia",  "ie",  "in",  "iu",  "ou",  "ua",  "ue",
    "ui",   "un",   "uo",   "a",   "e",   "i",   "o",   "u",
};

// Can the text be split into syllables? Depth is bounded by the length of the word.
static bool is_syllables(struct slice text, unsigned depth)
{
    if (text.len == 0)
        return depth > 0;
    for (size_t i = 0; depth < 4 && i < ARRAY_LEN(pinyin_starts); i++) {
        struct slice start = slice_from_cstr(pinyin_starts[i]);
        if (!slice_starts_with(text, start))
            continue;
        struct slice behind = slice_sub(text, start.len, text.len);
        for (size_t j = 0; j < ARRAY_LEN(pinyin_ends); j++) {
            struct slice end = slice_from_cstr(pinyin_ends[j]);
            if (slice_starts_with(behind, end) &&
                is_syllables(slice_sub(behind, end.len, behind.len), depth + 1))
                return true;
        }
    }
    return false;
}

bool similar_is_pinyin(struct slice word)
{
    return word.len <= 18 && is_syllables(word, 0);
}
