// What a service measures of itself besides requests: statements (and the log of slow ones), connections to the database,
// the queue. Of lib/service only.
#pragma once

#include "lib/config/config.h"
#include "lib/db/pipeline.h"
#include "lib/loop/loop.h"

// Once, before threads start.
void service_observe_statements(const struct config *config);

// Counts the connections of one loop; with_queue: and looks at the queue now and then (one loop of a process).
struct service_gauges;
struct service_gauges *service_gauges_start(struct loop *loop, struct db_pipeline *db,
                                            bool with_queue);
void service_gauges_stop(struct service_gauges *gauges); // after db_pipeline_free; NULL is fine
