#include "extractor/prose/label.h"

#include "extractor/prose/vocabulary.h"
#include "lib/text/lexicon.h"

enum { MAX_WORDS = 9, MAX_UNKNOWN = 3, SENTENCE_TAIL = 6 };

static bool is_number(struct slice word)
{
    for (size_t i = 0; i < word.len; i++)
        if (word.ptr[i] < '0' || word.ptr[i] > '9')
            return false;
    return word.len > 0;
}

// "", "this event", "the hackathon", "l'événement": nothing with a name of its own.
static bool is_this_event(const struct words *words, size_t from, size_t to)
{
    static const char *const list[] = {"this",  "the",    "event",      "evento", "el",
                                       "o",     "este",   "das",        "die",    "der",
                                       "diese", "dieses", "l'evenement"};
    for (size_t i = from; i < to; i++)
        if (words->items[i].is_capital && !(words->items[i].lexicon & LEXICON_WORD))
            return false;
    return from == to || WORDS_IS_ONE_OF(words, from, list);
}

// What the words of a label say, one by one.
struct label_parts {
    const struct label_word *key; // the word that says who stands there
    size_t key_at, key_end;
    size_t unknown; // words that nothing is known of
    bool is_joined; // another one stands behind an "and"
    bool skips, is_other;
    size_t about; // the word behind "about", 0: there is none
};

static bool names_somebody(const struct label_word *word)
{
    return word && word->kind >= LABEL_WORD_PEOPLE && word->kind <= LABEL_WORD_PLACE;
}

// "venue sponsor": the last one says what it is; "sponsors and partners": the first. "judging panel": how
// they sit says less than what they do. "keynote address": no place.
static bool is_better_key(const struct label_parts *parts, const struct label_word *word)
{
    bool is_speech =
        parts->key && word->kind == LABEL_WORD_PLACE && parts->key->kind <= LABEL_WORD_TALKS;
    return !parts->is_joined && !is_speech && (!parts->key || word->kind != LABEL_WORD_TALKS);
}

static void take_part(struct label_parts *parts, const struct words *words,
                      const struct label_word *word, size_t at, size_t end)
{
    enum label_word_kind kind = word ? word->kind : LABEL_WORD_NONE;
    if (names_somebody(word)) {
        if (is_better_key(parts, word))
            parts->key = word, parts->key_at = at, parts->key_end = end;
    } else if (kind == LABEL_WORD_ABOUT && parts->unknown == 0 && !parts->key)
        parts->about = end;
    else if (kind == LABEL_WORD_SKIP || kind == LABEL_WORD_ABOUT)
        parts->skips = true;
    else if (kind == LABEL_WORD_OTHER)
        parts->is_other = true;
    else if (!word && !is_number(words->items[at].folded))
        parts->unknown++;
}

static struct label_parts parts_of(const struct words *words, size_t from, size_t to)
{
    struct label_parts parts = {0};
    for (size_t at = from, end; at < to; at = end) {
        const struct label_word *word = vocabulary_label_word(words, at, &end);
        if (!word || end > to)
            word = NULL, end = at + 1;
        bool connects = at > from && (words->items[at].gap == GAP_AND ||
                                      words->items[at].gap == GAP_SLASH || words_is_and(words, at));
        parts.is_joined |= parts.key && connects;
        take_part(&parts, words, word, at, end);
    }
    return parts;
}

// "Hosted by the Loom Guild" names somebody itself; "Judging with models" is about something.
static bool names_by(const struct words *words, const struct label_parts *parts, size_t to)
{
    bool is_whole = to == words->count && words->end != GAP_COLON;
    return parts->unknown && ((is_whole && words_is_by(words, parts->key_end)) ||
                              words_is_with(words, parts->key_end));
}

static struct label label_of(const struct label_word *key)
{
    enum label_kind kind = key->kind == LABEL_WORD_PLACE       ? LABEL_PLACE
                           : key->kind == LABEL_WORD_COMPANIES ? LABEL_COMPANY
                                                               : LABEL_PEOPLE;
    return (struct label){.kind = kind,
                          .role = key->role,
                          .relation = key->relation,
                          .is_one = key->is_one,
                          .is_title = key->kind == LABEL_WORD_TALKS};
}

struct label label_read(const struct words *words, size_t from, size_t to, bool is_heading)
{
    if (to > words->count || from >= to || to - from > MAX_WORDS)
        return (struct label){0};
    struct label_parts parts = parts_of(words, from, to);
    // "About the hosts" says who they are, "About this event" what it is.
    if (parts.about && !parts.key && is_this_event(words, parts.about, to))
        return (struct label){.kind = is_heading ? LABEL_OTHER : LABEL_NONE};
    bool skips = parts.skips || (parts.about && !parts.key);
    if ((skips || parts.is_other) && parts.unknown > MAX_UNKNOWN)
        return (struct label){0};
    if ((skips && !(parts.about && parts.key)) || parts.is_other)
        return (struct label){.kind = !is_heading ? LABEL_NONE : skips ? LABEL_SKIP : LABEL_OTHER};
    bool at_edge =
        parts.key && !names_by(words, &parts, to) && (parts.key_at == from || parts.key_end == to);
    bool may_name = is_heading && at_edge && parts.unknown <= MAX_UNKNOWN;
    if (!parts.key || (parts.unknown && !may_name))
        return (struct label){0};
    struct label label = label_of(parts.key);
    label.is_sure = parts.unknown == 0;
    return label;
}

struct label label_in_sentence(const struct words *words)
{
    size_t from = words->count > SENTENCE_TAIL ? words->count - SENTENCE_TAIL : 0;
    struct label label = {0};
    for (size_t at = from, end; at < words->count; at = end) {
        const struct label_word *word = vocabulary_label_word(words, at, &end);
        end = word ? end : at + 1;
        if (word && (word->kind == LABEL_WORD_SKIP || word->kind == LABEL_WORD_OTHER ||
                     word->kind == LABEL_WORD_ABOUT))
            return (struct label){0};
        bool people = word && (word->kind == LABEL_WORD_PEOPLE || word->kind == LABEL_WORD_TALKS);
        if (people && (!label.kind || label.is_title))
            label = label_of(word);
    }
    label.is_one = label.is_title = false;
    return label;
}
