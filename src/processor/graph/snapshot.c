#include "processor/graph/snapshot.h"

#include "lib/base/clock.h"
#include "lib/base/ensure.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LABEL_BYTES = 400, ARENA_BYTES = 512 * 1024 * 1024 };

const struct graph_limits graph_default_limits = {
    .nodes = 500 * 1000, .links = 2 * 1000 * 1000, .ties = 4 * 1000 * 1000};

static const char *const kind_names[] = {"speaker", "company", "topic", "event", "alias"};
// The order of the bits, as in sql/queries/graph/snapshot_links.sql.
static const char *const speaker_roles[] = {"speaker",  "judge",     "host",
                                            "panelist", "moderator", "mentor"};
static const char *const company_roles[] = {"host", "sponsor", "venue", "partner"};

const char *graph_kind_name(enum graph_kind kind)
{
    return kind_names[kind];
}

const char *graph_role_name(enum graph_kind kind, unsigned bit)
{
    if (kind == GRAPH_SPEAKER && bit < ARRAY_LEN(speaker_roles))
        return speaker_roles[bit];
    if (kind == GRAPH_COMPANY && bit < ARRAY_LEN(company_roles))
        return company_roles[bit];
    return NULL;
}

// ------------------------------------------------------------------------------------------------- igraph

static struct {
    pthread_mutex_t lock;
    pthread_once_t once;
    uint64_t deadline_ms;
    bool (*is_stopping)(const void *data);
    const void *data;
} entered = {.lock = PTHREAD_MUTEX_INITIALIZER, .once = PTHREAD_ONCE_INIT};

// Called by igraph now and then during long computations; anything but success ends them. What they have allocated is to be
// freed here: the list of it points into the frames of functions that are still running now, and not any more later.
static igraph_error_t interrupt(void *data)
{
    (void)data;
    bool stop = (entered.is_stopping && entered.is_stopping(entered.data)) ||
                clock_monotonic_ms() > entered.deadline_ms;
    if (!stop)
        return IGRAPH_SUCCESS;
    IGRAPH_FINALLY_FREE();
    return IGRAPH_INTERRUPTED;
}

static void warn(const char *reason, const char *file, int line)
{
    (void)reason, (void)file, (void)line;
}

// The default handlers end the process; these leave it to the return codes.
static void set_handlers(void)
{
    igraph_set_error_handler(igraph_error_handler_ignore);
    igraph_set_warning_handler(warn);
    igraph_set_interruption_handler(interrupt);
}

void graph_igraph_begin(uint32_t timeout_ms, bool (*is_stopping)(const void *data),
                        const void *data)
{
    pthread_mutex_lock(&entered.lock);
    pthread_once(&entered.once, set_handlers);
    entered.deadline_ms = clock_monotonic_ms() + timeout_ms;
    entered.is_stopping = is_stopping;
    entered.data = data;
}

void graph_igraph_end(void)
{
    pthread_mutex_unlock(&entered.lock);
}

enum err graph_igraph_error(igraph_error_t code, const char *what, struct error *ret_error)
{
    if (code == IGRAPH_SUCCESS)
        return ERR_OK;
    if (code != IGRAPH_INTERRUPTED)
        return error_set(ret_error, ERR_INTERNAL, "%s: %s", what, igraph_strerror(code));
    if (entered.is_stopping && entered.is_stopping(entered.data))
        return error_set(ret_error, ERR_SHUTTING_DOWN, "the service is shutting down");
    return error_set(ret_error, ERR_TIMEOUT, "%s took too long", what);
}

// ---------------------------------------------------------------------------------------------- gathering

struct graph_snapshot *graph_snapshot_new(const struct graph_limits *limits)
{
    struct graph_snapshot *snapshot = calloc(1, sizeof *snapshot);
    ensure(snapshot != NULL);
    snapshot->arena = arena_new(ARENA_BYTES);
    snapshot->limits = *limits;
    snapshot->as_of = "";
    return snapshot;
}

void graph_snapshot_free(struct graph_snapshot *snapshot)
{
    if (!snapshot)
        return;
    if (snapshot->centrality.known) {
        igraph_vector_destroy(&snapshot->centrality.degree);
        igraph_vector_destroy(&snapshot->centrality.strength);
        igraph_vector_destroy(&snapshot->centrality.betweenness);
        igraph_vector_destroy(&snapshot->centrality.pagerank);
    }
    if (snapshot->communities.known)
        igraph_vector_int_destroy(&snapshot->communities.membership);
    if (snapshot->finished) {
        igraph_destroy(&snapshot->whole);
        igraph_destroy(&snapshot->among_people);
        igraph_vector_destroy(&snapshot->tie_weights);
    }
    free(snapshot->nodes);
    free(snapshot->links);
    free(snapshot->ties);
    free(snapshot->people);
    arena_free(snapshot->arena);
    free(snapshot);
}

// Room for one more; the array doubles.
static void *grow(void *array, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return array;
    *room = *room ? *room * 2 : 1024;
    array = reallocarray(array, *room, size);
    ensure(array != NULL);
    return array;
}

void graph_snapshot_add_node(struct graph_snapshot *snapshot, enum graph_kind kind, const char *id,
                             struct slice label)
{
    if (snapshot->node_count >= snapshot->limits.nodes) {
        snapshot->truncated = true;
        return;
    }
    snapshot->nodes =
        grow(snapshot->nodes, snapshot->node_count, &snapshot->node_room, sizeof *snapshot->nodes);
    struct graph_node *node = &snapshot->nodes[snapshot->node_count++];
    *node = (struct graph_node){.kind = kind, .person = GRAPH_NONE};
    size_t len = strnlen(id, sizeof node->id - 1);
    memcpy(node->id, id, len);
    node->id[len] = '\0';
    // A long label is cut at the beginning of a character.
    while (label.len > MAX_LABEL_BYTES ||
           (label.len == MAX_LABEL_BYTES && ((unsigned char)label.ptr[label.len - 1] & 0x80)))
        label.len--;
    node->label = arena_cstr(snapshot->arena, label);
}

static int compare_ids(const void *key, const void *node)
{
    return strcmp(key, ((const struct graph_node *)node)->id);
}

uint32_t graph_snapshot_find(const struct graph_snapshot *snapshot, const char *id)
{
    // An alias may lead to another one, when a survivor was merged itself.
    for (int hops = 0; hops < 8 && snapshot->node_count > 0; hops++) {
        const struct graph_node *node =
            bsearch(id, snapshot->nodes, snapshot->node_count, sizeof *node, compare_ids);
        if (!node)
            return GRAPH_NONE;
        if (node->kind != GRAPH_ALIAS)
            return (uint32_t)(node - snapshot->nodes);
        id = node->label;
    }
    return GRAPH_NONE;
}

void graph_snapshot_add_link(struct graph_snapshot *snapshot, const char *entity_id,
                             const char *event_id, unsigned roles)
{
    uint32_t entity = graph_snapshot_find(snapshot, entity_id);
    uint32_t event = graph_snapshot_find(snapshot, event_id);
    if (entity == GRAPH_NONE || event == GRAPH_NONE)
        return;
    if (snapshot->link_count >= snapshot->limits.links) {
        snapshot->truncated = true;
        return;
    }
    snapshot->links =
        grow(snapshot->links, snapshot->link_count, &snapshot->link_room, sizeof *snapshot->links);
    snapshot->links[snapshot->link_count++] =
        (struct graph_link){.entity = entity, .event = event, .roles = roles};
}

// --------------------------------------------------------------------------------------------- finishing

static void number_people(struct graph_snapshot *snapshot)
{
    snapshot->people = calloc(snapshot->node_count + 1, sizeof *snapshot->people);
    ensure(snapshot->people != NULL);
    for (size_t i = 0; i < snapshot->node_count; i++) {
        if (snapshot->nodes[i].kind != GRAPH_SPEAKER)
            continue;
        snapshot->nodes[i].person = (uint32_t)snapshot->person_count;
        snapshot->people[snapshot->person_count++] = (uint32_t)i;
    }
}

static int compare_ties(const void *a, const void *b)
{
    const struct graph_tie *x = a, *y = b;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    return x->b == y->b ? 0 : x->b < y->b ? -1 : 1;
}

// The links of one event, which stand together: a tie for each pair of its people.
static void tie_people(struct graph_snapshot *snapshot, size_t from, size_t end, size_t *room)
{
    for (size_t i = from; i < end; i++)
        for (size_t j = i + 1; j < end; j++) {
            uint32_t a = snapshot->nodes[snapshot->links[i].entity].person;
            uint32_t b = snapshot->nodes[snapshot->links[j].entity].person;
            if (a == GRAPH_NONE || b == GRAPH_NONE || a == b)
                continue;
            if (snapshot->tie_count >= snapshot->limits.ties) {
                snapshot->truncated = true;
                return;
            }
            snapshot->ties =
                grow(snapshot->ties, snapshot->tie_count, room, sizeof *snapshot->ties);
            snapshot->ties[snapshot->tie_count++] =
                (struct graph_tie){.a = a < b ? a : b, .b = a < b ? b : a, .events = 1};
        }
}

static void make_ties(struct graph_snapshot *snapshot)
{
    size_t room = 0, kept = 0;
    for (size_t from = 0, end; from < snapshot->link_count; from = end) {
        for (end = from + 1; end < snapshot->link_count &&
                             snapshot->links[end].event == snapshot->links[from].event;)
            end++;
        tie_people(snapshot, from, end, &room);
    }
    if (snapshot->tie_count == 0)
        return;
    qsort(snapshot->ties, snapshot->tie_count, sizeof *snapshot->ties, compare_ties);
    for (size_t i = 1; i < snapshot->tie_count; i++) {
        if (compare_ties(&snapshot->ties[kept], &snapshot->ties[i]) == 0)
            snapshot->ties[kept].events++;
        else
            snapshot->ties[++kept] = snapshot->ties[i];
    }
    snapshot->tie_count = kept + 1;
}

// An undirected igraph of pairs; pair(i) writes the two ends.
static enum err make_graph(const struct graph_snapshot *snapshot, size_t edges, size_t vertices,
                           void (*pair)(const struct graph_snapshot *, size_t, uint32_t *,
                                        uint32_t *),
                           igraph_t *ret_graph, struct error *ret_error)
{
    igraph_vector_int_t ends;
    igraph_error_t code = igraph_vector_int_init(&ends, (igraph_integer_t)edges * 2);
    if (code)
        return graph_igraph_error(code, "the graph", ret_error);
    for (size_t i = 0; i < edges; i++) {
        uint32_t a, b;
        pair(snapshot, i, &a, &b);
        VECTOR(ends)[2 * i] = a;
        VECTOR(ends)[2 * i + 1] = b;
    }
    code = igraph_create(ret_graph, &ends, (igraph_integer_t)vertices, IGRAPH_UNDIRECTED);
    igraph_vector_int_destroy(&ends);
    return graph_igraph_error(code, "the graph", ret_error);
}

static void link_ends(const struct graph_snapshot *snapshot, size_t i, uint32_t *a, uint32_t *b)
{
    *a = snapshot->links[i].entity;
    *b = snapshot->links[i].event;
}

static void tie_ends(const struct graph_snapshot *snapshot, size_t i, uint32_t *a, uint32_t *b)
{
    *a = snapshot->ties[i].a;
    *b = snapshot->ties[i].b;
}

enum err graph_snapshot_finish(struct graph_snapshot *snapshot, struct error *ret_error)
{
    number_people(snapshot);
    make_ties(snapshot);
    enum err err = make_graph(snapshot, snapshot->link_count, snapshot->node_count, link_ends,
                              &snapshot->whole, ret_error);
    if (err)
        return err;
    err = make_graph(snapshot, snapshot->tie_count, snapshot->person_count, tie_ends,
                     &snapshot->among_people, ret_error);
    if (err) {
        igraph_destroy(&snapshot->whole);
        return err;
    }
    igraph_error_t code =
        igraph_vector_init(&snapshot->tie_weights, (igraph_integer_t)snapshot->tie_count);
    if (code) {
        igraph_destroy(&snapshot->whole);
        igraph_destroy(&snapshot->among_people);
        return graph_igraph_error(code, "the graph", ret_error);
    }
    for (size_t i = 0; i < snapshot->tie_count; i++)
        VECTOR(snapshot->tie_weights)[i] = snapshot->ties[i].events;
    snapshot->finished = true;
    return ERR_OK;
}
