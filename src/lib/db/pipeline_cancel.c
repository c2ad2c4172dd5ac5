// Cancel requests are connections of their own: PostgreSQL takes them on a new one.
#include "lib/base/ensure.h"
#include "lib/db/pipeline_internal.h"

#include <stdlib.h>

struct db_cancel {
    struct loop *loop;
    PGcancelConn *request;
    struct loop_watch *watch;
    struct loop_timer *failed; // it could not even begin
    void (*done)(void *);
    void *data;
};

static void cancel_step(void *data, int)
{
    struct db_cancel *cancel = data;
    loop_watch_close(cancel->watch);
    cancel->watch = NULL;
    PostgresPollingStatusType wanted = PQcancelPoll(cancel->request);
    if (wanted == PGRES_POLLING_OK || wanted == PGRES_POLLING_FAILED)
        cancel->done(cancel->data);
    else
        cancel->watch = loop_watch_new(cancel->loop, PQcancelSocket(cancel->request),
                                       wanted == PGRES_POLLING_READING ? UV_READABLE : UV_WRITABLE,
                                       cancel_step, cancel);
}

static void cancel_failed(void *data)
{
    struct db_cancel *cancel = data;
    cancel->done(cancel->data);
}

struct db_cancel *db_cancel_new(struct loop *loop, PGconn *conn, void (*done)(void *), void *data)
{
    struct db_cancel *cancel = calloc(1, sizeof *cancel);
    ensure(cancel != NULL);
    cancel->loop = loop;
    cancel->done = done;
    cancel->data = data;
    cancel->request = PQcancelCreate(conn);
    ensure(cancel->request != NULL);
    if (PQcancelStart(cancel->request))
        cancel->watch =
            loop_watch_new(loop, PQcancelSocket(cancel->request), UV_WRITABLE, cancel_step, cancel);
    else
        cancel->failed = loop_after(loop, 0, cancel_failed, cancel);
    return cancel;
}

void db_cancel_free(struct db_cancel *cancel)
{
    if (!cancel)
        return;
    loop_watch_close(cancel->watch);
    loop_timer_stop(cancel->failed);
    PQcancelFinish(cancel->request);
    free(cancel);
}
