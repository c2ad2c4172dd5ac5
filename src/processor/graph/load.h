// A snapshot from the tables.
#pragma once

#include "lib/db/session.h"
#include "processor/graph/snapshot.h"

// Between graph_igraph_begin and graph_igraph_end. What is added or taken away between its two statements appears in
// neither or without its links; nothing is half there.
MUST_CHECK enum err graph_load(struct db_session *session, const struct graph_limits *limits,
                               struct graph_snapshot **ret_snapshot, struct error *ret_error);
