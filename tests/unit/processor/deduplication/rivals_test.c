// Pairs beside each other: who may be two others is neither, and who may be all of several who are one is one of them.
#include "processor/deduplication/rivals.h"
#include "support/arena_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MAX_PEOPLE = 4 };

struct scene {
    struct profile people[MAX_PEOPLE];
    size_t count;
    const struct profile *apart[2]; // decided to be two
};

static bool are_decided(const void *data, const struct profile *a, const struct profile *b)
{
    const struct scene *scene = data;
    return (scene->apart[0] == a && scene->apart[1] == b) ||
           (scene->apart[0] == b && scene->apart[1] == a);
}

static void add(struct scene *scene, const char *text)
{
    yyjson_val *json;
    assert_int_equal(json_parse(arena, slice_from_cstr(text), &json, NULL), ERR_OK);
    profile_read(arena, MATCH_SPEAKERS, json, &scene->people[scene->count++]);
}

static int compare_finds(const void *a, const void *b)
{
    double difference =
        ((const struct find *)b)->answer.weight - ((const struct find *)a)->answer.weight;
    return difference > 0 ? 1 : difference < 0 ? -1 : 0;
}

// All pairs that are not distinct, weighed.
static size_t weigh(const struct scene *scene, struct find *ret_finds)
{
    size_t count = 0;
    for (size_t i = 0; i < scene->count; i++)
        for (size_t j = i + 1; j < scene->count; j++) {
            struct find find = {.a = &scene->people[i], .b = &scene->people[j]};
            profile_compare(find.a, find.b, 0, &find.answer);
            if (find.answer.decision != MATCH_DISTINCT && !are_decided(scene, find.a, find.b))
                ret_finds[count++] = find;
        }
    qsort(ret_finds, count, sizeof *ret_finds, compare_finds);
    const struct rivals rivals = {.profiles = scene->people,
                                  .profile_count = scene->count,
                                  .are_decided = are_decided,
                                  .data = scene};
    rivals_weigh(&rivals, arena, ret_finds, count);
    return count;
}

static const char bare[] = "{\"name\":\"James Smith\",\"normalized_name\":\"james smith\"}";
static const char one[] =
    "{\"name\":\"James Smith\",\"normalized_name\":\"james smith\",\"handles\":"
    "[{\"kind\":\"linkedin\",\"value\":\"https://linkedin.com/in/one\"}]}";
static const char other[] =
    "{\"name\":\"James Smith\",\"normalized_name\":\"james smith\",\"handles\":"
    "[{\"kind\":\"linkedin\",\"value\":\"https://linkedin.com/in/other\"}]}";

static void test_one_rival_halves_the_odds(void **state)
{
    (void)state;
    struct scene scene = {0};
    struct find finds[MAX_PEOPLE * MAX_PEOPLE];
    add(&scene, bare), add(&scene, one), add(&scene, other);
    assert_int_equal(weigh(&scene, finds), 2);
    for (size_t i = 0; i < 2; i++) {
        double alone = finds[i].answer.weight;
        assert_int_equal(finds[i].answer.decision, MATCH_MERGE);
        assert_true(finds[i].weight < match_model_get()->kinds[MATCH_SPEAKERS].merge);
        assert_true(fabs(finds[i].weight - (alone - log2(1 + exp2(alone)))) < 1e-9);
    }
}

static void test_those_who_are_one_are_no_rivals(void **state)
{
    (void)state;
    struct scene scene = {0};
    struct find finds[MAX_PEOPLE * MAX_PEOPLE];
    add(&scene, bare), add(&scene, one), add(&scene, one), add(&scene, bare);
    assert_int_equal(weigh(&scene, finds), 6);
    for (size_t i = 0; i < 6; i++)
        assert_true(finds[i].weight == finds[i].answer.weight);
}

static void test_who_was_decided_to_be_two_is_a_rival(void **state)
{
    (void)state;
    struct scene scene = {0};
    struct find finds[MAX_PEOPLE * MAX_PEOPLE];
    add(&scene, bare), add(&scene, bare), add(&scene, bare);
    scene.apart[0] = &scene.people[1];
    scene.apart[1] = &scene.people[2];
    assert_int_equal(weigh(&scene, finds), 2);
    assert_true(finds[0].weight < finds[0].answer.weight);
    assert_true(finds[1].weight < finds[1].answer.weight);
}

static void test_the_very_name_comes_before_a_similar_one(void **state)
{
    (void)state;
    struct scene scene = {0};
    struct find finds[MAX_PEOPLE * MAX_PEOPLE];
    add(&scene, bare), add(&scene, one);
    add(&scene, "{\"name\":\"James A. Smith\",\"normalized_name\":\"james a. smith\",\"handles\":"
                "[{\"kind\":\"linkedin\",\"value\":\"https://linkedin.com/in/other\"}]}");
    size_t count = weigh(&scene, finds), seen = 0;
    for (size_t i = 0; i < count; i++)
        if (finds[i].a == &scene.people[0] && finds[i].b == &scene.people[1]) {
            assert_true(finds[i].weight == finds[i].answer.weight);
            seen++;
        }
    assert_int_equal(seen, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_rival_halves_the_odds),
        cmocka_unit_test(test_those_who_are_one_are_no_rivals),
        cmocka_unit_test(test_who_was_decided_to_be_two_is_a_rival),
        cmocka_unit_test(test_the_very_name_comes_before_a_similar_one),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
