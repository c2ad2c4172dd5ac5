// From libpq's result to db_rows: for the files that run statements.
#pragma once

#include "lib/db/rows.h"

#include <libpq-fe.h>

// Takes a successful result in binary form over.
struct db_rows *db_rows_from_result(PGresult *result);
