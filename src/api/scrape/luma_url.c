#include "api/scrape/luma_url.h"

#include "lib/base/buffer.h"
#include "lib/base/ensure.h"

#include <stdlib.h>
#include <string.h>

enum { RULE_NAME_BYTES = 256, MAX_PARAMETERS = 256, HOSTS_MAX_BYTES = 16384 };

struct host_rule {
    char name[RULE_NAME_BYTES]; // normal form
    size_t name_len;
    bool subdomains_only;
    uint16_t port; // 0: the scheme's
};

struct luma_url_rules {
    size_t count;
    struct host_rule items[LUMA_URL_MAX_HOSTS];
};

static const struct {
    const char *code, *text;
} reasons[] = {
    [LUMA_URL_FINE] = {"ok", "The address may be fetched"},
    [LUMA_URL_NOT_A_URL] = {"not_a_url", "This is not a URL such as https://luma.com/event"},
    [LUMA_URL_SCHEME] = {"scheme_not_allowed", "Only http and https addresses may be fetched"},
    [LUMA_URL_TOO_LONG] = {"too_long", "The address is longer than 2048 bytes"},
    [LUMA_URL_USERINFO] = {"userinfo_not_allowed",
                           "An address with a user name or password may not be fetched"},
    [LUMA_URL_ADDRESS_LITERAL] = {"address_literal",
                                  "The host must be a name, not a numeric address"},
    [LUMA_URL_HOST] = {"host_not_allowed", "The host is not on the list of allowed hosts"},
    [LUMA_URL_PORT] = {"port_not_allowed", "The port is not allowed for this host"},
};

const char *luma_url_reason_code(enum luma_url_reason reason)
{
    return reasons[reason].code;
}

const char *luma_url_reason_text(enum luma_url_reason reason)
{
    return reasons[reason].text;
}

static bool read_host_rule(struct arena *arena, struct slice entry, struct host_rule *ret_rule)
{
    struct host_rule rule = {0};
    if (slice_starts_with(entry, SLICE("*."))) {
        rule.subdomains_only = true;
        entry = slice_sub(entry, 2, SIZE_MAX);
    }
    size_t colon = slice_find_char(entry, ':');
    if (colon != SIZE_MAX) {
        int64_t port;
        if (!slice_to_int(slice_sub(entry, colon + 1, SIZE_MAX), &port) || port < 1 ||
            port > UINT16_MAX)
            return false;
        rule.port = (uint16_t)port;
        entry = slice_sub(entry, 0, colon);
    }
    enum url_host_kind kind;
    struct slice host = url_host(arena, entry, &kind);
    if (!host.ptr || kind != URL_HOST_NAME || host.len >= sizeof rule.name)
        return false;
    memcpy(rule.name, host.ptr, host.len);
    rule.name_len = host.len;
    *ret_rule = rule;
    return true;
}

static enum err read_rules(struct arena *arena, struct slice hosts, struct luma_url_rules *rules,
                           struct error *ret_error)
{
    // Commas and white space both separate: one of them is enough for the loop.
    char *list = arena_cstr(arena, hosts);
    for (size_t i = 0; i < hosts.len; i++)
        if (list[i] == ',' || list[i] == '\t' || list[i] == '\n' || list[i] == '\r')
            list[i] = ' ';
    struct slice rest = {list, hosts.len}, entry;
    while (slice_split_next(&rest, ' ', &entry)) {
        if (entry.len == 0)
            continue;
        if (rules->count == LUMA_URL_MAX_HOSTS)
            return error_set(ret_error, ERR_CONFIG_INVALID, "more than %d allowed hosts",
                             LUMA_URL_MAX_HOSTS);
        if (!read_host_rule(arena, entry, &rules->items[rules->count]))
            return error_set(ret_error, ERR_CONFIG_INVALID,
                             "allowed host '%.*s' is not a name with an optional port",
                             SLICE_FMT(entry));
        rules->count++;
    }
    return rules->count ? ERR_OK
                        : error_set(ret_error, ERR_CONFIG_INVALID, "no host is allowed at all");
}

enum err luma_url_rules_new(struct slice hosts, struct luma_url_rules **ret_rules,
                            struct error *ret_error)
{
    if (hosts.len > HOSTS_MAX_BYTES)
        return error_set(ret_error, ERR_CONFIG_INVALID,
                         "the list of allowed hosts is longer than %d bytes", HOSTS_MAX_BYTES);
    CLEANUP(arena_free_cleanup) struct arena *arena = arena_new(32 * HOSTS_MAX_BYTES);
    struct luma_url_rules *rules = calloc(1, sizeof *rules);
    ensure(rules);
    enum err err = read_rules(arena, hosts, rules, ret_error);
    if (err != ERR_OK) {
        luma_url_rules_free(rules);
        return err;
    }
    *ret_rules = rules;
    return ERR_OK;
}

void luma_url_rules_free(struct luma_url_rules *rules)
{
    free(rules);
}

// Whole labels: "notluma.com" is no subdomain of "luma.com".
static bool host_matches(const struct host_rule *rule, struct slice host)
{
    struct slice name = {rule->name, rule->name_len};
    if (slice_equal(host, name))
        return !rule->subdomains_only;
    return host.len > name.len && slice_ends_with(host, name) &&
           host.ptr[host.len - name.len - 1] == '.';
}

static enum luma_url_reason check_host(const struct luma_url_rules *rules, const struct url *url)
{
    bool host_known = false;
    for (size_t i = 0; i < rules->count; i++) {
        const struct host_rule *rule = &rules->items[i];
        if (!host_matches(rule, url->host))
            continue;
        if (rule->port ? rule->port == url->port : url->port_is_default)
            return LUMA_URL_FINE;
        host_known = true;
    }
    return host_known ? LUMA_URL_PORT : LUMA_URL_HOST;
}

struct slice luma_url_site(struct arena *arena, struct slice host, bool *ret_is_luma)
{
    static const char *const names[] = {"lu.ma", "luma.com"};
    *ret_is_luma = false;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct slice name = slice_from_cstr(names[i]);
        if (!slice_ends_with(host, name))
            continue;
        struct slice before = slice_sub(host, 0, host.len - name.len); // "", "www.", "api."
        if (before.len && before.ptr[before.len - 1] != '.')
            continue;
        *ret_is_luma = true;
        if (slice_equal(before, SLICE("www.")))
            before.len = 0;
        return slice_from_cstr(arena_printf(arena, "%.*sluma.com", SLICE_FMT(before)));
    }
    return host;
}

// "//a///b/" becomes "/a/b"; the root stays "/".
static struct slice tidy_path(struct arena *arena, struct slice path)
{
    char *tidy = ARENA_ARRAY(arena, path.len + 1, char);
    size_t len = 0;
    for (size_t i = 0; i < path.len; i++)
        if (path.ptr[i] != '/' || len == 0 || tidy[len - 1] != '/')
            tidy[len++] = path.ptr[i];
    if (len > 1 && tidy[len - 1] == '/')
        len--;
    return (struct slice){tidy, len};
}

// An event's own id is an address of its own, in two forms: "/evt-abc" and "/event/evt-abc".
static struct slice luma_path(struct arena *arena, struct slice path)
{
    struct slice tidy = tidy_path(arena, path);
    return slice_starts_with(tidy, SLICE("/evt-"))
               ? slice_from_cstr(arena_printf(arena, "/event%.*s", SLICE_FMT(tidy)))
               : tidy;
}

// Parameters that say where a visitor came from, not what the page is.
static bool is_tracking(struct slice parameter)
{
    static const char *const names[] = {
        "tk",      "pk",      "fbclid",     "gclid",       "dclid",     "gbraid",
        "wbraid",  "msclkid", "twclid",     "ttclid",      "yclid",     "igshid",
        "igsh",    "mc_cid",  "mc_eid",     "_hsenc",      "_hsmi",     "mkt_tok",
        "ref_src", "vero_id", "oly_enc_id", "oly_anon_id", "li_fat_id",
    };
    struct slice name = slice_sub(parameter, 0, slice_find_char(parameter, '='));
    if (name.len >= 4 && slice_equal_nocase(slice_sub(name, 0, 4), SLICE("utm_")))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (slice_equal_nocase(name, slice_from_cstr(names[i])))
            return true;
    return false;
}

struct parameter {
    struct slice text;
    size_t position;
};

static int compare_parameters(const void *a, const void *b)
{
    const struct parameter *x = a, *y = b;
    struct slice x_name = slice_sub(x->text, 0, slice_find_char(x->text, '='));
    struct slice y_name = slice_sub(y->text, 0, slice_find_char(y->text, '='));
    int order = slice_compare(x_name, y_name);
    // Repeated names keep their order: it can mean something.
    return order ? order : (x->position > y->position) - (x->position < y->position);
}

static struct slice tidy_query(struct arena *arena, struct slice query)
{
    struct parameter *parameters = ARENA_ARRAY(arena, MAX_PARAMETERS, struct parameter);
    size_t count = 0;
    struct slice rest = query, part;
    while (slice_split_next(&rest, '&', &part)) {
        if (part.len == 0 || is_tracking(part))
            continue;
        if (count == MAX_PARAMETERS)
            return query; // beyond reason: left as it is rather than cut
        parameters[count] = (struct parameter){part, count};
        count++;
    }
    if (count == 0)
        return (struct slice){0};
    qsort(parameters, count, sizeof *parameters, compare_parameters);
    char *text = arena_alloc(arena, query.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            text[len++] = '&';
        memcpy(text + len, parameters[i].text.ptr, parameters[i].text.len);
        len += parameters[i].text.len;
    }
    return (struct slice){text, len};
}

static void write_forms(struct arena *arena, const struct url *url, struct luma_url *ret_url)
{
    struct luma_url result = {.parts = *url};
    result.parts.fragment = (struct slice){0};
    result.site = luma_url_site(arena, url->host, &result.is_luma);
    if (result.is_luma && url->port_is_default) {
        result.parts.scheme = SLICE("https");
        result.parts.port = 443;
    }
    result.fetch = url_write(arena, &result.parts);

    struct url canonical = result.parts;
    canonical.host = result.site;
    if (result.is_luma) {
        canonical.path = luma_path(arena, canonical.path);
        canonical.query = (struct slice){0};
    } else {
        canonical.query = tidy_query(arena, canonical.query);
    }
    result.canonical = url_write(arena, &canonical);
    *ret_url = result;
}

static enum luma_url_reason reason_of(enum url_problem problem)
{
    static const enum luma_url_reason reasons_of[] = {
        [URL_FINE] = LUMA_URL_FINE,
        [URL_NOT_A_URL] = LUMA_URL_NOT_A_URL,
        [URL_SCHEME] = LUMA_URL_SCHEME,
        [URL_TOO_LONG] = LUMA_URL_TOO_LONG,
    };
    return reasons_of[problem];
}

enum luma_url_reason luma_url_check(const struct luma_url_rules *rules, struct arena *arena,
                                    struct slice text, struct luma_url *ret_url)
{
    text = slice_trim(text);
    if (text.len > LUMA_URL_MAX_BYTES)
        return LUMA_URL_TOO_LONG;
    struct url url;
    enum url_problem problem = url_parse(arena, text, &url);
    if (problem != URL_FINE)
        return reason_of(problem);
    if (url.user.ptr || url.password.ptr)
        return LUMA_URL_USERINFO;
    if (url.host_kind != URL_HOST_NAME)
        return LUMA_URL_ADDRESS_LITERAL;
    enum luma_url_reason reason = check_host(rules, &url);
    if (reason != LUMA_URL_FINE)
        return reason;
    struct luma_url result;
    write_forms(arena, &url, &result);
    // Escaping can have made it longer, and "luma.com" is longer than "lu.ma".
    if (result.fetch.len > LUMA_URL_MAX_BYTES || result.canonical.len > LUMA_URL_MAX_BYTES)
        return LUMA_URL_TOO_LONG;
    *ret_url = result;
    return LUMA_URL_FINE;
}

enum err luma_url_canonicalise(const struct luma_url_rules *rules, struct arena *arena,
                               struct slice text, struct luma_url *ret_url, struct error *ret_error)
{
    enum luma_url_reason reason = luma_url_check(rules, arena, text, ret_url);
    return reason == LUMA_URL_FINE
               ? ERR_OK
               : error_set(ret_error, ERR_URL_NOT_ALLOWED, "%s", luma_url_reason_text(reason));
}
