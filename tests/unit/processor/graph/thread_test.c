// Tasks run elsewhere and are told here, each exactly once, whatever happens.
#include "processor/graph/thread.h"

#include "lib/base/compiler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <semaphore.h>

enum { MANY = 64 };

struct work {
    struct graph_task task; // first
    int number, told;
    bool ran;
};

struct context {
    struct loop *loop;
    struct graph_thread *thread;
    struct work works[MANY];
    int order[MANY], count;
    pthread_t here;
    sem_t started, go_on;
    bool waits;
} context;

static void run(struct graph_task *task, void *data)
{
    struct work *work = (struct work *)task;
    struct context *c = data;
    assert_false(pthread_equal(pthread_self(), c->here));
    work->ran = true;
    if (c->waits) {
        sem_post(&c->started);
        sem_wait(&c->go_on);
    }
}

static void done(struct graph_task *task)
{
    struct work *work = (struct work *)task;
    assert_true(pthread_equal(pthread_self(), context.here));
    work->told++;
    context.order[context.count++] = work->number;
    if (context.count == 10 && !context.waits)
        loop_stop(context.loop);
}

static int setup(void **state)
{
    context = (struct context){.here = pthread_self(), .loop = loop_new()};
    sem_init(&context.started, 0, 0);
    sem_init(&context.go_on, 0, 0);
    context.thread = graph_thread_new(context.loop, &context);
    for (int i = 0; i < MANY; i++)
        context.works[i] = (struct work){.task = {.run = run, .done = done}, .number = i};
    *state = &context;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    graph_thread_free(context.thread);
    loop_free(context.loop);
    sem_destroy(&context.started);
    sem_destroy(&context.go_on);
    return 0;
}

static void tasks_run_in_order(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++)
        assert_true(graph_thread_submit(context.thread, &context.works[i].task));
    loop_run(context.loop);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(context.order[i], i);
        assert_true(context.works[i].ran && context.works[i].told == 1);
        assert_int_equal(context.works[i].task.error.code, ERR_OK);
    }
}

static void too_many_are_refused_and_the_rest_is_told_at_the_end(void **state)
{
    (void)state;
    int accepted = 0;
    context.waits = true;
    assert_true(graph_thread_submit(context.thread, &context.works[0].task));
    sem_wait(&context.started); // it is at work, and the others wait
    for (int i = 1; i < MANY; i++)
        accepted += graph_thread_submit(context.thread, &context.works[i].task);
    assert_true(accepted > 0 && accepted < MANY - 1);
    graph_thread_stop(context.thread);
    assert_true(graph_thread_is_stopping(context.thread));
    assert_false(graph_thread_submit(context.thread, &context.works[MANY - 1].task));
    sem_post(&context.go_on);
    graph_thread_free(context.thread);
    context.thread = NULL;
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(context.works[i].told, i <= accepted);
        if (i > 0 && i <= accepted)
            assert_int_equal(context.works[i].task.error.code, ERR_SHUTTING_DOWN);
    }
    assert_int_equal(context.works[0].task.error.code, ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tasks_run_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(too_many_are_refused_and_the_rest_is_told_at_the_end, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
