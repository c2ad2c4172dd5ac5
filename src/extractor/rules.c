#include "extractor/rules.h"

#include "extractor/name_status.h"
#include "extractor/page/links.h"
#include "extractor/page/place.h"
#include "lib/text/dates.h"
#include "lib/text/language.h"
#include "lib/text/names.h"
#include "lib/text/unicode.h"

#include <string.h>

static const double USUAL_STATUS = 0.8; // nobody says that an event takes place as planned
static const double DAY_WITHOUT_ZONE =
    0.5; // the day in UTC is another one for a third of all events
static const double ONLINE_BY_NAME = 0.6;
static const double COUNTRY_OF_ZONE = 0.6; // some events keep the zone of who made them

// ---- time

static void set_date(struct record *record)
{
    struct date_time local;
    char day[DATE_TEXT];
    if (!record_has(record, FIELD_STARTS_AT) || record_has(record, FIELD_DATE))
        return;
    const struct value *start = &record->fields[FIELD_STARTS_AT];
    bool in_zone = zone_local(record_text(record, FIELD_TIMEZONE), start->integer, &local);
    if (!in_zone && !zone_local(SLICE("UTC"), start->integer, &local))
        return;
    date_format(&local, day);
    record_set_text(record, FIELD_DATE, start->method,
                    arena_slice(record->arena, slice_from_cstr(day)));
    if (!in_zone)
        record_doubt(record, FIELD_DATE, DAY_WITHOUT_ZONE);
}

// ---- name

// Emoji decorate a name, they are no part of it.
static void clean_name(struct record *record)
{
    struct slice *name = &record->fields[FIELD_NAME].text;
    *name = name_clean(record->arena, *name);
}

// ---- status

static void set_status(struct record *record)
{
    bool is_open = !record_has(record, FIELD_STATUS) ||
                   slice_equal(record_text(record, FIELD_STATUS), SLICE("scheduled"));
    const char *said = is_open ? name_status(record->arena, record_text(record, FIELD_NAME)) : NULL;
    if (said) {
        record_unset(record, FIELD_STATUS);
        record_set_cstr(record, FIELD_STATUS, METHOD_RULE, said);
        return;
    }
    if (record_has(record, FIELD_STATUS))
        return;
    record_set_cstr(record, FIELD_STATUS, METHOD_RULE, "scheduled");
    record_doubt(record, FIELD_STATUS, USUAL_STATUS);
}

// ---- place

static bool has_place(const struct record *record)
{
    return record_has(record, FIELD_VENUE) || record_has(record, FIELD_ADDRESS) ||
           record_has(record, FIELD_CITY);
}

static bool is_online(const struct record *record)
{
    return record_has(record, FIELD_IS_ONLINE) && record->fields[FIELD_IS_ONLINE].flag;
}

// A part of the name that says nothing else: "Looms (online)", "Webinar: Looms".
static bool name_says_online(const struct record *record)
{
    struct slice name = record_text(record, FIELD_NAME);
    for (size_t end; name.len; name = slice_sub(name, end + 1, name.len)) {
        end = 0;
        while (end < name.len && !strchr("()[]|:", name.ptr[end]) &&
               !slice_starts_with(slice_sub(name, end, name.len), SLICE(" - ")))
            end++;
        struct slice part = slice_trim(slice_sub(name, 0, end));
        if (part.len && place_is_online(record->arena, part))
            return true;
    }
    return false;
}

static void set_online(struct record *record)
{
    if (record_has(record, FIELD_IS_ONLINE))
        return;
    if (has_place(record)) {
        record_set_flag(record, FIELD_IS_ONLINE, METHOD_RULE, false);
    } else if (name_says_online(record)) {
        record_set_flag(record, FIELD_IS_ONLINE, METHOD_RULE, true);
        record_doubt(record, FIELD_IS_ONLINE, ONLINE_BY_NAME);
    }
}

// A zone of one country, and an event that is somewhere: cities at a border have zones of their
// own.
static void set_country(struct record *record)
{
    if (record_has(record, FIELD_COUNTRY) || !record_has(record, FIELD_CITY) || is_online(record))
        return;
    record_set_cstr(record, FIELD_COUNTRY, METHOD_RULE,
                    zone_country(record_text(record, FIELD_TIMEZONE)));
    record_doubt(record, FIELD_COUNTRY, COUNTRY_OF_ZONE);
}

static bool contains(struct arena *arena, struct slice text, struct slice part)
{
    return slice_find(unicode_fold(arena, text), unicode_fold(arena, part)) != SIZE_MAX;
}

// Venue and city, or city and region; what the first says already is not said again.
static void set_location(struct record *record)
{
    struct slice venue = record_text(record, FIELD_VENUE), city = record_text(record, FIELD_CITY);
    struct slice address = record_text(record, FIELD_ADDRESS),
                 region = record_text(record, FIELD_REGION);
    enum field source = venue.len ? FIELD_VENUE : address.len ? FIELD_ADDRESS : FIELD_CITY;
    struct slice first = record_text(record, source), second = source == FIELD_CITY ? region : city;
    if (record_has(record, FIELD_LOCATION))
        return;
    if (first.len == 0 && is_online(record)) {
        record_set_cstr(record, FIELD_LOCATION, record->fields[FIELD_IS_ONLINE].method, "Online");
        return;
    }
    if (first.len == 0)
        return;
    if (second.len && !contains(record->arena, first, second))
        first = slice_from_cstr(
            arena_printf(record->arena, "%.*s, %.*s", SLICE_FMT(first), SLICE_FMT(second)));
    record_set_text(record, FIELD_LOCATION, record->fields[source].method, first);
    record_doubt(record, FIELD_LOCATION, record->fields[source].confidence);
}

// ---- language

// Of the description's words; a name alone is too short, and often in English whatever follows.
static void set_language(struct record *record)
{
    double confidence;
    if (record_has(record, FIELD_LANGUAGE))
        return;
    struct slice text = record->prose.count ? prose_plain(record->arena, &record->prose)
                                            : record_text(record, FIELD_DESCRIPTION);
    const char *code = language_detect(record->arena, text, &confidence);
    if (!code)
        return;
    record_set_cstr(record, FIELD_LANGUAGE, METHOD_RULE, code);
    record->fields[FIELD_LANGUAGE].confidence = confidence;
}

void rules_apply(const struct page_input *page, struct record *record)
{
    if (record->kind == PAGE_EVENT && !record_has(record, FIELD_NAME)) {
        record_warn(record, "an event without a name");
        record->kind = PAGE_NOT_EVENT;
    }
    if (record->kind == PAGE_UNKNOWN)
        record->kind = PAGE_NOT_EVENT;
    if (record->kind != PAGE_EVENT) {
        record->people_count = record->companies_count = record->topics_count = 0;
        return;
    }
    record->listed_count = 0;
    clean_name(record);
    set_date(record);
    set_status(record);
    set_online(record);
    set_country(record);
    set_location(record);
    set_language(record);
    record_set_text(record, FIELD_URL, METHOD_RULE,
                    link_event(record->arena, link_http(record->arena, page->url)));
}
