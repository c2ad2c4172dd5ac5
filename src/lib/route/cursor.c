#include "lib/base/digest.h"
#include "lib/base/ensure.h"
#include "lib/route/router.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

// A cursor is base64url(mac, version, filter hash, keys): opaque to clients, cheap to check.
enum { MAC_BYTES = 16, VERSION = 1, HEAD_BYTES = MAC_BYTES + 1 + 8, MAX_CURSOR = 2048 };

static void sign(struct slice secret, struct slice bytes,
                 uint8_t ret_mac[static DIGEST_SHA256_BYTES])
{
    digest_hmac_sha256(secret, bytes, ret_mac);
}

static struct slice base64url_encode(struct arena *arena, struct slice bytes)
{
    char *text = arena_alloc(arena, (bytes.len + 2) / 3 * 4 + 1);
    int len =
        EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)bytes.ptr, (int)bytes.len);
    while (len > 0 && text[len - 1] == '=')
        len--;
    for (int i = 0; i < len; i++)
        text[i] = text[i] == '+' ? '-' : text[i] == '/' ? '_' : text[i];
    return (struct slice){text, (size_t)len};
}

static bool base64url_decode(struct arena *arena, struct slice text, struct slice *ret_bytes)
{
    size_t padded = (text.len + 3) / 4 * 4;
    char *copy = arena_alloc(arena, padded + 1), *bytes = arena_alloc(arena, padded / 4 * 3 + 1);
    if (text.len == 0 || text.len > MAX_CURSOR || text.len % 4 == 1)
        return false;
    for (size_t i = 0; i < padded; i++) {
        char c = i < text.len ? text.ptr[i] : '=';
        copy[i] = c == '-' ? '+' : c == '_' ? '/' : c;
    }
    int len = EVP_DecodeBlock((unsigned char *)bytes, (const unsigned char *)copy, (int)padded);
    if (len < 0)
        return false;
    *ret_bytes = (struct slice){bytes, (size_t)len - (padded - text.len)};
    return true;
}

struct slice route_cursor_encode(struct arena *arena, struct slice secret, uint64_t filters,
                                 struct slice keys)
{
    char *bytes = arena_alloc(arena, HEAD_BYTES + keys.len);
    uint8_t mac[DIGEST_SHA256_BYTES];
    bytes[MAC_BYTES] = VERSION;
    memcpy(bytes + MAC_BYTES + 1, &filters, sizeof filters);
    memcpy(bytes + HEAD_BYTES, keys.ptr, keys.len);
    sign(secret, (struct slice){bytes + MAC_BYTES, HEAD_BYTES - MAC_BYTES + keys.len}, mac);
    memcpy(bytes, mac, MAC_BYTES);
    return base64url_encode(arena, (struct slice){bytes, HEAD_BYTES + keys.len});
}

enum err route_cursor_decode(struct arena *arena, struct slice secret, uint64_t filters,
                             struct slice cursor, struct slice *ret_keys)
{
    struct slice bytes;
    uint8_t mac[DIGEST_SHA256_BYTES];
    if (!base64url_decode(arena, cursor, &bytes) || bytes.len <= HEAD_BYTES)
        return ERR_INVALID_CURSOR;
    sign(secret, slice_sub(bytes, MAC_BYTES, bytes.len), mac);
    if (!digest_equal((struct slice){(const char *)mac, MAC_BYTES},
                      slice_sub(bytes, 0, MAC_BYTES)) ||
        bytes.ptr[MAC_BYTES] != VERSION ||
        memcmp(bytes.ptr + MAC_BYTES + 1, &filters, sizeof filters) != 0)
        return ERR_INVALID_CURSOR;
    *ret_keys = slice_sub(bytes, HEAD_BYTES, bytes.len);
    return ERR_OK;
}

static struct db_value value_of(struct arena *arena, yyjson_val *key)
{
    if (yyjson_is_null(key))
        return db_null();
    if (yyjson_is_str(key))
        return db_text((struct slice){yyjson_get_str(key), yyjson_get_len(key)});
    if (yyjson_is_raw(key))
        return db_text((struct slice){yyjson_get_raw(key), yyjson_get_len(key)});
    size_t len = 0;
    char *text = yyjson_val_write(key, 0, &len);
    ensure(text != NULL);
    struct slice copy = arena_slice(arena, (struct slice){text, len});
    free(text);
    return db_text(copy);
}

enum err route_cursor_values(struct arena *arena, struct slice keys, size_t max,
                             struct db_value *ret_values, size_t *ret_count)
{
    yyjson_val *json;
    *ret_count = 0;
    if (json_parse_exact(arena, keys, &json, NULL) || !yyjson_is_arr(json))
        return ERR_INVALID_CURSOR;
    for (size_t k = 0; k < yyjson_arr_size(json) && k < max; k++)
        ret_values[(*ret_count)++] = value_of(arena, yyjson_arr_get(json, k));
    return ERR_OK;
}

// What may differ from one page to the next.
static bool is_about_showing(const struct route_param *param)
{
    static const char *const names[] = {"limit", "fields", "include", "explain", "facets"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(param->name, names[i]) == 0)
            return true;
    return param->type == ROUTE_CURSOR;
}

uint64_t route_filter_hash(const struct route_call *call)
{
    const struct compiled_route *compiled = router_compiled(call);
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, 64 * 1024);
    buffer_append_cstr(&text, call->route->path);
    for (size_t i = 0; i < compiled->param_count; i++) {
        const struct route_param *param = compiled->params[i];
        const struct route_value *value = &call->values[i];
        if (!value->given || is_about_showing(param))
            continue;
        buffer_printf(&text, "\n%s=", param->name);
        buffer_append(&text, value->text);
        for (size_t k = 0; k < value->count; k++) {
            buffer_append_char(&text, ',');
            buffer_append(&text, value->items[k]);
        }
    }
    return digest_fnv1a(buffer_slice(&text));
}
