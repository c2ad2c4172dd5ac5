// Any bytes as a language model's answer: what is read is an object with a wanted member, valid
// UTF-8, not deeper than allowed; reading what was read gives the same. Merged into a record it adds
// only names that stand on the page.
#include "extractor/llm/gaps.h"
#include "extractor/llm/merge.h"
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

static void check_names(const struct llm_page *page, yyjson_val *list)
{
    yyjson_val *item;
    size_t index, most;
    yyjson_arr_foreach (list, index, most, item)
        ensure(llm_page_has(page, json_get_text(item, "name"), NULL));
}

static void check_merged(struct arena *arena, struct slice said)
{
    static const char record[] =
        "{\"kind\":\"event\",\"event\":{\"name\":\"Looms\",\"date\":null,\"timezone\":\"UTC\","
        "\"description\":\"Ada Byron and O'Brien, Quay Hall, 1 May 2031 at 18:00. Loom "
        "\\\"Labs\\\" é\","
        "\"fields\":{}},\"speakers\":[],\"companies\":[],\"methods\":[],\"warnings\":[]}";
    const unsigned all = LLM_WANT_PEOPLE | LLM_WANT_COMPANIES | LLM_WANT_START | LLM_WANT_PLACE;
    struct llm_page page;
    struct llm_answer *answer = ARENA_NEW(arena, struct llm_answer);
    struct llm_usage usage = {.outcome = "answered", .wants = all};
    if (llm_answer_read(arena, said, all, answer, NULL))
        return;
    struct buffer out CLEANUP(buffer_done);
    buffer_init(&out, (size_t)1024 * 1024);
    ensure(llm_page_read(arena, slice_from_cstr(record), &page));
    llm_merge(&page, answer, NULL, &usage, &out);
    yyjson_val *root;
    ensure(!json_parse(arena, buffer_slice(&out), &root, NULL));
    check_names(&page, json_get(root, "speakers"));
    check_names(&page, json_get(root, "companies"));
    ensure(slice_equal(json_get_text(root, "event.name"), SLICE("Looms")));
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
    check_merged(arena, (struct slice){(const char *)data, size});
    arena_free(arena);
    return 0;
}
