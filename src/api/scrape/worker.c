#include "api/scrape/worker.h"

#include "api/scrape/fetch.h"
#include "lib/base/clock.h"
#include "lib/base/ensure.h"
#include "lib/log/log.h"
#include "lib/metric/metric.h"
#include "lib/queue/queue.h"
#include "lib/text/unicode.h"
#include "statements.gen.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum {
    DRAIN_MS = 5000,
    MAX_SLICE_OF_WAIT_MS = 200, // how soon a wait for a host's turn notices the end
};

static struct metric fetches =
    METRIC_COUNTER("scrape_requests_total", "Attempts to fetch a page.", "host", "outcome");

struct scrape_workers {
    struct fetch_options options;
    struct origin_override *override;
    struct proxy_pool *proxies;
    struct robots_cache *robots;
    struct queue_pool *pool;
    uint32_t min_delay_ms;
    bool cancel;
};

// One thread's part.
struct scraper {
    struct scrape_workers *shared;
    struct fetcher *fetcher;
    struct db_session *session; // of the job at work
};

// ------------------------------------------------------------------------------------------------ politeness

static bool wait_ms(const struct scrape_workers *shared, int64_t ms)
{
    while (ms > 0 && !__atomic_load_n(&shared->cancel, __ATOMIC_ACQUIRE)) {
        int step = ms < MAX_SLICE_OF_WAIT_MS ? (int)ms : MAX_SLICE_OF_WAIT_MS;
        poll(NULL, 0, step);
        ms -= step;
    }
    return ms <= 0;
}

// Reserves the host's next free moment in the database, where all processes see it, and waits for it.
static enum err before_request(void *user, const struct fetch_visit *visit, struct error *ret_error)
{
    struct scraper *scraper = user;
    uint32_t delay = scraper->shared->min_delay_ms;
    if (visit->crawl_delay_ms > delay)
        delay = visit->crawl_delay_ms;
    if (delay == 0)
        return ERR_OK;
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(4096);
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    const struct db_value values[] = {db_text(visit->site), db_int(arena, delay)};
    enum err err =
        db_session_query(scraper->session, &sql_hosts_reserve_request, values, &rows, ret_error);
    if (err)
        return err;
    if (!wait_ms(scraper->shared, db_rows_int(rows, 0, db_rows_column(rows, "wait_ms"))))
        return error_set(ret_error, ERR_SHUTTING_DOWN, "the service is shutting down");
    return ERR_OK;
}

// -------------------------------------------------------------------------------------------- writing the answer

static enum err run(struct db_session *session, const struct db_statement *statement,
                    const struct db_value *values, struct error *ret_error)
{
    return db_session_query(session, statement, values, NULL, ret_error);
}

static enum err add_snapshot(struct db_session *session, const struct queue_job *job,
                             struct arena *arena, const struct fetch_result *result,
                             struct error *ret_error)
{
    const struct db_value values[] = {
        db_cstr(job->event_id),
        db_text(result->url.ptr ? result->url : slice_from_cstr(job->url)),
        db_int(arena, result->status),
        result->content_hash[0] ? db_cstr(result->content_hash) : db_null(),
        db_text(result->etag),
        db_text(result->last_modified),
        db_int(arena, (int64_t)result->wire_bytes),
        db_int(arena, result->duration_ms),
    };
    return run(session, &sql_events_add_snapshot, values, ret_error);
}

// The last step of a job that leaves nothing else to do for its event.
static enum err close_event(struct db_session *session, const struct queue_job *job,
                            struct error *ret_error)
{
    const struct db_value values[] = {db_cstr(job->event_id), db_cstr("processed"), db_null()};
    enum err err = run(session, &sql_events_close_event, values, ret_error);
    return err ? err : db_session_commit(session, ret_error);
}

static enum err render(struct db_session *session, const struct queue_job *job, struct arena *arena,
                       struct error *ret_error)
{
    const struct slice id = slice_from_cstr(job->event_id);
    const struct db_value values[] = {db_text_array(arena, &id, 1)};
    return run(session, &sql_events_render_events, values, ret_error);
}

static enum err store_unchanged(struct db_session *session, const struct queue_job *job,
                                struct arena *arena, struct error *ret_error)
{
    const struct db_value values[] = {db_cstr(job->event_id)};
    enum err err = run(session, &sql_events_page_unchanged, values, ret_error);
    if (!err)
        err = render(session, job, arena, ret_error);
    return err ? err : close_event(session, job, ret_error);
}

static enum err queue_processing(struct db_session *session, const struct queue_job *job,
                                 struct arena *arena, struct error *ret_error)
{
    const struct db_value status[] = {db_cstr(job->event_id), db_cstr("processing")};
    const struct db_value next[] = {db_cstr(job->event_id), db_bool(job->force),
                                    db_cstr(job->request_id)};
    enum err err = run(session, &sql_events_set_event_status, status, ret_error);
    if (!err)
        err = render(session, job, arena, ret_error);
    if (!err)
        err = run(session, &sql_jobs_enqueue_process, next, ret_error);
    return err ? err : db_session_commit(session, ret_error);
}

// A redirect led to an address that is another event's: this event becomes another name of that one.
static enum err merge_if_known(struct db_session *session, const struct queue_job *job,
                               struct arena *arena, struct slice final_url, bool *ret_merged,
                               struct error *ret_error)
{
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    const struct db_value find[] = {db_cstr(job->event_id), db_null(), db_text(final_url)};
    enum err err = db_session_query(session, &sql_events_find_twin, find, &rows, ret_error);
    *ret_merged = !err && db_rows_count(rows) > 0;
    if (!*ret_merged)
        return err;
    const struct slice both[] = {slice_from_cstr(job->event_id),
                                 db_rows_value_text(rows, 0, 0, arena)};
    const struct db_value ids[] = {db_text_array(arena, both, ARRAY_LEN(both))};
    const struct db_value merge[] = {db_text(both[0]), db_text(both[1])};
    struct db_rows *kept CLEANUP(db_rows_free_cleanup) = NULL;
    err = run(session, &sql_jobs_lock_waiting, ids, ret_error);
    if (!err)
        err = db_session_query(session, &sql_events_merge_event, merge, &kept, ret_error);
    if (err)
        return err;
    // This one stays when the other was never read.
    *ret_merged =
        !slice_equal(db_rows_value_text(kept, 0, 0, arena), slice_from_cstr(job->event_id));
    return *ret_merged ? close_event(session, job, ret_error) : ERR_OK;
}

static enum err store_page(struct db_session *session, const struct queue_job *job,
                           struct arena *arena, const struct fetch_result *result,
                           struct error *ret_error)
{
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    bool merged = false;
    const struct db_value source[] = {db_cstr(job->event_id), db_text(result->url)};
    const struct db_value page[] = {
        db_cstr(job->event_id),         db_text(unicode_repair(arena, result->body)),
        db_cstr(result->content_hash),  db_text(result->etag),
        db_text(result->last_modified), db_bool(job->force),
    };
    enum err err = merge_if_known(session, job, arena, result->url, &merged, ret_error);
    if (err || merged)
        return err;
    err = run(session, &sql_events_add_source, source, ret_error);
    if (!err)
        err = db_session_query(session, &sql_events_store_page, page, &rows, ret_error);
    if (err)
        return err;
    bool is_new = db_rows_count(rows) > 0 && db_rows_bool(rows, 0, db_rows_column(rows, "is_new"));
    return is_new ? queue_processing(session, job, arena, ret_error)
                  : store_unchanged(session, job, arena, ret_error);
}

// One transaction: what came, the end of this job, and the job that follows.
static enum err store_result(struct db_session *session, const struct queue_job *job,
                             struct arena *arena, const struct fetch_result *result,
                             struct error *ret_error)
{
    enum err err = db_session_begin(session, ret_error);
    if (!err)
        err = queue_complete(session, job, ret_error);
    if (!err)
        err = add_snapshot(session, job, arena, result, ret_error);
    if (err)
        return err;
    return result->not_modified ? store_unchanged(session, job, arena, ret_error)
                                : store_page(session, job, arena, result, ret_error);
}

// ------------------------------------------------------------------------------------------------------ one job

static enum err load_validators(struct db_session *session, const struct queue_job *job,
                                struct arena *arena, struct fetch_request *ret_request,
                                bool *ret_done, struct error *ret_error)
{
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    const struct db_value values[] = {db_cstr(job->event_id), db_cstr(job->id)};
    enum err err = db_session_query(session, &sql_events_get_validators, values, &rows, ret_error);
    if (err)
        return err;
    if (db_rows_count(rows) == 0)
        return error_set(ret_error, ERR_NOT_FOUND, "the event is gone");
    *ret_done = db_rows_bool(rows, 0, db_rows_column(rows, "is_merged")) ||
                db_rows_bool(rows, 0, db_rows_column(rows, "is_fresh"));
    *ret_request = (struct fetch_request){
        .url = slice_from_cstr(job->url),
        .etag = arena_slice(arena, db_rows_text(rows, 0, db_rows_column(rows, "etag"))),
        .last_modified =
            arena_slice(arena, db_rows_text(rows, 0, db_rows_column(rows, "last_modified"))),
        .snapshot_url =
            arena_slice(arena, db_rows_text(rows, 0, db_rows_column(rows, "snapshot_url"))),
        .force = job->force,
    };
    return ERR_OK;
}

// Nothing to fetch: the event is another name of one, or its page is young enough.
static enum err complete_at_once(struct db_session *session, const struct queue_job *job,
                                 struct arena *arena, struct error *ret_error)
{
    const struct db_value values[] = {db_cstr(job->event_id), db_cstr("processed")};
    enum err err = db_session_begin(session, ret_error);
    if (!err)
        err = queue_complete(session, job, ret_error);
    if (!err)
        err = run(session, &sql_events_set_event_status, values, ret_error);
    if (!err)
        err = render(session, job, arena, ret_error);
    return err ? err : close_event(session, job, ret_error);
}

static enum err show_scraping(struct db_session *session, const struct queue_job *job,
                              struct arena *arena, struct error *ret_error)
{
    const struct db_value values[] = {db_cstr(job->event_id), db_cstr("scraping")};
    enum err err = queue_begin(session, job, ret_error);
    if (!err)
        err = run(session, &sql_events_set_event_status, values, ret_error);
    if (!err)
        err = render(session, job, arena, ret_error);
    return err ? err : db_session_commit(session, ret_error);
}

// What a failed fetch got as an answer is remembered as far as possible; the failure itself is what counts. A worker that
// has lost its job has nothing more to say about it.
static void remember_failure(struct db_session *session, const struct queue_job *job,
                             struct arena *arena, const struct fetch_result *result)
{
    struct error ignored;
    if (!queue_begin(session, job, &ignored) &&
        !add_snapshot(session, job, arena, result, &ignored))
        (void)!db_session_commit(session, &ignored);
    db_session_rollback(session);
}

// Only allowed hosts get here, so there are few; the metric's own bound holds for their subdomains.
static const char *host_of(struct arena *arena, const char *url)
{
    struct slice rest = slice_from_cstr(url);
    size_t scheme = slice_find(rest, SLICE("://"));
    rest = scheme == SIZE_MAX ? rest : slice_sub(rest, scheme + 3, rest.len);
    size_t end = 0;
    while (end < rest.len && rest.ptr[end] != '/' && rest.ptr[end] != ':')
        end++;
    return arena_cstr(arena, slice_sub(rest, 0, end));
}

static enum err scrape(void *data, struct db_session *session, const struct queue_job *job,
                       struct arena *arena, struct queue_outcome *outcome, struct error *ret_error)
{
    struct scraper *scraper = data;
    struct fetch_request request;
    struct fetch_result result;
    bool done = false;
    scraper->session = session;
    enum err err = load_validators(session, job, arena, &request, &done, ret_error);
    if (!err && done)
        return complete_at_once(session, job, arena, ret_error);
    if (!err)
        err = show_scraping(session, job, arena, ret_error);
    if (err)
        return err;
    err = fetch_page(scraper->fetcher, &request, arena, &result);
    const char *outcome_name = err                   ? error_info(err)->code
                               : result.not_modified ? "not_modified"
                                                     : "ok";
    metric_inc(metric_series(&fetches, host_of(arena, job->url), outcome_name));
    if (!err)
        return store_result(session, job, arena, &result, ret_error);
    *ret_error = result.error;
    outcome->retry_after_ms = result.retry_after_ms;
    outcome->is_final = !result.retry;
    if (result.status)
        remember_failure(session, job, arena, &result);
    return err;
}

// -------------------------------------------------------------------------------------------------- life cycle

static void *scraper_new(void *context)
{
    struct scraper *scraper = calloc(1, sizeof *scraper);
    struct error error = {0};
    ensure(scraper != NULL);
    scraper->shared = context;
    const struct fetch_hooks hooks = {.user = scraper, .before_request = before_request};
    enum err err = fetcher_new(&scraper->shared->options, &hooks, &scraper->fetcher, &error);
    ensure(err == ERR_OK);
    return scraper;
}

static void scraper_free(void *data)
{
    struct scraper *scraper = data;
    fetcher_free(scraper->fetcher);
    free(scraper);
}

static struct slice join(struct arena *arena, const struct config_list *list)
{
    const char *text = "";
    for (size_t i = 0; i < list->count; i++)
        text = arena_printf(arena, "%s%s%s", text, i ? "," : "", list->items[i]);
    return slice_from_cstr(text);
}

static enum err read_options(struct scrape_workers *workers, const struct config *config,
                             const struct luma_url_rules *rules, struct error *ret_error)
{
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(256 * 1024);
    enum err err = ERR_OK;
    if (config->scrape_origin_override.count)
        err = origin_override_new(join(arena, &config->scrape_origin_override), &workers->override,
                                  ret_error);
    if (!err && config->scrape_proxies.count)
        err = proxy_pool_new(join(arena, &config->scrape_proxies), &workers->proxies, ret_error);
    if (err)
        return err;
    workers->robots = robots_cache_new();
    workers->options = (struct fetch_options){
        .rules = rules,
        .override = workers->override,
        .proxies = workers->proxies,
        .robots_cache = workers->robots,
        .request_timeout_ms = config->scrape_timeout_ms,
        .page_timeout_ms = config->scrape_timeout_ms,
        .max_body_bytes = (size_t)config->scrape_max_bytes,
        .cancel = &workers->cancel,
        .render = config->render == CONFIG_RENDER_AUTO,
        .browser = config->render_browser,
        .render_timeout_ms = config->render_timeout_ms,
    };
    // A mirror of one's own needs no courtesy, unless somebody asks for it.
    bool polite = config_is_set(config, scrape_min_delay_ms) || !workers->override;
    workers->min_delay_ms = polite ? config->scrape_min_delay_ms : 0;
    return ERR_OK;
}

enum err scrape_workers_start(const struct config *config, const struct luma_url_rules *rules,
                              struct scrape_workers **ret_workers, struct error *ret_error)
{
    struct scrape_workers *workers = calloc(1, sizeof *workers);
    ensure(workers != NULL);
    enum err err = read_options(workers, config, rules, ret_error);
    if (!err) {
        const struct queue_pool_options pool = {
            .kinds = {{"scrape", scrape}},
            .db = {.url = config_database_url(config), .application_name = "api scrape"},
            .workers = (size_t)config->scrape_workers,
            .lease_ms = config->job_lease_ms,
            .drain_ms = DRAIN_MS,
            .max_attempts = config->scrape_max_attempts,
            .arena_bytes = 3 * (size_t)config->scrape_max_bytes + FETCH_ARENA_BYTES,
            .worker_new = scraper_new,
            .worker_free = scraper_free,
            .context = workers,
            .cancel = &workers->cancel,
        };
        err = queue_pool_start(&pool, &workers->pool, ret_error);
    }
    if (err)
        scrape_workers_stop(workers);
    else
        *ret_workers = workers;
    return err;
}

void scrape_workers_begin_stop(struct scrape_workers *workers)
{
    if (workers)
        queue_pool_begin_stop(workers->pool);
}

void scrape_workers_stop(struct scrape_workers *workers)
{
    if (!workers)
        return;
    queue_pool_stop(workers->pool);
    robots_cache_free(workers->robots);
    proxy_pool_free(workers->proxies);
    origin_override_free(workers->override);
    free(workers);
}
