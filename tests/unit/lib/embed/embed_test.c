#include "lib/embed/embed.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static double similarity(struct arena *arena, const char *a, const char *b)
{
    static float x[EMBED_DIMENSIONS], y[EMBED_DIMENSIONS];
    const struct embed_part first = {slice_from_cstr(a), 1}, second = {slice_from_cstr(b), 1};
    assert_true(embed_local(arena, &first, 1, x));
    assert_true(embed_local(arena, &second, 1, y));
    double dot = 0;
    for (size_t i = 0; i < EMBED_DIMENSIONS; i++)
        dot += (double)x[i] * (double)y[i];
    return dot;
}

static void near_texts_have_near_vectors(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1024 * 1024);
    const char *text = "Hands-on workshop about vector databases and retrieval";
    assert_true(fabs(similarity(arena, text, text) - 1) < 1e-5); // unit length
    assert_true(
        fabs(similarity(arena, text, "HANDS-ON  Workshop about Vector Databases and Retrieval!") -
             1) < 1e-5);
    double near =
        similarity(arena, text, "An evening on databases for vectors: retrieval workshop");
    double far = similarity(arena, text, "Sunrise yoga and breakfast at the river");
    assert_true(near > 0.3);
    assert_true(far < 0.1);
    // Words that differ only in their ending share trigrams.
    assert_true(similarity(arena, "photography", "photographers") > 0.05);
    arena_free(arena);
}

static void a_blank_text_has_no_vector(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1024 * 1024);
    float vector[EMBED_DIMENSIONS];
    const struct embed_part parts[] = {{{0}, 1}, {SLICE("  the and of … "), 1}};
    assert_false(embed_local(arena, parts, 1, vector));
    for (size_t i = 0; i < EMBED_DIMENSIONS; i++)
        assert_true(vector[i] == 0);
    arena_free(arena);
}

static void the_text_form_is_a_vector_literal(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1024 * 1024);
    float vector[EMBED_DIMENSIONS] = {0.5f, 0, -0.25f};
    struct slice text = embed_to_text(arena, vector);
    assert_true(slice_starts_with(text, SLICE("[0.5,0,-0.25,0,")));
    assert_true(slice_ends_with(text, SLICE(",0]")));
    size_t commas = 0;
    for (size_t i = 0; i < text.len; i++)
        commas += text.ptr[i] == ',';
    assert_int_equal(commas, EMBED_DIMENSIONS - 1);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(near_texts_have_near_vectors),
        cmocka_unit_test(a_blank_text_has_no_vector),
        cmocka_unit_test(the_text_form_is_a_vector_literal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
