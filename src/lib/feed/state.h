// The inside of a feed: feed.c is the reader, subscriber.c those who follow all changes, watch.c those who look at one
// thing.
#pragma once

#include "lib/base/digest.h"

#include "lib/feed/feed.h"
#include "lib/feed/position.h"
#include "lib/feed/seats.h"
#include "lib/http/events.h"

#include <sys/queue.h>

enum {
    FEED_PAGE =
        200, // changes read at once; as text some 80 KiB, a third of what may wait for a reader
    FEED_RING = 1024, // changes that are kept for those who come back soon
    FEED_RING_BYTES = 4 << 20,
    FEED_TICK_MS = 100, // while somebody follows
    FEED_FALLBACK_MS =
        2000, // looks at the table at least so often, should a notification have been lost
    FEED_WATCH_MS = 500, // what is watched is looked at no more often
    // Streams of one feed; what addresses may not take is left for keys.
    FEED_MAX_GUESTS = 1024,
    FEED_MAX_ANONYMOUS = 512,
    // Of one client, over all feeds of the process.
    FEED_MAX_OF_ADDRESS = 16,
    FEED_MAX_OF_KEY = 64,
};

// One who follows, as a subscriber or with a watch.
struct guest {
    TAILQ_ENTRY(guest) link;
    struct route_call *call;
    const char *subject, *key_id;       // of the call; without a key ""
    struct feed_seat *seat;             // of a client that has a bound
    void (*expel)(struct guest *guest); // its key is not good any more; frees it or will
};

struct feed_entry {
    struct feed_position position;
    struct slice type, text; // heap, one piece; text is the event as it is sent
};

struct subscriber {
    TAILQ_ENTRY(subscriber) link;
    struct guest guest;
    struct feed *feed;
    struct route_call
        *call; // until the stream has begun: to answer; its arena lives as long as the stream
    struct http_stream *stream;
    struct feed_position position; // everything up to here has been sent, or was not wanted
    struct slice *types;           // in the call's arena; none: all
    size_t type_count;
    unsigned group;
    bool from_now; // without a position
    bool live;     // with the reader; otherwise it reads pages of its own
    bool asking;   // a page is under way
    bool closed;   // the client has gone meanwhile
};

struct watch {
    TAILQ_ENTRY(watch) link;
    struct guest guest;
    struct feed *feed;
    // Its own, because it may outlive the call by an answer of the database.
    const struct route *route;
    char id[UUID_TEXT];
    struct route_call *call;
    struct http_stream *stream;
    struct db_value *values;
    uint64_t shown;    // hash of what was sent last
    uint64_t asked_ms; // when it was last looked at, for this one or for others
    bool asking, again, closed;
};

struct feed {
    struct loop *loop;
    struct db_pipeline *db;
    struct feed_seats *seats; // of the process
    struct loop_timer *slow, *fast;
    TAILQ_HEAD(, subscriber) subscribers;
    TAILQ_HEAD(, watch) watches;
    TAILQ_HEAD(, guest) guests; // all of them
    size_t subscriber_count, watch_count, guest_count;
    size_t key_checks; // under way
    bool check_keys;   // keys have changed: look at those of the guests at the next tick

    // The reader; it rests while nobody is live.
    bool active, asking, again;
    bool behind;                // the last page was full, or changes wait for older transactions
    struct feed_position head;  // everything up to here is in the ring, or was before it
    struct feed_position start; // the ring holds what came after it
    struct feed_entry ring[FEED_RING];
    size_t first, count, bytes;
    uint64_t life,
        asked_life; // counts activations: a page that was asked for before the last one is nobody's
};

// Somebody came or went: timers run, and the reader reads, only while there is somebody.
void feed_adjust(struct feed *feed);
void feed_ask(struct feed *feed);
// The reader begins behind a position.
void feed_activate(struct feed *feed, struct feed_position position);

// Asks for a page of changes behind a position.
void feed_query_page(struct feed *feed, struct arena *arena, struct feed_position position,
                     const struct slice *types, size_t type_count, size_t limit, db_done *done,
                     void *data);
// What a page says besides its changes.
struct feed_page {
    size_t count; // of changes; they begin at row 0
    struct feed_position edge, bottom;
    double lag_s;
};
struct feed_page feed_read_page(const struct db_rows *rows);
struct feed_position feed_row_position(const struct db_rows *rows, size_t row);
// Appends the change of a row as an event.
void feed_render_row(const struct db_rows *rows, size_t row, struct buffer *out);

void subscriber_take(struct subscriber *subscriber, const struct feed_entry *entry);
void subscriber_tick(struct subscriber *subscriber);
void subscriber_free(struct subscriber *subscriber);
void watch_tick(struct watch *watch);
void watch_free(struct watch *watch);

// Takes a place for a stream. False: there is none for this client, and it is answered (429, 503).
bool guest_enter(struct guest *guest, struct feed *feed, struct route_call *call,
                 void (*expel)(struct guest *guest));
void guest_leave(struct feed *feed, struct guest *guest);
// Looks the keys of all guests up again, and lets go those whose key was revoked, has expired or may no longer do this.
void guest_check_keys(struct feed *feed);
