// Names of people and companies: the key under which equal names meet, and clean-up for showing.
// All functions take any bytes; results live in the arena or are part of the input. See unicode.h.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"

#include <stdbool.h>

// The exact key of entity resolution (the specification's rule, made Unicode-correct): decorations
// off (emoji, pronouns in brackets), folded (unicode_fold), everything but letters, digits and
// spaces off, spaces collapsed, trimmed. "Zoë O'Brien 🎤 (she/her)" gives "zoe obrien". A name of
// symbols alone gives its folded self, so that only a blank name has the empty key.
struct slice name_normalize(struct arena *arena, struct slice name);

// For showing: unicode_clean_line without emoji and pronouns. A name of emoji alone stays.
struct slice name_clean(struct arena *arena, struct slice name);

// What people put into the name field, taken apart: "Ada Byron (Engine AI)", "Ada Byron @ Engines",
// "Ada Founder @ Engines", "Ada, Engines", "Ada Byron / Engine Ventures", "Dr. Jane Roe, MD".
// Absent where nothing was said.
struct person_name {
    struct slice name;     // without honorifics, degrees, nicknames; words in capitals as "Byron"
    struct slice title;    // "Founder"
    struct slice company;  // "Engine AI"
    bool is_surely_person; // pronouns, an honorific or a degree were there
};
struct person_name name_split_person(struct arena *arena, struct slice raw);

// An organisation's account or calendar: brackets, subtitles and the words that only say what the
// account is for off. "Acme Events" and "Team Acme" give "Acme"; "Acme - rooms for engines" gives
// "Acme".
struct slice name_clean_company(struct arena *arena, struct slice raw);
// Equal for the usual ways to write one company within one page: normalised, without "the", legal
// forms, the ending of a domain and a place behind ("Acme.ai", "The Acme", "Acme Inc.", "Acme SF"
// give "acme"). Not for the database.
struct slice name_company_key(struct arena *arena, struct slice name);

// The well-known place a name ends with, normalised ("Acme San Francisco" gives " san francisco");
// absent otherwise.
struct slice name_place_ending(struct arena *arena, struct slice name);
// Is it one of these places and nothing else?
bool name_is_place(struct arena *arena, struct slice name);

// Words (see name_words.c). Case, accents and a full stop at the end are ignored.
bool name_is_company_word(struct arena *arena, struct slice word); // "Labs", "Club", "Inc"
bool name_is_title_word(struct arena *arena, struct slice word);   // "Founder", "CTO", "Engineer"
// Is every word a title word or a word around titles ("Co-founder & CEO", "Head of Research")?
bool name_is_title(struct arena *arena, struct slice text);
// Does it contain a title word at all?
bool name_has_title_word(struct arena *arena, struct slice text);
// Is any word of it a company word?
bool name_has_company_word(struct arena *arena, struct slice text);

// Takes the next word (between white space) off *rest; false when there is none.
bool name_next_word(struct slice *rest, struct slice *ret_word);
size_t name_count_words(struct slice text);
