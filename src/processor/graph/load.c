#include "processor/graph/load.h"

#include "statements.gen.h"

// More than the maximum by one, so that it is seen that something is left out.
static enum err query(struct db_session *session, const struct db_statement *statement, size_t most,
                      struct db_rows **ret_rows, struct error *ret_error)
{
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(4096);
    const struct db_value values[] = {db_int(arena, (int64_t)most + 1)};
    return db_session_query(session, statement, values, ret_rows, ret_error);
}

static const char *id_of(const struct db_rows *rows, size_t row, int column, struct arena *arena)
{
    return arena_cstr(arena, db_rows_value_text(rows, row, column, arena));
}

static void add_nodes(struct graph_snapshot *snapshot, const struct db_rows *rows,
                      struct arena *scratch)
{
    int kind = db_rows_column(rows, "kind"), id = db_rows_column(rows, "id");
    int label = db_rows_column(rows, "label"), as_of = db_rows_column(rows, "as_of");
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        graph_snapshot_add_node(snapshot, (enum graph_kind)db_rows_int(rows, i, kind),
                                id_of(rows, i, id, scratch), db_rows_text(rows, i, label));
        if (i == 0)
            snapshot->as_of = id_of(rows, i, as_of, snapshot->arena);
        arena_reset(scratch);
    }
}

static void add_links(struct graph_snapshot *snapshot, const struct db_rows *rows,
                      struct arena *scratch)
{
    int entity = db_rows_column(rows, "entity_id"), event = db_rows_column(rows, "event_id");
    int roles = db_rows_column(rows, "roles");
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        graph_snapshot_add_link(snapshot, id_of(rows, i, entity, scratch),
                                id_of(rows, i, event, scratch),
                                (unsigned)db_rows_int(rows, i, roles));
        arena_reset(scratch);
    }
}

enum err graph_load(struct db_session *session, const struct graph_limits *limits,
                    struct graph_snapshot **ret_snapshot, struct error *ret_error)
{
    struct arena *scratch CLEANUP(arena_free_cleanup) = arena_new(64 * 1024);
    struct db_rows *nodes CLEANUP(db_rows_free_cleanup) = NULL;
    struct db_rows *links CLEANUP(db_rows_free_cleanup) = NULL;
    enum err err = query(session, &sql_graph_snapshot_nodes, limits->nodes, &nodes, ret_error);
    if (!err)
        err = query(session, &sql_graph_snapshot_links, limits->links, &links, ret_error);
    if (err)
        return err;
    struct graph_snapshot *snapshot = graph_snapshot_new(limits);
    add_nodes(snapshot, nodes, scratch);
    add_links(snapshot, links, scratch);
    err = graph_snapshot_finish(snapshot, ret_error);
    if (err)
        graph_snapshot_free(snapshot);
    else
        *ret_snapshot = snapshot;
    return err;
}
