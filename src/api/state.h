// What the routes of the API need besides the database: the rules for addresses, shared by all loops, and those who wait
// for an event, of one loop.
#pragma once

#include "api/scrape/luma_url.h"
#include "lib/config/config.h"
#include "lib/feed/feed.h"
#include "lib/route/route.h"

struct api_state; // of the process: rules, scrape workers
struct api_loop;  // of one loop; route_call.service

// service.start, .stop, .loop_start, .loop_stop
enum err api_state_new(const struct config *config, void **ret_state, struct error *ret_error);
void api_state_free(void *state);
void *api_loop_new(void *state, struct loop *loop, struct db_pipeline *db);
void api_loop_free(void *loop_state);

const struct luma_url_rules *api_rules(const struct route_call *call);
struct feed *api_feed(const struct route_call *call);

// Answers the call with the event as soon as no work on it is left, or with `accepted` (202) when timeout_ms have passed.
// accepted must live in the call's arena. Bounded: with too many waiting it answers with `accepted` at once.
void api_wait_for_event(struct route_call *call, const char *event_id, uint32_t timeout_ms,
                        struct slice accepted);
