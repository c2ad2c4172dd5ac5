// Pairs beside each other. Two who are both likely to be a third one, and are not one themselves, make each other unlikely:
// "James Smith" without anything else is neither of two people of that name with a profile each, until somebody decides.
#pragma once

#include "processor/deduplication/profile.h"

// A pair that is not distinct. a has the smaller id.
struct find {
    const struct profile *a, *b;
    struct match_answer answer; // of the two alone
    double weight;              // in bits; less than the answer's where others are likely, too
};

// Was it decided that they are two?
typedef bool rivals_decided(const void *data, const struct profile *a, const struct profile *b);

struct rivals {
    const struct profile *profiles; // of which the pairs are
    size_t profile_count;
    double people; // for profile_compare
    rivals_decided *are_decided;
    const void *data;
};

// Sets the weights. The finds are sorted, the likeliest first; of each profile the first few likely ones count.
void rivals_weigh(const struct rivals *rivals, struct arena *arena, struct find *finds,
                  size_t count);
