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

// Ways to write one sound, those of one first letter together, the longer ones first.
static const struct {
    const char *written;
    char sound;
} sounds[] = {
    {"ae", 'a'}, {"bh", 'b'},  {"ch", 'k'}, {"ck", 'k'}, {"cz", 'k'},   {"c", 'k'},   {"dh", 'd'},
    {"dj", 'i'}, {"dz", 'z'},  {"ee", 'i'}, {"ei", 'i'}, {"ey", 'i'},   {"gh", 'g'},  {"ie", 'i'},
    {"j", 'i'},  {"kh", 'k'},  {"ks", 'x'}, {"oe", 'o'}, {"oo", 'u'},   {"ou", 'u'},  {"ph", 'f'},
    {"q", 'k'},  {"sch", 's'}, {"sh", 's'}, {"sz", 's'}, {"tsch", 'k'}, {"tch", 'k'}, {"th", 't'},
    {"ts", 'z'}, {"tz", 'z'},  {"ue", 'u'}, {"w", 'v'},  {"y", 'i'},
};

size_t similar_sounds(struct slice word, char ret_sounds[static SIMILAR_MAX_BYTES])
{
    size_t used = 0;
    word = cut(word);
    while (word.len) {
        char sound = word.ptr[0];
        size_t taken = 1;
        for (size_t i = 0; i < ARRAY_LEN(sounds); i++) {
            if (sounds[i].written[0] != word.ptr[0] ||
                !slice_starts_with(word, slice_from_cstr(sounds[i].written)))
                continue;
            sound = sounds[i].sound;
            taken = strlen(sounds[i].written);
            break;
        }
        if (used == 0 || ret_sounds[used - 1] != sound)
            ret_sounds[used++] = sound;
        word = slice_sub(word, taken, word.len);
    }
    return used;
}

// The next letter, of "ae", "oe" and "ue" the first.
static char next_letter(struct slice word, size_t *at)
{
    char letter = word.ptr[(*at)++];
    bool vowel = letter == 'a' || letter == 'o' || letter == 'u';
    if (vowel && *at < word.len && word.ptr[*at] == 'e')
        ++*at;
    return letter;
}

bool similar_umlauts(struct slice a, struct slice b)
{
    size_t i = 0, j = 0;
    while (i < a.len && j < b.len)
        if (next_letter(a, &i) != next_letter(b, &j))
            return false;
    return i == a.len && j == b.len;
}

// ---- pinyin

// The syllables by how they begin; each end with a space before and behind it; "v" is how "ü" is typed.
static const struct {
    const char *start, *ends;
} syllables[] = {
    {"zh", " a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo "},
    {"ch", " a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo "},
    {"sh", " a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo "},
    {"b", " a ai an ang ao ei en eng i ian iao ie in ing o u "},
    {"p", " a ai an ang ao ei en eng i ian iao ie in ing o ou u "},
    {"m", " a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u "},
    {"f", " a an ang ei en eng o ou u "},
    {"d", " a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo "},
    {"t", " a ai an ang ao e eng i ian iao ie ing ong ou u uan ui un uo "},
    {"n", " a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan ue uo v ve "},
    {"l", " a ai an ang ao e ei eng i ia ian iang iao ie in ing iu ong ou u uan ue un uo v ve "},
    {"g", " a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo "},
    {"k", " a ai an ang ao e en eng ong ou u ua uai uan uang ui un uo "},
    {"h", " a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo "},
    {"j", " i ia ian iang iao ie in ing iong iu u uan ue un "},
    {"q", " i ia ian iang iao ie in ing iong iu u uan ue un "},
    {"x", " i ia ian iang iao ie in ing iong iu u uan ue un "},
    {"r", " an ang ao e en eng i ong ou u uan ui un uo "},
    {"z", " a ai an ang ao e ei en eng i ong ou u uan ui un uo "},
    {"c", " a ai an ang ao e en eng i ong ou u uan ui un uo "},
    {"s", " a ai an ang ao e en eng i ong ou u uan ui un uo "},
    {"y", " a an ang ao e i in ing ong ou u uan ue un "},
    {"w", " a ai an ang ei en eng o u "},
    {"", " a ai an ang ao e en er ou "},
};
enum { MAX_SYLLABLES = 3, LONGEST_END = 4, LONGEST_PINYIN = 18 };

static bool has_end(const char *ends, struct slice end)
{
    char wanted[LONGEST_END + 3] = " ";
    memcpy(wanted + 1, end.ptr, end.len);
    wanted[end.len + 1] = ' ';
    return strstr(ends, wanted);
}

// Can the text be split into syllables?
static bool is_syllables(struct slice text, unsigned depth)
{
    if (text.len == 0 || depth == MAX_SYLLABLES)
        return text.len == 0 && depth > 0;
    for (size_t i = 0; i < ARRAY_LEN(syllables); i++) {
        if (syllables[i].start[0] && syllables[i].start[0] != text.ptr[0])
            continue;
        struct slice start = slice_from_cstr(syllables[i].start);
        if (!slice_starts_with(text, start))
            continue;
        struct slice behind = slice_sub(text, start.len, text.len);
        for (size_t len = 1; len <= LONGEST_END && len <= behind.len; len++)
            if (has_end(syllables[i].ends, slice_sub(behind, 0, len)) &&
                is_syllables(slice_sub(behind, len, behind.len), depth + 1))
                return true;
    }
    return false;
}

bool similar_is_pinyin(struct slice word)
{
    return word.len <= LONGEST_PINYIN && is_syllables(word, 0);
}

// ---- lists

size_t similar_count_shared(const struct slice *a, size_t a_count, const struct slice *b,
                            size_t b_count)
{
    size_t shared = 0;
    for (size_t i = 0, j = 0; i < a_count && j < b_count;) {
        int order = slice_compare(a[i], b[j]);
        shared += order == 0;
        i += order <= 0;
        j += order >= 0;
    }
    return shared;
}
