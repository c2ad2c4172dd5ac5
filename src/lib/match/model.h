// Pieces that the three comparisons share. See match.h.
#pragma once

#include "lib/match/match.h"

// Levels seen so far; the sum is what hypotheses are chosen by.
struct match_sum {
    const struct match_model *model;
    double bits;
    struct match_step steps[MATCH_MAX_STEPS];
    size_t count;
};

void match_add(struct match_sum *sum, enum match_level level);
// The answer from what was added.
void match_decide(const struct match_sum *sum, enum match_kind kind, struct match_answer *ret);
