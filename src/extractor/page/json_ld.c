#include "extractor/page/json_ld.h"

#include "extractor/page/links.h"
#include "lib/json/json.h"
#include "lib/text/names.h"

#include <math.h>
#include <string.h>

enum { MAX_DEPTH = 16, MAX_NODES = 50000, MAX_EVENTS = 1000 };

// ---- values

struct slice json_ld_local_name(struct slice text)
{
    for (size_t i = text.len; i > 0; i--)
        if (strchr("/#:", text.ptr[i - 1]) && text.ptr[i - 1])
            return slice_sub(text, i, text.len);
    return text;
}

static bool any_type(yyjson_val *object, bool (*holds)(struct slice type, const char *wanted),
                     const char *wanted)
{
    yyjson_val *type = yyjson_obj_get(object, "@type"), *item;
    size_t index, count;
    if (yyjson_is_str(type))
        return holds(json_ld_local_name(json_get_text(object, "@type")), wanted);
    yyjson_arr_foreach (type, index, count, item) {
        struct slice name = {yyjson_get_str(item), yyjson_get_len(item)};
        if (yyjson_is_str(item) && holds(json_ld_local_name(name), wanted))
            return true;
    }
    return false;
}

static bool is_same(struct slice type, const char *wanted)
{
    return slice_equal(type, slice_from_cstr(wanted));
}

// schema.org's kinds of Event whose names do not end so.
static bool is_kind_of_event(struct slice type, const char *wanted)
{
    static const char *const kinds[] = {"CourseInstance", "EventSeries", "Festival", "Hackathon"};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (is_same(type, kinds[i]))
            return true;
    return slice_ends_with(type, slice_from_cstr(wanted));
}

bool json_ld_is(yyjson_val *object, const char *type)
{
    return any_type(object, is_same, type);
}

bool json_ld_is_event(yyjson_val *object)
{
    return any_type(object, is_kind_of_event, "Event");
}

static yyjson_val *first_of(yyjson_val *object, const char *property)
{
    yyjson_val *value = yyjson_obj_get(object, property);
    return yyjson_is_arr(value) ? yyjson_arr_get_first(value) : value;
}

static struct slice first_text(yyjson_val *value, const char *const *keys, size_t count)
{
    if (yyjson_is_str(value))
        return (struct slice){yyjson_get_str(value), yyjson_get_len(value)};
    for (size_t i = 0; i < count; i++) {
        yyjson_val *inner = first_of(value, keys[i]);
        if (yyjson_is_str(inner))
            return (struct slice){yyjson_get_str(inner), yyjson_get_len(inner)};
    }
    return (struct slice){0};
}

struct slice json_ld_text(yyjson_val *object, const char *property)
{
    static const char *const keys[] = {"@value", "name"};
    return first_text(first_of(object, property), keys, ARRAY_LEN(keys));
}

struct slice json_ld_url(yyjson_val *object, const char *property)
{
    static const char *const keys[] = {"url", "contentUrl", "@id"};
    return first_text(first_of(object, property), keys, ARRAY_LEN(keys));
}

double json_ld_number(yyjson_val *object, const char *property)
{
    yyjson_val *value = first_of(object, property);
    double number = NAN;
    if (yyjson_is_num(value))
        return yyjson_get_num(value);
    struct slice text = slice_trim(first_text(value, NULL, 0));
    return slice_to_double(text, &number) ? number : NAN;
}

// ---- the events of a page

struct walk {
    yyjson_val *main[MAX_EVENTS], *listed[MAX_EVENTS];
    size_t main_count, listed_count, nodes;
    bool is_calendar; // an organisation one can subscribe to, or that lists events
};

static void keep_event(struct walk *walk, yyjson_val *event, bool is_main)
{
    if (is_main && walk->main_count < MAX_EVENTS)
        walk->main[walk->main_count++] = event;
    else if (!is_main && walk->listed_count < MAX_EVENTS)
        walk->listed[walk->listed_count++] = event;
}

// Under these keys stands what the page is about; under others what it mentions.
static bool keeps_main(const char *key)
{
    static const char *const keys[] = {"@graph", "mainEntity", "mainEntityOfPage", "about"};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

static void visit(struct walk *walk, yyjson_val *value, bool is_main, int depth)
{
    size_t index, count;
    yyjson_val *key, *child;
    if (depth > MAX_DEPTH || !yyjson_is_ctn(value) || ++walk->nodes > MAX_NODES)
        return;
    if (json_ld_is_event(value)) {
        keep_event(walk, value, is_main);
        return;
    }
    bool is_organization = is_main && json_ld_is(value, "Organization");
    if (is_organization && (json_ld_is(json_get(value, "potentialAction"), "SubscribeAction") ||
                            yyjson_obj_get(value, "events")))
        walk->is_calendar = true;
    if (yyjson_is_obj(value)) {
        yyjson_obj_foreach (value, index, count, key, child) {
            visit(walk, child, is_main && keeps_main(yyjson_get_str(key)), depth + 1);
        }
    }
    yyjson_arr_foreach (value, index, count, child) {
        visit(walk, child, is_main, depth + 1);
    }
}

struct slice json_ld_event_url(const struct page_input *page, struct arena *arena,
                               yyjson_val *event)
{
    struct slice url = slice_trim(json_ld_url(event, "url"));
    // An identifier may be anything; relative ones are no pages.
    return link_event(arena, url.len ? reader_resolve(page, arena, url)
                                     : link_http(arena, json_ld_url(event, "@id")));
}

// One name and one start: one event written several times. A tour has one name and many starts.
static bool all_are_one(struct arena *arena, const struct walk *walk)
{
    struct slice name = name_normalize(arena, json_ld_text(walk->main[0], "name"));
    struct slice start = json_ld_text(walk->main[0], "startDate");
    for (size_t i = 1; i < walk->main_count; i++)
        if (!slice_equal(name_normalize(arena, json_ld_text(walk->main[i], "name")), name) ||
            !slice_equal(json_ld_text(walk->main[i], "startDate"), start))
            return false;
    return true;
}

// The event the page is about; NULL when it is about none, or about several.
static yyjson_val *choose_event(const struct page_input *page, struct arena *arena,
                                const struct walk *walk)
{
    if (walk->main_count == 0)
        return NULL;
    if (all_are_one(arena, walk))
        return walk->main[0];
    const struct slice addresses[] = {link_event(arena, page->url),
                                      link_event(arena, page->html->canonical)};
    for (size_t i = 0; i < walk->main_count; i++)
        for (size_t a = 0; a < ARRAY_LEN(addresses); a++)
            if (addresses[a].len &&
                slice_equal(addresses[a], json_ld_event_url(page, arena, walk->main[i])))
                return walk->main[i];
    return NULL;
}

static void list_events(const struct page_input *page, struct record *record,
                        const struct walk *walk)
{
    size_t without_address = 0;
    for (size_t i = 0; i < walk->main_count + walk->listed_count; i++) {
        yyjson_val *event =
            i < walk->main_count ? walk->main[i] : walk->listed[i - walk->main_count];
        struct slice url = json_ld_event_url(page, record->arena, event);
        record_add_listed(record, url);
        without_address += url.len == 0;
    }
    if (without_address)
        record_warn(record, "%s: %zu events without an address", method_name(record->method),
                    without_address);
}

static void conclude(const struct page_input *page, const struct walk *walk, struct record *record)
{
    yyjson_val *event = choose_event(page, record->arena, walk);
    if (event) {
        record->kind = PAGE_EVENT;
        json_ld_event_read(page, event, record);
        return;
    }
    if (walk->is_calendar)
        record->kind = PAGE_CALENDAR;
    else if (walk->main_count + walk->listed_count > 0)
        record->kind = PAGE_NOT_EVENT;
    list_events(page, record, walk);
}

void json_ld_read(const struct page_input *page, struct record *ret_record)
{
    struct arena *arena = ret_record->arena;
    struct walk *walk = ARENA_NEW(arena, struct walk);
    size_t total = 0;
    ret_record->method = METHOD_JSON_LD;
    for (size_t i = 0; i < page->html->json_ld_count; i++) {
        struct slice text = page->html->json_ld[i];
        total += text.len;
        if (total > READER_MAX_JSON) {
            record_warn(ret_record, "json_ld: more than %d bytes, the rest is not read",
                        READER_MAX_JSON);
            break;
        }
        visit(walk, reader_parse_json(ret_record, "json_ld", text), true, 0);
    }
    conclude(page, walk, ret_record);
}

void json_ld_read_root(const struct page_input *page, yyjson_val *root, struct record *record)
{
    struct walk *walk = ARENA_NEW(record->arena, struct walk);
    visit(walk, root, true, 0);
    conclude(page, walk, record);
}
