#include "extractor/prose/name.h"

#include "extractor/prose/vocabulary.h"
#include "lib/text/lexicon.h"
#include "lib/text/names.h"
#include "lib/text/unicode.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_NAME_WORDS = 5, MAX_STARTER = 16 };

static const double GIVEN = 2, FAMILY = 0.8, UNKNOWN = 0.5, COMMON_WORD = -1.5, NO_NAME = -3,
                    SHOUTED = -1.2, INNER_CAPITAL = -1.0, PLACE = -2;

static const char *const particles[] = {
    "al", "bin", "da",  "das", "de", "del", "della", "den", "der", "di", "do", "dos",
    "du", "el",  "ibn", "la",  "le", "ten", "ter",   "van", "von", "y",  "zu",
};

// Capitalised words that are no part of a name: days, months, places in many texts of events, and
// words in front of a name.
static const char *const never[] = {
    "africa",    "america",   "americas",  "apac",      "april",   "asia",    "august",
    "bay",       "berkeley",  "december",  "developer", "emea",    "europe",  "february",
    "francisco", "friday",    "he",        "her",       "his",     "i",       "i'm",
    "january",   "july",      "june",      "la",        "london",  "march",   "monday",
    "my",        "new",       "november",  "ny",        "nyc",     "october", "our",
    "rsvp",      "saturday",  "september", "sf",        "she",     "silicon", "singapore",
    "st",        "stanford",  "sunday",    "tba",       "tbc",     "tbd",     "the",
    "their",     "they",      "this",      "thursday",  "tuesday", "uk",      "us",
    "usa",       "wednesday", "york",      "you",       "your",
};

#define IS_IN(word, list) slice_in_sorted((word), (list), ARRAY_LEN(list))

// The same for companies too.
static const char *const starters[] = {
    "a",       "after",     "ai",       "all",      "an",       "and",      "apply",    "april",
    "are",     "as",        "august",   "before",   "but",      "by",       "check",    "come",
    "connect", "december",  "don't",    "during",   "each",     "every",    "february", "follow",
    "for",     "free",      "fri",      "friday",   "from",     "get",      "he",       "here",
    "here's",  "how",       "http",     "https",    "i",        "i'll",     "i'm",      "if",
    "in",      "is",        "it",       "it's",     "january",  "join",     "july",     "june",
    "learn",   "let's",     "march",    "meet",     "ml",       "mon",      "monday",   "more",
    "my",      "no",        "not",      "november", "october",  "on",       "or",       "our",
    "please",  "read",      "register", "rsvp",     "sat",      "saturday", "see",      "september",
    "she",     "so",        "star",     "sunday",   "tba",      "tbc",      "tbd",      "thank",
    "thanks",  "that's",    "their",    "then",     "there",    "there's",  "these",    "they",
    "this",    "those",     "thu",      "thurs",    "thursday", "to",       "tue",      "tues",
    "tuesday", "vc",        "visit",    "watch",    "we",       "we'll",    "we're",    "we've",
    "wed",     "wednesday", "what",     "what's",   "when",     "where",    "who",      "who's",
    "why",     "with",      "www",      "you",      "you'll",   "you're",   "your",
};

bool name_is_never(const struct word *word)
{
    // Apostrophes are typed in two ways.
    char text[MAX_STARTER];
    size_t used = 0;
    for (size_t i = 0; i < word->folded.len && used < sizeof text; i++)
        if ((unsigned char)word->folded.ptr[i] == 0xe2 && i + 2 < word->folded.len)
            text[used++] = '\'', i += 2;
        else
            text[used++] = word->folded.ptr[i];
    struct slice plain = {text, used};
    return IS_IN(plain, starters);
}

// Two syllables of Chinese written in Latin letters ("yujian"), a consonant and a vowel part each:
// many given names are, and hardly another unknown word.
static const char *take_syllable(const char *at, const char *end)
{
    static const char *const finals[] = {"iang", "iong", "uang", "ang", "eng", "ing", "ong", "ian",
                                         "iao",  "uai",  "uan",  "ai",  "an",  "ao",  "ei",  "en",
                                         "ia",   "ie",   "in",   "iu",  "ou",  "ua",  "ue",  "ui",
                                         "un",   "uo",   "a",    "e",   "i",   "o",   "u"};
    if (at < end && strchr("zcs", *at) && at + 1 < end && at[1] == 'h')
        at += 2;
    else if (at < end && strchr("bpmfdtnlgkhjqxrzcsyw", *at))
        at++;
    else
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(finals); i++) {
        size_t len = strlen(finals[i]);
        if ((size_t)(end - at) >= len && memcmp(at, finals[i], len) == 0)
            return at + len;
    }
    return NULL;
}

static bool is_pinyin(struct slice word)
{
    const char *end = word.ptr + word.len, *behind = take_syllable(word.ptr, end);
    behind = behind ? take_syllable(behind, end) : NULL;
    return behind == end && word.len >= 4;
}

static bool is_initial(const struct word *word)
{
    return word->folded.len == 1 && word->is_capital;
}

// "R.A", "J.R.R"
static bool is_initials(const struct word *word)
{
    for (size_t i = 0; i < word->folded.len; i++)
        if ((word->folded.ptr[i] == '.') != (i % 2 == 1))
            return false;
    return word->is_capital && word->folded.len > 2;
}

static bool is_part(const struct word *word)
{
    return (word->is_capital || word->is_inner) && !word->has_digit &&
           (!word->has_dot || is_initials(word));
}

// A title ends the name, unless it is somebody's given name: "Dean", "Chase".
static bool ends_name(struct arena *arena, const struct word *word, bool is_first)
{
    if (IS_IN(word->folded, never) && !(word->lexicon & LEXICON_GIVEN && is_first))
        return true;
    return name_is_title_word(arena, word->text) &&
           !(word->lexicon & (LEXICON_GIVEN | LEXICON_FAMILY) && word->folded.len > 3);
}

static bool is_street(const struct word *word)
{
    static const char *const list[] = {"ave",    "avenue", "blvd",  "boulevard", "drive",
                                       "garage", "hall",   "hotel", "plaza",     "rd",
                                       "road",   "st",     "street"};
    return IS_IN(word->folded, list);
}

static double score_of(struct arena *arena, const struct word *word, bool is_first, bool is_last,
                       bool all_upper)
{
    double score = 0;
    if (is_initial(word) || is_initials(word) ||
        (IS_IN(word->folded, particles) && !is_first && !is_last))
        return 0;
    if (name_is_company_word(arena, word->text) || is_street(word))
        return NO_NAME;
    if (word->lexicon & LEXICON_GIVEN)
        score += word->lexicon & LEXICON_WORD && !(word->lexicon & LEXICON_FAMILY) ? GIVEN / 2
                 : is_first                                                        ? GIVEN
                                                                                   : FAMILY;
    else if (word->lexicon & LEXICON_FAMILY)
        score += word->lexicon & LEXICON_WORD ? FAMILY / 2 : FAMILY;
    else if (word->lexicon & LEXICON_PLACE)
        score += PLACE;
    else if (word->lexicon & LEXICON_WORD)
        score += COMMON_WORD;
    else
        score += is_pinyin(word->folded) ? GIVEN / 2 : UNKNOWN;
    if (word->is_upper && !all_upper && word->text.len > 2 && !(word->lexicon & LEXICON_GIVEN))
        score += is_first ? SHOUTED : 0;
    // "McKay", "DeLuca" are names; "LinkedIn" is none.
    if (word->is_inner && word->text.len > 5 && !slice_starts_with(word->folded, SLICE("mc")) &&
        !slice_starts_with(word->folded, SLICE("mac")) &&
        !slice_starts_with(word->folded, SLICE("de")) &&
        !slice_starts_with(word->folded, SLICE("o'")) &&
        !slice_starts_with(word->folded, SLICE("d'")))
        score += INNER_CAPITAL;
    return score;
}

// A word that is somebody's name; one that is a common word too counts as a family name behind
// something that is none.
static bool is_known(const struct word *word, bool is_last)
{
    if (word->lexicon & (LEXICON_GIVEN | LEXICON_FAMILY) && !(word->lexicon & LEXICON_WORD))
        return true;
    return (is_last && word->lexicon & LEXICON_FAMILY) ||
           (!word->lexicon && is_pinyin(word->folded));
}

// A nickname in the middle: Augusta "Ada" King, Augusta (Ada) King.
static bool is_nickname(const struct words *words, size_t at)
{
    enum gap before = words->items[at].gap, after = words_gap_after(words, at);
    return at + 1 < words->count && is_part(&words->items[at + 1]) &&
           ((before == GAP_OPEN && after == GAP_CLOSE) ||
            (before == GAP_QUOTE && after == GAP_QUOTE));
}

static bool goes_on(struct arena *arena, const struct words *words, size_t from, size_t at)
{
    const struct word *word = &words->items[at];
    // Behind the first name only: "Ada Byron (Acme) Engines" has none.
    bool nicknamed = (at == from + 1 && is_nickname(words, at)) ||
                     (at == from + 2 && is_nickname(words, at - 1));
    if (word->gap != GAP_SPACE && !nicknamed)
        return false;
    // "Jun Hasebe 長谷部潤" is one name twice.
    if (word->is_east_asian != words->items[from].is_east_asian)
        return false;
    // "Juan Byron y Ada King" are two.
    if (words_is(words, at, "y") && at + 2 < words->count &&
        words->items[at + 1].lexicon & LEXICON_GIVEN && words->items[at + 2].is_capital &&
        words->items[at + 2].gap == GAP_SPACE)
        return false;
    if (IS_IN(word->folded, particles) && !word->is_capital)
        return at + 1 < words->count && words->items[at + 1].gap == GAP_SPACE &&
               is_part(&words->items[at + 1]);
    return is_part(word) && !ends_name(arena, word, false);
}

// Names of China, Japan and Korea in their own characters, without a space: a family name of one to three
// characters, a given name of one to three behind it. 0: it is none.
static double score_of_joined(struct slice word)
{
    enum { MAX_FAMILY = 3, MAX_GIVEN = 3, LIKELY_CHARACTERS = 3 };
    static const double TYPICAL = 2.0, RARE = 0.6;
    size_t characters = unicode_length(word);
    double best = 0;
    struct slice rest = word;
    for (int family = 1; family <= MAX_FAMILY && rest.len; family++) {
        unicode_next(&rest);
        size_t given = unicode_length(rest);
        struct slice front = slice_sub(word, 0, word.len - rest.len);
        if (given == 0 || given > MAX_GIVEN || !(lexicon_look_up(front) & LEXICON_FAMILY))
            continue;
        double score = characters >= LIKELY_CHARACTERS ? TYPICAL : RARE;
        if (lexicon_look_up(rest) & LEXICON_GIVEN)
            score += GIVEN / 2;
        best = score > best ? score : best;
    }
    return best;
}

static bool find_joined(const struct words *words, size_t from, struct found_name *ret_name)
{
    const struct word *word = &words->items[from];
    double score = word->is_east_asian ? score_of_joined(word->folded) : 0;
    *ret_name = (struct found_name){from, from + 1, score, false, score >= NAME_SURE};
    return score > 0;
}

bool name_find(struct arena *arena, const struct words *words, size_t from,
               struct found_name *ret_name)
{
    // "한수아 Han Soo-ah": once more in Latin letters, by which they are known.
    struct found_name latin;
    bool repeats = from + 1 < words->count && words->items[from].is_east_asian &&
                   !words->items[from + 1].is_east_asian &&
                   words->items[from + 1].gap == GAP_SPACE &&
                   name_find(arena, words, from + 1, &latin) && !latin.is_alone;
    if (repeats) {
        *ret_name = latin;
        return true;
    }
    if (from < words->count && find_joined(words, from, ret_name))
        return true;
    if (from >= words->count || !is_part(&words->items[from]) ||
        (name_is_never(&words->items[from]) && !(words->items[from].lexicon & LEXICON_GIVEN)) ||
        ends_name(arena, &words->items[from], true) ||
        (vocabulary_is_occupation(&words->items[from]) &&
         !(words->items[from].lexicon & (LEXICON_GIVEN | LEXICON_FAMILY))))
        return false;
    if (words_offset(words, from) > 0 && words->items[from].text.ptr[-1] == '#')
        return false; // a tag
    // "Vortrag von Ada Byron": the particle is a preposition here.
    if (from + 2 < words->count && !words->items[from].lexicon &&
        IS_IN(words->items[from + 1].folded, particles) &&
        words->items[from + 2].lexicon & LEXICON_GIVEN)
        return false;
    size_t to = from + 1;
    while (to < words->count && to - from < MAX_NAME_WORDS && goes_on(arena, words, from, to))
        to++;
    bool all_upper = true;
    for (size_t i = from; i < to; i++)
        all_upper &= words->items[i].is_upper || is_initial(&words->items[i]);
    bool known = false;
    for (size_t i = from; i < to; i++)
        known |= is_known(&words->items[i], i + 1 == to && to > from + 1) ||
                 (i == from && to > from + 1 && words->items[i].lexicon & LEXICON_GIVEN &&
                  !(words->items[i + 1].lexicon & LEXICON_WORD));
    double score = to - from == 1 ? -1 : to - from <= 3 ? 0.5 : to - from == 4 ? 0 : -1;
    for (size_t i = from; i < to; i++)
        score += score_of(arena, &words->items[i], i == from, i + 1 == to, all_upper);
    // "RF-DETR", "AWS": an abbreviation.
    if (to - from == 1 && words->items[from].is_upper && !known)
        score += SHOUTED;
    // A name of initials and nothing else is none.
    if (to - from == 1 && is_initial(&words->items[from]))
        return false;
    *ret_name = (struct found_name){from, to, score, to - from == 1, known};
    return true;
}
