// Who may call what, and how often.
#include "lib/base/ensure.h"
#include "lib/http/address.h"
#include "lib/route/router.h"

#include <stdio.h>
#include <string.h>

enum { MINUTE_S = 60, DAY_S = 24 * 60 * 60 };

// The token of `Authorization: Bearer …`; absent without one.
static struct slice bearer_token(const struct http_exchange *exchange)
{
    struct slice value = http_header_get(&exchange->headers, "authorization");
    if (value.len < 7 || !slice_equal_nocase(slice_sub(value, 0, 7), SLICE("Bearer ")))
        return (struct slice){0};
    return slice_trim(slice_sub(value, 7, value.len));
}

static void refuse(struct admission *admission, enum err code, const char *detail)
{
    http_respond_problem(admission->exchange, code, detail, NULL, 0);
}

static const enum account_role needed_roles[] = {
    [ROUTE_OPEN] = ACCOUNT_NOBODY, [ROUTE_READ] = ACCOUNT_READER,    [ROUTE_WRITE] = ACCOUNT_WRITER,
    [ROUTE_ADMIN] = ACCOUNT_ADMIN, [ROUTE_INTERNAL] = ACCOUNT_ADMIN,
};

// ------------------------------------------------------------------------------------------------- how often

static const char *address_subject(const struct http_exchange *exchange)
{
    char network[HTTP_NETWORK_TEXT];
    http_address_network(exchange->peer, network);
    return arena_printf(exchange->arena, "ip:%s", network);
}

static void write_subject(struct admission *admission)
{
    const struct account *account = &admission->account;
    struct http_exchange *exchange = admission->exchange;
    const char *subject = account->key_id[0]
                              ? arena_printf(exchange->arena, "key:%s", account->key_id)
                          : account->is_internal ? "internal"
                                                 : address_subject(exchange);
    snprintf(admission->subject, sizeof admission->subject, "%s", subject);
}

static bool is_this_machine(const struct http_exchange *exchange)
{
    return slice_starts_with(exchange->peer, SLICE("127.")) ||
           slice_equal(exchange->peer, SLICE("::1")) ||
           slice_starts_with(exchange->peer, SLICE("::ffff:127."));
}

static int64_t requests_limit(const struct admission *admission)
{
    const struct router_options *options = &admission->router->options;
    const struct account *account = &admission->account;
    if (!options->quotas || account->is_internal)
        return 0;
    if (account->role == ACCOUNT_NOBODY)
        return options->limits_this_machine || !is_this_machine(admission->exchange)
                   ? options->anonymous_per_minute
                   : 0;
    if (account->requests_per_minute >= 0)
        return account->requests_per_minute;
    return account->role == ACCOUNT_ADMIN ? 0 : options->requests_per_minute;
}

// draft-ietf-httpapi-ratelimit-headers: the policy, and where this client stands in it.
static void tell_limit(struct http_exchange *exchange, const struct quota_policy *policy,
                       const struct quota_state *state)
{
    exchange->extra[0] = (struct http_header){
        SLICE("RateLimit-Policy"),
        slice_from_cstr(arena_printf(exchange->arena, "\"%s\";q=%lld;w=%d", policy->name,
                                     (long long)policy->limit, policy->window_s))};
    exchange->extra[1] = (struct http_header){
        SLICE("RateLimit"),
        slice_from_cstr(arena_printf(exchange->arena, "\"%s\";r=%lld;t=%d", policy->name,
                                     (long long)(state->remaining > 0 ? state->remaining : 0),
                                     state->reset_s))};
}

void access_answer_too_many(struct http_exchange *exchange, const struct quota_policy *policy,
                            const struct quota_state *state)
{
    tell_limit(exchange, policy, state);
    const struct http_header headers[] = {
        {SLICE("Retry-After"),
         slice_from_cstr(arena_printf(exchange->arena, "%d", state->reset_s))}};
    const struct http_problem_item items[] = {
        {.header = "RateLimit-Policy", .code = "quota_exceeded", .policy = policy->name}};
    http_respond_problem_with(
        exchange, ERR_RATE_LIMITED,
        arena_printf(exchange->arena, "the limit is %lld %s in %d s; there is room again in %d s",
                     (long long)policy->limit, policy->name, policy->window_s, state->reset_s),
        items, ARRAY_LEN(items), headers, ARRAY_LEN(headers));
}

static enum route_scope scope_of(const struct admission *admission)
{
    return admission->compiled ? admission->compiled->route->scope : ROUTE_OPEN;
}

static void refuse_role(struct admission *admission)
{
    if (admission->account.role == ACCOUNT_NOBODY) {
        refuse(admission, ERR_UNAUTHORIZED, "send a key: Authorization: Bearer eda_…");
        return;
    }
    refuse(admission, ERR_FORBIDDEN,
           arena_printf(admission->exchange->arena, "this needs the role %s; the key is a %s's",
                        account_role_name(needed_roles[scope_of(admission)]),
                        account_role_name(admission->account.role)));
}

static void admit(struct admission *admission)
{
    if (admission->router->options.accounts)
        account_count(admission->router->options.accounts, admission->account.key_id, 1, 0);
    if (admission->lacks_role)
        refuse_role(admission);
    else
        admission->admitted(admission);
}

static void on_requests_quota(void *data, const struct quota_state *state,
                              const struct error *error)
{
    struct admission *admission = data;
    if (error && admission->compiled) {
        refuse(admission, error->code, route_error_detail(error));
        return;
    }
    if (state)
        tell_limit(admission->exchange, &admission->policy, state);
    if (!state || state->allowed) // that there is no such address can be said without a database
        admit(admission);
    else
        access_answer_too_many(admission->exchange, &admission->policy, state);
}

static void check_limit(struct admission *admission)
{
    admission->policy = (struct quota_policy){
        .name = "requests", .limit = requests_limit(admission), .window_s = MINUTE_S};
    write_subject(admission);
    bool is_open = admission->compiled && scope_of(admission) == ROUTE_OPEN;
    if (admission->policy.limit == 0 || is_open)
        admit(admission);
    else
        quota_take(admission->router->options.quotas, slice_from_cstr(admission->subject),
                   &admission->policy, 1, on_requests_quota, admission);
}

// A request's wish for pages, while its quota is asked.
struct spending {
    struct route_call *call;
    struct quota_policy policy;
    int64_t amount;
    void (*then)(void *data);
    void *data;
};

static void on_scrapes_quota(void *data, const struct quota_state *state, const struct error *error)
{
    struct spending *spending = data;
    struct route_call *call = spending->call;
    if (error) {
        route_answer_error(call, error);
    } else if (!state->allowed) {
        access_answer_too_many(call->exchange, &spending->policy, state);
    } else {
        account_count(call->router->options.accounts, call->account.key_id, 0, spending->amount);
        spending->then(spending->data);
    }
}

void route_spend_scrapes(struct route_call *call, int64_t amount, void (*then)(void *data),
                         void *data)
{
    const struct router_options *options = &call->router->options;
    const struct account *account = &call->account;
    struct spending *spending = ARENA_NEW(call->arena, struct spending);
    int64_t limit = account->scrapes_per_day;
    if (limit < 0)
        limit = account->role == ACCOUNT_ADMIN ? 0 : options->scrapes_per_day;
    *spending = (struct spending){.call = call,
                                  .policy = {"scrapes", limit, DAY_S},
                                  .amount = amount,
                                  .then = then,
                                  .data = data};
    if (account->is_internal || !account->key_id[0] || limit == 0 || amount == 0) {
        if (options->accounts)
            account_count(options->accounts, account->key_id, 0, amount);
        then(data);
        return;
    }
    if (amount > limit) { // no later window has room for it either
        http_respond_problem(
            call->exchange, ERR_INVALID_FIELD,
            arena_printf(call->arena,
                         "%lld pages are more than the key may ask for in a day (%lld)",
                         (long long)amount, (long long)limit),
            NULL, 0);
        return;
    }
    quota_take(options->quotas,
               slice_from_cstr(arena_printf(call->arena, "key:%s", account->key_id)),
               &spending->policy, amount, on_scrapes_quota, spending);
}

// -------------------------------------------------------------------------------------------------- who may

enum account_role route_needed_role(enum route_scope scope)
{
    return needed_roles[scope];
}

// A web page in somebody's browser on this machine may send requests here, too; its own address, or the name that it has
// made to point here, gives it away.
static bool is_from_this_machine(const struct http_exchange *exchange)
{
    static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};
    struct slice host = http_header_get(&exchange->headers, "host");
    struct slice origin = http_header_get(&exchange->headers, "origin");
    bool is_local = false;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct slice name = slice_from_cstr(names[i]);
        is_local = is_local || slice_equal(host, name) ||
                   (slice_starts_with(host, name) && host.ptr[name.len] == ':');
    }
    return is_local && (!origin.len || (slice_starts_with(origin, SLICE("http://")) &&
                                        slice_equal(slice_sub(origin, 7, origin.len), host)));
}

static bool is_open(const struct admission *admission)
{
    const struct router_options *options = &admission->router->options;
    enum route_scope scope = scope_of(admission);
    return scope == ROUTE_OPEN || (scope == ROUTE_READ && options->public_read) ||
           (scope == ROUTE_INTERNAL && options->internal_is_open &&
            is_from_this_machine(admission->exchange));
}

static void check_role(struct admission *admission)
{
    // What somebody may not do counts against the limit, too.
    admission->lacks_role =
        admission->account.role < needed_roles[scope_of(admission)] && !is_open(admission);
    check_limit(admission);
}

// -------------------------------------------------------------------------------------------- keys that are none

static const char wrong_key[] = "nobody has this key";

static void on_failure_quota(void *data, const struct quota_state *state, const struct error *error)
{
    struct admission *admission = data;
    if (!error)
        tell_limit(admission->exchange, &admission->policy, state);
    if (error || state->allowed)
        refuse(admission, ERR_UNAUTHORIZED, wrong_key);
    else
        access_answer_too_many(admission->exchange, &admission->policy, state);
}

// Who guesses keys is slowed down by address.
static void set_failure_policy(struct admission *admission)
{
    const struct router_options *options = &admission->router->options;
    bool is_limited =
        options->quotas && (options->limits_failures_here || !is_this_machine(admission->exchange));
    admission->policy =
        (struct quota_policy){.name = "failed-authentications",
                              .limit = is_limited ? options->failures_per_minute : 0,
                              .window_s = MINUTE_S};
    snprintf(admission->subject, sizeof admission->subject, "%s",
             address_subject(admission->exchange));
}

static void refuse_key(struct admission *admission)
{
    set_failure_policy(admission);
    if (admission->policy.limit == 0)
        refuse(admission, ERR_UNAUTHORIZED, wrong_key);
    else
        quota_take(admission->router->options.quotas, slice_from_cstr(admission->subject),
                   &admission->policy, 1, on_failure_quota, admission);
}

// An address that has guessed too often is not even listened to, unless with a key that was good here before: others may
// be behind the same address.
static bool is_shut_out(struct admission *admission, struct slice token)
{
    const struct router_options *options = &admission->router->options;
    struct quota_state state;
    set_failure_policy(admission);
    if (admission->policy.limit == 0 ||
        !quota_is_spent(options->quotas, slice_from_cstr(admission->subject), &admission->policy,
                        &state) ||
        account_was_good(options->accounts, token))
        return false;
    on_failure_quota(admission, &state, NULL);
    return true;
}

static void on_account(void *data, const struct account *account, const struct error *error)
{
    struct admission *admission = data;
    if (error && admission->compiled) {
        refuse(admission, error->code, route_error_detail(error));
    } else if (!account && !error) {
        refuse_key(admission);
    } else {
        if (account)
            admission->account = *account;
        check_role(admission);
    }
}

void access_admit(struct admission *admission)
{
    const struct router_options *options = &admission->router->options;
    struct slice token = bearer_token(admission->exchange);
    // Health and documentation do not depend on anything, not even on the database behind a key.
    bool is_open = admission->compiled && scope_of(admission) == ROUTE_OPEN;
    if (is_open || !token.len) {
        check_role(admission);
    } else if (options->internal_token.len && digest_equal(token, options->internal_token)) {
        admission->account = (struct account){.role = ACCOUNT_ADMIN, .is_internal = true};
        check_role(admission);
    } else if (!options->accounts) {
        on_account(admission, NULL, NULL);
    } else if (!is_shut_out(admission, token)) {
        account_find(options->accounts, token, on_account, admission);
    }
}
