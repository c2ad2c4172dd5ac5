// Where and how to connect: db_options as libpq's parameters. Shared by the blocking and the
// asynchronous side.
#pragma once

#include "lib/base/error.h"
#include "lib/db/session.h"

#include <libpq-fe.h>

struct db_target;

struct db_target *db_target_new(const struct db_options *options); // copies all of it
void db_target_free(struct db_target *target);

// Begins to connect (continue with PQconnectPoll, as after PGRES_POLLING_WRITING). Notices are
// silenced. NULL with ERR_CONFIG_INVALID when the address cannot be read, without repeating it (it
// may hold a password), and with ERR_DATABASE_UNAVAILABLE when it failed at once. Names are
// resolved here, which blocks.
PGconn *db_target_start(const struct db_target *target, struct error *ret_error);
// How long that may take in all; several hosts are tried one after the other.
uint32_t db_target_connect_timeout_ms(const struct db_target *target);
// Connects and waits for it.
MUST_CHECK enum err db_target_open(const struct db_target *target, PGconn **ret_conn,
                                   struct error *ret_error);
