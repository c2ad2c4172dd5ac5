// GET /api/speakers, /api/companies, /api/topics and what hangs below one of them.
#include "api/routes/routes.h"
#include "lib/catalog/parameters.h"
#include "statements.gen.h"

static const char *const sorts[] = {"name", "events", "last_seen", NULL};
static const char *const topic_sorts[] = {"name", "events", NULL};
static const char *const roles[] = {"speaker",   "judge",  "host", "panelist",
                                    "moderator", "mentor", NULL};
static const char *const relationships[] = {"host", "sponsor", "venue", "partner", NULL};
static const char *const categories[] = {"technology", "industry", "format", NULL};

#define SORT_DOC "By name, or those with the most events, or those seen last, first."
#define Q_DOC "The beginning of a name or of another spelling of it, or nearly one."

static const struct route_param speaker_params[] = {
    {"q", ROUTE_IN_QUERY, ROUTE_TEXT, .doc = Q_DOC, .example = "an"},
    {"company", ROUTE_IN_QUERY, ROUTE_NAME, .doc = "Id or name of a company that they are with."},
    {"role", ROUTE_IN_QUERY, ROUTE_ENUM_LIST, .values = roles, .doc = "Were any of these once."},
    {"sort", ROUTE_IN_QUERY, ROUTE_ENUM, .values = sorts, .fallback = "name", .doc = SORT_DOC},
};
static const struct route_param company_params[] = {
    {"q", ROUTE_IN_QUERY, ROUTE_TEXT, .doc = Q_DOC, .example = "la"},
    {"relationship", ROUTE_IN_QUERY, ROUTE_ENUM_LIST, .values = relationships,
     .doc = "Were any of these once."},
    {"sort", ROUTE_IN_QUERY, ROUTE_ENUM, .values = sorts, .fallback = "name", .doc = SORT_DOC},
};
static const struct route_param topic_params[] = {
    {"q", ROUTE_IN_QUERY, ROUTE_TEXT, .doc = Q_DOC, .example = "tech"},
    {"category", ROUTE_IN_QUERY, ROUTE_ENUM_LIST, .values = categories, .doc = "Of these kinds."},
    {"sort", ROUTE_IN_QUERY, ROUTE_ENUM, .values = topic_sorts, .fallback = "name",
     .doc = "By name, or those with the most events first."},
};
static const struct route_param speaker_id[] = {
    {"id", ROUTE_IN_PATH, ROUTE_UUID, .required = true, .doc = "Id of a speaker."},
};
static const struct route_param company_id[] = {
    {"id", ROUTE_IN_PATH, ROUTE_UUID, .required = true, .doc = "Id of a company."},
};

const struct route people_routes[] = {
    {HTTP_METHOD_GET, "/api/speakers", ROUTE_READ, "people", "People who had a part in events.",
     .params = {ROUTE_PARAMS(speaker_params), PAGING}, .shape = ROUTE_LIST,
     .statement = &sql_speakers_list_speakers, .response = "SpeakerList"},
    {HTTP_METHOD_GET, "/api/speakers/:id", ROUTE_READ, "people", "One person.",
     .params = {ROUTE_PARAMS(speaker_id)}, .shape = ROUTE_ITEM,
     .statement = &sql_speakers_get_speaker, .response = "Speaker"},
    {HTTP_METHOD_GET, "/api/speakers/:id/events", ROUTE_READ, "people",
     "Events that a person had a part in, the latest first; role is their own.",
     .params = {ROUTE_PARAMS(speaker_id), EVENT_FILTERS, EVENT_ITEM_SHOWN, PAGING},
     .shape = ROUTE_LIST, .statement = &sql_speakers_speaker_events, .response = "EventList"},
    {HTTP_METHOD_GET, "/api/companies", ROUTE_READ, "people",
     "Companies that had a part in events.", .params = {ROUTE_PARAMS(company_params), PAGING},
     .shape = ROUTE_LIST, .statement = &sql_companies_list_companies, .response = "CompanyList"},
    {HTTP_METHOD_GET, "/api/companies/:id", ROUTE_READ, "people", "One company.",
     .params = {ROUTE_PARAMS(company_id)}, .shape = ROUTE_ITEM,
     .statement = &sql_companies_get_company, .response = "Company"},
    {HTTP_METHOD_GET, "/api/companies/:id/events", ROUTE_READ, "people",
     "Events that a company had a part in, the latest first; relationship is its own.",
     .params = {ROUTE_PARAMS(company_id), EVENT_FILTERS, EVENT_ITEM_SHOWN, PAGING},
     .shape = ROUTE_LIST, .statement = &sql_companies_company_events, .response = "EventList"},
    {HTTP_METHOD_GET, "/api/topics", ROUTE_READ, "people", "What events are about.",
     .params = {ROUTE_PARAMS(topic_params), PAGING}, .shape = ROUTE_LIST,
     .statement = &sql_topics_list_topics, .response = "TopicList"},
};
const size_t people_route_count = ARRAY_LEN(people_routes);
