// What a model answered, as candidates: nothing here has been checked against the page yet
// (check.h does that).
#pragma once

#include "lib/base/arena.h"
#include "lib/base/error.h"
#include "lib/base/slice.h"

#include <stddef.h>

enum { LLM_MAX_PEOPLE = 40, LLM_MAX_COMPANIES = 40 };

struct llm_person {
    struct slice name, role, title, company;
};

struct llm_company {
    struct slice name, relationship;
};

struct llm_answer {
    struct llm_person people[LLM_MAX_PEOPLE];
    struct llm_company companies[LLM_MAX_COMPANIES];
    size_t people_count, companies_count;
    struct slice date, time, quote; // of the start
    struct slice venue, city;
    size_t malformed; // entries without a name, and those over the maxima
};

// Reads the text of an answer (tolerant_json.h). wants: bits of enum llm_want, the members that were
// asked for. Fails with ERR_INVALID_JSON when it is no object with one of them, or when one has
// another shape than was asked for; the detail is written for the model to read.
MUST_CHECK enum err llm_answer_read(struct arena *arena, struct slice text, unsigned wants,
                                    struct llm_answer *ret_answer, struct error *ret_error);
