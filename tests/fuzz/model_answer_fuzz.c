// Any bytes as a language model's answer: what is read is an object with a wanted member, valid
// UTF-8, not deeper than allowed; reading what was read gives the same.
#include "extractor/llm/tolerant_json.h"
#include "lib/base/arena.h"
#include "lib/base/ensure.h"
#include "lib/text/unicode.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int depth_of(yyjson_val *value)
{
    int deepest = 0;
    size_t index, most;
    yyjson_val *key, *item;
    if (yyjson_is_arr(value)) {
        yyjson_arr_foreach (value, index, most, item) {
            int depth = depth_of(item);
            deepest = depth > deepest ? depth : deepest;
        }
    } else if (yyjson_is_obj(value)) {
        yyjson_obj_foreach (value, index, most, key, item) {
            int depth = depth_of(item);
            deepest = depth > deepest ? depth : deepest;
        }
    } else {
        return 0;
    }
    return deepest + 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const members[] = {"people", "companies", "place", "start", NULL};
    struct arena *arena = arena_new((size_t)64 * 1024 * 1024);
    yyjson_val *object, *again;
    if (tolerant_json_parse(arena, (struct slice){(const char *)data, size}, members, &object, NULL,
                            NULL) == ERR_OK) {
        ensure(yyjson_is_obj(object) && depth_of(object) <= TOLERANT_MAX_DEPTH);
        size_t len = 0;
        char *json = yyjson_val_write(object, YYJSON_WRITE_NOFLAG, &len);
        ensure(json && unicode_is_valid((struct slice){json, len}));
        bool is_cut = true;
        // A strict text is read as it stands (longer ones than are read may have grown).
        if (len <= TOLERANT_MAX_BYTES && !strstr(json, "</think>")) {
            ensure(!tolerant_json_parse(arena, (struct slice){json, len}, members, &again, &is_cut,
                                        NULL));
            ensure(!is_cut && yyjson_equals(object, again));
        }
        free(json);
    }
    arena_free(arena);
    return 0;
}
