// Digests and identifiers, over OpenSSL.
#pragma once

#include "lib/base/slice.h"

#include <stdbool.h>
#include <stdint.h>

enum { DIGEST_SHA256_BYTES = 32, DIGEST_SHA256_HEX = 65, UUID_TEXT = 37 };

void digest_sha256(struct slice bytes, uint8_t ret_digest[static DIGEST_SHA256_BYTES]);
// Lower-case hexadecimal with its terminator.
void digest_sha256_hex(struct slice bytes, char ret_hex[static DIGEST_SHA256_HEX]);
void digest_hmac_sha256(struct slice key, struct slice bytes,
                        uint8_t ret_digest[static DIGEST_SHA256_BYTES]);
// Same bytes? In time that does not depend on where they differ.
bool digest_equal(struct slice a, struct slice b);
// FNV-1a, 64 bits (Fowler, Noll, Vo): fast, not for secrets.
uint64_t digest_fnv1a(struct slice bytes);

void random_bytes(void *ret_bytes, size_t size);   // from the operating system
void uuid_new_v4(char ret_text[static UUID_TEXT]); // RFC 9562, lower case
bool uuid_is_valid(struct slice text);             // 8-4-4-4-12 hexadecimal, either case
