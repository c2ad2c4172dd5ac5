// Any bytes as a page, through to the answer: JSON that PostgreSQL can store.
#include "extractor/extract.h"
#include "lib/base/arena.h"
#include "lib/base/buffer.h"
#include "lib/base/ensure.h"
#include "lib/json/json.h"
#include "lib/text/unicode.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// PostgreSQL's text cannot hold U+0000.
static void check_texts(yyjson_val *value)
{
    size_t index, count;
    yyjson_val *key, *child;
    if (yyjson_is_str(value))
        ensure(!memchr(yyjson_get_str(value), '\0', yyjson_get_len(value)));
    if (yyjson_is_obj(value)) {
        yyjson_obj_foreach (value, index, count, key, child) {
            check_texts(child);
        }
    }
    yyjson_arr_foreach (value, index, count, child) {
        check_texts(child);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(EXTRACT_ARENA_BYTES);
    struct record record;
    struct buffer out;
    yyjson_val *root;
    buffer_init(&out, 64 * 1024 * 1024);
    // The first bytes up to a line end are the address.
    struct slice page = {(const char *)data, size}, url = {0};
    if (size)
        slice_split_next(&page, '\n', &url);
    if (extract_page(page, url, arena, &record, NULL) == ERR_OK) {
        record_render(&record, &out);
        ensure(!out.overflow && unicode_is_valid(buffer_slice(&out)));
        ensure(json_parse(arena, buffer_slice(&out), &root, NULL) == ERR_OK);
        check_texts(root);
        ensure(record.kind != PAGE_EVENT || record_has(&record, FIELD_NAME));
    }
    buffer_done(&out);
    arena_free(arena);
    return 0;
}
