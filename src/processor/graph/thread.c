#include "processor/graph/thread.h"

#include "lib/base/ensure.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { MAX_WAITING = 32 };

struct queue {
    struct graph_task *first, **end;
    size_t count;
};

struct graph_thread {
    struct loop *loop;
    void *context;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct queue waiting, finished; // guarded by lock
    atomic_bool stopping;
};

static void queue_init(struct queue *queue)
{
    *queue = (struct queue){.end = &queue->first};
}

static void queue_append(struct queue *queue, struct graph_task *task)
{
    task->next = NULL;
    *queue->end = task;
    queue->end = &task->next;
    queue->count++;
}

static struct graph_task *queue_take(struct queue *queue)
{
    struct graph_task *task = queue->first;
    if (!task)
        return NULL;
    queue->first = task->next;
    queue->count--;
    if (!queue->first)
        queue->end = &queue->first;
    return task;
}

static struct graph_task *take(struct graph_thread *thread, struct queue *queue)
{
    pthread_mutex_lock(&thread->lock);
    struct graph_task *task = queue_take(queue);
    pthread_mutex_unlock(&thread->lock);
    return task;
}

static void tell_finished(void *data)
{
    struct graph_thread *thread = data;
    struct graph_task *task;
    while ((task = take(thread, &thread->finished)))
        task->done(task);
}

static struct graph_task *wait_for_task(struct graph_thread *thread)
{
    pthread_mutex_lock(&thread->lock);
    while (!thread->waiting.first && !atomic_load(&thread->stopping))
        pthread_cond_wait(&thread->changed, &thread->lock);
    struct graph_task *task = atomic_load(&thread->stopping) ? NULL : queue_take(&thread->waiting);
    pthread_mutex_unlock(&thread->lock);
    return task;
}

static void *work(void *data)
{
    struct graph_thread *thread = data;
    struct graph_task *task;
    while ((task = wait_for_task(thread))) {
        task->run(task, thread->context);
        pthread_mutex_lock(&thread->lock);
        queue_append(&thread->finished, task);
        pthread_mutex_unlock(&thread->lock);
        loop_post(thread->loop, tell_finished, thread);
    }
    return NULL;
}

struct graph_thread *graph_thread_new(struct loop *loop, void *context)
{
    struct graph_thread *thread = calloc(1, sizeof *thread);
    ensure(thread != NULL);
    thread->loop = loop;
    thread->context = context;
    queue_init(&thread->waiting);
    queue_init(&thread->finished);
    pthread_mutex_init(&thread->lock, NULL);
    pthread_cond_init(&thread->changed, NULL);
    ensure(pthread_create(&thread->thread, NULL, work, thread) == 0);
    return thread;
}

void graph_thread_stop(struct graph_thread *thread)
{
    pthread_mutex_lock(&thread->lock);
    atomic_store(&thread->stopping, true);
    pthread_cond_signal(&thread->changed);
    pthread_mutex_unlock(&thread->lock);
}

bool graph_thread_is_stopping(const struct graph_thread *thread)
{
    return atomic_load(&thread->stopping);
}

void graph_thread_free(struct graph_thread *thread)
{
    struct graph_task *task;
    if (!thread)
        return;
    graph_thread_stop(thread);
    pthread_join(thread->thread, NULL);
    tell_finished(thread);
    while ((task = take(thread, &thread->waiting))) {
        (void)error_set(&task->error, ERR_SHUTTING_DOWN, "the service is shutting down");
        task->done(task);
    }
    pthread_mutex_destroy(&thread->lock);
    pthread_cond_destroy(&thread->changed);
    free(thread);
}

bool graph_thread_submit(struct graph_thread *thread, struct graph_task *task)
{
    pthread_mutex_lock(&thread->lock);
    bool accepted = thread->waiting.count < MAX_WAITING && !atomic_load(&thread->stopping);
    if (accepted) {
        queue_append(&thread->waiting, task);
        pthread_cond_signal(&thread->changed);
    }
    pthread_mutex_unlock(&thread->lock);
    return accepted;
}
