// Records for tests of the model step, as the extractor writes them.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/buffer.h"
#include "lib/json/json.h"

// event: further members of the event, speakers and companies: the lists' items; all JSON.
struct record_json {
    const char *name, *description; // plain text
    const char *event, *speakers, *companies;
};

static inline struct slice record_json_build(struct arena *arena, struct record_json parts)
{
    struct buffer out CLEANUP(buffer_done);
    buffer_init(&out, (size_t)4 * 1024 * 1024);
    buffer_append_cstr(&out, "{\"kind\":\"event\",\"event\":{\"name\":");
    json_append_string(&out, slice_from_cstr(parts.name ? parts.name : "An event"));
    buffer_append_cstr(&out, ",\"description\":");
    json_append_string(&out, slice_from_cstr(parts.description));
    buffer_append_cstr(&out, parts.event ? "," : "");
    buffer_append_cstr(&out, parts.event ? parts.event : "");
    buffer_append_cstr(&out, ",\"fields\":{}},\"speakers\":[");
    buffer_append_cstr(&out, parts.speakers ? parts.speakers : "");
    buffer_append_cstr(&out, "],\"companies\":[");
    buffer_append_cstr(&out, parts.companies ? parts.companies : "");
    buffer_append_cstr(&out, "],\"topics\":[],\"listed_events\":[],\"warnings\":[],\"methods\":"
                             "[\"next_data\"]}");
    return arena_slice(arena, buffer_slice(&out));
}
