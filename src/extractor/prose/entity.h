// Lists of people and companies in running text: "Acme, Engines (E) and our friends at Byron & Co".
#pragma once

#include "extractor/prose/reading.h"

enum { ENTITY_MAX = 12 };

struct entity {
    size_t from, to; // words
    size_t
        described_at; // where what somebody is begins, in front of the name ("poet Ada Byron"); else `from`
    const char *role; // "judges Ada Byron and …"; NULL when nothing in front tells one
    double score;     // of a name (name.h); -1 for what is surely a company
    bool is_joined;   // behind "and"
    bool is_known;    // a known name is in it
    bool is_link;     // a link, or bold on its own
};

struct entity_list {
    struct entity items[ENTITY_MAX];
    size_t count;
    size_t to; // the word behind the list
};

// Reads the list that begins at word `from`; what ends it is a word that is no name. All of a list
// are of one kind unless the words say otherwise: an unknown name beside companies is a company.
void entity_read_list(struct reading *reading, size_t from, struct entity_list *ret_list);
// Does the "&" in the entry that begins at `from` belong to a name ("Weaver & Knight, Acme", "Acme and
// Weaver & Knight")? As the last mark of a list ("Acme, Byron & Co") it parts two entries.
bool entity_joins_and(const struct words *words, size_t from, bool and_seen);
// What stands in front of the name: a title and a company, or the role.
struct position entity_position_in_front(struct reading *reading, const struct entity *entity);
// Is it a person, where both may stand? needed: the least score.
bool entity_is_person(const struct entity *entity, double needed);
// Do these words ("and more", "you", "our team", "42") name nobody, where a company is looked for?
bool entity_is_nobody(const struct words *words, size_t from, size_t to);
