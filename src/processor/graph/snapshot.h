// The graph as it was at one moment, in memory, for what looks at all of it at once: who is central, which groups there
// are, the shortest way. Nodes are speakers, companies, topics and events; links go from the first three to events. From
// them comes a second graph, of people alone: two are tied when they appeared at the same event, as strongly as the number
// of such events.
//
// Algorithms are igraph's (https://igraph.org/c/). Debian's build of it keeps its state for errors, interruption and random
// numbers in global variables (IGRAPH_THREAD_SAFE is 0): everything here that touches a finished snapshot is called between
// graph_igraph_begin and graph_igraph_end, which let one thread in at a time.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/error.h"

#include <igraph/igraph.h>
#include <stdbool.h>
#include <stdint.h>

enum graph_kind { GRAPH_SPEAKER, GRAPH_COMPANY, GRAPH_TOPIC, GRAPH_EVENT, GRAPH_ALIAS };
enum { GRAPH_ID_TEXT = 37, GRAPH_NONE = UINT32_MAX };

struct graph_node {
    char id[GRAPH_ID_TEXT];
    enum graph_kind kind;
    const char *label; // of an alias: the id it now is
    uint32_t person;   // of a speaker: vertex of the graph of people
};

struct graph_link {
    uint32_t entity, event; // nodes
    unsigned roles;         // bits, see graph_role_name
};

struct graph_tie { // between people, a < b
    uint32_t a, b, events;
};

struct graph_limits {
    size_t nodes, links, ties; // beyond these: left out, and truncated is set
};
extern const struct graph_limits graph_default_limits;

struct graph_centrality {
    bool known;
    igraph_vector_t degree, strength, betweenness, pagerank;
    int betweenness_cutoff; // paths of at most so many steps; -1: all
};

struct graph_communities {
    bool known;
    igraph_vector_int_t
        membership; // of people; 0 is the largest community, of equals the one with the smallest id
    size_t count;
    double modularity;
};

struct graph_snapshot {
    struct arena *arena;
    struct graph_limits limits;
    struct graph_node *nodes; // in the order of ids
    size_t node_count, node_room;
    struct graph_link *links; // in the order of events
    size_t link_count, link_room;
    struct graph_tie *ties; // in the order of a, b
    size_t tie_count;
    uint32_t *people; // nodes of the vertices of the graph of people
    size_t person_count;
    bool truncated;
    const char *as_of; // RFC 3339
    bool finished;
    igraph_t whole, among_people; // edges in the order of links and of ties
    igraph_vector_t tie_weights;
    struct graph_centrality centrality;
    struct graph_communities communities;
};

// Enters; what igraph then does fails with ERR_TIMEOUT after timeout_ms, and with ERR_SHUTTING_DOWN once *stop is true
// (asked by a call; NULL: never).
void graph_igraph_begin(uint32_t timeout_ms, bool (*is_stopping)(const void *data),
                        const void *data);
void graph_igraph_end(void);
// An error of igraph as one of ours; IGRAPH_SUCCESS gives ERR_OK.
enum err graph_igraph_error(igraph_error_t code, const char *what, struct error *ret_error);

struct graph_snapshot *graph_snapshot_new(const struct graph_limits *limits);
void graph_snapshot_free(
    struct graph_snapshot *snapshot); // NULL is fine; inside begin … end when it is finished
// In the order of ids.
void graph_snapshot_add_node(struct graph_snapshot *snapshot, enum graph_kind kind, const char *id,
                             struct slice label);
// After all nodes, those of an event one after another. One whose ends are not there is left out.
void graph_snapshot_add_link(struct graph_snapshot *snapshot, const char *entity_id,
                             const char *event_id, unsigned roles);
MUST_CHECK enum err graph_snapshot_finish(struct graph_snapshot *snapshot, struct error *ret_error);

// The node of an id, or of what it now is; GRAPH_NONE when there is none.
uint32_t graph_snapshot_find(const struct graph_snapshot *snapshot, const char *id);
const char *graph_kind_name(enum graph_kind kind);
// Name of the role at a bit of a link of that kind of entity; NULL: there is none.
const char *graph_role_name(enum graph_kind kind, unsigned bit);
