#include "lib/service/service.h"

#include "lib/base/ensure.h"
#include "lib/db/migrate.h"
#include "lib/log/log.h"
#include "lib/metric/process.h"
#include "lib/service/common.h"
#include "lib/service/observe.h"
#include "lib/service/report.h"
#include "lib/supervise/supervise.h"

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { DRAIN_MS = 8000 };

// One event loop with all it needs; loops share nothing.
struct worker_loop {
    struct loop *loop;
    const struct service *service;
    struct http_server *server;
    struct db_pipeline *db;
    struct router *router;
    struct service_gauges *gauges;
    struct service_report *report; // of the first loop
    struct account_directory *accounts;
    struct quota_book *quotas;
    void *state;
    pthread_t thread;
};

struct runtime {
    const struct service *service;
    const struct config *config;
    void *state;
    struct worker_loop loops[SERVICE_MAX_LOOPS];
    size_t loop_count;
    const struct route *tables[SERVICE_MAX_TABLES + 2];
    size_t table_sizes[SERVICE_MAX_TABLES + 2];
};

static void gather_tables(struct runtime *runtime)
{
    size_t count = 0;
    runtime->tables[count] = service_common_routes;
    runtime->table_sizes[count++] = service_common_route_count;
    for (size_t i = 0; i < SERVICE_MAX_TABLES && runtime->service->tables[i].routes; i++) {
        runtime->tables[count] = runtime->service->tables[i].routes;
        runtime->table_sizes[count++] = *runtime->service->tables[i].count;
    }
}

// Brings the schema up to date and holds every statement against it. While the database is away the service starts
// all the same and answers 503.
static enum err prepare_database(const struct config *config, struct error *ret_error)
{
    const struct db_options options = {.url = config_database_url(config),
                                       .application_name = "eventd start"};
    struct db_session *session = db_session_new(&options);
    enum err err = db_migrate(session, NULL, NULL, ret_error);
    if (!err)
        err = db_check_statements(session, ret_error);
    db_session_free(session);
    if (err == ERR_DATABASE_UNAVAILABLE) {
        log_warn("database_away_at_start", log_str("detail", ret_error->detail));
        err = ERR_OK;
    }
    return err;
}

static enum err loop_init(struct runtime *runtime, struct worker_loop *worker, uint16_t port,
                          struct error *ret_error)
{
    const struct config *config = runtime->config;
    const struct service *service = runtime->service;
    worker->loop = loop_new();
    worker->service = service;
    if (service->has_database) {
        const struct db_pipeline_options options = {
            .db = {.url = config_database_url(config), .application_name = service->name},
            .connections = (size_t)config->db_connections,
        };
        worker->db = db_pipeline_new(worker->loop, &options);
        worker->gauges =
            service_gauges_start(worker->loop, worker->db, worker == &runtime->loops[0]);
        worker->accounts = account_directory_new(worker->loop, worker->db);
        worker->quotas = quota_book_new(worker->db);
        if (worker == &runtime->loops[0])
            worker->report = service_report_start(worker->loop, worker->db, service->name);
    }
    worker->state = service->loop_start
                        ? service->loop_start(runtime->state, worker->loop, worker->db)
                        : runtime->state;
    // A token that somebody chose is asked for. The one that eventd up makes for itself guards the internal API where
    // others can reach it; on this machine it is not a user's duty.
    bool is_chosen = config->sources[CONFIG_KEY_internal_token] > CONFIG_SOURCE_STATE;
    bool is_local = strcmp(config->bind, "127.0.0.1") == 0 || strcmp(config->bind, "::1") == 0;
    const struct router_options routes = {
        .tables = runtime->tables,
        .table_sizes = runtime->table_sizes,
        .title = service->title,
        .description = service->description,
        .schemas = service->schemas,
        .schema_count = service->schema_count ? *service->schema_count : 0,
        .db = worker->db,
        .secret = slice_from_cstr(config->secret_key_base),
        .accounts = worker->accounts,
        .quotas = worker->quotas,
        .internal_token = slice_from_cstr(config->internal_token),
        .internal_is_open = is_local && !is_chosen,
        .public_read = config->public_read,
        .requests_per_minute = config->rate_limit_per_minute,
        .anonymous_per_minute = config->rate_limit_anonymous,
        .limits_this_machine = config_is_set(config, rate_limit_anonymous),
        .failures_per_minute = config->rate_limit_failures,
        .limits_failures_here = config_is_set(config, rate_limit_failures),
        .idempotency_keys_per_day = config->idempotency_keys_per_day,
        .scrapes_per_day = config->scrape_quota_per_day,
        .service = worker->state,
    };
    worker->router = router_new(&routes);
    const struct http_server_options http = {
        .bind = config->bind,
        .port = port,
        .reuse_port = runtime->loop_count > 1,
        .is_private = service->is_private,
        .body_limit = router_body_limit,
        .handler = router_handle,
        .began = service_note_begun,
        .observer = service_observe,
        .context = worker->router,
    };
    return http_server_new(worker->loop, &http, &worker->server, ret_error);
}

static void *loop_main(void *data)
{
    struct worker_loop *worker = data;
    loop_run(worker->loop);
    return NULL;
}

static void on_drained(void *data)
{
    struct worker_loop *worker = data;
    loop_stop(worker->loop);
}

static void start_drain(void *data)
{
    struct worker_loop *worker = data;
    if (worker->service->loop_drain)
        worker->service->loop_drain(worker->state);
    http_server_drain(worker->server, DRAIN_MS, on_drained, worker);
}

// In this order: queries that are still under way end, those who wait for them are answered, and only then their
// connections go.
static void loop_done(const struct runtime *runtime, struct worker_loop *worker)
{
    if (!worker->loop)
        return;
    service_report_stop(worker->report);
    if (worker->db)
        db_pipeline_free(worker->db);
    service_gauges_stop(worker->gauges);
    account_directory_free(worker->accounts);
    quota_book_free(worker->quotas);
    if (runtime->service->loop_stop && worker->state)
        runtime->service->loop_stop(worker->state);
    if (worker->server)
        http_server_free(worker->server);
    router_free(worker->router);
    loop_free(worker->loop);
}

static void stop(struct runtime *runtime)
{
    if (runtime->service->stop && runtime->state)
        runtime->service->stop(runtime->state);
    for (size_t i = 0; i < runtime->loop_count; i++)
        loop_done(runtime, &runtime->loops[i]);
    curl_global_cleanup();
}

// Waits for TERM or INT, which all threads have blocked.
static void wait_for_signal(void)
{
    sigset_t set;
    int signal;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    while (sigwait(&set, &signal) != 0)
        ;
}

static void block_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static enum err start(struct runtime *runtime, uint16_t port, struct error *ret_error)
{
    const struct service *service = runtime->service;
    enum err err = service->has_database ? prepare_database(runtime->config, ret_error) : ERR_OK;
    if (!err && service->start)
        err = service->start(runtime->config, &runtime->state, ret_error);
    for (size_t i = 0; i < runtime->loop_count && !err; i++) {
        err = loop_init(runtime, &runtime->loops[i], port, ret_error);
        if (i == 0 && !err)
            port = http_server_port(runtime->loops[0].server); // port 0: the others join the first
    }
    return err;
}

int service_run(const struct service *service, const struct config *config, uint16_t port,
                int loops)
{
    struct runtime runtime = {.service = service, .config = config, .loop_count = (size_t)loops};
    struct error error = {0};
    ensure(loops >= 1 && loops <= SERVICE_MAX_LOOPS);
    log_init(service->name, (enum log_level)config->log_level, (enum log_format)config->log_format);
    metric_process_init(service->name, EVENTD_VERSION);
    service_observe_statements(config);
    block_signals();
    curl_global_init(CURL_GLOBAL_DEFAULT);
    gather_tables(&runtime);
    if (start(&runtime, port, &error)) {
        log_error("start_failed", log_str("code", error_info(error.code)->code),
                  log_str("detail", error.detail));
        stop(&runtime);
        bool hopeless = error.code == ERR_DATABASE_ERROR || error.code == ERR_CONFIG_INVALID ||
                        error.code == ERR_SCHEMA_REFUSED;
        return hopeless ? SUPERVISE_EXIT_HOPELESS : 1;
    }
    for (size_t i = 0; i < runtime.loop_count; i++)
        ensure(pthread_create(&runtime.loops[i].thread, NULL, loop_main, &runtime.loops[i]) == 0);
    log_info("listening", log_str("bind", config->bind),
             log_int("port", http_server_port(runtime.loops[0].server)));
    supervise_notify_ready();
    wait_for_signal();
    log_info("draining");
    if (service->begin_stop && runtime.state)
        service->begin_stop(runtime.state);
    for (size_t i = 0; i < runtime.loop_count; i++)
        loop_post(runtime.loops[i].loop, start_drain, &runtime.loops[i]);
    for (size_t i = 0; i < runtime.loop_count; i++)
        pthread_join(runtime.loops[i].thread, NULL);
    stop(&runtime);
    return 0;
}
