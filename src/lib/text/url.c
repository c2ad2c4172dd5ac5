#include "lib/text/url.h"

#include "lib/base/ensure.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <pthread.h>
#include <string.h>
#include <unicode/uidna.h>

enum {
    HTTP_PORT = 80,
    HTTPS_PORT = 443,
    HOST_MAX_BYTES = 255,
    // Escaping at most triples a text.
    NORMAL_MAX_BYTES = 3 * URL_MAX_BYTES + 64,
};

static void free_handle(CURLU **handle)
{
    curl_url_cleanup(*handle);
}

// A part of a parsed URL, copied to the arena; absent when the URL has none.
static struct slice get_part(struct arena *arena, CURLU *handle, CURLUPart part, unsigned flags)
{
    char *text = NULL;
    if (curl_url_get(handle, part, &text, flags) != CURLUE_OK)
        return (struct slice){0};
    struct slice copy = arena_slice(arena, slice_from_cstr(text));
    curl_free(text);
    return copy;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("-._~", c));
}

static bool may_stand(unsigned char c, bool is_query)
{
    return is_unreserved(c) || (c && strchr("!$&'()*+,;=:@/", c)) || (is_query && c == '?');
}

void url_append_normal(struct buffer *buffer, struct slice text, bool is_query)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        bool escaped = c == '%' && i + 2 < text.len && hex_value(text.ptr[i + 1]) >= 0 &&
                       hex_value(text.ptr[i + 2]) >= 0;
        if (escaped) {
            c = (unsigned char)(hex_value(text.ptr[i + 1]) * 16 + hex_value(text.ptr[i + 2]));
            i += 2;
        }
        // An escaped delimiter is another character than the bare one and stays escaped.
        if (escaped ? is_unreserved(c) : may_stand(c, is_query))
            buffer_append_char(buffer, (char)c);
        else
            buffer_printf(buffer, "%%%02X", c);
    }
}

static pthread_once_t idna_once = PTHREAD_ONCE_INIT;
static UIDNA *idna; // immutable after opening, and so shared by all threads

static void open_idna(void)
{
    UErrorCode status = U_ZERO_ERROR;
    idna = uidna_openUTS46(UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII,
                           &status);
    ensure(U_SUCCESS(status));
}

// Hyphens in places that IDNA dislikes do occur in real names ("r3---sn.example").
enum {
    IDNA_FORGIVEN =
        UIDNA_ERROR_LEADING_HYPHEN | UIDNA_ERROR_TRAILING_HYPHEN | UIDNA_ERROR_HYPHEN_3_4
};

// The name in ASCII, lower case, without its trailing dot; absent when it is none.
static struct slice name_to_ascii(struct arena *arena, struct slice name)
{
    char ascii[HOST_MAX_BYTES + 1];
    if (name.len == 0 || name.len > URL_MAX_BYTES)
        return (struct slice){0};
    pthread_once(&idna_once, open_idna);
    UErrorCode status = U_ZERO_ERROR;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    int32_t len = uidna_nameToASCII_UTF8(idna, name.ptr, (int32_t)name.len, ascii, sizeof ascii,
                                         &info, &status);
    if (U_FAILURE(status) || (info.errors & ~(uint32_t)IDNA_FORGIVEN) || len > HOST_MAX_BYTES)
        return (struct slice){0};
    if (len > 0 && ascii[len - 1] == '.')
        len--;
    if (len == 0 || ascii[len - 1] == '.')
        return (struct slice){0};
    // The mapping can bring forth delimiters (U+FF0F gives "/"): nothing but a name's characters passes.
    for (int32_t i = 0; i < len; i++)
        if (!(ascii[i] >= 'a' && ascii[i] <= 'z') && !(ascii[i] >= '0' && ascii[i] <= '9') &&
            !(ascii[i] && strchr("-._", ascii[i])))
            return (struct slice){0};
    return arena_slice(arena, (struct slice){ascii, (size_t)len});
}

// "1.2.3.4.5" and "0x7f.1.1.300" are neither addresses nor names (WHATWG: a host that ends in a number).
static bool ends_in_number(struct slice host)
{
    const char *dot = memrchr(host.ptr, '.', host.len);
    struct slice last = dot ? slice_sub(host, (size_t)(dot + 1 - host.ptr), SIZE_MAX) : host;
    bool hex = last.len >= 2 && last.ptr[0] == '0' && last.ptr[1] == 'x';
    for (size_t i = hex ? 2 : 0; i < last.len; i++)
        if (hex ? hex_value(last.ptr[i]) < 0 : last.ptr[i] < '0' || last.ptr[i] > '9')
            return false;
    return true;
}

// libcurl knows the odd spellings of IPv4 addresses (127.1, 0x7f000001, 2130706433).
static struct slice read_ipv4(struct arena *arena, struct slice host)
{
    struct in_addr address;
    struct slice numeric = {0};
    CLEANUP(free_handle) CURLU *handle = curl_url();
    ensure(handle);
    if (curl_url_set(handle, CURLUPART_URL, arena_printf(arena, "http://%.*s/", SLICE_FMT(host)),
                     0) == CURLUE_OK)
        numeric = get_part(arena, handle, CURLUPART_HOST, 0);
    return numeric.ptr && inet_pton(AF_INET, numeric.ptr, &address) == 1 ? numeric
                                                                         : (struct slice){0};
}

static struct slice read_ipv6(struct arena *arena, struct slice host)
{
    struct in6_addr address;
    char text[INET6_ADDRSTRLEN];
    // A zone ("fe80::1%eth0") means something on one machine only: no address of a page.
    if (inet_pton(AF_INET6, arena_cstr(arena, host), &address) != 1)
        return (struct slice){0};
    inet_ntop(AF_INET6, &address, text, sizeof text);
    return arena_slice(arena, slice_from_cstr(text));
}

struct slice url_host(struct arena *arena, struct slice host, enum url_host_kind *ret_kind)
{
    if (host.len == 0 || host.len > URL_MAX_BYTES || memchr(host.ptr, '\0', host.len))
        return (struct slice){0};
    if (host.ptr[0] == '[') {
        *ret_kind = URL_HOST_IPV6;
        return host.ptr[host.len - 1] == ']' ? read_ipv6(arena, slice_sub(host, 1, host.len - 2))
                                             : (struct slice){0};
    }
    struct slice name = name_to_ascii(arena, host);
    if (!name.ptr || !ends_in_number(name)) {
        *ret_kind = URL_HOST_NAME;
        return name;
    }
    *ret_kind = URL_HOST_IPV4;
    return read_ipv4(arena, name);
}

static uint16_t default_port(struct slice scheme)
{
    return slice_equal(scheme, SLICE("https")) ? HTTPS_PORT : HTTP_PORT;
}

static struct slice normal_part(struct arena *arena, struct slice part, bool is_query)
{
    if (!part.ptr)
        return part;
    struct buffer buffer;
    buffer_init(&buffer, NORMAL_MAX_BYTES);
    url_append_normal(&buffer, part, is_query);
    ensure(!buffer.overflow);
    struct slice normal = arena_slice(arena, buffer_slice(&buffer));
    buffer_done(&buffer);
    return normal;
}

// Unescaping can uncover dot segments ("/a/%2e%2e/b"): libcurl takes them out of the normal path.
static struct slice normal_path(struct arena *arena, struct slice path)
{
    struct slice normal = normal_part(arena, path, false);
    if (normal.len == 0 || slice_find_char(normal, '.') == SIZE_MAX)
        return normal.len ? normal : arena_slice(arena, SLICE("/"));
    CLEANUP(free_handle) CURLU *handle = curl_url();
    ensure(handle);
    if (curl_url_set(handle, CURLUPART_URL, arena_printf(arena, "http://a%.*s", SLICE_FMT(normal)),
                     0) != CURLUE_OK)
        return (struct slice){0};
    struct slice clean = get_part(arena, handle, CURLUPART_PATH, 0);
    return clean.len ? clean : arena_slice(arena, SLICE("/"));
}

static bool read_port(CURLU *handle, struct arena *arena, struct url *url)
{
    struct slice text = get_part(arena, handle, CURLUPART_PORT, 0);
    int64_t port = default_port(url->scheme);
    if (text.ptr && (!slice_to_int(text, &port) || port < 1 || port > UINT16_MAX))
        return false;
    url->port = (uint16_t)port;
    url->port_is_default = port == default_port(url->scheme);
    return true;
}

static enum url_problem take_apart(struct arena *arena, CURLU *handle, struct url *ret_url)
{
    struct url url = {.scheme = get_part(arena, handle, CURLUPART_SCHEME, 0)};
    if (!slice_equal(url.scheme, SLICE("http")) && !slice_equal(url.scheme, SLICE("https")))
        return URL_SCHEME;
    struct slice host = get_part(arena, handle, CURLUPART_HOST, 0);
    struct slice zone = get_part(arena, handle, CURLUPART_ZONEID, 0);
    url.host = url_host(arena, host, &url.host_kind);
    if (!url.host.ptr || zone.ptr || !read_port(handle, arena, &url))
        return URL_NOT_A_URL;
    url.user = get_part(arena, handle, CURLUPART_USER, 0);
    url.password = get_part(arena, handle, CURLUPART_PASSWORD, 0);
    url.path = normal_path(arena, get_part(arena, handle, CURLUPART_PATH, 0));
    url.query = normal_part(arena, get_part(arena, handle, CURLUPART_QUERY, CURLU_GET_EMPTY), true);
    url.fragment =
        normal_part(arena, get_part(arena, handle, CURLUPART_FRAGMENT, CURLU_GET_EMPTY), true);
    // Browsers read "https://a\\@b/" as a page of a, RFC 3986 as one of b.
    if (!url.path.ptr || slice_find_char(url.user, '\\') != SIZE_MAX ||
        slice_find_char(url.password, '\\') != SIZE_MAX)
        return URL_NOT_A_URL;
    *ret_url = url;
    return URL_FINE;
}

static enum url_problem check_text(struct slice text)
{
    if (text.len == 0)
        return URL_NOT_A_URL;
    if (text.len > URL_MAX_BYTES)
        return URL_TOO_LONG;
    return memchr(text.ptr, '\0', text.len) ? URL_NOT_A_URL : URL_FINE;
}

// RFC 3986 3.1: letters, digits, "+", "-", "." up to the colon. 0 when the text does not begin with one.
static size_t scheme_length(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (c == ':')
            return i;
        if (!letter && (i == 0 || (!(c >= '0' && c <= '9') && !strchr("+-.", c))))
            return 0;
    }
    return 0;
}

enum url_problem url_parse(struct arena *arena, struct slice text, struct url *ret_url)
{
    text = slice_trim(text);
    enum url_problem problem = check_text(text);
    if (problem != URL_FINE)
        return problem;
    size_t scheme_len = scheme_length(text);
    if (scheme_len == 0)
        return URL_NOT_A_URL;
    struct slice scheme = slice_sub(text, 0, scheme_len);
    struct slice rest = slice_sub(text, scheme_len, SIZE_MAX);
    // "luma.com:443/x" has the form of a scheme and is none that anybody meant.
    if (!slice_equal_nocase(scheme, SLICE("http")) && !slice_equal_nocase(scheme, SLICE("https")))
        return slice_find_char(scheme, '.') == SIZE_MAX ? URL_SCHEME : URL_NOT_A_URL;
    // libcurl forgives "http:/host" and "http:///host"; readers disagree on these, so nobody gets them.
    if (!slice_starts_with(rest, SLICE("://")) || slice_starts_with(rest, SLICE(":///")))
        return URL_NOT_A_URL;
    CLEANUP(free_handle) CURLU *handle = curl_url();
    ensure(handle);
    if (curl_url_set(handle, CURLUPART_URL, arena_cstr(arena, text), 0) != CURLUE_OK)
        return URL_NOT_A_URL;
    return take_apart(arena, handle, ret_url);
}

// Links with bare spaces are common, and libcurl refuses them.
static const char *without_spaces(struct arena *arena, struct slice reference)
{
    char *text = arena_alloc(arena, 3 * reference.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < reference.len; i++) {
        bool space = reference.ptr[i] == ' ';
        memcpy(text + len, space ? "%20" : reference.ptr + i, space ? 3 : 1);
        len += space ? 3 : 1;
    }
    return text;
}

enum url_problem url_resolve(struct arena *arena, const struct url *base, struct slice reference,
                             struct url *ret_url)
{
    reference = slice_trim(reference);
    if (reference.len && scheme_length(reference) > 0)
        return url_parse(arena, reference, ret_url);
    if (reference.len > URL_MAX_BYTES)
        return URL_TOO_LONG;
    if (reference.len && memchr(reference.ptr, '\0', reference.len))
        return URL_NOT_A_URL;
    CLEANUP(free_handle) CURLU *handle = curl_url();
    ensure(handle);
    if (curl_url_set(handle, CURLUPART_URL, url_write(arena, base).ptr, 0) != CURLUE_OK ||
        (reference.len &&
         curl_url_set(handle, CURLUPART_URL, without_spaces(arena, reference), 0) != CURLUE_OK))
        return URL_NOT_A_URL;
    return take_apart(arena, handle, ret_url);
}

struct slice url_write_origin(struct arena *arena, const struct url *url)
{
    const char *open = url->host_kind == URL_HOST_IPV6 ? "[" : "";
    const char *close = url->host_kind == URL_HOST_IPV6 ? "]" : "";
    char *text = arena_printf(arena, "%.*s://%s%.*s%s", SLICE_FMT(url->scheme), open,
                              SLICE_FMT(url->host), close);
    if (!url->port_is_default)
        text = arena_printf(arena, "%s:%u", text, url->port);
    return slice_from_cstr(text);
}

struct slice url_write(struct arena *arena, const struct url *url)
{
    struct buffer buffer;
    buffer_init(&buffer, 8 * NORMAL_MAX_BYTES);
    struct slice origin = url_write_origin(arena, url);
    size_t authority = url->scheme.len + 3;
    buffer_append(&buffer, slice_sub(origin, 0, authority));
    if (url->user.ptr)
        buffer_append(&buffer, url->user);
    if (url->password.ptr) {
        buffer_append_char(&buffer, ':');
        buffer_append(&buffer, url->password);
    }
    if (url->user.ptr || url->password.ptr)
        buffer_append_char(&buffer, '@');
    buffer_append(&buffer, slice_sub(origin, authority, SIZE_MAX));
    buffer_append(&buffer, url->path);
    if (url->query.ptr) {
        buffer_append_char(&buffer, '?');
        buffer_append(&buffer, url->query);
    }
    if (url->fragment.ptr) {
        buffer_append_char(&buffer, '#');
        buffer_append(&buffer, url->fragment);
    }
    ensure(!buffer.overflow);
    struct slice text = arena_slice(arena, buffer_slice(&buffer));
    buffer_done(&buffer);
    return text;
}
