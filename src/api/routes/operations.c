// POST /api/events/batch: up to a thousand operations on events, each with its own fate, or all or none.
#include "api/routes/routes.h"
#include "lib/text/countries.h"
#include "lib/text/dates.h"
#include "statements.gen.h"

#include <string.h>

enum {
    BODY_BYTES = 8 * 1024 * 1024,
    MAX_OPERATIONS = 1000,
    MAX_ANSWER_BYTES = 64 * 1024 * 1024,
    MAX_DESCRIPTION = 100000,
};

static const char *const kinds[] = {"get", "update", "delete", "reprocess", NULL};
static const char *const statuses[] = {"scheduled", "cancelled", "postponed", NULL};

// What people may say about an event over what its page says. Members are columns; null takes a change back.
static const struct route_param fields[] = {
    {"name", .type = ROUTE_TEXT, .max = 500},
    {"description", .type = ROUTE_TEXT, .max = MAX_DESCRIPTION},
    {"location", .type = ROUTE_TEXT, .max = 500},
    {"venue", .type = ROUTE_TEXT},
    {"address", .type = ROUTE_TEXT, .max = 500},
    {"city", .type = ROUTE_TEXT},
    {"region", .type = ROUTE_TEXT},
    {"country", .type = ROUTE_TEXT}, // a code, or a name that becomes one
    {"latitude", .type = ROUTE_NUMBER, .min = -90, .max = 90},
    {"longitude", .type = ROUTE_NUMBER, .min = -180, .max = 180},
    {"starts_at", .type = ROUTE_INSTANT},
    {"ends_at", .type = ROUTE_INSTANT},
    {"timezone", .type = ROUTE_TEXT, .max = ZONE_NAME_MAX},
    {"is_online", .type = ROUTE_BOOL},
    {"status", .type = ROUTE_ENUM, .values = statuses},
    {"image_url", .type = ROUTE_TEXT, .max = 2000},
    {"language", .type = ROUTE_TEXT, .max = 35},
    {"is_free", .type = ROUTE_BOOL},
};
static const struct route_param members[] = {
    {"op", .type = ROUTE_ENUM, .values = kinds},
    {"id", .type = ROUTE_UUID},
    {"data", .type = ROUTE_OBJECT},
};
enum { OP, ID, DATA };

struct operation {
    struct slice op, id;
    yyjson_val *data;                             // of update
    struct route_value values[ARRAY_LEN(fields)]; // of data
    struct route_faults *faults;                  // NULL: well-formed
    enum err code;                                // why it may not be done at all
};

struct operations {
    struct route_call *call;
    struct operation *items;
    size_t count;
    bool is_atomic, is_dry_run, has_wrong;
};

static struct route_faults *read_table(struct arena *arena, yyjson_val *object,
                                       const struct route_param *table, size_t count,
                                       const char *place, struct route_value *values)
{
    const struct route_param *params[ARRAY_LEN(fields)];
    struct route_faults *faults = ARENA_NEW(arena, struct route_faults);
    for (size_t i = 0; i < count; i++)
        params[i] = &table[i];
    route_read_object(arena, object, params, count, place, values, faults);
    return faults;
}

// An instant whose day can be written with four digits in any zone.
static bool has_sane_year(struct slice instant)
{
    struct slice year = slice_sub(instant, 0, 4);
    return memcmp(year.ptr, "1900", 4) >= 0 && memcmp(year.ptr, "9998", 4) <= 0;
}

// What the type of a field does not say.
static const char *check_field(struct arena *arena, const char *name, struct route_value *value)
{
    if (strcmp(name, "country") == 0) {
        const char *code = country_code(arena, value->text);
        value->text = slice_from_cstr(code);
        return code ? NULL : "expected a country (ISO 3166-1)";
    }
    if (strcmp(name, "timezone") == 0)
        return zone_is_valid(value->text) ? NULL
                                          : "expected an IANA time zone such as Europe/Berlin";
    if (strcmp(name, "starts_at") == 0 || strcmp(name, "ends_at") == 0)
        return !value->text.ptr || has_sane_year(value->text) ? NULL
                                                              : "expected a year from 1900 to 9998";
    if (strcmp(name, "image_url") == 0)
        return slice_starts_with(value->text, SLICE("https://")) ||
                       slice_starts_with(value->text, SLICE("http://"))
                   ? NULL
                   : "expected an http or https address";
    return value->text.ptr && slice_trim(value->text).len == 0 ? "expected more than white space"
                                                               : NULL;
}

static void read_data(struct arena *arena, const char *place, struct operation *operation)
{
    place = arena_printf(arena, "%s/data", place);
    operation->faults =
        read_table(arena, operation->data, fields, ARRAY_LEN(fields), place, operation->values);
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        const char *wrong = operation->values[i].given
                                ? check_field(arena, fields[i].name, &operation->values[i])
                                : NULL;
        if (wrong)
            route_fault(operation->faults, ERR_INVALID_FIELD, true,
                        arena_printf(arena, "%s/%s", place, fields[i].name), wrong, NULL);
    }
    if (yyjson_obj_size(operation->data) == 0)
        route_fault(operation->faults, ERR_MISSING_FIELD, true, place, "says nothing to change",
                    NULL);
}

static void read_operation(struct route_call *call, yyjson_val *json, size_t position,
                           struct operation *operation)
{
    const char *place = arena_printf(call->arena, "/operations/%zu", position);
    struct route_value values[ARRAY_LEN(members)] = {0};
    operation->faults = read_table(call->arena, json, members, ARRAY_LEN(members), place, values);
    // What was refused is shown as it came, and not used.
    operation->op = values[OP].given ? values[OP].text : json_get_text(json, "op");
    operation->id = values[ID].given ? values[ID].text : json_get_text(json, "id");
    for (size_t i = OP; i <= ID; i++)
        if (!values[i].given && operation->faults->count == 0)
            route_fault(operation->faults, ERR_MISSING_FIELD, true,
                        arena_printf(call->arena, "%s/%s", place, members[i].name), "is required",
                        NULL);
    bool is_update = slice_equal(operation->op, SLICE("update"));
    if (operation->faults->count == 0 && is_update != values[DATA].given)
        route_fault(operation->faults, is_update ? ERR_MISSING_FIELD : ERR_INVALID_FIELD, true,
                    arena_printf(call->arena, "%s/data", place),
                    is_update ? "is required" : "belongs to update only", NULL);
    if (operation->faults->count == 0 && is_update) {
        operation->data = yyjson_obj_get(json, "data");
        read_data(call->arena, place, operation);
    }
    operation->code = operation->faults->count ? operation->faults->code : ERR_OK;
    if (!operation->code && slice_equal(operation->op, SLICE("delete")) &&
        call->account.role != ACCOUNT_ADMIN)
        operation->code = ERR_FORBIDDEN;
}

// ------------------------------------------------------------------------------------------------ asking

static void write_data(struct arena *arena, const struct operation *operation,
                       struct json_writer *w)
{
    json_begin_object(w);
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        yyjson_val *json = yyjson_obj_get(operation->data, fields[i].name);
        const struct slice text = operation->values[i].text;
        if (!json)
            continue;
        json_key(w, fields[i].name);
        if (fields[i].type == ROUTE_BOOL || fields[i].type == ROUTE_NUMBER)
            json_raw(w, text); // absent: null
        else
            json_text(w, text);
        if (strcmp(fields[i].name, "country") == 0) { // events are found by its name too
            json_key(w, "country_name");
            json_text(w, country_name(arena, text));
        }
    }
    json_end_object(w);
}

static struct slice write_operations(const struct operations *operations)
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, 4 * (size_t)BODY_BYTES);
    struct json_writer w = json_writer_on(&text);
    json_begin_array(&w);
    for (size_t i = 0; i < operations->count; i++) {
        const struct operation *operation = &operations->items[i];
        if (operation->code)
            continue;
        json_begin_object(&w);
        json_key(&w, "position");
        json_int(&w, (int64_t)i);
        json_key(&w, "op");
        json_text(&w, operation->op);
        json_key(&w, "id");
        json_text(&w, operation->id);
        if (operation->data) {
            json_key(&w, "data");
            write_data(operations->call->arena, operation, &w);
        }
        json_end_object(&w);
    }
    json_end_array(&w);
    return arena_slice(operations->call->arena, buffer_slice(&text));
}

// ------------------------------------------------------------------------------------------------ answering

static void write_problem(const struct operations *operations, enum err code, const char *detail,
                          const struct route_faults *faults, struct slice merged_into,
                          struct json_writer *w)
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, 256 * 1024);
    http_problem_render(&text, code, detail, operations->call->exchange->request_id.ptr,
                        faults ? faults->items : NULL, faults ? faults->count : 0);
    if (merged_into.ptr) {
        text.len--; // opens the object again for the extension member
        buffer_printf(&text, ",\"merged_into\":\"%.*s\"}", SLICE_FMT(merged_into));
    }
    json_key(w, "status");
    json_int(w, error_info(code)->http_status);
    json_key(w, "error");
    json_raw(w, buffer_slice(&text));
}

// One that was tried: its row.
static void write_row(const struct operations *operations, const struct db_rows *rows, size_t row,
                      struct json_writer *w)
{
    struct arena *arena = operations->call->arena;
    struct slice code = db_rows_text(rows, row, db_rows_column(rows, "code"));
    if (code.ptr) {
        write_problem(operations, error_from_code(arena_cstr(arena, code)),
                      arena_cstr(arena, db_rows_text(rows, row, db_rows_column(rows, "detail"))),
                      NULL,
                      db_rows_value_text(rows, row, db_rows_column(rows, "merged_into"), arena), w);
        return;
    }
    int data = db_rows_column(rows, "data");
    json_key(w, "status");
    json_int(w, db_rows_int(rows, row, db_rows_column(rows, "status")));
    if (!db_rows_is_null(rows, row, data)) {
        json_key(w, "data");
        db_rows_render_value(rows, row, data, w);
    }
}

static void write_result(const struct operations *operations, size_t position,
                         const struct db_rows *rows, size_t row, bool is_undone,
                         struct json_writer *w)
{
    const struct operation *operation = &operations->items[position];
    bool has_row = row != SIZE_MAX;
    bool has_failed = has_row && !db_rows_is_null(rows, row, db_rows_column(rows, "code"));
    json_begin_object(w);
    json_key(w, "index");
    json_int(w, (int64_t)position);
    json_key(w, "id");
    json_text(w, operation->id);
    json_key(w, "op");
    json_text(w, operation->op);
    if (operation->code)
        write_problem(operations, operation->code,
                      operation->faults->count ? operation->faults->items[0].detail
                                               : "only administrators delete events",
                      operation->faults->count ? operation->faults : NULL, (struct slice){0}, w);
    else if (is_undone && !has_failed)
        write_problem(operations, ERR_NOT_APPLIED, "another operation of this request failed", NULL,
                      (struct slice){0}, w);
    else
        write_row(operations, rows, row, w);
    json_end_object(w);
}

// Rows stand in the order of the operations that were tried.
static size_t row_of(const struct db_rows *rows, size_t position, size_t *next)
{
    int column = rows ? db_rows_column(rows, "position") : -1;
    if (rows && *next < db_rows_count(rows) &&
        db_rows_int(rows, *next, column) == (int64_t)position)
        return (*next)++;
    return SIZE_MAX;
}

static void answer(const struct operations *operations, const struct db_rows *rows)
{
    bool has_failed = operations->has_wrong;
    for (size_t i = 0; rows && i < db_rows_count(rows); i++)
        has_failed |= !db_rows_is_null(rows, i, db_rows_column(rows, "code"));
    bool is_undone = operations->is_atomic && has_failed;
    struct buffer body CLEANUP(buffer_done);
    buffer_init(&body, MAX_ANSWER_BYTES);
    struct json_writer w = json_writer_on(&body);
    size_t next = 0;
    json_begin_object(&w);
    json_key(&w, "applied");
    json_bool(&w, !is_undone && !operations->is_dry_run);
    json_key(&w, "results");
    json_begin_array(&w);
    for (size_t i = 0; i < operations->count; i++)
        write_result(operations, i, rows, row_of(rows, i, &next), is_undone, &w);
    json_end_array(&w);
    json_end_object(&w);
    if (body.overflow)
        http_respond_problem(operations->call->exchange, ERR_BAD_REQUEST,
                             "what was done is done, but its results are too large to be sent; "
                             "read fewer events at once",
                             NULL, 0);
    else
        route_answer_json(operations->call, 200, buffer_slice(&body));
}

static void on_operations(void *data, const struct db_rows *rows, const struct error *error)
{
    const struct operations *operations = data;
    if (error)
        route_answer_error(operations->call, error);
    else
        answer(operations, rows);
}

static void post_batch(struct route_call *call)
{
    struct operations *operations = ARENA_NEW(call->arena, struct operations);
    yyjson_val *list = yyjson_obj_get(call->body, "operations"), *json;
    size_t index, most;
    *operations = (struct operations){
        .call = call,
        .items = ARENA_ARRAY(call->arena, yyjson_arr_size(list), struct operation),
        .count = yyjson_arr_size(list),
        .is_atomic = route_value_get(call, "atomic")->integer,
        .is_dry_run = route_value_get(call, "dry_run")->integer,
    };
    yyjson_arr_foreach (list, index, most, json) {
        read_operation(call, json, index, &operations->items[index]);
        operations->has_wrong |= operations->items[index].code != ERR_OK;
    }
    if (operations->is_atomic && operations->has_wrong) { // nothing is tried
        answer(operations, NULL);
        return;
    }
    const struct db_value values[] = {
        db_text(write_operations(operations)),
        db_bool(operations->is_atomic),
        db_bool(operations->is_dry_run),
        db_text(call->exchange->request_id),
        route_asking_user(call),
    };
    route_query(call, &sql_events_run_operations, values, on_operations, operations);
}

static const struct route_param batch_params[] = {
    {"operations", ROUTE_IN_BODY, ROUTE_OBJECT_LIST, .required = true, .max = MAX_OPERATIONS,
     .doc = "{op, id, data}: get; update changes the members of data (name, description, location, "
            "venue, address, city, region, country, latitude, longitude, starts_at, ends_at, "
            "timezone, is_online, status, image_url, language, is_free), and keeps them when the "
            "page is processed again, null takes that back; delete (administrators) removes the "
            "event everywhere; reprocess reads its stored page again."},
    {"atomic", ROUTE_IN_BODY, ROUTE_BOOL, .fallback = "false",
     .doc = "All or none: one that fails undoes the others."},
    {"dry_run", ROUTE_IN_BODY, ROUTE_BOOL, .fallback = "false",
     .doc = "Tells what would come of it and changes nothing."},
};

const struct route event_operations_routes[] = {
    {HTTP_METHOD_POST, "/api/events/batch", ROUTE_WRITE, "events",
     "Read, change, remove and process many events.", .params = {ROUTE_PARAMS(batch_params)},
     .handler = post_batch, .max_body_bytes = BODY_BYTES, .response = "OperationResults",
     .body_example = "{\"operations\":[{\"op\":\"get\",\"id\":\"00000000-0000-4000-8000-"
                     "000000000000\"}],\"dry_run\":true}"},
};
const size_t event_operations_route_count = ARRAY_LEN(event_operations_routes);
