// What a whole snapshot is asked. Results that cost much are kept in it. All between graph_igraph_begin and
// graph_igraph_end; errors are those of graph_igraph_error.
#pragma once

#include "processor/graph/snapshot.h"

// Degree (people met), strength (sum of events together), betweenness (shortest paths between others that lead through a
// person, each pair once; of at most three steps when the graph is too large for all) and PageRank (damping 0.85, ties
// weighted by events together; sums to 1).
MUST_CHECK enum err graph_measure_centrality(struct graph_snapshot *snapshot,
                                             struct error *ret_error);

// Groups of people who meet each other more than others: Leiden on modularity, ties weighted (Traag, Waltman, van Eck:
// From Louvain to Leiden, 2019), the best of several runs where the graph is small. The same snapshot gives the same
// groups.
MUST_CHECK enum err graph_find_communities(struct graph_snapshot *snapshot,
                                           struct error *ret_error);

// People without whom others would not be connected any more: articulation points, in the order of betweenness. ret_people
// is of the arena.
MUST_CHECK enum err graph_find_bridges(struct graph_snapshot *snapshot, struct arena *arena,
                                       uint32_t **ret_people, size_t *ret_count,
                                       struct error *ret_error);
// The sizes of the groups that are left of a person's group without that person, the largest first.
MUST_CHECK enum err graph_split_without(struct graph_snapshot *snapshot, uint32_t person,
                                        struct arena *arena, size_t **ret_sizes, size_t *ret_count,
                                        struct error *ret_error);

// A shortest way between two nodes over links of these kinds of entities (a set of bits by enum graph_kind), the two
// themselves aside: nodes, and the links between them. No way: ret_nodes is NULL.
struct graph_path {
    uint32_t *nodes; // length + 1
    uint32_t *links;
    size_t length;
};
MUST_CHECK enum err graph_find_path(struct graph_snapshot *snapshot, uint32_t from, uint32_t to,
                                    unsigned via, struct arena *arena, struct graph_path *ret_path,
                                    struct error *ret_error);
