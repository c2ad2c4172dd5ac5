#include "lib/base/ensure.h"
#include "lib/json/json.h"
#include "processor/deduplication/batch.h"
#include "processor/deduplication/refill.h"
#include "processor/jobs/jobs.h"
#include "statements.gen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_PASSES = 5,       // a merge may bring new pairs about
    CONFLICT_REPEATS = 5, // of one statement: lost races are repeated at once
    MAX_CHANGED = 100000, // rows that the next pass looks at
    SEEN_PAIRS = 1 << 21, // that are remembered, at least most of them; a power of two
    SEEN_PLACES = 8,      // where one of them may stand; a power of two
    MAX_SHOWN = 200,      // of merges, and of pairs for review, in the result
    MAX_JSON_BYTES = 64 * 1024 * 1024,
    MAX_BATCH_BYTES = 256 * 1024 * 1024,
};

// What was found, for the result: members of an array, rendered as they come, up to a maximum.
struct proposals {
    struct buffer text;
    struct json_writer writer;
    int64_t count, shown;
};

struct run {
    struct db_session *session;
    const struct queue_job *job;
    struct arena *arena;   // of the run
    struct arena *scratch; // of a batch
    enum match_kind kind;
    bool is_dry;
    double threshold; // a probability; below 0: the model's
    double people;
    uint64_t *seen; // fingerprints of pairs; the newest of each SEEN_PLACES
    struct groups groups;
    int64_t done; // pairs of this kind
    int64_t candidates, merged, cut;
    struct slice *changed; // who stayed after a merge of this pass
    size_t changed_count;
    struct proposals likely;                     // at or above the threshold
    struct proposals doubtful[MATCH_KIND_COUNT]; // below it
};

// ------------------------------------------------------------------------------------------------------ reading

static enum err count_people(struct run *run, struct error *ret_error)
{
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    enum err err =
        db_session_query(run->session, &sql_duplicates_count_people, NULL, &rows, ret_error);
    if (!err)
        run->people = db_rows_double(rows, 0, 0);
    return err;
}

// ------------------------------------------------------------------------------------------------------ telling

static void proposals_begin(struct proposals *list)
{
    buffer_clear(&list->text);
    list->writer = json_writer_on(&list->text);
    list->count = list->shown = 0;
}

static void write_party(struct json_writer *w, const char *key, const struct profile *profile)
{
    json_key(w, key);
    json_begin_object(w);
    json_key(w, "id");
    json_text(w, profile->id);
    json_key(w, "name");
    json_text(w, profile->name);
    json_end_object(w);
}

static void propose(struct run *run, struct proposals *list, const struct find *find,
                    const char *action, struct slice merge_id)
{
    struct json_writer *w = &list->writer;
    list->count++;
    if (list->shown == MAX_SHOWN)
        return;
    list->shown++;
    json_begin_object(w);
    json_key(w, "kind");
    json_cstr(w, entity_kind_names[run->kind]);
    write_party(w, "a", find->a);
    write_party(w, "b", find->b);
    json_key(w, "probability");
    json_double(w, profile_probability(&find->answer));
    json_key(w, "action");
    json_cstr(w, action);
    json_key(w, "merge_id");
    json_text(w, merge_id);
    json_key(w, "evidence");
    profile_write_waterfall(w, find->a, find->b, &find->answer);
    json_end_object(w);
}

static void write_members(struct json_writer *w, const struct proposals *list)
{
    if (list->shown)
        json_raw(w, buffer_slice(&list->text));
}

static double probability_of(double bits)
{
    return profile_probability(&(struct match_answer){.probability = 1 / (1 + exp2(-bits))});
}

// From which probability on pairs of a kind are merged, and are put up for review.
static void write_thresholds(struct json_writer *w, const struct run *run)
{
    const struct match_model *model = match_model_get();
    json_key(w, "thresholds");
    json_begin_object(w);
    for (int i = 0; i < MATCH_KIND_COUNT; i++) {
        json_key(w, entity_kind_names[i]);
        json_begin_object(w);
        json_key(w, "merge");
        json_double(w,
                    run->threshold >= 0 ? run->threshold : probability_of(model->kinds[i].merge));
        json_key(w, "review");
        json_double(w, probability_of(model->kinds[i].review));
        json_end_object(w);
    }
    json_end_object(w);
}

static void write_counts(struct json_writer *w, const struct run *run)
{
    int64_t doubtful = 0, hidden = run->likely.count - run->likely.shown;
    for (int i = 0; i < MATCH_KIND_COUNT; i++) {
        doubtful += run->doubtful[i].count;
        hidden += run->doubtful[i].count - run->doubtful[i].shown;
    }
    json_key(w, "model_version");
    json_int(w, match_model_get()->version);
    json_key(w, "candidates");
    json_int(w, run->candidates);
    json_key(w, "merged");
    json_int(w, run->merged);
    json_key(w, "above_threshold");
    json_int(w, run->likely.count);
    json_key(w, "for_review");
    json_int(w, doubtful);
    json_key(w, "groups_cut");
    json_int(w, run->cut);
    json_key(w, "truncated");
    json_bool(w, hidden > 0);
}

static struct slice render_result(struct run *run)
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, 2 * MAX_JSON_BYTES);
    struct json_writer w = json_writer_on(&text);
    json_begin_object(&w);
    json_key(&w, "dry_run");
    json_bool(&w, run->is_dry);
    write_thresholds(&w, run);
    write_counts(&w, run);
    json_key(&w, "merges");
    json_begin_array(&w);
    write_members(&w, &run->likely);
    json_end_array(&w);
    json_key(&w, "reviews");
    json_begin_array(&w);
    for (int i = 0; i < MATCH_KIND_COUNT; i++)
        write_members(&w, &run->doubtful[i]);
    json_end_array(&w);
    json_end_object(&w);
    return arena_slice(run->arena, buffer_slice(&text));
}

// ------------------------------------------------------------------------------------------------------ finding

// Whoever sets a threshold decides about what is doubtful; those whom the model calls distinct stay two.
static bool is_likely(const struct run *run, const struct find *find)
{
    const struct match_model *model = match_model_get();
    if (run->threshold < 0)
        return find->weight >= model->kinds[run->kind].merge;
    return find->weight >= model->kinds[run->kind].review &&
           1 / (1 + exp2(-find->weight)) >= run->threshold;
}

// Most pairs have several keys in common; once is enough in a pass. A pair that was forgotten is compared once more.
static bool was_seen(struct run *run, uint64_t fingerprint)
{
    uint64_t *places = &run->seen[fingerprint & (SEEN_PAIRS - SEEN_PLACES)];
    for (size_t i = 0; i < SEEN_PLACES; i++)
        if (places[i] == fingerprint)
            return true;
    memmove(places + 1, places, (SEEN_PLACES - 1) * sizeof *places);
    places[0] = fingerprint;
    return false;
}

// True: they may be one.
static bool compare_pair(struct run *run, struct batch *batch, const struct profile *a,
                         const struct profile *b)
{
    bool is_ordered = slice_compare(a->id, b->id) < 0;
    struct find find = {.a = is_ordered ? a : b, .b = is_ordered ? b : a};
    uint64_t fingerprint = batch_fingerprint(find.a->id, find.b->id);
    if (was_seen(run, fingerprint) || batch_is_decided(batch, fingerprint))
        return false;
    run->done++;
    profile_compare(find.a, find.b, run->people, &find.answer);
    find.weight = find.answer.weight;
    bool is_find = is_likely(run, &find) || profile_is_worth_asking(find.a, find.b, &find.answer);
    if (is_find)
        batch->finds[batch->find_count++] = find;
    return is_find;
}

// Who changed in the pass before is compared with everybody, and so is who may be one with them: those may be one with
// another as well. All else was compared before.
static void compare_changed(struct run *run, struct batch *batch,
                            const struct profile *const members[], size_t count)
{
    bool is_changed[GROUPS_MAX_MEMBERS], is_near[GROUPS_MAX_MEMBERS] = {0};
    for (size_t i = 0; i < count; i++)
        is_changed[i] =
            slice_is_among(members[i]->id, run->groups.changed, run->groups.changed_count);
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++)
            if ((is_changed[i] || is_changed[j]) &&
                compare_pair(run, batch, members[i], members[j]))
                is_near[i] = is_near[j] = true;
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++)
            if (!is_changed[i] && !is_changed[j] && (is_near[i] || is_near[j]))
                compare_pair(run, batch, members[i], members[j]);
}

static void compare_group(struct run *run, struct batch *batch, const struct group *group)
{
    const struct profile *members[GROUPS_MAX_MEMBERS];
    size_t count = 0;
    for (size_t i = 0; i < group->count; i++) {
        const struct profile *profile = batch_find(batch, group->ids[i]);
        if (profile)
            members[count++] = profile;
    }
    if (run->groups.changed) {
        compare_changed(run, batch, members, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++)
            compare_pair(run, batch, members[i], members[j]);
}

// ------------------------------------------------------------------------------------------------------- acting

// Each is a transaction of its own: whoever lost a race repeats it alone, and not the run.
static enum err query_again(struct run *run, const struct db_statement *statement,
                            const struct db_value *values, struct db_rows **ret_rows,
                            struct error *ret_error)
{
    enum err err = ERR_CONFLICT;
    for (int i = 0; i <= CONFLICT_REPEATS && err == ERR_CONFLICT; i++)
        err = db_session_query(run->session, statement, values, ret_rows, ret_error);
    return err;
}

// Of many of one name each is merged once, not asked about once for each of the others.
static enum err note_merge(struct run *run, struct batch *batch, const struct find *find,
                           struct slice merge_id, struct error *ret_error)
{
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    const struct db_value values[] = {db_text(merge_id)};
    enum err err = db_session_query(run->session, &sql_merges_get_loser, values, &rows, ret_error);
    if (err)
        return err;
    bool is_b = slice_equal(
        db_rows_value_text(rows, 0, db_rows_column(rows, "loser"), run->scratch), find->b->id);
    batch->are_gone[(is_b ? find->b : find->a) - batch->profiles] = true;
    // All keys of both are those of who stayed.
    if (run->changed_count < MAX_CHANGED)
        run->changed[run->changed_count++] =
            arena_slice(run->arena, is_b ? find->a->id : find->b->id);
    return ERR_OK;
}

// One pair, one transaction. Somebody else may have been faster: then nothing happens.
static enum err merge(struct run *run, struct batch *batch, const struct find *find,
                      struct error *ret_error)
{
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    const struct db_value values[] = {
        db_cstr(entity_kind_names[run->kind]),
        db_text(find->a->id),
        db_text(find->b->id),
        db_cstr("deduplicate"),
        db_text(profile_render_waterfall(run->scratch, find->a, find->b, &find->answer)),
        db_double(run->scratch, profile_probability(&find->answer))};
    enum err err = query_again(run, &sql_duplicates_merge_pair, values, &rows, ret_error);
    if (err || db_rows_is_null(rows, 0, db_rows_column(rows, "merge_id")))
        return err;
    struct slice merge_id =
        db_rows_value_text(rows, 0, db_rows_column(rows, "merge_id"), run->scratch);
    run->merged++;
    propose(run, &run->likely, find, "merged", merge_id);
    return note_merge(run, batch, find, merge_id, ret_error);
}

// A pair's member of the list that queue_pairs takes.
static void write_pair(struct json_writer *w, const struct find *find)
{
    json_begin_object(w);
    json_key(w, "a");
    json_text(w, find->a->id);
    json_key(w, "b");
    json_text(w, find->b->id);
    json_key(w, "probability");
    json_double(w, profile_probability(&find->answer));
    json_key(w, "evidence");
    profile_write_waterfall(w, find->a, find->b, &find->answer);
    json_end_object(w);
}

// Those below the threshold go first: a merge then takes along what is thought of its loser.
static enum err review(struct run *run, const struct batch *batch, struct error *ret_error)
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, MAX_BATCH_BYTES);
    struct json_writer w = json_writer_on(&text);
    size_t count = 0;
    json_begin_array(&w);
    for (size_t i = 0; i < batch->find_count; i++)
        if (!is_likely(run, &batch->finds[i]) &&
            profile_is_worth_asking(batch->finds[i].a, batch->finds[i].b,
                                    &batch->finds[i].answer)) {
            write_pair(&w, &batch->finds[i]);
            propose(run, &run->doubtful[run->kind], &batch->finds[i], "review", (struct slice){0});
            count++;
        }
    json_end_array(&w);
    const struct db_value values[] = {db_cstr(entity_kind_names[run->kind]),
                                      db_text(buffer_slice(&text))};
    return run->is_dry || count == 0
               ? ERR_OK
               : query_again(run, &sql_duplicates_queue_pairs, values, NULL, ret_error);
}

static int compare_finds(const void *a, const void *b)
{
    double difference =
        ((const struct find *)b)->answer.weight - ((const struct find *)a)->answer.weight;
    return difference > 0 ? 1 : difference < 0 ? -1 : 0;
}

static bool was_decided_apart(const void *data, const struct profile *a, const struct profile *b)
{
    bool is_ordered = slice_compare(a->id, b->id) < 0;
    return batch_is_decided(data, is_ordered ? batch_fingerprint(a->id, b->id)
                                             : batch_fingerprint(b->id, a->id));
}

static bool is_gone(const struct batch *batch, const struct find *find)
{
    return batch->are_gone[find->a - batch->profiles] || batch->are_gone[find->b - batch->profiles];
}

// The likeliest first: what it makes of two decides about the next.
static enum err act(struct run *run, struct batch *batch, struct error *ret_error)
{
    const struct rivals rivals = {batch->profiles, batch->profile_count, run->people,
                                  was_decided_apart, batch};
    if (batch->find_count)
        qsort(batch->finds, batch->find_count, sizeof *batch->finds, compare_finds);
    rivals_weigh(&rivals, run->scratch, batch->finds, batch->find_count);
    enum err err = review(run, batch, ret_error);
    for (size_t i = 0; i < batch->find_count && !err; i++) {
        if (!is_likely(run, &batch->finds[i]) || is_gone(batch, &batch->finds[i]))
            continue;
        if (run->is_dry)
            propose(run, &run->likely, &batch->finds[i], "merge", (struct slice){0});
        else
            err = merge(run, batch, &batch->finds[i], ret_error);
    }
    return err;
}

static enum err look_at(struct run *run, const struct group *groups, size_t count,
                        struct error *ret_error)
{
    const struct batch_source source = {run->session, run->scratch, run->kind};
    struct batch batch;
    arena_reset(run->scratch);
    enum err err = batch_load(&source, groups, count, &batch, ret_error);
    for (size_t i = 0; i < count && !err; i++)
        compare_group(run, &batch, &groups[i]);
    return err ? err : act(run, &batch, ret_error);
}

// All groups, or those with somebody who changed in the pass before.
static enum err pass(struct run *run, struct error *ret_error)
{
    const struct group *groups;
    size_t count = 1;
    int64_t before = run->done;
    enum err err = ERR_OK;
    memset(run->seen, 0, SEEN_PAIRS * sizeof *run->seen);
    while (!err && count) {
        err = groups_next(&run->groups, &groups, &count, ret_error);
        if (!err && count)
            err = look_at(run, groups, count, ret_error);
        double share = groups_share_read(&run->groups);
        double here = (double)(run->done - before);
        int64_t total = share > 0 ? before + (int64_t)fmin(here / share, INT32_MAX) : run->done;
        if (!err)
            err = queue_progress(run->session, run->job, run->done, total, ret_error);
    }
    run->cut += run->groups.cut;
    return err;
}

// Until nothing merges any more; what is left for review is what the passes saw.
static enum err deduplicate(struct run *run, struct error *ret_error)
{
    struct slice *changed = NULL;
    size_t changed_count = 0;
    run->done = 0;
    enum err err = count_people(run, ret_error);
    for (int i = 0; i < MAX_PASSES && !err && (i == 0 || changed_count); i++) {
        groups_init(&run->groups, run->session, run->kind);
        run->groups.changed = changed;
        run->groups.changed_count = changed_count;
        run->changed = ARENA_ARRAY(run->arena, MAX_CHANGED, struct slice);
        run->changed_count = 0;
        err = pass(run, ret_error);
        groups_done(&run->groups);
        if (i == 0)
            run->candidates += run->done;
        changed = run->changed;
        changed_count = slice_sort_unique(run->changed, run->changed_count);
    }
    return err;
}

static void run_done(struct run *run)
{
    buffer_done(&run->likely.text);
    for (int i = 0; i < MATCH_KIND_COUNT; i++)
        buffer_done(&run->doubtful[i].text);
    arena_free(run->scratch);
    free(run->seen);
}

enum err job_deduplicate(void *worker, struct db_session *session, const struct queue_job *job,
                         struct arena *arena, struct queue_outcome *outcome,
                         struct error *ret_error)
{
    yyjson_val *args, *kind;
    size_t i, most;
    (void)worker, (void)outcome;
    enum err err = json_parse(arena, job->args, &args, ret_error);
    if (err)
        return err;
    struct run run CLEANUP(run_done) = {
        .session = session,
        .job = job,
        .arena = arena,
        .scratch = arena_new(MAX_BATCH_BYTES),
        .is_dry = json_get_bool(args, "dry_run", true),
        .threshold = json_get_double(args, "threshold", -1),
        .seen = calloc(SEEN_PAIRS, sizeof *run.seen),
    };
    ensure(run.seen != NULL);
    buffer_init(&run.likely.text, MAX_JSON_BYTES);
    proposals_begin(&run.likely);
    for (int k = 0; k < MATCH_KIND_COUNT; k++) {
        buffer_init(&run.doubtful[k].text, MAX_JSON_BYTES);
        proposals_begin(&run.doubtful[k]);
    }
    int64_t refilled;
    err = keys_refill(session, &refilled, ret_error);
    yyjson_arr_foreach (json_get(args, "kinds"), i, most, kind) {
        run.kind = entity_kind_find((struct slice){yyjson_get_str(kind), yyjson_get_len(kind)});
        if (!err && run.kind != MATCH_KIND_COUNT)
            err = deduplicate(&run, ret_error);
    }
    return err ? err : queue_complete_with(session, job, render_result(&run), ret_error);
}
