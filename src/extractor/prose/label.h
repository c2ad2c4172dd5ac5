// Labels: the words that say who stands below or behind them ("Our speakers", "Community partners:",
// "Moderator:", "Past speakers").
#pragma once

#include "extractor/prose/words.h"

#include <stdbool.h>

enum label_kind {
    LABEL_NONE,    // no label that is known
    LABEL_PEOPLE,  // what follows are people, perhaps companies (role, perhaps relation)
    LABEL_COMPANY, // companies (relation)
    LABEL_PLACE,   // where it is
    LABEL_OTHER,   // another part of the description begins: the agenda, what to bring
    LABEL_SKIP,    // what follows is not about this event: past speakers, about us
};

struct label {
    enum label_kind kind;
    const char *role;     // speaker, panelist, moderator, judge, mentor, host; NULL: none
    const char *relation; // host, sponsor, partner, venue; NULL: none
    bool is_one;          // in the singular: "Moderator"
    bool is_sure;         // all of its words are known
    bool is_title;        // the title of a talk may follow it: "Keynote: …"
};

// The words from `from` up to, not including, `to` as a label. is_heading: they stand out (a heading,
// bold, a colon behind), so that a word that is not known may be among them ("Hackathon judges").
struct label label_read(const struct words *words, size_t from, size_t to, bool is_heading);
// The label at the end of a sentence that introduces a list: "The evening opens with a panel of:".
struct label label_in_sentence(const struct words *words);
