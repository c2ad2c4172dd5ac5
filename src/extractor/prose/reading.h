// What the rules of one description share while they read it, line by line.
#pragma once

#include "extractor/prose/document.h"
#include "extractor/prose/label.h"
#include "extractor/prose/name.h"
#include "extractor/prose/position.h"
#include "extractor/prose/words.h"
#include "extractor/record.h"

struct reading {
    struct arena *arena;
    struct record *record;
    const struct prose_line *line; // that is read; NULL for the event's name
    struct words words;            // of it
    bool is_general;               // a line-up, in which a concrete slot may be named again
    size_t added;                  // people and companies found so far
};

// Confidence of what the rules find: set on the labelled pages so that about that part is right
// (script/bench extraction prints the table).
#define SURE 0.9
#define LIKELY 0.8
#define POSSIBLE 0.7

// The span that begins at word `from`: the word behind its last one, or `from` when there is none or
// it holds more than `max` words. only_links: bold text does not count.
size_t reading_span_end(const struct reading *reading, size_t from, size_t max, bool only_links);

// Are these words a link to somebody's profile on LinkedIn?
bool reading_is_profile(const struct reading *reading, size_t from, size_t to);

// A common word that names nobody where it stands alone: "Coffee", "Founders".
bool reading_is_generic(const struct word *word);

// Adds a person by the words of the name, with the position that was read behind it.
void reading_add_person(struct reading *reading, size_t from, size_t to,
                        const struct position *position, const char *role, double confidence);
void reading_add_company(struct reading *reading, size_t from, size_t to, const char *relation,
                         double confidence, bool is_listed);

// ---- entry.c: a line (from word `from`) as the entry of a list of people: "NAME, TITLE, COMPANY",
// "A, B & C". Returns whether something was added. needed: the least score of the name (name.h).
// needs_position: a title or "at Acme" must be there.
struct entry_rule {
    const char *role;
    double needed;
    bool needs_position;
    bool is_mixed; // companies may stand there too: an unknown name is one
};
bool entry_read_people(struct reading *reading, size_t from, struct entry_rule rule);
// "Ada Byron (Acme), Augusta King (CTO), …": three or more in a row, each with what they are, say
// without a label that they take part.
bool entry_read_row(struct reading *reading, size_t from, const char *role);
// The title and company behind somebody's name, from word `behind`: ", Founder of Acme", "is an
// engineer at Acme". False when nothing there says so surely.
bool entry_position_behind(struct reading *reading, size_t behind, struct position *ret_position);
// A slot of an agenda: "TITLE, NAME, COMPANY", "NAME (COMPANY) "TITLE"".
bool entry_read_slot(struct reading *reading, size_t from, const char *role, bool needs_position);
// ---- entry_company.c: the same for companies: "Acme - what it does", "Acme, Engines & Co".
// ret_behind: the word behind a company where a dash or colon follows, else 0.
bool entry_read_companies(struct reading *reading, size_t from, const char *relation,
                          size_t *ret_behind);

// ---- mention.c: phrases in running text ("hosted by", "in conversation with", "powered by").
void mention_read(struct reading *reading, size_t from);
// The same in the event's name, where "with NAME" at the end of a part says who appears.
void mention_read_name(struct reading *reading);
// The label that a line ends with: "An evening curated by", before the names on the lines below.
struct label mention_label(const struct words *words, size_t from);

// ---- known.c: titles and companies of people who have been found without.
void known_read(struct reading *reading);

// ---- giving.c: sentences about who gives the event: "Acme is hosting", "join Acme and Engines for".
void giving_read(struct reading *reading, size_t from);

// ---- appearance.c: sentences about who takes part: "Ada Byron will share", "our moderator is Ada Byron".
void appearance_read(struct reading *reading, size_t from);
// "This month's features: **Ada Byron** and **Augusta King**": names that stand out in a text that tells
// nothing else, of people who are not known yet. Returns whether there are any.
bool appearance_read_bold(struct reading *reading, size_t from);

// ---- venue.c: a line that says where it is: "The Great Room, Quay 5".
bool venue_read_line(struct reading *reading, size_t from);
// The same behind a pin: "Rooftop at The Great Room".
bool venue_read_pinned(struct reading *reading, size_t from);
// "The Great Room, 5 Quay Street", under no label.
bool venue_read_address(struct reading *reading, size_t from);
// "Looms at the Great Factory": at the end of the event's name.
void venue_read_name(struct reading *reading);
// The same in sentences ("at the Acme office"), where no venue is known yet.
void venue_read_sentences(struct reading *reading, size_t from);
