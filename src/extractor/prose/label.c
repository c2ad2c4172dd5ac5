#include "extractor/prose/label.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_WORDS = 9, MAX_UNKNOWN = 3 };

static const struct key {
    const char *word, *role, *relation;
    enum label_kind kind;
    bool is_one;
} keys[] = {
    {"address", NULL, "venue", LABEL_PLACE, false},
    {"cohost", "host", "host", LABEL_PEOPLE, true},
    {"co-host", "host", "host", LABEL_PEOPLE, true},
    {"cohosts", "host", "host", LABEL_PEOPLE, false},
    {"co-hosts", "host", "host", LABEL_PEOPLE, false},
    {"collaborators", NULL, "partner", LABEL_COMPANY, false},
    {"emcee", "host", NULL, LABEL_PEOPLE, true},
    {"facilitator", "speaker", NULL, LABEL_PEOPLE, true},
    {"facilitators", "speaker", NULL, LABEL_PEOPLE, false},
    {"featuring", "speaker", NULL, LABEL_PEOPLE, false},
    {"fireside", "speaker", NULL, LABEL_PEOPLE, false},
    {"guest", "speaker", NULL, LABEL_PEOPLE, true},
    {"guests", "speaker", NULL, LABEL_PEOPLE, false},
    {"host", "host", "host", LABEL_PEOPLE, true},
    {"hosted", "host", "host", LABEL_PEOPLE, false},
    {"hosts", "host", "host", LABEL_PEOPLE, false},
    {"instructor", "speaker", NULL, LABEL_PEOPLE, true},
    {"instructors", "speaker", NULL, LABEL_PEOPLE, false},
    {"judge", "judge", NULL, LABEL_PEOPLE, true},
    {"judges", "judge", NULL, LABEL_PEOPLE, false},
    {"jurors", "judge", NULL, LABEL_PEOPLE, false},
    {"jury", "judge", NULL, LABEL_PEOPLE, false},
    {"keynote", "speaker", NULL, LABEL_PEOPLE, true},
    {"keynotes", "speaker", NULL, LABEL_PEOPLE, false},
    {"lineup", "speaker", NULL, LABEL_PEOPLE, false},
    {"line-up", "speaker", NULL, LABEL_PEOPLE, false},
    {"location", NULL, "venue", LABEL_PLACE, false},
    {"mc", "host", NULL, LABEL_PEOPLE, true},
    {"mentor", "mentor", NULL, LABEL_PEOPLE, true},
    {"mentors", "mentor", NULL, LABEL_PEOPLE, false},
    {"moderated", "moderator", NULL, LABEL_PEOPLE, true},
    {"moderator", "moderator", NULL, LABEL_PEOPLE, true},
    {"moderators", "moderator", NULL, LABEL_PEOPLE, false},
    {"organised", "host", "host", LABEL_PEOPLE, false},
    {"organiser", "host", "host", LABEL_PEOPLE, true},
    {"organisers", "host", "host", LABEL_PEOPLE, false},
    {"organized", "host", "host", LABEL_PEOPLE, false},
    {"organizer", "host", "host", LABEL_PEOPLE, true},
    {"organizers", "host", "host", LABEL_PEOPLE, false},
    {"panel", "panelist", NULL, LABEL_PEOPLE, false},
    {"panelist", "panelist", NULL, LABEL_PEOPLE, true},
    {"panelists", "panelist", NULL, LABEL_PEOPLE, false},
    {"panellist", "panelist", NULL, LABEL_PEOPLE, true},
    {"panellists", "panelist", NULL, LABEL_PEOPLE, false},
    {"partner", NULL, "partner", LABEL_COMPANY, true},
    {"partners", NULL, "partner", LABEL_COMPANY, false},
    {"partnership", NULL, "partner", LABEL_COMPANY, false},
    {"powered", NULL, "sponsor", LABEL_COMPANY, false},
    {"presented", "host", "host", LABEL_PEOPLE, false},
    {"presenter", "speaker", NULL, LABEL_PEOPLE, true},
    {"presenters", "speaker", NULL, LABEL_PEOPLE, false},
    {"produced", NULL, "host", LABEL_COMPANY, false},
    {"speaker", "speaker", NULL, LABEL_PEOPLE, true},
    {"speakers", "speaker", NULL, LABEL_PEOPLE, false},
    {"sponsor", NULL, "sponsor", LABEL_COMPANY, true},
    {"sponsored", NULL, "sponsor", LABEL_COMPANY, false},
    {"sponsors", NULL, "sponsor", LABEL_COMPANY, false},
    {"supported", NULL, "sponsor", LABEL_COMPANY, false},
    {"supporters", NULL, "sponsor", LABEL_COMPANY, false},
    {"talks", "speaker", NULL, LABEL_PEOPLE, false},
    {"venue", NULL, "venue", LABEL_PLACE, false},
    {"where", NULL, "venue", LABEL_PLACE, false},
};

// Words around the key that change nothing.
static const char *const fillers[] = {
    "a",        "all",      "amazing",   "an",         "and",      "announced", "are",
    "at",       "be",       "brought",   "build",      "by",       "community", "confirmed",
    "current",  "demo",     "ecosystem", "esteemed",   "event",    "expert",    "experts",
    "far",      "featured", "first",     "food",       "for",      "from",      "guest",
    "guests",   "headline", "hear",      "here",       "host",     "in",        "include",
    "included", "includes", "including", "incredible", "industry", "invited",   "is",
    "keynote",  "kindly",   "lead",      "lightning",  "line",     "main",      "media",
    "meet",     "more",     "not",       "of",         "official", "on",        "our",
    "panel",    "primary",  "proudly",   "s",          "session",  "so",        "special",
    "stage",    "talk",     "tba",       "tbc",        "team",     "technical", "thank",
    "thanks",   "the",      "this",      "to",         "today",    "tonight",   "tonight's",
    "up",       "venue",    "very",      "with",       "workshop", "you",       "your",
};

// What stands under these is not about who takes part.
static const char *const skips[] = {
    "about",        "agenda",       "alumni",       "applicants", "apply",     "attend",
    "attended",     "attendees",    "audience",     "awards",     "become",    "benefits",
    "bring",        "bounties",     "challenges",   "code",       "companies", "contact",
    "criteria",     "customers",    "demos",        "disclaimer", "dress",     "expect",
    "exhibitors",   "faq",          "faqs",         "finalists",  "follow",    "former",
    "future",       "history",      "how",          "investors",  "join",      "last",
    "learn",        "logistics",    "looking",      "note",       "outline",   "parking",
    "participants", "past",         "pitching",     "policy",     "portfolio", "previous",
    "previously",   "prize",        "prizes",       "projects",   "recap",     "refund",
    "register",     "registration", "requirements", "resources",  "rules",     "schedule",
    "seeking",      "stack",        "startups",     "takeaways",  "teams",     "themes",
    "tickets",      "topics",       "tracks",       "trusted",    "upcoming",  "wanted",
    "what",         "when",         "who",          "why",        "winners",
};

static int compare_text(const void *key, const void *row)
{
    return slice_compare(*(const struct slice *)key, slice_from_cstr(*(const char *const *)row));
}

static bool is_in(struct slice word, const char *const *list, size_t count)
{
    return bsearch(&word, list, count, sizeof *list, compare_text) != NULL;
}

static const struct key *key_of(struct slice word)
{
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (slice_equal(word, slice_from_cstr(keys[i].word)))
            return &keys[i];
    return NULL;
}

static bool is_number(struct slice word)
{
    for (size_t i = 0; i < word.len; i++)
        if (word.ptr[i] < '0' || word.ptr[i] > '9')
            return false;
    return word.len > 0;
}

struct label label_read(const struct words *words, size_t from, size_t to, bool is_heading)
{
    const struct key *key = NULL;
    size_t unknown = 0, key_at = 0;
    bool skip = false, joined = false;
    if (to > words->count || from >= to || to - from > MAX_WORDS)
        return (struct label){0};
    for (size_t i = from; i < to; i++) {
        struct slice word = words->items[i].folded;
        const struct key *here = key_of(word);
        bool connects = i > from && (words->items[i].gap == GAP_AND ||
                                     words->items[i].gap == GAP_SLASH || words_is(words, i, "and"));
        joined |= key && connects;
        // "venue sponsor": the last one says what it is; "sponsors and partners": the first.
        if (here && !joined)
            key = here, key_at = i;
        else if (!here && is_in(word, skips, ARRAY_LEN(skips)))
            skip = true;
        else if (!here && !is_in(word, fillers, ARRAY_LEN(fillers)) && !is_number(word))
            unknown++;
    }
    if (skip)
        return (struct label){.kind = is_heading ? LABEL_SKIP : LABEL_NONE};
    bool at_edge = key && (key_at == from || key_at + 1 == to);
    if (!key || (unknown && !(is_heading && at_edge && unknown <= MAX_UNKNOWN)))
        return (struct label){0};
    return (struct label){.kind = key->kind,
                          .role = key->role,
                          .relation = key->relation,
                          .is_one = key->is_one,
                          .is_sure = unknown == 0};
}
