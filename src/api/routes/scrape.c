// POST /api/scrape/luma: one address. What it asks for is in the database when it answers.
#include "api/routes/routes.h"
#include "api/scrape/placeholder.h"
#include "api/state.h"
#include "lib/base/ensure.h"
#include "statements.gen.h"

#include <string.h>

enum {
    MAX_AGE_MS = 60 * 1000, // a page younger than this is not fetched again without force
    MAX_ATTEMPTS = 3,       // where others who work on the event come in the way
};

struct request {
    struct route_call *call;
    const struct db_value *values;
    int attempts;
};

static void answer_accepted(struct route_call *call, struct slice body, const char *job_id)
{
    const struct http_response response = {
        .status = 202,
        .content_type = "application/json",
        .body = body,
        .headers = {{SLICE("Location"),
                     slice_from_cstr(arena_printf(call->arena, "/api/jobs/%s", job_id))}},
    };
    http_respond(call->exchange, &response);
}

static void on_requested(void *data, const struct db_rows *rows, const struct error *error)
{
    struct request *request = data;
    struct route_call *call = request->call;
    // Locked out by a merge, or the event has changed meanwhile: once more, and it is seen as it is now.
    bool is_conflict = error ? error->code == ERR_CONFLICT : db_rows_count(rows) == 0;
    if (is_conflict && ++request->attempts < MAX_ATTEMPTS) {
        route_query(call, &sql_events_request_scrapes, request->values, on_requested, request);
        return;
    }
    if (error) {
        route_answer_error(call, error);
        return;
    }
    if (db_rows_count(rows) == 0) {
        http_respond_problem(call->exchange, ERR_CONFLICT,
                             "the event has changed meanwhile; ask again", NULL, 0);
        return;
    }
    struct buffer body CLEANUP(buffer_done);
    buffer_init(&body, 16 * 1024);
    struct json_writer w = json_writer_on(&body);
    const char *event_id = arena_cstr(
        call->arena, db_rows_value_text(rows, 0, db_rows_column(rows, "event_id"), call->arena));
    json_begin_object(&w);
    static const char *const columns[] = {"event_id", "status", "job_id", "url"};
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
        json_key(&w, columns[i]);
        db_rows_render_value(rows, 0, (int)db_rows_column(rows, columns[i]), &w);
    }
    json_end_object(&w);
    int64_t wait_s = route_value_get(call, "wait")->integer;
    if (wait_s > 0)
        api_wait_for_event(call, event_id, (uint32_t)wait_s * 1000,
                           arena_slice(call->arena, buffer_slice(&body)));
    else
        answer_accepted(
            call, buffer_slice(&body),
            arena_cstr(call->arena,
                       db_rows_value_text(rows, 0, db_rows_column(rows, "job_id"), call->arena)));
}

static void request_scrape(void *data)
{
    struct route_call *call = data;
    struct luma_url url;
    ensure(luma_url_check(api_rules(call), call->arena, route_value_get(call, "url")->text, &url) ==
           LUMA_URL_FINE);
    const struct slice name = placeholder_name(call->arena, url.canonical);
    struct request *request = ARENA_NEW(call->arena, struct request);
    const struct db_value values[] = {
        db_text_array(call->arena, &url.canonical, 1),
        db_text_array(call->arena, &name, 1),
        db_bool(route_value_get(call, "force")->integer),
        db_int(call->arena, MAX_AGE_MS),
        db_text(call->exchange->request_id),
        db_bool(false),
        route_asking_user(call),
    };
    struct db_value *kept = ARENA_ARRAY(call->arena, ARRAY_LEN(values), struct db_value);
    memcpy(kept, values, sizeof values);
    *request = (struct request){.call = call, .values = kept};
    route_query(call, &sql_events_request_scrapes, kept, on_requested, request);
}

static void post_scrape(struct route_call *call)
{
    struct luma_url url;
    struct error error = {0};
    if (luma_url_canonicalise(api_rules(call), call->arena, route_value_get(call, "url")->text,
                              &url, &error))
        route_answer_invalid(call, error.code, "/url", arena_strdup(call->arena, error.detail));
    else
        route_spend_scrapes(call, 1, request_scrape, call);
}

static const struct route_param scrape_params[] = {
    {"url", ROUTE_IN_BODY, ROUTE_TEXT, .required = true, .max = 4096,
     .doc = "Address of an event's page on lu.ma or luma.com."},
    {"force", ROUTE_IN_BODY, ROUTE_BOOL, .fallback = "false",
     .doc = "Fetch and process it even when what is stored is fresh."},
    {"wait", ROUTE_IN_QUERY, ROUTE_INT, .min = 0, .max = 60, .fallback = "0",
     .doc = "Seconds to wait for the processed event, which is then the answer (200).",
     .example = "0"},
};

const struct route scrape_routes[] = {
    {HTTP_METHOD_POST, "/api/scrape/luma", ROUTE_WRITE, "scraping",
     "Fetch and process an event's page.", .params = {ROUTE_PARAMS(scrape_params)},
     .handler = post_scrape, .status = 202, .response = "ScrapeAccepted",
     .body_example = "{\"url\":\"https://luma.com/example\"}"},
};
const size_t scrape_route_count = ARRAY_LEN(scrape_routes);
