// Candidates of a model against the page: what is not on it is refused, whatever the model says and
// whatever the page told the model to say.
#pragma once

#include "extractor/llm/answer.h"
#include "extractor/llm/page.h"

#include <stdint.h>

enum llm_verdict {
    LLM_ACCEPTED,
    LLM_NOT_ON_PAGE,  // invented
    LLM_KNOWN,        // the record says something about it already
    LLM_NO_SUCH_KIND, // a role or relationship that does not exist
    LLM_IMPLAUSIBLE,  // "Speakers", "CEO", a date in the year 20311
    LLM_MALFORMED,    // no name at all
    LLM_VERDICT_COUNT,
};
extern const char *const llm_verdict_names[LLM_VERDICT_COUNT];

// ret_evidence: where on the page it stands. A title or company of a person that is not on the page
// is taken off the candidate.
enum llm_verdict llm_check_person(const struct llm_page *page, struct llm_person *person,
                                  struct slice *ret_evidence);
enum llm_verdict llm_check_company(const struct llm_page *page, const struct llm_company *company,
                                   struct slice *ret_evidence);

// A start is taken when its quote stands on the page and says the day, the month (a number or an
// English name) and the year, and of a time the hour and minute. "04/05/2031" says neither.
struct llm_start {
    struct slice date; // "2031-05-01"
    bool has_instant;  // a time was said, and the record knows the zone
    int64_t unix_ms;
};
enum llm_verdict llm_check_start(const struct llm_page *page, const struct llm_answer *answer,
                                 struct llm_start *ret_start);
enum llm_verdict llm_check_city(const struct llm_page *page, struct slice city);
enum llm_verdict llm_check_venue(const struct llm_page *page, struct slice venue);
