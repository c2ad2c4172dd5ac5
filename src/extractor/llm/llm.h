// The optional language model: fills gaps of a record from the page's own text. Off without a key.
//
// A page is asked about when gaps.h says so. The request goes to the configured endpoint, then to
// the fallback; what passes (network, 429, 5xx) is tried again at most twice, what cannot be read is
// asked again at most twice, all within one deadline. A daily budget of tokens and a circuit
// breaker for each endpoint stand before it. Whatever happens the record is answered: at worst as it
// was, with a warning and what was spent.
#pragma once

#include "extractor/llm/endpoint.h"
#include "lib/base/buffer.h"
#include "lib/config/config.h"

struct llm;

// NULL when no key is configured. config must outlive it.
struct llm *llm_new(const struct config *config);
void llm_free(struct llm *llm); // NULL is fine

// What is missing in this record and may be on its page (bits of enum llm_want); 0: nothing.
unsigned llm_wants_of(struct slice record_json);

// Asks, and writes the record with what was found. Blocks until the deadline at most (and the time a
// transfer takes to end). Any thread; one client a thread.
void llm_fill(struct llm *llm, struct http_client *client, struct slice record_json,
              const struct llm_limits *limits, struct buffer *out);
// The record with a warning that nobody was asked, and why.
void llm_decline(const struct llm *llm, struct slice record_json, enum llm_result reason,
                 struct buffer *out);
