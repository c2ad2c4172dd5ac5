// A text as the words that topics are looked for in: folded, singular, and known by a number.
//
// Scripts without spaces: each Han, Hiragana or Hangul character is a word of its own, and so is each
// run of Katakana. "C++", "node.js" and "A.I." are one word, "CI/CD" and "run-club" are two.
// Addresses of pages and of mail give words that nothing knows.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TOPIC_WORDS_MAX = 4096 }; // of one text; what is over it is not looked at

struct topic_word {
    uint32_t id;       // what `look_up` said; 0: unknown
    bool after_break;  // more than a space, a hyphen or "&" stands between it and the word before
    bool in_hashtag;   // "#AIinSF" gives "AI", "in" and "SF"
    struct slice text; // as written; part of the input
};

struct topic_words {
    struct topic_word *items;
    size_t count;
};

// The number of a word, folded and singular.
typedef uint32_t topic_look_up(void *context, struct slice stem);

// Any bytes.
struct topic_words topic_words_of(struct arena *arena, struct slice text, topic_look_up *look_up,
                                  void *context);
