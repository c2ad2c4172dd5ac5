// The location of a schema.org Event.
#include "extractor/page/json_ld.h"
#include "extractor/page/place.h"
#include "lib/base/buffer.h"
#include "lib/json/json.h"

#include <math.h>

enum { MAX_LOCATIONS = 10, MAX_ADDRESS = 2000 };

static struct slice line(yyjson_val *value, const char *property, struct record *record)
{
    return reader_clean_line(record->arena, json_ld_text(value, property), READER_MAX_LINE);
}

// The parts of a postal address in one line, without what repeats the venue (Luma puts its name for
// the street).
static struct slice address_line(yyjson_val *address, struct slice venue, struct record *record)
{
    static const char *const parts[] = {"streetAddress", "addressLocality", "addressRegion",
                                        "postalCode", "addressCountry"};
    struct buffer out;
    buffer_init(&out, MAX_ADDRESS);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        struct slice part = line(address, parts[i], record);
        if (part.len == 0 || slice_equal(part, venue))
            continue;
        if (out.len)
            buffer_append_cstr(&out, ", ");
        buffer_append(&out, part);
    }
    struct slice text = arena_slice(record->arena, buffer_slice(&out));
    buffer_done(&out);
    return text;
}

static void read_postal_address(yyjson_val *address, struct record *record)
{
    record_set_text(record, FIELD_CITY, record->method, line(address, "addressLocality", record));
    record_set_text(record, FIELD_REGION, record->method, line(address, "addressRegion", record));
    reader_set_country(record, record->method, line(address, "addressCountry", record));
    record_set_text(record, FIELD_ADDRESS, record->method,
                    address_line(address, record_text(record, FIELD_VENUE), record));
}

static void read_address_text(struct slice text, struct record *record)
{
    if (text.len && !place_is_hidden(record->arena, text) && !place_is_online(record->arena, text))
        record_set_text(record, FIELD_ADDRESS, record->method, text);
}

static void read_geo(yyjson_val *place, struct record *record)
{
    yyjson_val *geo = yyjson_obj_get(place, "geo");
    double latitude = json_ld_number(geo, "latitude"), longitude = json_ld_number(geo, "longitude");
    if (isnan(latitude) || isnan(longitude))
        latitude = json_ld_number(place, "latitude"),
        longitude = json_ld_number(place, "longitude");
    record_set_place(record, record->method, latitude, longitude);
}

static void read_place(yyjson_val *place, struct record *record)
{
    yyjson_val *address = yyjson_obj_get(place, "address");
    struct slice name = line(place, "name", record), city, region;
    if (place_is_hidden(record->arena, line(place, "address", record))) {
        // Luma's name for a hidden place is its city.
        place_split_city(name, &city, &region);
        record_set_text(record, FIELD_CITY, record->method, city);
        record_set_text(record, FIELD_REGION, record->method, region);
        read_geo(place, record);
        return;
    }
    bool is_name = name.len && !place_is_street(record->arena, name) &&
                   !place_is_hidden(record->arena, name) && !place_is_online(record->arena, name) &&
                   !slice_equal(name, line(place, "address", record));
    if (is_name)
        record_set_text(record, FIELD_VENUE, record->method, name);
    if (yyjson_is_obj(address))
        read_postal_address(address, record);
    else
        read_address_text(line(place, "address", record), record);
    read_geo(place, record);
}

static void read_location(yyjson_val *location, struct record *record)
{
    if (yyjson_is_str(location)) {
        struct slice text = {yyjson_get_str(location), yyjson_get_len(location)};
        text = reader_clean_line(record->arena, text, READER_MAX_LINE);
        if (place_is_online(record->arena, text))
            record_set_flag(record, FIELD_IS_ONLINE, record->method, true);
        read_address_text(text, record);
    } else if (json_ld_is(location, "VirtualLocation")) {
        record_set_flag(record, FIELD_IS_ONLINE, record->method, true);
    } else if (json_ld_is(location, "PostalAddress")) {
        read_postal_address(location, record);
    } else if (yyjson_is_obj(location)) {
        read_place(location, record);
    }
}

void json_ld_place_read(yyjson_val *event, struct record *record)
{
    yyjson_val *location = yyjson_obj_get(event, "location"), *item;
    size_t index, count;
    if (!yyjson_is_arr(location))
        read_location(location, record);
    yyjson_arr_foreach (location, index, count, item) {
        if (index < MAX_LOCATIONS)
            read_location(item, record);
    }
}
