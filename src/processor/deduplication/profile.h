// A row of the catalogue as src/lib/match compares it. A person is known by several names and has worked at several
// companies: each is a form of the person, and of two people the pair of forms with the most weight counts. What only the
// catalogue knows comes on top: how many people of a frequent name are to be expected in it, and who stood beside whom.
//
// The JSON of a profile is that of sql/queries/duplicates/_…_profiles.sql.
#pragma once

#include "lib/json/json.h"
#include "lib/match/keys.h"
#include "lib/match/match.h"

// As tables and answers name the kinds of lib/match/match.h: "speaker", "company", "event", NULL.
extern const char *const entity_kind_names[];
// The kind of this name; MATCH_KIND_COUNT when there is none.
enum match_kind entity_kind_find(struct slice name);

enum { PROFILE_MAX_FORMS = 10 };

struct profile {
    enum match_kind kind;
    struct slice id, name, key; // key: the normalised name
    yyjson_val *json;
    union {
        const struct match_person_form *people[PROFILE_MAX_FORMS];
        const struct match_company_form *companies[PROFILE_MAX_FORMS];
        const struct match_event_form *event;
    } forms;
    size_t form_count;
};

// Everything but the name may be absent. The profile borrows from the JSON; forms live in the arena.
void profile_read(struct arena *arena, enum match_kind kind, yyjson_val *json,
                  struct profile *ret_profile);

// One more spelling that it goes by, with what its row says: name, company, title and bio, or name and domain. The name
// goes with what is known of the profile, too.
void profile_add_spelling(struct arena *arena, struct profile *profile, yyjson_val *row);

// people: how many the catalogue has, 0 for what is no catalogue. Symmetric.
void profile_compare(const struct profile *a, const struct profile *b, double people,
                     struct match_answer *ret_answer);

// Should somebody be asked whether they are one? Not when a short name ("Ada B.") is all there is: it fits too many.
bool profile_is_worth_asking(const struct profile *a, const struct profile *b,
                             const struct match_answer *answer);

// The keys of all forms, unique; at most that many, in the arena.
struct match_key *profile_keys(struct arena *arena, const struct profile *profile,
                               size_t *ret_count);

// [[key, weight], …], as the statements take them.
void profile_write_keys(struct json_writer *w, const struct match_key *keys, size_t count);

// Probabilities are kept with four places: nobody can tell more, and the same pair gives the same number everywhere.
double profile_probability(const struct match_answer *answer);

// The reasons as a JSON array: [{field, level, left, right, weight, explanation}]; left and right: what was compared.
void profile_write_waterfall(struct json_writer *w, const struct profile *a,
                             const struct profile *b, const struct match_answer *answer);
// The same as a text, in the arena.
struct slice profile_render_waterfall(struct arena *arena, const struct profile *a,
                                      const struct profile *b, const struct match_answer *answer);
