// What changes, told to those who follow it. One feed a loop: one reader follows the table of changes (woken by NOTIFY,
// and by itself now and then), keeps the latest in a ring, and hands each to all subscribers. A subscriber that wants to
// go on further back reads pages of its own until it meets the ring; then it stays with the others. Either way each
// change comes once, in order (sql/migrations/0004_changes.sql says why).
#pragma once

#include "lib/feed/seats.h"
#include "lib/route/route.h"

struct feed;

// Listens on the pipeline at once. seats: of all feeds of the process; outlives them.
struct feed *feed_new(struct loop *loop, struct db_pipeline *db, struct feed_seats *seats);
// Ends the streams. After db_pipeline_free: no answer may come any more.
void feed_free(struct feed *feed); // NULL is fine

// The parameters that the two below read: types, since; list also limit.
enum { FEED_STREAM_PARAMS = 2, FEED_LIST_PARAMS = 3 };
extern const struct route_param feed_params[FEED_LIST_PARAMS]; // types, since, limit

// Answers with changes as server-sent events (`event:` the type, `id:` the position), from `since` or Last-Event-ID on,
// or from now on. A position that is too old, or is not of this database, is 410. group: of feed_broadcast, 0: none.
void feed_stream_changes(struct feed *feed, struct route_call *call, unsigned group);
// Answers {"changes":[…],"next_since":…,"has_more":…}. since=now gives no changes and where now is.
void feed_list_changes(struct feed *feed, struct route_call *call);

// Sends an event without id to the subscribers of a group, after what they have got so far.
void feed_broadcast(struct feed *feed, unsigned group, struct slice type, struct slice data);
size_t feed_group_size(const struct feed *feed, unsigned group);

// Answers with the state of one thing as server-sent events, from the route's statement: at once, then whenever it has
// changed (at most twice a second), as event `progress`; at last as event `completed`, when the hidden column _done
// is true. No row: 404.
void feed_watch(struct feed *feed, struct route_call *call);
