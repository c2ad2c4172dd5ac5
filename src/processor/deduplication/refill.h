// Keys for rows that were made without them: by an older version of this program, or by hand.
#pragma once

#include "lib/db/session.h"

// Until every person and company can be found by its keys. Each step is a transaction of its own; several sessions may do
// it at once. ret_count: rows that got keys.
MUST_CHECK enum err keys_refill(struct db_session *session, int64_t *ret_count,
                                struct error *ret_error);
