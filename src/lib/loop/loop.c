#include "lib/loop/loop.h"

#include "lib/base/ensure.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

enum {
    MAX_POSTS = 1 << 20, // waiting at once; more means that nobody runs the loop
    MAX_HOOKS = 32,
    MAX_ROUNDS = 8, // of the hooks in one turn
};

struct post {
    void (*fn)(void *);
    void *data;
};

struct post_queue {
    struct post *items; // heap
    size_t count, capacity;
};

struct loop {
    uv_loop_t uv;
    uv_async_t wake;     // another thread posted, or asked to stop
    uv_prepare_t finish; // libuv runs it after every callback of a turn, before it polls
    uv_idle_t awake;     // active: the next poll does not sleep

    pthread_mutex_t lock;     // guards posted
    struct post_queue posted; // filled by any thread
    struct post_queue taken;  // being run; its memory is exchanged with posted's
    atomic_bool stopping;

    struct post hooks[MAX_HOOKS]; // fn is NULL where one was taken away, until the turn has ended
    size_t hook_count;
    bool again;
};

struct loop_timer {
    uv_timer_t handle;
    void (*fn)(void *);
    void *data;
};

uv_loop_t *loop_uv(struct loop *loop)
{
    return &loop->uv;
}

// Turn ends

static void stay_awake(uv_idle_t *handle)
{
    uv_idle_stop(handle);
}

static void run_hooks(struct loop *loop)
{
    for (size_t i = 0; i < loop->hook_count; i++)
        if (loop->hooks[i].fn)
            loop->hooks[i].fn(loop->hooks[i].data);
}

static void forget_removed_hooks(struct loop *loop)
{
    size_t kept = 0;
    for (size_t i = 0; i < loop->hook_count; i++)
        if (loop->hooks[i].fn)
            loop->hooks[kept++] = loop->hooks[i];
    loop->hook_count = kept;
}

static void finish_turn(struct loop *loop)
{
    int round = 0;
    do {
        loop->again = false;
        run_hooks(loop);
    } while (loop->again && ++round < MAX_ROUNDS);
    if (loop->again)
        uv_idle_start(&loop->awake, stay_awake);
    forget_removed_hooks(loop);
}

static void on_prepare(uv_prepare_t *handle)
{
    finish_turn(handle->data);
}

void loop_again(struct loop *loop)
{
    loop->again = true;
}

void loop_on_turn_end(struct loop *loop, void (*fn)(void *), void *data)
{
    ensure(loop->hook_count < MAX_HOOKS);
    loop->hooks[loop->hook_count++] = (struct post){fn, data};
}

void loop_off_turn_end(struct loop *loop, void (*fn)(void *), void *data)
{
    for (size_t i = 0; i < loop->hook_count; i++)
        if (loop->hooks[i].fn == fn && loop->hooks[i].data == data)
            loop->hooks[i].fn = NULL;
}

// Posts

void loop_post(struct loop *loop, void (*fn)(void *), void *data)
{
    pthread_mutex_lock(&loop->lock);
    struct post_queue *queue = &loop->posted;
    if (queue->count == queue->capacity) {
        ensure(queue->count < MAX_POSTS);
        queue->capacity = queue->capacity ? queue->capacity * 2 : 16;
        queue->items = realloc(queue->items, queue->capacity * sizeof *queue->items);
        ensure(queue->items != NULL);
    }
    queue->items[queue->count++] = (struct post){fn, data};
    pthread_mutex_unlock(&loop->lock);
    uv_async_send(&loop->wake);
}

static void run_posts(struct loop *loop)
{
    pthread_mutex_lock(&loop->lock);
    struct post_queue queue = loop->posted;
    loop->posted = loop->taken;
    loop->taken = queue;
    pthread_mutex_unlock(&loop->lock);
    for (size_t i = 0; i < queue.count; i++)
        queue.items[i].fn(queue.items[i].data);
    loop->taken.count = 0;
}

static void on_wake(uv_async_t *handle)
{
    struct loop *loop = handle->data;
    run_posts(loop);
    if (atomic_load(&loop->stopping))
        uv_stop(&loop->uv);
}

// Life

static void ignore_sigpipe(void)
{
    struct sigaction action;
    if (sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_DFL) {
        action.sa_handler = SIG_IGN;
        sigaction(SIGPIPE, &action, NULL);
    }
}

struct loop *loop_new(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, ignore_sigpipe);

    struct loop *loop = calloc(1, sizeof *loop);
    ensure(loop != NULL);
    ensure(uv_loop_init(&loop->uv) == 0);
    ensure(uv_async_init(&loop->uv, &loop->wake, on_wake) == 0);
    ensure(uv_prepare_init(&loop->uv, &loop->finish) == 0);
    ensure(uv_idle_init(&loop->uv, &loop->awake) == 0);
    ensure(pthread_mutex_init(&loop->lock, NULL) == 0);
    loop->wake.data = loop->finish.data = loop;
    uv_prepare_start(&loop->finish, on_prepare);
    return loop;
}

void loop_run(struct loop *loop)
{
    // The wake handle keeps libuv running, so that it only returns once it was told to stop.
    while (!atomic_load(&loop->stopping))
        uv_run(&loop->uv, UV_RUN_DEFAULT);
    finish_turn(loop);
    atomic_store(&loop->stopping, false);
}

void loop_stop(struct loop *loop)
{
    atomic_store(&loop->stopping, true);
    uv_async_send(&loop->wake);
}

static void free_timer(uv_handle_t *handle)
{
    free(CONTAINER_OF(handle, struct loop_timer, handle));
}

// The data of our timers' handles, which tells them from those that others opened on the loop.
static char timer_mark;

static void close_handle(uv_handle_t *handle, void *unused)
{
    (void)unused;
    if (!uv_is_closing(handle))
        uv_close(handle, handle->data == &timer_mark ? free_timer : NULL);
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    uv_walk(&loop->uv, close_handle, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    ensure(uv_loop_close(&loop->uv) == 0);
    pthread_mutex_destroy(&loop->lock);
    free(loop->posted.items);
    free(loop->taken.items);
    free(loop);
}

// Timers

static void on_timer(uv_timer_t *handle)
{
    struct loop_timer *timer = CONTAINER_OF(handle, struct loop_timer, handle);
    timer->fn(timer->data);
}

static struct loop_timer *timer_new(struct loop *loop, uint32_t delay_ms, uint32_t interval_ms,
                                    void (*fn)(void *), void *data)
{
    struct loop_timer *timer = calloc(1, sizeof *timer);
    ensure(timer != NULL);
    timer->fn = fn;
    timer->data = data;
    ensure(uv_timer_init(&loop->uv, &timer->handle) == 0);
    timer->handle.data = &timer_mark;
    uv_update_time(&loop->uv); // counted from now, not from when the turn began
    ensure(uv_timer_start(&timer->handle, on_timer, delay_ms, interval_ms) == 0);
    return timer;
}

struct loop_timer *loop_after(struct loop *loop, uint32_t delay_ms, void (*fn)(void *), void *data)
{
    return timer_new(loop, delay_ms, 0, fn, data);
}

struct loop_timer *loop_every(struct loop *loop, uint32_t interval_ms, void (*fn)(void *),
                              void *data)
{
    // libuv takes a repeat of 0 for "once".
    uint32_t interval = interval_ms ? interval_ms : 1;
    return timer_new(loop, interval, interval, fn, data);
}

void loop_timer_stop(struct loop_timer *timer)
{
    if (timer)
        uv_close((uv_handle_t *)&timer->handle, free_timer);
}
