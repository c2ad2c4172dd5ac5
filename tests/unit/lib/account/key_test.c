#include "lib/account/key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { SECRET_AT = 4 + ACCOUNT_PREFIX_CHARS + 1 };

static void a_new_key_is_one(void **state)
{
    char text[ACCOUNT_KEY_TEXT], other[ACCOUNT_KEY_TEXT];
    struct account_key key;
    (void)state;
    account_key_new(text);
    account_key_new(other);
    assert_string_not_equal(text, other);
    assert_true(account_key_parse(slice_from_cstr(text), &key));
    assert_true(slice_equal(key.prefix, (struct slice){text + 4, ACCOUNT_PREFIX_CHARS}));
}

// What is stored is the digest of the secret alone: it can be computed by anybody who has the key, from nothing else.
static void the_digest_is_that_of_the_secret(void **state)
{
    char text[ACCOUNT_KEY_TEXT], digest[DIGEST_SHA256_HEX];
    struct account_key key;
    (void)state;
    account_key_new(text);
    assert_true(account_key_parse(slice_from_cstr(text), &key));
    digest_sha256_hex(slice_from_cstr(text + SECRET_AT), digest);
    assert_string_equal(key.secret_sha256, digest);
}

static bool parses(const char *text)
{
    struct account_key key;
    return account_key_parse(slice_from_cstr(text), &key);
}

static void what_is_no_key_is_refused(void **state)
{
    char text[ACCOUNT_KEY_TEXT], longer[ACCOUNT_KEY_TEXT + 1];
    (void)state;
    account_key_new(text);
    const size_t len = strlen(text);
    memcpy(longer, text, len);
    longer[len] = 'a';
    longer[len + 1] = '\0';
    assert_false(parses(longer));
    assert_false(parses(""));
    assert_false(parses("eda_"));
    assert_false(parses("eda__"));
    assert_false(parses("Bearer x"));
    // Each place of a key, with what cannot stand there.
    for (size_t i = 0; i < len; i++) {
        const char kept = text[i];
        for (const char *wrong = " A1\x80'"; *wrong; wrong++) {
            text[i] = *wrong;
            assert_false(parses(text));
        }
        text[i] = kept;
    }
    for (size_t cut = 0; cut < len; cut++) {
        struct account_key key;
        assert_false(account_key_parse((struct slice){text, cut}, &key));
    }
    assert_true(parses(text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_key_is_one),
        cmocka_unit_test(the_digest_is_that_of_the_secret),
        cmocka_unit_test(what_is_no_key_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
