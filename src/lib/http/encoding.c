#include "lib/http/encoding.h"

#include "lib/base/ensure.h"

#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

enum {
    // Measured on event lists: higher levels cost several times the time for a few percent.
    GZIP_LEVEL = 1,
    ZSTD_LEVEL = 1,
    GZIP_WINDOW = 15 + 16, // 32 KiB, with gzip's frame
    GZIP_MEMORY = 8,
    KEPT_BYTES = 1024 * 1024, // a larger output buffer is not kept for the next body
};

static const char *const encoding_names[HTTP_ENCODING_COUNT] = {
    [HTTP_ENCODING_IDENTITY] = "identity",
    [HTTP_ENCODING_GZIP] = "gzip",
    [HTTP_ENCODING_ZSTD] = "zstd",
};

const char *http_encoding_name(enum http_encoding encoding)
{
    ensure(encoding < HTTP_ENCODING_COUNT);
    return encoding_names[encoding];
}

// A weight in thousandths: "0", "1", "0.5", "1.000"; what is none of them counts as 0, not acceptable.
static int parse_weight(struct slice text)
{
    if (text.len == 0 || text.len > 5 || (text.ptr[0] != '0' && text.ptr[0] != '1') ||
        (text.len > 1 && text.ptr[1] != '.'))
        return 0;
    int weight = (text.ptr[0] - '0') * 1000;
    for (size_t i = 2, unit = 100; i < text.len; i++, unit /= 10) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return 0;
        weight += (text.ptr[i] - '0') * (int)unit;
    }
    return weight <= 1000 ? weight : 0;
}

// "gzip;q=0.8" gives the coding and 800.
static struct slice parse_coding(struct slice part, int *ret_weight)
{
    struct slice coding, parameter;
    *ret_weight = 1000;
    slice_split_next(&part, ';', &coding);
    while (slice_split_next(&part, ';', &parameter)) {
        parameter = slice_trim(parameter);
        if (slice_equal_nocase(slice_sub(parameter, 0, 2), SLICE("q=")))
            *ret_weight = parse_weight(slice_sub(parameter, 2, SIZE_MAX));
    }
    return slice_trim(coding);
}

enum http_encoding http_encoding_choose(struct slice accept_encoding)
{
    enum { UNNAMED = -1 };
    int weights[HTTP_ENCODING_COUNT] = {UNNAMED, UNNAMED, UNNAMED}, any = UNNAMED, weight;
    for (struct slice rest = accept_encoding, part; slice_split_next(&rest, ',', &part);) {
        struct slice coding = parse_coding(part, &weight);
        if (slice_equal_nocase(coding, SLICE("x-gzip")))
            coding = SLICE("gzip"); // RFC 9110 section 8.4.1.3
        if (slice_equal(coding, SLICE("*")))
            any = weight;
        for (size_t i = 0; i < HTTP_ENCODING_COUNT; i++)
            if (slice_equal_nocase(coding, slice_from_cstr(encoding_names[i])))
                weights[i] = weight;
    }
    // "*" is taken as gzip, which whoever sends it is most likely to know.
    if (weights[HTTP_ENCODING_GZIP] == UNNAMED)
        weights[HTTP_ENCODING_GZIP] = any;
    enum http_encoding best = HTTP_ENCODING_IDENTITY;
    for (enum http_encoding e = HTTP_ENCODING_GZIP; e < HTTP_ENCODING_COUNT; e++)
        if (weights[e] > 0 && weights[e] >= weights[best])
            best = e;
    return best;
}

static bool ends_with_nocase(struct slice text, struct slice suffix)
{
    return text.len >= suffix.len &&
           slice_equal_nocase(slice_sub(text, text.len - suffix.len, suffix.len), suffix);
}

bool http_encoding_suits(struct slice content_type)
{
    static const char *const types[] = {
        "application/json",     "application/javascript", "application/xml",
        "application/x-ndjson", "image/svg+xml",          "application/wasm",
    };
    struct slice type = slice_sub(content_type, 0, slice_find_char(content_type, ';'));
    type = slice_trim(type);
    if (slice_equal_nocase(slice_sub(type, 0, 5), SLICE("text/")))
        return true;
    if (ends_with_nocase(type, SLICE("+json")) || ends_with_nocase(type, SLICE("+xml")))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (slice_equal_nocase(type, slice_from_cstr(types[i])))
            return true;
    return false;
}

struct http_encoder {
    z_stream gzip;
    ZSTD_CCtx *zstd;
    char *out; // heap
    size_t capacity;
};

struct http_encoder *http_encoder_new(void)
{
    struct http_encoder *encoder = calloc(1, sizeof *encoder);
    ensure(encoder != NULL);
    ensure(deflateInit2(&encoder->gzip, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY,
                        Z_DEFAULT_STRATEGY) == Z_OK);
    encoder->zstd = ZSTD_createCCtx();
    ensure(encoder->zstd != NULL);
    return encoder;
}

void http_encoder_free(struct http_encoder *encoder)
{
    if (!encoder)
        return;
    deflateEnd(&encoder->gzip);
    ZSTD_freeCCtx(encoder->zstd);
    free(encoder->out);
    free(encoder);
}

static void make_room(struct http_encoder *encoder, size_t size)
{
    if (size <= encoder->capacity && encoder->capacity <= KEPT_BYTES)
        return;
    free(encoder->out);
    encoder->out = malloc(size);
    ensure(encoder->out != NULL);
    encoder->capacity = size;
}

static size_t run_gzip(struct http_encoder *encoder, struct slice body)
{
    z_stream *gzip = &encoder->gzip;
    ensure(body.len <= UINT32_MAX / 2 && deflateReset(gzip) == Z_OK);
    make_room(encoder, deflateBound(gzip, body.len));
    gzip->next_in = (unsigned char *)(uintptr_t)body.ptr; // zlib only reads it
    gzip->avail_in = (unsigned)body.len;
    gzip->next_out = (unsigned char *)encoder->out;
    gzip->avail_out = (unsigned)encoder->capacity;
    ensure(deflate(gzip, Z_FINISH) == Z_STREAM_END);
    return gzip->total_out;
}

static size_t run_zstd(struct http_encoder *encoder, struct slice body)
{
    make_room(encoder, ZSTD_compressBound(body.len));
    size_t len = ZSTD_compressCCtx(encoder->zstd, encoder->out, encoder->capacity, body.ptr,
                                   body.len, ZSTD_LEVEL);
    ensure(!ZSTD_isError(len));
    return len;
}

struct slice http_encoder_run(struct http_encoder *encoder, enum http_encoding encoding,
                              struct slice body)
{
    ensure(encoding == HTTP_ENCODING_GZIP || encoding == HTTP_ENCODING_ZSTD);
    size_t len = encoding == HTTP_ENCODING_ZSTD ? run_zstd(encoder, body) : run_gzip(encoder, body);
    return (struct slice){encoder->out, len};
}
