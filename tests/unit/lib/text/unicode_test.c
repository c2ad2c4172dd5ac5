#include "lib/text/unicode.h"
#include "support/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct text_case {
    struct slice in;
    const char *out;
};

static void check(struct slice (*function)(struct arena *, struct slice),
                  const struct text_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct slice got = function(arena, cases[i].in);
        assert_string_equal(arena_cstr(arena, got), cases[i].out);
        assert_true(unicode_is_valid(got));
        // What is clean stays as it is.
        assert_true(slice_equal(function(arena, got), got));
    }
}

static void test_sequences(void **state)
{
    (void)state;
    const struct {
        struct slice bytes;
        size_t len;
    } cases[] = {
        {SLICE(""), 0},
        {SLICE("a"), 1},
        {SLICE("\xc3\xa9"), 2},
        {SLICE("\xe2\x82\xac"), 3},
        {SLICE("\xf0\x9f\x98\x80"), 4},
        {SLICE("\xf4\x8f\xbf\xbf"), 4},
        {SLICE("\x80"), 0},             // a continuation alone
        {SLICE("\xc0\xaf"), 0},         // overlong
        {SLICE("\xe0\x9f\xbf"), 0},     // overlong
        {SLICE("\xf0\x8f\xbf\xbf"), 0}, // overlong
        {SLICE("\xed\xa0\x80"), 0},     // a surrogate
        {SLICE("\xf4\x90\x80\x80"), 0}, // above U+10FFFF
        {SLICE("\xe2\x82"), 0},         // cut
        {SLICE("\xff"), 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(unicode_sequence(cases[i].bytes), cases[i].len);
        assert_int_equal(unicode_is_valid(cases[i].bytes),
                         cases[i].bytes.len == 0 || cases[i].len > 0);
    }
    assert_false(unicode_is_valid(SLICE("0123456789abcdef\xff"))); // behind a run of ASCII
}

static void test_every_code_point_survives_encoding(void **state)
{
    (void)state;
    for (uint32_t c = 1; c <= 0x10ffff; c += c < 0x3000 ? 1 : 37) {
        char bytes[4];
        struct slice text = {bytes, unicode_encode(c, bytes)};
        bool surrogate = c >= 0xd800 && c <= 0xdfff;
        assert_int_equal(unicode_next(&text), surrogate ? UNICODE_REPLACEMENT : c);
        assert_int_equal(text.len, 0);
    }
}

static void test_repair(void **state)
{
    (void)state;
    const struct text_case cases[] = {
        {SLICE("plain"), "plain"},
        {SLICE("caf\xe9!"), "caf\xef\xbf\xbd!"},
        {SLICE("\xe2\x82"), "\xef\xbf\xbd\xef\xbf\xbd"},
        {SLICE("a\0b"), "ab"},
        {SLICE(""), ""},
    };
    check(unicode_repair, cases, ARRAY_LEN(cases));
    struct slice same = SLICE("é");
    assert_ptr_equal(unicode_repair(arena, same).ptr, same.ptr); // valid text is not copied
}

static void test_clean_line(void **state)
{
    (void)state;
    const struct text_case cases[] = {
        {SLICE("  two \t words\r\n"), "two words"},
        {SLICE("\u00a0a\u3000b\u2028c\u00a0"), "a b c"},
        {SLICE("\u200b\u200bzero\u200b width\ufeff"), "zero width"},
        {SLICE("right\u200fto\u202eleft"), "righttoleft"},
        {SLICE("e\u0301"), "é"},
        {SLICE("e\u200b\u0301"), "é"}, // composed over what was dropped
        {SLICE("a\0b\x01\x7f\xc2\x85"
               "c"),
         "ab c"},
        {SLICE("soft\u00adhyphen"), "softhyphen"},
        {SLICE("Apple \uf8ff"), "Apple"},            // private use
        {SLICE("n\u200dn"), "nn"},                   // a joiner between Latin letters
        {SLICE("👩\u200d💻"), "👩\u200d💻"},         // and inside an emoji
        {SLICE("نمی\u200cخواهم"), "نمی\u200cخواهم"}, // and inside a Persian word
        {SLICE("❤\ufe0f 1\ufe0f\u20e3"), "❤\ufe0f 1\ufe0f\u20e3"},
        {SLICE("bad \xff byte"), "bad \xef\xbf\xbd byte"},
        {SLICE("   "), ""},
        {SLICE(""), ""},
    };
    check(unicode_clean_line, cases, ARRAY_LEN(cases));
    assert_null(unicode_clean_line(arena, (struct slice){0}).ptr); // absent stays absent
    assert_non_null(unicode_clean_line(arena, SLICE("  ")).ptr);   // present stays present
}

static void test_clean_text(void **state)
{
    (void)state;
    const struct text_case cases[] = {
        {SLICE("a\r\nb\rc\u2028d"), "a\nb\nc\nd"},
        {SLICE("\n\n a \n\n\n\n b \n"), "a\n\n b"},
        {SLICE("- one\n  - two\n\u200b\n"), "- one\n  - two"},
        {SLICE("a  b\t\n\tc"), "a b\n c"},
        {SLICE("a\0\nb"), "a\nb"},
    };
    check(unicode_clean_text, cases, ARRAY_LEN(cases));
    char deep[200];
    memset(deep, ' ', sizeof deep);
    memcpy(deep, "a\n", 2);
    deep[sizeof deep - 1] = 'b';
    assert_int_equal(unicode_clean_text(arena, (struct slice){deep, sizeof deep}).len, 15);
}

static void test_fold(void **state)
{
    (void)state;
    const struct text_case cases[] = {
        {SLICE("Straße"), "strasse"},
        {SLICE("ÅNGSTRÖM Café"), "angstrom cafe"},
        {SLICE("Łódź Øresund Ævar Þór"), "lodz oresund aevar thor"},
        {SLICE("İstanbul Buluşması"), "istanbul bulusmasi"},
        {SLICE("ﬁne Ⅷ ½"), "fine viii 1⁄2"},
        {SLICE("𝓥𝓸𝓵 𝐀"), "vol a"},
        {SLICE("Ｆｕｌｌ　Ｗｉｄｔｈ"), "full width"},
        {SLICE("H̶o̶u̶s̶e̶"), "house"},
        {SLICE("zero\u200bwidth"), "zerowidth"},
        {SLICE("が か"), "が か"}, // the mark makes another kana
        {SLICE("हिन्दी"), "हिन्दी"}, // vowel signs are no accents
        {SLICE("한국"), "한국"},
        {SLICE("ΣΊΣΥΦΟΣ σίσυφος"), "σισυφοσ σισυφοσ"},
        {SLICE("a´b"), "a b"},
    };
    check(unicode_fold, cases, ARRAY_LEN(cases));
}

static void test_cut(void **state)
{
    (void)state;
    struct slice family = SLICE("👩‍👩‍👧‍👦x");
    assert_int_equal(unicode_cut(family, 1).len, family.len - 1);
    assert_int_equal(unicode_cut(SLICE("e\u0301e\u0301"), 1).len, 3);
    assert_int_equal(unicode_cut(SLICE("🇯🇵🇰🇷"), 1).len, 8);
    assert_int_equal(unicode_cut(SLICE("abc"), 0).len, 0);
    assert_int_equal(unicode_cut(SLICE("abc"), 2).len, 2);
    assert_int_equal(unicode_cut(SLICE("abc"), 3).len, 3);
    // A cluster without end does not make the result long.
    char *zalgo = arena_alloc(arena, 200000);
    zalgo[0] = 'z';
    for (size_t i = 1; i + 1 < 200000; i += 2)
        memcpy(zalgo + i, "\u0301", 2);
    struct slice cut = unicode_cut((struct slice){zalgo, 199999}, 10);
    assert_in_range(cut.len, 1, 320);
    assert_true(unicode_is_valid(cut));
}

static void test_any_bytes(void **state)
{
    (void)state;
    unsigned seed = 7;
    for (int round = 0; round < 2000; round++) {
        char bytes[64];
        for (size_t i = 0; i < sizeof bytes; i++) {
            seed = seed * 1103515245u + 12345u;
            bytes[i] = (char)(seed >> 16);
        }
        struct slice text = {bytes, (size_t)(round % 64)};
        struct slice (*const functions[])(struct arena *, struct slice) = {
            unicode_repair, unicode_clean_line, unicode_clean_text, unicode_fold};
        for (size_t f = 0; f < ARRAY_LEN(functions); f++) {
            struct slice got = functions[f](arena, text);
            assert_true(unicode_is_valid(got));
            assert_true(got.len == 0 || !memchr(got.ptr, '\0', got.len));
        }
        arena_reset(arena);
    }
}

static void test_emoji(void **state)
{
    (void)state;
    static const uint32_t yes[] = {0x1f600, 0x1f1ef, 0x1f3fd, 0xfe0f,
                                   0x200d,  0x20e3,  0x2708,  0x1f9d1};
    static const uint32_t no[] = {'a',    '1',  '#',    '*',    0xa9,  0xae,
                                  0x2122, 0xe9, 0x65e5, 0x2014, 0x2019};
    for (size_t i = 0; i < ARRAY_LEN(yes); i++)
        assert_true(unicode_is_emoji(yes[i]));
    for (size_t i = 0; i < ARRAY_LEN(no); i++)
        assert_false(unicode_is_emoji(no[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sequences),
        cmocka_unit_test(test_every_code_point_survives_encoding),
        cmocka_unit_test(test_repair),
        cmocka_unit_test(test_clean_line),
        cmocka_unit_test(test_clean_text),
        cmocka_unit_test(test_fold),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_any_bytes),
        cmocka_unit_test(test_emoji),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
