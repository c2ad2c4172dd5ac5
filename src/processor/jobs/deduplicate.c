#include "processor/deduplication/scorer.h"
#include "processor/jobs/jobs.h"

#include "lib/base/ensure.h"
#include "lib/json/json.h"
#include "lib/text/name_words.h"
#include "statements.gen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_PAIRS = 1000000, // of one pass
    READ_PAIRS = 20000,  // read at once
    CHUNK_PAIRS = 100,   // looked at together
    MAX_PASSES = 5,      // a merge may bring new pairs about
    MAX_SHOWN = 200,     // of merges, and of pairs for review, in the result
    MAX_JSON_BYTES = 16 * 1024 * 1024,
};
// Pairs that are less likely than this are nobody's business.
static const double review_from = 0.5;

struct pair {
    struct slice a, b; // ids
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
    struct arena *scratch; // of a chunk
    enum match_kind kind;
    bool is_dry;
    double threshold;
    struct db_value legal_forms;
    int64_t done, total; // pairs
    int64_t candidates, merged;
    struct proposals likely;                     // at or above the threshold
    struct proposals doubtful[MATCH_KIND_COUNT]; // below it, of the last pass
    int64_t merged_in_pass;
    bool is_cut_in_pass; // there were more pairs than a pass takes
    bool is_cut;         // so it was in the last pass over a kind
};

struct profile {
    struct slice id;
    yyjson_val *json;
    bool is_merged;
};

// ------------------------------------------------------------------------------------------------------ reading

// "( (inc|ltd|…))+$" for PostgreSQL, of the one list of legal forms.
static struct db_value legal_form_pattern(struct arena *arena)
{
    const char *words = "", *word;
    for (size_t i = 0; (word = name_list_word(NAME_LIST_LEGAL_FORM, i)); i++)
        words = arena_printf(arena, "%s%s%s", words, i ? "|" : "", word);
    return db_cstr(arena_printf(arena, "( (%s))+$", words));
}

// The next pairs behind one, in the order of a, then b; arena holds them.
static enum err find_pairs(struct run *run, struct pair behind, struct arena *arena,
                           struct pair **ret_pairs, size_t *ret_count, struct error *ret_error)
{
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    const struct db_value a = db_text(behind.a), b = db_text(behind.b),
                          most = db_int(arena, READ_PAIRS);
    const struct db_value plain[] = {a, b, most}, companies[] = {run->legal_forms, a, b, most};
    static const struct db_statement *const statements[MATCH_KIND_COUNT] = {
        [MATCH_SPEAKER] = &sql_duplicates_find_speaker_pairs,
        [MATCH_COMPANY] = &sql_duplicates_find_company_pairs,
        [MATCH_EVENT] = &sql_duplicates_find_event_pairs,
    };
    enum err err =
        db_session_query(run->session, statements[run->kind],
                         run->kind == MATCH_COMPANY ? companies : plain, &rows, ret_error);
    if (err)
        return err;
    *ret_count = db_rows_count(rows);
    *ret_pairs = ARENA_ARRAY(arena, *ret_count + 1, struct pair);
    for (size_t i = 0; i < *ret_count; i++)
        (*ret_pairs)[i] = (struct pair){db_rows_value_text(rows, i, 0, arena),
                                        db_rows_value_text(rows, i, 1, arena)};
    return ERR_OK;
}

static int compare_profiles(const void *a, const void *b)
{
    return slice_compare(((const struct profile *)a)->id, ((const struct profile *)b)->id);
}

// The profiles of a chunk's pairs, sorted by id.
static enum err load_profiles(struct run *run, const struct pair *pairs, size_t count,
                              struct profile **ret_profiles, size_t *ret_count,
                              struct error *ret_error)
{
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    struct slice *ids = ARENA_ARRAY(run->scratch, 2 * count, struct slice);
    for (size_t i = 0; i < count; i++) {
        ids[2 * i] = pairs[i].a;
        ids[2 * i + 1] = pairs[i].b;
    }
    const struct db_value values[] = {db_text_array(run->scratch, ids, 2 * count),
                                      run->legal_forms};
    static const struct db_statement *const statements[MATCH_KIND_COUNT] = {
        [MATCH_SPEAKER] = &sql_duplicates_get_speaker_profiles,
        [MATCH_COMPANY] = &sql_duplicates_get_company_profiles,
        [MATCH_EVENT] = &sql_duplicates_get_event_profiles,
    };
    enum err err = db_session_query(run->session, statements[run->kind], values, &rows, ret_error);
    if (err)
        return err;
    *ret_count = db_rows_count(rows);
    struct profile *found = *ret_profiles =
        ARENA_ARRAY(run->scratch, *ret_count + 1, struct profile);
    for (size_t i = 0; i < *ret_count && !err; i++) {
        struct slice text = db_rows_text(rows, i, db_rows_column(rows, "profile"));
        found[i].id = db_rows_value_text(rows, i, db_rows_column(rows, "id"), run->scratch);
        found[i].is_merged = !db_rows_is_null(rows, i, db_rows_column(rows, "_merged_into"));
        err = json_parse(run->scratch, arena_slice(run->scratch, text), &found[i].json, ret_error);
    }
    qsort(found, *ret_count, sizeof *found, compare_profiles);
    return err;
}

// NULL when it is gone or merged by now.
static yyjson_val *find_profile(const struct profile *profiles, size_t count, struct slice id)
{
    const struct profile key = {.id = id},
                         *found = bsearch(&key, profiles, count, sizeof key, compare_profiles);
    return found && !found->is_merged ? found->json : NULL;
}

// ------------------------------------------------------------------------------------------------------ telling

static void proposals_begin(struct proposals *list)
{
    buffer_clear(&list->text);
    list->writer = json_writer_on(&list->text);
    list->count = list->shown = 0;
}

static void write_party(struct json_writer *w, const char *key, yyjson_val *profile)
{
    json_key(w, key);
    json_begin_object(w);
    json_key(w, "id");
    json_text(w, json_get_text(profile, "id"));
    json_key(w, "name");
    json_text(w, json_get_text(profile, "name"));
    json_end_object(w);
}

static void propose(struct run *run, struct proposals *list, yyjson_val *a, yyjson_val *b,
                    const struct match_score *score, struct slice merge_id)
{
    struct json_writer *w = &list->writer;
    list->count++;
    if (list->shown == MAX_SHOWN)
        return;
    list->shown++;
    json_begin_object(w);
    json_key(w, "kind");
    json_cstr(w, match_kind_names[run->kind]);
    write_party(w, "a", a);
    write_party(w, "b", b);
    json_key(w, "probability");
    json_double(w, score->probability);
    json_key(w, "action");
    json_cstr(w, list != &run->likely ? "review" : run->is_dry ? "merge" : "merged");
    json_key(w, "merge_id");
    json_text(w, merge_id);
    json_key(w, "evidence");
    match_write_evidence(w, score);
    json_end_object(w);
}

static void write_members(struct json_writer *w, const struct proposals *list)
{
    if (list->shown)
        json_raw(w, buffer_slice(&list->text));
}

static struct slice render_result(struct run *run)
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, 2 * MAX_JSON_BYTES);
    struct json_writer w = json_writer_on(&text);
    const struct match_scorer *scorer = match_scorer_of(MATCH_SPEAKER);
    int64_t doubtful = 0, hidden = run->likely.count - run->likely.shown;
    for (int i = 0; i < MATCH_KIND_COUNT; i++) {
        doubtful += run->doubtful[i].count;
        hidden += run->doubtful[i].count - run->doubtful[i].shown;
    }
    json_begin_object(&w);
    json_key(&w, "dry_run");
    json_bool(&w, run->is_dry);
    json_key(&w, "threshold");
    json_double(&w, run->threshold);
    json_key(&w, "review_from");
    json_double(&w, review_from);
    json_key(&w, "scorer");
    json_cstr(&w, scorer->name);
    json_key(&w, "model_version");
    json_int(&w, scorer->version);
    json_key(&w, "candidates");
    json_int(&w, run->candidates);
    json_key(&w, "merged");
    json_int(&w, run->merged);
    json_key(&w, "above_threshold");
    json_int(&w, run->likely.count);
    json_key(&w, "for_review");
    json_int(&w, doubtful);
    json_key(&w, "truncated");
    json_bool(&w, hidden > 0 || run->is_cut);
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

// ------------------------------------------------------------------------------------------------------- acting

static struct slice render_evidence(struct arena *arena, const struct match_score *score)
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, MAX_JSON_BYTES);
    struct json_writer w = json_writer_on(&text);
    match_write_evidence(&w, score);
    return arena_slice(arena, buffer_slice(&text));
}

// One pair, one transaction. Somebody else may have been faster: then nothing happens.
static enum err merge(struct run *run, const struct pair *pair, yyjson_val *a, yyjson_val *b,
                      const struct match_score *score, struct error *ret_error)
{
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    const struct db_value values[] = {db_cstr(match_kind_names[run->kind]),
                                      db_text(pair->a),
                                      db_text(pair->b),
                                      db_cstr("deduplicate"),
                                      db_text(render_evidence(run->scratch, score)),
                                      db_double(run->scratch, score->probability)};
    enum err err =
        db_session_query(run->session, &sql_duplicates_merge_pair, values, &rows, ret_error);
    if (err || db_rows_is_null(rows, 0, db_rows_column(rows, "merge_id")))
        return err;
    run->merged++;
    run->merged_in_pass++;
    propose(run, &run->likely, a, b, score,
            db_rows_value_text(rows, 0, db_rows_column(rows, "merge_id"), run->scratch));
    return ERR_OK;
}

// A pair's member of the list that queue_pairs takes.
static void write_pair(struct json_writer *w, const struct pair *pair,
                       const struct match_score *score)
{
    json_begin_object(w);
    json_key(w, "a");
    json_text(w, pair->a);
    json_key(w, "b");
    json_text(w, pair->b);
    json_key(w, "probability");
    json_double(w, score->probability);
    json_key(w, "evidence");
    match_write_evidence(w, score);
    json_end_object(w);
}

// Those below the threshold go first: a merge then takes along what is thought of its loser.
static enum err review(struct run *run, const struct pair *pairs, size_t count,
                       const struct profile *profiles, size_t profile_count,
                       struct error *ret_error)
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, MAX_JSON_BYTES);
    struct json_writer w = json_writer_on(&text);
    json_begin_array(&w);
    for (size_t i = 0; i < count; i++) {
        yyjson_val *a = find_profile(profiles, profile_count, pairs[i].a),
                   *b = find_profile(profiles, profile_count, pairs[i].b);
        struct match_score score;
        if (!a || !b)
            continue;
        match_score(match_scorer_of(run->kind), a, b, &score);
        if (score.probability >= run->threshold || score.probability < review_from)
            continue;
        write_pair(&w, &pairs[i], &score);
        propose(run, &run->doubtful[run->kind], a, b, &score, (struct slice){0});
    }
    json_end_array(&w);
    const struct db_value values[] = {db_cstr(match_kind_names[run->kind]),
                                      db_text(buffer_slice(&text))};
    return run->is_dry ? ERR_OK
                       : db_session_query(run->session, &sql_duplicates_queue_pairs, values, NULL,
                                          ret_error);
}

static enum err look_at(struct run *run, const struct pair *pairs, size_t count,
                        struct error *ret_error)
{
    struct profile *profiles;
    size_t profile_count;
    arena_reset(run->scratch);
    enum err err = load_profiles(run, pairs, count, &profiles, &profile_count, ret_error);
    if (!err)
        err = review(run, pairs, count, profiles, profile_count, ret_error);
    for (size_t i = 0; i < count && !err; i++) {
        yyjson_val *a = find_profile(profiles, profile_count, pairs[i].a),
                   *b = find_profile(profiles, profile_count, pairs[i].b);
        struct match_score score;
        if (!a || !b)
            continue;
        match_score(match_scorer_of(run->kind), a, b, &score);
        if (score.probability < run->threshold)
            continue;
        if (run->is_dry)
            propose(run, &run->likely, a, b, &score, (struct slice){0});
        else
            err = merge(run, &pairs[i], a, b, &score, ret_error);
    }
    return err;
}

static enum err look_at_all(struct run *run, const struct pair *pairs, size_t count,
                            struct error *ret_error)
{
    enum err err = ERR_OK;
    for (size_t at = 0; at < count && !err; at += CHUNK_PAIRS) {
        size_t here = count - at < CHUNK_PAIRS ? count - at : CHUNK_PAIRS;
        err = look_at(run, pairs + at, here, ret_error);
        run->done += (int64_t)here;
        if (!err)
            err = queue_progress(run->session, run->job, run->done, run->total, ret_error);
    }
    return err;
}

// All pairs, a part after the other: what is behind the last one was not seen yet.
static enum err pass(struct run *run, bool is_first, struct error *ret_error)
{
    static const struct slice first = SLICE_INIT("00000000-0000-0000-0000-000000000000");
    char last[2][UUID_TEXT];
    struct pair behind = {first, first};
    size_t count = READ_PAIRS, seen = 0;
    while (count == READ_PAIRS && seen < MAX_PAIRS) {
        struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(MAX_JSON_BYTES);
        struct pair *pairs = NULL;
        enum err err = find_pairs(run, behind, arena, &pairs, &count, ret_error);
        run->total += (int64_t)count;
        seen += count;
        if (is_first)
            run->candidates += (int64_t)count;
        if (!err)
            err = look_at_all(run, pairs, count, ret_error);
        if (err)
            return err;
        if (count > 0) {
            snprintf(last[0], sizeof last[0], "%.*s", SLICE_FMT(pairs[count - 1].a));
            snprintf(last[1], sizeof last[1], "%.*s", SLICE_FMT(pairs[count - 1].b));
            behind = (struct pair){slice_from_cstr(last[0]), slice_from_cstr(last[1])};
        }
    }
    run->is_cut_in_pass = count == READ_PAIRS;
    return ERR_OK;
}

// Until nothing merges any more; what is left for review is what the last pass saw.
static enum err deduplicate(struct run *run, struct error *ret_error)
{
    for (int i = 0; i < MAX_PASSES; i++) {
        run->merged_in_pass = 0;
        proposals_begin(&run->doubtful[run->kind]);
        enum err err = pass(run, i == 0, ret_error);
        if (err)
            return err;
        if (run->merged_in_pass == 0)
            break;
    }
    run->is_cut = run->is_cut || run->is_cut_in_pass;
    return ERR_OK;
}

static void run_done(struct run *run)
{
    buffer_done(&run->likely.text);
    for (int i = 0; i < MATCH_KIND_COUNT; i++)
        buffer_done(&run->doubtful[i].text);
    arena_free(run->scratch);
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
        .scratch = arena_new(MAX_JSON_BYTES),
        .is_dry = json_get_bool(args, "dry_run", true),
        .threshold = json_get_double(args, "threshold", 1),
        .legal_forms = legal_form_pattern(arena),
    };
    buffer_init(&run.likely.text, MAX_JSON_BYTES);
    proposals_begin(&run.likely);
    for (int k = 0; k < MATCH_KIND_COUNT; k++) {
        buffer_init(&run.doubtful[k].text, MAX_JSON_BYTES);
        proposals_begin(&run.doubtful[k]);
    }
    yyjson_arr_foreach (json_get(args, "kinds"), i, most, kind) {
        run.kind = match_kind_find((struct slice){yyjson_get_str(kind), yyjson_get_len(kind)});
        if (!err && run.kind != MATCH_KIND_COUNT)
            err = deduplicate(&run, ret_error);
    }
    return err ? err : queue_complete_with(session, job, render_result(&run), ret_error);
}
