// POST /extract
#include "extractor/routes.h"

#include "extractor/extract.h"
#include "extractor/service.h"

static void post_extract(struct route_call *call)
{
    struct buffer body CLEANUP(buffer_done);
    struct error error = {0};
    buffer_init(&body, EXTRACTOR_MAX_ANSWER);
    if (extractor_answer(route_value_get(call, "html")->text, route_value_get(call, "url")->text,
                         &body, &error))
        route_answer_invalid(call, error.code, "/html", arena_strdup(call->arena, error.detail));
    else
        route_answer_json(call, 200, buffer_slice(&body));
}

static const struct route_param extract_params[] = {
    {"html", ROUTE_IN_BODY, ROUTE_TEXT, .required = true, .max = EXTRACT_MAX_PAGE,
     .doc = "The page."},
    {"url", ROUTE_IN_BODY, ROUTE_TEXT, .max = 4096,
     .doc = "Where it was fetched: the event's address when the page names none."},
};

const struct route extract_routes[] = {
    {HTTP_METHOD_POST, "/extract", ROUTE_OPEN, "extraction", "Read the event that a page tells of.",
     .params = {ROUTE_PARAMS(extract_params)}, .handler = post_extract,
     .max_body_bytes = PAGE_MAX_REQUEST_BYTES, .response = "Extraction",
     .body_example =
         "{\"html\":\"<title>An evening of maps</title>\",\"url\":\"https://luma.com/example\"}"},
};
const size_t extract_route_count = ARRAY_LEN(extract_routes);
