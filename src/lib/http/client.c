#include "lib/http/client.h"

#include "lib/base/buffer.h"
#include "lib/base/clock.h"
#include "lib/base/ensure.h"
#include "lib/text/url.h"

#include <curl/curl.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    DEFAULT_CONNECT_TIMEOUT_MS = 5000,
    DEFAULT_TOTAL_TIMEOUT_MS = 30000,
    STALL_BYTES_PER_S = 16, // slower than that is standing still
    MAX_CONNECTIONS = 8,
};

struct http_client {
    CURL *easy;
    char error_text[CURL_ERROR_SIZE];
};

// One request under way.
struct transfer {
    const struct http_client_request *request;
    struct arena *arena;
    struct http_client_response *response;
    size_t max_body_bytes;
    struct buffer body;
    size_t header_bytes;  // of all answers of this request, interim ones (1xx) too
    bool address_refused; // by the rule of public addresses
    bool header_complete; // its empty line has come
    bool too_large, broken_header;
};

static pthread_once_t global_once = PTHREAD_ONCE_INIT;
static CURLcode global_result;

static void global_init(void)
{
    global_result = curl_global_init(CURL_GLOBAL_DEFAULT);
}

enum err http_client_new(struct http_client **ret_client, struct error *ret_error)
{
    pthread_once(&global_once, global_init);
    CURL *easy = global_result == CURLE_OK ? curl_easy_init() : NULL;
    if (!easy)
        return error_set(ret_error, ERR_INTERNAL, "libcurl could not be initialised");
    struct http_client *client = calloc(1, sizeof *client);
    ensure(client);
    client->easy = easy;
    *ret_client = client;
    return ERR_OK;
}

void http_client_free(struct http_client *client)
{
    if (!client)
        return;
    curl_easy_cleanup(client->easy);
    free(client);
}

static void free_list(struct curl_slist **list)
{
    curl_slist_free_all(*list);
}

static void list_append(struct curl_slist **list, const char *text)
{
    struct curl_slist *longer = curl_slist_append(*list, text);
    ensure(longer);
    *list = longer;
}

// --- what libcurl calls during the transfer ---

static size_t on_body(char *bytes, size_t size, size_t count, void *user)
{
    struct transfer *transfer = user;
    size_t len = size * count, room = transfer->max_body_bytes - transfer->body.len;
    bool fits = len <= room;
    if (!fits && !transfer->request->truncate) {
        transfer->too_large = true;
        return CURL_WRITEFUNC_ERROR;
    }
    buffer_append(&transfer->body, (struct slice){bytes, fits ? len : room});
    transfer->response->truncated = !fits;
    return fits ? len : CURL_WRITEFUNC_ERROR;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *user)
{
    struct transfer *transfer = user;
    struct http_headers *headers = &transfer->response->headers;
    struct slice line = {bytes, size * count};
    transfer->header_bytes += line.len;
    if (transfer->header_bytes > HTTP_CLIENT_MAX_HEADER_BYTES ||
        headers->count == HTTP_CLIENT_MAX_HEADERS) {
        transfer->broken_header = true;
        return CURL_WRITEFUNC_ERROR;
    }
    size_t colon = slice_find_char(line, ':');
    if (slice_trim(line).len == 0) {
        transfer->header_complete = true;
    } else if (slice_starts_with(line, SLICE("HTTP/"))) {
        headers->count = 0; // the answer proper, after an interim one
        transfer->header_complete = false;
    } else if (colon != SIZE_MAX) {
        struct http_header *header = &headers->items[headers->count++];
        header->name = arena_slice(transfer->arena, slice_trim(slice_sub(line, 0, colon)));
        header->value =
            arena_slice(transfer->arena, slice_trim(slice_sub(line, colon + 1, SIZE_MAX)));
    }
    return line.len;
}

static int on_progress(void *user, curl_off_t download_total, curl_off_t downloaded,
                       curl_off_t upload_total, curl_off_t uploaded)
{
    (void)download_total, (void)downloaded, (void)upload_total, (void)uploaded;
    const struct transfer *transfer = user;
    const bool *cancel = transfer->request->cancel;
    return cancel && __atomic_load_n(cancel, __ATOMIC_RELAXED);
}

// The check that name tricks cannot pass: of the very address that is about to be connected to.
static curl_socket_t on_open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct transfer *transfer = user;
    (void)purpose;
    if (transfer->request->public_only && !transfer->request->proxy &&
        !http_sockaddr_is_public(&address->addr)) {
        transfer->address_refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// The same for a connection that is used again: it may have been opened by a request without the rule.
static int on_before_request(void *user, char *address, char *local_address, int port,
                             int local_port)
{
    struct transfer *transfer = user;
    (void)local_address, (void)port, (void)local_port;
    if (!transfer->request->public_only || transfer->request->proxy ||
        http_address_is_public(address))
        return CURL_PREREQFUNC_OK;
    transfer->address_refused = true;
    return CURL_PREREQFUNC_ABORT;
}

// --- before the transfer ---

static bool is_header_text(struct slice text, bool is_name)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == 0x7f || (c < 0x20 && (is_name || c != '\t')) ||
            (is_name && (c <= 0x20 || c == ':')))
            return false;
    }
    return !is_name || text.len > 0;
}

static enum err collect_headers(const struct http_client_request *request, struct arena *arena,
                                struct curl_slist **list, struct error *ret_error)
{
    list_append(list, "Expect:"); // never wait for "100 Continue"
    for (size_t i = 0; i < request->header_count; i++) {
        struct slice name = request->headers[i].name, value = request->headers[i].value;
        if (!is_header_text(name, true) || !is_header_text(value, false))
            return error_set(ret_error, ERR_INTERNAL, "header %zu of the request is not valid", i);
        // libcurl's way to send a header without a value is a semicolon.
        list_append(list, value.len
                              ? arena_printf(arena, "%.*s: %.*s", SLICE_FMT(name), SLICE_FMT(value))
                              : arena_printf(arena, "%.*s;", SLICE_FMT(name)));
    }
    return ERR_OK;
}

// The addresses that request->resolve gives a host, as "a,b"; absent when it says nothing.
static struct slice resolve_entry(const struct http_client_request *request, struct arena *arena,
                                  const struct url *url)
{
    struct slice prefix =
        slice_from_cstr(arena_printf(arena, "%.*s:%u:", SLICE_FMT(url->host), url->port));
    for (const char *const *entry = request->resolve; entry && *entry; entry++)
        if (slice_starts_with(slice_from_cstr(*entry), prefix))
            return slice_sub(slice_from_cstr(*entry), prefix.len, SIZE_MAX);
    return (struct slice){0};
}

static bool listed_addresses_are_public(struct arena *arena, struct slice list)
{
    struct slice address;
    while (slice_split_next(&list, ',', &address)) {
        if (slice_starts_with(address, SLICE("[")) && slice_ends_with(address, SLICE("]")))
            address = slice_sub(address, 1, address.len - 2);
        if (!http_address_is_public(arena_cstr(arena, address)))
            return false;
    }
    return true;
}

// A proxy connects on our behalf, so the address has to be judged by a resolution of our own. A name that
// only the proxy knows cannot be judged and passes: the caller's list of hosts is what holds then.
static bool target_behind_proxy_is_public(const struct http_client_request *request,
                                          struct arena *arena, const struct url *url)
{
    const char *host = arena_cstr(arena, url->host);
    if (url->host_kind != URL_HOST_NAME)
        return http_address_is_public(host);
    struct slice listed = resolve_entry(request, arena, url);
    if (listed.ptr)
        return listed_addresses_are_public(arena, listed);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    if (getaddrinfo(host, NULL, &hints, &found) != 0)
        return true;
    bool all_public = true;
    for (const struct addrinfo *one = found; one; one = one->ai_next)
        all_public = all_public && http_sockaddr_is_public(one->ai_addr);
    freeaddrinfo(found);
    return all_public;
}

static enum err check_target(const struct http_client_request *request, struct arena *arena,
                             struct error *ret_error)
{
    struct url url;
    if (url_parse(arena, slice_from_cstr(request->url), &url) != URL_FINE)
        return error_set(ret_error, ERR_URL_NOT_ALLOWED, "not an http or https address");
    if (url.user.ptr || url.password.ptr)
        return error_set(ret_error, ERR_URL_NOT_ALLOWED, "an address with a user name");
    if (request->public_only && request->proxy &&
        !target_behind_proxy_is_public(request, arena, &url))
        return error_set(ret_error, ERR_URL_NOT_ALLOWED,
                         "%.*s is not an address of the public internet", SLICE_FMT(url.host));
    return ERR_OK;
}

static void set_method(CURL *easy, const struct http_client_request *request)
{
    const char *method = request->method ? request->method : "GET";
    if (request->body.ptr) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body.ptr);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
    }
    if (strcmp(method, "HEAD") == 0)
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    else
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
}

static void set_limits(CURL *easy, struct transfer *transfer)
{
    const struct http_client_request *request = transfer->request;
    long connect_ms =
        request->connect_timeout_ms ? request->connect_timeout_ms : DEFAULT_CONNECT_TIMEOUT_MS;
    long total_ms =
        request->total_timeout_ms ? request->total_timeout_ms : DEFAULT_TOTAL_TIMEOUT_MS;
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, total_ms);
    if (request->stall_timeout_ms) {
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)STALL_BYTES_PER_S);
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
                         (long)((request->stall_timeout_ms + 999) / 1000));
    }
    // This one counts bytes as sent; on_body counts them decoded.
    if (!request->truncate)
        curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)transfer->max_body_bytes);
    curl_easy_setopt(easy, CURLOPT_MAXCONNECTS, (long)MAX_CONNECTIONS);
}

static void set_callbacks(CURL *easy, struct transfer *transfer)
{
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, transfer);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_before_request);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
}

static void set_options(struct http_client *client, struct transfer *transfer,
                        struct curl_slist *headers, struct curl_slist *resolve)
{
    CURL *easy = client->easy;
    const struct http_client_request *request = transfer->request;
    curl_easy_reset(easy); // options only: connections, TLS sessions and names stay
    client->error_text[0] = '\0';
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, client->error_text);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_URL, request->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_PROXY,
                     request->proxy ? request->proxy : ""); // "": not the environment's
    curl_easy_setopt(easy, CURLOPT_NOPROXY, request->proxy ? "" : "*");
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, ""); // all that libcurl can decode
    curl_easy_setopt(easy, CURLOPT_USERAGENT,
                     request->user_agent ? request->user_agent : HTTP_CLIENT_USER_AGENT);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_RESOLVE, resolve);
    set_method(easy, request);
    set_limits(easy, transfer);
    set_callbacks(easy, transfer);
}

// --- after the transfer ---

static void read_measures(CURL *easy, CURLcode code, struct transfer *transfer)
{
    struct http_client_response *response = transfer->response;
    long status = 0, header_size = 0;
    curl_off_t wire = 0, sent_at = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_HEADER_SIZE, &header_size);
    curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &wire);
    curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &sent_at);
    response->wire_bytes = (uint64_t)wire;
    // An interim answer (1xx) is none, nor is what a proxy said to CONNECT.
    response->status = header_size > 0 && status >= 200 ? (int)status : 0;
    if (code == CURLE_OK || transfer->address_refused || code == CURLE_ABORTED_BY_CALLBACK)
        return;
    response->closed_unanswered =
        sent_at > 0 && header_size == 0 &&
        (code == CURLE_GOT_NOTHING || code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR);
    // Nothing was sent to the target yet, or the answer's absence cannot be told from the proxy's own failure.
    bool tunnel = strncmp(transfer->request->url, "https:", 6) == 0;
    response->proxy_failed = transfer->request->proxy && response->status == 0 &&
                             (sent_at == 0 || (response->closed_unanswered && !tunnel));
}

static enum err failure(const struct http_client *client, CURLcode code, struct transfer *transfer,
                        struct error *ret_error)
{
    const char *text = client->error_text[0] ? client->error_text : curl_easy_strerror(code);
    if (transfer->address_refused)
        return error_set(ret_error, ERR_URL_NOT_ALLOWED,
                         "the host's address is not one of the public internet");
    if (transfer->too_large || code == CURLE_FILESIZE_EXCEEDED)
        return error_set(ret_error, ERR_PAGE_TOO_LARGE, "the answer is larger than %zu bytes",
                         transfer->max_body_bytes);
    if (transfer->broken_header)
        return error_set(ret_error, ERR_FETCH_FAILED, "the header of the answer is too large");
    switch ((int)code) {
    case CURLE_ABORTED_BY_CALLBACK:
        return error_set(ret_error, ERR_SHUTTING_DOWN, "the transfer was cancelled");
    case CURLE_OPERATION_TIMEDOUT:
        return error_set(ret_error, ERR_FETCH_TIMEOUT, "%s", text);
    case CURLE_URL_MALFORMAT:
    case CURLE_LOGIN_DENIED:
        return error_set(ret_error, ERR_URL_NOT_ALLOWED, "%s", text);
    default:
        return error_set(ret_error, ERR_FETCH_FAILED, "%s", text);
    }
}

static enum err finish(struct http_client *client, CURLcode code, struct transfer *transfer,
                       struct error *ret_error)
{
    struct http_client_response *response = transfer->response;
    read_measures(client->easy, code, transfer);
    if (code == CURLE_WRITE_ERROR && response->truncated)
        code = CURLE_OK;
    if (code != CURLE_OK)
        return failure(client, code, transfer, ret_error);
    // libcurl takes a header that the connection's end cut short for a whole one.
    if (!transfer->header_complete)
        return error_set(ret_error, ERR_FETCH_FAILED, "the connection ended within the header");
    if (response->status == 407 && transfer->request->proxy) {
        response->proxy_failed = true;
        return error_set(ret_error, ERR_FETCH_FAILED, "the proxy asks for other credentials");
    }
    response->body = arena_slice(transfer->arena, buffer_slice(&transfer->body));
    response->content_type = http_header_get(&response->headers, "Content-Type");
    char *location = NULL;
    curl_easy_getinfo(client->easy, CURLINFO_REDIRECT_URL, &location);
    if (location)
        response->location = arena_slice(transfer->arena, slice_from_cstr(location));
    return ERR_OK;
}

enum err http_client_send(struct http_client *client, const struct http_client_request *request,
                          struct arena *arena, struct http_client_response *ret_response,
                          struct error *ret_error)
{
    *ret_response = (struct http_client_response){0};
    CLEANUP(free_list) struct curl_slist *headers = NULL, *resolve = NULL;
    enum err err = check_target(request, arena, ret_error);
    if (err == ERR_OK)
        err = collect_headers(request, arena, &headers, ret_error);
    if (err != ERR_OK)
        return err;
    for (const char *const *entry = request->resolve; entry && *entry; entry++)
        list_append(&resolve, *entry);

    struct transfer transfer = {
        .request = request,
        .arena = arena,
        .response = ret_response,
        .max_body_bytes =
            request->max_body_bytes ? request->max_body_bytes : HTTP_CLIENT_MAX_BODY_BYTES,
    };
    ret_response->headers.items = ARENA_ARRAY(arena, HTTP_CLIENT_MAX_HEADERS, struct http_header);
    buffer_init(&transfer.body, transfer.max_body_bytes);
    set_options(client, &transfer, headers, resolve);
    uint64_t started_ms = clock_monotonic_ms();
    CURLcode code = curl_easy_perform(client->easy);
    ret_response->duration_ms = (uint32_t)(clock_monotonic_ms() - started_ms);
    err = finish(client, code, &transfer, ret_error);
    buffer_done(&transfer.body);
    curl_easy_reset(client->easy); // forgets the pointers to this stack
    return err;
}

uint32_t http_retry_after_ms(struct slice value, int64_t now_unix_ms, uint32_t max_ms)
{
    char date[64];
    int64_t seconds, delay_ms = 0;
    value = slice_trim(value);
    if (slice_to_int(value, &seconds)) {
        delay_ms = seconds > (int64_t)max_ms / 1000 ? max_ms : seconds * 1000;
    } else if (value.len > 0 && value.len < sizeof date && !memchr(value.ptr, '\0', value.len)) {
        memcpy(date, value.ptr, value.len);
        date[value.len] = '\0';
        time_t at = curl_getdate(date, NULL);
        if (at > 0)
            delay_ms = (int64_t)at * 1000 - now_unix_ms;
    }
    if (delay_ms <= 0)
        return 0;
    return delay_ms > max_ms ? max_ms : (uint32_t)delay_ms;
}
