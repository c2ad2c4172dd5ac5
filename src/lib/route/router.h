// The router's own view of its tables: for the files of this folder.
#pragma once

#include "lib/route/route.h"

enum { ROUTE_MAX_SEGMENTS = 12 };

struct compiled_route {
    const struct route *route;
    struct slice segments[ROUTE_MAX_SEGMENTS]; // ':' first: a parameter
    size_t segment_count;
    const struct route_param *params[ROUTE_MAX_PARAMS];
    enum route_in in[ROUTE_MAX_PARAMS];        // where each stands on this route
    const char *query_names[ROUTE_MAX_PARAMS]; // for the nearest name
    const char *body_names[ROUTE_MAX_PARAMS];
    size_t param_count, query_count, body_count;
    int cursor; // position of the cursor parameter, -1 without
};

struct router {
    struct router_options options;
    struct arena *arena;
    struct compiled_route *routes;
    size_t count;
};

const struct compiled_route *router_compiled(const struct route_call *call);

// A request whose route is known, on its way to its handler (access.c): finds out who asks, whether that one may, and
// whether not too often; then admitted(admission) is called, or a problem was the answer.
struct admission {
    struct router *router;
    const struct compiled_route *compiled; // NULL: there is no such address or method
    unsigned methods;                      // then: that the address has (bit of enum http_method)
    struct http_exchange *exchange;
    struct slice segments[ROUTE_MAX_SEGMENTS];
    struct account account;
    bool lacks_role;            // refused, once its limit is told
    char subject[96];           // whose limits count: "key:…", "ip:…"
    struct quota_policy policy; // of the limit at work
    void (*admitted)(struct admission *admission);
};
void access_admit(struct admission *admission);
// 429 (draft-ietf-httpapi-ratelimit-headers): the problem names the policy, Retry-After the end of the window.
void access_answer_too_many(struct http_exchange *exchange, const struct quota_policy *policy,
                            const struct quota_state *state);
// What a client may know of an error: what went wrong inside is for the log. NULL: nothing.
const char *route_error_detail(const struct error *error);

// Runs the call's handler through its Idempotency-Key, if it has one (idempotency.c): the handler itself, the answer of
// the first request with that key, or a problem.
void idempotency_run(struct route_call *call, const char *subject, route_handler *handler);

// Decodes and validates path, query and body into call->values. False: faults tells what is wrong.
bool route_decode(struct route_call *call, const struct compiled_route *compiled,
                  const struct slice *segments, struct route_faults *faults);
// What a type of parameter takes (value.c). NULL when it is fine, else what was expected. _read reads what stands in a
// query; _check one text, for lists one member, whose canonical form is value->text then.
bool route_type_is_list(enum route_type type);
size_t route_list_max(const struct route_param *param);
const char *route_value_read(struct arena *arena, const struct route_param *param,
                             struct slice text, struct route_value *value);
const char *route_value_check(struct arena *arena, const struct route_param *param,
                              struct slice text, struct route_value *value);
// Of enums: the valid value that a wrong text is most like; otherwise NULL.
const char *route_value_nearest(const struct route_param *param, struct slice text);
// One row of an answer, with the members that `fields` and `include` ask for (shown.c). Too large: out overflows.
void route_render_row(const struct route_call *call, const struct db_rows *rows, size_t row,
                      struct json_writer *w);
// Answers a route that has a statement and no handler.
void route_run_statement(struct route_call *call);

// Keyset cursors: the last row's keys as JSON, bound to the route and its filters, signed.
// filters: hash of everything else that was asked for; a cursor of another question is refused.
struct slice route_cursor_encode(struct arena *arena, struct slice secret, uint64_t filters,
                                 struct slice keys);
MUST_CHECK enum err route_cursor_decode(struct arena *arena, struct slice secret, uint64_t filters,
                                        struct slice cursor, struct slice *ret_keys);
// The members of a row's keys as values for a statement, at most max of them: null is SQL NULL, a string its text, and
// everything else its JSON text, in which PostgreSQL reads numbers and booleans. ERR_INVALID_CURSOR: no array.
MUST_CHECK enum err route_cursor_values(struct arena *arena, struct slice keys, size_t max,
                                        struct db_value *ret_values, size_t *ret_count);
// Hash of path and given values, without what says only how much of the rows is shown: cursor, limit, fields, include,
// explain, facets.
uint64_t route_filter_hash(const struct route_call *call);
