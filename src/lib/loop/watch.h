// Waiting for a file that another library owns (libpq's sockets, the channel of a child).
#pragma once

#include "lib/loop/loop.h"

struct loop_watch;

// Calls fn(data, events) while the file is readable or writable (UV_READABLE, UV_WRITABLE; with
// UV_DISCONNECT also when the other side has closed). An error of the file is told as readable, for
// reading says which it is, and again until the watch is closed: there may be more to read before it.
struct loop_watch *loop_watch_new(struct loop *loop, int fd, int events, void (*fn)(void *, int),
                                  void *data);
void loop_watch_change(struct loop_watch *watch, int events);
// Before the file is closed, and before the loop is freed. Nothing is told any more. NULL is fine.
void loop_watch_close(struct loop_watch *watch);
