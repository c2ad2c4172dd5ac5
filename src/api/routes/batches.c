// POST /api/events/batch/…: many at once, each with its own fate; GET /api/batches/:id: how far they are.
#include "api/routes/routes.h"
#include "api/scrape/placeholder.h"
#include "api/state.h"
#include "lib/catalog/parameters.h"
#include "statements.gen.h"

#include <stdlib.h>

enum {
    BATCH_BODY_BYTES = 8 * 1024 * 1024,
    MAX_URLS = 10000,
    MAX_IDS = 10000,
    MAX_ANSWER_BYTES = 32 * 1024 * 1024
};

// What a batch of addresses comes to, before anything is stored.
struct url_batch {
    struct route_call *call;
    struct slice *urls, *names; // canonical, each once
    size_t count, duplicates;
    struct invalid {
        struct slice url;
        const char *reason;
    } *invalid;
    size_t invalid_count;
};

// Sorts and takes out repeats; the order of a batch's members carries no meaning.
static void drop_duplicates(struct url_batch *batch, size_t checked)
{
    batch->count = slice_sort_unique(batch->urls, checked);
    batch->duplicates = checked - batch->count;
}

static void check_urls(struct url_batch *batch, const struct route_value *given)
{
    struct arena *arena = batch->call->arena;
    size_t checked = 0;
    batch->urls = ARENA_ARRAY(arena, given->count, struct slice);
    batch->names = ARENA_ARRAY(arena, given->count, struct slice);
    batch->invalid = ARENA_ARRAY(arena, given->count, struct invalid);
    for (size_t i = 0; i < given->count; i++) {
        struct luma_url url;
        enum luma_url_reason reason =
            luma_url_check(api_rules(batch->call), arena, given->items[i], &url);
        if (reason == LUMA_URL_FINE)
            batch->urls[checked++] = url.canonical;
        else
            batch->invalid[batch->invalid_count++] =
                (struct invalid){given->items[i], luma_url_reason_code(reason)};
    }
    drop_duplicates(batch, checked);
    for (size_t i = 0; i < batch->count; i++)
        batch->names[i] = placeholder_name(arena, batch->urls[i]);
}

static void answer_accepted(const struct url_batch *batch, struct slice batch_id)
{
    struct buffer body CLEANUP(buffer_done);
    buffer_init(&body, MAX_ANSWER_BYTES);
    struct json_writer w = json_writer_on(&body);
    json_begin_object(&w);
    json_key(&w, "batch_id");
    json_text(&w, batch_id);
    json_key(&w, "accepted");
    json_int(&w, (int64_t)batch->count);
    json_key(&w, "duplicates");
    json_int(&w, (int64_t)batch->duplicates);
    json_key(&w, "invalid");
    json_begin_array(&w);
    for (size_t i = 0; i < batch->invalid_count; i++) {
        json_begin_object(&w);
        json_key(&w, "url");
        json_text(&w, batch->invalid[i].url);
        json_key(&w, "reason");
        json_cstr(&w, batch->invalid[i].reason);
        json_end_object(&w);
    }
    json_end_array(&w);
    json_end_object(&w);
    struct http_response response = {
        .status = 202, .content_type = "application/json", .body = buffer_slice(&body)};
    if (batch_id.ptr)
        response.headers[0] = (struct http_header){
            SLICE("Location"), slice_from_cstr(arena_printf(batch->call->arena, "/api/batches/%.*s",
                                                            SLICE_FMT(batch_id)))};
    http_respond(batch->call->exchange, &response);
}

static void on_batch(void *data, const struct db_rows *rows, const struct error *error)
{
    struct url_batch *batch = data;
    if (error)
        route_answer_error(batch->call, error);
    else if (db_rows_count(rows) == 0)
        http_respond_problem(batch->call->exchange, ERR_CONFLICT,
                             "the events have changed meanwhile; ask again", NULL, 0);
    else
        answer_accepted(batch, db_rows_value_text(rows, 0, db_rows_column(rows, "batch_id"),
                                                  batch->call->arena));
}

static void request_batch(void *data)
{
    struct url_batch *batch = data;
    struct route_call *call = batch->call;
    const struct db_value values[] = {
        db_text_array(call->arena, batch->urls, batch->count),
        db_text_array(call->arena, batch->names, batch->count),
        db_bool(route_value_get(call, "force")->integer),
        db_int(call->arena,
               0), // whoever sends a batch wants it looked at: unchanged pages cost a 304
        db_text(call->exchange->request_id),
        db_bool(true),
        route_asking_user(call),
    };
    route_query(call, &sql_events_request_scrapes, values, on_batch, batch);
}

static void post_batch_scrape(struct route_call *call)
{
    struct url_batch *batch = ARENA_NEW(call->arena, struct url_batch);
    batch->call = call;
    check_urls(batch, route_value_get(call, "urls"));
    if (batch->count == 0) // nothing to store; which ones and why is the answer
        answer_accepted(batch, (struct slice){0});
    else
        route_spend_scrapes(call, (int64_t)batch->count, request_batch, batch);
}
// What is to be processed: ids that were given, or those that a filter lets through.
struct process_batch {
    struct route_call *call;
    struct slice *ids;
    size_t count;
    bool is_cut; // the filter let more through than one batch takes
};

static void on_process_batch(void *data, const struct db_rows *rows, const struct error *error)
{
    const struct process_batch *batch = data;
    if (error) {
        route_answer_error(batch->call, error);
        return;
    }
    struct buffer body CLEANUP(buffer_done);
    buffer_init(&body, 4096);
    struct json_writer w = json_writer_on(&body);
    json_begin_object(&w);
    json_key(&w, "batch_id");
    if (db_rows_count(rows))
        db_rows_render_value(rows, 0, db_rows_column(rows, "batch_id"), &w);
    else
        json_null(&w);
    json_key(&w, "accepted");
    json_int(&w, (int64_t)db_rows_count(rows));
    json_key(&w, "skipped"); // unknown, merged, or without a page
    json_int(&w, (int64_t)(batch->count - db_rows_count(rows)));
    json_key(&w, "truncated");
    json_bool(&w, batch->is_cut);
    json_end_object(&w);
    route_answer_json(batch->call, 202, buffer_slice(&body));
}

static void ask_for_processing(struct process_batch *batch)
{
    const struct db_value values[] = {db_text_array(batch->call->arena, batch->ids, batch->count),
                                      db_text(batch->call->exchange->request_id),
                                      route_asking_user(batch->call)};
    route_query(batch->call, &sql_events_request_processes, values, on_process_batch, batch);
}

static void on_filtered(void *data, const struct db_rows *rows, const struct error *error)
{
    struct process_batch *batch = data;
    if (error) {
        route_answer_error(batch->call, error);
        return;
    }
    batch->is_cut = db_rows_count(rows) > MAX_IDS;
    batch->count = batch->is_cut ? MAX_IDS : db_rows_count(rows);
    batch->ids = ARENA_ARRAY(batch->call->arena, batch->count, struct slice);
    for (size_t i = 0; i < batch->count; i++)
        batch->ids[i] = db_rows_value_text(rows, i, 0, batch->call->arena);
    ask_for_processing(batch);
}

static void bind_most(struct route_call *call, const struct db_statement *statement,
                      struct db_value *values)
{
    values[db_param_index(statement, "most")] = db_int(call->arena, MAX_IDS + 1);
}

static void post_batch_process(struct route_call *call)
{
    const struct route_value *ids = route_value_get(call, "event_ids");
    bool has_filter = route_value_get(call, "filter")->given;
    struct process_batch *batch = ARENA_NEW(call->arena, struct process_batch);
    *batch = (struct process_batch){.call = call, .ids = ids->items, .count = ids->count};
    if (ids->given && has_filter)
        route_answer_invalid(call, ERR_INVALID_FIELD, "/filter", "give event_ids or a filter");
    else if (!ids->given && !has_filter)
        route_answer_invalid(call, ERR_MISSING_FIELD, "/event_ids", "give event_ids or a filter");
    else if (ids->given)
        ask_for_processing(batch);
    else
        route_query(call, &sql_events_filter_ids, route_bind(call, &sql_events_filter_ids),
                    on_filtered, batch);
}

static void get_batch_events(struct route_call *call)
{
    feed_watch(api_feed(call), call);
}

static const struct route_param scrape_params[] = {
    {"urls", ROUTE_IN_BODY, ROUTE_TEXT_LIST, .required = true, .max = MAX_URLS,
     .doc = "Addresses of event pages. Each is judged alone: one that is wrong does not touch the "
            "others."},
    {"force", ROUTE_IN_BODY, ROUTE_BOOL, .fallback = "false",
     .doc = "Fetch without conditions and process unchanged pages again."},
};
static const struct route_param process_params[] = {
    {"event_ids", ROUTE_IN_BODY, ROUTE_UUID_LIST, .max = MAX_IDS,
     .doc = "Events whose stored pages are to be processed again."},
    {"filter", ROUTE_IN_BODY, ROUTE_FILTER,
     .doc = "Or all events that these parameters of the list let through, the newest 10,000: "
            "{\"processing_status\": [\"failed\"]}."},
};
static const struct route_param batch_params[] = {
    {"id", ROUTE_IN_PATH, ROUTE_UUID, .required = true, .doc = "Id of a batch."},
};

const struct route batches_routes[] = {
    {HTTP_METHOD_POST, "/api/events/batch/scrape", ROUTE_WRITE, "scraping",
     "Fetch and process many pages.", .params = {ROUTE_PARAMS(scrape_params)},
     .handler = post_batch_scrape, .status = 202, .max_body_bytes = BATCH_BODY_BYTES,
     .response = "BatchAccepted", .body_example = "{\"urls\":[\"https://luma.com/example\"]}"},
    {HTTP_METHOD_POST, "/api/events/batch/process", ROUTE_WRITE, "scraping",
     "Process stored pages again.", .params = {ROUTE_PARAMS(process_params), EVENT_FILTERS_IN_BODY},
     .complete = bind_most, .response = "ProcessAccepted", .handler = post_batch_process,
     .status = 202, .max_body_bytes = BATCH_BODY_BYTES,
     .body_example = "{\"event_ids\":[\"00000000-0000-4000-8000-000000000000\"]}"},
    {HTTP_METHOD_GET, "/api/batches/:id", ROUTE_READ, "scraping", "How far a batch is.",
     .params = {ROUTE_PARAMS(batch_params)}, .shape = ROUTE_ITEM,
     .statement = &sql_batches_get_batch, .response = "Batch"},
    {HTTP_METHOD_GET, "/api/batches/:id/events", ROUTE_READ, "scraping",
     "How far a batch is, as server-sent events: its state at once and whenever it has changed "
     "(progress), at last when all of it has ended (completed).",
     .params = {ROUTE_PARAMS(batch_params)}, .statement = &sql_batches_get_batch,
     .handler = get_batch_events, .content_type = "text/event-stream"},
};
const size_t batches_route_count = ARRAY_LEN(batches_routes);
