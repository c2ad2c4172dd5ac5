// /api/keys, /api/usage, /api/me: who may use this, and who did. Admins see everybody, others themselves.
#include "api/routes/routes.h"
#include "lib/account/key.h"
#include "lib/catalog/parameters.h"
#include "statements.gen.h"

// Values with the caller's own user in `user_id`, unless that is an admin.
static struct db_value *bind_own(struct route_call *call, const struct db_statement *statement)
{
    struct db_value *values = route_bind(call, statement);
    if (call->account.role != ACCOUNT_ADMIN)
        values[db_param_index(statement, "user_id")] = db_cstr(call->account.user_id);
    return values;
}

// Reading of one's own needs to be somebody, also where PUBLIC_READ opens everything else.
static bool is_somebody(struct route_call *call)
{
    if (call->account.role != ACCOUNT_NOBODY)
        return true;
    http_respond_problem(call->exchange, ERR_UNAUTHORIZED,
                         "send a key: Authorization: Bearer eda_…", NULL, 0);
    return false;
}

static void get_keys(struct route_call *call)
{
    if (is_somebody(call))
        route_run_list(call, &sql_accounts_list_keys, bind_own(call, &sql_accounts_list_keys));
}

static void get_usage(struct route_call *call)
{
    if (is_somebody(call))
        route_run_list(call, &sql_accounts_list_usage, bind_own(call, &sql_accounts_list_usage));
}

static void get_me(struct route_call *call)
{
    const struct account *account = &call->account;
    if (!is_somebody(call))
        return;
    struct buffer body CLEANUP(buffer_done);
    buffer_init(&body, 4096);
    struct json_writer w = json_writer_on(&body);
    json_begin_object(&w);
    json_key(&w, "role");
    json_cstr(&w, account_role_name(account->role));
    json_key(&w, "is_internal");
    json_bool(&w, account->is_internal);
    json_key(&w, "key_id");
    json_cstr(&w, account->key_id[0] ? account->key_id : NULL);
    json_key(&w, "user_id");
    json_cstr(&w, account->user_id[0] ? account->user_id : NULL);
    json_end_object(&w);
    route_answer_json(call, 200, buffer_slice(&body));
}

// A key on its way into the table; its text is shown once, in the answer.
struct new_key {
    struct route_call *call;
    char text[ACCOUNT_KEY_TEXT];
};

// text NULL: for those who ask again, because it is stored nowhere.
static void write_created(struct buffer *body, const struct route_call *call,
                          const struct db_rows *rows, const char *text)
{
    struct json_writer w = json_writer_on(body);
    json_begin_object(&w);
    json_key(&w, "id");
    db_rows_render_value(rows, 0, db_rows_column(rows, "id"), &w);
    json_key(&w, "key");
    json_cstr(&w, text);
    json_key(&w, "role");
    json_text(&w, route_value_get(call, "role")->text);
    json_key(&w, "name");
    json_text(&w, route_value_get(call, "name")->text);
    json_end_object(&w);
}

static void on_created(void *data, const struct db_rows *rows, const struct error *error)
{
    const struct new_key *key = data;
    struct route_call *call = key->call;
    if (error) {
        route_answer_error(call, error);
        return;
    }
    struct buffer body CLEANUP(buffer_done);
    buffer_init(&body, 4096);
    write_created(&body, call, rows, NULL);
    call->kept_body = arena_slice(call->arena, buffer_slice(&body));
    buffer_clear(&body);
    write_created(&body, call, rows, key->text);
    const struct http_response response = {.status = 201,
                                           .content_type = "application/json",
                                           .body = buffer_slice(&body),
                                           .no_store = true};
    http_respond(call->exchange, &response);
}

static void post_keys(struct route_call *call)
{
    struct new_key *key = ARENA_NEW(call->arena, struct new_key);
    struct account_key parsed;
    key->call = call;
    account_key_new(key->text);
    (void)account_key_parse(slice_from_cstr(key->text), &parsed);
    const struct route_value *user = route_value_get(call, "user");
    struct db_value *values = route_bind(call, &sql_accounts_create_key);
    values[db_param_index(&sql_accounts_create_key, "user_name")] =
        db_text(user->given ? user->text : route_value_get(call, "name")->text);
    values[db_param_index(&sql_accounts_create_key, "prefix")] = db_text(parsed.prefix);
    values[db_param_index(&sql_accounts_create_key, "secret_sha256")] =
        db_cstr(arena_strdup(call->arena, parsed.secret_sha256));
    route_query(call, &sql_accounts_create_key, values, on_created, key);
}

static void delete_key(struct route_call *call)
{
    if (is_somebody(call))
        route_query(call, &sql_accounts_revoke_key, bind_own(call, &sql_accounts_revoke_key),
                    route_answer_item, call);
}

static const char *const roles[] = {"reader", "writer", "admin", NULL};
static const struct route_param key_params[] = {
    {"name", ROUTE_IN_BODY, ROUTE_TEXT, .required = true, .doc = "What the key is for."},
    {"role", ROUTE_IN_BODY, ROUTE_ENUM, .values = roles, .fallback = "reader",
     .doc = "reader: read. writer: also scrape and process. admin: everything."},
    {"user", ROUTE_IN_BODY, ROUTE_TEXT,
     .doc = "Whose it is (an e-mail address, or any name); unset: one of the key's name."},
    {"expires_at", ROUTE_IN_BODY, ROUTE_INSTANT, .doc = "When it ends by itself; unset: never."},
    {"requests_per_minute", ROUTE_IN_BODY, ROUTE_INT, .min = 0, .max = 100000000,
     .doc = "Its own limit; 0: none; unset: RATE_LIMIT_PER_MINUTE."},
    {"scrapes_per_day", ROUTE_IN_BODY, ROUTE_INT, .min = 0, .max = 100000000,
     .doc = "Its own quota of pages; 0: no limit; unset: SCRAPE_QUOTA_PER_DAY."},
};
static const struct route_param id_param[] = {
    {"id", ROUTE_IN_PATH, ROUTE_UUID, .required = true, .doc = "Id of a key."},
};

const struct route accounts_routes[] = {
    {HTTP_METHOD_GET, "/api/me", ROUTE_READ, "accounts", "Who the key says you are.",
     .handler = get_me, .response = "Me"},
    {HTTP_METHOD_GET, "/api/keys", ROUTE_READ, "accounts",
     "Your keys; for admins everybody's. Never their secrets.", .params = {PAGING},
     .handler = get_keys, .response = "KeyList"},
    {HTTP_METHOD_POST, "/api/keys", ROUTE_ADMIN, "accounts",
     "A new key. Its text is in this answer and nowhere else.",
     .params = {ROUTE_PARAMS(key_params)}, .handler = post_keys, .status = 201,
     .response = "NewKey", .body_example = "{\"name\":\"example\",\"role\":\"reader\"}"},
    {HTTP_METHOD_DELETE, "/api/keys/:id", ROUTE_READ, "accounts",
     "End one of your keys for good; admins may end everybody's.",
     .params = {ROUTE_PARAMS(id_param)}, .handler = delete_key, .response = "Key"},
    {HTTP_METHOD_GET, "/api/usage", ROUTE_READ, "accounts",
     "What your keys used in the last 30 days, the newest day first; for admins everybody's.",
     .params = {PAGING}, .handler = get_usage, .response = "Usage"},
};
const size_t accounts_route_count = ARRAY_LEN(accounts_routes);
