// Which columns a query returns, and AGE's values as JSON.
#include "processor/graph/cypher.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void columns_are_those_of_the_last_return(void **state)
{
    (void)state;
    static const struct {
        const char *query, *names; // joined by |; NULL: none
    } cases[] = {
        {"MATCH (a) RETURN a", "a"},
        {"return a.name, count(*) as n order by n desc", "a.name|n"},
        {"RETURN DISTINCT a, b SKIP 1 LIMIT 2", "a|b"},
        {"RETURN [1, 2, {x: 3, y: f(4, 5)}] AS list, (a)-[:X]->(b), 'a, b', \"c, \\\" d\"",
         "list|(a)-[:X]->(b)|'a, b'|\"c, \\\" d\""},
        {"RETURN a AS `two words, one name`, `b c`", "two words, one name|b c"},
        {"MATCH (a) /* RETURN x, y */ RETURN a // , b\n, c", "a|c"},
        {"RETURN 1 AS a UNION RETURN 2 AS b", "b"},
        {"RETURN a, a, a AS b, b", "a|a_2|b|b_2"},
        {"MATCH (returned) RETURN returned.limited AS orders", "orders"},
        {"RETURN CASE WHEN a THEN 1 ELSE 2 END", "CASE WHEN a THEN 1 ELSE 2 END"},
        {"RETURN *", NULL},
        {"MATCH (a) DELETE a", NULL},
        {"", NULL},
        {"RETURN", NULL},
        {"RETURN 'never closed, RETURN b", "'never closed, RETURN b"},
        {"RETURN \\", "\\"},
        {"RETURN a) , (b", "a) , (b"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(1 << 20);
        struct slice names[CYPHER_MAX_COLUMNS];
        struct buffer joined CLEANUP(buffer_done);
        buffer_init(&joined, 4096);
        size_t count = cypher_columns(arena, slice_from_cstr(cases[i].query), names);
        for (size_t c = 0; c < count; c++) {
            buffer_append_cstr(&joined, c ? "|" : "");
            buffer_append(&joined, names[c]);
        }
        if (cases[i].names)
            assert_string_equal(joined.ptr, cases[i].names);
        else
            assert_int_equal(count, 0);
    }
}

static void too_many_columns_are_refused(void **state)
{
    (void)state;
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(1 << 20);
    struct slice names[CYPHER_MAX_COLUMNS];
    struct buffer query CLEANUP(buffer_done);
    buffer_init(&query, 1 << 20);
    buffer_append_cstr(&query, "RETURN 0");
    for (int i = 1; i < CYPHER_MAX_COLUMNS; i++)
        buffer_printf(&query, ", %d", i);
    assert_int_equal(cypher_columns(arena, buffer_slice(&query), names), CYPHER_MAX_COLUMNS);
    buffer_append_cstr(&query, ", 64");
    assert_int_equal(cypher_columns(arena, buffer_slice(&query), names), SIZE_MAX);
}

static void values_become_json(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"1", "1"},
        {"\"a::b \\\" ::c\"", "\"a::b \\\" ::c\""},
        {"3::numeric", "3"},
        {"[{\"id\": 1, \"properties\": {\"n\": \"x::vertex\"}}::vertex, {\"id\": 2}::edge]::path",
         "[{\"id\": 1, \"properties\": {\"n\": \"x::vertex\"}}, {\"id\": 2}]"},
        {"[Infinity, -Infinity, NaN, -1.5]", "[null, null, null, -1.5]"},
        {"{\"Infinity\": true}", "{\"Infinity\": true}"},
        {"\"open", "\"open"},
        {"", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buffer out CLEANUP(buffer_done);
        buffer_init(&out, 4096);
        cypher_append_json(&out, slice_from_cstr(cases[i][0]));
        assert_string_equal(out.len ? out.ptr : "", cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_those_of_the_last_return),
        cmocka_unit_test(too_many_columns_are_refused),
        cmocka_unit_test(values_become_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
