// Routes as data. A service is a table of rows {method, path, scope, parameters, statement or handler}; from it come
// dispatch, validation with the nearest valid name in the answer, /openapi.json, per-route metrics, and the tests that
// call every operation. An ordinary read endpoint is one row here and one .sql file.
#pragma once

#include "lib/account/account.h"
#include "lib/account/quota.h"
#include "lib/base/error.h"
#include "lib/db/pipeline.h"
#include "lib/http/problem.h"
#include "lib/http/server.h"
#include "lib/json/json.h"

enum route_in { ROUTE_IN_PATH, ROUTE_IN_QUERY, ROUTE_IN_BODY, ROUTE_IN_FILTER };

enum route_type {
    ROUTE_TEXT,
    ROUTE_INT,
    ROUTE_BOOL,    // true, false
    ROUTE_DATE,    // 2026-11-22
    ROUTE_INSTANT, // RFC 3339, or a date (its first moment in UTC)
    ROUTE_UUID,
    ROUTE_NUMBER,    // decimal, fractions allowed
    ROUTE_NAME,      // an id, or a name, which is bound as its key (name_normalize)
    ROUTE_POINT,     // latitude,longitude: bound as float8[]
    ROUTE_BOX,       // west,south,east,north; west may be east of east: bound as float8[]
    ROUTE_ENUM,      // one of `values`
    ROUTE_TEXT_LIST, // a,b,c in a query; an array of strings in a body: bound as text[]
    ROUTE_UUID_LIST,
    ROUTE_ENUM_LIST, // of `values`
    ROUTE_NAME_LIST,
    ROUTE_OBJECT, // in bodies: bound as its JSON text (max: bytes, 0: 64 KiB), or read by route_read_object
    ROUTE_OBJECT_LIST,
    ROUTE_FILTER, // in bodies: an object of the sets that are in_filter, and decoded into them
    ROUTE_CURSOR, // bound to the statement's cursor_1, cursor_2 …
};

struct route_param {
    const char *name;
    enum route_in in;
    enum route_type type;
    bool required;
    int64_t min,
        max; // ROUTE_INT, ROUTE_NUMBER: value; ROUTE_TEXT: characters (max 0: 200); lists: members (max 0: 50)
    const char *fallback;      // NULL: not given
    const char *const *values; // ROUTE_ENUM, ROUTE_ENUM_LIST: NULL-terminated
    const char *doc;
    const char *example;
};

// Are values that are right one by one right together? NULL, or what is wrong with *ret_parameter.
struct route_call;
typedef const char *route_check(const struct route_call *call, const char **ret_parameter);

// Parameters that several routes share (the list filters) are one set.
struct route_params {
    const struct route_param *items;
    size_t count;
    route_check *check; // NULL: they do not depend on each other
    bool in_filter;     // they stand in the body's ROUTE_FILTER instead of the query
};
#define ROUTE_PARAMS(array) {(array), ARRAY_LEN(array), NULL, false}

enum route_scope {
    ROUTE_OPEN,     // health, documentation
    ROUTE_READ,     // reading data: readers, and everybody with PUBLIC_READ
    ROUTE_WRITE,    // asking for work: writers
    ROUTE_ADMIN,    // other people's keys: admins
    ROUTE_INTERNAL, // between the services: the internal token, and admins
};

// Two parameters steer what is shown of each row, for every shape: `fields` (ROUTE_ENUM_LIST) names the members to keep,
// id stays; `include` (ROUTE_ENUM_LIST) sets the statement's flags include_<member>, and a column beside _item takes the
// place of the item's member of its name. Neither changes which rows there are.
//
// How a statement's rows become an answer. Columns that begin with '_' steer: _item is the whole object, _cursor the
// keys of a row for paging, _present (lists about one thing: no row at all means that the thing does not exist, a lone
// row with false that it has nothing to list), _merged_into (308 to that id), _about (ROUTE_LIST: a json object in the
// first row whose members stand before "data").
enum route_shape {
    ROUTE_HANDLER, // the handler answers
    ROUTE_ITEM,    // the first row as an object; none: 404
    ROUTE_LIST, // {"data":[…],"page":{…}} with keyset paging: takes limit + 1 rows, the last row's _cursor (json array)
    ROUTE_ROWS, // {"data":[…]}
};

typedef void route_handler(struct route_call *call);

// Fills those values of a route's statement that do not stand in the request; the others are bound.
typedef void route_completer(struct route_call *call, const struct db_statement *statement,
                             struct db_value *values);

enum { ROUTE_MAX_PARAM_SETS = 5, ROUTE_MAX_PARAMS = 48 };

struct route {
    enum http_method method;
    const char *path; // "/api/events/:id"; a segment with ':' is a parameter
    enum route_scope scope;
    const char *tag;     // group in the documentation
    const char *summary; // one sentence
    struct route_params params[ROUTE_MAX_PARAM_SETS];
    enum route_shape shape;
    const struct db_statement
        *statement; // for all shapes but ROUTE_HANDLER (there: optional, for the handler)
    // ROUTE_LIST: counts all rows of the list (column total), for `Prefer: count=exact`; NULL: not offered, unless the
    // statement itself has the flag count_exact and then a column _total.
    const struct db_statement *count;
    route_completer *complete; // NULL: everything stands in the request
    route_handler *handler;    // ROUTE_HANDLER only
    bool ignores_query;        // what stands there is for the page that is the answer
    size_t max_body_bytes;     // 0: 1 MiB
    int status;                // of success, for the documentation; 0: 200
    const char
        *response; // name of the schema of the answer among router_options.schemas; NULL: any
    const char *content_type; // NULL: application/json
    const char *body_example; // JSON, for routes that take a body
};

// One decoded value. given is false when it was neither sent nor has a fallback.
struct route_value {
    bool given;
    bool is_fallback;    // given, but not sent
    struct slice text;   // canonical text of any type; for lists the first member
    int64_t integer;     // ROUTE_INT, ROUTE_BOOL (0, 1)
    double number;       // ROUTE_NUMBER
    struct slice *items; // lists, ROUTE_POINT, ROUTE_BOX
    size_t count;
};

// A table in use: routes plus what they need at run time. One per loop.
struct router;

// A request on its way through its route.
struct route_call {
    struct http_exchange *exchange;
    struct arena *arena; // of the exchange
    const struct route *route;
    const struct compiled_route *compiled; // of the router; NULL: looked up when it is needed
    struct router *router;
    struct db_pipeline *db;             // of this loop; NULL in a service without a database
    void *service;                      // of the service (router_options.service)
    struct account account;             // who asks
    struct account_directory *accounts; // router_options.accounts
    const char
        *subject; // whose limits count: "key:…", "ip:…", "internal"; lives as long as the call
    // What a repetition with the same Idempotency-Key is answered with, when the answer itself holds what must not be
    // stored; in the arena. Absent: the answer.
    struct slice kept_body;
    struct route_value
        values[ROUTE_MAX_PARAMS]; // in the order of the route's parameters, sets one after another
    yyjson_val *body;             // parsed JSON body; NULL when the route takes none
    int64_t total;                // of ROUTE_LIST with `Prefer: count=exact`; otherwise -1
    int64_t limit;                // of ROUTE_LIST
};

// The value of a parameter by name; a static "not given" when the route has no such parameter.
const struct route_value *route_value_get(const struct route_call *call, const char *name);

// The least role that may call routes of a scope (what is open to all: ACCOUNT_NOBODY).
enum account_role route_needed_role(enum route_scope scope);

// Takes `amount` pages of the account's daily quota; goes on with then(data), or answers 429.
void route_spend_scrapes(struct route_call *call, int64_t amount, void (*then)(void *data),
                         void *data);
// What is wrong with a request, gathered for one problem answer.
enum { ROUTE_MAX_ITEMS = 16 };
struct route_faults {
    struct http_problem_item items[ROUTE_MAX_ITEMS];
    size_t count;
    enum err code; // of the first
};

// Appends one fault; place is a parameter's name, or a JSON pointer for bodies.
void route_fault(struct route_faults *faults, enum err code, bool in_body, const char *place,
                 const char *detail, const char *nearest);
// Reads an object of a body by a table of parameters into values, one for each; nulls count as not given. place is the
// object's own pointer. Strings of values may be of the body: it lives as long as the call.
void route_read_object(struct arena *arena, yyjson_val *object,
                       const struct route_param *const *params, size_t count, const char *place,
                       struct route_value *values, struct route_faults *faults);

// Who asks, for statements that queue work: the user of the key, or NULL (nobody, the internal token).
struct db_value route_asking_user(const struct route_call *call);

// Fills values for a statement from the call: every statement parameter takes the route parameter of its name;
// `limit` counts one more on lists; cursor_N come from the cursor; a parameter of type flag, named <param>_<value>
// (a leading '-' of the value becomes a trailing _desc), is given when the enum has that value, or the list of them has
// it among others.
struct db_value *route_bind(struct route_call *call, const struct db_statement *statement);

// Runs a statement for a handler with bound values; done is called as in db_pipeline_query.
void route_query(struct route_call *call, const struct db_statement *statement,
                 const struct db_value *values, db_done *done, void *data);

// A db_done for handlers (data: the call): answers with the first row as ROUTE_ITEM does, whatever the route's shape.
void route_answer_item(void *data, const struct db_rows *rows, const struct error *error);
// The same for all rows, as ROUTE_ROWS does.
void route_answer_rows(void *data, const struct db_rows *rows, const struct error *error);
// Answers as ROUTE_LIST does, with values that a handler has bound (route_bind) and changed.
void route_run_list(struct route_call *call, const struct db_statement *statement,
                    struct db_value *values);
// Answers. body is JSON text.
void route_answer_json(struct route_call *call, int status, struct slice body);
void route_answer_error(struct route_call *call, const struct error *error);
// A problem with one place that is wrong: pointer "/urls/0" for bodies, else a parameter's name.
void route_answer_invalid(struct route_call *call, enum err code, const char *place,
                          const char *detail);

// A named JSON Schema (2020-12) for the documentation; json is its text.
struct route_schema {
    const char *name, *json;
};

struct router_options {
    const struct route *const *tables; // several tables (one a resource), NULL-terminated
    const size_t *table_sizes;
    const char *title, *description;    // for the documentation
    const struct route_schema *schemas; // may be NULL
    size_t schema_count;
    struct db_pipeline *db;
    struct slice secret;                // signs cursors
    struct account_directory *accounts; // NULL: nobody has a key (a service without a database)
    struct quota_book *quotas;          // NULL: no limits
    struct slice internal_token;        // absent: nobody has one
    bool internal_is_open;              // ROUTE_INTERNAL needs no token
    bool public_read;                   // ROUTE_READ needs no key
    int64_t requests_per_minute, anonymous_per_minute, scrapes_per_day; // 0: no limit
    bool limits_this_machine;         // anonymous requests from loopback addresses too
    int64_t failures_per_minute;      // wrong keys from one address; 0: no limit
    bool limits_failures_here;        // from loopback addresses too
    int64_t idempotency_keys_per_day; // that are remembered of one principal
    void *service;
};

// Checks the tables too: every statement parameter must be bound by something. A mistake is a broken build (ensure).
struct router *router_new(const struct router_options *options);
void router_free(struct router *router);
// http_handler: finds the route, authorises, decodes, runs. 404 and 405 (with Allow), OPTIONS (with Allow and CORS).
void router_handle(void *router, struct http_exchange *exchange);
// http_server_options.body_limit
size_t router_body_limit(void *router, enum http_method method, struct slice path);

// The OpenAPI 3.1 document of the tables.
void router_openapi(const struct router *router, struct buffer *out);
