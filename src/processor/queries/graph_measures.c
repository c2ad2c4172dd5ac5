// The named queries that look at the whole graph at once: they are answered from a snapshot, on its thread.
#include "lib/base/ensure.h"
#include "processor/graph/measures.h"
#include "processor/queries/graph.h"

#include <stdlib.h>

enum { MAX_TOPIC_LABELS = 3 };

static void write_node(const struct graph_snapshot *snapshot, uint32_t node, struct json_writer *w)
{
    const struct graph_node *it = &snapshot->nodes[node];
    json_key(w, "id");
    json_cstr(w, it->id);
    json_key(w, "type");
    json_cstr(w, graph_kind_name(it->kind));
    json_key(w, "label");
    json_cstr(w, it->label);
}

static void write_person(const struct graph_snapshot *snapshot, uint32_t person,
                         struct json_writer *w)
{
    write_node(snapshot, snapshot->people[person], w);
    if (!snapshot->centrality.known)
        return;
    json_key(w, "degree");
    json_int(w, (int64_t)VECTOR(snapshot->centrality.degree)[person]);
}

static void write_head(const struct graph_snapshot *snapshot, struct json_writer *w)
{
    json_key(w, "as_of");
    json_cstr(w, snapshot->as_of);
    json_key(w, "people");
    json_int(w, (int64_t)snapshot->person_count);
    json_key(w, "ties");
    json_int(w, (int64_t)snapshot->tie_count);
    json_key(w, "truncated");
    json_bool(w, snapshot->truncated);
}

static size_t limit_of(const struct route_call *call)
{
    return (size_t)route_value_get(call, "limit")->integer;
}

// -------------------------------------------------------------------------------------- central speakers

struct ranked {
    double value;
    uint32_t person;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->value > y->value || x->value < y->value)
        return x->value > y->value ? -1 : 1;
    return x->person < y->person ? -1 : x->person > y->person;
}

static const igraph_vector_t *measure_named(const struct graph_centrality *c, struct slice name)
{
    if (slice_equal(name, SLICE("degree")))
        return &c->degree;
    if (slice_equal(name, SLICE("strength")))
        return &c->strength;
    if (slice_equal(name, SLICE("betweenness")))
        return &c->betweenness;
    return &c->pagerank;
}

static struct ranked *rank_people(const struct graph_snapshot *snapshot,
                                  const igraph_vector_t *values, size_t *ret_count)
{
    struct ranked *ranked = calloc(snapshot->person_count + 1, sizeof *ranked);
    ensure(ranked != NULL);
    *ret_count = 0;
    for (size_t i = 0; i < snapshot->person_count; i++)
        if (VECTOR(snapshot->centrality.degree)[i] > 0)
            ranked[(*ret_count)++] = (struct ranked){VECTOR(*values)[i], (uint32_t)i};
    qsort(ranked, *ret_count, sizeof *ranked, compare_ranked);
    return ranked;
}

enum err graph_answer_central(struct route_call *call, struct graph_snapshot *snapshot,
                              struct json_writer *w, struct error *ret_error)
{
    const struct graph_centrality *c = &snapshot->centrality;
    enum err err = graph_measure_centrality(snapshot, ret_error);
    if (err)
        return err;
    struct slice by = route_value_get(call, "by")->text;
    size_t count;
    struct ranked *ranked = rank_people(snapshot, measure_named(c, by), &count);
    write_head(snapshot, w);
    json_key(w, "by");
    json_text(w, by);
    json_key(w, "betweenness_steps"); // null: paths of any length
    if (c->betweenness_cutoff < 0)
        json_null(w);
    else
        json_int(w, c->betweenness_cutoff);
    json_key(w, "data");
    json_begin_array(w);
    for (size_t i = 0; i < count && i < limit_of(call); i++) {
        uint32_t person = ranked[i].person;
        json_begin_object(w);
        json_key(w, "rank");
        json_int(w, (int64_t)i + 1);
        write_person(snapshot, person, w);
        json_key(w, "strength");
        json_int(w, (int64_t)VECTOR(c->strength)[person]);
        json_key(w, "betweenness");
        json_double(w, VECTOR(c->betweenness)[person]);
        json_key(w, "pagerank");
        json_double(w, VECTOR(c->pagerank)[person]);
        json_end_object(w);
    }
    json_end_array(w);
    free(ranked);
    return ERR_OK;
}

// ------------------------------------------------------------------------------------------- communities

struct topic_count {
    uint32_t topic, events;
};

static int compare_topic_counts(const void *a, const void *b)
{
    const struct topic_count *x = a, *y = b;
    if (x->events != y->events)
        return x->events > y->events ? -1 : 1;
    return x->topic < y->topic ? -1 : x->topic > y->topic;
}

// Events of a community are those where one of its people appears; each counts once for each of its topics. The topics
// that have any come first in counts, most events first; how many they are.
static size_t count_topics(const struct graph_snapshot *snapshot, size_t community,
                           struct topic_count *counts)
{
    for (size_t i = 0; i < snapshot->node_count; i++)
        counts[i] = (struct topic_count){.topic = (uint32_t)i};
    for (size_t from = 0, end; from < snapshot->link_count; from = end) {
        bool theirs = false;
        for (end = from; end < snapshot->link_count &&
                         snapshot->links[end].event == snapshot->links[from].event;
             end++) {
            uint32_t person = snapshot->nodes[snapshot->links[end].entity].person;
            theirs |= person != GRAPH_NONE &&
                      (size_t)VECTOR(snapshot->communities.membership)[person] == community;
        }
        for (size_t i = from; theirs && i < end; i++)
            if (snapshot->nodes[snapshot->links[i].entity].kind == GRAPH_TOPIC)
                counts[snapshot->links[i].entity].events++;
    }
    size_t count = 0;
    for (size_t i = 0; i < snapshot->node_count; i++)
        if (counts[i].events > 0)
            counts[count++] = counts[i];
    qsort(counts, count, sizeof *counts, compare_topic_counts);
    return count;
}

static void write_topics(const struct graph_snapshot *snapshot, size_t community,
                         struct topic_count *counts, struct json_writer *w)
{
    size_t count = count_topics(snapshot, community, counts);
    json_key(w, "topics");
    json_begin_array(w);
    for (size_t i = 0; i < MAX_TOPIC_LABELS && i < count; i++) {
        json_begin_object(w);
        write_node(snapshot, counts[i].topic, w);
        json_key(w, "events");
        json_int(w, counts[i].events);
        json_end_object(w);
    }
    json_end_array(w);
}

// Members in the order of how many people they have met.
static void write_members(const struct graph_snapshot *snapshot, size_t community, size_t most,
                          struct ranked *members, struct json_writer *w)
{
    size_t size = 0;
    for (size_t i = 0; i < snapshot->person_count; i++)
        if ((size_t)VECTOR(snapshot->communities.membership)[i] == community)
            members[size++] = (struct ranked){VECTOR(snapshot->centrality.degree)[i], (uint32_t)i};
    qsort(members, size, sizeof *members, compare_ranked);
    json_key(w, "size");
    json_int(w, (int64_t)size);
    json_key(w, "members");
    json_begin_array(w);
    for (size_t i = 0; i < size && i < most; i++) {
        json_begin_object(w);
        write_person(snapshot, members[i].person, w);
        json_end_object(w);
    }
    json_end_array(w);
    json_key(w, "truncated");
    json_bool(w, size > most);
}

// The communities of at least that many people; they are in the order of size.
static size_t count_large(const struct graph_snapshot *snapshot, size_t least)
{
    const struct graph_communities *found = &snapshot->communities;
    size_t *sizes = calloc(found->count + 1, sizeof *sizes), count = 0;
    ensure(sizes != NULL);
    for (size_t i = 0; i < snapshot->person_count; i++)
        sizes[VECTOR(found->membership)[i]]++;
    while (count < found->count && sizes[count] >= least)
        count++;
    free(sizes);
    return count;
}

enum err graph_answer_communities(struct route_call *call, struct graph_snapshot *snapshot,
                                  struct json_writer *w, struct error *ret_error)
{
    enum err err = graph_measure_centrality(snapshot, ret_error); // for the members' order
    if (!err)
        err = graph_find_communities(snapshot, ret_error);
    if (err)
        return err;
    size_t count = count_large(snapshot, (size_t)route_value_get(call, "min_size")->integer);
    size_t most = (size_t)route_value_get(call, "members")->integer;
    struct topic_count *counts = calloc(snapshot->node_count + 1, sizeof *counts);
    struct ranked *members = calloc(snapshot->person_count + 1, sizeof *members);
    ensure(counts != NULL && members != NULL);
    write_head(snapshot, w);
    json_key(w, "algorithm");
    json_cstr(w, "leiden");
    json_key(w, "modularity");
    json_double(w, snapshot->communities.modularity);
    json_key(w, "communities");
    json_int(w, (int64_t)count);
    json_key(w, "data");
    json_begin_array(w);
    for (size_t g = 0; g < count && g < limit_of(call); g++) {
        json_begin_object(w);
        json_key(w, "community");
        json_int(w, (int64_t)g + 1);
        write_members(snapshot, g, most, members, w);
        write_topics(snapshot, g, counts, w);
        json_end_object(w);
    }
    json_end_array(w);
    free(counts);
    free(members);
    return ERR_OK;
}

// ----------------------------------------------------------------------------------------------- bridges

enum err graph_answer_bridges(struct route_call *call, struct graph_snapshot *snapshot,
                              struct json_writer *w, struct error *ret_error)
{
    uint32_t *people;
    size_t count;
    enum err err = graph_find_bridges(snapshot, call->arena, &people, &count, ret_error);
    if (err)
        return err;
    write_head(snapshot, w);
    json_key(w, "bridges");
    json_int(w, (int64_t)count);
    json_key(w, "data");
    json_begin_array(w);
    for (size_t i = 0; i < count && i < limit_of(call); i++) {
        size_t *sizes, parts;
        err = graph_split_without(snapshot, people[i], call->arena, &sizes, &parts, ret_error);
        if (err)
            return err;
        json_begin_object(w);
        write_person(snapshot, people[i], w);
        json_key(w, "betweenness");
        json_double(w, VECTOR(snapshot->centrality.betweenness)[people[i]]);
        json_key(w, "groups");
        json_begin_array(w);
        for (size_t k = 0; k < parts; k++)
            json_int(w, (int64_t)sizes[k]);
        json_end_array(w);
        json_end_object(w);
    }
    json_end_array(w);
    return ERR_OK;
}

// -------------------------------------------------------------------------------------------------- path

static const char *const link_types[] = {"appears", "relates", "about"};

static void write_link(const struct graph_snapshot *snapshot, const struct graph_link *link,
                       uint32_t source, uint32_t target, struct json_writer *w)
{
    enum graph_kind kind = snapshot->nodes[link->entity].kind;
    const char *role;
    json_begin_object(w);
    json_key(w, "source");
    json_cstr(w, snapshot->nodes[source].id);
    json_key(w, "target");
    json_cstr(w, snapshot->nodes[target].id);
    json_key(w, "type");
    json_cstr(w, link_types[kind]);
    json_key(w, "roles");
    json_begin_array(w);
    for (unsigned bit = 0; (role = graph_role_name(kind, bit)); bit++)
        if (link->roles & 1u << bit)
            json_cstr(w, role);
    json_end_array(w);
    json_end_object(w);
}

static void write_path(const struct graph_snapshot *snapshot, const struct graph_path *path,
                       struct json_writer *w)
{
    bool found = path->nodes != NULL;
    json_key(w, "found");
    json_bool(w, found);
    json_key(w, "length");
    if (found)
        json_int(w, (int64_t)path->length);
    else
        json_null(w);
    json_key(w, "degrees");
    if (found)
        json_int(w, (int64_t)(path->length + 1) / 2);
    else
        json_null(w);
    json_key(w, "nodes");
    json_begin_array(w);
    for (size_t i = 0; found && i <= path->length; i++) {
        json_begin_object(w);
        write_node(snapshot, path->nodes[i], w);
        json_end_object(w);
    }
    json_end_array(w);
    json_key(w, "edges");
    json_begin_array(w);
    for (size_t i = 0; i < path->length; i++)
        write_link(snapshot, &snapshot->links[path->links[i]], path->nodes[i], path->nodes[i + 1],
                   w);
    json_end_array(w);
}

static unsigned kinds_of(const struct route_value *via)
{
    unsigned kinds = 0;
    for (size_t i = 0; i < via->count; i++)
        for (enum graph_kind k = GRAPH_SPEAKER; k <= GRAPH_TOPIC; k++)
            if (slice_equal(via->items[i], slice_from_cstr(graph_kind_name(k))))
                kinds |= 1u << k;
    return kinds;
}

static uint32_t find_end(struct route_call *call, const struct graph_snapshot *snapshot,
                         const char *name, struct error *ret_error)
{
    // Ids are stored in lower case.
    char *id = arena_cstr(call->arena, route_value_get(call, name)->text);
    for (char *p = id; *p; p++)
        *p = *p >= 'A' && *p <= 'F' ? (char)(*p - 'A' + 'a') : *p;
    uint32_t node = graph_snapshot_find(snapshot, id);
    if (node == GRAPH_NONE)
        (void)error_set(ret_error, ERR_NOT_FOUND, "nothing in the graph has the id of '%s'", name);
    return node;
}

enum err graph_answer_path(struct route_call *call, struct graph_snapshot *snapshot,
                           struct json_writer *w, struct error *ret_error)
{
    struct graph_path path = {0};
    uint32_t from = find_end(call, snapshot, "from", ret_error);
    uint32_t to = from == GRAPH_NONE ? GRAPH_NONE : find_end(call, snapshot, "to", ret_error);
    if (to == GRAPH_NONE)
        return ERR_NOT_FOUND;
    size_t most = 2 * (size_t)route_value_get(call, "max_degrees")->integer;
    enum err err = graph_find_path(snapshot, from, to, kinds_of(route_value_get(call, "via")),
                                   call->arena, &path, ret_error);
    if (err)
        return err;
    if (path.length > most)
        path = (struct graph_path){0};
    json_key(w, "as_of");
    json_cstr(w, snapshot->as_of);
    json_key(w, "truncated");
    json_bool(w, snapshot->truncated);
    write_path(snapshot, &path, w);
    return ERR_OK;
}
