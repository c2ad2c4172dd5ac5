#include "lib/match/latin.h"
#include "lib/match/link.h"
#include "lib/match/match.h"
#include "lib/match/similar.h"
#include "lib/match/wordlist.h"
#include "support/arena_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void test_edits(void **state)
{
    (void)state;
    assert_int_equal(similar_edits(SLICE("lathe"), SLICE("lathe"), 2), 0);
    assert_int_equal(similar_edits(SLICE("lathe"), SLICE("lahte"), 2), 1); // a swap
    assert_int_equal(similar_edits(SLICE("lathe"), SLICE("late"), 2), 1);
    assert_int_equal(similar_edits(SLICE("lathe"), SLICE("bathes"), 2), 2);
    assert_int_equal(similar_edits(SLICE("lathe"), SLICE("quill"), 2), 3);
    assert_int_equal(similar_edits(SLICE(""), SLICE("ab"), 2), 2);
}

// The examples of Winkler's paper.
static void test_jaro_winkler(void **state)
{
    (void)state;
    assert_true(fabs(similar_jaro_winkler(SLICE("martha"), SLICE("marhta")) - 0.961) < 0.001);
    assert_true(fabs(similar_jaro_winkler(SLICE("dwayne"), SLICE("duane")) - 0.840) < 0.001);
    assert_true(fabs(similar_jaro_winkler(SLICE("dixon"), SLICE("dicksonx")) - 0.813) < 0.001);
    assert_true(similar_jaro_winkler(SLICE("abc"), SLICE("xyz")) == 0);
}

static void test_pinyin(void **state)
{
    (void)state;
    static const char *const yes[] = {"xiaotao", "weiwei", "zhang", "li", "jun", "xian"};
    static const char *const no[] = {"smith", "giulia", "ivan", "kirsten", "v", "sergio"};
    for (size_t i = 0; i < ARRAY_LEN(yes); i++)
        assert_true(similar_is_pinyin(slice_from_cstr(yes[i])));
    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        assert_false(similar_is_pinyin(slice_from_cstr(no[i])));
}

static void test_umlauts(void **state)
{
    (void)state;
    assert_true(similar_umlauts(SLICE("lueder"), SLICE("luder")));
    assert_false(similar_umlauts(SLICE("lueder"), SLICE("lider")));
    assert_false(similar_umlauts(SLICE("lued"), SLICE("luedo")));
}

static void test_latin(void **state)
{
    (void)state;
    assert_string_equal(latin_fold(arena, SLICE("Иван Петров")).ptr, "ivan petrov");
    assert_string_equal(latin_fold(arena, SLICE("Zoë Ørsted")).ptr, "zoe orsted");
    assert_true(latin_is_lossy(SLICE("李")));
    assert_false(latin_is_lossy(SLICE("Иван Zoë")));
}

static void test_links(void **state)
{
    (void)state;
    struct match_link link = link_read(arena, SLICE("https://www.LinkedIn.com/in/quilla/?x=1"));
    assert_int_equal(link.site, SITE_LINKEDIN);
    assert_true(slice_equal(link.handle, SLICE("in/quilla")));
    link = link_read(arena, SLICE("https://twitter.com/quilla"));
    assert_int_equal(link.site, SITE_TWITTER);
    link = link_read(arena, SLICE("http://blog.quill.co.uk:8080/a"));
    assert_int_equal(link.site, SITE_WEBSITE);
    assert_true(slice_equal(link.handle, SLICE("quill.co.uk")));
    assert_int_equal(link_read(arena, SLICE("no address")).site, SITE_NONE);
    assert_int_equal(link_read(arena, SLICE("https://github.com/")).site, SITE_NONE);
    assert_true(slice_equal(link_host_core(SLICE("www.quill.com.cn")), SLICE("quill")));
}

static void test_lists(void **state)
{
    (void)state;
    assert_true(wordlist_are_nicknames(SLICE("liz"), SLICE("elizabeth")));
    assert_true(wordlist_are_nicknames(SLICE("elizabeth"), SLICE("liz")));
    assert_false(wordlist_are_nicknames(SLICE("liz"), SLICE("soren")));
    assert_true(wordlist_is_legal_form(SLICE("gmbh")));
    assert_true(wordlist_name_frequency(SLICE("david")) >
                wordlist_name_frequency(SLICE("brandvold")));
    assert_true(wordlist_known_company(SLICE("ibm")) ==
                wordlist_known_company(SLICE("international business machines")));
}

static void test_every_level_has_a_weight(void **state)
{
    (void)state;
    const struct match_model *model = match_model_get(); // stops the program where one is missing
    assert_true(model->version > 0);
    for (size_t i = 0; i < MATCH_KIND_COUNT; i++)
        assert_true(model->kinds[i].merge > model->kinds[i].review);
    // A rare name says more than a frequent one, and a contradiction speaks against.
    assert_true(model->levels[MATCH_FAMILY_SAME_RARE].bits >
                model->levels[MATCH_FAMILY_SAME_FREQUENT].bits);
    assert_true(model->levels[MATCH_GIVEN_OTHER].bits < 0);
    assert_true(model->levels[MATCH_EVENT_TIME_OTHER].bits < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edits),  cmocka_unit_test(test_jaro_winkler),
        cmocka_unit_test(test_pinyin), cmocka_unit_test(test_umlauts),
        cmocka_unit_test(test_latin),  cmocka_unit_test(test_links),
        cmocka_unit_test(test_lists),  cmocka_unit_test(test_every_level_has_a_weight),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
