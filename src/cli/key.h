// Making keys, for the commands key and up.
#pragma once

#include "lib/account/key.h"
#include "lib/db/session.h"

// name and role are needed; NULL: not wished for. Numbers and times as texts that PostgreSQL reads.
struct cli_key_wish {
    const char *name, *role, *user, *expires_at, *requests_per_minute, *scrapes_per_day;
};

// Stores a new key and gives its text, which nobody can tell again. Errors: those of db_session_query.
MUST_CHECK enum err cli_key_create(struct db_session *session, const struct cli_key_wish *wish,
                                   char ret_text[static ACCOUNT_KEY_TEXT], struct error *ret_error);
