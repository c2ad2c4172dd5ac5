#include "lib/account/account.h"

#include "lib/account/cache.h"
#include "lib/account/key.h"
#include "lib/base/clock.h"
#include "lib/base/ensure.h"
#include "statements.gen.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_COUNTED = 1024, // keys between two writes; further ones are written at once
    WRITE_EVERY_MS = 3000,
    MAX_LOOKUPS = 1024, // under way
};

struct counted {
    char key_id[UUID_TEXT];
    int64_t requests, scrapes;
};

struct account_directory {
    struct db_pipeline *db;
    struct loop_timer *timer;
    struct account_cache *cache;
    struct counted counted[MAX_COUNTED];
    size_t counted_count, lookups;
};

static const char *const role_names[] = {
    [ACCOUNT_NOBODY] = "nobody",
    [ACCOUNT_READER] = "reader",
    [ACCOUNT_WRITER] = "writer",
    [ACCOUNT_ADMIN] = "admin",
};

const char *account_role_name(enum account_role role)
{
    return role_names[role];
}

bool account_role_parse(struct slice name, enum account_role *ret_role)
{
    for (size_t i = ACCOUNT_READER; i < ARRAY_LEN(role_names); i++)
        if (slice_equal(name, slice_from_cstr(role_names[i]))) {
            *ret_role = (enum account_role)i;
            return true;
        }
    return false;
}

// --------------------------------------------------------------------------------------------------- finding

struct lookup {
    struct account_directory *directory;
    uint8_t digest[DIGEST_SHA256_BYTES];
    uint64_t generation, asked_ms;
    account_done *done;
    void *data;
};

static int64_t limit_of(const struct db_rows *rows, const char *column)
{
    size_t at = (size_t)db_rows_column(rows, column);
    return db_rows_is_null(rows, 0, (int)at) ? -1 : db_rows_int(rows, 0, (int)at);
}

static void copy_id(const struct db_rows *rows, const char *column, char ret_id[static UUID_TEXT])
{
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(4096);
    struct slice id = db_rows_value_text(rows, 0, db_rows_column(rows, column), arena);
    ensure(id.len == UUID_TEXT - 1);
    memcpy(ret_id, id.ptr, id.len);
    ret_id[id.len] = '\0';
}

static void read_account(const struct db_rows *rows, struct account *ret_account)
{
    *ret_account = (struct account){
        .requests_per_minute = limit_of(rows, "requests_per_minute"),
        .scrapes_per_day = limit_of(rows, "scrapes_per_day"),
    };
    copy_id(rows, "id", ret_account->key_id);
    copy_id(rows, "user_id", ret_account->user_id);
    ensure(account_role_parse(db_rows_text(rows, 0, db_rows_column(rows, "role")),
                              &ret_account->role));
}

// When it ends by itself, counted from when it was asked for: so that nothing is believed longer.
static uint64_t end_of(const struct db_rows *rows, uint64_t asked_ms)
{
    int64_t expires_in_ms = limit_of(rows, "expires_in_ms");
    return expires_in_ms < 0 ? UINT64_MAX : asked_ms + (uint64_t)expires_in_ms;
}

static void on_found(void *data, const struct db_rows *rows, const struct error *error)
{
    struct lookup *lookup = data;
    struct account account = {0};
    lookup->directory->lookups--;
    if (error) {
        lookup->done(lookup->data, NULL, error);
        free(lookup);
        return;
    }
    bool is_known = db_rows_count(rows) > 0;
    uint64_t expires_ms = UINT64_MAX;
    if (is_known) {
        read_account(rows, &account);
        expires_ms = end_of(rows, lookup->asked_ms);
    }
    account_cache_store(lookup->directory->cache, lookup->digest, is_known ? &account : NULL,
                        clock_monotonic_ms(), expires_ms, lookup->generation);
    lookup->done(lookup->data, is_known ? &account : NULL, NULL);
    free(lookup);
}

static void ask(struct account_directory *directory, const struct account_key *key,
                const uint8_t digest[static DIGEST_SHA256_BYTES], account_done *done, void *data)
{
    struct error error = {0};
    if (directory->lookups == MAX_LOOKUPS) {
        (void)!error_set(&error, ERR_OVERLOADED, "too many keys to look up at once");
        done(data, NULL, &error);
        return;
    }
    struct lookup *lookup = calloc(1, sizeof *lookup);
    ensure(lookup != NULL);
    *lookup = (struct lookup){.directory = directory,
                              .generation = account_cache_generation(directory->cache),
                              .asked_ms = clock_monotonic_ms(),
                              .done = done,
                              .data = data};
    memcpy(lookup->digest, digest, sizeof lookup->digest);
    directory->lookups++;
    const struct db_value values[] = {db_text(key->prefix), db_cstr(key->secret_sha256)};
    db_pipeline_query(directory->db, &sql_accounts_find_key, values, on_found, lookup);
}

void account_find(struct account_directory *directory, struct slice key, account_done *done,
                  void *data)
{
    struct account_key parsed;
    uint8_t digest[DIGEST_SHA256_BYTES];
    if (!account_key_parse(key, &parsed)) {
        done(data, NULL, NULL);
        return;
    }
    digest_sha256(key, digest);
    struct account account;
    switch (account_cache_find(directory->cache, digest, clock_monotonic_ms(), &account)) {
    case ACCOUNT_CACHED_GOOD:
        done(data, &account, NULL);
        break;
    case ACCOUNT_CACHED_BAD:
        done(data, NULL, NULL);
        break;
    case ACCOUNT_CACHED_NOT:
        ask(directory, &parsed, digest, done, data);
    }
}

bool account_was_good(const struct account_directory *directory, struct slice key)
{
    uint8_t digest[DIGEST_SHA256_BYTES];
    digest_sha256(key, digest);
    return account_cache_was_good(directory->cache, digest);
}

// NOTIFY keys: the id of a key that has changed. Absent: something may have been missed.
static void on_keys(void *data, const char *channel, struct slice payload)
{
    struct account_directory *directory = data;
    (void)channel;
    account_cache_forget(directory->cache, payload);
}

// -------------------------------------------------------------------------------------------------- counting

static void on_written(void *data, const struct db_rows *rows, const struct error *error)
{
    (void)data, (void)rows, (void)error; // statistics: what was lost is not worth a second attempt
}

static void write_counts(void *data)
{
    struct account_directory *directory = data;
    size_t count = directory->counted_count;
    if (count == 0 || !db_pipeline_is_ready(directory->db))
        return;
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(1024 * 1024);
    struct slice *keys = ARENA_ARRAY(arena, count, struct slice);
    struct slice *requests = ARENA_ARRAY(arena, count, struct slice);
    struct slice *scrapes = ARENA_ARRAY(arena, count, struct slice);
    for (size_t i = 0; i < count; i++) {
        const struct counted *row = &directory->counted[i];
        keys[i] = slice_from_cstr(row->key_id);
        requests[i] = db_int(arena, row->requests).text;
        scrapes[i] = db_int(arena, row->scrapes).text;
    }
    const struct db_value values[] = {db_text_array(arena, keys, count),
                                      db_text_array(arena, requests, count),
                                      db_text_array(arena, scrapes, count)};
    db_pipeline_query(directory->db, &sql_accounts_add_usage, values, on_written, NULL);
    directory->counted_count = 0;
}

void account_count(struct account_directory *directory, const char *key_id, int64_t requests,
                   int64_t scrapes)
{
    size_t at = 0;
    if (!key_id[0])
        return;
    while (at < directory->counted_count && strcmp(directory->counted[at].key_id, key_id) != 0)
        at++;
    if (at == MAX_COUNTED) {
        write_counts(directory);
        if (directory->counted_count == MAX_COUNTED) // the database is away
            return;
        at = directory->counted_count;
    }
    struct counted *row = &directory->counted[at];
    if (at == directory->counted_count) {
        *row = (struct counted){0};
        memcpy(row->key_id, key_id, UUID_TEXT);
        directory->counted_count++;
    }
    row->requests += requests;
    row->scrapes += scrapes;
}

// ------------------------------------------------------------------------------------------------ life cycle

struct account_directory *account_directory_new(struct loop *loop, struct db_pipeline *db)
{
    struct account_directory *directory = calloc(1, sizeof *directory);
    ensure(directory != NULL);
    directory->db = db;
    directory->cache = account_cache_new();
    db_pipeline_listen(db, "keys", on_keys, directory);
    directory->timer = loop_every(loop, WRITE_EVERY_MS, write_counts, directory);
    return directory;
}

void account_directory_free(struct account_directory *directory)
{
    if (!directory)
        return;
    loop_timer_stop(directory->timer);
    account_cache_free(directory->cache);
    free(directory);
}
