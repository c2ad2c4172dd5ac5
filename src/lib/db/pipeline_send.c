// Sending: which queries share a Sync, and what else goes out with them.
//
// PostgreSQL writes the answers of a group out when the group ends, or its buffer is full. Queries
// of some microseconds gain much from that (a lookup costs less than half), and all of them lose
// when one of the group takes long. So what a statement costs is measured, group by group: one that
// takes long goes out alone, and a group that took much longer than it should makes its members go
// out alone the next time, to see which one it was. A busy machine makes everything look slow, so
// it is the least that a statement has taken that counts, and that is forgotten slowly.
#include "lib/base/clock.h"
#include "lib/base/ensure.h"
#include "lib/db/pipeline_internal.h"

enum {
    MAX_SQL_BYTES = 4 * 1024 * 1024,
    UNKNOWN_COST_US = 1000,
    LONE_COST_US = 2000,    // a statement that takes this long gains nothing from company
    GROUP_SLACK_US = 20000, // a group may take twice what was expected, and this
    FORGETTING = 64,        // the least time moves by one part in this many towards a longer one
};

static uint64_t now_us(void)
{
    return clock_monotonic_ns() / 1000;
}

static void append_sent(struct db_connection *connection, struct query *query)
{
    if (!connection->sent.first) {
        connection->first_ms = pipeline_now_ms(connection->pipeline);
        connection->group_began_us = now_us();
    }
    query_list_append(&connection->sent, query);
    connection->load_us += query->cost_us;
}

static bool send_sync(struct db_connection *connection, struct query *last)
{
    connection->group_open = false;
    last->syncs = true;
    last->group = connection->group++;
    last->group_cost_us = connection->group_cost_us;
    connection->group_cost_us = 0;
    connection->pipeline->counters.syncs++;
    return PQsendPipelineSync(connection->link.conn);
}

static bool end_group(struct db_connection *connection)
{
    return !connection->group_open || send_sync(connection, connection->sent.last);
}

// The Close of a surplus statement and the Parse of a new one go out with the first query that
// needs it, in a group of its own: then nothing but that Parse can be the reason when the query is
// skipped.
static bool send_prepare(struct db_connection *connection, struct query *query,
                         enum query_stage *ret_stage, struct db_variant **ret_variant)
{
    PGconn *conn = connection->link.conn;
    if (!end_group(connection))
        return false;
    struct db_variant *surplus = db_variants_surplus(&connection->variants);
    bool closes = surplus != NULL;
    if (closes) {
        if (!PQsendClosePrepared(conn, surplus->name))
            return false;
        db_variants_drop(&connection->variants, surplus);
    }
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(MAX_SQL_BYTES);
    char *sql;
    *ret_variant =
        db_variants_add(&connection->variants, query->statement, query->mask, arena, &sql);

    *ret_stage = closes ? QUERY_CLOSING : QUERY_PREPARING;
    return PQsendPrepare(conn, (*ret_variant)->name, sql, 0, NULL);
}

static bool goes_alone(const struct query *query, struct db_variant *variant,
                       enum query_stage stage)
{
    bool suspected = variant->suspected;
    variant->suspected = false;
    return stage != QUERY_EXECUTING || query->alone || !variant->reads || suspected ||
           variant->cost_us >= LONE_COST_US;
}

static bool send_query(struct db_connection *connection, struct query *query)
{
    query->syncs = query->again = false;
    struct db_variant *variant =
        db_variants_find(&connection->variants, query->statement, query->mask);
    enum query_stage stage = QUERY_EXECUTING;
    if (!variant && !send_prepare(connection, query, &stage, &variant))
        return false;
    bool alone = goes_alone(query, variant, stage);
    const char *bound[DB_MAX_PARAMS];
    db_variant_bind(variant, query->texts, bound);
    bool sent = !alone || end_group(connection);
    sent = sent && PQsendQueryPrepared(connection->link.conn, variant->name, variant->param_count,
                                       bound, NULL, NULL, 1);
    if (!sent)
        return false;
    query->stage = stage;
    query->serial = variant->serial;
    query->reads = variant->reads;
    query->cost_us = variant->cost_us ? variant->cost_us : UNKNOWN_COST_US;
    query->lone = alone;
    variant->group = connection->group;
    connection->group_open = true;
    connection->group_cost_us += query->cost_us;
    append_sent(connection, query);
    return !alone || send_sync(connection, query);
}

void connection_send(struct db_connection *connection, struct query *query)
{
    query->sends++;
    connection->dirty = true;
    if (send_query(connection, query))
        return;
    // Rare (the connection broke while writing). What was sent is sorted out when it is given up,
    // at the end of the turn.
    connection->broken = true;
    if (query->stage == QUERY_UNSENT)
        append_sent(connection, query);
    pipeline_wake(connection->pipeline);
}

void connection_end_turn(struct db_connection *connection)
{
    if (!connection->dirty || !connection_is_up(connection))
        return;
    connection->dirty = false;
    if (end_group(connection) && db_link_flush(&connection->link))
        return;
    connection->broken = true;
    pipeline_wake(connection->pipeline);
}

static void suspect_group(struct db_connection *connection, uint64_t group)
{
    for (struct db_variant *v = connection->variants.newest; v; v = v->older)
        if (v->group >= group)
            v->suspected = true;
}

static void learn_cost(struct db_variant *variant, int64_t took_us)
{
    if (variant->cost_us == 0 || took_us < variant->cost_us)
        variant->cost_us = took_us > 0 ? took_us : 1;
    else
        variant->cost_us += (took_us - variant->cost_us) / FORGETTING;
}

void connection_measure_group(struct db_connection *connection, const struct query *last)
{
    uint64_t now = now_us();
    int64_t took_us = (int64_t)(now - connection->group_began_us);
    connection->group_began_us = now;
    if (!last->lone && took_us > 2 * last->group_cost_us + GROUP_SLACK_US) {
        suspect_group(connection, last->group);
        return;
    }
    struct db_variant *variant =
        db_variants_find(&connection->variants, last->statement, last->mask);
    if (variant) // of a group each has its part, as was expected
        learn_cost(variant, took_us * last->cost_us / last->group_cost_us);
}
