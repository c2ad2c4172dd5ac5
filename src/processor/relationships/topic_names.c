#include "processor/relationships/topic_names.h"

#include "data.gen.h"
#include "lib/base/ensure.h"
#include "lib/text/names.h"

#include <pthread.h>
#include <stdlib.h>

enum { ARENA_BYTES = 16 * 1024 * 1024, MAX_TOPICS = 2000, MAX_SPELLINGS = 20000 };

struct spelling {
    struct slice text; // squeezed
    const struct topic_name *topic;
    bool is_name;
};

static struct {
    struct arena *arena;
    struct topic_name topics[MAX_TOPICS];
    struct spelling spellings[MAX_SPELLINGS]; // sorted, unique
    size_t topic_count, count;
} names;
static pthread_once_t once = PTHREAD_ONCE_INIT;

// The letters and digits of a name: spaces, hyphens and a "#" in front make no other topic.
static struct slice squeeze(struct arena *arena, struct slice name)
{
    struct slice key = name_normalize(arena, name);
    char *out = arena_alloc(arena, key.len + 1);
    size_t used = 0;
    for (size_t i = 0; i < key.len; i++)
        if (key.ptr[i] != ' ')
            out[used++] = key.ptr[i];
    return (struct slice){out, used};
}

// ---- reading the table

static void add_spelling(struct slice text, const struct topic_name *topic, bool is_name)
{
    struct slice squeezed = squeeze(names.arena, text);
    ensure(names.count < MAX_SPELLINGS);
    if (squeezed.len)
        names.spellings[names.count++] = (struct spelling){squeezed, topic, is_name};
}

static const char *find_category(struct slice text)
{
    static const char *const categories[] = {"technology", "industry", "format"};
    for (size_t i = 0; i < ARRAY_LEN(categories); i++)
        if (slice_equal(text, slice_from_cstr(categories[i])))
            return categories[i];
    return NULL;
}

static void read_line(struct slice line)
{
    struct slice name, category, aliases, alias;
    if (!slice_split_next(&line, '\t', &name) || !slice_split_next(&line, '\t', &category) ||
        !find_category(category))
        return; // words that say nothing
    ensure(names.topic_count < MAX_TOPICS);
    struct topic_name *topic = &names.topics[names.topic_count++];
    *topic = (struct topic_name){name, name_normalize(names.arena, name), find_category(category)};
    add_spelling(name, topic, true);
    if (!slice_split_next(&line, '\t', &aliases))
        return;
    while (slice_split_next(&aliases, '|', &alias)) {
        while (alias.len && (alias.ptr[alias.len - 1] == '?' || alias.ptr[alias.len - 1] == '!'))
            alias.len--;
        if (!slice_equal(alias, SLICE("-")))
            add_spelling(alias, topic, false);
    }
}

static int compare_spellings(const void *a, const void *b)
{
    const struct spelling *x = a, *y = b;
    int order = slice_compare(x->text, y->text);
    return order ? order : (int)y->is_name - (int)x->is_name;
}

static void read_names(void)
{
    struct slice rest = data_topics, line;
    size_t unique = 0;
    names.arena = arena_new(ARENA_BYTES);
    while (slice_split_next(&rest, '\n', &line))
        if (line.len && line.ptr[0] != '#')
            read_line(line);
    qsort(names.spellings, names.count, sizeof *names.spellings, compare_spellings);
    for (size_t i = 0; i < names.count; i++)
        if (unique == 0 || !slice_equal(names.spellings[unique - 1].text, names.spellings[i].text))
            names.spellings[unique++] = names.spellings[i];
    names.count = unique;
}

// ---- looking up

static int compare_text(const void *key, const void *spelling)
{
    return slice_compare(*(const struct slice *)key, ((const struct spelling *)spelling)->text);
}

static const struct spelling *find(struct slice squeezed)
{
    return squeezed.len ? bsearch(&squeezed, names.spellings, names.count, sizeof *names.spellings,
                                  compare_text)
                        : NULL;
}

const struct topic_name *topic_name_find(struct arena *arena, struct slice name)
{
    pthread_once(&once, read_names);
    const struct spelling *found = find(squeeze(arena, name));
    return found && found->is_name ? found->topic : NULL;
}

const struct topic_name *topic_name_find_alias(struct arena *arena, struct slice name)
{
    pthread_once(&once, read_names);
    struct slice squeezed = squeeze(arena, name);
    const struct spelling *found = find(squeezed);
    if (!found && slice_ends_with(squeezed, SLICE("s"))) // plurals need no alias of their own
        found = find(slice_sub(squeezed, 0, squeezed.len - 1));
    return found ? found->topic : NULL;
}
