// The explorer: one page that shows lists and single things, by its address. What it shows comes from the routes beside it.
#include "api/routes/routes.h"
#include "lib/web/web.h"

static void get_explorer(struct route_call *call)
{
    web_answer_page(call, "explorer");
}

static const struct route_param id_param[] = {
    {"id", ROUTE_IN_PATH, ROUTE_TEXT, .required = true, .doc = "Id of what is to be shown."},
};

#define PAGE(path, summary, ...)                                                      \
    {                                                                                 \
        HTTP_METHOD_GET, path, ROUTE_OPEN, "pages", summary, .handler = get_explorer, \
            .content_type = "text/html", .ignores_query = true, .params = {           \
                __VA_ARGS__                                                           \
            }                                                                         \
    }

const struct route pages_routes[] = {
    PAGE("/", "The explorer: search and filters."),
    PAGE("/events/:id", "The explorer: one event.", ROUTE_PARAMS(id_param)),
    PAGE("/speakers/:id", "The explorer: one speaker.", ROUTE_PARAMS(id_param)),
    PAGE("/companies/:id", "The explorer: one company.", ROUTE_PARAMS(id_param)),
};
const size_t pages_route_count = ARRAY_LEN(pages_routes);
