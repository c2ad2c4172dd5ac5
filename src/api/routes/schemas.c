// The shapes of answers, for /openapi.json. A test holds real answers against them.
#include "api/routes/routes.h"

#define TEXT "{\"type\":\"string\"}"
#define TEXT_OR_NULL "{\"type\":[\"string\",\"null\"]}"
#define UUID "{\"type\":\"string\",\"format\":\"uuid\"}"
#define INSTANT_OR_NULL "{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"}"
#define DATE_OR_NULL "{\"type\":[\"string\",\"null\"],\"format\":\"date\"}"
#define NUMBER "{\"type\":\"number\"}"
#define INTEGER "{\"type\":\"integer\"}"
#define ARRAY_OF(item) "{\"type\":\"array\",\"items\":" item "}"
#define OBJECT(required, properties) \
    "{\"type\":\"object\",\"required\":[" required "],\"properties\":{" properties "}}"
#define PROCESSING_STATUS \
    "{\"enum\":[\"queued\",\"scraping\",\"processing\",\"processed\",\"failed\"]}"

#define EVENT_COMMON                                                                               \
    "\"id\":" UUID ",\"name\":" TEXT ",\"date\":" DATE_OR_NULL ",\"starts_at\":" INSTANT_OR_NULL   \
    ",\"ends_at\":" INSTANT_OR_NULL ",\"timezone\":" TEXT_OR_NULL ",\"location\":" TEXT_OR_NULL    \
    ",\"city\":" TEXT_OR_NULL ",\"country\":" TEXT_OR_NULL ",\"is_online\":{\"type\":\"boolean\"}" \
    ",\"status\":{\"enum\":[\"scheduled\",\"cancelled\",\"postponed\"]},\"luma_"                   \
    "url\":" TEXT_OR_NULL ",\"image_url\":" TEXT_OR_NULL ",\"data_quality_score\":" INTEGER        \
    ",\"processing_status\":" PROCESSING_STATUS

const struct route_schema api_schemas[] = {
    {"EventItem", OBJECT("\"id\",\"name\",\"date\",\"topics\",\"processing_status\"", EVENT_COMMON
                         ",\"topics\":" ARRAY_OF(TEXT) ",\"score\":" NUMBER
                                                       ",\"highlights\":{\"type\":\"object\"}")},
    {"EventList",
     OBJECT(
         "\"data\",\"page\"",
         "\"data\":" ARRAY_OF("{\"$ref\":\"#/components/schemas/EventItem\"}") ",\"page\":" OBJECT(
             "\"limit\",\"has_more\",\"next_cursor\"",
             "\"limit\":" INTEGER ",\"has_more\":{\"type\":\"boolean\"},"
             "\"next_cursor\":" TEXT_OR_NULL ",\"total\":" INTEGER))},
    {"Event",
     OBJECT(
         "\"id\",\"name\",\"speakers\",\"companies\",\"topics\",\"processing_status\"",
         EVENT_COMMON ",\"description\":" TEXT_OR_NULL ",\"speakers\":" ARRAY_OF(OBJECT(
             "\"id\",\"name\",\"company\",\"role\",\"extraction_confidence\"",
             "\"id\":" UUID ",\"name\":" TEXT ",\"company\":" TEXT_OR_NULL ",\"role\":" TEXT
             ",\"extraction_confidence\":" NUMBER)) ",\"companies\":" ARRAY_OF(OBJECT("\"id\","
                                                                                      "\"name\","
                                                                                      "\"domain\","
                                                                                      "\"relationsh"
                                                                                      "ip_type\"",
                                                                                      "\"id\":" UUID
                                                                                      ",\"name\""
                                                                                      ":" TEXT
                                                                                      ",\"domain\""
                                                                                      ":" TEXT_OR_NULL
                                                                                      ",\"relations"
                                                                                      "hip_"
                                                                                      "type\""
                                                                                      ":" TEXT)) ","
                                                                                                 "\"topics\":" ARRAY_OF(OBJECT(
                                                                                                     "\"id\",\"name\",\"category\",\"relevance_score\"",
                                                                                                     "\"id\":" UUID
                                                                                                     ",\"name\":" TEXT
                                                                                                     ",\"category\":" TEXT
                                                                                                     ",\"relevance_score\":" NUMBER)) ",\"extracted_data\":{},\"sources\":" ARRAY_OF(TEXT) ",\"scraped_at\":" INSTANT_OR_NULL
                                                                                                                                                                                           ",\"processed_at\":" INSTANT_OR_NULL
                                                                                                                                                                                           ",\"created_at\":" INSTANT_OR_NULL
                                                                                                                                                                                           ",\"updated_at\":" INSTANT_OR_NULL)},
    {"ScrapeAccepted",
     OBJECT("\"event_id\",\"status\"",
            "\"event_id\":" UUID ",\"status\":" TEXT ",\"job_id\":" TEXT_OR_NULL ",\"url\":" TEXT)},
    {"BatchAccepted", OBJECT("\"batch_id\",\"accepted\",\"duplicates\",\"invalid\"",
                             "\"batch_id\":" TEXT_OR_NULL ",\"accepted\":" INTEGER
                             ",\"duplicates\":" INTEGER ",\"invalid\":" ARRAY_OF(OBJECT(
                                 "\"url\",\"reason\"", "\"url\":" TEXT ",\"reason\":" TEXT)))},
    {"Batch", OBJECT("\"id\",\"status\",\"total\",\"done\",\"failed\"",
                     "\"id\":" UUID ",\"kind\":" TEXT
                     ",\"status\":{\"enum\":[\"running\",\"completed\"]},\"total\":" INTEGER
                     ",\"done\":" INTEGER ",\"succeeded\":" INTEGER ",\"failed\":" INTEGER
                     ",\"failures\":{\"type\":\"array\"},\"created_at\":" INSTANT_OR_NULL)},
    {"EventCount",
     OBJECT("\"total\",\"groups\"",
            "\"total\":" INTEGER ",\"groups\":" ARRAY_OF(
                OBJECT("\"key\",\"count\"", "\"key\":" TEXT_OR_NULL ",\"count\":" INTEGER)))},
};
const size_t api_schema_count = ARRAY_LEN(api_schemas);
