#include "processor/deduplication/rivals.h"

#include <math.h>
#include <stdlib.h>

enum { MAX_LIKELY = 9 }; // of a profile: one of them is the pair itself

struct likely {
    const struct find *finds[MAX_LIKELY];
    size_t count;
};

struct look {
    const struct rivals *rivals;
    struct likely *likely;  // of each profile
    uint64_t *likely_pairs; // sorted
    size_t likely_count;
};

static size_t index_of(const struct rivals *rivals, const struct profile *profile)
{
    return (size_t)(profile - rivals->profiles);
}

static uint64_t pair_number(const struct rivals *rivals, const struct profile *a,
                            const struct profile *b)
{
    size_t i = index_of(rivals, a), j = index_of(rivals, b);
    return i < j ? i * rivals->profile_count + j : j * rivals->profile_count + i;
}

static int compare_numbers(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void note_likely(struct look *look, const struct find *find)
{
    struct likely *both[] = {&look->likely[index_of(look->rivals, find->a)],
                             &look->likely[index_of(look->rivals, find->b)]};
    for (size_t i = 0; i < ARRAY_LEN(both); i++)
        if (both[i]->count < MAX_LIKELY)
            both[i]->finds[both[i]->count++] = find;
    look->likely_pairs[look->likely_count++] = pair_number(look->rivals, find->a, find->b);
}

static bool may_be_one(const struct look *look, const struct profile *a, const struct profile *b)
{
    const struct rivals *rivals = look->rivals;
    uint64_t number = pair_number(rivals, a, b);
    struct match_answer answer;
    if (rivals->are_decided(rivals->data, a, b))
        return false;
    if (bsearch(&number, look->likely_pairs, look->likely_count, sizeof number, compare_numbers))
        return true;
    // The pair was perhaps looked at before.
    profile_compare(a, b, rivals->people, &answer);
    return answer.decision == MATCH_MERGE;
}

// How likely others are to be what the one of the find is, together.
static double rival_odds(const struct look *look, const struct find *find,
                         const struct profile *one)
{
    const struct profile *other = find->a == one ? find->b : find->a;
    const struct likely *likely = &look->likely[index_of(look->rivals, one)];
    double odds = 0;
    for (size_t i = 0; i < likely->count; i++) {
        const struct profile *rival =
            likely->finds[i]->a == one ? likely->finds[i]->b : likely->finds[i]->a;
        // Whose very name it is comes before who has a similar one.
        bool is_farther = slice_equal(one->key, other->key) && !slice_equal(one->key, rival->key);
        if (rival != other && !is_farther && !may_be_one(look, other, rival))
            odds += exp2(likely->finds[i]->answer.weight);
    }
    return odds;
}

void rivals_weigh(const struct rivals *rivals, struct arena *arena, struct find *finds,
                  size_t count)
{
    struct look look = {
        .rivals = rivals,
        .likely = ARENA_ARRAY(arena, rivals->profile_count + 1, struct likely),
        .likely_pairs = ARENA_ARRAY(arena, count + 1, uint64_t),
    };
    for (size_t i = 0; i < count; i++)
        if (finds[i].answer.decision == MATCH_MERGE)
            note_likely(&look, &finds[i]);
    if (look.likely_count)
        qsort(look.likely_pairs, look.likely_count, sizeof *look.likely_pairs, compare_numbers);
    for (size_t i = 0; i < count; i++) {
        double of_a = rival_odds(&look, &finds[i], finds[i].a),
               of_b = rival_odds(&look, &finds[i], finds[i].b);
        finds[i].weight = finds[i].answer.weight - log2(1 + (of_a > of_b ? of_a : of_b));
    }
}
