// Who asks: keys become accounts. One directory a loop; what was found is remembered for a few seconds, good or bad,
// never beyond a key's own end, and forgotten at once when a key changes (NOTIFY keys): a request with a known key costs
// no query.
#pragma once

#include "lib/base/digest.h"
#include "lib/base/error.h"
#include "lib/db/pipeline.h"

enum account_role {
    ACCOUNT_NOBODY,
    ACCOUNT_READER,
    ACCOUNT_WRITER,
    ACCOUNT_ADMIN,
};
const char *account_role_name(enum account_role role); // "reader"
bool account_role_parse(struct slice name, enum account_role *ret_role);

struct account {
    enum account_role role;
    bool is_internal;                             // came with the internal token: no key, no limits
    char key_id[UUID_TEXT], user_id[UUID_TEXT];   // "" without a key
    int64_t requests_per_minute, scrapes_per_day; // -1: the service's setting, 0: no limit
};

struct account_directory;

// Listens to NOTIFY keys, and writes what was counted (account_count) every few seconds.
struct account_directory *account_directory_new(struct loop *loop, struct db_pipeline *db);
// After db_pipeline_free, which answers those who look up a key. Counts that were not written yet are lost.
void account_directory_free(struct account_directory *directory);

// Calls done once, at once or later on the loop: with the account, with NULL when nobody has this key (malformed,
// unknown, revoked or expired: all the same), or with an error. The account is valid during the call.
typedef void account_done(void *data, const struct account *account, const struct error *error);
void account_find(struct account_directory *directory, struct slice key, account_done *done,
                  void *data);
// Whether this loop has found the key to be good before, and has not heard of an end since: asks nobody.
bool account_was_good(const struct account_directory *directory, struct slice key);

// Notes what a key has used.
void account_count(struct account_directory *directory, const char *key_id, int64_t requests,
                   int64_t scrapes);
