// Are two records one person, one company, one event? A Fellegi-Sunter model (Fellegi and Sunter 1969;
// weights in bits, log2 of m/u, as Splink writes them): each field agrees at one level, each level has a
// weight, and their sum with the prior is the weight of the match, whose probability is
// 2^w / (1 + 2^w). The parameters are data (data/match_model.tsv, docs/decisions/0028-matching.md).
//
// Comparing is symmetric and needs no database. A record is prepared once (its words folded, looked up,
// taken apart) and then compared with as many others as there are candidates. Forms are immutable, live
// in the arena they were made in, and may be compared from several threads.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"
#include "lib/match/levels.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum match_kind { MATCH_SPEAKERS, MATCH_COMPANIES, MATCH_EVENTS, MATCH_KIND_COUNT };
enum match_decision { MATCH_DISTINCT, MATCH_REVIEW, MATCH_MERGE };
enum { MATCH_MAX_LINKS = 12, MATCH_MAX_STEPS = 20, MATCH_MAX_TEXT = 16 * 1024 };

// ---- the model

struct match_weight {
    double bits;
    struct slice words; // what the level means, for people
};

struct match_model {
    int64_t version;
    struct {
        double prior, merge, review; // in bits; merge and review are thresholds of the sum
    } kinds[MATCH_KIND_COUNT];
    struct match_weight levels[MATCH_LEVEL_COUNT];
};

// The embedded model; read at the first call, kept for the life of the process, from any thread.
const struct match_model *match_model_get(void);

const char *match_kind_name(enum match_kind kind); // "speakers"
const char *match_decision_name(enum match_decision decision);
const char *match_level_field(enum match_level level); // "given_name"
const char *match_level_name(enum match_level level);  // "nickname"
enum match_kind match_level_kind(enum match_level level);

// ---- the answer

struct match_step {
    enum match_level level;
    double bits;
};

struct match_answer {
    double weight, probability; // the prior is in them
    enum match_decision decision;
    struct match_step steps[MATCH_MAX_STEPS]; // one a field that could be compared
    size_t step_count;
};

// Adds what the comparison of two records cannot know, and decides anew.
void match_answer_add(const struct match_model *model, enum match_level level, double bits,
                      struct match_answer *answer);
bool match_answer_has(const struct match_answer *answer, enum match_level level);

// ---- people

// Everything but the name may be absent. Links are addresses of profiles and pages.
struct match_person {
    struct slice name, company, title, bio, email;
    struct slice links[MATCH_MAX_LINKS];
    size_t link_count;
};
struct match_person_form;
// like: a form of the same record under another name or company, whose texts are not read again; NULL: none.
const struct match_person_form *match_person_prepare(struct arena *arena,
                                                     const struct match_person *person,
                                                     const struct match_person_form *like);
void match_person_compare(const struct match_model *model, const struct match_person_form *a,
                          const struct match_person_form *b, struct match_answer *ret);
// How many among so many people are to be expected to have the name, by the frequencies of its given and family name.
double match_person_namesakes(const struct match_person_form *form, double people);
// Nothing but a name, or a part of one: no company, text, or address beside it.
bool match_person_is_bare(const struct match_person_form *form);
// Does the name lack a family name, or has an initial in its place ("Ada", "Ada B.")?
bool match_person_is_short(const struct match_person_form *form);
void match_people(const struct match_model *model, struct arena *arena,
                  const struct match_person *a, const struct match_person *b,
                  struct match_answer *ret);

// ---- companies

struct match_company {
    struct slice name;
    struct slice links[MATCH_MAX_LINKS]; // web site (or a bare domain), profiles
    size_t link_count;
};
struct match_company_form;
const struct match_company_form *match_company_prepare(struct arena *arena,
                                                       const struct match_company *company);
void match_company_compare(const struct match_model *model, const struct match_company_form *a,
                           const struct match_company_form *b, struct match_answer *ret);
void match_companies(const struct match_model *model, struct arena *arena,
                     const struct match_company *a, const struct match_company *b,
                     struct match_answer *ret);
// Does the name say that there is none ("Freelancer", "n/a")?
bool match_company_is_placeholder(const struct match_company_form *form);

// ---- events

struct match_event {
    struct slice name, url, luma_id, venue, place, organiser;
    struct slice starts_at, ends_at; // ISO 8601: a date, or a date and a time; best in its own zone
    struct slice links[MATCH_MAX_LINKS]; // addresses that its page leads to
    size_t link_count;
};
struct match_event_form;
const struct match_event_form *match_event_prepare(struct arena *arena,
                                                   const struct match_event *event);
void match_event_compare(const struct match_model *model, const struct match_event_form *a,
                         const struct match_event_form *b, struct match_answer *ret);
void match_events(const struct match_model *model, struct arena *arena, const struct match_event *a,
                  const struct match_event *b, struct match_answer *ret);
