#include "lib/db/observe.h"

#include "lib/base/clock.h"

#include <stdio.h>

static db_observer *the_observer;
static thread_local char current_request[DB_REQUEST_ID_BYTES];

void db_observe(db_observer *observer)
{
    the_observer = observer;
}

void db_set_request(const char *request_id)
{
    snprintf(current_request, sizeof current_request, "%s", request_id ? request_id : "");
}

const char *db_request(void)
{
    return current_request;
}

void db_tell_observer(const char *statement, uint64_t started_ns, enum err error,
                      const char *request_id)
{
    if (!the_observer)
        return;
    const struct db_observation observation = {
        .statement = statement,
        .duration_ns = clock_monotonic_ns() - started_ns,
        .error = error,
        .request_id = request_id,
    };
    the_observer(&observation);
}
