#include "lib/http/etag.h"

#include <stdio.h>
#include <string.h>

struct hash {
    uint64_t a, b;
};

static uint64_t read_word(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

// Multiplies to 128 bits and folds them. The second factor is made odd, so that no input wipes out the first.
static uint64_t fold(uint64_t x, uint64_t y)
{
    __extension__ unsigned __int128 product = (unsigned __int128)x * (y | 1);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

// Two independent lanes take every pair of words in opposite roles: what the |1 hides from one the other sees.
static struct hash hash_pair(struct hash hash, uint64_t first, uint64_t second)
{
    return (struct hash){
        fold(hash.a ^ first, second ^ 0x9e3779b97f4a7c15u),
        fold(hash.b ^ second, first ^ 0xc2b2ae3d27d4eb4fu),
    };
}

static struct hash hash_bytes(struct slice bytes)
{
    struct hash hash = {0x243f6a8885a308d3u ^ bytes.len, 0x13198a2e03707344u + bytes.len};
    size_t at = 0;
    for (; bytes.len - at >= 16; at += 16)
        hash = hash_pair(hash, read_word(bytes.ptr + at), read_word(bytes.ptr + at + 8));
    char tail[16] = {0};
    if (bytes.len > at)
        memcpy(tail, bytes.ptr + at, bytes.len - at);
    hash = hash_pair(hash, read_word(tail), read_word(tail + 8));
    return hash_pair(hash, hash.b, hash.a); // the lanes meet
}

static void append_hex(struct http_etag *tag, uint64_t word)
{
    for (int shift = 60; shift >= 0; shift -= 4)
        tag->text[tag->len++] = "0123456789abcdef"[(word >> shift) & 15];
}

struct http_etag http_etag_of_body(struct slice body)
{
    struct hash hash = hash_bytes(body);
    struct http_etag tag;
    tag.len = 0;
    tag.text[tag.len++] = '"';
    append_hex(&tag, hash.a);
    append_hex(&tag, hash.b);
    tag.text[tag.len++] = '"';
    return tag;
}

static struct slice without_weakness(struct slice tag)
{
    return slice_starts_with(tag, SLICE("W/")) ? slice_sub(tag, 2, SIZE_MAX) : tag;
}

struct http_etag http_etag_from_text(struct slice text)
{
    struct http_etag tag;
    tag.len = 0;
    struct slice opaque = without_weakness(text);
    if (opaque.len < 2 || opaque.ptr[0] != '"' ||
        slice_find_char(slice_sub(opaque, 1, SIZE_MAX), '"') != opaque.len - 2 ||
        text.len > sizeof tag.text)
        return tag;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= ' ' || text.ptr[i] == 0x7f)
            return tag;
    memcpy(tag.text, text.ptr, text.len);
    tag.len = text.len;
    return tag;
}

struct http_etag http_etag_for_encoding(struct http_etag tag, enum http_encoding encoding)
{
    struct slice name = slice_from_cstr(http_encoding_name(encoding));
    if (encoding == HTTP_ENCODING_IDENTITY || tag.len == 0)
        return tag;
    if (tag.len + name.len + 1 > sizeof tag.text) {
        tag.len = 0; // better no tag than the same for two representations
        return tag;
    }
    tag.text[tag.len - 1] = '-';
    memcpy(tag.text + tag.len, name.ptr, name.len);
    tag.len += name.len + 1;
    tag.text[tag.len - 1] = '"';
    return tag;
}

bool http_etag_matches(struct slice if_none_match, const struct http_etag *tag)
{
    if (tag->len == 0)
        return false;
    struct slice wanted = without_weakness((struct slice){tag->text, tag->len});
    struct slice rest = slice_trim(if_none_match);
    if (slice_equal(rest, SLICE("*")))
        return true;
    // Tags may hold commas, so the list is walked quote by quote.
    while (rest.len) {
        size_t open = slice_find_char(rest, '"');
        size_t len = slice_find_char(slice_sub(rest, open + 1, SIZE_MAX), '"');
        if (open == SIZE_MAX || len == SIZE_MAX)
            return false;
        if (slice_equal(slice_sub(rest, open, len + 2), wanted))
            return true;
        rest = slice_sub(rest, open + len + 2, SIZE_MAX);
    }
    return false;
}
