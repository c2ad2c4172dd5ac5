#include "lib/embed/embed.h"

#include "lib/base/buffer.h"
#include "lib/base/digest.h"
#include "lib/text/unicode.h"

#include <math.h>
#include <string.h>

enum {
    MAX_PART_BYTES = 64 * 1024, // of a description; what comes later says little new
    WORD_BYTES = 64,
    TRIGRAM_WORD_BYTES = 5, // shorter words are their own best feature
};

// Short words of frequent languages that carry no subject.
static const char *const function_words[] = {
    "a",    "an",   "and", "are",  "as",   "at",   "be",   "by",  "das",  "de",  "del",
    "den",  "der",  "des", "die",  "do",   "e",    "ein",  "el",  "en",   "et",  "for",
    "from", "fur",  "has", "have", "i",    "im",   "in",   "is",  "it",   "its", "join",
    "la",   "las",  "le",  "les",  "los",  "mit",  "o",    "of",  "on",   "or",  "os",
    "our",  "para", "por", "s",    "so",   "t",    "that", "the", "this", "to",  "und",
    "us",   "von",  "we",  "who",  "will", "with", "y",    "you", "your", "zu",
};

static bool is_function_word(struct slice word)
{
    for (size_t i = 0; i < ARRAY_LEN(function_words); i++)
        if (slice_equal(word, slice_from_cstr(function_words[i])))
            return true;
    return false;
}

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

static bool next_word(struct slice *rest, struct slice *ret_word)
{
    while (rest->len && !is_word_byte(*rest->ptr))
        *rest = slice_sub(*rest, 1, rest->len);
    size_t len = 0;
    while (len < rest->len && is_word_byte(rest->ptr[len]))
        len++;
    *ret_word = slice_sub(*rest, 0, len < WORD_BYTES ? len : WORD_BYTES);
    *rest = slice_sub(*rest, len, rest->len);
    return len > 0;
}

// One hash gives the dimension and, from a bit that the dimension does not use, the sign.
static void add_feature(float *vector, uint64_t hash, float weight)
{
    hash ^= hash >> 29; // FNV's low bits alone are not well mixed
    hash *= 0xbf58476d1ce4e5b9u;
    hash ^= hash >> 32;
    vector[hash % EMBED_DIMENSIONS] += hash >> 63 ? -weight : weight;
}

static void add_trigrams(float *vector, struct slice word, float weight)
{
    for (size_t i = 0; i + 3 <= word.len; i++)
        add_feature(vector, digest_fnv1a(slice_sub(word, i, 3)) * 3, weight);
}

static void add_part(struct arena *arena, float *vector, struct slice text, float weight)
{
    struct slice rest = unicode_fold(arena, slice_sub(text, 0, MAX_PART_BYTES)), word;
    uint64_t before = 0;
    while (next_word(&rest, &word)) {
        if (is_function_word(word)) {
            before = 0;
            continue;
        }
        uint64_t hash = digest_fnv1a(word);
        add_feature(vector, hash, weight);
        if (before)
            add_feature(vector, before * 31 + hash, weight * 0.5f);
        if (word.len >= TRIGRAM_WORD_BYTES)
            add_trigrams(vector, word, weight * 0.15f);
        before = hash;
    }
}

bool embed_local(struct arena *arena, const struct embed_part *parts, size_t count,
                 float ret_vector[static EMBED_DIMENSIONS])
{
    double length = 0;
    memset(ret_vector, 0, EMBED_DIMENSIONS * sizeof *ret_vector);
    for (size_t i = 0; i < count; i++)
        if (parts[i].text.len)
            add_part(arena, ret_vector, parts[i].text, parts[i].weight);
    for (size_t i = 0; i < EMBED_DIMENSIONS; i++) {
        // A word said ten times is not ten times the subject.
        ret_vector[i] = copysignf(log1pf(fabsf(ret_vector[i])), ret_vector[i]);
        length += (double)ret_vector[i] * ret_vector[i];
    }
    if (length == 0)
        return false;
    for (size_t i = 0; i < EMBED_DIMENSIONS; i++)
        ret_vector[i] = (float)(ret_vector[i] / sqrt(length));
    return true;
}

struct slice embed_to_text(struct arena *arena, const float vector[static EMBED_DIMENSIONS])
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, EMBED_DIMENSIONS * 24);
    for (size_t i = 0; i < EMBED_DIMENSIONS; i++)
        if (vector[i] == 0)
            buffer_append_cstr(&text, i ? ",0" : "[0");
        else
            buffer_printf(&text, "%c%.6g", i ? ',' : '[', (double)vector[i]);
    buffer_append_char(&text, ']');
    return arena_slice(arena, buffer_slice(&text));
}
