// Notifications for blocking sessions.
#include "lib/base/clock.h"
#include "lib/base/ensure.h"
#include "lib/db/failure.h"
#include "lib/db/session_internal.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum err listen_one(struct db_session *session, const char *channel, struct error *ret_error)
{
    char *quoted = PQescapeIdentifier(session->conn, channel, strlen(channel));
    ensure(quoted != NULL); // channels are names of ours
    char *sql;
    ensure(asprintf(&sql, "listen %s", quoted) >= 0);
    PQfreemem(quoted);
    enum err err =
        session_execute(session, sql, "listen", false, session->statement_timeout_ms, ret_error);
    free(sql);
    return err;
}

enum err session_listen_all(struct db_session *session, struct error *ret_error)
{
    for (size_t i = 0; i < session->channel_count; i++) {
        enum err err = listen_one(session, session->channels[i], ret_error);
        if (err) {
            session_lose(session);
            return err;
        }
        session->notified = true; // whatever came while nobody listened
    }
    return ERR_OK;
}

enum err db_session_listen(struct db_session *session, const char *channel, struct error *ret_error)
{
    ensure(session->transaction == SESSION_OUTSIDE);
    for (size_t i = 0; i < session->channel_count; i++)
        if (strcmp(session->channels[i], channel) == 0)
            return session_open(session, ret_error);
    ensure(session->channel_count < SESSION_MAX_CHANNELS);
    enum err err = session_open(session, ret_error);
    char *name = strdup(channel);
    ensure(name != NULL);
    session->channels[session->channel_count++] = name; // from here on a reconnect subscribes too
    if (err)
        return err;
    err = listen_one(session, channel, ret_error);
    if (err)
        session_lose(session);
    return err;
}

static bool take_notifications(struct db_session *session)
{
    bool any = session->notified;
    session->notified = false;
    for (PGnotify *notify; (notify = PQnotifies(session->conn)); any = true)
        PQfreemem(notify);
    return any;
}

enum err db_session_wait(struct db_session *session, int wake_fd, uint32_t timeout_ms,
                         bool *ret_notified, struct error *ret_error)
{
    ensure(session->transaction == SESSION_OUTSIDE);
    *ret_notified = false;
    enum err err = session_open(session, ret_error);
    uint64_t deadline = clock_monotonic_ms() + timeout_ms;
    while (!err) {
        *ret_notified = take_notifications(session);
        uint64_t now = clock_monotonic_ms();
        if (*ret_notified || now >= deadline)
            return ERR_OK;
        struct pollfd fds[] = {{PQsocket(session->conn), POLLIN, 0}, {wake_fd, POLLIN, 0}};
        int ready = poll(fds, ARRAY_LEN(fds), (int)(deadline - now));
        ensure(ready >= 0 || errno == EINTR);
        if (ready <= 0)
            continue;
        if (fds[0].revents && !PQconsumeInput(session->conn)) {
            err = db_failure_of_loss(session->conn, "wait", ret_error);
            session_lose(session);
        } else if (fds[1].revents) {
            *ret_notified = take_notifications(session);
            return ERR_OK;
        }
    }
    return err;
}
