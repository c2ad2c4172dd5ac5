#include "lib/db/rows.h"

#include "support/postgres.h"
#include "support/sql.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MAX_JSON = 1024 * 1024 };

static struct db_session *session;
static struct arena *arena;

static int setup(void **)
{
    session = db_session_new(&(struct db_options){.url = postgres_url()});
    arena = arena_new(16 * 1024 * 1024);
    return 0;
}

static int teardown(void **)
{
    db_session_free(session);
    arena_free(arena);
    return 0;
}

static char *rendered_row(const struct db_rows *rows, size_t row)
{
    struct buffer out;
    buffer_init(&out, MAX_JSON);
    struct json_writer w = json_writer_on(&out);
    db_rows_render_row(rows, row, &w);
    assert_false(out.overflow);
    return buffer_take(&out);
}

struct rendering {
    const char *expression, *json;
};

static void check_rendering(const struct rendering *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char sql[512], expected[512];
        snprintf(sql, sizeof sql, "select %s as v", cases[i].expression);
        snprintf(expected, sizeof expected, "{\"v\":%s}", cases[i].json);
        struct db_rows *rows = sql_rows(session, sql);
        char *json = rendered_row(rows, 0);
        if (strcmp(json, expected) != 0)
            fail_msg("%s: %s, expected %s", sql, json, expected);
        free(json);
        db_rows_free(rows);
    }
}

static void numbers_become_json(void **)
{
    static const struct rendering cases[] = {
        {"true", "true"},
        {"false", "false"},
        {"null::bool", "null"},
        {"(-32768)::int2", "-32768"},
        {"2147483647::int4", "2147483647"},
        {"(-2147483648)::int4", "-2147483648"},
        {"9223372036854775807::int8", "9223372036854775807"},
        {"(-9223372036854775808)::int8", "-9223372036854775808"},
        {"null::int8", "null"},
        {"4294967295::oid", "4294967295"},
        {"0.1::float4", "0.1"},
        {"16777216::float4", "16777216"},
        {"3.4028235e38::float4", "3.4028235e+38"},
        {"'nan'::float4", "null"},
        {"0.1::float8", "0.1"},
        {"(0.1::float8 + 0.2::float8)", "0.30000000000000004"},
        {"1e300::float8", "1e+300"},
        {"'infinity'::float8", "null"},
        {"'-infinity'::float8", "null"},
        {"'nan'::float8", "null"},
        {"(-0.5)::float8", "-0.5"},
        {"null::float8", "null"},
    };
    check_rendering(cases, ARRAY_LEN(cases));
}

static void numerics_become_json_exactly(void **)
{
    static const struct rendering cases[] = {
        {"0::numeric", "0"},
        {"0.00::numeric", "0.00"},
        {"1::numeric", "1"},
        {"1.50::numeric", "1.50"},
        {"-1.5::numeric", "-1.5"},
        {"10000::numeric", "10000"},
        {"100000000::numeric", "100000000"},
        {"12345678901234567890.123456789012345678901234567890::numeric",
         "12345678901234567890.123456789012345678901234567890"},
        {"0.0001::numeric", "0.0001"},
        {"0.00001::numeric", "0.00001"},
        {"0.000000001::numeric", "0.000000001"},
        {"-0.1::numeric", "-0.1"},
        {"10000.0001::numeric", "10000.0001"},
        {"20000.5::numeric", "20000.5"},
        {"1e20::numeric", "100000000000000000000"},
        {"9999.9999::numeric(8,4)", "9999.9999"},
        {"'nan'::numeric", "null"},
        {"'infinity'::numeric", "null"},
        {"'-infinity'::numeric", "null"},
        {"array[1.10, null, -2]::numeric[]", "[1.10,null,-2]"},
    };
    check_rendering(cases, ARRAY_LEN(cases));
}

static void texts_become_json(void **)
{
    static const struct rendering cases[] = {
        {"'plain'::text", "\"plain\""},
        {"''::text", "\"\""},
        {"null::text", "null"},
        {"E'a \"b\" \\\\ \\n \\t \\x01'::text", "\"a \\\"b\\\" \\\\ \\n \\t \\u0001\""},
        {"'Zürich 東京 🎉'::varchar", "\"Zürich 東京 🎉\""},
        {"'ab'::char(4)", "\"ab  \""},
        {"'x'::\"char\"", "\"x\""},
        {"'name'::name", "\"name\""},
        {"'an unknown literal'", "\"an unknown literal\""},
        {"'00112233-4455-6677-8899-AABBCCDDEEFF'::uuid",
         "\"00112233-4455-6677-8899-aabbccddeeff\""},
        {"null::uuid", "null"},
        {"'{\"a\": [1, \"x\"]}'::json", "{\"a\": [1, \"x\"]}"},
        {"'{\"b\":1,\"a\":null}'::jsonb", "{\"a\": null, \"b\": 1}"},
        {"'null'::jsonb", "null"},
        {"null::jsonb", "null"},
        {"pg_sleep(0)", "null"},
        // A domain arrives as what it is made of.
        {"'c'::information_schema.sql_identifier", "\"c\""},
    };
    check_rendering(cases, ARRAY_LEN(cases));
}

static void dates_become_json(void **)
{
    static const struct rendering cases[] = {
        {"'2025-06-01'::date", "\"2025-06-01\""},
        {"'2000-01-01'::date", "\"2000-01-01\""},
        {"'2000-02-29'::date", "\"2000-02-29\""},
        {"'2000-03-01'::date", "\"2000-03-01\""},
        {"'1999-12-31'::date", "\"1999-12-31\""},
        {"'1900-02-28'::date", "\"1900-02-28\""},
        {"'1900-03-01'::date", "\"1900-03-01\""},
        {"'2024-12-31'::date", "\"2024-12-31\""},
        {"'1582-10-04'::date", "\"1582-10-04\""},
        {"'0001-01-01'::date", "\"0001-01-01\""},
        {"'0001-12-31 BC'::date", "\"0000-12-31\""},
        {"'0044-03-15 BC'::date", "\"-000043-03-15\""},
        {"'4714-11-24 BC'::date", "\"-004713-11-24\""},
        {"'9999-12-31'::date", "\"9999-12-31\""},
        {"'10000-01-01'::date", "\"+010000-01-01\""},
        {"'5874897-12-31'::date", "\"+5874897-12-31\""},
        {"'infinity'::date", "null"},
        {"'-infinity'::date", "null"},
        {"null::date", "null"},
        {"'18:30'::time", "\"18:30:00\""},
        {"'00:00:00.5'::time", "\"00:00:00.500\""},
        {"'24:00'::time", "\"24:00:00\""},
    };
    check_rendering(cases, ARRAY_LEN(cases));
}

static void times_become_json(void **)
{
    static const struct rendering cases[] = {
        {"'2025-06-01 18:30:00+02'::timestamptz", "\"2025-06-01T16:30:00Z\""},
        {"'2025-06-01 18:30:00.25Z'::timestamptz", "\"2025-06-01T18:30:00.250Z\""},
        {"'2025-06-01 18:30:00.000001Z'::timestamptz", "\"2025-06-01T18:30:00.000001Z\""},
        {"'2025-06-01 18:30:00.1001Z'::timestamptz", "\"2025-06-01T18:30:00.100100Z\""},
        {"'1999-12-31 23:59:59.999999Z'::timestamptz", "\"1999-12-31T23:59:59.999999Z\""},
        {"'1970-01-01 00:00:00Z'::timestamptz", "\"1970-01-01T00:00:00Z\""},
        {"'0044-03-15 12:00:00Z BC'::timestamptz", "\"-000043-03-15T12:00:00Z\""},
        {"'294276-12-31 23:59:59Z'::timestamptz", "\"+294276-12-31T23:59:59Z\""},
        {"'infinity'::timestamptz", "null"},
        {"'-infinity'::timestamptz", "null"},
        {"null::timestamptz", "null"},
        {"'2025-06-01 18:30'::timestamp", "\"2025-06-01T18:30:00\""},
        {"'infinity'::timestamp", "null"},
        // Our connections think in UTC.
        {"'2025-06-01 18:30'::timestamp::timestamptz", "\"2025-06-01T18:30:00Z\""},
        {"'2025-06-01 23:30Z'::timestamptz::date", "\"2025-06-01\""},
        {"'0'::interval", "\"PT0S\""},
        {"'1 year 2 months 3 days 4 hours 5 minutes 6.5 seconds'::interval",
         "\"P1Y2M3DT4H5M6.500S\""},
        {"'90 minutes'::interval", "\"PT1H30M\""},
        {"'-1 day +02:00'::interval", "\"P-1DT2H\""},
        {"'-0.25 seconds'::interval", "\"PT-0.250S\""},
        {"'-90.5 seconds'::interval", "\"PT-1M-30.500S\""},
        {"'14 months'::interval", "\"P1Y2M\""},
        {"'infinity'::interval", "null"},
        {"'-infinity'::interval", "null"},
    };
    check_rendering(cases, ARRAY_LEN(cases));
}

// Compares with PostgreSQL's own calendar, over more than a span of 400 years.
static void every_day_is_the_day_postgresql_says(void **)
{
    struct db_rows *rows =
        sql_rows(session, "select d::date as d, to_char(d, 'YYYY-MM-DD') as expected "
                          "from generate_series('1590-01-01'::timestamp, '2410-01-01', '1 day') d");
    assert_int_equal(db_rows_count(rows), 299500);
    for (size_t row = 0; row < db_rows_count(rows); row++) {
        struct slice text = db_rows_value_text(rows, row, 0, arena);
        if (!slice_equal(text, db_rows_text(rows, row, 1)))
            fail_msg("%.*s is not %.*s", SLICE_FMT(text), SLICE_FMT(db_rows_text(rows, row, 1)));
        if (row % 1000 == 0)
            arena_reset(arena);
    }
    db_rows_free(rows);
}

static void arrays_become_json(void **)
{
    static const struct rendering cases[] = {
        {"array[1, null, 3]", "[1,null,3]"},
        {"'{}'::text[]", "[]"},
        {"null::text[]", "null"},
        {"array['a \"q\"', null, E'b\\\\', '']", "[\"a \\\"q\\\"\",null,\"b\\\\\",\"\"]"},
        {"array[[1,2],[3,4]]::int8[]", "[[1,2],[3,4]]"},
        {"array[[['a']]]", "[[[\"a\"]]]"},
        {"'[5:6]={1,2}'::int2[]", "[1,2]"},
        {"array['2025-06-01'::date, 'infinity']", "[\"2025-06-01\",null]"},
        {"array['2025-06-01T00:00Z'::timestamptz]", "[\"2025-06-01T00:00:00Z\"]"},
        {"array['00112233-4455-6677-8899-aabbccddeeff'::uuid]",
         "[\"00112233-4455-6677-8899-aabbccddeeff\"]"},
        {"array['{\"a\":1}'::jsonb, 'null', null]", "[{\"a\": 1},null,null]"},
        {"array['[1]'::json]", "[[1]]"},
        {"array[true, false, null]", "[true,false,null]"},
        {"array[0.5, 'nan']::float8[]", "[0.5,null]"},
        {"array[0.1]::float4[]", "[0.1]"},
        {"array['1 day'::interval]", "[\"P1D\"]"},
    };
    check_rendering(cases, ARRAY_LEN(cases));
}

static void rows_become_objects(void **)
{
    struct db_rows *rows =
        sql_rows(session, "select 1 as id, 'x'::text as name, 2 as _secret, array['t'] as topics, "
                          "null::int as nothing, '{\"k\":1}'::jsonb as data union all "
                          "select 2, null, 3, null, 4, null order by 1");
    struct buffer out;
    buffer_init(&out, MAX_JSON);
    struct json_writer w = json_writer_on(&out);
    json_begin_array(&w);
    for (size_t row = 0; row < db_rows_count(rows); row++)
        db_rows_render_row(rows, row, &w);
    json_end_array(&w);
    assert_string_equal(out.ptr, "[{\"id\":1,\"name\":\"x\",\"topics\":[\"t\"],\"nothing\":null,"
                                 "\"data\":{\"k\": 1}},"
                                 "{\"id\":2,\"name\":null,\"topics\":null,\"nothing\":4,"
                                 "\"data\":null}]");
    buffer_done(&out);
    db_rows_free(rows);
}

static void an_item_stands_for_the_row(void **)
{
    static const struct {
        const char *columns, *json;
    } cases[] = {
        {"'{\"ready\":true}'::json as _item", "{\"ready\":true}"},
        {"1 as id, ' {\"a\":[1]} '::json as _item, 'x' as b, 2 as _secret",
         "{\"a\":[1],\"id\":1,\"b\":\"x\"}"},
        {"'{}'::json as _item", "{}"},
        {"1 as id, '{ }'::json as _item", "{\"id\":1}"},
        {"1 as id, '[1]'::jsonb as _item", "[1]"},
        {"1 as id, null::json as _item", "null"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char sql[200];
        snprintf(sql, sizeof sql, "select %s", cases[i].columns);
        struct db_rows *rows = sql_rows(session, sql);
        char *json = rendered_row(rows, 0);
        assert_string_equal(json, cases[i].json);
        free(json);
        db_rows_free(rows);
    }
}

static void values_are_read_by_type(void **)
{
    struct db_rows *rows = sql_rows(
        session, "select 7::int2 as a, -8::int4 as b, 9::int8 as c, 1.25::float4 as d, "
                 "2.5::float8 as e, '3.75'::numeric as f, true as g, 'text'::text as h, "
                 "'{\"j\":1}'::jsonb as i, null::text as j, null::int as k, null::bool as l, "
                 "'-infinity'::numeric as m");
    assert_int_equal(db_rows_count(rows), 1);
    assert_int_equal(db_rows_columns(rows), 13);
    assert_string_equal(db_rows_column_name(rows, 7), "h");
    assert_int_equal(db_rows_column(rows, "i"), 8);
    assert_int_equal(db_rows_column(rows, "I"), -1);
    assert_int_equal(db_rows_int(rows, 0, 0), 7);
    assert_int_equal(db_rows_int(rows, 0, 1), -8);
    assert_int_equal(db_rows_int(rows, 0, 2), 9);
    static const double doubles[] = {7, -8, 9, 1.25, 2.5, 3.75};
    for (size_t i = 0; i < ARRAY_LEN(doubles); i++)
        assert_true(db_rows_double(rows, 0, (int)i) == doubles[i]);
    assert_true(db_rows_bool(rows, 0, 6));
    assert_true(slice_equal(db_rows_text(rows, 0, 7), SLICE("text")));
    assert_true(slice_equal(db_rows_text(rows, 0, 8), SLICE("{\"j\": 1}")));
    assert_null(db_rows_text(rows, 0, 9).ptr);
    assert_true(db_rows_is_null(rows, 0, 9));
    assert_false(db_rows_is_null(rows, 0, 8));
    assert_int_equal(db_rows_int(rows, 0, 10), 0);
    assert_false(db_rows_bool(rows, 0, 11));
    assert_true(isinf(db_rows_double(rows, 0, 12)) && db_rows_double(rows, 0, 12) < 0);
    db_rows_free(rows);
}

static void values_have_a_text(void **)
{
    struct db_rows *rows = sql_rows(
        session,
        "select 12 as a, '2025-06-01T10:00Z'::timestamptz as b, 'x\"y'::text as c, true as d, "
        "array[1,2] as e, null::date as f, 'infinity'::date as g, '[1]'::jsonb as h, ''::text as "
        "i");
    static const char *const texts[] = {
        "12", "2025-06-01T10:00:00Z", "x\"y", "true", "[1,2]", NULL, NULL, "[1]"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct slice text = db_rows_value_text(rows, 0, (int)i, arena);
        assert_true(slice_equal(text, slice_from_cstr(texts[i])));
        assert_true((text.ptr == NULL) == (texts[i] == NULL));
    }
    // Empty is not absent.
    assert_non_null(db_rows_value_text(rows, 0, 8, arena).ptr);
    assert_non_null(db_rows_text(rows, 0, 8).ptr);
    db_rows_free(rows);
}

static void the_number_of_changed_rows_is_known(void **)
{
    sql_run(session, "create temp table counted(n int)");
    struct db_rows *rows = sql_rows(session, "insert into counted select generate_series(1, 5)");
    assert_int_equal(db_rows_affected(rows), 5);
    assert_int_equal(db_rows_count(rows), 0);
    db_rows_free(rows);
    rows = sql_rows(session, "update counted set n = 0 where n > 3 returning n");
    assert_int_equal(db_rows_affected(rows), 2);
    assert_int_equal(db_rows_count(rows), 2);
    db_rows_free(rows);
    rows = sql_rows(session, "create temp table nothing()");
    assert_int_equal(db_rows_affected(rows), 0);
    db_rows_free(rows);
}

// What goes in as text comes out the same.
static void values_survive_the_way_there_and_back(void **)
{
    const struct db_statement *echo =
        sql_statement("select :a as a, :b as b, :c as c, :d as d, :e as e",
                      "text text[] timestamptz jsonb numeric");
    struct slice items[] = {SLICE("a,b"), SLICE("\"quoted\""), SLICE("back\\slash"),
                            SLICE("{}"),  SLICE("ünïcode"),    {0}};
    struct db_value values[] = {
        db_text(SLICE("it's; drop table x --")),
        db_text_array(arena, items, ARRAY_LEN(items)),
        db_cstr("2025-03-30T01:59:59.5+00:00"),
        db_cstr("{\"k\":[1,2,{\"n\":null}]}"),
        db_double(arena, 0.1),
    };
    struct db_rows *rows;
    struct error error = {0};
    assert_int_equal(db_session_query(session, echo, values, &rows, &error), ERR_OK);
    char *json = rendered_row(rows, 0);
    assert_string_equal(json, "{\"a\":\"it's; drop table x --\",\"b\":[\"a,b\",\"\\\"quoted\\\"\","
                              "\"back\\\\slash\",\"{}\",\"ünïcode\",null],"
                              "\"c\":\"2025-03-30T01:59:59.500Z\","
                              "\"d\":{\"k\": [1, 2, {\"n\": null}]},"
                              "\"e\":0.10000000000000001}");
    free(json);
    db_rows_free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_become_json),
        cmocka_unit_test(numerics_become_json_exactly),
        cmocka_unit_test(texts_become_json),
        cmocka_unit_test(dates_become_json),
        cmocka_unit_test(times_become_json),
        cmocka_unit_test(every_day_is_the_day_postgresql_says),
        cmocka_unit_test(arrays_become_json),
        cmocka_unit_test(rows_become_objects),
        cmocka_unit_test(an_item_stands_for_the_row),
        cmocka_unit_test(values_are_read_by_type),
        cmocka_unit_test(values_have_a_text),
        cmocka_unit_test(the_number_of_changed_rows_is_known),
        cmocka_unit_test(values_survive_the_way_there_and_back),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
