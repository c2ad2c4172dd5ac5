// The record with what a model could add to it. Nothing that was there is changed or taken away.
#pragma once

#include "extractor/llm/check.h"

#include "lib/base/buffer.h"

// What asking cost and gave, for one page; the member "usage" of the record.
struct llm_usage {
    const char *outcome;  // "answered", or why there is no answer (llm.h)
    const char *endpoint; // who answered: "primary", "fallback"; NULL: nobody
    const char *model;
    int prompt_version;
    unsigned wants; // what was asked for (gaps.h)
    int requests;
    int64_t input_tokens, output_tokens;
    double cost_usd; // negative: not known
    bool is_estimate;
    size_t verdicts[LLM_VERDICT_COUNT]; // of the values that were given
};

// Writes the record with the accepted values of the answer (NULL: there is none), which have the
// method llm and its confidence, and with the usage, whose verdicts it counts. warning: one more for
// the record's list, or NULL.
void llm_merge(const struct llm_page *page, struct llm_answer *answer, const char *warning,
               struct llm_usage *usage, struct buffer *out);
