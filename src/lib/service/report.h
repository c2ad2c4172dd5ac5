// Every process with a database leaves a report of its metrics there, so that one dashboard can show all of them.
#pragma once

#include "lib/db/pipeline.h"
#include "lib/loop/loop.h"

struct service_report;

// Reports now and every two seconds until service_report_stop. One a process.
struct service_report *service_report_start(struct loop *loop, struct db_pipeline *db,
                                            const char *service);
void service_report_stop(
    struct service_report *report); // on the loop's thread, or after it; NULL is fine
