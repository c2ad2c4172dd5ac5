#include "lib/loop/watch.h"

#include "lib/base/ensure.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct loop *loop;
static struct loop_watch *watch;
static int ours, theirs;
static size_t calls, bytes;
static ssize_t last;
static int last_errno;

static int setup(void **)
{
    int pair[2];
    ensure(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == 0);
    ours = pair[0];
    theirs = pair[1];
    calls = bytes = 0;
    loop = loop_new();
    return 0;
}

static int teardown(void **)
{
    loop_free(loop);
    close(ours);
    if (theirs >= 0)
        close(theirs);
    return 0;
}

// Reads one byte a call, until there will be no more.
static void read_a_byte(void *, int events)
{
    char byte;
    assert_true(events & UV_READABLE);
    calls++;
    last = recv(ours, &byte, 1, 0);
    last_errno = errno;
    if (last > 0) {
        bytes++;
        return;
    }
    loop_watch_close(watch);
    loop_stop(loop);
}

static void what_was_written_is_read_until_the_end(void **)
{
    watch = loop_watch_new(loop, ours, UV_READABLE, read_a_byte, NULL);
    ensure(write(theirs, "abc", 3) == 3);
    close(theirs);
    theirs = -1;
    loop_run(loop);
    assert_int_equal(bytes, 3);
    assert_int_equal(last, 0);
}

// As PostgreSQL does that is killed over a query: its words are there, and the error is waiting behind them.
static void what_a_killed_peer_wrote_is_read_until_the_error(void **)
{
    watch = loop_watch_new(loop, ours, UV_READABLE, read_a_byte, NULL);
    ensure(write(ours, "unread", 6) == 6);
    ensure(write(theirs, "abc", 3) == 3);
    close(theirs);
    theirs = -1;
    loop_run(loop);
    assert_int_equal(bytes, 3);
    assert_int_equal(calls, 4);
    assert_int_equal(last, -1);
    assert_int_equal(last_errno, ECONNRESET);
}

static void write_a_byte(void *, int events)
{
    calls++;
    if (events & UV_WRITABLE) {
        ensure(write(theirs, "a", 1) == 1);
        loop_watch_change(watch, UV_READABLE);
        return;
    }
    loop_watch_close(watch);
    loop_stop(loop);
}

static void what_is_waited_for_may_change(void **)
{
    watch = loop_watch_new(loop, ours, UV_WRITABLE, write_a_byte, NULL);
    loop_run(loop);
    assert_int_equal(calls, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_written_is_read_until_the_end, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_killed_peer_wrote_is_read_until_the_error, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_is_waited_for_may_change, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
