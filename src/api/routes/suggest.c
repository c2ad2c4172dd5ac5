// GET /api/suggest: what somebody who is typing a name may mean.
#include "api/routes/routes.h"
#include "statements.gen.h"

static const char *const kinds[] = {"event", "speaker", "company", "topic", NULL};
static const struct route_param suggest_params[] = {
    {"q", ROUTE_IN_QUERY, ROUTE_TEXT, .required = true,
     .doc = "What was typed so far: the beginning of a name or of a word in it, or nearly that; "
            "case, accents and punctuation do not matter.",
     .example = "ai"},
    {"kind", ROUTE_IN_QUERY, ROUTE_ENUM_LIST, .values = kinds,
     .fallback = "event,speaker,company,topic", .doc = "Only of these kinds.",
     .example = "speaker,company"},
    {"limit", ROUTE_IN_QUERY, ROUTE_INT, .min = 1, .max = 50, .fallback = "10",
     .doc = "So many at most; there are no further pages, one types on.", .example = "5"},
};

const struct route suggest_routes[] = {
    {HTTP_METHOD_GET, "/api/suggest", ROUTE_READ, "people",
     "Events, people, companies and topics by what is typed of their names.",
     .params = {ROUTE_PARAMS(suggest_params)}, .shape = ROUTE_ROWS,
     .statement = &sql_suggest_list_names, .response = "Suggestions"},
};
const size_t suggest_route_count = ARRAY_LEN(suggest_routes);
