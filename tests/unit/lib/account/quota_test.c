// Limits as one loop sees them, against a table of windows and clocks of the test's own.
#define db_pipeline_query fake_query
#define clock_monotonic_ms fake_monotonic_ms
#define clock_unix_ms fake_unix_ms
#include "lib/account/quota.c"
#include "lib/db/rows_result.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { WINDOW_S = 60, WINDOW_MS = WINDOW_S * 1000, INT8 = 20 };

static uint64_t monotonic_ms;
static int64_t unix_ms;
static struct quota_book *book;

uint64_t fake_monotonic_ms(void)
{
    return monotonic_ms;
}

int64_t fake_unix_ms(void)
{
    return unix_ms;
}

// The questions that wait for an answer.
static struct question {
    char subject[SUBJECT_TEXT];
    int64_t needed, wanted;
    db_done *done;
    void *data;
} questions[16];
static size_t question_count, asked;

static int64_t number(struct slice text)
{
    int64_t value = 0;
    for (size_t i = 0; i < text.len; i++)
        value = value * 10 + text.ptr[i] - '0';
    return value;
}

void fake_query(struct db_pipeline *pipeline, const struct db_statement *statement,
                const struct db_value *values, db_done *done, void *data)
{
    assert_null(pipeline);
    assert_ptr_equal(statement, &sql_accounts_take_quota);
    assert_true(question_count < ARRAY_LEN(questions));
    struct question *question = &questions[question_count++];
    *question = (struct question){.needed = number(values[4].text),
                                  .wanted = number(values[5].text),
                                  .done = done,
                                  .data = data};
    memcpy(question->subject, values[0].text.ptr, values[0].text.len);
    asked++;
}

static struct question next_question(void)
{
    assert_true(question_count > 0);
    struct question question = questions[0];
    memmove(&questions[0], &questions[1], --question_count * sizeof questions[0]);
    return question;
}

static void set_value(PGresult *result, int column, int64_t value)
{
    char bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)((uint64_t)value >> (56 - 8 * i));
    assert_true(PQsetvalue(result, 0, column, bytes, sizeof bytes));
}

static void answer_question(int64_t granted, int64_t used, int64_t reset_ms)
{
    static char names[][12] = {"granted", "used", "reset_ms"}; // which libpq copies
    const int64_t numbers[] = {granted, used, reset_ms};
    struct question question = next_question();
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    PGresAttDesc columns[3] = {0};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        columns[i] = (PGresAttDesc){.name = names[i], .format = 1, .typid = INT8, .typlen = 8};
    assert_true(PQsetResultAttrs(result, ARRAY_LEN(names), columns));
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        set_value(result, (int)i, numbers[i]);
    struct db_rows *rows = db_rows_from_result(result);
    question.done(question.data, rows, NULL);
    db_rows_free(rows);
}

// What became of the requests.
static size_t allowed, refused, failed;
static struct quota_state last;
static enum err last_error;

static void note(void *data, const struct quota_state *state, const struct error *error)
{
    (void)data;
    allowed += state && state->allowed;
    refused += state && !state->allowed;
    failed += error != NULL;
    if (state)
        last = *state;
    last_error = error ? error->code : ERR_OK;
}

static void take(const char *subject, int64_t limit, int64_t amount)
{
    static const char name[] = "requests";
    const struct quota_policy policy = {name, limit, WINDOW_S};
    quota_take(book, slice_from_cstr(subject), &policy, amount, note, NULL);
}

static bool is_spent(const char *subject, int64_t limit)
{
    const struct quota_policy policy = {"requests", limit, WINDOW_S};
    struct quota_state state;
    return quota_is_spent(book, slice_from_cstr(subject), &policy, &state);
}

static int set_up(void **state)
{
    (void)state;
    monotonic_ms = 5000000;
    unix_ms = INT64_C(1800000000) * 1000; // a multiple of the window
    question_count = asked = allowed = refused = failed = 0;
    book = quota_book_new(NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    quota_book_free(book);
    return 0;
}

static void portions_are_used_up_before_more_is_asked(void **state)
{
    (void)state;
    take("a", 100, 1);
    assert_int_equal(questions[0].needed, 1);
    assert_int_equal(questions[0].wanted, 10); // a tenth of what is left
    answer_question(10, 10, WINDOW_MS);
    for (size_t i = 1; i < 10; i++)
        take("a", 100, 1);
    assert_int_equal(allowed, 10);
    assert_int_equal(asked, 1);
    assert_int_equal(last.remaining, 90);
    take("a", 100, 1);
    assert_int_equal(asked, 2);
    answer_question(9, 100, WINDOW_MS); // others took the rest
    assert_int_equal(allowed, 11);
    for (size_t i = 0; i < 8; i++)
        take("a", 100, 1);
    assert_int_equal(allowed, 19);
    assert_true(is_spent("a", 100));
    take("a", 100, 1); // refused without asking
    assert_int_equal(refused, 1);
    assert_int_equal(asked, 2);
}

static void all_or_nothing(void **state)
{
    (void)state;
    take("a", 10, 1);
    answer_question(1, 8, WINDOW_MS);
    take("a", 10, 5); // two are left
    assert_int_equal(refused, 1);
    take("a", 10, 2);
    assert_int_equal(questions[0].needed, 2);
    answer_question(0, 9, WINDOW_MS); // somebody was faster
    assert_int_equal(refused, 2);
    assert_false(is_spent("a", 10)); // one is left
}

static void those_who_wait_keep_their_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < MAX_WAITING; i++)
        take("a", 100000, 1);
    take("a", 100000, 1);
    assert_int_equal(failed, 1);
    assert_int_equal(last_error, ERR_OVERLOADED);
    assert_int_equal(asked, 1); // one question for all of them
    answer_question(50, 50, WINDOW_MS);
    assert_int_equal(allowed, 50);
    assert_int_equal(asked, 2);
    struct question question = next_question();
    struct error error = {0};
    (void)!error_set(&error, ERR_DATABASE_UNAVAILABLE, "gone");
    question.done(question.data, NULL, &error);
    assert_int_equal(failed, 1 + MAX_WAITING - 50);
    assert_int_equal(last_error, ERR_DATABASE_UNAVAILABLE);
}

static void what_is_held_lapses_with_its_window(void **state)
{
    (void)state;
    take("a", 100, 1);
    answer_question(10, 10, 3000);
    monotonic_ms += 2999;
    take("a", 100, 1);
    assert_int_equal(asked, 1);
    assert_int_equal(last.reset_s, 1);
    monotonic_ms += 1;
    take("a", 100, 1);
    assert_int_equal(asked, 2); // although nine were left
    answer_question(10, 10, WINDOW_MS);
    assert_int_equal(last.remaining, 99);
}

// The answer to a question counts from when it was asked: what is held must not outlive the window in the database.
static void a_slow_answer_does_not_lengthen_the_window(void **state)
{
    (void)state;
    take("a", 100, 1);
    monotonic_ms += 2000;
    answer_question(10, 10, 3000);
    monotonic_ms += 1000;
    take("a", 100, 1);
    assert_int_equal(asked, 2);
    answer_question(10, 10, WINDOW_MS);
}

// Names that meet in one chain.
static void find_colliding(char ret_names[][32], size_t count)
{
    const struct quota_policy policy = {"requests", 1, WINDOW_S};
    const size_t chain = chain_of(SLICE("ip:0"), &policy);
    size_t found = 0;
    for (size_t i = 0; found < count; i++) {
        snprintf(ret_names[found], sizeof ret_names[found], "ip:%zu", i);
        found += chain_of(slice_from_cstr(ret_names[found]), &policy) == chain;
    }
}

static void subjects_of_one_chain_are_counted_apart(void **state)
{
    (void)state;
    char names[6][32];
    find_colliding(names, ARRAY_LEN(names));
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        take(names[i], 3, 1);
        assert_string_equal(questions[0].subject, names[i]);
        answer_question(1, i % 2 ? 3 : 1, i % 3 ? WINDOW_MS : 1000);
    }
    assert_int_equal(book->count, ARRAY_LEN(names));
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_int_equal(is_spent(names[i], 3), i % 2);
    // The first, a middle one and none at the end go; the others keep what they hold.
    monotonic_ms += 1000;
    forget_old(book);
    assert_int_equal(book->count, 4);
    const struct quota_policy policy = {"requests", 3, WINDOW_S};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_int_equal(find_bucket(book, slice_from_cstr(names[i]), &policy) != NULL, i % 3 != 0);
        assert_int_equal(is_spent(names[i], 3), i % 3 && i % 2);
    }
    // Another policy of the same subject is another window.
    const struct quota_policy other = {"scrapes", 3, WINDOW_S};
    assert_null(find_bucket(book, slice_from_cstr(names[1]), &other));
}

static void a_full_book_makes_room_when_windows_are_over(void **state)
{
    (void)state;
    char name[32];
    for (size_t i = 0; i < MAX_BUCKETS; i++) {
        snprintf(name, sizeof name, "key:%zu", i);
        take(name, 1, 1);
        answer_question(1, 1, i == 0 ? WINDOW_MS * 2 : WINDOW_MS);
    }
    assert_int_equal(allowed, MAX_BUCKETS);
    take("one more", 1, 1);
    assert_int_equal(last_error, ERR_OVERLOADED);
    take("key:7", 1, 1); // those who are known are served
    assert_int_equal(refused, 1);
    monotonic_ms += WINDOW_MS;
    take("one more", 1, 1);
    assert_int_equal(book->count, 2); // and the one whose window lasts
    answer_question(1, 1, WINDOW_MS);
    assert_int_equal(allowed, MAX_BUCKETS + 1);
    assert_true(is_spent("key:0", 1));
}

static void addresses_leave_room_for_keys(void **state)
{
    (void)state;
    char name[32];
    for (size_t i = 0; i < MAX_ADDRESSES; i++) {
        snprintf(name, sizeof name, "ip:%zu", i);
        take(name, 1, 1);
        answer_question(1, 1, WINDOW_MS);
    }
    take("ip:one more", 1, 1);
    assert_int_equal(last_error, ERR_OVERLOADED);
    take("key:a", 1, 1);
    answer_question(1, 1, WINDOW_MS);
    assert_int_equal(last_error, ERR_OK);
}

// One who waits for a portion is not forgotten, however long that takes.
static void a_full_book_keeps_who_waits(void **state)
{
    (void)state;
    take("a", 10, 1);
    monotonic_ms += WINDOW_MS * 10;
    forget_old(book);
    assert_int_equal(book->count, 1);
    answer_question(1, 1, WINDOW_MS);
    assert_int_equal(allowed, 1);
}

// The wall clock says only how long a first window may last until the database has said it: set back, it lets nobody
// through a second time, and no window becomes longer than it is.
static void a_clock_that_is_set_back(void **state)
{
    (void)state;
    take("a", 2, 1);
    answer_question(1, 2, WINDOW_MS);
    assert_true(is_spent("a", 2));
    for (size_t i = 0; i < 5; i++) {
        unix_ms -= 3600 * 1000 + 1234;
        take("a", 2, 1);
        assert_int_equal(refused, i + 1);
        assert_true(last.reset_s >= 1 && last.reset_s <= WINDOW_S);
    }
    take("b", 2, 1);
    const struct quota_policy policy = {"requests", 2, WINDOW_S};
    const struct bucket *bucket = find_bucket(book, SLICE("b"), &policy);
    assert_true(bucket->until_ms > monotonic_ms && bucket->until_ms <= monotonic_ms + WINDOW_MS);
    answer_question(
        1, 2,
        500); // the database's clock went back, too: its window is soon over, and still used up
    assert_true(is_spent("b", 2));
    assert_int_equal(allowed, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(portions_are_used_up_before_more_is_asked),
        TEST(all_or_nothing),
        TEST(those_who_wait_keep_their_order),
        TEST(what_is_held_lapses_with_its_window),
        TEST(a_slow_answer_does_not_lengthen_the_window),
        TEST(subjects_of_one_chain_are_counted_apart),
        TEST(a_full_book_makes_room_when_windows_are_over),
        TEST(addresses_leave_room_for_keys),
        TEST(a_full_book_keeps_who_waits),
        TEST(a_clock_that_is_set_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
