#include "lib/http/request_head.h"

#include "lib/base/digest.h"

#include <string.h>

enum { REQUEST_ID_MAX = 128 };

// Headers the server itself looks at, found in one pass over all of them.
enum known {
    KNOWN_HOST,
    KNOWN_TRANSFER_ENCODING,
    KNOWN_EXPECT,
    KNOWN_REQUEST_ID,
    KNOWN_TRACEPARENT,
    KNOWN_ACCEPT_ENCODING,
    KNOWN_IF_NONE_MATCH,
    KNOWN_COUNT,
};
static const struct {
    struct slice name;
    bool is_list; // several of them mean one list, RFC 9110 section 5.3
} known_headers[KNOWN_COUNT] = {
    [KNOWN_HOST] = {SLICE_INIT("Host"), false},
    [KNOWN_TRANSFER_ENCODING] = {SLICE_INIT("Transfer-Encoding"), false},
    [KNOWN_EXPECT] = {SLICE_INIT("Expect"), false},
    [KNOWN_REQUEST_ID] = {SLICE_INIT("X-Request-Id"), false},
    [KNOWN_TRACEPARENT] = {SLICE_INIT("traceparent"), false},
    [KNOWN_ACCEPT_ENCODING] = {SLICE_INIT("Accept-Encoding"), true},
    [KNOWN_IF_NONE_MATCH] = {SLICE_INIT("If-None-Match"), true},
};
struct found {
    struct slice value; // absent: no such header
    size_t count;
};

static enum known known_of(struct slice name)
{
    for (enum known k = 0; k < KNOWN_COUNT; k++)
        if (known_headers[k].name.len == name.len &&
            slice_equal_nocase(known_headers[k].name, name))
            return k;
    return KNOWN_COUNT;
}

static void find_known(struct exchange *exchange, struct found found[static KNOWN_COUNT])
{
    const struct http_headers *headers = &exchange->shown.headers;
    for (size_t i = 0; i < headers->count; i++) {
        enum known known = known_of(headers->items[i].name);
        if (known == KNOWN_COUNT)
            continue;
        struct slice value = headers->items[i].value;
        struct found *place = &found[known];
        if (place->count++ == 0)
            place->value = value;
        else if (known_headers[known].is_list)
            place->value = slice_from_cstr(arena_printf(exchange->shown.arena, "%.*s,%.*s",
                                                        SLICE_FMT(place->value), SLICE_FMT(value)));
    }
}

// RFC 9112 section 3.2: origin-form, "*" of OPTIONS, and the absolute-form that proxies send.
static bool split_target(struct http_exchange *exchange)
{
    struct slice rest = slice_sub(exchange->target, 0, slice_find_char(exchange->target, '#'));
    if (rest.len == 0)
        return false;
    if (rest.ptr[0] != '/') {
        if (slice_equal(rest, SLICE("*")) && exchange->method == HTTP_METHOD_OPTIONS) {
            exchange->path = rest;
            return true;
        }
        size_t scheme = slice_find(rest, SLICE("://"));
        if (scheme == SIZE_MAX || (!slice_equal_nocase(slice_sub(rest, 0, scheme), SLICE("http")) &&
                                   !slice_equal_nocase(slice_sub(rest, 0, scheme), SLICE("https"))))
            return false;
        rest = slice_sub(rest, scheme + 3, SIZE_MAX);
        size_t authority = 0;
        while (authority < rest.len && rest.ptr[authority] != '/' && rest.ptr[authority] != '?')
            authority++;
        if (authority == 0)
            return false;
        rest = slice_sub(rest, authority, SIZE_MAX);
    }
    size_t question = slice_find_char(rest, '?');
    exchange->path = slice_sub(rest, 0, question);
    if (exchange->path.len == 0)
        exchange->path = SLICE("/");
    if (question != SIZE_MAX)
        exchange->query = slice_sub(rest, question + 1, SIZE_MAX);
    return true;
}

static bool only_has(struct slice text, const char *others)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && (c == '\0' || !strchr(others, c)))
            return false;
    }
    return true;
}

// RFC 9112 section 3.2: exactly one in HTTP/1.1; it may be empty.
static const char *check_host(const struct exchange *exchange, struct found host)
{
    if (host.count == 0)
        return exchange->minor_version == 0 ? NULL : "Host is missing";
    if (host.count > 1)
        return "Host is given more than once";
    return only_has(host.value, "-._~:[]%!$&'()*+;=") ? NULL : "Host is malformed";
}

// Anything that another server between us and the client could read in another way is refused
// (RFC 9112 section 6.1 and 11.2). Transfer-Encoding together with Content-Length ends in llhttp.
static enum err check_transfer(const struct exchange *exchange, struct found coding,
                               const char **ret_detail)
{
    if (coding.count == 0)
        return ERR_OK;
    *ret_detail = "Transfer-Encoding is not part of HTTP/1.0";
    if (exchange->minor_version == 0)
        return ERR_BAD_REQUEST;
    *ret_detail = "Transfer-Encoding is given more than once";
    if (coding.count > 1)
        return ERR_BAD_REQUEST;
    *ret_detail = "only the transfer coding 'chunked' is understood";
    return slice_equal_nocase(coding.value, SLICE("chunked")) ? ERR_OK : ERR_NOT_IMPLEMENTED;
}

static enum err check_expectation(struct exchange *exchange, struct found expect, bool has_body,
                                  const char **ret_detail)
{
    // RFC 9110 section 10.1.1: an HTTP/1.0 client cannot mean it.
    if (expect.count == 0 || exchange->minor_version == 0)
        return ERR_OK;
    *ret_detail = "only '100-continue' can be expected";
    if (expect.count > 1 || !slice_equal_nocase(expect.value, SLICE("100-continue")))
        return ERR_EXPECTATION_FAILED;
    exchange->expects_continue = has_body;
    return ERR_OK;
}

static bool lower_hex(struct slice text, bool *ret_all_zero)
{
    *ret_all_zero = true;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
            return false;
        *ret_all_zero = *ret_all_zero && c == '0';
    }
    return true;
}

// W3C Trace Context, section 3.2: version-trace_id-parent_id-flags; later versions may add more behind.
static bool is_traceparent(struct slice text)
{
    enum { LENGTH = 55 };
    bool no_trace, no_parent, zero;
    if (text.len < LENGTH || text.ptr[2] != '-' || text.ptr[35] != '-' || text.ptr[52] != '-' ||
        !lower_hex(slice_sub(text, 0, 2), &zero) || !lower_hex(slice_sub(text, 53, 2), &zero) ||
        !lower_hex(slice_sub(text, 3, 32), &no_trace) ||
        !lower_hex(slice_sub(text, 36, 16), &no_parent))
        return false;
    struct slice version = slice_sub(text, 0, 2);
    if (no_trace || no_parent || slice_equal(version, SLICE("ff")))
        return false;
    return text.len == LENGTH || (!slice_equal(version, SLICE("00")) && text.ptr[LENGTH] == '-');
}

void http_request_head_identify(struct exchange *exchange)
{
    if (exchange->shown.request_id.ptr)
        return;
    char *id = arena_alloc(exchange->shown.arena, UUID_TEXT);
    uuid_new_v4(id);
    exchange->shown.request_id = (struct slice){id, UUID_TEXT - 1};
}

static void identify(struct exchange *exchange, const struct found found[static KNOWN_COUNT])
{
    struct slice id = found[KNOWN_REQUEST_ID].value, trace = found[KNOWN_TRACEPARENT].value;
    if (id.len >= 1 && id.len <= REQUEST_ID_MAX && only_has(id, "._:-"))
        exchange->shown.request_id = arena_slice(exchange->shown.arena, id);
    if (found[KNOWN_TRACEPARENT].count == 1 && is_traceparent(trace))
        exchange->shown.traceparent = trace;
    // One that is traced is known by its trace, here and in everything that follows from it.
    if (!exchange->shown.request_id.ptr && exchange->shown.traceparent.ptr)
        exchange->shown.request_id = arena_slice(exchange->shown.arena, slice_sub(trace, 3, 32));
    http_request_head_identify(exchange);
}

enum err http_request_head_read(struct exchange *exchange, bool has_body, const char **ret_detail)
{
    struct found found[KNOWN_COUNT] = {0};
    find_known(exchange, found);
    identify(exchange, found);
    exchange->accept_encoding = found[KNOWN_ACCEPT_ENCODING].value;
    exchange->if_none_match = found[KNOWN_IF_NONE_MATCH].value;

    *ret_detail = "the request target is malformed";
    if (!split_target(&exchange->shown))
        return ERR_BAD_REQUEST;
    *ret_detail = check_host(exchange, found[KNOWN_HOST]);
    if (*ret_detail)
        return ERR_BAD_REQUEST;
    enum err error = check_transfer(exchange, found[KNOWN_TRANSFER_ENCODING], ret_detail);
    if (error)
        return error;
    return check_expectation(exchange, found[KNOWN_EXPECT], has_body, ret_detail);
}
