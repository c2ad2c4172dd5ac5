#include "extractor/llm/tolerant_json.h"

#include "support/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const members[] = {"people", "place", NULL};

// What was read, as strict JSON; NULL when nothing was.
static char *read(const char *text, bool *ret_is_cut)
{
    yyjson_val *object = NULL;
    struct error error = {0};
    if (tolerant_json_parse(arena, slice_from_cstr(text), members, &object, ret_is_cut, &error)) {
        assert_int_equal(error.code, ERR_INVALID_JSON);
        assert_true(error.detail[0]);
        return NULL;
    }
    return yyjson_val_write(object, YYJSON_WRITE_NOFLAG, NULL);
}

#define ADA "{\"people\":[{\"name\":\"Ada\",\"role\":\"speaker\"}]}"

static const struct {
    const char *text, *json; // NULL: refused
    bool is_cut;
} rows[] = {
    {ADA, ADA, false},
    {"```json\n" ADA "\n```\nHope that helps!", ADA, false},
    {"Here is {what} you asked for:\n" ADA " - and that {is} all.", ADA, false},
    {"<think>{\"people\": [\"a wrong one\"]}</think>" ADA, ADA, false},
    {"\xef\xbb\xbf" ADA, ADA, false},
    {"{\"answer\": " ADA "}", ADA, false},
    // commas
    {"{\"people\":[{\"name\":\"Ada\",\"role\":\"speaker\",},],}", ADA, false},
    {"{\"people\":[{\"name\":\"Ada\" \"role\":\"speaker\"}]}", ADA, false},
    {"{\"people\":[{\"name\":\"Ada\",,\"role\":\"speaker\"},,]}", ADA, false},
    {"{\"people\":[{\"name\":\"Ada\"\n\"role\":\"speaker\"}]}", ADA, false},
    // comments
    {"{\"people\": /* those who speak */ [{\"name\":\"Ada\", // the first\n\"role\":\"speaker\"} # "
     "one\n]}",
     ADA, false},
    // quotes
    {"{'people':[{'name':'Ada','role':'speaker'}]}", ADA, false},
    {"{“people”:[{“name”:“Ada”,“role”:“speaker”}]}", ADA, false},
    {"{people:[{name:Ada,role:speaker}]}", ADA, false},
    {"{people=[{name=>'Ada',role=speaker}]}", ADA, false},
    {"{'people':['O'Brien', 'it\\'s']}", "{\"people\":[\"O'Brien\",\"it's\"]}", false},
    {"{\"people\":[\"Ada \"the engine\" Byron\"]}",
     "{\"people\":[\"Ada \\\"the engine\\\" Byron\"]}", false},
    {"{\"people\":\"two\nlines\"}", "{\"people\":\"two\\nlines\"}", false},
    {"{\"people\":\"a\\q\\u0041\\ud83d\\ude00\\ud83d\\u0000\"}",
     "{\"people\":\"aqA\xf0\x9f\x98\x80\xef\xbf\xbd\"}", false},
    // constants and numbers
    {"{\"people\":[None,True,FALSE,undefined,NaN,-Infinity,nil]}",
     "{\"people\":[null,true,false,null,null,null,null]}", false},
    {"{\"people\":[+1,-2,1.5,.5,1e3,12ab,...]}", "{\"people\":[1,-2,1.5,0.5,1000,\"12ab\"]}",
     false},
    // cut off
    {"{\"people\":[{\"name\":\"Ada\",\"role\":\"speaker\"}", ADA, true},
    {"{\"people\":[{\"name\":\"Ada\",\"role\":\"speaker\"},{\"name\":\"Gra",
     "{\"people\":[{\"name\":\"Ada\",\"role\":\"speaker\"},{}]}", true},
    {"{\"people\":[{\"name\":\"Ada\",\"role\":\"spea", "{\"people\":[{\"name\":\"Ada\"}]}", true},
    {"{\"people\":[1,2,12", "{\"people\":[1,2]}", true},
    {"{\"people\":[tru", "{\"people\":[]}", true},
    {"{\"people\":[],\"place\":", "{\"people\":[]}", true},
    {"{\"people\":[],\"pla", "{\"people\":[]}", true},
    {"{\"people\":[] /* and then", "{\"people\":[]}", true},
    // brackets that do not fit
    {"{\"people\":[{\"name\":\"Ada\",\"role\":\"speaker\"]}", ADA, false},
    {"{\"people\":[1,2}", "{\"people\":[1,2]}", false},
    // nothing
    {"", NULL, false},
    {"I cannot help with that.", NULL, false},
    {"[]", NULL, false},
    {"{}", NULL, false},
    {"{\"persons\":[]}", NULL, false},
    {"{\"people\"", NULL, false},
    {"{{{{{{{{{{{{{{{{{{{{{{", NULL, false},
};

static void what_was_meant_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        bool is_cut = false;
        char *json = read(rows[i].text, &is_cut);
        if (!json != !rows[i].json || (json && strcmp(json, rows[i].json) != 0))
            fail_msg("%s\nwas read as %s\nnot as %s", rows[i].text, json ? json : "nothing",
                     rows[i].json ? rows[i].json : "nothing");
        if (is_cut != rows[i].is_cut)
            fail_msg("%s: cut or not?", rows[i].text);
        free(json);
    }
}

// Every beginning of an answer is read as a part of it, or refused.
static void any_end_may_be_missing(void **state)
{
    (void)state;
    static const char whole[] =
        "{\"people\":[{\"name\":\"Ada\",\"role\":\"speaker\"},"
        "{\"name\":\"Grace\",\"role\":\"host\"}],\"place\":{\"city\":\"X\"}}";
    size_t read_count = 0;
    for (size_t len = 0; len < sizeof whole; len++) {
        bool is_cut = false;
        char *json = read(arena_cstr(arena, (struct slice){whole, len}), &is_cut);
        assert_true(!json || is_cut || len == sizeof whole - 1);
        // What was read never differs from what stands there: "Gra" is not a name.
        assert_true(!json || !strstr(json, "\"Gra\""));
        read_count += json != NULL;
        free(json);
    }
    assert_true(read_count > sizeof whole / 2);
}

static void nesting_is_bounded(void **state)
{
    (void)state;
    static char text[4096] = "{\"people\":";
    memset(text + 10, '[', 3000);
    assert_null(read(text, NULL));
    struct error error = {0};
    yyjson_val *object;
    assert_int_equal(
        tolerant_json_parse(arena, slice_from_cstr(text), members, &object, NULL, &error),
        ERR_INVALID_JSON);
    assert_string_equal(error.detail, "the nesting is too deep");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_meant_is_read),
        cmocka_unit_test(any_end_may_be_missing),
        cmocka_unit_test(nesting_is_bounded),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
