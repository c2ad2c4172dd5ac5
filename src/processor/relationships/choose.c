// Whom a name of a page means. See resolve.h.
#include "lib/base/digest.h"
#include "processor/relationships/resolver.h"
#include "statements.gen.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_RIVALS = 8 }; // who are nearly as likely

static void take_id(struct resolver *resolver, size_t position, struct slice id)
{
    snprintf(resolver->entities->items[position].id, UUID_TEXT, "%.*s", SLICE_FMT(id));
}

// ----------------------------------------------------------------------------------------------------- weighing

// Another name of the page is this one already: a page does not list one person under two names.
static bool is_taken_by_other(const struct resolver *resolver, size_t position, struct slice id)
{
    for (size_t i = 0; i < position; i++)
        if (slice_equal(resolver_id(resolver, i), id) &&
            !slice_equal(resolver->mentions[i].profile.key,
                         resolver->mentions[position].profile.key))
            return true;
    return false;
}

static void weigh(const struct resolver *resolver, size_t position, const struct profile *other,
                  bool is_spelled, struct match_answer *ret)
{
    const struct mention *mention = &resolver->mentions[position];
    profile_compare(&mention->profile, other, resolver->people, ret);
    if (mention->profile.kind == MATCH_SPEAKERS && !is_spelled &&
        is_taken_by_other(resolver, position, other->id))
        match_answer_add(match_model_get(), MATCH_PERSON_LISTED_TOGETHER,
                         match_model_get()->levels[MATCH_PERSON_LISTED_TOGETHER].bits, ret);
}

static int compare_candidates(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    double difference = y->answer.weight - x->answer.weight;
    if (difference != 0)
        return difference > 0 ? 1 : -1;
    // Whose very name it is comes before who has a similar one.
    return x->is_spelled != y->is_spelled ? y->is_spelled - x->is_spelled
                                          : slice_compare(x->profile.id, y->profile.id);
}

// ------------------------------------------------------------------------------------------------------- rivals

// Pairs among the candidates that were decided to be two, or are not decided.
static enum err find_decided(struct resolver *resolver, const struct mention *mention, size_t count,
                             struct db_rows **ret_rows, struct error *ret_error)
{
    static const struct slice apart[] = {SLICE_INIT("pending"), SLICE_INIT("deferred"),
                                         SLICE_INIT("distinct")};
    struct arena *arena = resolver->pipeline->arena;
    struct slice ids[MAX_RIVALS];
    for (size_t i = 0; i < count; i++)
        ids[i] = mention->candidates[i].profile.id;
    const struct db_value values[] = {db_cstr(entity_kind_names[resolver->statements->kind]),
                                      db_text_array(arena, ids, count),
                                      db_text_array(arena, apart, ARRAY_LEN(apart))};
    return db_session_query(resolver->pipeline->session, &sql_duplicates_find_decided, values,
                            ret_rows, ret_error);
}

static bool is_decided(const struct db_rows *rows, struct arena *arena, struct slice a,
                       struct slice b)
{
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        struct slice one = db_rows_value_text(rows, i, 0, arena),
                     two = db_rows_value_text(rows, i, 1, arena);
        if ((slice_equal(one, a) && slice_equal(two, b)) ||
            (slice_equal(one, b) && slice_equal(two, a)))
            return true;
    }
    return false;
}

// The weight of the likeliest beside the others that are likely, too, and are somebody else: each takes its share.
static enum err weigh_rivals(struct resolver *resolver, const struct mention *mention,
                             double *ret_weight, struct error *ret_error)
{
    const struct candidate *best = &mention->candidates[0];
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    size_t count = 0;
    *ret_weight = best->answer.weight;
    while (count < mention->candidate_count && count < MAX_RIVALS &&
           mention->candidates[count].answer.decision == MATCH_MERGE)
        count++;
    if (count < 2)
        return ERR_OK;
    enum err err = find_decided(resolver, mention, count, &rows, ret_error);
    double odds = 0;
    for (size_t i = 1; i < count && !err; i++) {
        const struct candidate *rival = &mention->candidates[i];
        struct match_answer answer;
        if (best->is_spelled && !rival->is_spelled)
            continue;
        profile_compare(&best->profile, &rival->profile, resolver->people, &answer);
        if (answer.decision != MATCH_MERGE ||
            is_decided(rows, resolver->pipeline->arena, best->profile.id, rival->profile.id))
            odds += exp2(rival->answer.weight);
    }
    *ret_weight -= log2(1 + odds);
    return err;
}

// Who has this very name and tells nothing besides: one more of whom as little is known is the same until more is known.
static const struct candidate *find_nobody(const struct mention *mention)
{
    if (mention->profile.kind != MATCH_SPEAKERS ||
        !match_person_is_bare(mention->profile.forms.people[0]))
        return NULL;
    for (size_t i = 0; i < mention->candidate_count; i++)
        if (mention->candidates[i].is_unknown)
            return &mention->candidates[i];
    return NULL;
}

// What the event had under this name when it was read before; a company's name is its own.
static const struct candidate *find_known(const struct mention *mention)
{
    for (size_t i = 0; i < mention->candidate_count; i++)
        if (mention->candidates[i].is_known &&
            (mention->profile.kind == MATCH_COMPANIES ||
             mention->candidates[i].answer.decision != MATCH_DISTINCT))
            return &mention->candidates[i];
    return NULL;
}

static bool share_key(const struct mention *a, const struct mention *b)
{
    for (size_t i = 0, j = 0; i < a->key_count && j < b->key_count;) {
        if (a->keys[i].hash == b->keys[j].hash)
            return true;
        if (a->keys[i].hash < b->keys[j].hash)
            i++;
        else
            j++;
    }
    return false;
}

// The same name stands on the page before, and nothing says that it is another's.
static bool find_namesake(struct resolver *resolver, size_t position, size_t *ret_other)
{
    const struct mention *mention = &resolver->mentions[position];
    for (size_t i = 0; i < position; i++) {
        const struct profile *other = &resolver->mentions[i].profile;
        struct match_answer answer;
        if (!slice_equal(other->key, mention->profile.key))
            continue;
        profile_compare(&mention->profile, other, 0, &answer);
        *ret_other = i;
        if (answer.decision != MATCH_DISTINCT || mention->profile.kind == MATCH_COMPANIES)
            return true;
    }
    return false;
}

// The page has given this one the name before.
static bool is_spelled_on_page(const struct resolver *resolver, size_t position, struct slice id)
{
    for (size_t i = 0; i < position; i++)
        if (slice_equal(resolver_id(resolver, i), id) &&
            slice_equal(resolver->mentions[i].profile.key,
                        resolver->mentions[position].profile.key))
            return true;
    return false;
}

// The likeliest of those that the page has made; NULL when none is likely enough.
static const struct candidate *find_on_page(struct resolver *resolver, size_t position)
{
    const struct mention *mention = &resolver->mentions[position];
    double best = match_model_get()->kinds[mention->profile.kind].merge;
    struct candidate *found = NULL;
    for (size_t i = 0; i < position; i++) {
        const struct mention *other = &resolver->mentions[i];
        if (!other->is_new || !share_key(mention, other))
            continue;
        struct candidate candidate = {.profile = other->profile};
        candidate.profile.id = resolver_id(resolver, i);
        candidate.is_spelled = is_spelled_on_page(resolver, position, candidate.profile.id);
        weigh(resolver, position, &candidate.profile, candidate.is_spelled, &candidate.answer);
        if (candidate.answer.weight >= best) {
            best = candidate.answer.weight;
            if (!found)
                found = ARENA_NEW(resolver->pipeline->arena, struct candidate);
            *found = candidate;
        }
    }
    return found;
}

// The likeliest of those that are known, when it is likely enough.
static enum err choose_candidate(struct resolver *resolver, size_t position,
                                 struct error *ret_error)
{
    struct mention *mention = &resolver->mentions[position];
    double weight = 0;
    for (size_t i = 0; i < mention->candidate_count; i++) {
        struct candidate *candidate = &mention->candidates[i];
        weigh(resolver, position, &candidate->profile, candidate->is_spelled, &candidate->answer);
    }
    if (mention->candidate_count)
        qsort(mention->candidates, mention->candidate_count, sizeof *mention->candidates,
              compare_candidates);
    mention->chosen = find_known(mention);
    if (mention->chosen || mention->candidate_count == 0 ||
        mention->candidates[0].answer.decision != MATCH_MERGE)
        return ERR_OK;
    enum err err = weigh_rivals(resolver, mention, &weight, ret_error);
    mention->chosen = weight >= match_model_get()->kinds[resolver->statements->kind].merge
                          ? &mention->candidates[0]
                          : find_nobody(mention);
    return err;
}

// Are there keys that do not come of what is known of it already?
static bool has_new_keys(struct resolver *resolver, const struct mention *mention)
{
    size_t count, known = 0;
    if (!mention->chosen || mention->spelling_id[0])
        return true;
    const struct match_key *keys =
        profile_keys(resolver->pipeline->arena, &mention->chosen->profile, &count);
    for (size_t i = 0, j = 0; i < mention->key_count && j < count;) {
        known += mention->keys[i].hash == keys[j].hash;
        if (mention->keys[i].hash <= keys[j].hash)
            i++;
        else
            j++;
    }
    return known < mention->key_count;
}

enum err resolver_choose(struct resolver *resolver, size_t position, struct error *ret_error)
{
    struct mention *mention = &resolver->mentions[position];
    size_t other;
    if (find_namesake(resolver, position, &other)) {
        take_id(resolver, position, resolver_id(resolver, other));
        mention->has_new_keys = true;
        return ERR_OK;
    }
    enum err err = choose_candidate(resolver, position, ret_error);
    if (!mention->chosen)
        mention->chosen = find_on_page(resolver, position);
    if (mention->chosen) {
        take_id(resolver, position, mention->chosen->profile.id);
        if (!mention->chosen->is_spelled)
            uuid_new_v4(mention->spelling_id);
    } else {
        uuid_new_v4(resolver->entities->items[position].id);
        mention->is_new = true;
    }
    mention->has_new_keys = has_new_keys(resolver, mention);
    return err;
}
