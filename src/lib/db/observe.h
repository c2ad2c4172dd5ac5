// What statements take, told to one observer of the process: for metrics and the log of slow ones. And the request on whose
// behalf a thread works, so that the observer can name it.
#pragma once

#include "lib/base/error.h"

#include <stdint.h>

enum { DB_REQUEST_ID_BYTES = 48 }; // longer ones are cut

struct db_observation {
    const char *statement; // its name, "events/list_events"; lives as long as the program
    uint64_t duration_ns;  // from the call to the answer: with the time it waited for a connection
    enum err error;
    const char *request_id; // "" when unknown; only during the call
};
typedef void db_observer(const struct db_observation *observation);

// Once, before threads start; NULL: nobody. Called on the thread that asked, after every statement (not for begin, commit
// and scripts).
void db_observe(db_observer *observer);

// The request that this thread works for, until the next call; NULL: none. A pipeline's callbacks run with the id that
// was set when they asked, so that what they ask in turn has it too.
void db_set_request(const char *request_id);
const char *db_request(void); // "" when there is none

// For the files of this folder.
void db_tell_observer(const char *statement, uint64_t started_ns, enum err error,
                      const char *request_id);
