// Luma's place of an event: data.event.geo_address_info in one of four shapes (a place of Google's,
// a text typed by hand, a hidden address with its city, none), coordinates in two forms, and
// location_type.
#include "extractor/page/luma.h"
#include "extractor/page/place.h"
#include "extractor/page/reader.h"
#include "lib/json/json.h"
#include "lib/text/names.h"
#include "lib/text/unicode.h"

#include <math.h>
#include <string.h>

static const enum method METHOD = METHOD_NEXT_DATA;
static const double APPROXIMATE = 0.7; // a hidden address: its coordinates are shifted

static const double CITY_BY_FORM = 0.6;

static const char *const online_types[] = {"online", "zoom",    "meet",   "google_meet",
                                           "teams",  "discord", "virtual"};

static struct slice line(yyjson_val *value, const char *path, struct record *record)
{
    return reader_line(record->arena, value, path, READER_MAX_LINE);
}

static void read_region(yyjson_val *geo, struct record *record)
{
    struct slice city, region;
    place_split_city(line(geo, "city_state", record), &city, &region);
    record_set_text(record, FIELD_CITY, METHOD, line(geo, "city", record));
    record_set_text(record, FIELD_CITY, METHOD, city);
    record_set_text(record, FIELD_REGION, METHOD, line(geo, "region", record));
    record_set_text(record, FIELD_REGION, METHOD, region);
    reader_set_country(record, METHOD, json_get_text(geo, "country_code"));
    reader_set_country(record, METHOD, json_get_text(geo, "country"));
}

static bool has_digit(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] >= '0' && text.ptr[i] <= '9')
            return true;
    return false;
}

// A named place gives the event its room. Districts and cities are places of Google's too, but
// their full address has neither a street nor a post code.
static void add_venue(struct record *record, struct slice venue, struct slice full_address)
{
    struct slice behind = slice_starts_with(full_address, venue)
                              ? slice_sub(full_address, venue.len, full_address.len)
                              : full_address;
    struct slice name = name_clean_company(record->arena, place_company(record->arena, venue));
    if (!has_digit(behind) || name.len == 0)
        return;
    record_add_company(record, (struct company){.name = name,
                                                .relationship = "venue",
                                                .evidence = venue,
                                                .method = METHOD,
                                                .confidence = 0.85});
}

static void read_google(yyjson_val *geo, struct record *record)
{
    struct slice address = line(geo, "address", record), full = line(geo, "full_address", record);
    struct slice city = line(geo, "city", record);
    if (address.len && !place_is_street(record->arena, address) &&
        !place_is_hidden(record->arena, address)) {
        record_set_text(record, FIELD_VENUE, METHOD, name_clean(record->arena, address));
        add_venue(record, address, full);
    } else if (address.len && city.len) {
        // The line for people has the street, not the whole address.
        record_set_text(record, FIELD_LOCATION, METHOD,
                        slice_from_cstr(arena_printf(record->arena, "%.*s, %.*s",
                                                     SLICE_FMT(address), SLICE_FMT(city))));
    }
    record_set_text(record, FIELD_ADDRESS, METHOD, full);
    record_set_text(record, FIELD_ADDRESS, METHOD, address);
}

// The name in front of a typed address: "Engine House, 18 Elm Ave, Springfield".
static struct slice typed_venue(struct arena *arena, struct slice text)
{
    size_t comma = slice_find_char(text, ',');
    struct slice first = slice_trim(slice_sub(text, 0, comma));
    struct slice rest =
        comma == SIZE_MAX ? (struct slice){0} : slice_trim(slice_sub(text, comma + 1, text.len));
    bool is_name = first.len && !has_digit(first) && !place_is_street(arena, first);
    return is_name && (rest.len == 0 || place_is_street(arena, rest) || has_digit(rest))
               ? first
               : (struct slice){0};
}

// The typed text begins with the name of a company that hosts: the event is at its place.
static const struct company *host_at(struct record *record, struct slice text)
{
    struct slice folded = unicode_fold(record->arena, text);
    for (size_t i = 0; i < record->companies_count; i++) {
        const struct company *company = &record->companies[i];
        struct slice name = unicode_fold(record->arena, company->name);
        bool ends = folded.len == name.len ||
                    (folded.len > name.len && strchr(" ,-@(", folded.ptr[name.len]));
        if (name.len >= 3 && slice_starts_with(folded, name) && ends &&
            strcmp(company->relationship, "host") == 0)
            return company;
    }
    return NULL;
}

static void read_typed_venue(struct slice text, struct record *record)
{
    const struct company *host = host_at(record, text);
    if (host) {
        struct company venue = *host;
        venue.relationship = "venue";
        venue.evidence = text;
        venue.method = METHOD_RULE;
        venue.confidence = method_confidence(METHOD_RULE);
        record_set_text(record, FIELD_VENUE, METHOD_RULE, venue.name);
        record_add_company(record, venue);
    }
    record_set_text(record, FIELD_VENUE, METHOD, typed_venue(record->arena, text));
    record_doubt(record, FIELD_VENUE, 0.8);
}

// A city that calendar or page name, if the typed text names it too: two sources that agree.
static void read_typed_city(yyjson_val *data, struct slice text, struct record *record)
{
    static const struct {
        const char *city, *region, *country;
    } paths[] = {{"calendar.geo_city", "calendar.geo_region", "calendar.geo_country"},
                 {"featured_city.name", NULL, NULL}};
    struct slice folded = unicode_fold(record->arena, text);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        struct slice city = line(data, paths[i].city, record);
        if (city.len == 0 || record_has(record, FIELD_CITY) ||
            slice_find(folded, unicode_fold(record->arena, city)) == SIZE_MAX)
            continue;
        record_set_text(record, FIELD_CITY, METHOD_RULE, city);
        if (!paths[i].region)
            continue;
        record_set_text(record, FIELD_REGION, METHOD_RULE, line(data, paths[i].region, record));
        reader_set_country(record, METHOD_RULE, json_get_text(data, paths[i].country));
    }
}

static void read_typed(yyjson_val *data, struct slice text, struct record *record)
{
    if (text.len == 0 || place_is_hidden(record->arena, text))
        return;
    if (place_is_online(record->arena, text)) {
        record_set_flag(record, FIELD_IS_ONLINE, METHOD, true);
        return;
    }
    read_typed_venue(text, record);
    record_set_text(record, FIELD_ADDRESS, METHOD, text);
    read_typed_city(data, text, record);
    if (record_has(record, FIELD_CITY))
        return;
    record_set_text(record, FIELD_CITY, METHOD_RULE, place_city_behind(record->arena, text));
    record_doubt(record, FIELD_CITY, CITY_BY_FORM);
}

static void read_coordinate(yyjson_val *event, struct record *record)
{
    double latitude = json_get_double(event, "coordinate.latitude", NAN);
    double longitude = json_get_double(event, "coordinate.longitude", NAN);
    // Until the middle of 2025 they were texts.
    double old_latitude, old_longitude;
    if (slice_to_double(json_get_text(event, "geo_latitude"), &old_latitude) &&
        slice_to_double(json_get_text(event, "geo_longitude"), &old_longitude) && isnan(latitude))
        latitude = old_latitude, longitude = old_longitude;
    record_set_place(record, METHOD, latitude, longitude);
}

static void read_location_type(yyjson_val *event, struct record *record)
{
    struct slice type = json_get_text(event, "location_type");
    if (slice_equal(type, SLICE("offline")))
        record_set_flag(record, FIELD_IS_ONLINE, METHOD, false);
    for (size_t i = 0; i < ARRAY_LEN(online_types); i++)
        if (slice_equal(type, slice_from_cstr(online_types[i])))
            record_set_flag(record, FIELD_IS_ONLINE, METHOD, true);
}

void luma_place_read(yyjson_val *data, struct record *record)
{
    yyjson_val *event = json_get(data, "event"), *geo = json_get(event, "geo_address_info");
    bool hidden = slice_equal(json_get_text(geo, "mode"), SLICE("obfuscated"));
    bool typed = slice_equal(json_get_text(geo, "type"), SLICE("manual"));
    if (typed && !hidden)
        read_typed(data, line(geo, "address", record), record);
    else if (yyjson_is_obj(geo) && !hidden)
        read_google(geo, record);
    if (yyjson_is_obj(geo))
        read_region(geo, record);
    read_coordinate(event, record);
    if (hidden) {
        record_doubt(record, FIELD_LATITUDE, APPROXIMATE);
        record_doubt(record, FIELD_LONGITUDE, APPROXIMATE);
    }
    read_location_type(event, record);
}
