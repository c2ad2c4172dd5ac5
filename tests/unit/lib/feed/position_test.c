// Places in the order of changes, and their text.
#include "lib/feed/position.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void texts_come_back(void **state)
{
    (void)state;
    const char *const texts[] = {"0-0", "1-2", "9223372036854775807-9223372036854775807"};
    for (size_t i = 0; i < 3; i++) {
        struct feed_position position;
        char text[FEED_POSITION_TEXT];
        assert_true(feed_position_parse(slice_from_cstr(texts[i]), &position));
        feed_position_print(position, text);
        assert_string_equal(text, texts[i]);
    }
}

static void others_are_refused(void **state)
{
    (void)state;
    const char *const texts[] = {"",    "-",    "1",    "1-",    "-1",   "1--1",
                                 "a-1", "1-2x", "+1-2", "1-2-3", " 1-2", "9223372036854775808-0"};
    struct feed_position position;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(feed_position_parse(slice_from_cstr(texts[i]), &position));
}

static void transactions_come_first(void **state)
{
    (void)state;
    const struct feed_position a = {1, 9}, b = {2, 3}, c = {2, 4};
    assert_true(feed_position_compare(a, b) < 0);
    assert_true(feed_position_compare(c, b) > 0);
    assert_int_equal(feed_position_compare(b, b), 0);
    assert_int_equal(feed_position_later(a, c).seq, 4);
    assert_int_equal(feed_position_later(c, b).seq, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_come_back),
        cmocka_unit_test(others_are_refused),
        cmocka_unit_test(transactions_come_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
