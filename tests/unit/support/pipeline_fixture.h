// A pipeline on a loop and a database of its own, and queries of which it counts the answers.
#pragma once

#include "lib/db/pipeline.h"
#include "lib/db/session.h"
#include "lib/loop/loop.h"

extern struct loop *loop;
extern struct db_pipeline *pipeline;
extern struct db_session *session; // to look at the database from outside

// One query and what became of it.
struct ask {
    int64_t number, value; // value: the first column of the first row
    int answers;
    enum err code;
    char detail[256];
};

extern size_t expected, answered;

// Of each test: cmocka_unit_test_setup_teardown.
int pipeline_setup(void **state);
int pipeline_teardown(void **state);
#define PIPELINE_TEST(name) cmocka_unit_test_setup_teardown(name, pipeline_setup, pipeline_teardown)

void open_pipeline(const struct db_pipeline_options *options);
void close_pipeline(void);
void reopen(const struct db_pipeline_options *options);

void query(struct ask *ask, const char *sql);
// With one parameter, :a.
void query_with(struct ask *ask, const char *sql, const char *type, int64_t value);
int64_t query_now(const char *sql); // and waits for its value
// One answer, of this code (ERR_OK too), whose detail contains the text.
void expect(const struct ask *ask, enum err code, const char *detail);

// For answers of a test's own: on_answer counts them too.
void on_answer(void *data, const struct db_rows *rows, const struct error *error);
void count_answer(void);
void run_until_answered(size_t count);
// Runs the loop until a query from outside answers with true.
void run_until(const char *sql);

#define OURS "application_name = 'pipeline_test' and pid <> pg_backend_pid()"
void terminate_all(void);
