// What a line of a description is, by its words alone: a slot of an agenda, a heading, a label with what it names.
#pragma once

#include "extractor/prose/document.h"
#include "extractor/prose/words.h"

// The word behind "6:30 PM – 7:00 PM" at the beginning, or 0.
size_t line_skip_times(const struct words *words);
// "(1) …", "2. …"
bool line_is_numbered(const struct words *words);
bool line_is_heading(const struct prose_line *line, const struct words *words);
// The word behind the first colon near word `from`, or 0.
size_t line_colon(const struct words *words, size_t from);
// The same behind a dash, where a label alone stands in front of it: "Moderator - Ada Byron".
size_t line_label_dash(const struct words *words, size_t from);
// "Name | Role | Company"
bool line_is_table_head(const struct words *words);
bool line_has_word(const struct words *words, const char *word);
// Do those who speak there sit on a panel?
bool line_names_panel(const struct words *words);
bool line_has_price(const struct words *words);
// The first word of the sentence behind word `at`; count when there is none.
size_t line_next_sentence(const struct words *words, size_t at);
// The first word of the sentence that the label in front of `colon` stands in: "Twelve start-ups. The jury: …".
size_t line_sentence_start(const struct words *words, size_t from, size_t colon);
