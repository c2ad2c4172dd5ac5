#include "extractor/topics/taxonomy.h"

#include "data.gen.h"
#include "lib/base/ensure.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { ARENA_BYTES = 16 * 1024 * 1024, CATEGORY_COLUMN = 1, ALIAS_COLUMN, PARENT_COLUMN, COLUMNS };

// One alias at its node; several differ by their capitals.
struct alias {
    uint16_t topic;
    bool is_weak, is_hint, title_only;
    const struct slice *written; // the words as they must be written; NULL: any case
    uint32_t next;               // of the same node; 0: none
};

struct edge {
    uint32_t from, word, to; // to 0: a free place
};

struct word {
    struct slice text; // absent: a free place
    uint32_t id;
};

struct taxonomy {
    struct arena *arena;
    struct taxonomy_topic *topics;
    size_t topic_count;
    struct word *words; // open addressing; so are the edges
    struct edge *edges;
    struct alias *aliases;
    uint32_t *node_aliases; // the first alias of each node
    size_t places, word_count, node_count, alias_count;
};

static const char *const categories[] = {"technology", "industry", "format"};

// ---- the two hash tables

static uint64_t hash_text(struct slice text)
{
    uint64_t hash = 0xcbf29ce484222325; // FNV-1a
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.ptr[i]) * 0x100000001b3;
    return hash ^ (hash >> 32);
}

static struct word *word_place(const struct taxonomy *taxonomy, struct slice text)
{
    size_t place = hash_text(text) & (taxonomy->places - 1);
    while (taxonomy->words[place].id && !slice_equal(taxonomy->words[place].text, text))
        place = (place + 1) & (taxonomy->places - 1);
    return &taxonomy->words[place];
}

static struct edge *edge_place(const struct taxonomy *taxonomy, uint32_t from, uint32_t word)
{
    uint64_t hash = (((uint64_t)from << 32) | word) * 0x9e3779b97f4a7c15;
    size_t place = (hash >> 32) & (taxonomy->places - 1);
    const struct edge *edges = taxonomy->edges;
    while (edges[place].to && (edges[place].from != from || edges[place].word != word))
        place = (place + 1) & (taxonomy->places - 1);
    return &taxonomy->edges[place];
}

static uint32_t find_word(void *context, struct slice stem)
{
    const struct taxonomy *const *taxonomy = context;
    return word_place(*taxonomy, stem)->id;
}

static uint32_t intern_word(void *context, struct slice stem)
{
    struct taxonomy *taxonomy = context;
    struct word *word = word_place(taxonomy, stem);
    if (word->id == 0) {
        ensure(taxonomy->word_count < taxonomy->places / 2);
        *word = (struct word){arena_slice(taxonomy->arena, stem), (uint32_t)++taxonomy->word_count};
    }
    return word->id;
}

// ---- reading the table

static bool has_capital(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] >= 'A' && text.ptr[i] <= 'Z')
            return true;
    return false;
}

// The node at the end of the words; the nodes on the way are made.
static uint32_t make_path(struct taxonomy *taxonomy, const struct topic_words *words)
{
    uint32_t node = 0;
    for (size_t i = 0; i < words->count; i++) {
        struct edge *edge = edge_place(taxonomy, node, words->items[i].id);
        if (edge->to == 0) {
            ensure(taxonomy->node_count < taxonomy->places / 2);
            *edge = (struct edge){node, words->items[i].id, (uint32_t)taxonomy->node_count++};
        }
        node = edge->to;
    }
    return node;
}

static void add_alias(struct taxonomy *taxonomy, size_t topic, struct slice text, bool any_case)
{
    struct alias alias = {.topic = (uint16_t)topic};
    char mark = text.ptr[text.len - 1];
    alias.is_weak = mark == '?';
    alias.is_hint = mark == '~';
    alias.title_only = mark == '!';
    if (alias.is_weak || alias.is_hint || alias.title_only)
        text.len--;
    struct topic_words words = topic_words_of(taxonomy->arena, text, intern_word, taxonomy);
    ensure(words.count > 0 && words.count <= TAXONOMY_MAX_ALIAS_WORDS);
    if (!any_case && has_capital(text)) {
        struct slice *written = ARENA_ARRAY(taxonomy->arena, words.count, struct slice);
        for (size_t i = 0; i < words.count; i++)
            written[i] = words.items[i].text;
        alias.written = written;
    }
    ensure(taxonomy->alias_count < taxonomy->places);
    uint32_t *first = &taxonomy->node_aliases[make_path(taxonomy, &words)];
    // Those with capitals come first: they say more.
    if (*first && !alias.written) {
        while (taxonomy->aliases[*first].next)
            first = &taxonomy->aliases[*first].next;
        ensure(taxonomy->aliases[*first].written); // one alias, two topics
        first = &taxonomy->aliases[*first].next;
    }
    alias.next = *first;
    *first = (uint32_t)taxonomy->alias_count;
    taxonomy->aliases[taxonomy->alias_count++] = alias;
}

static size_t find_topic(const struct taxonomy *taxonomy, struct slice name)
{
    for (size_t i = 0; i < taxonomy->topic_count; i++)
        if (slice_equal(taxonomy->topics[i].name, name))
            return i;
    return SIZE_MAX;
}

static void split_row(struct slice row, struct slice ret_columns[static COLUMNS])
{
    for (size_t i = 0; i < COLUMNS; i++)
        ensure(slice_split_next(&row, '\t', &ret_columns[i]));
    ensure(!row.ptr);
}

static void add_topic(struct taxonomy *taxonomy, const struct slice columns[static COLUMNS])
{
    struct taxonomy_topic topic = {.name = columns[0]};
    ensure(taxonomy->topic_count < TAXONOMY_MAX_TOPICS && columns[0].len);
    ensure(find_topic(taxonomy, columns[0]) == SIZE_MAX);
    for (size_t i = 0; i < ARRAY_LEN(categories); i++)
        if (slice_equal(columns[CATEGORY_COLUMN], slice_from_cstr(categories[i])))
            topic.category = categories[i];
    ensure(topic.category || slice_equal(columns[CATEGORY_COLUMN], SLICE("none")));
    taxonomy->topics[taxonomy->topic_count++] = topic;
}

static void add_aliases(struct taxonomy *taxonomy, size_t topic,
                        const struct slice columns[static COLUMNS])
{
    struct slice rest = columns[ALIAS_COLUMN], alias;
    bool with_name = taxonomy->topics[topic].category;
    while (slice_split_next(&rest, '|', &alias)) {
        if (slice_equal(alias, SLICE("-")))
            with_name = false;
        else if (alias.len)
            add_alias(taxonomy, topic, alias, false);
    }
    if (with_name)
        add_alias(taxonomy, topic, columns[0], true);
}

static void add_parents(struct taxonomy *taxonomy, size_t topic, struct slice names)
{
    struct slice name;
    while (slice_split_next(&names, '|', &name)) {
        if (name.len == 0)
            continue;
        struct taxonomy_topic *child = &taxonomy->topics[topic];
        size_t parent = find_topic(taxonomy, name);
        ensure(parent != SIZE_MAX && parent != topic);
        ensure(child->parent_count < TAXONOMY_MAX_PARENTS);
        ensure(!taxonomy_is_above(taxonomy, topic, parent)); // no circles
        child->parents[child->parent_count++] = (uint16_t)parent;
    }
}

static void for_each_row(struct taxonomy *taxonomy, struct slice table,
                         void (*use)(struct taxonomy *taxonomy, size_t index,
                                     const struct slice columns[static COLUMNS]))
{
    struct slice row, columns[COLUMNS];
    for (size_t index = 0; slice_split_next(&table, '\n', &row);) {
        if (row.len == 0)
            continue;
        split_row(row, columns);
        use(taxonomy, index++, columns);
    }
}

static void first_pass(struct taxonomy *taxonomy, size_t,
                       const struct slice columns[static COLUMNS])
{
    add_topic(taxonomy, columns);
}

static void second_pass(struct taxonomy *taxonomy, size_t index,
                        const struct slice columns[static COLUMNS])
{
    add_aliases(taxonomy, index, columns);
    add_parents(taxonomy, index, columns[PARENT_COLUMN]);
}

static void count_below(struct taxonomy *taxonomy)
{
    for (size_t i = 0; i < taxonomy->topic_count; i++)
        for (size_t above = 0; above < taxonomy->topic_count; above++)
            taxonomy->topics[above].below_count += taxonomy_is_above(taxonomy, above, i);
}

const struct taxonomy *taxonomy_new(struct arena *arena, struct slice table)
{
    struct taxonomy *taxonomy = ARENA_NEW(arena, struct taxonomy);
    *taxonomy = (struct taxonomy){.arena = arena, .places = 64};
    while (taxonomy->places < table.len / 3)
        taxonomy->places *= 2;
    taxonomy->topics = ARENA_ARRAY(arena, TAXONOMY_MAX_TOPICS, struct taxonomy_topic);
    taxonomy->words = ARENA_ARRAY(arena, taxonomy->places, struct word);
    taxonomy->edges = ARENA_ARRAY(arena, taxonomy->places, struct edge);
    taxonomy->aliases = ARENA_ARRAY(arena, taxonomy->places, struct alias);
    taxonomy->node_aliases = ARENA_ARRAY(arena, taxonomy->places, uint32_t);
    taxonomy->node_count = taxonomy->alias_count = 1; // 0 is the root, and no alias
    for_each_row(taxonomy, table, first_pass);
    for_each_row(taxonomy, table, second_pass);
    count_below(taxonomy);
    return taxonomy;
}

static pthread_once_t built_in_once = PTHREAD_ONCE_INIT;
static const struct taxonomy *built_in;

static void read_built_in(void)
{
    built_in = taxonomy_new(arena_new(ARENA_BYTES), data_topics);
}

const struct taxonomy *taxonomy_get(void)
{
    pthread_once(&built_in_once, read_built_in);
    return built_in;
}

// ---- using it

size_t taxonomy_count(const struct taxonomy *taxonomy)
{
    return taxonomy->topic_count;
}

const struct taxonomy_topic *taxonomy_topic(const struct taxonomy *taxonomy, size_t index)
{
    ensure(index < taxonomy->topic_count);
    return &taxonomy->topics[index];
}

bool taxonomy_is_above(const struct taxonomy *taxonomy, size_t above, size_t below)
{
    const struct taxonomy_topic *topic = &taxonomy->topics[below];
    for (size_t i = 0; i < topic->parent_count; i++)
        if (topic->parents[i] == above || taxonomy_is_above(taxonomy, above, topic->parents[i]))
            return true;
    return false;
}

struct topic_words taxonomy_words(const struct taxonomy *taxonomy, struct arena *arena,
                                  struct slice text)
{
    return topic_words_of(arena, text, find_word, &taxonomy);
}

// As the alias writes it; a plural's "s" may follow.
static bool is_written(const struct topic_word *words, size_t count, const struct slice *written)
{
    for (size_t i = 0; i < count; i++) {
        struct slice text = words[i].text;
        if (text.len == written[i].len + 1 && (text.ptr[text.len - 1] | 0x20) == 's')
            text.len--;
        if (!slice_equal(text, written[i]))
            return false;
    }
    return true;
}

static const struct alias *alias_at(const struct taxonomy *taxonomy, uint32_t node,
                                    const struct topic_word *words, size_t count, bool with_case)
{
    for (uint32_t i = taxonomy->node_aliases[node]; i; i = taxonomy->aliases[i].next) {
        const struct alias *alias = &taxonomy->aliases[i];
        if (!alias->written || (with_case && is_written(words, count, alias->written)))
            return alias;
    }
    return NULL;
}

bool taxonomy_match(const struct taxonomy *taxonomy, const struct topic_words *words, size_t at,
                    bool with_case, struct taxonomy_match *ret_match)
{
    bool found = false;
    uint32_t node = 0;
    for (size_t i = at; i < words->count; i++) {
        const struct topic_word *word = &words->items[i];
        if (word->id == 0 || (i > at && word->after_break))
            break;
        node = edge_place(taxonomy, node, word->id)->to;
        if (node == 0)
            break;
        size_t count = i - at + 1;
        const struct alias *alias = alias_at(taxonomy, node, &words->items[at], count, with_case);
        if (!alias)
            continue;
        *ret_match = (struct taxonomy_match){.topic = alias->topic,
                                             .word_count = count,
                                             .is_weak = alias->is_weak,
                                             .is_hint = alias->is_hint,
                                             .title_only = alias->title_only};
        found = true;
    }
    return found;
}
