// Addresses: http and https URLs taken apart, put into one normal form and written again. Parsing is
// libcurl's (the URL API), so that what was checked is what the client later connects to; names outside
// ASCII go through UTS #46 (ICU), as libcurl's own way depends on the locale.
//
// Normal form (RFC 3986 6.2): scheme and host in lower case, the host in ASCII (punycode) without a
// trailing dot, an IPv4 address in four decimal numbers however it was written, no port when it is the
// scheme's, no dot segments, a path that begins with "/", escapes in upper case and only where needed.
// Parsing a written URL gives the same parts again (unless escaping made it too long).
#pragma once

#include "lib/base/arena.h"
#include "lib/base/buffer.h"
#include "lib/base/error.h"
#include "lib/base/slice.h"

enum { URL_MAX_BYTES = 8192 };

enum url_host_kind { URL_HOST_NAME, URL_HOST_IPV4, URL_HOST_IPV6 };

// All parts live in the arena; absent ones are absent slices.
struct url {
    struct slice scheme;         // "http" or "https"
    struct slice user, password; // still percent-encoded
    struct slice host;           // IPv6 without brackets
    enum url_host_kind host_kind;
    uint16_t port;         // always set: the scheme's when none was written
    bool port_is_default;  // and then url_write leaves it out
    struct slice path;     // "/…"
    struct slice query;    // without "?"
    struct slice fragment; // without "#"
};

// What is wrong with a text that is no URL of ours.
enum url_problem {
    URL_FINE,
    URL_NOT_A_URL, // malformed, empty, control characters, an impossible host or port
    URL_SCHEME,    // a URL, but neither http nor https
    URL_TOO_LONG,  // more than URL_MAX_BYTES
};

// White space around the text is passed over. On failure ret_url is not written.
MUST_CHECK enum url_problem url_parse(struct arena *arena, struct slice text, struct url *ret_url);

// A reference as found in a Location header or a link ("../x", "?q", "//host/", "https://…"), seen from
// the base.
MUST_CHECK enum url_problem url_resolve(struct arena *arena, const struct url *base,
                                        struct slice reference, struct url *ret_url);

// The whole URL, in the arena and zero-terminated.
struct slice url_write(struct arena *arena, const struct url *url);
// "https://luma.com", "http://[::1]:8099": scheme, host, and the port unless it is the scheme's.
struct slice url_write_origin(struct arena *arena, const struct url *url);

// The normal form of a host alone, as url_parse would give it; absent when it is none.
struct slice url_host(struct arena *arena, struct slice host, enum url_host_kind *ret_kind);

// Appends text with its escapes in normal form: upper-case digits, letters digits - . _ ~ bare, and
// everything but RFC 3986's characters of a path (or, with is_query, of a query) escaped.
void url_append_normal(struct buffer *buffer, struct slice text, bool is_query);
