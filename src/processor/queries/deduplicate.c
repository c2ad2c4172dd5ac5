// POST /internal/deduplicate…, the review queue, merges and their undoing, and why two people may be one.
#include "lib/catalog/parameters.h"
#include "processor/deduplication/profile.h"
#include "processor/queries/queries.h"
#include "statements.gen.h"

#include <math.h>
#include <string.h>

enum { MAX_ANSWER_BYTES = 1024 * 1024 };

// ---------------------------------------------------------------------------------------------------- asking

static void on_requested(void *data, const struct db_rows *rows, const struct error *error)
{
    struct route_call *call = data;
    if (error) {
        route_answer_error(call, error);
        return;
    }
    struct buffer body CLEANUP(buffer_done);
    buffer_init(&body, MAX_ANSWER_BYTES);
    struct json_writer w = json_writer_on(&body);
    json_begin_object(&w);
    json_key(&w, "job_id");
    db_rows_render_value(rows, 0, 0, &w);
    json_key(&w, "status");
    json_cstr(&w, "queued");
    json_end_object(&w);
    route_answer_json(call, 202, buffer_slice(&body));
}

static void post_deduplicate(struct route_call *call)
{
    static const struct {
        const char *path, *kind;
    } parts[] = {
        {"/internal/deduplicate/speakers", "speaker"},
        {"/internal/deduplicate/companies", "company"},
        {"/internal/deduplicate/events", "event"},
    };
    struct slice kinds[MATCH_KIND_COUNT];
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (strcmp(call->route->path, parts[i].path) == 0)
            kinds[count++] = slice_from_cstr(parts[i].kind);
    for (size_t i = 0; count == 0 && i < MATCH_KIND_COUNT; i++)
        kinds[i] = slice_from_cstr(entity_kind_names[i]);
    const struct db_value values[] = {
        db_text_array(call->arena, kinds, count ? count : MATCH_KIND_COUNT),
        db_text(route_value_get(call, "dry_run")->text),
        db_text(route_value_get(call, "threshold")->text),
        db_text(call->exchange->request_id),
        route_asking_user(call),
    };
    route_query(call, &sql_duplicates_request_deduplication, values, on_requested, call);
}

// -------------------------------------------------------------------------------------------------- deciding

static void on_decided(void *data, const struct db_rows *rows, const struct error *error)
{
    struct route_call *call = data;
    int refused = error ? -1 : db_rows_column(rows, "_refused");
    if (error || db_rows_count(rows) == 0 || db_rows_is_null(rows, 0, refused))
        route_answer_item(data, rows, error);
    else
        http_respond_problem(call->exchange, ERR_CONFLICT,
                             arena_cstr(call->arena, db_rows_text(rows, 0, refused)), NULL, 0);
}

static void post_decision(struct route_call *call)
{
    const struct db_value values[] = {
        db_text(route_value_get(call, "id")->text),
        db_text(route_value_get(call, "decision")->text),
        db_text(route_value_get(call, "note")->text),
        route_asking_user(call),
    };
    route_query(call, &sql_duplicates_decide_duplicate, values, on_decided, call);
}

// --------------------------------------------------------------------------------------------------- undoing

static void answer_conflicts(struct route_call *call, yyjson_val *conflicts)
{
    enum { MAX_SHOWN = 50 };
    struct http_problem_item items[MAX_SHOWN];
    size_t index, most, count = 0;
    yyjson_val *conflict;
    yyjson_arr_foreach (conflicts, index, most, conflict) {
        if (count == MAX_SHOWN)
            break;
        struct slice other = json_get_text(conflict, "merge_id");
        const char *kind = "merge";
        if (!other.len) {
            other = json_get_text(conflict, "event_id");
            kind = "event";
        }
        struct slice detail = json_get_text(conflict, "detail");
        items[count++] = (struct http_problem_item){
            .parameter = "id",
            .code = arena_cstr(call->arena, json_get_text(conflict, "code")),
            .detail = other.len ? arena_printf(call->arena, "%.*s: %s %.*s", SLICE_FMT(detail),
                                               kind, SLICE_FMT(other))
                                : arena_cstr(call->arena, detail),
        };
    }
    http_respond_problem(call->exchange, ERR_CONFLICT, "the merge cannot be undone now", items,
                         count);
}

static void on_undone(void *data, const struct db_rows *rows, const struct error *error)
{
    struct route_call *call = data;
    yyjson_val *conflicts = NULL;
    struct error bad = {0};
    if (!error && db_rows_count(rows) > 0) {
        struct slice text = db_rows_text(rows, 0, db_rows_column(rows, "_conflicts"));
        if (json_parse(call->arena, arena_slice(call->arena, text), &conflicts, &bad)) {
            route_answer_error(call, &bad);
            return;
        }
    }
    if (yyjson_arr_size(conflicts))
        answer_conflicts(call, conflicts);
    else
        route_answer_item(data, rows, error);
}

static void post_undo(struct route_call *call)
{
    const struct db_value values[] = {db_text(route_value_get(call, "id")->text),
                                      route_asking_user(call),
                                      db_text(route_value_get(call, "note")->text)};
    route_query(call, &sql_merges_undo_merge, values, on_undone, call);
}

// ------------------------------------------------------------------------------------------------ explaining

static void write_party(struct json_writer *w, const char *key, const struct profile *profile)
{
    json_key(w, key);
    json_begin_object(w);
    json_key(w, "id");
    json_text(w, profile->id);
    json_key(w, "name");
    json_text(w, profile->name);
    json_key(w, "company");
    json_text(w, json_get_text(profile->json, "company"));
    json_end_object(w);
}

// What stands above the weights.
static void write_rules(struct json_writer *w, struct slice status, bool is_merged)
{
    json_key(w, "rules");
    json_begin_array(w);
    if (slice_equal(status, SLICE("distinct")))
        json_cstr(w, "cannot_link");
    if (is_merged)
        json_cstr(w, "other_is_merged");
    json_end_array(w);
}

static void answer_explanation(struct route_call *call, const struct profile profiles[2],
                               double people, bool is_merged, struct slice status)
{
    const struct match_model *model = match_model_get();
    struct match_answer answer;
    profile_compare(&profiles[0], &profiles[1], people, &answer);
    struct buffer body CLEANUP(buffer_done);
    buffer_init(&body, MAX_ANSWER_BYTES);
    struct json_writer w = json_writer_on(&body);
    json_begin_object(&w);
    write_party(&w, "speaker", &profiles[0]);
    write_party(&w, "other", &profiles[1]);
    json_key(&w, "prior_weight");
    json_double(&w, model->kinds[MATCH_SPEAKERS].prior);
    json_key(&w, "match_weight");
    json_double(&w, round(answer.weight * 100) / 100);
    json_key(&w, "match_probability");
    json_double(&w, profile_probability(&answer));
    json_key(&w, "decision");
    json_cstr(&w, match_decision_name(answer.decision));
    json_key(&w, "waterfall");
    profile_write_waterfall(&w, &profiles[0], &profiles[1], &answer);
    write_rules(&w, status, is_merged);
    json_key(&w, "model_version");
    json_int(&w, model->version);
    json_end_object(&w);
    route_answer_json(call, 200, buffer_slice(&body));
}

static void on_explained(void *data, const struct db_rows *rows, const struct error *error)
{
    struct route_call *call = data;
    struct error bad = {0};
    struct profile profiles[2];
    int merged = error ? -1 : db_rows_column(rows, "_merged_into");
    struct slice id = route_value_get(call, "id")->text;
    bool is_there = !error && db_rows_count(rows) > 0 &&
                    slice_equal_nocase(db_rows_value_text(rows, 0, 0, call->arena), id);
    if (error || (is_there && !db_rows_is_null(rows, 0, merged))) {
        route_answer_item(data, rows, error); // 308 to the survivor
        return;
    }
    if (!is_there || db_rows_count(rows) < 2) {
        http_respond_problem(call->exchange, ERR_NOT_FOUND,
                             is_there ? "no speaker has the other id" : "nothing has this id", NULL,
                             0);
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        struct slice text = db_rows_text(rows, i, db_rows_column(rows, "profile"));
        yyjson_val *json;
        if (json_parse(call->arena, arena_slice(call->arena, text), &json, &bad)) {
            route_answer_error(call, &bad);
            return;
        }
        profile_read(call->arena, MATCH_SPEAKERS, json, &profiles[i]);
    }
    answer_explanation(call, profiles, db_rows_double(rows, 0, db_rows_column(rows, "people")),
                       !db_rows_is_null(rows, 1, merged),
                       db_rows_text(rows, 0, db_rows_column(rows, "status")));
}

static void get_why(struct route_call *call)
{
    const struct slice ids[] = {route_value_get(call, "id")->text,
                                route_value_get(call, "other")->text};
    if (slice_equal_nocase(ids[0], ids[1])) {
        route_answer_invalid(call, ERR_INVALID_PARAMETER, "other", "expected another speaker's id");
        return;
    }
    struct db_value *values = route_bind(call, &sql_duplicates_explain_speakers);
    values[db_param_index(&sql_duplicates_explain_speakers, "ids")] =
        db_text_array(call->arena, ids, 2);
    route_query(call, &sql_duplicates_explain_speakers, values, on_explained, call);
}

// ---------------------------------------------------------------------------------------------------- routes

static const char *const statuses[] = {"pending", "merged", "distinct", "deferred", NULL};
static const char *const decisions[] = {"merge", "distinct", "defer", NULL};

static const struct route_param deduplicate_params[] = {
    {"dry_run", ROUTE_IN_BODY, ROUTE_BOOL, .fallback = "false",
     .doc = "Only tell what would be done; nothing changes.", .example = "true"},
    {"threshold", ROUTE_IN_BODY, ROUTE_NUMBER, .min = 0, .max = 1,
     .doc = "Pairs at least this likely are merged, the model's own threshold without it; those "
            "below wait for review. What the model calls distinct is not merged.",
     .example = "0.95"},
};
static const struct route_param duplicate_filters[] = {
    {"kind", ROUTE_IN_QUERY, ROUTE_ENUM, .values = entity_kind_names, .doc = "Of what.",
     .example = "speaker"},
    {"status", ROUTE_IN_QUERY, ROUTE_ENUM, .values = statuses, .doc = "What was decided.",
     .example = "pending"},
    {"probability_gte", ROUTE_IN_QUERY, ROUTE_NUMBER, .min = 0, .max = 1,
     .doc = "At least this likely to be one.", .example = "0.6"},
};
static const struct route_param duplicate_params[] = {
    {"id", ROUTE_IN_PATH, ROUTE_UUID, .required = true, .doc = "Id of a pair."},
};
static const struct route_param decision_params[] = {
    {"id", ROUTE_IN_PATH, ROUTE_UUID, .required = true, .doc = "Id of a pair."},
    {"decision", ROUTE_IN_BODY, ROUTE_ENUM, .required = true, .values = decisions,
     .doc = "They are one; they are not, and are never proposed again; not now."},
    {"note", ROUTE_IN_BODY, ROUTE_TEXT, .max = 2000, .doc = "Why."},
};
static const struct route_param merge_filters[] = {
    {"kind", ROUTE_IN_QUERY, ROUTE_ENUM, .values = entity_kind_names, .doc = "Of what.",
     .example = "speaker"},
    {"entity", ROUTE_IN_QUERY, ROUTE_UUID, .doc = "Only those in which this one won or lost."},
    {"undone", ROUTE_IN_QUERY, ROUTE_BOOL, .doc = "Only those that were undone, or were not.",
     .example = "false"},
};
static const struct route_param undo_params[] = {
    {"id", ROUTE_IN_PATH, ROUTE_UUID, .required = true, .doc = "Id of a merge."},
    {"note", ROUTE_IN_BODY, ROUTE_TEXT, .max = 2000, .doc = "Why."},
};
static const struct route_param why_params[] = {
    {"id", ROUTE_IN_PATH, ROUTE_UUID, .required = true, .doc = "Id of a speaker."},
    {"other", ROUTE_IN_QUERY, ROUTE_UUID, .required = true, .doc = "Id of another speaker.",
     .example = "00000000-0000-4000-8000-000000000001"},
};

#define DEDUPLICATE(path, summary_text)            \
    {HTTP_METHOD_POST,                             \
     path,                                         \
     ROUTE_INTERNAL,                               \
     "deduplication",                              \
     summary_text,                                 \
     .params = {ROUTE_PARAMS(deduplicate_params)}, \
     .handler = post_deduplicate,                  \
     .status = 202,                                \
     .response = "DeduplicationAccepted",          \
     .body_example = "{\"dry_run\":true,\"threshold\":0.95}"}

const struct route deduplicate_routes[] = {
    DEDUPLICATE("/internal/deduplicate",
                "Look for people, companies and events that are one; the job's result tells."),
    DEDUPLICATE("/internal/deduplicate/speakers", "Look for people who are one."),
    DEDUPLICATE("/internal/deduplicate/companies", "Look for companies that are one."),
    DEDUPLICATE("/internal/deduplicate/events", "Look for events that are one."),
    {HTTP_METHOD_GET, "/internal/duplicates", ROUTE_INTERNAL, "deduplication",
     "Pairs that may be one, the likeliest first.",
     .params = {ROUTE_PARAMS(duplicate_filters), PAGING}, .shape = ROUTE_LIST,
     .statement = &sql_duplicates_list_duplicates, .response = "DuplicateList"},
    {HTTP_METHOD_GET, "/internal/duplicates/:id", ROUTE_INTERNAL, "deduplication",
     "A pair side by side: the reasons, and what a merge would make of the two.",
     .params = {ROUTE_PARAMS(duplicate_params)}, .shape = ROUTE_ITEM,
     .statement = &sql_duplicates_get_duplicate, .response = "DuplicateDetail"},
    {HTTP_METHOD_POST, "/internal/duplicates/:id/decision", ROUTE_INTERNAL, "deduplication",
     "Decide about a pair.", .params = {ROUTE_PARAMS(decision_params)}, .handler = post_decision,
     .response = "DuplicateDecided",
     .body_example = "{\"decision\":\"distinct\",\"note\":\"father and son\"}"},
    {HTTP_METHOD_GET, "/internal/merges", ROUTE_INTERNAL, "deduplication",
     "Merges, the latest first: who became whom, by whom and why.",
     .params = {ROUTE_PARAMS(merge_filters), PAGING}, .shape = ROUTE_LIST,
     .statement = &sql_merges_list_merges, .response = "MergeList"},
    {HTTP_METHOD_POST, "/internal/merges/:id/undo", ROUTE_INTERNAL, "deduplication",
     "Undo a merge. 409 names what stands in the way.", .params = {ROUTE_PARAMS(undo_params)},
     .handler = post_undo, .response = "MergeUndone",
     .body_example = "{\"note\":\"two people of one name\"}"},
    {HTTP_METHOD_GET, "/internal/speakers/:id/why", ROUTE_INTERNAL, "deduplication",
     "Why two people may be one: each piece of evidence with its weight.",
     .params = {ROUTE_PARAMS(why_params)}, .handler = get_why, .response = "Explanation"},
};
const size_t deduplicate_route_count = ARRAY_LEN(deduplicate_routes);
