#include "lib/db/statement.h"

#include "lib/base/arena.h"
#include "lib/db/sql_text.h"
#include "lib/db/variant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int with_arena(void **state)
{
    *state = arena_new(1024 * 1024);
    return 0;
}

static int without_arena(void **state)
{
    arena_free(*state);
    return 0;
}

static const struct db_param list_params[] = {
    {.name = "city", .type = "text", .optional = true},
    {.name = "limit", .type = "int"},
    {.name = "ids", .type = "uuid[]", .optional = true},
    {.name = "newest", .type = "flag", .optional = true},
};

// select … [where city = :city] [and id = any(:ids::uuid[])] [order by …] limit :limit
static const struct db_fragment list_fragments[] = {
    {.text = "select id from events e\nwhere true\n"},
    {.text = "  and e.city = :city\n", .any_of = 1 << 0},
    {.text = "  and e.id = any(:ids::uuid[])\n", .any_of = 1 << 2},
    {.text = "order by e.date desc\n", .any_of = 1 << 3},
    {.text = "order by e.date\n", .none_of = 1 << 3},
    {.text = "limit :limit\n"},
};

static const struct db_statement list = {
    .name = "test/list",
    .params = list_params,
    .param_count = ARRAY_LEN(list_params),
    .fragments = list_fragments,
    .fragment_count = ARRAY_LEN(list_fragments),
};

static struct db_statement statement_of(const struct db_fragment *fragment,
                                        const struct db_param *params, size_t count)
{
    return (struct db_statement){.name = "test/one",
                                 .params = params,
                                 .param_count = count,
                                 .fragments = fragment,
                                 .fragment_count = 1};
}

static void variants_have_their_lines_and_parameters(void **state)
{
    static const struct {
        uint64_t mask;
        const char *text;
        size_t count;
        int order[4];
    } cases[] = {
        {0, "select id from events e\nwhere true\norder by e.date\nlimit ($1::int)\n", 1, {1}},
        {1,
         "select id from events e\nwhere true\n  and e.city = ($1::text)\norder by e.date\n"
         "limit ($2::int)\n",
         2,
         {0, 1}},
        {1 | 4 | 8,
         "select id from events e\nwhere true\n  and e.city = ($1::text)\n"
         "  and e.id = any(($2::uuid[])::uuid[])\norder by e.date desc\nlimit ($3::int)\n",
         3,
         {0, 2, 1}},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int order[DB_MAX_PARAMS];
        size_t count;
        const char *text = db_variant_text(*state, &list, cases[i].mask, order, &count);
        assert_string_equal(text, cases[i].text);
        assert_int_equal(count, cases[i].count);
        assert_memory_equal(order, cases[i].order, count * sizeof order[0]);
    }
}

static void a_fragment_may_need_one_and_forbid_another(void **state)
{
    static const struct db_param params[] = {
        {.name = "a", .type = "int", .optional = true},
        {.name = "b", .type = "int", .optional = true},
    };
    static const struct db_fragment fragments[] = {
        {.text = "select 1 as n"},
        {.text = " -- a without b", .any_of = 1, .none_of = 2},
        {.text = " /* both */", .any_of = 1, .and_of = 2},
    };
    struct db_statement statement = {.name = "test/both",
                                     .params = params,
                                     .param_count = 2,
                                     .fragments = fragments,
                                     .fragment_count = 3};
    static const struct {
        uint64_t mask;
        bool stands, both;
    } cases[] = {{0, false, false}, {1, true, false}, {2, false, false}, {3, false, true}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int order[DB_MAX_PARAMS];
        size_t count;
        const char *text = db_variant_text(*state, &statement, cases[i].mask, order, &count);
        assert_true((strstr(text, "--") != NULL) == cases[i].stands);
        assert_true((strstr(text, "both") != NULL) == cases[i].both);
        assert_int_equal(count, 0);
    }
}

static void only_parameters_are_replaced(void **state)
{
    static const struct db_param params[] = {
        {.name = "a", .type = "int"},
        {.name = "a_b", .type = "text"},
    };
    static const struct {
        const char *sql, *text;
    } cases[] = {
        {"select :a, :a_b, :a", "select ($1::int), ($2::text), ($1::int)"},
        {"select ':a' , ''':a', \":a\", :a", "select ':a' , ''':a', \":a\", ($1::int)"},
        {"select E'\\':a', e'\\\\', :a", "select E'\\':a', e'\\\\', ($1::int)"},
        {"select type':a' || :a_b", "select type':a' || ($1::text)"},
        {"select $$ :a $$, $x$ $$ :a $x$, :a", "select $$ :a $$, $x$ $$ :a $x$, ($1::int)"},
        {"select 1 -- :a\n, :a", "select 1 -- :a\n, ($1::int)"},
        {"select 1 /* :a /* :a */ :a */ , :a", "select 1 /* :a /* :a */ :a */ , ($1::int)"},
        {"select a::text, :a::bigint", "select a::text, ($1::int)::bigint"},
        {"select (array[1,2])[1:2], f(x := :a)", "select (array[1,2])[1:2], f(x := ($1::int))"},
        {"select x[:a]", "select x[($1::int)]"},
        {"select 'open :a", "select 'open :a"},
        {"select a$b$ :a", "select a$b$ ($1::int)"},
        {"select :", "select :"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct db_fragment fragment = {.text = cases[i].sql};
        struct db_statement statement = statement_of(&fragment, params, ARRAY_LEN(params));
        int order[DB_MAX_PARAMS];
        size_t count;
        assert_string_equal(db_variant_text(*state, &statement, 0, order, &count), cases[i].text);
    }
}

static void the_mask_has_the_optional_ones_that_are_given(void **)
{
    struct db_value values[] = {{.given = false}, db_text(SLICE("5")), db_null(), {.given = true}};
    assert_int_equal(db_variant_mask(&list, values), 4 | 8);
    assert_int_equal(db_param_index(&list, "ids"), 2);
    assert_int_equal(db_param_index(&list, "id"), -1);
    assert_int_equal(db_param_index(&list, "idss"), -1);
}

static void values_are_texts(void **state)
{
    assert_string_equal(db_int(*state, INT64_MIN).text.ptr, "-9223372036854775808");
    assert_string_equal(db_double(*state, 0.1).text.ptr, "0.10000000000000001");
    assert_true(slice_equal(db_bool(true).text, SLICE("true")));
    assert_null(db_null().text.ptr);
    assert_true(db_null().given);
    assert_null(db_cstr(NULL).text.ptr);
}

static void arrays_are_quoted(void **state)
{
    struct slice items[] = {SLICE("plain"), SLICE("a \"b\" \\ c"), SLICE(""), SLICE("{x,y}"), {0},
                            SLICE("NULL")};
    struct slice text = db_text_array(*state, items, ARRAY_LEN(items)).text;
    assert_true(slice_equal(
        text, SLICE("{\"plain\",\"a \\\"b\\\" \\\\ c\",\"\",\"{x,y}\",NULL,\"NULL\"}")));
    assert_true(slice_equal(db_text_array(*state, NULL, 0).text, SLICE("{}")));
}

static void statements_that_only_read_are_known(void **)
{
    static const struct {
        const char *sql;
        bool reads;
    } cases[] = {
        {"select 1", true},
        {"  SELECT 1", true},
        {"with x as (select 1) select * from x", true},
        {"(select 1) union all (select 2)", true},
        {"select 'insert' as a, \"update\" from t -- delete", true},
        {"select updated_at, deleted from t", true},
        {"with x as (insert into t values (1) returning 1) select * from x", false},
        {"with x as (DELETE from t returning 1) select * from x", false},
        {"select * from t for update skip locked", false},
        {"select * from t for no key update", false},
        {"select * from t for key share", false},
        {"select * into u from t", false},
        {"select nextval('s')", false},
        {"select pg_notify('a', 'b')", false},
        {"select pg_advisory_xact_lock(1)", false},
        {"insert into t values (1)", false},
        {"/* writes */ select f()", false},
        {"selection", false},
        {"", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (sql_only_reads(cases[i].sql) != cases[i].reads)
            fail_msg("%s", cases[i].sql);
}

static void statements_are_found_by_name(void **)
{
    assert_null(db_statement_find("no/such"));
    assert_null(db_statement_find(""));
    for (size_t i = 0; i < db_statement_count; i++) {
        assert_ptr_equal(db_statement_find(db_statements[i]->name), db_statements[i]);
        if (i > 0)
            assert_true(strcmp(db_statements[i - 1]->name, db_statements[i]->name) < 0);
    }
}

static void the_oldest_variant_makes_room(void **state)
{
    static const struct db_param param = {.name = "n", .type = "int"};
    static const struct db_fragment fragment = {.text = "select :n"};
    static struct db_statement statements[DB_MAX_VARIANTS + 1];
    struct db_variants *variants = calloc(1, sizeof *variants);
    char *sql;
    for (size_t i = 0; i < DB_MAX_VARIANTS; i++) {
        statements[i] = statement_of(&fragment, &param, 1);
        assert_null(db_variants_surplus(variants));
        assert_null(db_variants_find(variants, &statements[i], 0));
        db_variants_add(variants, &statements[i], 0, *state, &sql);
    }
    // The first was just used again, so the second is the oldest.
    assert_string_equal(db_variants_find(variants, &statements[0], 0)->name, "s1_0");
    struct db_variant *surplus = db_variants_surplus(variants);
    assert_ptr_equal(surplus->statement, &statements[1]);
    db_variants_drop(variants, surplus);
    assert_null(db_variants_find(variants, &statements[1], 0));
    assert_null(db_variants_surplus(variants));
    struct db_variant *added = db_variants_add(variants, &statements[1], 5, *state, &sql);
    assert_string_equal(added->name, "s513_5");
    assert_string_equal(sql, "select ($1::int)");
    assert_null(db_variants_find(variants, &statements[1], 0));
    db_variants_clear(variants);
    assert_int_equal(variants->count, 0);
    assert_null(db_variants_find(variants, &statements[0], 0));
    free(variants);
}

static void values_with_a_zero_byte_are_refused(void **)
{
    static const struct db_param param = {.name = "name", .type = "text"};
    struct db_statement statement = statement_of(NULL, &param, 1);
    struct db_value value = db_text((struct slice){"a\0b", 3});
    struct error error = {0};
    assert_int_equal(db_values_check(&statement, &value, &error), ERR_DATABASE_ERROR);
    assert_string_equal(error.detail, "22021: test/one: name has a zero byte in it");
    value = db_text(SLICE("ab"));
    assert_int_equal(db_values_check(&statement, &value, &error), ERR_OK);
    value = db_null();
    assert_int_equal(db_values_check(&statement, &value, &error), ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variants_have_their_lines_and_parameters),
        cmocka_unit_test(a_fragment_may_need_one_and_forbid_another),
        cmocka_unit_test(only_parameters_are_replaced),
        cmocka_unit_test(the_mask_has_the_optional_ones_that_are_given),
        cmocka_unit_test(values_are_texts),
        cmocka_unit_test(arrays_are_quoted),
        cmocka_unit_test(statements_that_only_read_are_known),
        cmocka_unit_test(statements_are_found_by_name),
        cmocka_unit_test(the_oldest_variant_makes_room),
        cmocka_unit_test(values_with_a_zero_byte_are_refused),
    };
    return cmocka_run_group_tests(tests, with_arena, without_arena);
}
