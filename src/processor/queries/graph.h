// What the files of the graph's routes share.
#pragma once

#include "processor/graph/state.h"

// Answers from a snapshot, see graph_answer.
graph_answer graph_answer_central, graph_answer_communities, graph_answer_bridges,
    graph_answer_path;
