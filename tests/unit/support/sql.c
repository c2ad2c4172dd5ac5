#include "support/sql.h"

#include "lib/base/ensure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MAX_STATEMENTS = 4096 };

struct made {
    struct db_statement statement;
    struct db_fragment fragment;
    struct db_param params[8];
    char names[8][2];
    char *text, *types;
};

// Reachable until the end, so that no leak is reported.
static struct made *made[MAX_STATEMENTS];
static size_t made_count;

static struct made *make(const char *text, const char *types)
{
    struct made *m = calloc(1, sizeof *m);
    ensure(m != NULL && made_count < MAX_STATEMENTS);
    m->text = strdup(text);
    m->types = strdup(types);
    m->fragment.text = m->text;
    m->statement = (struct db_statement){
        .name = m->text, .params = m->params, .fragments = &m->fragment, .fragment_count = 1};
    char *rest = m->types;
    for (char *type; *types && (type = strsep(&rest, " "));) {
        size_t i = m->statement.param_count++;
        ensure(i < ARRAY_LEN(m->params));
        m->names[i][0] = (char)('a' + i);
        m->params[i] = (struct db_param){.name = m->names[i], .type = type};
    }
    return made[made_count++] = m;
}

const struct db_statement *sql_statement(const char *text, const char *types)
{
    for (size_t i = 0; i < made_count; i++)
        if (strcmp(made[i]->text, text) == 0)
            return &made[i]->statement;
    return &make(text, types)->statement;
}

struct db_rows *sql_rows(struct db_session *session, const char *text)
{
    struct db_rows *rows;
    struct error error = {0};
    if (db_session_query(session, sql_statement(text, ""), NULL, &rows, &error) != ERR_OK)
        fail_msg("%s: %s", text, error.detail);
    return rows;
}

void sql_run(struct db_session *session, const char *text)
{
    struct error error = {0};
    if (db_session_script(session, text, &error) != ERR_OK)
        fail_msg("%s: %s", text, error.detail);
}

int64_t sql_int(struct db_session *session, const char *text)
{
    struct db_rows *rows = sql_rows(session, text);
    assert_int_equal(db_rows_count(rows), 1);
    int64_t value = db_rows_int(rows, 0, 0);
    db_rows_free(rows);
    return value;
}
