// One table a set of parameters: sql/queries/events/_filters.sql is its other half.
#include "lib/catalog/parameters.h"

#include "lib/text/dates.h"

static const char *const roles[] = {"speaker",   "judge",  "host", "panelist",
                                    "moderator", "mentor", NULL};
static const char *const relationships[] = {"host", "sponsor", "venue", "partner", NULL};
static const char *const moments[] = {"upcoming", "past", "today", "weekend", NULL};
static const char *const statuses[] = {"scheduled", "cancelled", "postponed", NULL};
static const char *const stages[] = {"queued",    "scraping", "processing",
                                     "processed", "failed",   NULL};

const struct route_param event_filters[EVENT_FILTER_COUNT] = {
    {"location", ROUTE_IN_QUERY, ROUTE_TEXT,
     .doc = "City, region, country or venue, or a usual short name such as SF or NYC; case and "
            "accents do not matter.",
     .example = "SF"},
    {"near", ROUTE_IN_QUERY, ROUTE_POINT,
     .doc = "Latitude,longitude: events within radius_km of it.", .example = "37.77,-122.42"},
    {"radius_km", ROUTE_IN_QUERY, ROUTE_NUMBER, .min = 0, .max = 20100, .fallback = "50",
     .doc = "Kilometres around near, which it needs, along the surface."},
    {"bbox", ROUTE_IN_QUERY, ROUTE_BOX,
     .doc = "West,south,east,north in degrees. A west that is east of the east crosses 180°.",
     .example = "-180,-90,180,90"},
    {"topics", ROUTE_IN_QUERY, ROUTE_NAME_LIST,
     .doc = "About any of these topics: names, usual other names (ML, GenAI) or ids.",
     .example = "AI,Tech"},
    {"topics_all", ROUTE_IN_QUERY, ROUTE_NAME_LIST, .doc = "About all of these topics.",
     .example = "AI"},
    {"speaker", ROUTE_IN_QUERY, ROUTE_NAME,
     .doc =
         "Somebody who takes part: an id, or a whole name in any spelling we know; case, accents "
         "and punctuation do not matter.",
     .example = "Ada Example"},
    {"role", ROUTE_IN_QUERY, ROUTE_ENUM_LIST, .values = roles,
     .doc = "Somebody takes part in one of these roles: the speaker, when one is given.",
     .example = "host,speaker"},
    {"company", ROUTE_IN_QUERY, ROUTE_NAME,
     .doc = "A company that is linked: an id, or a whole name as for speaker.", .example = "Acme"},
    {"relationship", ROUTE_IN_QUERY, ROUTE_ENUM_LIST, .values = relationships,
     .doc = "A company is linked in one of these ways: the company, when one is given.",
     .example = "host,sponsor"},
    {"date_after", ROUTE_IN_QUERY, ROUTE_DATE,
     .doc = "On or after this day, in the event's own zone.", .example = "2025-01-01"},
    {"date_before", ROUTE_IN_QUERY, ROUTE_DATE,
     .doc = "On or before this day, in the event's own zone.", .example = "2027-12-31"},
    {"starts_after", ROUTE_IN_QUERY, ROUTE_INSTANT, .doc = "Starts at this instant or later.",
     .example = "2025-01-01T00:00:00Z"},
    {"starts_before", ROUTE_IN_QUERY, ROUTE_INSTANT, .doc = "Starts at this instant or earlier.",
     .example = "2027-12-31T23:59:59Z"},
    {"when", ROUTE_IN_QUERY, ROUTE_ENUM, .values = moments,
     .doc =
         "upcoming: not over yet; past: over; today and weekend (the coming one, or the one that "
         "is): takes place on such a day in its own zone, where a night until six belongs to "
         "the day before.",
     .example = "past"},
    {"online", ROUTE_IN_QUERY, ROUTE_BOOL, .doc = "Takes place online.", .example = "false"},
    {"free", ROUTE_IN_QUERY, ROUTE_BOOL,
     .doc = "Costs nothing; events of unknown price are neither.", .example = "true"},
    {"status", ROUTE_IN_QUERY, ROUTE_ENUM_LIST, .values = statuses,
     .doc = "In one of these states.", .example = "scheduled"},
    {"language", ROUTE_IN_QUERY, ROUTE_TEXT, .max = 35,
     .doc = "In this language (BCP 47); en is also found as en-GB.", .example = "en"},
    {"min_quality", ROUTE_IN_QUERY, ROUTE_INT, .min = 0, .max = 100,
     .doc = "A data_quality_score of at least this.", .example = "40"},
    {"updated_since", ROUTE_IN_QUERY, ROUTE_INSTANT, .doc = "Changed at this instant or later.",
     .example = "2025-01-01T00:00:00Z"},
    {"processing_status", ROUTE_IN_QUERY, ROUTE_ENUM_LIST, .values = stages,
     .doc = "In one of these stages. Without it: all events that were ever processed.",
     .example = "processed"},
};

const struct route_param paging_params[] = {
    {"limit", ROUTE_IN_QUERY, ROUTE_INT, .min = 1, .max = 100, .fallback = "20",
     .doc = "Rows of one page.", .example = "20"},
    {"cursor", ROUTE_IN_QUERY, ROUTE_CURSOR,
     .doc = "next_cursor of the page before, with the same filters."},
};

// Milliseconds of a value that was checked: a date is its first moment in UTC.
static int64_t instant_of(const struct route_value *value)
{
    struct date_time date = {0};
    int64_t unix_ms = 0;
    if (date_parse(value->text, &date) && !date.has_time)
        date.has_time = date.has_offset = true;
    return date_to_instant(&date, &unix_ms) ? unix_ms : 0;
}

const char *event_filters_check(const struct route_call *call, const char **ret_parameter)
{
    static const struct {
        const char *after, *before, *wrong;
    } ranges[] = {
        {"date_after", "date_before", "lies before date_after: nothing can match"},
        {"starts_after", "starts_before", "lies before starts_after: nothing can match"},
    };
    for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
        const struct route_value *after = route_value_get(call, ranges[i].after),
                                 *before = route_value_get(call, ranges[i].before);
        if (after->given && before->given && instant_of(before) < instant_of(after)) {
            *ret_parameter = ranges[i].before;
            return ranges[i].wrong;
        }
    }
    const struct route_value *radius = route_value_get(call, "radius_km");
    if (radius->given && !radius->is_fallback && !route_value_get(call, "near")->given) {
        *ret_parameter = "radius_km";
        return "needs near, the point it is around";
    }
    return NULL;
}

// The members of src/api/schemas/EventItem.json and Event.json: a test compares.
static const char *const item_fields[] = {"id",
                                          "name",
                                          "date",
                                          "starts_at",
                                          "ends_at",
                                          "timezone",
                                          "location",
                                          "city",
                                          "country",
                                          "is_online",
                                          "status",
                                          "luma_url",
                                          "image_url",
                                          "data_quality_score",
                                          "processing_status",
                                          "topics",
                                          "speakers",
                                          "companies",
                                          "roles",
                                          "relationships",
                                          "raw_html",
                                          "distance_km",
                                          "score",
                                          "explain",
                                          "highlights",
                                          NULL};
static const char *const document_fields[] = {"id",
                                              "name",
                                              "description",
                                              "date",
                                              "starts_at",
                                              "ends_at",
                                              "timezone",
                                              "location",
                                              "venue",
                                              "address",
                                              "city",
                                              "region",
                                              "country",
                                              "latitude",
                                              "longitude",
                                              "is_online",
                                              "status",
                                              "luma_url",
                                              "image_url",
                                              "price_cents",
                                              "is_free",
                                              "price_currency",
                                              "is_sold_out",
                                              "language",
                                              "guest_count",
                                              "speakers",
                                              "companies",
                                              "topics",
                                              "sources",
                                              "listings",
                                              "data_quality_score",
                                              "raw_html",
                                              "extracted_data",
                                              "processing_error",
                                              "processing_error_detail",
                                              "scraped_at",
                                              "processed_at",
                                              "created_at",
                                              "updated_at",
                                              "processing_status",
                                              "overrides",
                                              NULL};
static const char *const members[] = {"speakers", "companies", "topics", "raw_html", NULL};

const struct route_param event_item_params[] = {
    {"fields", ROUTE_IN_QUERY, ROUTE_ENUM_LIST, .values = item_fields,
     .doc = "Show only these members of each event; id is always there.", .example = "name,date"},
    {"include", ROUTE_IN_QUERY, ROUTE_ENUM_LIST, .values = members,
     .doc = "Show these too: speakers, companies and topics in full as on one event, raw_html the "
            "page as it was fetched (with a limit of at most 10).",
     .example = "speakers,topics"},
};
const struct route_param event_document_params[] = {
    {"fields", ROUTE_IN_QUERY, ROUTE_ENUM_LIST, .values = document_fields,
     .doc = "Show only these members; id is always there.", .example = "name,date,speakers"},
    {"include", ROUTE_IN_QUERY, ROUTE_ENUM_LIST, .values = members,
     .doc = "Show these too: raw_html is the page as it was fetched; the others are there anyway.",
     .example = "raw_html"},
};

enum { MAX_PAGES_OF_LIST = 10 };

const char *event_item_check(const struct route_call *call, const char **ret_parameter)
{
    const struct route_value *include = route_value_get(call, "include");
    for (size_t i = 0; i < include->count; i++)
        if (slice_equal(include->items[i], SLICE("raw_html")) && call->limit > MAX_PAGES_OF_LIST) {
            *ret_parameter = "limit";
            return "expected at most 10 with include=raw_html";
        }
    return NULL;
}
