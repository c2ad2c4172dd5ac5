// The stage resolve_event: other sources may list the same event. It is compared with those that share a key with it
// (lib/match/keys.h); what is certainly the same becomes one event, what may be waits for a person, and what was decided
// before is left alone. docs/decisions/0032-listings-and-parts.md
#include "processor/deduplication/profile.h"
#include "processor/processing/pipeline.h"
#include "processor/relationships/locks.h"
#include "statements.gen.h"

#include <stdlib.h>

static const double CLEAR_BITS = 2; // that the likeliest has more than another

enum {
    MAX_CANDIDATES = 50,
    MAX_REVIEWS = 5,
    MAX_KEYS_BYTES = 64 * 1024,
    MAX_PAIRS_BYTES = 1024 * 1024,
};

struct candidate {
    struct slice target; // the event that it is a listing of
    struct profile profile;
    struct match_answer answer;
};

struct comparison {
    struct pipeline *pipeline;
    struct profile own;
    struct match_key *keys;
    size_t key_count;
    struct candidate candidates[MAX_CANDIDATES]; // the likeliest first, once compared
    size_t count;
};

// --------------------------------------------------------------------------------------------------------- locks

// By what the page says, as it stands before anything is stored. The days of its times are those of UTC here, as they are
// for every other page, too.
enum err pipeline_lock_listings(struct pipeline *pipeline, struct error *ret_error)
{
    yyjson_val *event = json_get(pipeline->record, "event");
    struct slice starts_at = json_get_text(event, "starts_at");
    const struct match_event said = {
        .name = json_get_text(event, "name"),
        .url = pipeline->url,
        .luma_id = json_get_text(event, "luma_id"),
        .starts_at = starts_at.len ? starts_at : json_get_text(event, "date"),
    };
    struct match_key keys[MATCH_MAX_EVENT_KEYS];
    size_t count = match_event_keys(match_event_prepare(pipeline->arena, &said), keys);
    enum err err = locks_enter(pipeline, ret_error);
    return err ? err : locks_take(pipeline, MATCH_EVENTS, keys, count, ret_error);
}

// ------------------------------------------------------------------------------------------------------- reading

static enum err read_profile(struct pipeline *pipeline, const struct db_rows *rows, size_t row,
                             struct profile *ret, struct error *ret_error)
{
    yyjson_val *json;
    struct slice text = db_rows_text(rows, row, db_rows_column(rows, "profile"));
    enum err err =
        json_parse(pipeline->arena, arena_slice(pipeline->arena, text), &json, ret_error);
    if (!err)
        profile_read(pipeline->arena, MATCH_EVENTS, json, ret);
    return err;
}

// The event as it was just stored, and its keys.
static enum err read_own(struct comparison *comparison, struct error *ret_error)
{
    struct pipeline *pipeline = comparison->pipeline;
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    const struct slice id = slice_from_cstr(pipeline->job->event_id);
    const struct db_value ids[] = {db_text_array(pipeline->arena, &id, 1)};
    enum err err = db_session_query(pipeline->session, &sql_duplicates_get_event_profiles, ids,
                                    &rows, ret_error);
    if (!err)
        err = read_profile(pipeline, rows, 0, &comparison->own, ret_error);
    if (!err)
        comparison->keys = profile_keys(pipeline->arena, &comparison->own, &comparison->key_count);
    return err;
}

static struct slice render_keys(const struct comparison *comparison)
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, MAX_KEYS_BYTES);
    struct json_writer w = json_writer_on(&text);
    profile_write_keys(&w, comparison->keys, comparison->key_count);
    return arena_slice(comparison->pipeline->arena, buffer_slice(&text));
}

static int compare_candidates(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    double difference = y->answer.weight - x->answer.weight;
    return difference > 0 ? 1 : difference < 0 ? -1 : slice_compare(x->target, y->target);
}

// Of the listings of one event the likeliest stays.
static void drop_other_listings(struct comparison *comparison)
{
    size_t kept = 0;
    for (size_t i = 0; i < comparison->count; i++) {
        bool is_there = false;
        for (size_t j = 0; j < kept; j++)
            is_there |=
                slice_equal(comparison->candidates[j].target, comparison->candidates[i].target);
        if (!is_there)
            comparison->candidates[kept++] = comparison->candidates[i];
    }
    comparison->count = kept;
}

static enum err find_candidates(struct comparison *comparison, struct slice keys,
                                struct error *ret_error)
{
    struct pipeline *pipeline = comparison->pipeline;
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    const struct db_value values[] = {db_cstr(pipeline->job->event_id), db_text(keys),
                                      db_int(pipeline->arena, MAX_CANDIDATES)};
    enum err err =
        db_session_query(pipeline->session, &sql_events_find_candidates, values, &rows, ret_error);
    size_t count = err ? 0 : db_rows_count(rows);
    for (size_t i = 0; i < count && i < MAX_CANDIDATES && !err; i++) {
        struct candidate *candidate = &comparison->candidates[i];
        candidate->target =
            db_rows_value_text(rows, i, db_rows_column(rows, "target"), pipeline->arena);
        err = read_profile(pipeline, rows, i, &candidate->profile, ret_error);
        if (!err)
            profile_compare(&comparison->own, &candidate->profile, 0, &candidate->answer);
        comparison->count++;
    }
    if (comparison->count)
        qsort(comparison->candidates, comparison->count, sizeof *comparison->candidates,
              compare_candidates);
    drop_other_listings(comparison);
    return err;
}

// -------------------------------------------------------------------------------------------------------- acting

// How many of the candidates it certainly is: the likeliest, and those that are certainly one with that. Another that is
// nearly as likely makes it doubtful: then none.
static size_t count_certain(struct comparison *comparison)
{
    struct candidate *candidates = comparison->candidates;
    size_t certain = 0;
    while (certain < comparison->count && candidates[certain].answer.decision == MATCH_MERGE) {
        struct match_answer answer;
        if (certain) {
            profile_compare(&candidates[0].profile, &candidates[certain].profile, 0, &answer);
            if (answer.decision != MATCH_MERGE)
                break;
        }
        certain++;
    }
    bool has_rival = certain < comparison->count &&
                     candidates[certain].answer.decision == MATCH_MERGE &&
                     candidates[certain].answer.weight > candidates[0].answer.weight - CLEAR_BITS;
    return has_rival ? 0 : certain;
}

static enum err find_survivor(struct comparison *comparison, struct slice *ret_id,
                              struct error *ret_error)
{
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    const struct db_value values[] = {db_cstr(comparison->pipeline->job->event_id)};
    enum err err = db_session_query(comparison->pipeline->session, &sql_events_get_survivor, values,
                                    &rows, ret_error);
    if (!err)
        *ret_id = db_rows_value_text(rows, 0, 0, comparison->pipeline->arena);
    return err;
}

// survivor: what the event is by now.
static enum err merge(struct comparison *comparison, const struct candidate *candidate,
                      struct slice *survivor, struct error *ret_error)
{
    struct arena *arena = comparison->pipeline->arena;
    const struct db_value values[] = {
        db_cstr(entity_kind_names[MATCH_EVENTS]),
        db_text(*survivor),
        db_text(candidate->target),
        db_cstr("processing"),
        db_text(profile_render_waterfall(arena, &comparison->own, &candidate->profile,
                                         &candidate->answer)),
        db_double(arena, profile_probability(&candidate->answer))};
    enum err err = db_session_query(comparison->pipeline->session, &sql_duplicates_merge_pair,
                                    values, NULL, ret_error);
    return err ? err : find_survivor(comparison, survivor, ret_error);
}

static void write_pair(struct json_writer *w, struct slice id, const struct comparison *comparison,
                       const struct candidate *candidate)
{
    bool is_first = slice_compare(id, candidate->target) < 0;
    const struct profile *own = &comparison->own, *other = &candidate->profile;
    json_begin_object(w);
    json_key(w, "a");
    json_text(w, is_first ? id : candidate->target);
    json_key(w, "b");
    json_text(w, is_first ? candidate->target : id);
    json_key(w, "probability");
    json_double(w, profile_probability(&candidate->answer));
    json_key(w, "evidence");
    profile_write_waterfall(w, is_first ? own : other, is_first ? other : own, &candidate->answer);
    json_end_object(w);
}

static enum err review(struct comparison *comparison, struct slice survivor, size_t from,
                       struct error *ret_error)
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, MAX_PAIRS_BYTES);
    struct json_writer w = json_writer_on(&text);
    size_t count = 0;
    json_begin_array(&w);
    for (size_t i = from; i < comparison->count && count < MAX_REVIEWS; i++) {
        const struct candidate *candidate = &comparison->candidates[i];
        if (candidate->answer.decision == MATCH_DISTINCT ||
            slice_equal(candidate->target, survivor))
            continue;
        write_pair(&w, survivor, comparison, candidate);
        count++;
    }
    json_end_array(&w);
    const struct db_value values[] = {db_cstr(entity_kind_names[MATCH_EVENTS]),
                                      db_text(buffer_slice(&text))};
    return count ? db_session_query(comparison->pipeline->session, &sql_duplicates_queue_pairs,
                                    values, NULL, ret_error)
                 : ERR_OK;
}

static enum err act(struct comparison *comparison, struct error *ret_error)
{
    struct slice own = slice_from_cstr(comparison->pipeline->job->event_id), survivor = own;
    size_t certain = count_certain(comparison);
    // What the page tells of its people is shown with their other events, too, whatever becomes of this one.
    enum err err = certain ? pipeline_queue_related(comparison->pipeline, ret_error) : ERR_OK;
    for (size_t i = 0; i < certain && !err; i++)
        err = merge(comparison, &comparison->candidates[i], &survivor, ret_error);
    if (!err)
        err = review(comparison, survivor, certain, ret_error);
    return err || slice_equal(survivor, own)
               ? err
               : pipeline_finish_merged(comparison->pipeline, ret_error);
}

enum err stage_resolve_event(struct pipeline *pipeline, struct error *ret_error)
{
    struct comparison *comparison = ARENA_NEW(pipeline->arena, struct comparison);
    comparison->pipeline = pipeline;
    enum err err = read_own(comparison, ret_error);
    if (!err)
        err =
            locks_take(pipeline, MATCH_EVENTS, comparison->keys, comparison->key_count, ret_error);
    struct slice keys = err ? (struct slice){0} : render_keys(comparison);
    const struct db_value kept[] = {db_cstr(pipeline->job->event_id), db_text(keys),
                                    db_int(pipeline->arena, MATCH_KEYS_VERSION)};
    if (!err)
        err = db_session_query(pipeline->session, &sql_events_replace_keys, kept, NULL, ret_error);
    if (!err)
        err = find_candidates(comparison, keys, ret_error);
    return err ? err : act(comparison, ret_error);
}
