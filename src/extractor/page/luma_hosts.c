// Who gives the event, by Luma's own fields: the visible hosts and the presenting calendar.
// Featured guests are people who registered; they are no part of the event.
#include "extractor/page/host_kind.h"
#include "extractor/page/hosts.h"
#include "extractor/page/links.h"
#include "extractor/page/luma.h"
#include "extractor/page/reader.h"
#include "lib/json/json.h"
#include "lib/text/names.h"
#include "lib/text/unicode.h"

#include <string.h>

enum { MAX_HOSTS = 300 };

static const struct {
    enum link link;
    const char *key;
} handle_keys[] = {
    {LINK_LINKEDIN, "linkedin_handle"},   {LINK_X, "twitter_handle"},
    {LINK_INSTAGRAM, "instagram_handle"}, {LINK_YOUTUBE, "youtube_handle"},
    {LINK_TIKTOK, "tiktok_handle"},       {LINK_LUMA, "username"},
};

static void read_links(struct arena *arena, yyjson_val *value, struct slice *ret_links)
{
    for (size_t i = 0; i < ARRAY_LEN(handle_keys); i++)
        ret_links[handle_keys[i].link] =
            link_of_handle(arena, handle_keys[i].link, json_get_text(value, handle_keys[i].key));
    ret_links[LINK_WEBSITE] = link_http(arena, json_get_text(value, "website"));
}

// A short identifier of Luma's, or absent.
static struct slice read_id(struct arena *arena, yyjson_val *value)
{
    struct slice id = reader_line(arena, value, "api_id", 40);
    return slice_starts_with(id, SLICE("usr-")) || slice_starts_with(id, SLICE("cal-"))
               ? id
               : (struct slice){0};
}

// ---- the calendar

// Words of which a calendar's name consists when it names an occasion and nobody who gives it.
static const char *const occasions[] = {"conference", "congress", "hackathon", "summit"};
static const char *const list_endings[] = {" meetups", " side events", " side event"};

static bool names_occasion(struct arena *arena, struct slice calendar, struct slice event)
{
    struct slice name = unicode_fold(arena, calendar);
    for (size_t i = 0; i < ARRAY_LEN(list_endings); i++)
        if (slice_ends_with(name, slice_from_cstr(list_endings[i])))
            return true;
    struct slice core = unicode_fold(arena, name_clean_company(arena, calendar));
    if (slice_find(unicode_fold(arena, event), core) == SIZE_MAX)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(occasions); i++)
        if (slice_find(core, slice_from_cstr(occasions[i])) != SIZE_MAX)
            return true;
    return false;
}

// "Ada L. - notes on engines": the first word is a host's first name.
static bool names_host(struct arena *arena, yyjson_val *hosts, struct slice calendar)
{
    struct slice head = slice_sub(calendar, 0, slice_find(calendar, SLICE(" - ")));
    struct slice rest = head, first;
    size_t index, count;
    yyjson_val *host;
    if (head.len == calendar.len || name_has_company_word(arena, head) ||
        !name_next_word(&rest, &first))
        return false;
    yyjson_arr_foreach (hosts, index, count, host) {
        struct slice name = reader_line(arena, host, "name", READER_MAX_NAME), word;
        if (name_next_word(&name, &word) && slice_equal_nocase(word, first))
            return true;
    }
    return false;
}

static void add_calendar(yyjson_val *data, struct record *record, struct host_context *ret_context)
{
    struct arena *arena = record->arena;
    yyjson_val *calendar = json_get(data, "calendar");
    struct slice name = reader_line(arena, calendar, "name", READER_MAX_NAME);
    if (name.len == 0 || json_get_bool(calendar, "is_personal", false))
        return;
    ret_context->calendar_name = name;
    ret_context->calendar_key = name_company_key(arena, name);
    if (names_occasion(arena, name, record_text(record, FIELD_NAME)) ||
        names_host(arena, json_get(data, "hosts"), name))
        return;
    struct company company = {.name = name_clean_company(arena, name),
                              .domain = link_domain(arena, json_get_text(calendar, "website")),
                              .relationship = "host",
                              .luma_id = read_id(arena, calendar),
                              .evidence = name,
                              .method = record->method,
                              .confidence = 0.9};
    read_links(arena, calendar, company.links);
    if (slice_starts_with(json_get_text(calendar, "linkedin_handle"), SLICE("/company/")) ||
        company.domain.len)
        company.confidence = 0.95;
    record_add_company(record, company);
}

// ---- the hosts

// The name that is shown, or the two it consists of.
static struct slice host_name(struct arena *arena, yyjson_val *value)
{
    struct slice name = reader_line(arena, value, "name", READER_MAX_NAME);
    if (name.len)
        return name;
    struct slice first = reader_line(arena, value, "first_name", READER_MAX_NAME);
    struct slice last = reader_line(arena, value, "last_name", READER_MAX_NAME);
    return slice_trim(
        slice_from_cstr(arena_printf(arena, "%.*s %.*s", SLICE_FMT(first), SLICE_FMT(last))));
}

static void add_host(yyjson_val *value, const struct host_context *context, struct record *record)
{
    struct arena *arena = record->arena;
    struct host host = {.raw = host_name(arena, value),
                        .bio = reader_lines(arena, value, "bio_short", READER_MAX_BIO),
                        .linkedin = json_get_text(value, "linkedin_handle"),
                        .website = json_get_text(value, "website")};
    struct slice links[LINK_COUNT] = {0};
    read_links(arena, value, links);
    // A hidden host manages the event, but is not shown with it.
    if (json_get_bool(value, "is_visible", true))
        hosts_add(record, record->method, &host, context, links, read_id(arena, value));
}

// The place's name, where Luma has it from Google; a street is nobody's name and equals no host's.
static struct slice venue_key(yyjson_val *data, struct record *record)
{
    yyjson_val *geo = json_get(data, "event.geo_address_info");
    if (!slice_equal(json_get_text(geo, "type"), SLICE("google")))
        return (struct slice){0};
    return name_company_key(record->arena,
                            reader_line(record->arena, geo, "address", READER_MAX_NAME));
}

void luma_hosts_read(yyjson_val *data, struct record *record)
{
    struct host_context context = {.event_name = record_text(record, FIELD_NAME),
                                   .venue_key = venue_key(data, record)};
    yyjson_val *host;
    size_t index, count;
    add_calendar(data, record, &context);
    yyjson_arr_foreach (json_get(data, "hosts"), index, count, host) {
        if (index < MAX_HOSTS && yyjson_is_obj(host))
            add_host(host, &context, record);
    }
}
