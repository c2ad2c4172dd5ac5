#include "lib/base/digest.h"

#include "lib/base/ensure.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

void digest_sha256(struct slice bytes, uint8_t ret_digest[static DIGEST_SHA256_BYTES])
{
    ensure(EVP_Digest(bytes.ptr, bytes.len, ret_digest, NULL, EVP_sha256(), NULL) == 1);
}

void digest_sha256_hex(struct slice bytes, char ret_hex[static DIGEST_SHA256_HEX])
{
    uint8_t digest[DIGEST_SHA256_BYTES];
    digest_sha256(bytes, digest);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(ret_hex + 2 * i, 3, "%02x", digest[i]);
}

void digest_hmac_sha256(struct slice key, struct slice bytes,
                        uint8_t ret_digest[static DIGEST_SHA256_BYTES])
{
    ensure(HMAC(EVP_sha256(), key.ptr, (int)key.len, (const unsigned char *)bytes.ptr, bytes.len,
                ret_digest, NULL) != NULL);
}

bool digest_equal(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || CRYPTO_memcmp(a.ptr, b.ptr, a.len) == 0);
}

uint64_t digest_fnv1a(struct slice bytes)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < bytes.len; i++)
        hash = (hash ^ (uint8_t)bytes.ptr[i]) * 0x100000001b3u;
    return hash;
}

void random_bytes(void *ret_bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = getrandom((char *)ret_bytes + done, size - done, 0);
        ensure(n > 0);
        done += (size_t)n;
    }
}

// Every request gets an identifier, so the random bytes behind them are fetched many at a time. A forked
// child must not repeat its parent's: it notices that the generation has changed.
static thread_local struct {
    uint8_t bytes[1024];
    size_t left;
    unsigned generation;
} uuid_source;
static atomic_uint fork_generation = 1;

static void count_fork(void)
{
    atomic_fetch_add(&fork_generation, 1);
}

static void watch_forks(void)
{
    ensure(pthread_atfork(NULL, NULL, count_fork) == 0);
}

static void uuid_bytes(uint8_t ret_bytes[static 16])
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, watch_forks);
    unsigned generation = atomic_load(&fork_generation);
    if (uuid_source.left == 0 || uuid_source.generation != generation) {
        random_bytes(uuid_source.bytes, sizeof uuid_source.bytes);
        uuid_source.left = sizeof uuid_source.bytes;
        uuid_source.generation = generation;
    }
    uuid_source.left -= 16;
    memcpy(ret_bytes, uuid_source.bytes + uuid_source.left, 16);
    explicit_bzero(uuid_source.bytes + uuid_source.left, 16);
}

void uuid_new_v4(char ret_text[static UUID_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t b[16];
    uuid_bytes(b);
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    char *at = ret_text;
    for (size_t i = 0; i < sizeof b; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = digits[b[i] >> 4];
        *at++ = digits[b[i] & 15];
    }
    *at = '\0';
}

bool uuid_is_valid(struct slice text)
{
    if (text.len != UUID_TEXT - 1)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        if (dash ? c != '-' : !hex)
            return false;
    }
    return true;
}
