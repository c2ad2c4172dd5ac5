// The request that a model is sent. Its texts are versioned: a record says with which one it was
// made (usage.prompt_version).
#pragma once

#include "extractor/llm/page.h"
#include "lib/base/buffer.h"

enum {
    LLM_PROMPT_VERSION = 1,
    LLM_MAX_OUTPUT_TOKENS = 1500, // a line-up of 40
    LLM_MAX_REQUEST = 256 * 1024,
};

// How an answer's form is asked for: servers that do not know one are asked for less.
enum llm_format { LLM_FORMAT_SCHEMA, LLM_FORMAT_JSON, LLM_FORMAT_NONE };

struct llm_prompt {
    const char *model;
    unsigned wants; // gaps.h
    enum llm_format format;
    // An answer that could not be read, and why: asked again with it. Absent: the first time.
    struct slice answer;
    const char *complaint;
};

// Appends the body of POST /chat/completions. The page stands in it as one JSON string: whatever it
// says, it ends where it ends.
void llm_prompt_render(const struct llm_page *page, const struct llm_prompt *prompt,
                       struct buffer *out);
