#include "lib/db/link.h"

#include "lib/base/ensure.h"
#include "lib/db/failure.h"

#include <stdlib.h>

enum { FIRST_BACKOFF_MS = 50, LAST_BACKOFF_MS = 1000 };

static void link_disconnect(struct db_link *link)
{
    // The watch first: libuv must let go of the socket before libpq closes it.
    loop_watch_close(link->watch);
    link->watch = NULL;
    loop_timer_stop(link->timer);
    link->timer = NULL;
    PQfinish(link->conn);
    link->conn = NULL;
}

static void link_connect(void *data);

static void link_retry_later(struct db_link *link)
{
    link_disconnect(link);
    link->state = DB_LINK_DOWN;
    link->timer = loop_after(link->loop, link->backoff_ms, link_connect, link);
    link->backoff_ms *= 2;
    if (link->backoff_ms > LAST_BACKOFF_MS)
        link->backoff_ms = LAST_BACKOFF_MS;
}

static void on_up_event(void *data, int events)
{
    struct db_link *link = data;
    bool whole = !(events & UV_WRITABLE) || db_link_flush(link);
    if (whole && !(events & UV_READABLE))
        return;
    // What came before the end is still to be read.
    link->ended = !whole || !PQconsumeInput(link->conn);
    link->events->readable(link->owner);
}

// A server that ends a connection nobody waits on says so in an error, which libpq hands on as a
// notice.
static void on_notice(void *data, const PGresult *result)
{
    struct db_link *link = data;
    if (db_failure_ends_connection(result)) {
        db_failure_of_result(result, "connection", NULL, &link->reason);
        link->leaving = true;
    }
}

void db_link_end_reading(struct db_link *link, bool idle)
{
    if (link->state != DB_LINK_UP)
        return;
    if (idle)
        PQfreemem(PQnotifies(link->conn)); // makes libpq look at what is there
    if (!link->leaving && !link->ended)
        return;
    struct error reason = link->reason;
    if (!link->leaving)
        db_failure_of_loss(link->conn, "connection", &reason);
    db_link_lose(link, &reason);
}

static void link_up(struct db_link *link)
{
    loop_timer_stop(link->timer);
    link->timer = NULL;
    link->backoff_ms = FIRST_BACKOFF_MS;
    link->state = DB_LINK_UP;
    ensure(PQsetnonblocking(link->conn, 1) == 0);
    link->watch = loop_watch_new(link->loop, PQsocket(link->conn), UV_READABLE, on_up_event, link);
    link->events->up(link->owner);
    db_link_end_reading(link, true);
}

static void link_await(struct db_link *link, PostgresPollingStatusType wanted);

static void on_connect_event(void *data, int)
{
    struct db_link *link = data;
    // PQconnectPoll may close the socket and open another one, even with the same number.
    loop_watch_close(link->watch);
    link->watch = NULL;
    PostgresPollingStatusType wanted = PQconnectPoll(link->conn);
    if (wanted == PGRES_POLLING_OK) {
        link_up(link);
    } else if (wanted == PGRES_POLLING_FAILED) {
        db_failure_of_connect(link->conn, &link->reason);
        link_retry_later(link);
    } else {
        link_await(link, wanted);
    }
}

static void link_await(struct db_link *link, PostgresPollingStatusType wanted)
{
    link->watch = loop_watch_new(link->loop, PQsocket(link->conn),
                                 wanted == PGRES_POLLING_READING ? UV_READABLE : UV_WRITABLE,
                                 on_connect_event, link);
}

static void on_connect_timeout(void *data)
{
    struct db_link *link = data;
    error_set(&link->reason, ERR_DATABASE_UNAVAILABLE,
              "08001: the server did not answer within %u ms",
              db_target_connect_timeout_ms(link->target));
    link_retry_later(link);
}

static void link_connect(void *data)
{
    struct db_link *link = data;
    loop_timer_stop(link->timer);
    link->timer = NULL;
    link->conn = db_target_start(link->target, &link->reason);
    if (!link->conn) {
        link_retry_later(link);
        return;
    }
    link->state = DB_LINK_CONNECTING;
    link->leaving = link->ended = false;
    PQsetNoticeReceiver(link->conn, on_notice, link);
    link->timer = loop_after(link->loop, db_target_connect_timeout_ms(link->target),
                             on_connect_timeout, link);
    link_await(link, PGRES_POLLING_WRITING);
}

void db_link_start(struct db_link *link, struct loop *loop, const struct db_target *target,
                   const struct db_link_events *events, void *owner)
{
    *link = (struct db_link){.loop = loop,
                             .target = target,
                             .events = events,
                             .owner = owner,
                             .backoff_ms = FIRST_BACKOFF_MS};
    error_set(&link->reason, ERR_DATABASE_UNAVAILABLE, "08001: not connected yet");
    link->timer = loop_after(loop, 0, link_connect, link);
}

void db_link_stop(struct db_link *link)
{
    link_disconnect(link);
    link->state = DB_LINK_STOPPED;
}

bool db_link_flush(struct db_link *link)
{
    int more = PQflush(link->conn);
    // When writing has to wait libpq reads, may find the end of the connection, and closes its
    // socket: the watch must not stay on a number that the next socket will have.
    if (PQstatus(link->conn) == CONNECTION_BAD) {
        loop_watch_close(link->watch);
        link->watch = NULL;
        return false;
    }
    loop_watch_change(link->watch, more > 0 ? UV_READABLE | UV_WRITABLE : UV_READABLE);
    return true;
}

void db_link_lose(struct db_link *link, const struct error *reason)
{
    link->reason = *reason;
    link_retry_later(link);
    link->events->down(link->owner);
}
