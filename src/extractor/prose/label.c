#include "extractor/prose/label.h"

#include "lib/text/lexicon.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_WORDS = 9, MAX_UNKNOWN = 3, SENTENCE_TAIL = 6 };

static const struct key {
    const char *word, *role, *relation;
    enum label_kind kind;
    bool is_one;
} keys[] = {
    {"acts", "speaker", NULL, LABEL_PEOPLE, false},
    {"address", NULL, "venue", LABEL_PLACE, false},
    {"brought", "host", "host", LABEL_PEOPLE, false},
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
    {"guide", "speaker", NULL, LABEL_PEOPLE, true},
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
    {"organizing", "host", "host", LABEL_PEOPLE, false},
    {"panelist", "panelist", NULL, LABEL_PEOPLE, true},
    {"performers", "speaker", NULL, LABEL_PEOPLE, false},
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
    {"talk", "speaker", NULL, LABEL_PEOPLE, true},
    {"talks", "speaker", NULL, LABEL_PEOPLE, false},
    {"artist", "speaker", NULL, LABEL_PEOPLE, true},
    {"artists", "speaker", NULL, LABEL_PEOPLE, false},
    {"teacher", "speaker", NULL, LABEL_PEOPLE, true},
    {"lecturer", "speaker", NULL, LABEL_PEOPLE, true},
    {"judging", "judge", NULL, LABEL_PEOPLE, false},
    {"charlas", "speaker", NULL, LABEL_PEOPLE, false},
    {"ponencias", "speaker", NULL, LABEL_PEOPLE, false},
    {"vortrage", "speaker", NULL, LABEL_PEOPLE, false},
    {"palestras", "speaker", NULL, LABEL_PEOPLE, false},
    {"ponentes", "speaker", NULL, LABEL_PEOPLE, false},
    {"oradores", "speaker", NULL, LABEL_PEOPLE, false},
    {"palestrantes", "speaker", NULL, LABEL_PEOPLE, false},
    {"redner", "speaker", NULL, LABEL_PEOPLE, false},
    {"referenten", "speaker", NULL, LABEL_PEOPLE, false},
    {"sprecher", "speaker", NULL, LABEL_PEOPLE, false},
    {"intervenants", "speaker", NULL, LABEL_PEOPLE, false},
    {"conferenciers", "speaker", NULL, LABEL_PEOPLE, false},
    {"relatori", "speaker", NULL, LABEL_PEOPLE, false},
    {"dj", "speaker", NULL, LABEL_PEOPLE, true},
    {"djs", "speaker", NULL, LABEL_PEOPLE, false},
    {"chef", "speaker", NULL, LABEL_PEOPLE, true},
    {"chair", "moderator", NULL, LABEL_PEOPLE, true},
    {"moderating", "moderator", NULL, LABEL_PEOPLE, true},
    {"ponente", "speaker", NULL, LABEL_PEOPLE, true},
    {"organiza", "host", "host", LABEL_PEOPLE, false},
    {"organizan", "host", "host", LABEL_PEOPLE, false},
    {"colabora", NULL, "partner", LABEL_COMPANY, false},
    {"colaboran", NULL, "partner", LABEL_COMPANY, false},
    {"patrocina", NULL, "sponsor", LABEL_COMPANY, false},
    {"patrocinan", NULL, "sponsor", LABEL_COMPANY, false},
    {"apoio", NULL, "sponsor", LABEL_COMPANY, false},
    {"modera", "moderator", NULL, LABEL_PEOPLE, true},
    {"moderacion", "moderator", NULL, LABEL_PEOPLE, true},
    {"moderatorin", "moderator", NULL, LABEL_PEOPLE, true},
    {"moderateur", "moderator", NULL, LABEL_PEOPLE, true},
    {"moderatrice", "moderator", NULL, LABEL_PEOPLE, true},
    {"remarks", "speaker", NULL, LABEL_PEOPLE, false},
    {"moderation", "moderator", NULL, LABEL_PEOPLE, true},
    {"moderador", "moderator", NULL, LABEL_PEOPLE, true},
    {"moderadora", "moderator", NULL, LABEL_PEOPLE, true},
    {"jurado", "judge", NULL, LABEL_PEOPLE, false},
    {"jurada", "judge", NULL, LABEL_PEOPLE, true},
    {"jurados", "judge", NULL, LABEL_PEOPLE, false},
    {"juges", "judge", NULL, LABEL_PEOPLE, false},
    {"mentores", "mentor", NULL, LABEL_PEOPLE, false},
    {"gastgeber", "host", "host", LABEL_PEOPLE, false},
    {"veranstalter", "host", "host", LABEL_PEOPLE, false},
    {"anfitriones", "host", "host", LABEL_PEOPLE, false},
    {"organizadores", "host", "host", LABEL_PEOPLE, false},
    {"organisateurs", "host", "host", LABEL_PEOPLE, false},
    {"sponsoren", NULL, "sponsor", LABEL_COMPANY, false},
    {"patrocinadores", NULL, "sponsor", LABEL_COMPANY, false},
    {"partenaires", NULL, "partner", LABEL_COMPANY, false},
    {"socios", NULL, "partner", LABEL_COMPANY, false},
    {"ort", NULL, "venue", LABEL_PLACE, false},
    {"lugar", NULL, "venue", LABEL_PLACE, false},
    {"lieu", NULL, "venue", LABEL_PLACE, false},
    {"local", NULL, "venue", LABEL_PLACE, false},
    {"luogo", NULL, "venue", LABEL_PLACE, false},
    {"主催", "host", "host", LABEL_PEOPLE, false},
    {"登壇者", "speaker", NULL, LABEL_PEOPLE, false},
    {"スピーカー", "speaker", NULL, LABEL_PEOPLE, false},
    {"協賛", NULL, "sponsor", LABEL_COMPANY, false},
    {"会場", NULL, "venue", LABEL_PLACE, false},
    {"講者", "speaker", NULL, LABEL_PEOPLE, false},
    {"讲者", "speaker", NULL, LABEL_PEOPLE, false},
    {"嘉宾", "speaker", NULL, LABEL_PEOPLE, false},
    {"主办", "host", "host", LABEL_PEOPLE, false},
    {"地点", NULL, "venue", LABEL_PLACE, false},
    {"venue", NULL, "venue", LABEL_PLACE, false},
    {"where", NULL, "venue", LABEL_PLACE, false},
};

// Words around the key that change nothing.
static const char *const fillers[] = {
    "a",        "all",       "amazing",    "among",     "an",           "and",        "announced",
    "are",      "at",        "be",         "bronze",    "brought",      "build",      "by",
    "closing",  "community", "confirmed",  "current",   "demo",         "diamond",    "ecosystem",
    "esteemed", "evening",   "event",      "expert",    "experts",      "far",        "featured",
    "first",    "food",      "for",        "from",      "gold",         "guest",      "guests",
    "headline", "hear",      "here",       "host",      "in",           "include",    "included",
    "includes", "including", "incredible", "industry",  "introductory", "invited",    "is",
    "keynote",  "kindly",    "lead",       "lightning", "line",         "live",       "main",
    "media",    "meet",      "more",       "night",     "not",          "of",         "official",
    "on",       "opening",   "our",        "panel",     "platinum",     "presenting", "primary",
    "proudly",  "s",         "session",    "set",       "silver",       "so",         "soon",
    "special",  "stage",     "talk",       "tba",       "tbc",          "team",       "technical",
    "thank",    "thanks",    "the",        "this",      "title",        "to",         "today",
    "tonight",  "tonight's", "up",         "venue",     "very",         "welcome",    "with",
    "workshop", "you",       "your",
};

// What stands under these is not about who takes part here.
static const char *const skips[] = {
    "about",     "customers", "exhibitors", "finalists",    "former",    "future",   "history",
    "investors", "last",      "past",       "pitching",     "portfolio", "previous", "previously",
    "recap",     "startups",  "teams",      "testimonials", "trusted",   "upcoming", "winners",
};

// Other parts of a description.
static const char *const others[] = {
    "agenda",       "apply",        "attend",     "attendees",    "audience",  "awards",
    "become",       "benefits",     "bounties",   "bring",        "call",      "challenges",
    "code",         "contact",      "cost",       "criteria",     "date",      "demos",
    "details",      "disclaimer",   "dress",      "expect",       "faq",       "faqs",
    "follow",       "format",       "highlights", "how",          "itinerary", "join",
    "learn",        "logistics",    "looking",    "menu",         "note",      "notes",
    "outline",      "overview",     "parking",    "participants", "policy",    "prize",
    "prizes",       "program",      "programme",  "projects",     "refund",    "register",
    "registration", "requirements", "resources",  "rsvp",         "rules",     "schedule",
    "seeking",      "stack",        "takeaways",  "tickets",      "time",      "timeline",
    "topics",       "tracks",       "wanted",     "what",         "when",      "who",
    "why",
};

// Those behind which a title stands as often as a name.
static const char *const titles[] = {
    "featuring", "fireside", "keynote", "keynotes", "lineup", "panel", "remarks", "talk", "talks",
};

static const struct key *key_of(struct slice word)
{
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (slice_equal(word, slice_from_cstr(keys[i].word)))
            return &keys[i];
    return NULL;
}

static bool is_title_key(const struct key *key)
{
    return slice_in_sorted(slice_from_cstr(key->word), titles, ARRAY_LEN(titles));
}

static bool is_number(struct slice word)
{
    for (size_t i = 0; i < word.len; i++)
        if (word.ptr[i] < '0' || word.ptr[i] > '9')
            return false;
    return word.len > 0;
}

// "", "this event", "the hackathon": nothing with a name of its own.
static bool is_this_event(const struct words *words, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (words->items[i].is_capital && !(words->items[i].lexicon & LEXICON_WORD))
            return false;
    return from == to || words_is(words, from, "this") || words_is(words, from, "the") ||
           words_is(words, from, "event");
}

struct label label_read(const struct words *words, size_t from, size_t to, bool is_heading)
{
    const struct key *key = NULL;
    size_t unknown = 0, key_at = 0;
    bool skip = false, other = false, joined = false;
    if (to > words->count || from >= to || to - from > MAX_WORDS)
        return (struct label){0};
    for (size_t i = from; i < to; i++) {
        struct slice word = words->items[i].folded;
        const struct key *here = key_of(word);
        bool connects = i > from && (words->items[i].gap == GAP_AND ||
                                     words->items[i].gap == GAP_SLASH || words_is(words, i, "and"));
        joined |= key && connects;
        // "venue sponsor": the last one says what it is; "sponsors and partners": the first.
        // "judging panel": how they sit says less than what they do.
        // "keynote address": no place.
        bool is_speech = here && key && here->kind == LABEL_PLACE && key->kind == LABEL_PEOPLE;
        if (here && !joined && !is_speech && (!key || !is_title_key(here)))
            key = here, key_at = i;
        else if (!here && slice_in_sorted(word, skips, ARRAY_LEN(skips)))
            skip = true;
        else if (!here && slice_in_sorted(word, others, ARRAY_LEN(others)))
            other = true;
        else if (!here && !slice_in_sorted(word, fillers, ARRAY_LEN(fillers)) && !is_number(word))
            unknown++;
    }
    // "About the hosts" says who they are, "About this event" what it is.
    bool about = words_is(words, from, "about"), describes = about && key;
    if (about && !key && is_this_event(words, from + 1, to))
        return (struct label){.kind = is_heading ? LABEL_OTHER : LABEL_NONE};
    if ((skip || other) && unknown > MAX_UNKNOWN)
        return (struct label){0};
    if ((skip && !describes) || other)
        return (struct label){.kind = !is_heading ? LABEL_NONE : skip ? LABEL_SKIP : LABEL_OTHER};
    // "Hosted by the Loom Guild" names somebody itself.
    bool is_whole = to == words->count && words->end != GAP_COLON;
    bool names = key && unknown && is_whole && words_is(words, key_at + 1, "by");
    bool at_edge = key && !names && (key_at == from || key_at + 1 == to);
    if (!key || (unknown && !(is_heading && at_edge && unknown <= MAX_UNKNOWN)))
        return (struct label){0};
    return (struct label){.kind = key->kind,
                          .role = key->role,
                          .relation = key->relation,
                          .is_one = key->is_one,
                          .is_sure = unknown == 0,
                          .is_title = is_title_key(key)};
}

struct label label_in_sentence(const struct words *words)
{
    size_t from = words->count > SENTENCE_TAIL ? words->count - SENTENCE_TAIL : 0;
    struct label label = {0};
    for (size_t i = from; i < words->count; i++) {
        const struct key *key = key_of(words->items[i].folded);
        if (slice_in_sorted(words->items[i].folded, skips, ARRAY_LEN(skips)) ||
            slice_in_sorted(words->items[i].folded, others, ARRAY_LEN(others)))
            return (struct label){0};
        if (key && key->kind == LABEL_PEOPLE && (!label.kind || label.is_title))
            label = (struct label){
                .kind = key->kind,
                .role = key->role,
                .relation = key->relation,
                .is_title = slice_in_sorted(words->items[i].folded, titles, ARRAY_LEN(titles))};
    }
    label.is_title = false;
    return label;
}
