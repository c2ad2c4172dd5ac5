#include "lib/text/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void distance_counts_edits(void **state)
{
    (void)state;
    assert_int_equal(text_edit_distance(SLICE(""), SLICE("abc")), 3);
    assert_int_equal(text_edit_distance(SLICE("topics"), SLICE("topics")), 0);
    assert_int_equal(text_edit_distance(SLICE("Topics"), SLICE("tOPICS")), 0);
    assert_int_equal(text_edit_distance(SLICE("tpoics"), SLICE("topics")), 1);
    assert_int_equal(text_edit_distance(SLICE("kitten"), SLICE("sitting")), 3);
    assert_int_equal(text_edit_distance(SLICE("ca"), SLICE("abc")), 3);
}

static void very_long_texts_are_far(void **state)
{
    (void)state;
    char text[200];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = 'x';
    assert_int_equal(text_edit_distance((struct slice){text, sizeof text}, SLICE("x")),
                     sizeof text);
}

static const char *const names[] = {"location", "topics", "topics_all", "date_after", "ids"};

static const char *nearest(const char *word)
{
    return text_nearest(slice_from_cstr(word), names, ARRAY_LEN(names));
}

static void nearest_finds_what_was_meant(void **state)
{
    (void)state;
    assert_string_equal(nearest("topic"), "topics");
    assert_string_equal(nearest("locaton"), "location");
    assert_string_equal(nearest("LOCATION"), "location");
    assert_string_equal(nearest("date_afetr"), "date_after");
    assert_string_equal(nearest("loc"), "location");
    assert_string_equal(nearest("id"), "ids");
}

static void nearest_does_not_guess(void **state)
{
    (void)state;
    assert_null(nearest("banana"));
    assert_null(nearest(""));
    assert_null(nearest("xyz"));
    assert_null(text_nearest(SLICE("topics"), NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distance_counts_edits),
        cmocka_unit_test(very_long_texts_are_far),
        cmocka_unit_test(nearest_finds_what_was_meant),
        cmocka_unit_test(nearest_does_not_guess),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
