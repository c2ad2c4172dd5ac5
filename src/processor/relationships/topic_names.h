// The names of data/topics.tsv, by which topics that other services name are known again: "#MachineLearning" is
// "Machine learning", and "Artificial Intelligence" may be meant by "AI". Read once; safe from any thread.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"

struct topic_name {
    struct slice name, key; // key: name_normalize of the name
    const char *category;   // technology, industry, format
};

// The topic of this name, however it is spaced or capitalised; NULL when none has it.
const struct topic_name *topic_name_find(struct arena *arena, struct slice name);
// The topic that has the name among the words that tell of it, which need not mean the same; NULL when there is none.
const struct topic_name *topic_name_find_alias(struct arena *arena, struct slice name);
