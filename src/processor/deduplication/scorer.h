// How likely two rows are one person, company or event: the evidence, and what it comes to.
//
// A scorer compares two profiles (the JSON of sql/queries/duplicates/get_…_profiles.sql). Each field that can be compared
// gives one piece of evidence at one level with a weight in bits; their sum and the prior make a probability,
// p = 2^w / (1 + 2^w) (Fellegi and Sunter, "A Theory for Record Linkage", 1969). The weights of this scorer were set by
// hand, not learned: it knows exact names, addresses of profiles, domains and places, and says so in its answers. Another
// scorer takes its place in match_scorer_of.
#pragma once

#include "lib/base/arena.h"
#include "lib/json/json.h"

enum match_kind { MATCH_SPEAKER, MATCH_COMPANY, MATCH_EVENT, MATCH_KIND_COUNT };
extern const char *const match_kind_names[]; // "speaker", "company", "event", NULL
// The kind of this name; MATCH_KIND_COUNT when there is none.
enum match_kind match_kind_find(struct slice name);

struct match_evidence {
    const char *field, *level;
    struct slice left, right; // what was compared, for people; may be absent
    double weight;            // bits: positive speaks for one, negative for two
};

enum { MATCH_MAX_EVIDENCE = 16 };

struct match_score {
    struct match_evidence items[MATCH_MAX_EVIDENCE];
    size_t count;
    double weight; // of the prior and all evidence
    double probability;
};

struct match_scorer {
    const char *name;
    int version;  // changes with every change of a weight or level
    double prior; // bits
    // Adds what the two profiles tell; texts may borrow from them.
    void (*compare)(yyjson_val *left, yyjson_val *right, struct match_score *score);
};

const struct match_scorer *match_scorer_of(enum match_kind kind);

void match_score(const struct match_scorer *scorer, yyjson_val *left, yyjson_val *right,
                 struct match_score *ret_score);

// The evidence as a JSON array: [{field, level, left, right, weight}].
void match_write_evidence(struct json_writer *w, const struct match_score *score);
