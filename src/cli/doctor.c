// eventd doctor: is everything as it must be, and if not, what to do. Changes nothing, unless --repair asks it to make
// the graph anew, to render events that are not, and to remove what a restored dump brought along.
#include "cli/cli.h"
#include "lib/db/migrate.h"
#include "lib/http/client.h"
#include "statements.gen.h"

#include <curl/curl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    ARENA_BYTES = 16 * 1024 * 1024,
    POSTGRES_MAJOR = 17,
    GRAPH_LABELS = 7,
    HEALTH_TIMEOUT_MS = 3000,
    MAX_ANSWER = 64 * 1024
};

struct doctor {
    const struct config *config;
    struct arena *arena;
    struct db_session *session;
    size_t failures;
};

static const char *const extensions[] = {"vector", "age", "pg_trgm", "unaccent",
                                         "pg_stat_statements"};

PRINTF_LIKE(3, 4)
static void say(struct doctor *doctor, const char *what, const char *format, ...)
{
    va_list args;
    (void)doctor;
    va_start(args, format);
    printf("ok    %-20s ", what);
    vprintf(format, args);
    putchar('\n');
    va_end(args);
}

PRINTF_LIKE(4, 5)
static void complain(struct doctor *doctor, const char *what, const char *todo, const char *format,
                     ...)
{
    va_list args;
    va_start(args, format);
    printf("FAIL  %-20s ", what);
    vprintf(format, args);
    printf("\n      %-20s -> %s\n", "", todo);
    va_end(args);
    doctor->failures++;
}

static const char *masked_url(struct doctor *doctor)
{
    struct buffer masked CLEANUP(buffer_done);
    buffer_init(&masked, MAX_ANSWER);
    config_mask(slice_from_cstr(config_database_url(doctor->config)), &masked);
    return arena_cstr(doctor->arena, buffer_slice(&masked));
}

// False: nothing further can be asked.
static bool check_server(struct doctor *doctor)
{
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    struct error error = {0};
    if (db_session_query(doctor->session, &sql_doctor_server, NULL, &rows, &error)) {
        complain(doctor, "database",
                 config_is_embedded(doctor->config)
                     ? "start it with `eventd up`, or set DATABASE_URL"
                     : "start that server, or correct DATABASE_URL",
                 "%s: %s", masked_url(doctor), error.detail);
        return false;
    }
    int64_t major = db_rows_int(rows, 0, db_rows_column(rows, "major"));
    struct slice version = db_rows_text(rows, 0, db_rows_column(rows, "version"));
    struct slice preloaded = db_rows_text(rows, 0, db_rows_column(rows, "preloaded"));
    if (major == POSTGRES_MAJOR)
        say(doctor, "database", "PostgreSQL %.*s at %s", SLICE_FMT(version), masked_url(doctor));
    else
        complain(doctor, "database", "use PostgreSQL 17", "PostgreSQL %.*s at %s",
                 SLICE_FMT(version), masked_url(doctor));
    if (db_rows_bool(rows, 0, db_rows_column(rows, "is_replica")))
        complain(doctor, "database role", "let DATABASE_URL name the primary",
                 "this server is a replica: nothing can be written");
    static const char *const libraries[] = {"age", "pg_stat_statements"};
    for (size_t i = 0; i < ARRAY_LEN(libraries); i++)
        if (slice_find(preloaded, slice_from_cstr(libraries[i])) == SIZE_MAX)
            complain(
                doctor, "preloaded libraries",
                "set shared_preload_libraries = 'pg_stat_statements,age' and restart the server",
                "%s is not loaded by the server", libraries[i]);
    return true;
}

static void check_extensions(struct doctor *doctor)
{
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    struct error error = {0};
    struct slice names[ARRAY_LEN(extensions)];
    for (size_t i = 0; i < ARRAY_LEN(extensions); i++)
        names[i] = slice_from_cstr(extensions[i]);
    struct db_value value = db_text_array(doctor->arena, names, ARRAY_LEN(names));
    if (db_session_query(doctor->session, &sql_doctor_extensions, &value, &rows, &error)) {
        complain(doctor, "extensions", "look at the server's log", "%s", error.detail);
        return;
    }
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        struct slice name = db_rows_text(rows, i, db_rows_column(rows, "name"));
        const char *what = arena_printf(doctor->arena, "extension %.*s", SLICE_FMT(name));
        int version = db_rows_column(rows, "version");
        if (!db_rows_is_null(rows, i, version))
            say(doctor, what, "%.*s", SLICE_FMT(db_rows_text(rows, i, version)));
        else if (db_rows_bool(rows, i, db_rows_column(rows, "is_available")))
            complain(doctor, what, "run `eventd migrate`", "not in this database");
        else
            complain(doctor, what, "install the packages of deps/run.txt on the server",
                     "not installed");
    }
}

static void check_migrations(struct doctor *doctor)
{
    size_t pending;
    struct error error = {0};
    if (db_migrate_pending(doctor->session, &pending, &error))
        complain(doctor, "migrations", "use the program that made this schema, or restore it", "%s",
                 error.detail);
    else if (pending)
        complain(doctor, "migrations", "run `eventd migrate`", "%zu of %zu are missing", pending,
                 db_migration_count);
    else
        say(doctor, "migrations", "all %zu applied", db_migration_count);
}

static void check_graph(struct doctor *doctor)
{
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    struct error error = {0};
    const char *todo = "run `eventd migrate`";
    if (db_session_query(doctor->session, &sql_doctor_graph, NULL, &rows, &error))
        complain(doctor, "graph", todo, "%s", error.detail);
    else if (db_rows_int(rows, 0, 0) != GRAPH_LABELS)
        complain(doctor, "graph", todo, "event_network is missing or not whole");
    else
        say(doctor, "graph", "event_network");
}

// The graph is derived from the tables: where it differs, something has written past project_events.
static void check_projection(struct doctor *doctor)
{
    static const char *const counts[] = {"missing_vertices", "extra_vertices", "missing_edges",
                                         "extra_edges"};
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    struct error error = {0};
    if (db_session_query(doctor->session, &sql_graph_compare_projection, NULL, &rows, &error)) {
        complain(doctor, "graph projection", "look at the server's log", "%s", error.detail);
        return;
    }
    int64_t differences = 0;
    for (size_t i = 0; i < ARRAY_LEN(counts); i++)
        differences += db_rows_int(rows, 0, db_rows_column(rows, counts[i]));
    if (differences)
        complain(doctor, "graph projection", "run `eventd doctor --repair`",
                 "%lld vertices and edges differ from the tables", (long long)differences);
    else
        say(doctor, "graph projection", "equals the tables");
}

// Merged rows lead straight to one that is not, and nothing leads to them.
static void check_merges(struct doctor *doctor)
{
    static const char *const counts[] = {"chains", "links_to_merged", "links_of_merged",
                                         "wrong_names"};
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    struct error error = {0};
    if (db_session_query(doctor->session, &sql_doctor_merges, NULL, &rows, &error)) {
        complain(doctor, "merges", "look at the server's log", "%s", error.detail);
        return;
    }
    size_t broken = 0;
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        int64_t count = db_rows_int(rows, 0, db_rows_column(rows, counts[i]));
        broken += count != 0;
        if (count)
            complain(doctor, "merges", "restore the rows: something has written past the merges",
                     "%lld %s", (long long)count, counts[i]);
    }
    if (!broken)
        say(doctor, "merges", "nothing leads to what was merged");
}

// Numbers of transactions mean something in one cluster only.
static void check_changes(struct doctor *doctor)
{
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    struct error error = {0};
    if (db_session_query(doctor->session, &sql_doctor_changes, NULL, &rows, &error))
        complain(doctor, "changes", "look at the server's log", "%s", error.detail);
    else if (db_rows_int(rows, 0, 0))
        complain(doctor, "changes", "run `eventd doctor --repair`",
                 "%lld come from another cluster (a restored dump)",
                 (long long)db_rows_int(rows, 0, 0));
    else
        say(doctor, "changes", "all of this database");
}

// What readers get is rendered with the event; one without it is missing from lists, or comes without its fields.
static void check_rendering(struct doctor *doctor)
{
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    struct error error = {0};
    if (db_session_query(doctor->session, &sql_doctor_unrendered, NULL, &rows, &error))
        complain(doctor, "rendered events", "look at the server's log", "%s", error.detail);
    else if (db_rows_int(rows, 0, 0))
        complain(doctor, "rendered events", "run `eventd doctor --repair`",
                 "%lld processed events have no list_item or no document",
                 (long long)db_rows_int(rows, 0, 0));
    else
        say(doctor, "rendered events", "all that are processed");
}

static void repair_rendering(struct doctor *doctor)
{
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    struct error error = {0};
    if (db_session_query(doctor->session, &sql_doctor_render_missing, NULL, &rows, &error))
        complain(doctor, "repair", "look at the server's log", "%s", error.detail);
    else if (db_rows_int(rows, 0, 0))
        say(doctor, "repair", "%lld events were rendered", (long long)db_rows_int(rows, 0, 0));
}

static void repair(struct doctor *doctor)
{
    struct error error = {0};
    if (db_session_query(doctor->session, &sql_doctor_repair_changes, NULL, NULL, &error))
        complain(doctor, "repair", "look at the server's log", "%s", error.detail);
    repair_rendering(doctor);
    if (db_session_query(doctor->session, &sql_graph_rebuild_projection, NULL, NULL, &error))
        complain(doctor, "repair", "look at the server's log", "%s", error.detail);
    else
        say(doctor, "repair", "the graph was made anew from the tables");
}

static void check_service(struct doctor *doctor, struct http_client *client, const char *name,
                          const char *url)
{
    struct error error = {0};
    struct http_client_response response;
    const struct http_client_request request = {
        .url = arena_printf(doctor->arena, "%s/health/ready", url),
        .max_body_bytes = MAX_ANSWER,
        .connect_timeout_ms = HEALTH_TIMEOUT_MS,
        .total_timeout_ms = HEALTH_TIMEOUT_MS,
    };
    const char *todo =
        arena_printf(doctor->arena, "start it with `eventd up` or `eventd %s`", name);
    if (http_client_send(client, &request, doctor->arena, &response, &error))
        complain(doctor, name, todo, "%s: %s", url, error.detail);
    else if (response.status != 200)
        complain(doctor, name, "look at its log: it runs, but something that it needs is missing",
                 "%s answers %d: %.*s", url, response.status,
                 SLICE_FMT(slice_sub(slice_trim(response.body), 0, 200)));
    else
        say(doctor, name, "%s", url);
}

static void check_services(struct doctor *doctor)
{
    const struct config *config = doctor->config;
    struct http_client *client;
    struct error error = {0};
    if (http_client_new(&client, &error)) {
        complain(doctor, "services", "look at the message", "%s", error.detail);
        return;
    }
    // The API is asked where the others would be if they shared its host.
    const char *host = strchr(config->bind, ':') ? "[::1]" : "127.0.0.1";
    check_service(doctor, client, "api",
                  arena_printf(doctor->arena, "http://%s:%d", host, config->api_port));
    check_service(doctor, client, "processor", config->processor_url);
    check_service(doctor, client, "extractor", config->extractor_url);
    http_client_free(client);
}

int cli_doctor(int argc, char **argv)
{
    bool repairs = argc == 2 && strcmp(argv[1], "--repair") == 0;
    int usage = repairs ? CLI_OK : cli_no_arguments(argc, argv);
    if (usage)
        return usage;
    struct config *config CLEANUP(config_free_cleanup) = cli_config("doctor");
    if (!config)
        return CLI_BAD_CONFIG;
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(ARENA_BYTES);
    const struct db_options options = {.url = config_database_url(config),
                                       .application_name = "eventd doctor"};
    struct doctor doctor = {.config = config, .arena = arena, .session = db_session_new(&options)};
    if (check_server(&doctor)) {
        check_extensions(&doctor);
        check_migrations(&doctor);
        check_graph(&doctor);
        if (repairs && doctor.failures == 0)
            repair(&doctor);
        if (doctor.failures == 0) {
            check_projection(&doctor);
            check_rendering(&doctor);
            check_merges(&doctor);
            check_changes(&doctor);
        }
    }
    db_session_free(doctor.session);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    check_services(&doctor);
    curl_global_cleanup();
    if (doctor.failures)
        printf("%zu %s\n", doctor.failures, doctor.failures == 1 ? "problem" : "problems");
    return doctor.failures ? CLI_FAILED : CLI_OK;
}
