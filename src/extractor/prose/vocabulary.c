#include "extractor/prose/vocabulary.h"

#include "data.gen.h"
#include "lib/base/ensure.h"
#include "lib/text/unicode.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BYTES = 1024 * 1024, MAX_ENTRIES = 4096, MAX_COLUMNS = 5 };

// The entries of a table in the order of their words, so that those with the same first word are neighbours.
struct entry {
    const char *words; // folded
    struct slice first;
    size_t meaning; // index of what the table's row says
};

struct index {
    struct entry *items;
    size_t count;
};

static struct arena *arena; // of the tables, for the life of the process
static struct index labels, phrases, occupations;
static struct label_word *label_words;
static struct phrase *phrase_meanings;
static pthread_once_t once = PTHREAD_ONCE_INIT;

// ---- reading

static const char *const roles[] = {"speaker", "panelist", "moderator", "judge", "mentor", "host"};
static const char *const relations[] = {"host", "sponsor", "partner", "venue"};
static const char *const counts[] = {"one", "many"};

static const struct {
    const char *name;
    enum label_word_kind kind;
} kinds[] = {
    {"people", LABEL_WORD_PEOPLE},       {"talks", LABEL_WORD_TALKS},
    {"companies", LABEL_WORD_COMPANIES}, {"place", LABEL_WORD_PLACE},
    {"other", LABEL_WORD_OTHER},         {"skip", LABEL_WORD_SKIP},
    {"about", LABEL_WORD_ABOUT},         {"filler", LABEL_WORD_FILLER},
};

static const struct {
    const char *name;
    double needed;
} follows[] = {
    {"only", PHRASE_PEOPLE_ONLY}, {"mostly", PHRASE_PEOPLE_MOSTLY}, {"either", PHRASE_EITHER},
    {"hardly", PHRASE_HARDLY},    {"sign", PHRASE_EITHER},
};

// The constant that the column names; NULL for "-".
static const char *constant_of(struct slice column, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(column, slice_from_cstr(list[i])))
            return list[i];
    ensure(slice_equal(column, SLICE("-")));
    return NULL;
}

static void add_entries(struct index *index, struct slice texts, size_t meaning)
{
    struct slice text;
    while (slice_split_next(&texts, '|', &text)) {
        struct slice folded = unicode_fold(arena, text), rest = folded, first;
        ensure(folded.len && index->count < MAX_ENTRIES);
        slice_split_next(&rest, ' ', &first);
        index->items[index->count++] = (struct entry){arena_cstr(arena, folded), first, meaning};
    }
}

static int by_words(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    int order = slice_compare(left->first, right->first);
    return order ? order : strcmp(left->words, right->words);
}

static void sort(struct index *index)
{
    qsort(index->items, index->count, sizeof *index->items, by_words);
    for (size_t i = 1; i < index->count; i++)
        ensure(strcmp(index->items[i - 1].words, index->items[i].words) != 0); // one meaning each
}

static size_t count_rows(struct slice table)
{
    size_t count = 0;
    struct slice row;
    while (slice_split_next(&table, '\n', &row))
        count += row.len > 0;
    return count;
}

static bool next_row(struct slice *table, size_t count, struct slice ret_columns[MAX_COLUMNS])
{
    struct slice row;
    do
        if (!slice_split_next(table, '\n', &row))
            return false;
    while (row.len == 0);
    for (size_t i = 0; i < count; i++)
        ensure(slice_split_next(&row, '\t', &ret_columns[i]));
    ensure(!row.ptr);
    return true;
}

static void read_labels(struct slice table)
{
    struct slice columns[MAX_COLUMNS];
    label_words = ARENA_ARRAY(arena, count_rows(table), struct label_word);
    labels.items = ARENA_ARRAY(arena, MAX_ENTRIES, struct entry);
    for (size_t row = 0; next_row(&table, 5, columns); row++) {
        struct label_word word = {.role = constant_of(columns[1], roles, ARRAY_LEN(roles)),
                                  .relation =
                                      constant_of(columns[2], relations, ARRAY_LEN(relations))};
        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
            if (slice_equal(columns[0], slice_from_cstr(kinds[i].name)))
                word.kind = kinds[i].kind;
        ensure(word.kind);
        word.is_one = constant_of(columns[3], counts, ARRAY_LEN(counts)) == counts[0];
        label_words[row] = word;
        add_entries(&labels, columns[4], row);
    }
    sort(&labels);
}

static void read_phrases(struct slice table)
{
    struct slice columns[MAX_COLUMNS];
    phrase_meanings = ARENA_ARRAY(arena, MAX_ENTRIES, struct phrase);
    phrases.items = ARENA_ARRAY(arena, MAX_ENTRIES, struct entry);
    while (next_row(&table, 4, columns)) {
        struct phrase phrase = {.role = constant_of(columns[0], roles, ARRAY_LEN(roles)),
                                .relation =
                                    constant_of(columns[1], relations, ARRAY_LEN(relations)),
                                .needs_sign = slice_equal(columns[2], SLICE("sign"))};
        for (size_t i = 0; i < ARRAY_LEN(follows); i++)
            if (slice_equal(columns[2], slice_from_cstr(follows[i].name)))
                phrase.needed = follows[i].needed;
        ensure(phrase.needed > 0);
        size_t from = phrases.count;
        add_entries(&phrases, columns[3], from);
        for (size_t i = from; i < phrases.count; i++) {
            phrase.words = phrases.items[i].words;
            phrases.items[i].meaning = i;
            phrase_meanings[i] = phrase;
        }
    }
    sort(&phrases);
}

static void read_occupations(struct slice table)
{
    struct slice columns[MAX_COLUMNS];
    occupations.items = ARENA_ARRAY(arena, MAX_ENTRIES, struct entry);
    while (next_row(&table, 2, columns))
        add_entries(&occupations, columns[1], 0);
    sort(&occupations);
}

static void read_tables(void)
{
    arena = arena_new(ARENA_BYTES);
    read_labels(data_labels);
    read_phrases(data_phrases);
    read_occupations(data_occupations);
}

// ---- looking up

// The first entry with this first word, or where it would stand.
static size_t first_with(const struct index *index, struct slice first)
{
    size_t low = 0, high = index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (slice_compare(index->items[middle].first, first) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const struct entry *find(const struct index *index, const struct words *words, size_t at,
                                size_t *ret_end)
{
    const struct entry *best = NULL;
    *ret_end = 0;
    if (at >= words->count)
        return NULL;
    struct slice first = words->items[at].folded;
    for (size_t i = first_with(index, first);
         i < index->count && slice_equal(index->items[i].first, first); i++) {
        size_t end = words_phrase_end(words, at, index->items[i].words);
        if (end > *ret_end)
            best = &index->items[i], *ret_end = end;
    }
    return best;
}

const struct label_word *vocabulary_label_word(const struct words *words, size_t at,
                                               size_t *ret_end)
{
    pthread_once(&once, read_tables);
    const struct entry *entry = find(&labels, words, at, ret_end);
    return entry ? &label_words[entry->meaning] : NULL;
}

const struct phrase *vocabulary_phrase(const struct words *words, size_t at, size_t *ret_end)
{
    pthread_once(&once, read_tables);
    const struct entry *entry = find(&phrases, words, at, ret_end);
    return entry ? &phrase_meanings[entry->meaning] : NULL;
}

bool vocabulary_is_occupation(const struct word *word)
{
    pthread_once(&once, read_tables);
    struct slice folded = word->folded;
    size_t at = first_with(&occupations, folded);
    if (at < occupations.count && slice_equal(occupations.items[at].first, folded))
        return true;
    // Without spaces between: "資料工程師".
    for (size_t i = 0; i < occupations.count && word->is_east_asian; i++)
        if (slice_ends_with(folded, occupations.items[i].first))
            return true;
    return false;
}
