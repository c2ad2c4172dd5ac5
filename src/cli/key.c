// eventd key create | list | revoke: keys of the API, straight in the database.
#include "cli/key.h"

#include "cli/cli.h"
#include "lib/account/account.h"
#include "lib/account/key.h"
#include "lib/db/session.h"
#include "statements.gen.h"

#include <stdio.h>
#include <string.h>

enum { ARENA_BYTES = 4 * 1024 * 1024, DAYS_MAX = 36500 };

static int complain(const struct error *error)
{
    cli_complain("%s", error->detail);
    return CLI_FAILED;
}

enum err cli_key_create(struct db_session *session, const struct cli_key_wish *wish,
                        char ret_text[static ACCOUNT_KEY_TEXT], struct error *ret_error)
{
    struct account_key key;
    account_key_new(ret_text);
    (void)account_key_parse(slice_from_cstr(ret_text), &key);
    const struct db_value values[] = {
        db_cstr(wish->user ? wish->user : wish->name),
        db_text(key.prefix),
        db_cstr(key.secret_sha256),
        db_cstr(wish->name),
        db_cstr(wish->role),
        db_cstr(wish->expires_at),
        db_cstr(wish->requests_per_minute),
        db_cstr(wish->scrapes_per_day),
    };
    return db_session_query(session, &sql_accounts_create_key, values, NULL, ret_error);
}

static int create_key(struct db_session *session, int argc, char **argv)
{
    struct cli_key_wish wish = {.role = "reader"};
    const struct {
        const char *option, **field;
    } options[] = {
        {"--role", &wish.role},
        {"--name", &wish.name},
        {"--user", &wish.user},
        {"--expires-at", &wish.expires_at},
        {"--requests-per-minute", &wish.requests_per_minute},
        {"--scrapes-per-day", &wish.scrapes_per_day},
    };
    for (int i = 0; i < argc; i += 2) {
        size_t at = 0;
        while (at < ARRAY_LEN(options) && strcmp(options[at].option, argv[i]) != 0)
            at++;
        if (at == ARRAY_LEN(options) || i + 1 == argc) {
            cli_complain(i + 1 == argc ? "%s wants a value" : "unknown option '%s'", argv[i]);
            return CLI_USAGE;
        }
        *options[at].field = argv[i + 1];
    }
    enum account_role role;
    if (!wish.name || !wish.name[0] || !account_role_parse(slice_from_cstr(wish.role), &role)) {
        cli_complain(
            "usage: eventd key create --name NAME [--role reader|writer|admin] [--user WHO]"
            " [--expires-at TIME] [--requests-per-minute N] [--scrapes-per-day N]");
        return CLI_USAGE;
    }
    char text[ACCOUNT_KEY_TEXT];
    struct error error = {0};
    if (cli_key_create(session, &wish, text, &error))
        return complain(&error);
    puts(text);
    return CLI_OK;
}

static int list_keys(struct db_session *session, int argc, char **argv)
{
    static const char *const columns[] = {"prefix",     "role",         "name",       "user",
                                          "created_at", "last_used_at", "expires_at", "revoked_at"};
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(ARENA_BYTES);
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    struct error error = {0};
    if (argc) {
        cli_complain("list takes no arguments, but got '%s'", argv[0]);
        return CLI_USAGE;
    }
    const struct db_value values[] = {
        {.given = false}, {.given = false}, {.given = false}, db_int(arena, 10000)};
    if (db_session_query(session, &sql_accounts_list_keys, values, &rows, &error))
        return complain(&error);
    for (size_t c = 0; c < ARRAY_LEN(columns); c++)
        printf("%s%s", c ? "\t" : "", columns[c]);
    for (size_t r = 0; r < db_rows_count(rows); r++)
        for (size_t c = 0; c < ARRAY_LEN(columns); c++) {
            struct slice text = db_rows_text(rows, r, db_rows_column(rows, columns[c]));
            printf("%s%.*s", c ? "\t" : "\n", SLICE_FMT(text.ptr ? text : SLICE("-")));
        }
    putchar('\n');
    return CLI_OK;
}

static int revoke_key(struct db_session *session, int argc, char **argv)
{
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    struct error error = {0};
    if (argc != 1) {
        cli_complain("usage: eventd key revoke KEY|PREFIX|ID");
        return CLI_USAGE;
    }
    const struct db_value values[] = {db_cstr(argv[0])};
    if (db_session_query(session, &sql_accounts_revoke_by_prefix, values, &rows, &error))
        return complain(&error);
    if (db_rows_count(rows) == 0) {
        cli_complain("there is no such key; `eventd key list` shows them");
        return CLI_FAILED;
    }
    printf("%.*s is revoked\n", SLICE_FMT(db_rows_text(rows, 0, db_rows_column(rows, "prefix"))));
    return CLI_OK;
}

int cli_key(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(struct db_session *session, int argc, char **argv);
    } actions[] = {{"create", create_key}, {"list", list_keys}, {"revoke", revoke_key}};
    size_t at = 0;
    while (at < ARRAY_LEN(actions) && (argc < 2 || strcmp(actions[at].name, argv[1]) != 0))
        at++;
    if (at == ARRAY_LEN(actions)) {
        cli_complain("usage: eventd key create|list|revoke …");
        return CLI_USAGE;
    }
    struct config *config CLEANUP(config_free_cleanup) = cli_config("key");
    if (!config)
        return CLI_BAD_CONFIG;
    const struct db_options options = {.url = config_database_url(config),
                                       .application_name = "eventd key"};
    struct db_session *session = db_session_new(&options);
    int status = actions[at].run(session, argc - 2, argv + 2);
    db_session_free(session);
    return status;
}
