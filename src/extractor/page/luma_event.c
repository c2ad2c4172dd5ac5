#include "extractor/page/links.h"
#include "extractor/page/luma.h"
#include "extractor/page/prosemirror.h"
#include "extractor/page/reader.h"
#include "lib/json/json.h"
#include "lib/text/dates.h"
#include "lib/text/names.h"
#include "lib/text/unicode.h"

#include <string.h>

enum { ID_MAX = 40, MAX_CATEGORIES = 100 };

static const enum method METHOD = METHOD_NEXT_DATA;

// "evt-" and letters or digits.
static struct slice read_id(yyjson_val *value, const char *path, struct slice prefix)
{
    struct slice id = json_get_text(value, path);
    if (!slice_starts_with(id, prefix) || id.len == prefix.len || id.len > ID_MAX)
        return (struct slice){0};
    for (size_t i = prefix.len; i < id.len; i++) {
        char c = id.ptr[i];
        if (!((c | 0x20) >= 'a' && (c | 0x20) <= 'z') && !(c >= '0' && c <= '9') && c != '-' &&
            c != '_')
            return (struct slice){0};
    }
    return id;
}

static void read_times(yyjson_val *data, struct record *record)
{
    struct slice zone = json_get_text(data, "event.timezone");
    if (zone_is_valid(zone))
        record_set_text(record, FIELD_TIMEZONE, METHOD, arena_slice(record->arena, zone));
    else if (zone.ptr)
        record_warn(record, "next_data: unknown time zone");
    struct slice start = json_get_text(data, "event.start_at");
    if (!start.ptr)
        start = json_get_text(data, "start_at");
    reader_set_times(record, METHOD, start, json_get_text(data, "event.end_at"),
                     record_text(record, FIELD_TIMEZONE));
    // External entries have a duration in place of the end.
    struct date_duration duration;
    int64_t ends_at;
    if (record_has(record, FIELD_STARTS_AT) && !record_has(record, FIELD_ENDS_AT) &&
        duration_parse(json_get_text(data, "event.duration_interval"), &duration) &&
        instant_add(record->fields[FIELD_STARTS_AT].integer, duration, &ends_at))
        record_set_instant(record, FIELD_ENDS_AT, METHOD, ends_at);
}

// The lowest price of the tickets on offer; those that are hidden or closed are not.
static yyjson_val *cheapest_ticket(yyjson_val *data, bool *ret_all_free)
{
    yyjson_val *types = json_get(data, "ticket_types"), *type, *cheapest = NULL;
    size_t index, count, shown = 0, free_types = 0;
    yyjson_arr_foreach (types, index, count, type) {
        if (json_get_bool(type, "is_hidden", false) || json_get_bool(type, "is_disabled", false))
            continue;
        shown++;
        int64_t cents = json_get_int(type, "cents", -1);
        if (slice_equal(json_get_text(type, "type"), SLICE("free")))
            free_types++;
        else if (cents >= 0 && (!cheapest || cents < json_get_int(cheapest, "cents", 0)))
            cheapest = type;
    }
    *ret_all_free = shown > 0 && shown == free_types;
    return cheapest;
}

static struct slice read_currency(struct arena *arena, yyjson_val *price)
{
    struct slice text = json_get_text(price, "currency");
    if (text.len != 3)
        return (struct slice){0};
    char *code = arena_cstr(arena, text);
    for (size_t i = 0; i < 3; i++) {
        if ((code[i] | 0x20) < 'a' || (code[i] | 0x20) > 'z')
            return (struct slice){0};
        code[i] = (char)(code[i] & ~0x20);
    }
    return (struct slice){code, 3};
}

static void read_tickets(yyjson_val *data, struct record *record)
{
    bool all_free;
    yyjson_val *ticket = cheapest_ticket(data, &all_free);
    yyjson_val *price = json_get(data, "ticket_info.price");
    if (!yyjson_is_obj(price))
        price = ticket;
    int64_t cents = json_get_int(price, "cents", -1);
    if (cents > 0) {
        record_set_integer(record, FIELD_PRICE_CENTS, METHOD, cents);
        record_set_text(record, FIELD_PRICE_CURRENCY, METHOD, read_currency(record->arena, price));
        record_set_flag(record, FIELD_IS_FREE, METHOD, false);
    } else if (json_get_bool(data, "ticket_info.is_free", false) || all_free || cents == 0) {
        // "is_free" is false for free tickets that need an approval too.
        record_set_flag(record, FIELD_IS_FREE, METHOD, true);
    }
    if (yyjson_is_bool(json_get(data, "sold_out")) ||
        yyjson_is_bool(json_get(data, "ticket_info.is_sold_out")))
        record_set_flag(record, FIELD_SOLD_OUT, METHOD,
                        json_get_bool(data, "sold_out", false) ||
                            json_get_bool(data, "ticket_info.is_sold_out", false));
}

static void read_calendar(yyjson_val *calendar, struct record *record)
{
    // A person's own calendar is called "Personal" and says nothing.
    if (json_get_bool(calendar, "is_personal", false))
        return;
    struct slice name = reader_line(record->arena, calendar, "name", READER_MAX_NAME);
    if (name.len == 0)
        return;
    record_set_text(record, FIELD_CALENDAR_NAME, METHOD, name);
    record_set_text(record, FIELD_CALENDAR_ID, METHOD, read_id(calendar, "api_id", SLICE("cal-")));
    record_set_text(record, FIELD_CALENDAR_URL, METHOD,
                    link_event(record->arena, json_get_text(calendar, "slug")));
}

// Luma's own categories. What is not here counts as an industry.
static const struct {
    const char *id, *category;
} categories[] = {
    {"cat-ai", "technology"},
    {"cat-crypto", "technology"},
    {"cat-tech", "technology"},
};

static void read_categories(yyjson_val *list, struct record *record)
{
    yyjson_val *item;
    size_t index, count;
    yyjson_arr_foreach (list, index, count, item) {
        if (index == MAX_CATEGORIES)
            break;
        struct topic topic = {
            .name = name_clean(record->arena,
                               reader_line(record->arena, item, "name", READER_MAX_NAME)),
            .category = "industry",
            .relevance = 0.8,
            .method = METHOD,
            .confidence = 0.95};
        for (size_t i = 0; i < ARRAY_LEN(categories); i++)
            if (slice_equal(json_get_text(item, "api_id"), slice_from_cstr(categories[i].id)))
                topic.category = categories[i].category;
        record_add_topic(record, topic);
    }
}

static void read_image(yyjson_val *data, struct record *record)
{
    static const char *const paths[] = {"event.cover_url", "event.social_image_url"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        record_set_text(record, FIELD_IMAGE_URL, METHOD,
                        link_http(record->arena, json_get_text(data, paths[i])));
}

void luma_event_read(yyjson_val *data, struct record *record)
{
    struct arena *arena = record->arena;
    record_set_text(record, FIELD_NAME, METHOD,
                    reader_line(arena, data, "event.name", READER_MAX_NAME));
    record_set_prose(record, METHOD, prosemirror_read(arena, json_get(data, "description_mirror")));
    record_set_text(record, FIELD_LUMA_ID, METHOD, read_id(data, "event.api_id", SLICE("evt-")));
    record_set_text(record, FIELD_URL, METHOD, link_event(arena, json_get_text(data, "event.url")));
    record_set_integer(record, FIELD_GUEST_COUNT, METHOD, json_get_int(data, "guest_count", -1));
    read_times(data, record);
    read_tickets(data, record);
    read_image(data, record);
    read_calendar(json_get(data, "calendar"), record);
    read_categories(json_get(data, "categories"), record);
    luma_hosts_read(data, record);
    luma_place_read(data, record);
}
