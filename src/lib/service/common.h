// What every service answers besides its own routes, and what it notes of every request. Of lib/service only.
#pragma once

#include "lib/http/server.h"
#include "lib/service/service.h"

extern const struct route service_common_routes[];
extern const size_t service_common_route_count;

// http_server_options.began
void service_note_begun(void *context);
// http_observer: one log line and one measurement for every answered request.
void service_observe(void *context, const struct http_exchange *exchange, int status,
                     size_t body_bytes);
