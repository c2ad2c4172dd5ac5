// What of an item is shown: ?fields= keeps some of its members, ?include= adds some. Rows that nobody asked to be cut are
// sent as the bytes they came as; the others are taken apart and put together again.
#include "lib/base/ensure.h"
#include "lib/route/router.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_ROW_BYTES = 64 * 1024 * 1024 };

static bool is_member_of(const struct route_value *list, struct slice name)
{
    for (size_t i = 0; i < list->count; i++)
        if (slice_equal(list->items[i], name))
            return true;
    return false;
}

// A member that a parameter of its own switches on: ?explain=true.
static bool is_switched_on(const struct route_call *call, struct slice name)
{
    const struct compiled_route *compiled = router_compiled(call);
    for (size_t i = 0; i < compiled->param_count; i++)
        if (compiled->params[i]->type == ROUTE_BOOL && call->values[i].integer &&
            slice_equal(slice_from_cstr(compiled->params[i]->name), name))
            return true;
    return false;
}

static bool is_shown(const struct route_call *call, struct slice name)
{
    const struct route_value *fields = route_value_get(call, "fields");
    return !fields->given || slice_equal(name, SLICE("id")) || is_member_of(fields, name) ||
           is_member_of(route_value_get(call, "include"), name) || is_switched_on(call, name);
}

// A column beside _item replaces the item's member of its name: it stands behind it.
static bool comes_again(yyjson_val *object, size_t position, const char *name)
{
    size_t index, most;
    yyjson_val *key, *value;
    yyjson_obj_foreach (object, index, most, key, value)
        if (index > position && yyjson_equals_str(key, name))
            return true;
    return false;
}

static void write_shown(const struct route_call *call, yyjson_val *object, struct json_writer *w)
{
    size_t index, most;
    yyjson_val *key, *value;
    json_begin_object(w);
    yyjson_obj_foreach (object, index, most, key, value) {
        const char *name = yyjson_get_str(key);
        if (!is_shown(call, slice_from_cstr(name)) || comes_again(object, index, name))
            continue;
        size_t len = 0;
        char *text = yyjson_val_write(value, 0, &len);
        json_key(w, name);
        json_raw(w, text ? (struct slice){text, len} : SLICE("null"));
        free(text);
    }
    json_end_object(w);
}

void route_render_row(const struct route_call *call, const struct db_rows *rows, size_t row,
                      struct json_writer *w)
{
    if (!route_value_get(call, "fields")->given && !route_value_get(call, "include")->given) {
        db_rows_render_row(rows, row, w);
        return;
    }
    struct buffer whole CLEANUP(buffer_done);
    buffer_init(&whole, MAX_ROW_BYTES);
    struct json_writer inner = json_writer_on(&whole);
    db_rows_render_row(rows, row, &inner);
    // Of its own memory, not the request's arena: a row with its page may be large.
    yyjson_doc *doc = whole.overflow ? NULL : yyjson_read(whole.ptr, whole.len, 0);
    if (doc && yyjson_is_obj(yyjson_doc_get_root(doc)))
        write_shown(call, yyjson_doc_get_root(doc), w);
    else
        w->out->overflow = true; // told as an answer that is too large
    yyjson_doc_free(doc);
}
