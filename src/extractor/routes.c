// POST /extract
#include "extractor/routes.h"

#include "extractor/extract.h"
#include "extractor/sandbox/pool.h"
#include "extractor/service.h"

// The answer takes the call, and the job in its arena, with it.
static void answer_record(struct llm_job *job)
{
    struct buffer record CLEANUP(buffer_done) = job->record;
    struct buffer answer CLEANUP(buffer_done) = job->answer;
    route_answer_json(job->user, 200, buffer_slice(answer.len ? &answer : &record));
}

static void ask_model(struct route_call *call, struct slice record)
{
    const struct extractor_loop *own = call->service;
    struct llm_job *job = ARENA_NEW(call->arena, struct llm_job);
    *job = (struct llm_job){.loop = own->loop, .done = answer_record, .user = call};
    buffer_init(&job->record, EXTRACTOR_MAX_ANSWER);
    buffer_init(&job->answer, EXTRACTOR_MAX_ANSWER);
    buffer_append(&job->record, record);
    if (!llm_pool_submit(own->models, job))
        answer_record(job);
}

// What is wrong with the page names the page; the rest is wrong here.
static void take_record(void *data, struct slice record, const struct error *error)
{
    struct route_call *call = data;
    if (!error)
        ask_model(call, record);
    else if (error_info(error->code)->http_status == 422)
        route_answer_invalid(call, error->code, "/html", arena_strdup(call->arena, error->detail));
    else
        route_answer_error(call, error);
}

static void read_here(struct route_call *call, const struct sandbox_page *page)
{
    struct buffer record CLEANUP(buffer_done);
    struct error error = {0};
    buffer_init(&record, EXTRACTOR_MAX_ANSWER);
    bool failed = extractor_answer(page->html, page->url, &record, &error) != ERR_OK;
    take_record(call, buffer_slice(&record), failed ? &error : NULL);
}

static void post_extract(struct route_call *call)
{
    const struct extractor_loop *own = call->service;
    struct sandbox_page *page = ARENA_NEW(call->arena, struct sandbox_page);
    *page = (struct sandbox_page){.html = route_value_get(call, "html")->text,
                                  .url = route_value_get(call, "url")->text,
                                  .done = take_record,
                                  .data = call};
    if (own->pages)
        sandbox_pool_read(own->pages, page);
    else
        read_here(call, page);
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
