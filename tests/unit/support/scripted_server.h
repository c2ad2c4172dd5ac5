// A TCP server for tests that answers HTTP requests from a script: what a real server would never do can be
// said byte by byte. One thread; connections are served one after another; on a port of its own.
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SCRIPT_MAX_REQUESTS = 64, SCRIPT_REQUEST_BYTES = 16384 };

// What is done with a request whose path (and query) equals `path`; the first row that fits and is not used
// up counts. `times`: how often a row answers, 0: always.
struct script_row {
    const char *path; // NULL: any
    int times;
    const char *bytes; // sent as they are; NULL: nothing
    size_t len;        // 0: strlen(bytes)
    bool keep_open;    // read the next request of the same connection
    bool hang;         // send nothing more and wait until the client goes or the server stops
    size_t repeat;     // send `tail` that often behind bytes, until the client goes
    const char *tail;
};

struct scripted_server {
    int listener, wake[2];
    uint16_t port;
    pthread_t thread;
    pthread_mutex_t lock;
    struct script_row rows[32];
    int used[32];
    size_t row_count;
    int connections;
    size_t request_count;
    char requests[SCRIPT_MAX_REQUESTS][SCRIPT_REQUEST_BYTES]; // header blocks as received
};

struct scripted_server *scripted_server_start(const struct script_row *rows, size_t count);
void scripted_server_stop(struct scripted_server *server);

// A row that has to know the port. Before the first request that it is for.
void scripted_server_add(struct scripted_server *server, struct script_row row);

size_t scripted_server_requests(struct scripted_server *server);
int scripted_server_connections(struct scripted_server *server);

// Does request `number` hold this text ("GET /x HTTP/1.1", "\r\nIf-None-Match: ")?
bool scripted_server_saw(struct scripted_server *server, size_t number, const char *text);
