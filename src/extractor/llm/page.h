// What the model step knows of one page: the record that was read without a model, and its
// description as lines of words, in which every name that a model gives must be found again.
#pragma once

#include "extractor/prose/words.h"
#include "lib/base/arena.h"
#include "lib/base/slice.h"
#include "lib/json/json.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    LLM_MAX_RECORD = 1024 * 1024, // bytes of a record; larger ones stay as they are
    LLM_MAX_TEXT = 24 * 1024,     // of the description, in whole lines; what is over it is not sent
    LLM_MAX_LINES = 2000,
    LLM_MAX_EVIDENCE = 300, // characters
};

struct llm_line {
    struct slice text;
    struct words words;
};

struct llm_page {
    struct arena *arena;
    yyjson_val *record, *event;
    struct slice name, text;
    struct llm_line *lines; // those of the text that are not empty; the event's name comes first
    size_t count;
};

// False when the record is none of one event with a description, or too large. The page lives in the
// arena (256 MiB are enough for it and all answers) and points into record_json.
bool llm_page_read(struct arena *arena, struct slice record_json, struct llm_page *ret_page);

// Does this stand on the page, word by word, whatever case and accents? A genitive s may follow,
// "Ada, Byron" is not "Ada Byron". ret_evidence (may be NULL): the line, or its part around it.
bool llm_page_has(const struct llm_page *page, struct slice text, struct slice *ret_evidence);
// The same, and what is a capital letter in the text is one on the page: "The Mill" is not any mill.
bool llm_page_has_name(const struct llm_page *page, struct slice text, struct slice *ret_evidence);
