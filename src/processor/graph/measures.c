#include "processor/graph/measures.h"

#include "lib/base/ensure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NEAR_STEPS = 3, SEED = 1, MAX_STARTS = 20 };
// Betweenness takes vertices times edges steps; this many are some seconds.
static const double MAX_EXACT_STEPS = 5e8;
static const double DAMPING = 0.85;
static const double LEIDEN_RANDOMNESS = 0.01;
// Ties that all runs of Leiden together go through, at the least one run: some tenths of a second.
static const double LEIDEN_TIES = 2e5;

// -------------------------------------------------------------------------------------------- centrality

static igraph_error_t init_centrality(struct graph_centrality *c)
{
    igraph_vector_t *const vectors[] = {&c->degree, &c->strength, &c->betweenness, &c->pagerank};
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
        igraph_error_t code = igraph_vector_init(vectors[i], 0);
        if (code) {
            while (i-- > 0)
                igraph_vector_destroy(vectors[i]);
            return code;
        }
    }
    return IGRAPH_SUCCESS;
}

static igraph_error_t measure(struct graph_snapshot *snapshot, struct graph_centrality *c)
{
    const igraph_t *graph = &snapshot->among_people;
    const igraph_vs_t all = igraph_vss_all();
    double steps = (double)snapshot->person_count * (double)snapshot->tie_count;
    c->betweenness_cutoff = steps <= MAX_EXACT_STEPS ? -1 : NEAR_STEPS;
    igraph_error_t code =
        igraph_strength(graph, &c->degree, all, IGRAPH_ALL, IGRAPH_NO_LOOPS, NULL);
    if (!code)
        code = igraph_strength(graph, &c->strength, all, IGRAPH_ALL, IGRAPH_NO_LOOPS,
                               &snapshot->tie_weights);
    if (!code)
        code = igraph_betweenness_cutoff(graph, &c->betweenness, all, IGRAPH_UNDIRECTED, NULL,
                                         c->betweenness_cutoff);
    if (!code)
        code = igraph_pagerank(graph, IGRAPH_PAGERANK_ALGO_PRPACK, &c->pagerank, NULL, all,
                               IGRAPH_UNDIRECTED, DAMPING, &snapshot->tie_weights, NULL);
    return code;
}

// Rounded, so that the order of additions never decides about the order of people.
static void round_all(igraph_vector_t *values)
{
    for (igraph_integer_t i = 0; i < igraph_vector_size(values); i++)
        VECTOR(*values)[i] = round(VECTOR(*values)[i] * 1e9) / 1e9;
}

enum err graph_measure_centrality(struct graph_snapshot *snapshot, struct error *ret_error)
{
    struct graph_centrality *c = &snapshot->centrality;
    if (c->known)
        return ERR_OK;
    igraph_error_t code = init_centrality(c);
    if (code)
        return graph_igraph_error(code, "centrality", ret_error);
    c->known = true;
    if (snapshot->person_count > 0)
        code = measure(snapshot, c);
    if (code) {
        igraph_vector_destroy(&c->degree);
        igraph_vector_destroy(&c->strength);
        igraph_vector_destroy(&c->betweenness);
        igraph_vector_destroy(&c->pagerank);
        c->known = false;
        return graph_igraph_error(code, "centrality", ret_error);
    }
    round_all(&c->betweenness);
    round_all(&c->pagerank);
    return ERR_OK;
}

// ------------------------------------------------------------------------------------------- communities

struct group {
    igraph_integer_t number; // as Leiden named it
    size_t size;
    uint32_t first; // person
};

static int compare_groups(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    if (x->size != y->size)
        return x->size > y->size ? -1 : 1;
    return x->first < y->first ? -1 : x->first > y->first;
}

static void renumber(struct graph_communities *found, size_t people)
{
    struct group *groups = calloc(found->count + 1, sizeof *groups);
    igraph_integer_t *numbers = calloc(found->count + 1, sizeof *numbers);
    ensure(groups != NULL && numbers != NULL);
    for (size_t i = people; i-- > 0;) {
        struct group *group = &groups[VECTOR(found->membership)[i]];
        group->size++;
        group->first = (uint32_t)i;
    }
    for (size_t g = 0; g < found->count; g++)
        groups[g].number = (igraph_integer_t)g;
    qsort(groups, found->count, sizeof *groups, compare_groups);
    for (size_t g = 0; g < found->count; g++)
        numbers[groups[g].number] = (igraph_integer_t)g;
    for (size_t i = 0; i < people; i++)
        VECTOR(found->membership)[i] = numbers[VECTOR(found->membership)[i]];
    free(groups);
    free(numbers);
}

struct leiden {
    const struct graph_snapshot *snapshot;
    igraph_vector_t strength;
    igraph_vector_int_t membership;
};

// Modularity as Leiden's quality: vertices weigh their strength, the resolution is 1 / (2 m). Kept when it is better than
// what was found before.
static igraph_error_t run_once(struct leiden *run, double total, struct graph_communities *found)
{
    const struct graph_snapshot *snapshot = run->snapshot;
    igraph_integer_t count = 0;
    double modularity = 0;
    igraph_error_t code = igraph_community_leiden(
        &snapshot->among_people, &snapshot->tie_weights, &run->strength, 1 / (2 * total),
        LEIDEN_RANDOMNESS, false, -1, &run->membership, &count, NULL);
    if (!code)
        code = igraph_modularity(&snapshot->among_people, &run->membership, &snapshot->tie_weights,
                                 1, IGRAPH_UNDIRECTED, &modularity);
    if (code || (found->count && modularity <= found->modularity))
        return code;
    found->count = (size_t)count;
    found->modularity = modularity;
    return igraph_vector_int_update(&found->membership, &run->membership);
}

// Every run ends in some local optimum, and small graphs have poor ones: there several are tried, as many as time allows.
static igraph_error_t run_leiden(struct graph_snapshot *snapshot, struct graph_communities *found)
{
    struct leiden run = {.snapshot = snapshot};
    double total = igraph_vector_sum(&snapshot->tie_weights);
    double starts = fmin(LEIDEN_TIES / (double)snapshot->tie_count, MAX_STARTS);
    igraph_error_t code = igraph_vector_init(&run.strength, 0);
    if (code)
        return code;
    if ((code = igraph_vector_int_init(&run.membership, 0))) {
        igraph_vector_destroy(&run.strength);
        return code;
    }
    code = igraph_strength(&snapshot->among_people, &run.strength, igraph_vss_all(), IGRAPH_ALL,
                           IGRAPH_NO_LOOPS, &snapshot->tie_weights);
    if (!code)
        code = igraph_rng_seed(igraph_rng_default(), SEED);
    for (int start = 0; !code && (start == 0 || start < starts); start++)
        code = run_once(&run, total, found);
    igraph_vector_int_destroy(&run.membership);
    igraph_vector_destroy(&run.strength);
    return code;
}

enum err graph_find_communities(struct graph_snapshot *snapshot, struct error *ret_error)
{
    struct graph_communities *found = &snapshot->communities;
    size_t people = snapshot->person_count;
    if (found->known)
        return ERR_OK;
    igraph_error_t code = igraph_vector_int_init(&found->membership, (igraph_integer_t)people);
    if (code)
        return graph_igraph_error(code, "communities", ret_error);
    found->count = 0;
    found->modularity = 0;
    if (snapshot->tie_count > 0) {
        code = run_leiden(snapshot, found);
    } else { // nobody has met anybody
        for (size_t i = 0; i < people; i++)
            VECTOR(found->membership)[i] = (igraph_integer_t)i;
        found->count = people;
    }
    if (code) {
        igraph_vector_int_destroy(&found->membership);
        return graph_igraph_error(code, "communities", ret_error);
    }
    found->known = true;
    renumber(found, people);
    return ERR_OK;
}

// ----------------------------------------------------------------------------------------------- bridges

struct bridge {
    double betweenness;
    uint32_t person;
};

static int compare_bridges(const void *a, const void *b)
{
    const struct bridge *x = a, *y = b;
    if (x->betweenness > y->betweenness || x->betweenness < y->betweenness)
        return x->betweenness > y->betweenness ? -1 : 1;
    return x->person < y->person ? -1 : x->person > y->person;
}

enum err graph_find_bridges(struct graph_snapshot *snapshot, struct arena *arena,
                            uint32_t **ret_people, size_t *ret_count, struct error *ret_error)
{
    igraph_vector_int_t points;
    enum err err = graph_measure_centrality(snapshot, ret_error);
    if (err)
        return err;
    igraph_error_t code = igraph_vector_int_init(&points, 0);
    if (code)
        return graph_igraph_error(code, "bridges", ret_error);
    code = igraph_articulation_points(&snapshot->among_people, &points);
    if (code) {
        igraph_vector_int_destroy(&points);
        return graph_igraph_error(code, "bridges", ret_error);
    }
    size_t count = (size_t)igraph_vector_int_size(&points);
    struct bridge *bridges = ARENA_ARRAY(arena, count + 1, struct bridge);
    for (size_t i = 0; i < count; i++) {
        uint32_t person = (uint32_t)VECTOR(points)[i];
        bridges[i] = (struct bridge){VECTOR(snapshot->centrality.betweenness)[person], person};
    }
    igraph_vector_int_destroy(&points);
    qsort(bridges, count, sizeof *bridges, compare_bridges);
    *ret_people = ARENA_ARRAY(arena, count + 1, uint32_t);
    for (size_t i = 0; i < count; i++)
        (*ret_people)[i] = bridges[i].person;
    *ret_count = count;
    return ERR_OK;
}

static int compare_sizes(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return x > y ? -1 : x < y;
}

// rest is the graph without the person: the components that the former neighbours are in.
static igraph_error_t gather_parts(const struct graph_snapshot *snapshot, const igraph_t *rest,
                                   uint32_t person, struct arena *arena, size_t **ret_sizes,
                                   size_t *ret_count)
{
    igraph_vector_int_t membership, sizes, neighbours;
    igraph_error_t code = igraph_vector_int_init(&membership, 0);
    if (code)
        return code;
    if ((code = igraph_vector_int_init(&sizes, 0))) {
        igraph_vector_int_destroy(&membership);
        return code;
    }
    if ((code = igraph_vector_int_init(&neighbours, 0))) {
        igraph_vector_int_destroy(&membership);
        igraph_vector_int_destroy(&sizes);
        return code;
    }
    code = igraph_connected_components(rest, &membership, &sizes, NULL, IGRAPH_WEAK);
    if (!code)
        code = igraph_neighbors(&snapshot->among_people, &neighbours, person, IGRAPH_ALL);
    igraph_integer_t near = code ? 0 : igraph_vector_int_size(&neighbours);
    *ret_sizes = ARENA_ARRAY(arena, (size_t)near + 1, size_t);
    *ret_count = 0;
    for (igraph_integer_t i = 0; i < near; i++) {
        igraph_integer_t vertex = VECTOR(neighbours)[i]; // those behind the person have moved up
        igraph_integer_t part = VECTOR(membership)[vertex - (vertex > person)];
        if (VECTOR(sizes)[part] > 0)
            (*ret_sizes)[(*ret_count)++] = (size_t)VECTOR(sizes)[part];
        VECTOR(sizes)[part] = 0; // counted
    }
    igraph_vector_int_destroy(&membership);
    igraph_vector_int_destroy(&sizes);
    igraph_vector_int_destroy(&neighbours);
    return code;
}

enum err graph_split_without(struct graph_snapshot *snapshot, uint32_t person, struct arena *arena,
                             size_t **ret_sizes, size_t *ret_count, struct error *ret_error)
{
    igraph_t rest;
    igraph_error_t code = igraph_copy(&rest, &snapshot->among_people);
    if (code)
        return graph_igraph_error(code, "bridges", ret_error);
    code = igraph_delete_vertices(&rest, igraph_vss_1(person));
    if (!code)
        code = gather_parts(snapshot, &rest, person, arena, ret_sizes, ret_count);
    igraph_destroy(&rest);
    if (code)
        return graph_igraph_error(code, "bridges", ret_error);
    qsort(*ret_sizes, *ret_count, sizeof **ret_sizes, compare_sizes);
    return ERR_OK;
}

// -------------------------------------------------------------------------------------------------- paths

static bool is_usable(const struct graph_snapshot *snapshot, size_t link, uint32_t from,
                      uint32_t to, unsigned via)
{
    uint32_t entity = snapshot->links[link].entity;
    return entity == from || entity == to || (via & 1u << snapshot->nodes[entity].kind) != 0;
}

// Links that may not be used are longer than any way over others: one that has to take them is none.
static const double LONGER_THAN_ANY = 1e9;

static void weigh_links(const struct graph_snapshot *snapshot, uint32_t from, uint32_t to,
                        unsigned via, igraph_vector_t *weights)
{
    for (size_t i = 0; i < snapshot->link_count; i++)
        VECTOR(*weights)[i] = is_usable(snapshot, i, from, to, via) ? 1 : LONGER_THAN_ANY;
}

static bool is_way(const struct graph_snapshot *snapshot, const igraph_vector_int_t *nodes,
                   const igraph_vector_int_t *links, uint32_t from, uint32_t to, unsigned via)
{
    if (igraph_vector_int_size(nodes) == 0 || VECTOR(*nodes)[0] != from)
        return false;
    for (igraph_integer_t i = 0; i < igraph_vector_int_size(links); i++)
        if (!is_usable(snapshot, (size_t)VECTOR(*links)[i], from, to, via))
            return false;
    return true;
}

static void copy_path(const igraph_vector_int_t *nodes, const igraph_vector_int_t *links,
                      struct arena *arena, struct graph_path *path)
{
    size_t count = (size_t)igraph_vector_int_size(nodes);
    path->length = (size_t)igraph_vector_int_size(links);
    path->nodes = ARENA_ARRAY(arena, count, uint32_t);
    path->links = ARENA_ARRAY(arena, path->length + 1, uint32_t);
    for (size_t i = 0; i < count; i++)
        path->nodes[i] = (uint32_t)VECTOR(*nodes)[i];
    for (size_t i = 0; i < path->length; i++)
        path->links[i] = (uint32_t)VECTOR(*links)[i];
}

enum err graph_find_path(struct graph_snapshot *snapshot, uint32_t from, uint32_t to, unsigned via,
                         struct arena *arena, struct graph_path *ret_path, struct error *ret_error)
{
    igraph_vector_t weights;
    igraph_vector_int_t nodes, links;
    *ret_path = (struct graph_path){0};
    igraph_error_t code = igraph_vector_init(&weights, (igraph_integer_t)snapshot->link_count);
    if (code)
        return graph_igraph_error(code, "the path", ret_error);
    if ((code = igraph_vector_int_init(&nodes, 0))) {
        igraph_vector_destroy(&weights);
        return graph_igraph_error(code, "the path", ret_error);
    }
    if ((code = igraph_vector_int_init(&links, 0))) {
        igraph_vector_destroy(&weights);
        igraph_vector_int_destroy(&nodes);
        return graph_igraph_error(code, "the path", ret_error);
    }
    weigh_links(snapshot, from, to, via, &weights);
    code = igraph_get_shortest_path_dijkstra(&snapshot->whole, &nodes, &links, from, to, &weights,
                                             IGRAPH_ALL);
    if (!code && is_way(snapshot, &nodes, &links, from, to, via))
        copy_path(&nodes, &links, arena, ret_path);
    igraph_vector_destroy(&weights);
    igraph_vector_int_destroy(&nodes);
    igraph_vector_int_destroy(&links);
    return graph_igraph_error(code, "the path", ret_error);
}
