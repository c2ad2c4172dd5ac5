// Ad-hoc Cypher: which columns a query returns, and what AGE answers, as JSON. Nothing here decides what a query may do;
// that is sql/migrations/0009_graph_reads.sql.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/buffer.h"
#include "lib/base/error.h"
#include "lib/base/slice.h"
#include "lib/db/session.h"

enum { CYPHER_MAX_COLUMNS = 64 };

// The columns of the last RETURN clause that is not inside brackets: their names (after AS, or the expression as it is
// written; made different with _2, _3 …). 0 columns: there is no such clause, or it returns *. More than
// CYPHER_MAX_COLUMNS: SIZE_MAX.
size_t cypher_columns(struct arena *arena, struct slice query, struct slice *ret_names);

// AGE's notation of a value as JSON: marks of types (::vertex, ::numeric …) fall away; infinities and NaN become null.
void cypher_append_json(struct buffer *out, struct slice agtype);

// Runs a query in the session, which nothing else uses, and appends {"columns":…,"data":…,"truncated":…}. Errors:
// ERR_INVALID_QUERY with AGE's reason, ERR_FORBIDDEN when it would write, ERR_TIMEOUT, ERR_DATABASE_UNAVAILABLE.
struct cypher_question {
    struct slice query, params; // params: a JSON object
    const struct slice *names;
    size_t columns;
    int64_t max_rows;
};
MUST_CHECK enum err cypher_run(struct db_session *session, struct arena *arena,
                               const struct cypher_question *question, struct buffer *out,
                               struct error *ret_error);
