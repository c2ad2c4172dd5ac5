// Arena, buffer, slice: what everything else stands on.
#include "lib/base/arena.h"
#include "lib/base/buffer.h"
#include "lib/base/slice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void arena_hands_out_zeroed_apart_and_again(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4 * 1024 * 1024);
    for (int round = 0; round < 3; round++) {
        char *last = NULL;
        for (size_t size = 0; size < 3000; size += 7) {
            char *memory = arena_alloc(arena, size);
            assert_int_equal((uintptr_t)memory % 16, 0);
            for (size_t i = 0; i < size; i++)
                assert_int_equal(memory[i], 0);
            memset(memory, 'x', size);
            assert_ptr_not_equal(memory, last);
            last = memory;
        }
        assert_true(arena_used(arena) > 0);
        arena_reset(arena);
        assert_int_equal(arena_used(arena), 0);
    }
    assert_string_equal(arena_printf(arena, "%s-%d", "a", 7), "a-7");
    assert_null(arena_slice(arena, (struct slice){0}).ptr);
    assert_non_null(arena_slice(arena, SLICE("")).ptr);
    char *large = arena_alloc(arena, 2 * 1024 * 1024); // larger than any block
    large[2 * 1024 * 1024 - 1] = 'x';
    arena_free(arena);
}

static void buffer_keeps_its_maximum(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 10);
    buffer_append_cstr(&buffer, "12345");
    buffer_append_cstr(&buffer, "67890");
    assert_false(buffer.overflow);
    buffer_append_char(&buffer, 'x');
    assert_true(buffer.overflow);
    buffer_append_char(&buffer, 'y'); // stays dropped
    assert_true(slice_equal(buffer_slice(&buffer), SLICE("1234567890")));
    buffer_clear(&buffer);
    buffer_append_int(&buffer, INT64_MIN);
    assert_true(buffer.overflow); // 20 digits
    buffer_clear(&buffer);
    buffer_printf(&buffer, "%d|", -42);
    buffer_append_int(&buffer, -7);
    assert_string_equal(buffer.ptr, "-42|-7");
    buffer_done(&buffer);

    buffer_init(&buffer, 100);
    buffer_append_int(&buffer, INT64_MIN);
    assert_string_equal(buffer.ptr, "-9223372036854775808");
    buffer_done(&buffer);
}

static void slices_split_trim_and_read_numbers(void **state)
{
    (void)state;
    struct slice rest = SLICE("a,,b"), part;
    assert_true(slice_split_next(&rest, ',', &part) && slice_equal(part, SLICE("a")));
    assert_true(slice_split_next(&rest, ',', &part) && part.len == 0);
    assert_true(slice_split_next(&rest, ',', &part) && slice_equal(part, SLICE("b")));
    assert_false(slice_split_next(&rest, ',', &part));
    rest = SLICE("a,");
    assert_true(slice_split_next(&rest, ',', &part) && slice_split_next(&rest, ',', &part));
    assert_int_equal(part.len, 0);
    assert_false(slice_split_next(&rest, ',', &part));
    assert_true(slice_equal(slice_trim(SLICE(" \t x y\n")), SLICE("x y")));
    assert_int_equal(slice_find(SLICE("hello"), SLICE("llo")), 2);
    assert_true(slice_find(SLICE("hello"), SLICE("lx")) == SIZE_MAX);
    assert_true(slice_equal(slice_sub(SLICE("hello"), 3, 100), SLICE("lo")));
    assert_true(slice_compare(SLICE("a"), SLICE("ab")) < 0);

    static const struct {
        const char *text;
        bool valid;
        int64_t value;
    } numbers[] = {
        {"0", true, 0},
        {"-17", true, -17},
        {"9223372036854775807", true, INT64_MAX},
        {"", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1x", false, 0},
        {"9223372036854775808", false, 0},
        {"0x10", false, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        int64_t value = 0;
        assert_int_equal(slice_to_int(slice_from_cstr(numbers[i].text), &value), numbers[i].valid);
        if (numbers[i].valid)
            assert_int_equal(value, numbers[i].value);
    }
    double number;
    assert_true(slice_to_double(SLICE("-1.5e3"), &number) && number == -1500);
    assert_false(slice_to_double(SLICE("nan"), &number));
    assert_false(slice_to_double(SLICE("1e999"), &number));
}

static void slices_are_sorted_and_found(void **state)
{
    (void)state;
    struct slice items[] = {SLICE("b"), SLICE("a"), SLICE("b"), SLICE(""), SLICE("ab"), SLICE("a")};
    size_t count = slice_sort_unique(items, ARRAY_LEN(items));
    assert_int_equal(count, 4);
    const struct slice sorted[] = {SLICE(""), SLICE("a"), SLICE("ab"), SLICE("b")};
    for (size_t i = 0; i < count; i++)
        assert_true(slice_equal(items[i], sorted[i]) && slice_is_among(sorted[i], items, count));
    assert_false(slice_is_among(SLICE("c"), items, count));
    assert_int_equal(slice_sort_unique(NULL, 0), 0);
    assert_false(slice_is_among(SLICE("a"), NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_hands_out_zeroed_apart_and_again),
        cmocka_unit_test(buffer_keeps_its_maximum),
        cmocka_unit_test(slices_split_trim_and_read_numbers),
        cmocka_unit_test(slices_are_sorted_and_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
