#include "lib/loop/watch.h"

#include "lib/base/ensure.h"

#include <stdlib.h>

struct loop_watch {
    uv_poll_t poll;
    int events;
    void (*fn)(void *, int);
    void *data;
};

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct loop_watch *watch = CONTAINER_OF(poll, struct loop_watch, poll);
    // After an error libuv watches no more. Reading once need not have reached it: a peer that was
    // killed leaves what it had written, and then the error.
    if (status < 0)
        ensure(uv_poll_start(&watch->poll, watch->events, on_poll) == 0);
    watch->fn(watch->data, status < 0 ? UV_READABLE : events);
}

struct loop_watch *loop_watch_new(struct loop *loop, int fd, int events, void (*fn)(void *, int),
                                  void *data)
{
    struct loop_watch *watch = calloc(1, sizeof *watch);
    ensure(watch != NULL);
    watch->events = events;
    watch->fn = fn;
    watch->data = data;
    ensure(uv_poll_init(loop_uv(loop), &watch->poll, fd) == 0);
    ensure(uv_poll_start(&watch->poll, events, on_poll) == 0);
    return watch;
}

void loop_watch_change(struct loop_watch *watch, int events)
{
    if (watch->events == events) // libuv would ask the kernel twice to change nothing
        return;
    watch->events = events;
    ensure(uv_poll_start(&watch->poll, events, on_poll) == 0);
}

static void on_closed(uv_handle_t *handle)
{
    free(CONTAINER_OF((uv_poll_t *)handle, struct loop_watch, poll));
}

void loop_watch_close(struct loop_watch *watch)
{
    if (watch)
        uv_close((uv_handle_t *)&watch->poll, on_closed);
}
