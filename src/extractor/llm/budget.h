// The tokens that may be spent in a day (UTC). Kept in a file, so that a restart begins no new day:
// processes that share the folder share the budget (they take turns by a lock beside the file).
// Tokens are taken before they are spent; a process that dies in between has spent them.
#pragma once

#include "lib/base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct llm_budget;

// path: the file, whose folder exists; NULL: in memory only. limit: tokens a day, 0: no limit.
struct llm_budget *llm_budget_new(const char *path, int64_t limit);
void llm_budget_free(struct llm_budget *budget); // NULL is fine

// Takes this many tokens of today's; false when there are not so many left. A file that cannot be
// read or written counts as used up (ret_error says why; may be NULL): better no model than a bill
// without an end.
bool llm_budget_take(struct llm_budget *budget, int64_t now_unix_ms, int64_t tokens,
                     struct error *ret_error);
// What was taken, and what was spent of it: gives back the difference, or takes what is missing
// though nothing may be left. After midnight nothing is given back.
void llm_budget_settle(struct llm_budget *budget, int64_t taken_unix_ms, int64_t now_unix_ms,
                       int64_t taken, int64_t spent);
