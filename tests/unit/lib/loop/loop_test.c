#include "lib/loop/loop.h"

#include "lib/base/clock.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// What happened, in order, as letters.
struct trace {
    struct loop *loop;
    char text[256];
    size_t len;
    int rounds, wanted_rounds;
    struct loop_timer *timer;
};

static void note(struct trace *trace, char c)
{
    assert_true(trace->len < sizeof trace->text - 1);
    trace->text[trace->len++] = c;
    trace->text[trace->len] = '\0';
}

static void note_a(void *data)
{
    note(data, 'a');
}

static void note_b(void *data)
{
    note(data, 'b');
}

static void note_c(void *data)
{
    note(data, 'c');
}

static void stop(void *data)
{
    struct trace *trace = data;
    note(trace, '.');
    loop_stop(trace->loop);
}

static void post_twice(void *data)
{
    struct trace *trace = data;
    note(trace, 'p');
    loop_post(trace->loop, note_a, trace);
    loop_post(trace->loop, stop, trace);
}

static void posts_run_in_order(void **state)
{
    (void)state;
    struct trace trace = {.loop = loop_new()};
    loop_post(trace.loop, note_a, &trace);
    loop_post(trace.loop, note_b, &trace);
    loop_post(trace.loop, post_twice, &trace);
    loop_post(trace.loop, note_c, &trace);
    loop_run(trace.loop);
    assert_string_equal(trace.text, "abpca.");
    loop_free(trace.loop);
}

static void stop_may_come_first(void **state)
{
    (void)state;
    struct trace trace = {.loop = loop_new()};
    loop_stop(trace.loop);
    loop_run(trace.loop); // returns
    loop_post(trace.loop, stop, &trace);
    loop_run(trace.loop); // and runs again
    assert_string_equal(trace.text, ".");
    loop_post(trace.loop, note_a, &trace); // never runs
    loop_free(trace.loop);
    assert_string_equal(trace.text, ".");
}

static void hooks_follow_every_callback_of_a_turn(void **state)
{
    (void)state;
    struct trace trace = {.loop = loop_new()};
    loop_on_turn_end(trace.loop, note_b, &trace);
    loop_on_turn_end(trace.loop, note_c, &trace);
    loop_post(trace.loop, note_a, &trace);
    loop_post(trace.loop, note_a, &trace);
    loop_post(trace.loop, stop, &trace);
    loop_run(trace.loop);
    // Once before the first sleep, once after the posts.
    assert_string_equal(trace.text, "bcaa.bc");
    loop_off_turn_end(trace.loop, note_b, &trace);
    loop_post(trace.loop, stop, &trace);
    loop_run(trace.loop);
    assert_string_equal(trace.text, "bcaa.bcc.c");
    loop_free(trace.loop);
}

static void timer_then_stop(void *data)
{
    struct trace *trace = data;
    note(trace, 't');
    loop_timer_stop(trace->timer);
    loop_stop(trace->loop);
}

static void hooks_follow_timers(void **state)
{
    (void)state;
    struct trace trace = {.loop = loop_new()};
    trace.timer = loop_after(trace.loop, 1, timer_then_stop, &trace);
    loop_on_turn_end(trace.loop, note_a, &trace);
    loop_run(trace.loop);
    assert_non_null(strstr(trace.text, "ta"));
    loop_free(trace.loop);
}

// A hook in front of others asks for more rounds, each of which runs all of them.
static void ask_again(void *data)
{
    struct trace *trace = data;
    if (trace->rounds++ < trace->wanted_rounds)
        loop_again(trace->loop);
    if (trace->rounds == trace->wanted_rounds + 1)
        loop_stop(trace->loop);
}

static void again_runs_all_hooks_before_the_loop_sleeps(void **state)
{
    (void)state;
    struct trace trace = {.loop = loop_new(), .wanted_rounds = 3};
    loop_on_turn_end(trace.loop, note_a, &trace);
    loop_on_turn_end(trace.loop, ask_again, &trace);
    loop_run(trace.loop);
    assert_true(trace.rounds >= 4);
    assert_int_equal(trace.len, (size_t)trace.rounds);
    loop_free(trace.loop);
}

// Nothing but the hook's own wish keeps the loop going: it must not sleep in between.
static void again_without_end_does_not_sleep_nor_block(void **state)
{
    (void)state;
    struct trace trace = {.loop = loop_new(), .wanted_rounds = 1000};
    loop_on_turn_end(trace.loop, ask_again, &trace);
    loop_run(trace.loop);
    assert_true(trace.rounds >= 1001);
    loop_free(trace.loop);
}

static void remove_next_hook(void *data)
{
    struct trace *trace = data;
    loop_off_turn_end(trace->loop, note_b, trace);
}

static void hooks_may_be_removed_by_a_hook(void **state)
{
    (void)state;
    struct trace trace = {.loop = loop_new()};
    loop_on_turn_end(trace.loop, remove_next_hook, &trace);
    loop_on_turn_end(trace.loop, note_b, &trace);
    loop_on_turn_end(trace.loop, note_c, &trace);
    for (int i = 0; i < 100; i++) { // places are used again
        loop_post(trace.loop, stop, &trace);
        loop_run(trace.loop);
        loop_on_turn_end(trace.loop, note_b, &trace);
        trace.len = trace.len > 200 ? 0 : trace.len;
    }
    assert_null(strchr(trace.text, 'b'));
    assert_non_null(strchr(trace.text, 'c'));
    loop_free(trace.loop);
}

static void count_to_three(void *data)
{
    struct trace *trace = data;
    note(trace, 't');
    if (trace->len == 3) {
        loop_timer_stop(trace->timer);
        loop_stop(trace->loop);
    }
}

static void timers_repeat_until_stopped(void **state)
{
    (void)state;
    struct trace trace = {.loop = loop_new()};
    trace.timer = loop_every(trace.loop, 1, count_to_three, &trace);
    struct loop_timer *never = loop_after(trace.loop, 3600 * 1000, note_a, &trace);
    loop_run(trace.loop);
    assert_string_equal(trace.text, "ttt");
    loop_timer_stop(never);
    loop_timer_stop(NULL);
    loop_free(trace.loop);
}

static void a_timer_waits_its_time(void **state)
{
    (void)state;
    struct trace trace = {.loop = loop_new()};
    uint64_t before = clock_monotonic_ms();
    trace.timer = loop_after(trace.loop, 30, timer_then_stop, &trace);
    loop_run(trace.loop);
    assert_true(clock_monotonic_ms() - before >= 29);
    loop_free(trace.loop);
}

static void open_timers_end_with_the_loop(void **state)
{
    (void)state;
    struct trace trace = {.loop = loop_new()};
    loop_after(trace.loop, 0, stop, &trace);
    loop_every(trace.loop, 3600 * 1000, note_a, &trace);
    loop_run(trace.loop);
    loop_free(trace.loop); // the sanitizer looks for what is left
    loop_free(NULL);
}

enum { THREADS = 4, POSTS = 5000 };
struct posting {
    struct loop *loop;
    int thread, sent;
    atomic_int *done;
    int *seen; // per thread: the number expected next; of the loop's thread
};
struct numbered {
    struct posting *posting;
    int number;
};

static void check_number(void *data)
{
    struct numbered *numbered = data;
    int *seen = &numbered->posting->seen[numbered->posting->thread];
    assert_int_equal(*seen, numbered->number);
    ++*seen;
    if (numbered->number == POSTS - 1 &&
        atomic_fetch_add(numbered->posting->done, 1) == THREADS - 1)
        loop_stop(numbered->posting->loop);
    free(numbered);
}

static void *post_many(void *data)
{
    struct posting *posting = data;
    for (int i = 0; i < POSTS; i++) {
        struct numbered *numbered = malloc(sizeof *numbered);
        assert_non_null(numbered);
        *numbered = (struct numbered){posting, i};
        loop_post(posting->loop, check_number, numbered);
    }
    return NULL;
}

static void many_threads_post(void **state)
{
    (void)state;
    struct loop *loop = loop_new();
    atomic_int done = 0;
    int seen[THREADS] = {0};
    struct posting postings[THREADS];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        postings[i] = (struct posting){.loop = loop, .thread = i, .done = &done, .seen = seen};
        pthread_create(&threads[i], NULL, post_many, &postings[i]);
    }
    loop_run(loop);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(seen[i], POSTS);
    }
    loop_free(loop);
}

static void broken_pipes_are_errors(void **state)
{
    (void)state;
    struct loop *loop = loop_new();
    struct sigaction action;
    sigaction(SIGPIPE, NULL, &action);
    assert_true(action.sa_handler == SIG_IGN);
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(posts_run_in_order),
        cmocka_unit_test(stop_may_come_first),
        cmocka_unit_test(hooks_follow_every_callback_of_a_turn),
        cmocka_unit_test(hooks_follow_timers),
        cmocka_unit_test(again_runs_all_hooks_before_the_loop_sleeps),
        cmocka_unit_test(again_without_end_does_not_sleep_nor_block),
        cmocka_unit_test(hooks_may_be_removed_by_a_hook),
        cmocka_unit_test(timers_repeat_until_stopped),
        cmocka_unit_test(a_timer_waits_its_time),
        cmocka_unit_test(open_timers_end_with_the_loop),
        cmocka_unit_test(many_threads_post),
        cmocka_unit_test(broken_pipes_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
