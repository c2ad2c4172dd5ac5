// A real server on a real loop in a thread of its own, and a raw client, for the tests of lib/http.
#pragma once

#include "lib/base/clock.h"
#include "lib/base/ensure.h"
#include "lib/http/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// cmocka wants these before it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { PATIENCE_MS = 20000, MAX_HELD = 64 };

struct http_fixture {
    struct loop *loop;
    struct http_server *server;
    pthread_t thread;
    // A loopback address that no other test program uses: some of them try ports that nobody listens on any more,
    // and those may be ours by now.
    char address[32];
    uint16_t port;
    // Exchanges the handler keeps for later; of the loop's thread.
    struct http_exchange *held[MAX_HELD];
    size_t held_count;
    char *large; // what /large sends, and /hold-large when it is released
    size_t large_len;
    uint32_t drain_ms;
    atomic_bool blocked; // fixture_block
    // Seen from the test's thread.
    atomic_size_t handled, observed, observed_bytes, holding;
    atomic_int last_status;
    atomic_bool drained;
};

static inline void respond_text(struct http_exchange *exchange, const char *text)
{
    http_respond(exchange, &(struct http_response){.status = 200,
                                                   .content_type = "text/plain",
                                                   .body = slice_from_cstr(text)});
}

static inline void respond_echo(struct http_exchange *exchange)
{
    struct slice header = http_header_get(&exchange->headers, "x-echo");
    struct buffer text;
    buffer_init(&text, 16 << 20);
    buffer_printf(&text, "%s %.*s|%.*s|%.*s|%.*s|", http_method_name(exchange->method),
                  SLICE_FMT(exchange->path), SLICE_FMT(exchange->query), SLICE_FMT(header),
                  SLICE_FMT(exchange->traceparent));
    buffer_append(&text, exchange->body);
    http_respond(exchange, &(struct http_response){.status = 200,
                                                   .content_type = "text/plain",
                                                   .body = buffer_slice(&text)});
    buffer_done(&text);
}

static inline void respond_large(struct http_fixture *f, struct http_exchange *exchange,
                                 const char *content_encoding)
{
    struct http_response response = {
        .status = 200, .content_type = "application/json", .body = {f->large, f->large_len}};
    if (*content_encoding)
        response.headers[0] =
            (struct http_header){SLICE("Content-Encoding"), slice_from_cstr(content_encoding)};
    http_respond(exchange, &response);
}

// Paths: /hello, /echo, /hold…, /large, /packed (says it is compressed), /tagged (own headers), /empty (204),
// anything else: 404.
static inline void fixture_handler(void *context, struct http_exchange *exchange)
{
    struct http_fixture *f = context;
    atomic_fetch_add(&f->handled, 1);
    exchange->route = "test";
    if (slice_equal(exchange->path, SLICE("/hello"))) {
        respond_text(exchange, "hello");
    } else if (slice_equal(exchange->path, SLICE("/echo"))) {
        respond_echo(exchange);
    } else if (slice_starts_with(exchange->path, SLICE("/hold"))) {
        ensure(f->held_count < MAX_HELD);
        f->held[f->held_count++] = exchange;
        atomic_fetch_add(&f->holding, 1);
    } else if (slice_equal(exchange->path, SLICE("/large"))) {
        respond_large(f, exchange, "");
    } else if (slice_equal(exchange->path, SLICE("/packed"))) {
        respond_large(f, exchange, "x-packed");
    } else if (slice_equal(exchange->path, SLICE("/tagged"))) {
        http_respond(exchange, &(struct http_response){
                                   .status = 200,
                                   .content_type = "text/plain",
                                   .body = {f->large, f->large_len},
                                   .headers = {{SLICE("ETag"), SLICE("\"v7\"")},
                                               {SLICE("Cache-Control"), SLICE("public")},
                                               {SLICE("X-Bad"), SLICE("a\r\nSet-Cookie: b")}}});
    } else if (slice_equal(exchange->path, SLICE("/empty"))) {
        http_respond(exchange, &(struct http_response){.status = 204});
    } else {
        http_respond(exchange, &(struct http_response){.status = 404});
    }
}

static inline void fixture_observer(void *context, const struct http_exchange *exchange, int status,
                                    size_t body_bytes)
{
    struct http_fixture *f = context;
    ensure(exchange->request_id.len > 0);
    atomic_store(&f->last_status, status);
    atomic_fetch_add(&f->observed_bytes, body_bytes);
    atomic_fetch_add(&f->observed, 1);
}

static inline void *fixture_main(void *data)
{
    struct http_fixture *f = data;
    loop_run(f->loop);
    return NULL;
}

static inline struct http_fixture *fixture_start(struct http_server_options options)
{
    struct http_fixture *f = calloc(1, sizeof *f);
    ensure(f != NULL);
    f->loop = loop_new();
    f->drain_ms = PATIENCE_MS;
    unsigned pid = (unsigned)getpid();
    snprintf(f->address, sizeof f->address, "127.%u.%u.%u", 64 + (pid >> 14 & 63), pid >> 7 & 127,
             1 + (pid & 127));
    options.bind = f->address;
    options.handler = options.handler ? options.handler : fixture_handler;
    options.observer = options.observer ? options.observer : fixture_observer;
    options.context = f;
    struct error error = {0};
    if (http_server_new(f->loop, &options, &f->server, &error))
        fail_msg("%s", error.detail);
    f->port = http_server_port(f->server);
    f->large_len = 64 * 1024;
    f->large = malloc(f->large_len);
    ensure(f->large != NULL);
    for (size_t i = 0; i < f->large_len; i++)
        f->large[i] = (char)('a' + i * i % 23);
    return f;
}

static inline void fixture_run(struct http_fixture *f)
{
    ensure(pthread_create(&f->thread, NULL, fixture_main, f) == 0);
}

static inline struct http_fixture *fixture_new(struct http_server_options options)
{
    struct http_fixture *f = fixture_start(options);
    fixture_run(f);
    return f;
}

// Answers all that is held, the last first, each with its own path.
static inline void fixture_release_now(void *data)
{
    struct http_fixture *f = data;
    while (f->held_count) {
        struct http_exchange *exchange = f->held[--f->held_count];
        atomic_fetch_sub(&f->holding, 1);
        if (slice_equal(exchange->path, SLICE("/hold-large")))
            respond_large(f, exchange, "");
        else
            respond_text(exchange, arena_cstr(exchange->arena, exchange->path));
    }
}

static inline void fixture_release(struct http_fixture *f)
{
    loop_post(f->loop, fixture_release_now, f);
}

static inline void fixture_block_now(void *data)
{
    struct http_fixture *f = data;
    while (atomic_load(&f->blocked))
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

// The loop stands still until fixture_unblock: what is sent meanwhile arrives at once.
static inline void fixture_block(struct http_fixture *f)
{
    atomic_store(&f->blocked, true);
    loop_post(f->loop, fixture_block_now, f);
}

static inline void fixture_unblock(struct http_fixture *f)
{
    atomic_store(&f->blocked, false);
}

static inline void fixture_stop(struct http_fixture *f)
{
    fixture_release(f);
    loop_stop(f->loop);
    pthread_join(f->thread, NULL);
    http_server_free(f->server);
    loop_free(f->loop);
    free(f->large);
    free(f);
}

static inline void fixture_on_drained(void *data)
{
    struct http_fixture *f = data;
    atomic_store(&f->drained, true);
}

static inline void fixture_drain_now(void *data)
{
    struct http_fixture *f = data;
    http_server_drain(f->server, f->drain_ms, fixture_on_drained, f);
}

// Waits until the condition holds; fails the test when it does not in time.
#define WAIT_FOR(condition)                                                      \
    do {                                                                         \
        uint64_t wait_until = clock_monotonic_ms() + PATIENCE_MS;                \
        while (!(condition)) {                                                   \
            if (clock_monotonic_ms() > wait_until)                               \
                fail_msg("%s:%d: never saw %s", __FILE__, __LINE__, #condition); \
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);             \
        }                                                                        \
    } while (0)

// A value of the loop's thread, asked there.
struct fixture_question {
    struct http_fixture *fixture;
    atomic_size_t answer;
    atomic_bool answered;
};

static inline void fixture_count_connections(void *data)
{
    struct fixture_question *question = data;
    atomic_store(&question->answer, http_server_connections(question->fixture->server));
    atomic_store(&question->answered, true);
}

static inline size_t fixture_connections(struct http_fixture *f)
{
    struct fixture_question question = {.fixture = f};
    loop_post(f->loop, fixture_count_connections, &question);
    WAIT_FOR(atomic_load(&question.answered));
    return atomic_load(&question.answer);
}

// The client

struct http_client_socket {
    int fd;
    char *in; // received, not taken yet
    size_t len, capacity;
    bool at_end;
};

struct raw_response {
    int status;
    char *head; // whole, zero-terminated; heap
    char *body;
    size_t body_len;
};

static inline bool client_connect(struct http_fixture *f, int fd)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(f->port)};
    assert_int_equal(inet_pton(AF_INET, f->address, &address.sin_addr), 1);
    return connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
}

static inline struct http_client_socket client_open(struct http_fixture *f)
{
    struct http_client_socket c = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    assert_true(c.fd >= 0);
    assert_true(client_connect(f, c.fd));
    return c;
}

static inline void client_close(struct http_client_socket *c)
{
    close(c->fd);
    free(c->in);
    *c = (struct http_client_socket){.fd = -1};
}

static inline void client_send_bytes(struct http_client_socket *c, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = send(c->fd, bytes, len, MSG_NOSIGNAL);
        if (n < 0)
            fail_msg("send: %s", strerror(errno));
        bytes += n;
        len -= (size_t)n;
    }
}

static inline void client_send(struct http_client_socket *c, const char *text)
{
    client_send_bytes(c, text, strlen(text));
}

// Receives something; false at the end of the stream. A reset counts as the end with `at_end` unset.
static inline bool client_receive(struct http_client_socket *c)
{
    struct pollfd pollfd = {.fd = c->fd, .events = POLLIN};
    if (poll(&pollfd, 1, PATIENCE_MS) <= 0)
        fail_msg("the server says nothing; so far: %.*s", (int)c->len, c->in ? c->in : "");
    if (c->capacity - c->len < 65536) {
        c->capacity = c->capacity * 2 + 131072;
        c->in = realloc(c->in, c->capacity);
        ensure(c->in != NULL);
    }
    ssize_t n = recv(c->fd, c->in + c->len, c->capacity - c->len - 1, 0);
    if (n <= 0) {
        c->at_end = n == 0;
        return false;
    }
    c->len += (size_t)n;
    c->in[c->len] = '\0';
    return true;
}

static inline void client_take(struct http_client_socket *c, size_t size)
{
    ensure(size <= c->len);
    memmove(c->in, c->in + size, c->len - size + 1);
    c->len -= size;
}

static inline const char *head_value(const char *head, const char *name)
{
    static char value[4096];
    char wanted[128];
    snprintf(wanted, sizeof wanted, "\r\n%s: ", name);
    const char *at = strcasestr(head, wanted);
    if (!at)
        return NULL;
    at += strlen(wanted);
    snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\r"), at);
    return value;
}

// The same to keep; fails the test when there is none, or more than 127 characters.
struct head_text {
    char text[128];
};

static inline struct head_text head_copy(const char *head, const char *name)
{
    struct head_text copy = {0};
    const char *value = head_value(head, name);
    if (!value || strlen(value) >= sizeof copy.text)
        fail_msg("no usable %s in: %s", name, head);
    else
        memcpy(copy.text, value, strlen(value));
    return copy;
}

static inline void response_free(struct raw_response *response)
{
    free(response->head);
    free(response->body);
    *response = (struct raw_response){0};
}

// Reads one answer; has_body is false for those to HEAD. Interim answers (100) are answers too.
static inline struct raw_response client_read(struct http_client_socket *c, bool has_body)
{
    struct raw_response response = {0};
    char *end;
    while (!c->in || !(end = memmem(c->in, c->len, "\r\n\r\n", 4)))
        if (!client_receive(c))
            fail_msg("the connection ended before an answer; so far: %.*s", (int)c->len,
                     c->in ? c->in : "");
    size_t head_len = (size_t)(end - c->in) + 4;
    response.head = strndup(c->in, head_len);
    client_take(c, head_len);
    assert_int_equal(sscanf(response.head, "HTTP/1.1 %d ", &response.status), 1);
    const char *length = head_value(response.head, "Content-Length");
    response.body_len = has_body && length ? (size_t)strtoul(length, NULL, 10) : 0;
    while (c->len < response.body_len)
        if (!client_receive(c))
            fail_msg("the connection ended inside a body");
    response.body = calloc(1, response.body_len + 1);
    ensure(response.body != NULL);
    if (response.body_len) {
        memcpy(response.body, c->in, response.body_len);
        client_take(c, response.body_len);
    }
    return response;
}

// The next answer must have that status and (unless NULL) that body.
static inline void client_expect(struct http_client_socket *c, int status, const char *body)
{
    struct raw_response response = client_read(c, true);
    if (response.status != status)
        fail_msg("expected %d, got: %s%s", status, response.head, response.body);
    if (body)
        assert_string_equal(response.body, body);
    response_free(&response);
}

// Nothing more comes, and the connection ends in order, not by a reset.
static inline void client_expect_end(struct http_client_socket *c)
{
    while (client_receive(c))
        ;
    if (c->len)
        fail_msg("unexpected: %s", c->in);
    assert_true(c->at_end);
}

// One request on a connection of its own: its status.
static inline int ask(struct http_fixture *f, const char *request)
{
    struct http_client_socket c = client_open(f);
    client_send(&c, request);
    struct raw_response response = client_read(&c, strncmp(request, "HEAD", 4) != 0);
    int status = response.status;
    response_free(&response);
    client_close(&c);
    return status;
}
