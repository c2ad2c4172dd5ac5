// From requests to values, by the parameter tables; cursors; the documentation made from the same tables.
#include "lib/route/router.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void never_called(struct route_call *call)
{
    (void)call;
    fail();
}

static const char *const colours[] = {"red", "-red", "blue", NULL};
static const struct route_param params[] = {
    {"id", ROUTE_IN_PATH, ROUTE_UUID, .required = true, .doc = "Id."},
    {"name", ROUTE_IN_QUERY, ROUTE_TEXT, .max = 5, .doc = "Name."},
    {"limit", ROUTE_IN_QUERY, ROUTE_INT, .min = 1, .max = 100, .fallback = "20", .doc = "Limit."},
    {"day", ROUTE_IN_QUERY, ROUTE_DATE, .doc = "Day."},
    {"since", ROUTE_IN_QUERY, ROUTE_INSTANT, .doc = "Since."},
    {"flag", ROUTE_IN_QUERY, ROUTE_BOOL, .doc = "Flag."},
    {"colour", ROUTE_IN_QUERY, ROUTE_ENUM, .values = colours, .doc = "Colour."},
    {"tags", ROUTE_IN_QUERY, ROUTE_TEXT_LIST, .max = 3, .doc = "Tags."},
    {"radius", ROUTE_IN_QUERY, ROUTE_NUMBER, .min = 0, .max = 100, .fallback = "50",
     .doc = "Radius."},
    {"near", ROUTE_IN_QUERY, ROUTE_POINT, .doc = "Point."},
    {"box", ROUTE_IN_QUERY, ROUTE_BOX, .doc = "Box."},
    {"who", ROUTE_IN_QUERY, ROUTE_NAME, .doc = "Name or id."},
    {"names", ROUTE_IN_QUERY, ROUTE_NAME_LIST, .doc = "Names or ids."},
    {"shades", ROUTE_IN_QUERY, ROUTE_ENUM_LIST, .values = colours, .doc = "Colours."},
    {"cursor", ROUTE_IN_QUERY, ROUTE_CURSOR, .doc = "Cursor."},
};
static const char *radius_needs_near(const struct route_call *call, const char **ret_parameter)
{
    *ret_parameter = "radius";
    return !route_value_get(call, "radius")->is_fallback && !route_value_get(call, "near")->given
               ? "needs near"
               : NULL;
}
static const struct route_param body_params[] = {
    {"url", ROUTE_IN_BODY, ROUTE_TEXT, .required = true, .max = 20, .doc = "Address."},
    {"force", ROUTE_IN_BODY, ROUTE_BOOL, .fallback = "false", .doc = "Force."},
    {"ids", ROUTE_IN_BODY, ROUTE_UUID_LIST, .max = 2, .doc = "Ids."},
    {"extra", ROUTE_IN_BODY, ROUTE_OBJECT, .max = 12, .doc = "Extra."},
    {"things", ROUTE_IN_BODY, ROUTE_OBJECT_LIST, .max = 2, .doc = "Objects."},
    {"filter", ROUTE_IN_BODY, ROUTE_FILTER, .doc = "Parameters."},
};
static const struct route_param filter_params[] = {
    {"colour", ROUTE_IN_QUERY, ROUTE_ENUM_LIST, .values = colours, .doc = "Colours."},
    {"most", ROUTE_IN_QUERY, ROUTE_NUMBER, .min = 0, .max = 5, .doc = "Number."},
};
static const struct route routes[] = {
    {HTTP_METHOD_GET, "/things/:id", ROUTE_OPEN, "things", "One thing.",
     .params = {{params, ARRAY_LEN(params), radius_needs_near, false}}, .handler = never_called},
    {HTTP_METHOD_POST, "/things", ROUTE_OPEN, "things", "A new thing.",
     .params = {ROUTE_PARAMS(body_params), {filter_params, ARRAY_LEN(filter_params), NULL, true}},
     .handler = never_called, .body_example = "{\"url\":\"x\"}"},
};
static const struct route *const tables[] = {routes, NULL};
static const size_t sizes[] = {ARRAY_LEN(routes)};

#define ID "0b7f2a52-7a43-4a55-9f6e-6a8d3a0c9e11"

struct fixture {
    struct arena *arena;
    struct router *router;
    struct http_exchange exchange;
    struct route_call call;
    struct route_faults faults;
};

static int setup(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);
    const struct router_options options = {
        .tables = tables, .table_sizes = sizes, .title = "T", .description = "D"};
    fixture->arena = arena_new(1024 * 1024);
    fixture->router = router_new(&options);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    router_free(fixture->router);
    arena_free(fixture->arena);
    test_free(fixture);
    return 0;
}

static bool decode(struct fixture *fixture, size_t route, const char *id, const char *query,
                   const char *body)
{
    const struct slice segments[] = {SLICE("things"), slice_from_cstr(id)};
    fixture->exchange = (struct http_exchange){
        .arena = fixture->arena, .query = slice_from_cstr(query), .body = slice_from_cstr(body)};
    fixture->call = (struct route_call){.exchange = &fixture->exchange,
                                        .arena = fixture->arena,
                                        .route = &routes[route],
                                        .router = fixture->router};
    fixture->faults = (struct route_faults){0};
    return route_decode(&fixture->call, router_compiled(&fixture->call), segments,
                        &fixture->faults);
}

static void good_queries_become_values(void **state)
{
    struct fixture *f = *state;
    assert_true(decode(
        f, 0, ID,
        "name=Z%C3%B6e&day=2026-02-28&since=2026-01-01T10:00:00.5%2B02:00&flag=true&colour=-red"
        "&tags=a,+b+,,c",
        NULL));
    assert_true(slice_equal(route_value_get(&f->call, "name")->text, SLICE("Zöe")));
    assert_int_equal(route_value_get(&f->call, "limit")->integer, 20);
    assert_int_equal(f->call.limit, 20);
    assert_int_equal(route_value_get(&f->call, "flag")->integer, 1);
    const struct route_value *tags = route_value_get(&f->call, "tags");
    assert_int_equal(tags->count, 3);
    assert_true(slice_equal(tags->items[1], SLICE("b")));
    assert_false(route_value_get(&f->call, "cursor")->given);
    assert_false(route_value_get(&f->call, "nothing")->given);
}

static void assert_text(const struct fixture *f, const char *name, const char *text)
{
    assert_true(slice_equal(route_value_get(&f->call, name)->text, slice_from_cstr(text)));
}

static void numbers_places_and_names_become_values(void **state)
{
    struct fixture *f = *state;
    assert_true(decode(f, 0, ID,
                       "radius=2.5&near=-33.9,+151.2&box=170,-50,-170,-30&who=Zo%C3%AB+O'Brien"
                       "&names=ML,+Gen-AI," ID "&shades=red,-red",
                       NULL));
    assert_true(route_value_get(&f->call, "radius")->number == 2.5);
    const struct route_value *near = route_value_get(&f->call, "near");
    assert_int_equal(near->count, 2);
    assert_true(slice_equal(near->items[1], SLICE("151.2")));
    assert_int_equal(route_value_get(&f->call, "box")->count, 4);
    assert_text(f, "who", "zoe obrien");
    const struct route_value *names = route_value_get(&f->call, "names");
    assert_int_equal(names->count, 3);
    assert_true(slice_equal(names->items[1], SLICE("genai")));
    assert_true(slice_equal(names->items[2], SLICE(ID)));
    assert_int_equal(route_value_get(&f->call, "shades")->count, 2);
    assert_false(route_value_get(&f->call, "radius")->is_fallback);
    assert_true(decode(f, 0, ID, "who=" ID, NULL)); // ids stay as they are
    assert_text(f, "who", ID);
    assert_true(route_value_get(&f->call, "radius")->is_fallback);
    assert_text(f, "radius", "50");
}

static void objects_hold_parameters_of_the_query(void **state)
{
    struct fixture *f = *state;
    assert_true(
        decode(f, 1, "", NULL, "{\"url\":\"x\",\"filter\":{\"colour\":[\"red\"],\"most\":1}}"));
    assert_int_equal(route_value_get(&f->call, "colour")->count, 1);
    assert_true(route_value_get(&f->call, "most")->number == 1);
    static const struct {
        const char *body, *pointer, *nearest;
    } cases[] = {
        {"{\"url\":\"x\",\"filter\":{\"color\":[\"red\"]}}", "/filter/color", "colour"},
        {"{\"url\":\"x\",\"filter\":{\"colour\":\"red\"}}", "/filter/colour", NULL},
        {"{\"url\":\"x\",\"filter\":{\"colour\":[\"bleu\"]}}", "/filter/colour/0", "blue"},
        {"{\"url\":\"x\",\"filter\":{\"most\":6}}", "/filter/most", NULL},
        {"{\"url\":\"x\",\"filter\":[]}", "/filter", NULL},
        {"{\"url\":\"x\",\"things\":{}}", "/things", NULL},
        {"{\"url\":\"x\",\"things\":[{},3]}", "/things/1", NULL},
        {"{\"url\":\"x\",\"things\":[{},{},{}]}", "/things", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_false(decode(f, 1, "", NULL, cases[i].body));
        assert_string_equal(f->faults.items[0].pointer, cases[i].pointer);
        if (cases[i].nearest)
            assert_string_equal(f->faults.items[0].nearest, cases[i].nearest);
        else
            assert_null(f->faults.items[0].nearest);
    }
}

static void bad_queries_name_the_place(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *query;
        enum err code;
        const char *parameter, *nearest;
    } cases[] = {
        {"limt=3", ERR_UNKNOWN_PARAMETER, "limt", "limit"},
        {"colors=red", ERR_UNKNOWN_PARAMETER, "colors", "colour"},
        {"zzzzzzzz=1", ERR_UNKNOWN_PARAMETER, "zzzzzzzz", NULL},
        {"limit=0", ERR_INVALID_PARAMETER, "limit", NULL},
        {"limit=101", ERR_INVALID_PARAMETER, "limit", NULL},
        {"limit=1x", ERR_INVALID_PARAMETER, "limit", NULL},
        {"limit=5&limit=6", ERR_INVALID_PARAMETER, "limit", NULL},
        {"name=", ERR_INVALID_PARAMETER, "name", NULL},
        {"name=123456", ERR_INVALID_PARAMETER, "name", NULL},
        {"name=a%00b", ERR_INVALID_PARAMETER, "name", NULL},
        {"day=2026-02-30", ERR_INVALID_PARAMETER, "day", NULL},
        {"day=20260228", ERR_INVALID_PARAMETER, "day", NULL},
        {"day=2026-2-8", ERR_INVALID_PARAMETER, "day", NULL},
        {"since=2026-01-01T10:00:00", ERR_INVALID_PARAMETER, "since", NULL},
        {"since=2026-01-01T25:00:00Z", ERR_INVALID_PARAMETER, "since", NULL},
        {"flag=yes", ERR_INVALID_PARAMETER, "flag", NULL},
        {"colour=green", ERR_INVALID_PARAMETER, "colour", NULL},
        {"tags=,", ERR_INVALID_PARAMETER, "tags", NULL},
        {"tags=a,b,c,d", ERR_INVALID_PARAMETER, "tags", NULL},
        {"colour=bleu", ERR_INVALID_PARAMETER, "colour", "blue"},
        {"shades=red,rde", ERR_INVALID_PARAMETER, "shades", "red"},
        {"shades=", ERR_INVALID_PARAMETER, "shades", NULL},
        {"radius=1", ERR_INVALID_PARAMETER, "radius", NULL}, // without near
        {"near=1,1&radius=100.5", ERR_INVALID_PARAMETER, "radius", NULL},
        {"near=1,1&radius=-0.1", ERR_INVALID_PARAMETER, "radius", NULL},
        {"near=1,1&radius=nan", ERR_INVALID_PARAMETER, "radius", NULL},
        {"near=1,1&radius=0x10", ERR_INVALID_PARAMETER, "radius", NULL},
        {"near=1,1&radius=1e400", ERR_INVALID_PARAMETER, "radius", NULL},
        {"near=1", ERR_INVALID_PARAMETER, "near", NULL},
        {"near=1,2,3", ERR_INVALID_PARAMETER, "near", NULL},
        {"near=90.1,0", ERR_INVALID_PARAMETER, "near", NULL},
        {"near=,", ERR_INVALID_PARAMETER, "near", NULL},
        {"box=0,1,0", ERR_INVALID_PARAMETER, "box", NULL},
        {"box=0,1,0,0", ERR_INVALID_PARAMETER, "box", NULL},
        {"box=0,-91,0,0", ERR_INVALID_PARAMETER, "box", NULL},
        {"who=", ERR_INVALID_PARAMETER, "who", NULL},
        {"who=%20", ERR_INVALID_PARAMETER, "who", NULL},
        {"names=,", ERR_INVALID_PARAMETER, "names", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_false(decode(f, 0, ID, cases[i].query, NULL));
        assert_int_equal(f->faults.code, cases[i].code);
        assert_string_equal(f->faults.items[0].parameter, cases[i].parameter);
        if (cases[i].nearest)
            assert_string_equal(f->faults.items[0].nearest, cases[i].nearest);
        else
            assert_null(f->faults.items[0].nearest);
    }
    assert_false(decode(f, 0, "not-a-uuid", NULL, NULL));
    assert_string_equal(f->faults.items[0].parameter, "id");
    assert_false(decode(f, 0, ID, "limit=0&flag=maybe&nme=x", NULL)); // all at once
    assert_int_equal(f->faults.count, 3);
}

static void bodies_are_checked_by_pointer(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *body;
        enum err code;
        const char *pointer;
    } cases[] = {
        {"", ERR_INVALID_JSON, ""},
        {"{\"url\":", ERR_INVALID_JSON, ""},
        {"[]", ERR_INVALID_FIELD, ""},
        {"{}", ERR_MISSING_FIELD, "/url"},
        {"{\"url\":null}", ERR_MISSING_FIELD, "/url"},
        {"{\"url\":7}", ERR_INVALID_FIELD, "/url"},
        {"{\"url\":\"\"}", ERR_INVALID_FIELD, "/url"},
        {"{\"url\":\"x\",\"force\":\"true\"}", ERR_INVALID_FIELD, "/force"},
        {"{\"url\":\"x\",\"frce\":true}", ERR_UNKNOWN_PARAMETER, "/frce"},
        {"{\"url\":\"x\",\"ids\":[]}", ERR_INVALID_FIELD, "/ids"},
        {"{\"url\":\"x\",\"ids\":\"" ID "\"}", ERR_INVALID_FIELD, "/ids"},
        {"{\"url\":\"x\",\"ids\":[\"" ID "\",\"y\"]}", ERR_INVALID_FIELD, "/ids/1"},
        {"{\"url\":\"x\",\"ids\":[\"" ID "\",\"" ID "\",\"" ID "\"]}", ERR_INVALID_FIELD, "/ids"},
        {"{\"url\":\"x\",\"extra\":[1]}", ERR_INVALID_FIELD, "/extra"},
        {"{\"url\":\"x\",\"extra\":\"{}\"}", ERR_INVALID_FIELD, "/extra"},
        {"{\"url\":\"x\",\"extra\":{\"a\":1234567}}", ERR_INVALID_FIELD, "/extra"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_false(decode(f, 1, "", NULL, cases[i].body));
        assert_int_equal(f->faults.code, cases[i].code);
        assert_string_equal(f->faults.items[0].pointer, cases[i].pointer);
    }
    assert_true(decode(f, 1, "", NULL, "{\"url\":\"x\",\"ids\":[\"" ID "\"],\"force\":true}"));
    assert_int_equal(route_value_get(&f->call, "force")->integer, 1);
    assert_int_equal(route_value_get(&f->call, "ids")->count, 1);
    assert_true(decode(f, 1, "", NULL, "{\"url\":\"x\",\"extra\": {\"a\": [1]} }"));
    assert_true(slice_equal(route_value_get(&f->call, "extra")->text, SLICE("{\"a\":[1]}")));
}

static void keys_of_all_types_become_values(void **state)
{
    struct fixture *f = *state;
    struct db_value values[8];
    size_t count;
    const struct slice keys = SLICE(
        "[\"a \\\"b\\\"\",null,7,-12345678901234567890.1234567890,true,false,[1,{\"x\":2}],9]");
    static const char *const wanted[] = {
        "a \"b\"", NULL, "7", "-12345678901234567890.1234567890", "true", "false", "[1,{\"x\":2}]"};
    assert_int_equal(route_cursor_values(f->arena, keys, ARRAY_LEN(wanted), values, &count),
                     ERR_OK);
    assert_int_equal(count, ARRAY_LEN(wanted)); // no more than there is room for
    for (size_t i = 0; i < count; i++) {
        assert_true(values[i].given);
        if (wanted[i])
            assert_true(slice_equal(values[i].text, slice_from_cstr(wanted[i])));
        else
            assert_null(values[i].text.ptr);
    }
    static const char *const none[] = {"", "{}", "7", "[1", "null"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        assert_int_equal(route_cursor_values(f->arena, slice_from_cstr(none[i]), 8, values, &count),
                         ERR_INVALID_CURSOR);
}

static void cursors_belong_to_their_question(void **state)
{
    struct fixture *f = *state;
    const struct slice secret = SLICE("secret"), keys = SLICE("[\"2026-01-01\",\"" ID "\"]");
    struct slice cursor = route_cursor_encode(f->arena, secret, 42, keys), back;
    assert_int_equal(route_cursor_decode(f->arena, secret, 42, cursor, &back), ERR_OK);
    assert_true(slice_equal(back, keys));
    assert_int_equal(route_cursor_decode(f->arena, secret, 43, cursor, &back), ERR_INVALID_CURSOR);
    assert_int_equal(route_cursor_decode(f->arena, SLICE("other"), 42, cursor, &back),
                     ERR_INVALID_CURSOR);
    for (size_t i = 0; i < cursor.len; i++) { // a changed character anywhere
        char *forged = arena_cstr(f->arena, cursor);
        forged[i] = forged[i] == 'A' ? 'B' : 'A';
        struct slice text = {forged, cursor.len};
        if (!route_cursor_decode(f->arena, secret, 42, text, &back))
            assert_true(i == cursor.len - 1 &&
                        slice_equal(back, keys)); // unused bits of the last one
    }
    for (size_t len = 0; len < cursor.len; len++)
        assert_int_equal(
            route_cursor_decode(f->arena, secret, 42, slice_sub(cursor, 0, len), &back),
            ERR_INVALID_CURSOR);

    assert_true(decode(f, 0, ID, "name=a&limit=5", NULL));
    uint64_t hash = route_filter_hash(&f->call);
    assert_true(decode(f, 0, ID, "limit=50&name=a", NULL));
    assert_true(route_filter_hash(&f->call) == hash);
    assert_true(decode(f, 0, ID, "name=b", NULL));
    assert_true(route_filter_hash(&f->call) != hash);
}

static void the_documentation_names_what_there_is(void **state)
{
    struct fixture *f = *state;
    struct buffer text;
    yyjson_val *root = NULL;
    buffer_init(&text, 1024 * 1024);
    router_openapi(f->router, &text);
    assert_int_equal(json_parse(f->arena, buffer_slice(&text), &root, NULL), ERR_OK);
    assert_true(slice_equal(json_get_text(root, "openapi"), SLICE("3.1.0")));
    yyjson_val *get =
        yyjson_obj_get(yyjson_obj_get(json_get(root, "paths"), "/things/{id}"), "get");
    assert_int_equal(yyjson_arr_size(yyjson_obj_get(get, "parameters")), ARRAY_LEN(params));
    assert_true(slice_equal(json_get_text(get, "operationId"), SLICE("get_things_id")));
    yyjson_val *post = yyjson_obj_get(yyjson_obj_get(json_get(root, "paths"), "/things"), "post");
    assert_non_null(json_get(post, "requestBody.content"));
    buffer_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(good_queries_become_values, setup, teardown),
        cmocka_unit_test_setup_teardown(numbers_places_and_names_become_values, setup, teardown),
        cmocka_unit_test_setup_teardown(objects_hold_parameters_of_the_query, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_queries_name_the_place, setup, teardown),
        cmocka_unit_test_setup_teardown(bodies_are_checked_by_pointer, setup, teardown),
        cmocka_unit_test_setup_teardown(keys_of_all_types_become_values, setup, teardown),
        cmocka_unit_test_setup_teardown(cursors_belong_to_their_question, setup, teardown),
        cmocka_unit_test_setup_teardown(the_documentation_names_what_there_is, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
