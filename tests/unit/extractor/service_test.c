#include "extractor/service.h"

#include "extractor/extract.h"
#include "extractor/luma_page.h"
#include "lib/json/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct arena *arena;
    struct buffer out;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->arena = arena_new(EXTRACT_ARENA_BYTES);
    buffer_init(&f->out, EXTRACTOR_MAX_ANSWER);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    arena_free(f->arena);
    buffer_done(&f->out);
    free(f);
    return 0;
}

static const char DATA[] =
    "{\"event\":{\"api_id\":\"evt-a\",\"name\":\"Looms & "
    "\\\"engines\\\"\",\"start_at\":\"2026-03-31T16:30:00Z\",\"timezone\":\"Asia/Taipei\","
    "\"url\":\"looms\",\"location_type\":\"offline\",\"coordinate\":{\"latitude\":25.5,"
    "\"longitude\":121.25}},\"hosts\":[{\"name\":"
    "\"Ada Lovelace\",\"twitter_handle\":\"ada\"},{\"name\":\"Loom "
    "Labs\"}],\"categories\":[{\"api_id\":\"cat-crypto\",\"name\":\"Crypto\"}],"
    "\"ticket_info\":{\"price\":{\"cents\":2500,\"currency\":\"usd\"}}}";

static struct slice page(struct fixture *f)
{
    return luma_page_build(f->arena, (struct luma_page){.data = DATA});
}

static yyjson_val *parse_answer(struct fixture *f)
{
    yyjson_val *root = NULL;
    assert_int_equal(json_parse(f->arena, buffer_slice(&f->out), &root, NULL), ERR_OK);
    return root;
}

static void check_text(yyjson_val *root, const char *path, const char *expected)
{
    struct slice got = json_get_text(root, path);
    if (!slice_equal(got, slice_from_cstr(expected)))
        fail_msg("%s is \"%.*s\"", path, SLICE_FMT(got));
}

// The shape of the wire contract, member by member.
static void test_the_answer(void **state)
{
    struct fixture *f = *state;
    struct error error = {0};
    assert_int_equal(extractor_answer(page(f), SLICE("https://lu.ma/looms"), &f->out, &error),
                     ERR_OK);
    yyjson_val *root = parse_answer(f);
    check_text(root, "kind", "event");
    check_text(root, "event.name", "Looms & \"engines\"");
    check_text(root, "event.starts_at", "2026-03-31T16:30:00Z");
    check_text(root, "event.date", "2026-04-01");
    check_text(root, "event.timezone", "Asia/Taipei");
    check_text(root, "event.status", "scheduled");
    check_text(root, "event.url", "https://luma.com/looms");
    check_text(root, "event.luma_id", "evt-a");
    check_text(root, "event.price.currency", "USD");
    assert_int_equal(json_get_int(root, "event.price.cents", 0), 2500);
    assert_true(json_get_double(root, "event.latitude", 0) == 25.5);
    assert_true(yyjson_is_false(json_get(root, "event.is_online")));
    assert_true(yyjson_is_null(json_get(root, "event.description")));
    assert_true(yyjson_is_null(json_get(root, "event.calendar")));
    check_text(root, "event.fields.name.method", "next_data");
    assert_true(json_get_double(root, "event.fields.name.confidence", 0) == 0.98);
    assert_null(json_get(root, "event.fields.description"));
    check_text(root, "speakers.0.name", "Ada Lovelace");
    check_text(root, "speakers.0.role", "host");
    check_text(root, "speakers.0.method", "next_data");
    check_text(root, "speakers.0.evidence", "Ada Lovelace");
    check_text(root, "speakers.0.links.x", "https://x.com/ada");
    assert_true(json_get_double(root, "speakers.0.confidence", 0) > 0.5);
    assert_true(yyjson_is_null(json_get(root, "speakers.0.company")));
    check_text(root, "companies.0.name", "Loom Labs");
    check_text(root, "companies.0.relationship_type", "host");
    check_text(root, "topics.0.name", "Crypto");
    check_text(root, "topics.0.category", "technology");
    assert_true(json_get_double(root, "topics.0.relevance", 0) > 0);
    assert_int_equal(yyjson_arr_size(json_get(root, "listed_events")), 0);
    assert_int_equal(yyjson_arr_size(json_get(root, "warnings")), 0);
    check_text(root, "methods.0", "next_data");
}

static void test_no_event(void **state)
{
    struct fixture *f = *state;
    struct error error = {0};
    assert_int_equal(extractor_answer(SLICE(""), (struct slice){0}, &f->out, &error), ERR_OK);
    yyjson_val *root = parse_answer(f);
    check_text(root, "kind", "not_event");
    assert_true(yyjson_is_null(json_get(root, "event")));
    assert_int_equal(yyjson_arr_size(json_get(root, "speakers")), 0);
}

static void test_a_page_over_the_maximum(void **state)
{
    struct fixture *f = *state;
    static char bytes[EXTRACT_MAX_PAGE + 1];
    struct error error = {0};
    assert_int_equal(
        extractor_answer((struct slice){bytes, sizeof bytes}, (struct slice){0}, &f->out, &error),
        ERR_PAGE_TOO_LARGE);
    assert_int_equal(f->out.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_answer, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_event, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_page_over_the_maximum, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
