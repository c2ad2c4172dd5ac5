// What a person does: the title and the company that stand behind a name ("Product Lead @ Acme",
// "Partner, Acme LLP", "CEO of Acme", "Acme", "Acme | Head of AI", "from Acme").
#pragma once

#include "extractor/prose/words.h"

struct position {
    struct slice title, company; // absent where nothing is said
    const char *role;            // "(Moderator)": the role it says, or NULL
    size_t to;                   // the word behind what was read
    bool is_strong;              // a word of titles was there, or "at Acme"
};

// Reads from word `from` to the end of the sentence.
struct position position_read(struct arena *arena, const struct words *words, size_t from);

// What stands beside a name in a list, and is surely of that one: "(CTO, Acme)", "of Acme". Nothing,
// with `to` as `at`, where neither follows.
struct position position_beside(struct arena *arena, const struct words *words, size_t at);
