// What the tests of the fetcher share: a scripted server that plays luma.com through an origin override, and
// hooks that remember what they were told.
#pragma once

#include "api/scrape/fetch.h"

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

struct fetch_fixture {
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

// A server with these rows that stands in for https://luma.com, and options and hooks to be changed before …
void fetch_fixture_listen(struct fetch_fixture *f, const struct script_row *rows, size_t count);
// … this makes the fetcher of them.
void fetch_fixture_begin(struct fetch_fixture *f);
// Both.
void fetch_fixture_start(struct fetch_fixture *f, const struct script_row *rows, size_t count);
void fetch_fixture_stop(struct fetch_fixture *f);

// Keep robots.txt in f->file, by hooks, instead of the fetcher's own cache. Before fetch_fixture_begin.
void fetch_fixture_use_store(struct fetch_fixture *f);

// One attempt into f->result, whose code it returns.
enum err fetch_fixture_fetch(struct fetch_fixture *f, struct fetch_request request);
#define FETCH(f, ...) fetch_fixture_fetch((f), (struct fetch_request){__VA_ARGS__})

void assert_slice_is(struct slice got, const char *wanted);
void assert_outcome(struct fetch_fixture *f, enum err got, enum err wanted, const char *what);
