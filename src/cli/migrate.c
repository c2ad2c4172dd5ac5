// eventd migrate [--wait SECONDS]: brings the database's schema up to date.
#include "cli/cli.h"

#include "lib/base/clock.h"
#include "lib/db/migrate.h"
#include "lib/log/log.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MAX_WAIT_S = 3600, PAUSE_MS = 200 };

static void tell(void *data, const struct db_migration *migration)
{
    ++*(size_t *)data;
    log_info("migration_applied", log_str("name", migration->name));
}

static bool parse_wait(int argc, char **argv, int64_t *ret_seconds)
{
    *ret_seconds = 0;
    if (argc == 1)
        return true;
    return argc == 3 && strcmp(argv[1], "--wait") == 0 &&
           slice_to_int(slice_from_cstr(argv[2]), ret_seconds) && *ret_seconds >= 0 &&
           *ret_seconds <= MAX_WAIT_S;
}

static enum err migrate(const struct config *config, uint64_t deadline_ms, size_t *ret_applied,
                        struct error *ret_error)
{
    const struct db_options options = {.url = config_database_url(config),
                                       .application_name = "eventd migrate"};
    struct db_session *session = db_session_new(&options);
    enum err code;
    // A database that is only just starting is worth the wait; one that refuses is not.
    while ((code = db_migrate(session, tell, ret_applied, ret_error)) == ERR_DATABASE_UNAVAILABLE &&
           clock_monotonic_ms() < deadline_ms)
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
    db_session_free(session);
    return code;
}

int cli_migrate(int argc, char **argv)
{
    int64_t wait_s;
    size_t applied = 0;
    struct error error = {0};
    if (!parse_wait(argc, argv, &wait_s)) {
        cli_complain("usage: eventd migrate [--wait SECONDS]");
        return CLI_USAGE;
    }
    struct config *config CLEANUP(config_free_cleanup) = cli_config("migrate");
    if (!config)
        return CLI_BAD_CONFIG;
    enum err code =
        migrate(config, clock_monotonic_ms() + (uint64_t)wait_s * 1000, &applied, &error);
    if (code) {
        log_error("migration_failed", log_str("code", error_info(code)->code),
                  log_str("reason", error.detail));
        // What the database refuses once it refuses again; the rest may pass.
        bool hopeless =
            code == ERR_DATABASE_ERROR || code == ERR_CONFIG_INVALID || code == ERR_SCHEMA_REFUSED;
        return hopeless ? CLI_BAD_CONFIG : CLI_FAILED;
    }
    log_info("schema_up_to_date", log_int("applied", (int64_t)applied));
    return CLI_OK;
}
