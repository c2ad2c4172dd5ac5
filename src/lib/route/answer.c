// From a decoded call to a statement's values, and from its rows to the answer.
#include "lib/base/ensure.h"
#include "lib/route/router.h"

#include <stdio.h>
#include <string.h>

enum { MAX_ANSWER_BYTES = 64 * 1024 * 1024, MAX_CURSOR_KEYS = 8 };

const struct route_value *route_value_get(const struct route_call *call, const char *name)
{
    static const struct route_value absent;
    const struct compiled_route *compiled = router_compiled(call);
    for (size_t i = 0; i < compiled->param_count; i++)
        if (strcmp(compiled->params[i]->name, name) == 0)
            return &call->values[i];
    return &absent;
}

// ------------------------------------------------------------------------------------------------- binding

// RFC 7240: preferences are separated by commas, the first of a name counts.
static bool wants_count(const struct route_call *call)
{
    struct slice rest = http_header_get(&call->exchange->headers, "prefer"), part;
    while (slice_split_next(&rest, ',', &part))
        if (slice_equal_nocase(slice_trim(part), SLICE("count=exact")))
            return true;
    return false;
}

// Is <name>_<text> the flag's name, with a leading '-' of the text as a trailing _desc?
static bool flag_is_named(struct arena *arena, const char *flag, const char *name,
                          struct slice text)
{
    size_t len = strlen(name);
    bool minus = text.len && text.ptr[0] == '-';
    if (strncmp(flag, name, len) != 0 || flag[len] != '_')
        return false;
    const char *wanted = arena_printf(
        arena, "%.*s%s", SLICE_FMT(slice_sub(text, minus, SIZE_MAX / 2)), minus ? "_desc" : "");
    return strcmp(flag + len + 1, wanted) == 0;
}

// sort=-date sets the flag sort_date_desc, include=speakers,topics the flags include_speakers and include_topics.
static bool flag_is_set(const struct route_call *call, const char *flag)
{
    const struct compiled_route *compiled = router_compiled(call);
    for (size_t i = 0; i < compiled->param_count; i++) {
        const struct route_value *value = &call->values[i];
        enum route_type type = compiled->params[i]->type;
        bool list = type == ROUTE_ENUM_LIST;
        if (!value->given || (!list && type != ROUTE_ENUM && type != ROUTE_BOOL))
            continue;
        for (size_t k = 0; k < (list ? value->count : 1); k++)
            if (flag_is_named(call->arena, flag, compiled->params[i]->name,
                              list ? value->items[k] : value->text))
                return true;
    }
    return false;
}

static struct db_value bind_value(struct route_call *call, const struct db_param *param)
{
    if (strcmp(param->name, "count_exact") == 0)
        return (struct db_value){.given = wants_count(call)};
    if (strcmp(param->type, "flag") == 0)
        return (struct db_value){.given = flag_is_set(call, param->name)};
    if (strcmp(param->name, "limit") == 0 && call->route->shape == ROUTE_LIST)
        return db_int(call->arena, call->limit + 1);
    const struct route_value *value = route_value_get(call, param->name);
    if (!value->given)
        return (struct db_value){.given = !param->optional};
    return value->items ? db_text_array(call->arena, value->items, value->count)
                        : db_text(value->text);
}

struct db_value route_asking_user(const struct route_call *call)
{
    return call->account.user_id[0] ? db_cstr(call->account.user_id) : db_null();
}

struct db_value *route_bind(struct route_call *call, const struct db_statement *statement)
{
    struct db_value *values = ARENA_ARRAY(call->arena, statement->param_count + 1, struct db_value);
    for (size_t i = 0; i < statement->param_count; i++)
        values[i] = bind_value(call, &statement->params[i]);
    if (call->route->complete)
        call->route->complete(call, statement, values);
    return values;
}

// cursor_1 … take the members of the cursor's JSON array.
static enum err bind_cursor(struct route_call *call, const struct db_statement *statement,
                            struct db_value *values)
{
    const struct compiled_route *compiled = router_compiled(call);
    struct db_value members[MAX_CURSOR_KEYS];
    struct slice keys;
    size_t count;
    if (compiled->cursor < 0 || !call->values[compiled->cursor].given)
        return ERR_OK;
    if (route_cursor_decode(call->arena, call->router->options.secret, route_filter_hash(call),
                            call->values[compiled->cursor].text, &keys) ||
        route_cursor_values(call->arena, keys, MAX_CURSOR_KEYS, members, &count))
        return ERR_INVALID_CURSOR;
    for (size_t k = 0; k < count; k++) {
        int at = db_param_index(statement, arena_printf(call->arena, "cursor_%zu", k + 1));
        if (at >= 0)
            values[at] = members[k];
    }
    return ERR_OK;
}

// ----------------------------------------------------------------------------------------------- answering

void route_answer_json(struct route_call *call, int status, struct slice body)
{
    const struct http_response response = {
        .status = status,
        .content_type = call->route->content_type ? call->route->content_type : "application/json",
        .body = body,
    };
    http_respond(call->exchange, &response);
}

const char *route_error_detail(const struct error *error)
{
    static const enum err inside[] = {ERR_DATABASE_ERROR, ERR_DATABASE_UNAVAILABLE, ERR_INTERNAL,
                                      ERR_IO};
    for (size_t i = 0; i < ARRAY_LEN(inside); i++)
        if (error->code == inside[i])
            return NULL;
    // "57014: events/list: no answer within …": what the database says begins with its code.
    bool is_of_database = strlen(error->detail) > 7 && error->detail[5] == ':' &&
                          strspn(error->detail, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5;
    return is_of_database ? NULL : error->detail;
}

void route_answer_error(struct route_call *call, const struct error *error)
{
    http_respond_problem(call->exchange, error->code, route_error_detail(error), NULL, 0);
}

void route_answer_invalid(struct route_call *call, enum err code, const char *place,
                          const char *detail)
{
    struct route_faults faults = {0};
    route_fault(&faults, code, place[0] == '/', place, detail, NULL);
    http_respond_problem(call->exchange, code, detail, faults.items, faults.count);
}

void route_query(struct route_call *call, const struct db_statement *statement,
                 const struct db_value *values, db_done *done, void *data)
{
    db_pipeline_query(call->db, statement, values, done, data);
}

// The same address with another cursor, for the Link header.
static const char *next_link(struct route_call *call, struct slice cursor)
{
    struct buffer link;
    struct slice rest = call->exchange->query, part;
    buffer_init(&link, 64 * 1024);
    buffer_append_char(&link, '<');
    buffer_append(&link, call->exchange->path);
    char separator = '?';
    while (slice_split_next(&rest, '&', &part)) {
        if (part.len == 0 || slice_starts_with(part, SLICE("cursor=")))
            continue;
        buffer_append_char(&link, separator);
        buffer_append(&link, part);
        separator = '&';
    }
    buffer_printf(&link, "%ccursor=%.*s>; rel=\"next\"", separator, SLICE_FMT(cursor));
    const char *text = arena_cstr(call->arena, buffer_slice(&link));
    buffer_done(&link);
    return text;
}

// Rows to show: a lone row whose _present is false only says that the thing asked about exists.
static size_t count_members(const struct db_rows *rows)
{
    int present = db_rows_column(rows, "_present");
    if (present >= 0 && db_rows_count(rows) == 1 && !db_rows_bool(rows, 0, present))
        return 0;
    return db_rows_count(rows);
}

static void render_data(const struct route_call *call, const struct db_rows *rows, size_t count,
                        struct json_writer *w)
{
    json_key(w, "data");
    json_begin_array(w);
    for (size_t i = 0; i < count; i++)
        route_render_row(call, rows, i, w);
    json_end_array(w);
}

// The members of the object _about of the first row.
static void render_about(const struct db_rows *rows, struct json_writer *w)
{
    int about = db_rows_column(rows, "_about");
    if (about < 0 || db_rows_count(rows) == 0 || db_rows_is_null(rows, 0, about))
        return;
    struct slice text = slice_trim(db_rows_text(rows, 0, about));
    struct slice members = slice_trim(slice_sub(text, 1, text.len - 2));
    buffer_append(w->out, members);
    w->needs_comma = members.len > 0;
}

static bool is_too_large(struct route_call *call, const struct buffer *body)
{
    if (body->overflow)
        http_respond_problem(call->exchange, ERR_BAD_REQUEST,
                             "the answer would be too large; ask for fewer rows or members", NULL,
                             0);
    return body->overflow;
}

static void answer_list(struct route_call *call, const struct db_rows *rows, struct buffer *body)
{
    struct json_writer w = json_writer_on(body);
    size_t count = count_members(rows);
    bool has_more = count > (size_t)call->limit;
    struct slice cursor = {0};
    if (has_more) {
        count = (size_t)call->limit;
        struct slice keys = db_rows_text(rows, count - 1, db_rows_column(rows, "_cursor"));
        ensure(keys.ptr != NULL);
        cursor = route_cursor_encode(call->arena, call->router->options.secret,
                                     route_filter_hash(call), keys);
    }
    json_begin_object(&w);
    render_about(rows, &w);
    render_data(call, rows, count, &w);
    json_key(&w, "page");
    json_begin_object(&w);
    json_key(&w, "limit");
    json_int(&w, call->limit);
    json_key(&w, "has_more");
    json_bool(&w, has_more);
    json_key(&w, "next_cursor");
    json_text(&w, cursor);
    if (call->total >= 0) {
        json_key(&w, "total");
        json_int(&w, call->total);
    }
    json_end_object(&w);
    json_end_object(&w);
    if (is_too_large(call, body))
        return;
    struct http_response response = {
        .status = 200, .content_type = "application/json", .body = buffer_slice(body)};
    size_t headers = 0;
    if (has_more)
        response.headers[headers++] =
            (struct http_header){SLICE("Link"), slice_from_cstr(next_link(call, cursor))};
    if (call->total >= 0)
        response.headers[headers++] =
            (struct http_header){SLICE("Preference-Applied"), SLICE("count=exact")};
    http_respond(call->exchange, &response);
}

static void answer_rows(struct route_call *call, const struct db_rows *rows, struct buffer *body)
{
    struct json_writer w = json_writer_on(body);
    json_begin_object(&w);
    render_data(call, rows, count_members(rows), &w);
    json_end_object(&w);
    if (!is_too_large(call, body))
        route_answer_json(call, 200, buffer_slice(body));
}

// The text with the id in it replaced; itself when it does not hold it.
static const char *replace_id(struct arena *arena, struct slice text, struct slice id,
                              struct slice survivor)
{
    size_t at = id.len ? slice_find(text, id) : SIZE_MAX;
    if (at == SIZE_MAX)
        return arena_cstr(arena, text);
    return arena_printf(arena, "%.*s%.*s%.*s", (int)at, text.ptr, SLICE_FMT(survivor),
                        SLICE_FMT(slice_sub(text, at + id.len, text.len)));
}

static void redirect_to_survivor(struct route_call *call, struct slice survivor)
{
    // The address with the id replaced: /api/events/<id>/similar?limit=5 keeps its tail. Without one in the path, the
    // query has it: ?event_id=<id>.
    const struct route_value *in_path = route_value_get(call, "id"),
                             *in_query = route_value_get(call, "event_id");
    const char *path = replace_id(call->arena, call->exchange->path, in_path->text, survivor);
    const char *query = replace_id(call->arena, call->exchange->query,
                                   in_path->given ? (struct slice){0} : in_query->text, survivor);
    const char *location = arena_printf(call->arena, "%s%s%s", path, *query ? "?" : "", query);
    struct buffer body CLEANUP(buffer_done);
    buffer_init(&body, 4096);
    http_problem_render(&body, ERR_MERGED, "this turned out to be another one",
                        call->exchange->request_id.ptr, NULL, 0);
    body.len--; // opens the object again for the extension member
    buffer_printf(&body, ",\"merged_into\":\"%.*s\"}", SLICE_FMT(survivor));
    const struct http_response response = {
        .status = 308,
        .content_type = "application/problem+json",
        .body = buffer_slice(&body),
        .headers = {{SLICE("Location"), slice_from_cstr(location)}}};
    http_respond(call->exchange, &response);
}

// One row is the least about a thing that exists: lists about something (…/:id/similar) have the column _present.
static bool is_about_nothing(const struct route_call *call, const struct db_rows *rows)
{
    return db_rows_count(rows) == 0 &&
           (call->route->shape == ROUTE_ITEM || db_rows_column(rows, "_present") >= 0);
}

static bool is_merged(const struct db_rows *rows)
{
    int merged = db_rows_column(rows, "_merged_into");
    return merged >= 0 && db_rows_count(rows) > 0 && !db_rows_is_null(rows, 0, merged);
}

static void answer_item(struct route_call *call, const struct db_rows *rows, struct buffer *body)
{
    struct json_writer w = json_writer_on(body);
    route_render_row(call, rows, 0, &w);
    if (!is_too_large(call, body))
        route_answer_json(call, 200, buffer_slice(body));
}

static void on_rows(void *data, const struct db_rows *rows, const struct error *error)
{
    struct route_call *call = data;
    if (error) {
        route_answer_error(call, error);
        return;
    }
    struct buffer body CLEANUP(buffer_done);
    buffer_init(&body, MAX_ANSWER_BYTES);
    if (is_about_nothing(call, rows))
        http_respond_problem(call->exchange, ERR_NOT_FOUND, "nothing has this id", NULL, 0);
    else if (is_merged(rows))
        redirect_to_survivor(
            call, db_rows_value_text(rows, 0, db_rows_column(rows, "_merged_into"), call->arena));
    else if (call->route->shape == ROUTE_LIST) {
        int total = db_rows_column(rows, "_total");
        if (total >= 0)
            call->total = db_rows_count(rows) ? db_rows_int(rows, 0, total) : 0;
        answer_list(call, rows, &body);
    } else if (call->route->shape == ROUTE_ROWS)
        answer_rows(call, rows, &body);
    else
        answer_item(call, rows, &body);
}

void route_answer_rows(void *data, const struct db_rows *rows, const struct error *error)
{
    struct route_call *call = data;
    struct buffer body CLEANUP(buffer_done);
    buffer_init(&body, MAX_ANSWER_BYTES);
    if (error)
        route_answer_error(call, error);
    else
        answer_rows(call, rows, &body);
}

void route_answer_item(void *data, const struct db_rows *rows, const struct error *error)
{
    struct route_call *call = data;
    struct buffer body CLEANUP(buffer_done);
    buffer_init(&body, MAX_ANSWER_BYTES);
    if (error)
        route_answer_error(call, error);
    else if (db_rows_count(rows) == 0)
        http_respond_problem(call->exchange, ERR_NOT_FOUND, "nothing has this id", NULL, 0);
    else if (is_merged(rows))
        redirect_to_survivor(
            call, db_rows_value_text(rows, 0, db_rows_column(rows, "_merged_into"), call->arena));
    else
        answer_item(call, rows, &body);
}

static void run_list(struct route_call *call);

static void on_count(void *data, const struct db_rows *rows, const struct error *error)
{
    struct route_call *call = data;
    if (error) {
        route_answer_error(call, error);
        return;
    }
    call->total = db_rows_int(rows, 0, db_rows_column(rows, "total"));
    run_list(call);
}

static void on_list(void *data, const struct db_rows *rows, const struct error *error)
{
    struct route_call *call = data;
    struct buffer body CLEANUP(buffer_done);
    buffer_init(&body, MAX_ANSWER_BYTES);
    if (error)
        route_answer_error(call, error);
    else
        answer_list(call, rows, &body);
}

void route_run_list(struct route_call *call, const struct db_statement *statement,
                    struct db_value *values)
{
    int limit = db_param_index(statement, "limit");
    if (limit >= 0)
        values[limit] = db_int(call->arena, call->limit + 1);
    if (bind_cursor(call, statement, values))
        route_answer_invalid(call, ERR_INVALID_CURSOR, "cursor",
                             "the cursor is not one of this list with these filters");
    else
        db_pipeline_query(call->db, statement, values, on_list, call);
}

static void run_list(struct route_call *call)
{
    const struct db_statement *statement = call->route->statement;
    struct db_value *values = route_bind(call, statement);
    if (bind_cursor(call, statement, values)) {
        route_answer_invalid(call, ERR_INVALID_CURSOR, "cursor",
                             "the cursor is not one of this list with these filters");
        return;
    }
    db_pipeline_query(call->db, statement, values, on_rows, call);
}

void route_run_statement(struct route_call *call)
{
    if (call->route->count && wants_count(call))
        db_pipeline_query(call->db, call->route->count, route_bind(call, call->route->count),
                          on_count, call);
    else
        run_list(call);
}
