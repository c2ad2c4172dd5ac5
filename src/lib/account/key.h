// Keys of the API: eda_<prefix>_<secret>, both of lower-case letters and digits. The prefix finds the key, the secret
// proves it; only the secret's SHA-256 is ever stored. With 160 random bits no slow hash is needed.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/digest.h"
#include "lib/base/slice.h"

#include <stdbool.h>

enum { ACCOUNT_PREFIX_CHARS = 12, ACCOUNT_SECRET_CHARS = 40, ACCOUNT_KEY_TEXT = 64 };

struct account_key {
    struct slice prefix;                   // borrowed from the text
    char secret_sha256[DIGEST_SHA256_HEX]; // of the secret
};

// False when the text cannot be one of our keys.
bool account_key_parse(struct slice text, struct account_key *ret_key);
// A new one, from the system's random numbers; zero-terminated.
void account_key_new(char ret_text[static ACCOUNT_KEY_TEXT]);
