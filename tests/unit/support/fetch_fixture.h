// What the tests of the fetcher share: a scripted server that plays luma.com through an origin override, and
// hooks that remember what they were told.
#pragma once

#include "api/scrape/fetch.h"

#include "lib/base/clock.h"
#include "support/scripted_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MAX_VISITS = 64 };

#define HEAD_OK "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
#define PAGE "<!DOCTYPE html><title>Page</title>"
#define PAGE_OK HEAD_OK "Content-Length: 34\r\n\r\n" PAGE
#define EMPTY "Content-Length: 0\r\n\r\n"
#define NO_ROBOTS {.path = "/robots.txt", .bytes = "HTTP/1.1 404 Not Found\r\n" EMPTY}
#define MOVED(where) "HTTP/1.1 301 Moved\r\nLocation: " where "\r\n" EMPTY
#define ROBOTS(text) "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" text

struct fixture {
    struct scripted_server *server;
    struct fetcher *fetcher;
    struct fetch_options options;
    struct fetch_hooks hooks;
    struct luma_url_rules *rules;
    struct origin_override *override;
    struct arena *arena, *texts;
    struct fetch_result result;
    // what the hooks saw and do
    size_t visits;
    char visited[MAX_VISITS][128];
    uint32_t crawl_delays[MAX_VISITS];
    enum err hook_fails;
    bool has_file;
    struct robots_file file;
    size_t loads, stores;
};

UNUSED static enum err on_visit(void *user, const struct fetch_visit *visit,
                                struct error *ret_error)
{
    struct fixture *f = user;
    assert_true(f->visits < MAX_VISITS);
    snprintf(f->visited[f->visits], sizeof f->visited[0], "%.*s%s %.*s", SLICE_FMT(visit->site),
             visit->is_robots_txt ? " robots" : "", SLICE_FMT(visit->url));
    f->crawl_delays[f->visits++] = visit->crawl_delay_ms;
    return f->hook_fails == ERR_OK ? ERR_OK
                                   : error_set(ret_error, f->hook_fails, "the hook says no");
}

UNUSED static bool on_load(void *user, struct slice origin, struct arena *arena,
                           struct robots_file *ret_file)
{
    struct fixture *f = user;
    (void)arena;
    assert_true(slice_equal(origin, SLICE("https://luma.com")));
    f->loads++;
    *ret_file = f->file;
    return f->has_file;
}

UNUSED static void on_store(void *user, struct slice origin, const struct robots_file *file)
{
    struct fixture *f = user;
    assert_true(slice_equal(origin, SLICE("https://luma.com")));
    f->stores++;
    f->has_file = true;
    f->file = *file;
    f->file.body = arena_slice(f->texts, file->body.ptr ? file->body : SLICE(""));
}

UNUSED static void start_server(struct fixture *f, const struct script_row *rows, size_t count)
{
    *f = (struct fixture){
        .server = scripted_server_start(rows, count),
        .arena = arena_new(FETCH_ARENA_BYTES),
        .texts = arena_new(16 * 1024 * 1024),
    };
    f->hooks = (struct fetch_hooks){.user = f, .before_request = on_visit};
    assert_int_equal(luma_url_rules_new(SLICE(LUMA_URL_DEFAULT_HOSTS), &f->rules, NULL), ERR_OK);
    char text[64];
    snprintf(text, sizeof text, "https://luma.com=http://127.0.0.1:%u", f->server->port);
    assert_int_equal(origin_override_new(slice_from_cstr(text), &f->override, NULL), ERR_OK);
    f->options = (struct fetch_options){.rules = f->rules, .override = f->override};
}

UNUSED static void make_fetcher(struct fixture *f)
{
    assert_int_equal(fetcher_new(&f->options, &f->hooks, &f->fetcher, NULL), ERR_OK);
}

UNUSED static void start(struct fixture *f, const struct script_row *rows, size_t count)
{
    start_server(f, rows, count);
    make_fetcher(f);
}

UNUSED static void stop(struct fixture *f)
{
    fetcher_free(f->fetcher);
    scripted_server_stop(f->server);
    origin_override_free(f->override);
    luma_url_rules_free(f->rules);
    arena_free(f->arena);
    arena_free(f->texts);
}

UNUSED static enum err fetch(struct fixture *f, struct fetch_request request)
{
    arena_reset(f->arena);
    enum err err = fetch_page(f->fetcher, &request, f->arena, &f->result);
    assert_int_equal(err, f->result.error.code);
    assert_int_equal(f->result.error.detail[0] != '\0', err != ERR_OK);
    return err;
}

#define FETCH(f, ...) fetch((f), (struct fetch_request){__VA_ARGS__})

UNUSED static void assert_text(struct slice got, const char *wanted)
{
    if (!slice_equal(got, slice_from_cstr(wanted)))
        fail_msg("got \"%.*s\", wanted \"%s\"", SLICE_FMT(got), wanted);
}

UNUSED static void assert_err(struct fixture *f, enum err got, enum err wanted, const char *what)
{
    if (got != wanted)
        fail_msg("%s: %s (%s), wanted %s", what, error_info(got)->code, f->result.error.detail,
                 error_info(wanted)->code);
}
