// The router's own view of its tables: for the files of this folder.
#pragma once

#include "lib/route/route.h"

enum { ROUTE_MAX_SEGMENTS = 12 };

struct compiled_route {
    const struct route *route;
    struct slice segments[ROUTE_MAX_SEGMENTS]; // ':' first: a parameter
    size_t segment_count;
    const struct route_param *params[ROUTE_MAX_PARAMS];
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

// What is wrong with a request, gathered for one problem answer.
enum { ROUTE_MAX_ITEMS = 16 };
struct route_faults {
    struct http_problem_item items[ROUTE_MAX_ITEMS];
    size_t count;
    enum err code; // of the first
};

const struct compiled_route *router_compiled(const struct route_call *call);

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
// Appends one fault; place is a parameter's name, or a JSON pointer for bodies.
void route_fault(struct route_faults *faults, enum err code, bool in_body, const char *place,
                 const char *detail, const char *nearest);
// Answers a route that has a statement and no handler.
void route_run_statement(struct route_call *call);

// Keyset cursors: the last row's keys as JSON, bound to the route and its filters, signed.
// filters: hash of everything else that was asked for; a cursor of another question is refused.
struct slice route_cursor_encode(struct arena *arena, struct slice secret, uint64_t filters,
                                 struct slice keys);
MUST_CHECK enum err route_cursor_decode(struct arena *arena, struct slice secret, uint64_t filters,
                                        struct slice cursor, struct slice *ret_keys);
// Hash of path and given values, without cursor and limit.
uint64_t route_filter_hash(const struct route_call *call);
