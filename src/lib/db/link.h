// One asynchronous connection that keeps itself up: connects, tells its owner when data has
// arrived, and connects again with back-off when it is lost. Knows nothing of queries; those are
// its owner's (pipeline_connection.c, pipeline_listen.c).
#pragma once

#include "lib/db/target.h"
#include "lib/loop/watch.h"

#include <libpq-fe.h>

enum db_link_state { DB_LINK_DOWN, DB_LINK_CONNECTING, DB_LINK_UP, DB_LINK_STOPPED };

// Each is the last thing that happens in a call into the link: the owner may stop it there.
struct db_link_events {
    void (*up)(void *owner);       // conn is non-blocking and idle
    void (*readable)(void *owner); // input was consumed; after reading, db_link_end_reading
    void (*down)(void *owner);     // an established connection is gone; reason says why
};

struct db_link {
    struct loop *loop;
    const struct db_target *target;
    const struct db_link_events *events;
    void *owner;
    enum db_link_state state;
    PGconn *conn; // NULL unless connecting or up
    struct loop_watch *watch;
    struct loop_timer *timer; // while connecting: its limit; while down: the next attempt
    uint32_t backoff_ms;
    struct error reason; // of the last failure
    bool leaving;        // the server has said that it ends this connection; reason says why
    bool ended;          // it has: what can be read now is the last
};

// The target lives longer than the link. Begins to connect in the next turn.
void db_link_start(struct db_link *link, struct loop *loop, const struct db_target *target,
                   const struct db_link_events *events, void *owner);
void db_link_stop(struct db_link *link); // for good; no event any more
// Writes what libpq has gathered, now and when the socket takes more. False: the connection is
// broken, and no event will tell; the owner is to call db_link_lose soon.
MUST_CHECK bool db_link_flush(struct db_link *link);
// After the owner has read what there is: loses the connection when that was the last. idle: no
// answer is due, so that what the server says now is its farewell; to be noticed before something
// is sent there.
void db_link_end_reading(struct db_link *link, bool idle);
// Gives an established connection up: down, then a new attempt.
void db_link_lose(struct db_link *link, const struct error *reason);
