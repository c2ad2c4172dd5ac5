// POST /extract
#include "extractor/routes.h"

#include "extractor/extract.h"
#include "extractor/service.h"

// The answer takes the call, and the job in its arena, with it.
static void answer_record(struct llm_job *job)
{
    struct buffer record CLEANUP(buffer_done) = job->record;
    struct buffer answer CLEANUP(buffer_done) = job->answer;
    route_answer_json(job->user, 200, buffer_slice(answer.len ? &answer : &record));
}

static void post_extract(struct route_call *call)
{
    const struct extractor_loop *own = call->service;
    struct llm_job *job = ARENA_NEW(call->arena, struct llm_job);
    struct buffer record;
    struct error error = {0};
    buffer_init(&record, EXTRACTOR_MAX_ANSWER);
    if (extractor_answer(route_value_get(call, "html")->text, route_value_get(call, "url")->text,
                         &record, &error)) {
        route_answer_invalid(call, error.code, "/html", arena_strdup(call->arena, error.detail));
        buffer_done(&record);
        return;
    }
    *job =
        (struct llm_job){.record = record, .loop = own->loop, .done = answer_record, .user = call};
    buffer_init(&job->answer, EXTRACTOR_MAX_ANSWER);
    if (!llm_pool_submit(own->models, job))
        answer_record(job);
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
