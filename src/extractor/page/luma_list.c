// luma_list_read of luma.h: calendars keep their entries under "featured_items", discover pages
// under "featured_place.events", others elsewhere, so events are known by what they are and not by
// where they stand.
#include "extractor/page/links.h"
#include "extractor/page/luma.h"
#include "lib/json/json.h"

enum { MAX_DEPTH = 12, MAX_NODES = 200000 };

struct walk {
    struct record *record;
    size_t nodes;
};

// {"name", "url", "start_at", "api_id": "evt-…"}, or an external entry's event without an id.
static bool is_event(yyjson_val *value)
{
    struct slice id = json_get_text(value, "api_id");
    return json_get_text(value, "url").len && json_get_text(value, "name").ptr &&
           json_get_text(value, "start_at").ptr &&
           (!id.ptr || slice_starts_with(id, SLICE("evt-")));
}

static void visit(struct walk *walk, yyjson_val *value, int depth)
{
    size_t index, count;
    yyjson_val *key, *child;
    if (depth > MAX_DEPTH || ++walk->nodes > MAX_NODES)
        return;
    if (yyjson_is_obj(value) && is_event(value)) {
        record_add_listed(walk->record,
                          link_event(walk->record->arena, json_get_text(value, "url")));
        return;
    }
    if (yyjson_is_obj(value)) {
        yyjson_obj_foreach (value, index, count, key, child) {
            if (yyjson_is_ctn(child))
                visit(walk, child, depth + 1);
        }
    }
    yyjson_arr_foreach (value, index, count, child) {
        if (yyjson_is_ctn(child))
            visit(walk, child, depth + 1);
    }
}

void luma_list_read(yyjson_val *data, struct record *record)
{
    struct walk walk = {.record = record};
    visit(&walk, data, 0);
}
