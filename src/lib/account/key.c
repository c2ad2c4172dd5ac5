#include "lib/account/key.h"

#include "lib/base/ensure.h"

#include <stdio.h>
#include <string.h>

static const char alphabet[] =
    "abcdefghijklmnopqrstuvwxyz234567"; // RFC 4648 base 32, lower case: 5 bits each

static bool is_made_of_ours(struct slice text, size_t chars)
{
    if (text.len != chars)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!memchr(alphabet, text.ptr[i], sizeof alphabet - 1))
            return false;
    return true;
}

bool account_key_parse(struct slice text, struct account_key *ret_key)
{
    enum { START = 4, SECRET_AT = START + ACCOUNT_PREFIX_CHARS + 1 };
    if (text.len != SECRET_AT + ACCOUNT_SECRET_CHARS || !slice_starts_with(text, SLICE("eda_")) ||
        text.ptr[SECRET_AT - 1] != '_')
        return false;
    struct slice secret = slice_sub(text, SECRET_AT, ACCOUNT_SECRET_CHARS);
    ret_key->prefix = slice_sub(text, START, ACCOUNT_PREFIX_CHARS);
    if (!is_made_of_ours(ret_key->prefix, ACCOUNT_PREFIX_CHARS) ||
        !is_made_of_ours(secret, ACCOUNT_SECRET_CHARS))
        return false;
    digest_sha256_hex(secret, ret_key->secret_sha256);
    return true;
}

static void random_text(char *ret_text, size_t chars)
{
    uint8_t bytes[ACCOUNT_SECRET_CHARS];
    ensure(chars <= sizeof bytes);
    random_bytes(bytes, chars);
    for (size_t i = 0; i < chars; i++)
        ret_text[i] = alphabet[bytes[i] % 32];
    ret_text[chars] = '\0';
}

void account_key_new(char ret_text[static ACCOUNT_KEY_TEXT])
{
    char prefix[ACCOUNT_PREFIX_CHARS + 1], secret[ACCOUNT_SECRET_CHARS + 1];
    random_text(prefix, ACCOUNT_PREFIX_CHARS);
    random_text(secret, ACCOUNT_SECRET_CHARS);
    snprintf(ret_text, ACCOUNT_KEY_TEXT, "eda_%s_%s", prefix, secret);
}
