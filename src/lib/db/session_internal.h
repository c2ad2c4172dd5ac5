// The inside of a session, for the files that make it up: session.c, session_listen.c, check.c.
#pragma once

#include "lib/db/session.h"
#include "lib/db/target.h"
#include "lib/db/variant.h"

#include <libpq-fe.h>

enum { SESSION_MAX_CHANNELS = 16 };

enum session_transaction {
    SESSION_OUTSIDE,
    SESSION_INSIDE,
    SESSION_LOST, // inside, and the connection is gone: everything fails until it is ended
};

struct db_session {
    struct db_target *target;
    uint32_t statement_timeout_ms;
    PGconn *conn; // NULL: away
    enum session_transaction transaction;
    struct db_variants variants;
    char *channels[SESSION_MAX_CHANNELS];
    size_t channel_count;
    bool notified; // to be told by the next wait
};

// Connects where it is allowed and necessary.
MUST_CHECK enum err session_open(struct db_session *session, struct error *ret_error);
// Gives the connection up; inside a transaction that loses it.
void session_lose(struct db_session *session);
// Text without parameters, of one or more statements; what they return is thrown away. script: a
// mistake's line is told.
MUST_CHECK enum err session_execute(struct db_session *session, const char *sql, const char *what,
                                    bool script, uint32_t timeout_ms, struct error *ret_error);
MUST_CHECK enum err session_listen_all(struct db_session *session, struct error *ret_error);
