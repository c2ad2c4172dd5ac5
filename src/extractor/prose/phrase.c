#include "extractor/prose/phrase.h"

static const struct phrase phrases[] = {
    {"brought to you by", "host", "host", PHRASE_EITHER, false},
    {"co-hosted by", "host", "host", PHRASE_EITHER, false},
    {"cohosted by", "host", "host", PHRASE_EITHER, false},
    {"co hosted by", "host", "host", PHRASE_EITHER, false},
    {"hosted by", "host", "host", PHRASE_EITHER, false},
    {"hosted w", "host", "host", PHRASE_EITHER, false},
    {"co-hosted w", "host", "host", PHRASE_EITHER, false},
    {"in partnership w", NULL, "partner", PHRASE_EITHER, false},
    {"hosted with", "host", "host", PHRASE_EITHER, false},
    {"co-hosted with", "host", "host", PHRASE_EITHER, false},
    {"organized by", "host", "host", PHRASE_EITHER, false},
    {"organised by", "host", "host", PHRASE_EITHER, false},
    {"co-organized by", "host", "host", PHRASE_EITHER, false},
    {"presented by", "host", "host", PHRASE_EITHER, false},
    {"produced by", "host", "host", PHRASE_EITHER, false},
    {"curated by", "host", "host", PHRASE_EITHER, false},
    {"in partnership with", NULL, "partner", PHRASE_EITHER, false},
    {"in collaboration with", NULL, "partner", PHRASE_EITHER, false},
    {"partnering with", NULL, "partner", PHRASE_EITHER, false},
    {"venue partner", NULL, "partner", PHRASE_EITHER, false},
    {"media partner", NULL, "partner", PHRASE_EITHER, false},
    {"community partner", NULL, "partner", PHRASE_EITHER, false},
    {"our partners", NULL, "partner", PHRASE_EITHER, false},
    {"our partner", NULL, "partner", PHRASE_EITHER, false},
    {"venue partners", NULL, "partner", PHRASE_EITHER, false},
    {"media partners", NULL, "partner", PHRASE_EITHER, false},
    {"community partners", NULL, "partner", PHRASE_EITHER, false},
    {"proud to partner with", NULL, "partner", PHRASE_EITHER, false},
    {"happy to partner with", NULL, "partner", PHRASE_EITHER, false},
    {"excited to partner with", NULL, "partner", PHRASE_EITHER, false},
    {"thrilled to partner with", NULL, "partner", PHRASE_EITHER, false},
    {"delighted to partner with", NULL, "partner", PHRASE_EITHER, false},
    {"partnered with", NULL, "partner", PHRASE_EITHER, false},
    {"teaming up with", NULL, "partner", PHRASE_EITHER, false},
    {"teamed up with", NULL, "partner", PHRASE_EITHER, false},
    {"sponsored by", NULL, "sponsor", PHRASE_EITHER, false},
    {"powered by", NULL, "sponsor", PHRASE_EITHER, false},
    {"supported by", NULL, "sponsor", PHRASE_EITHER, false},
    {"made possible by", NULL, "sponsor", PHRASE_EITHER, false},
    {"thanks to our sponsors", NULL, "sponsor", PHRASE_EITHER, false},
    {"thanks to our sponsor", NULL, "sponsor", PHRASE_EITHER, false},
    {"our sponsors", NULL, "sponsor", PHRASE_EITHER, false},
    {"generous sponsors", NULL, "sponsor", PHRASE_EITHER, false},
    {"amazing sponsors", NULL, "sponsor", PHRASE_EITHER, false},
    {"wonderful sponsors", NULL, "sponsor", PHRASE_EITHER, false},
    {"our sponsor", NULL, "sponsor", PHRASE_EITHER, false},
    {"food sponsor", NULL, "sponsor", PHRASE_EITHER, false},
    {"drinks sponsor", NULL, "sponsor", PHRASE_EITHER, false},
    {"thanks to", NULL, "sponsor", PHRASE_EITHER, true},
    {"thank you to", NULL, "sponsor", PHRASE_EITHER, true},
    {"shoutout to", NULL, "sponsor", PHRASE_EITHER, true},
    {"shout out to", NULL, "sponsor", PHRASE_EITHER, true},
    {"provided by", NULL, "sponsor", PHRASE_EITHER, true},
    {"lent by", NULL, "sponsor", PHRASE_EITHER, true},
    {"donated by", NULL, "sponsor", PHRASE_EITHER, true},
    {"courtesy of", NULL, "sponsor", PHRASE_EITHER, false},
    {"moderated by", "moderator", NULL, PHRASE_PEOPLE_ONLY, false},
    {"grilled by", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"interviewed by", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"quizzed by", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"in dialogue with", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"chats with", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"chat to", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"talks with", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"talks to", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"speaks with", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"sit down with", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"sits down with", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"modera", "moderator", NULL, PHRASE_PEOPLE_ONLY, false},
    {"chaired by", "moderator", NULL, PHRASE_PEOPLE_ONLY, false},
    {"judged by", "judge", NULL, PHRASE_PEOPLE_ONLY, false},
    {"keynote by", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"keynote from", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"keynote speaker", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"keynote with", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"talk by", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"talk from", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"talk with", "speaker", NULL, PHRASE_PEOPLE_MOSTLY, false},
    {"talks by", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"talks from", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"lecture by", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"presentation by", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"presentation from", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"presentations by", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"demo by", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"demo from", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"demos from", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"demos by", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"workshop by", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"workshop with", "speaker", NULL, PHRASE_PEOPLE_MOSTLY, false},
    {"session by", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"session with", "speaker", NULL, PHRASE_PEOPLE_MOSTLY, false},
    {"class with", "speaker", NULL, PHRASE_PEOPLE_MOSTLY, false},
    {"run by", "speaker", NULL, PHRASE_PEOPLE_MOSTLY, false},
    {"led by", "speaker", NULL, PHRASE_PEOPLE_MOSTLY, false},
    {"facilitated by", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"guided by", "speaker", NULL, PHRASE_PEOPLE_MOSTLY, false},
    {"taught by", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"instructed by", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"delivered by", "speaker", NULL, PHRASE_PEOPLE_MOSTLY, false},
    {"remarks by", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"remarks from", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"performance by", "speaker", NULL, PHRASE_PEOPLE_MOSTLY, false},
    {"performances by", "speaker", NULL, PHRASE_PEOPLE_MOSTLY, false},
    {"fireside chat with", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"fireside with", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"fireside chat between", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"a conversation between", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"a discussion between", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"hear how", "speaker", NULL, PHRASE_EITHER, false},
    {"listen to", "speaker", NULL, PHRASE_EITHER, false},
    {"office hours with", "speaker", NULL, PHRASE_PEOPLE_MOSTLY, false},
    {"coffee with", "speaker", NULL, PHRASE_EITHER, false},
    {"breakfast with", "speaker", NULL, PHRASE_EITHER, false},
    {"lunch with", "speaker", NULL, PHRASE_EITHER, false},
    {"dinner with", "speaker", NULL, PHRASE_EITHER, false},
    {"your organizers", "host", NULL, PHRASE_PEOPLE_MOSTLY, false},
    {"your organisers", "host", NULL, PHRASE_PEOPLE_MOSTLY, false},
    {"an event by", "host", "host", PHRASE_EITHER, false},
    {"joint event by", "host", "host", PHRASE_EITHER, false},
    {"fireside chat", "speaker", NULL, PHRASE_HARDLY, false},
    {"fireside", "speaker", NULL, PHRASE_HARDLY, false},
    {"in conversation with", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"conversation with", "speaker", NULL, PHRASE_PEOPLE_MOSTLY, false},
    {"discussion with", "speaker", NULL, PHRASE_PEOPLE_MOSTLY, false},
    {"chat with", "speaker", NULL, PHRASE_PEOPLE_MOSTLY, false},
    {"evening with", "speaker", NULL, PHRASE_PEOPLE_MOSTLY, false},
    {"interview with", "speaker", NULL, PHRASE_PEOPLE_MOSTLY, false},
    {"q&a with", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"ama with", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"special guest", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"special guests", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"guest speaker", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"guest speakers", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"hear from", "speaker", NULL, PHRASE_EITHER, false},
    {"joined by", "speaker", NULL, PHRASE_PEOPLE_MOSTLY, false},
    {"to host", "speaker", NULL, PHRASE_EITHER, false},
    {"to welcome", "speaker", NULL, PHRASE_EITHER, false},
    {"we welcome", "speaker", NULL, PHRASE_EITHER, false},
    {"welcoming", "speaker", NULL, PHRASE_EITHER, false},
    {"come meet", "speaker", NULL, PHRASE_EITHER, false},
    {"come hear", "speaker", NULL, PHRASE_EITHER, false},
    {"to have", "speaker", NULL, PHRASE_HARDLY, false},
    {"featuring", "speaker", NULL, PHRASE_EITHER, false},
    {"feat", "speaker", NULL, PHRASE_PEOPLE_MOSTLY, false},
    {"ft", "speaker", NULL, PHRASE_PEOPLE_MOSTLY, false},
    {"panel with", "panelist", NULL, PHRASE_PEOPLE_ONLY, false},
    {"panel discussion with", "panelist", NULL, PHRASE_PEOPLE_ONLY, false},
    {"panel featuring", "panelist", NULL, PHRASE_PEOPLE_ONLY, false},
    {"panel will feature", "panelist", NULL, PHRASE_PEOPLE_ONLY, false},
    {"panel features", "panelist", NULL, PHRASE_PEOPLE_ONLY, false},
    {"will feature", "speaker", NULL, PHRASE_EITHER, false},
    {"judges include", "judge", NULL, PHRASE_PEOPLE_ONLY, false},
    {"mentors include", "mentor", NULL, PHRASE_PEOPLE_ONLY, false},
    {"moderators include", "moderator", NULL, PHRASE_PEOPLE_ONLY, false},
    {"panelists include", "panelist", NULL, PHRASE_PEOPLE_ONLY, false},
    {"speakers include", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"speakers", "speaker", NULL, PHRASE_HARDLY, false},
    {"panelists", "panelist", NULL, PHRASE_EITHER, false},
    {"with the support of", NULL, "sponsor", PHRASE_EITHER, false},
    {"with support from", NULL, "sponsor", PHRASE_EITHER, false},
    {"opening words by", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"introduced by", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"introduction by", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"intro by", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"welcome by", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"live music by", "speaker", NULL, PHRASE_PEOPLE_MOSTLY, false},
    {"reading by", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"readings by", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"vortrag von", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"moderiert von", "moderator", NULL, PHRASE_PEOPLE_ONLY, false},
    {"prasentiert von", "host", "host", PHRASE_EITHER, false},
    {"organisiert von", "host", "host", PHRASE_EITHER, false},
    {"veranstaltet von", "host", "host", PHRASE_EITHER, false},
    {"veranstaltet vom", "host", "host", PHRASE_EITHER, false},
    {"gesponsert von", NULL, "sponsor", PHRASE_EITHER, false},
    {"unterstutzt von", NULL, "sponsor", PHRASE_EITHER, false},
    {"in zusammenarbeit mit", NULL, "partner", PHRASE_EITHER, false},
    {"charla de", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"ponencia de", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"organizado por", "host", "host", PHRASE_EITHER, false},
    {"presentado por", "host", "host", PHRASE_EITHER, false},
    {"moderado por", "moderator", NULL, PHRASE_PEOPLE_ONLY, false},
    {"patrocinado por", NULL, "sponsor", PHRASE_EITHER, false},
    {"con el apoyo de", NULL, "sponsor", PHRASE_EITHER, false},
    {"en colaboracion con", NULL, "partner", PHRASE_EITHER, false},
    {"organise par", "host", "host", PHRASE_EITHER, false},
    {"presente par", "host", "host", PHRASE_EITHER, false},
    {"anime par", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"ouverture par", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"cloture par", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"intervention de", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"conference de", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"avec le soutien de", NULL, "sponsor", PHRASE_EITHER, false},
    {"en partenariat avec", NULL, "partner", PHRASE_EITHER, false},
    {"apresentado por", "host", "host", PHRASE_EITHER, false},
    {"com o apoio de", NULL, "sponsor", PHRASE_EITHER, false},
    {"em parceria com", NULL, "partner", PHRASE_EITHER, false},
    {"palestra de", "speaker", NULL, PHRASE_PEOPLE_ONLY, false},
    {"organizzato da", "host", "host", PHRASE_EITHER, false},
    {"in collaborazione con", NULL, "partner", PHRASE_EITHER, false},
    {"your host", "host", NULL, PHRASE_PEOPLE_MOSTLY, false},
    {"your hosts", "host", NULL, PHRASE_PEOPLE_MOSTLY, false},
};

const char *phrase_verb_role(const struct words *words, size_t at)
{
    static const struct {
        const char *verb, *role;
    } verbs[] = {
        {"moderates", "moderator"},
        {"moderating", "moderator"},
        {"will moderate", "moderator"},
        {"is moderating", "moderator"},
        {"will be moderating", "moderator"},
        {"chairs", "moderator"},
        {"will chair", "moderator"},
        {"will judge", "judge"},
        {"judging", "judge"},
        {"will mentor", "mentor"},
        {"will host", "host"},
        {"will emcee", "host"},
        {"will mc", "host"},
        {"emcees", "host"},
        {"presiding", "moderator"},
        {"presides", "moderator"},
    };
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        if (words_phrase_end(words, at, verbs[i].verb))
            return verbs[i].role;
    return NULL;
}

size_t phrase_skip_together(const struct words *words, size_t at)
{
    static const char *const list[] = {"together with", "along with",    "alongside",
                                       "jointly with",  "and joined by", "joined by"};
    for (size_t i = 0; i < ARRAY_LEN(list); i++)
        if (words_phrase_end(words, at, list[i]))
            return words_phrase_end(words, at, list[i]);
    return at;
}

bool phrase_is_gift(const struct words *words, size_t at)
{
    static const char *const list[] = {
        "appetizers", "bagels",   "beer",     "beers",     "bites",     "boba",   "breakfast",
        "brunch",     "cake",     "catering", "champagne", "cocktails", "coffee", "cookies",
        "credits",    "desserts", "dinner",   "donuts",    "drinks",    "food",   "lunch",
        "matcha",     "merch",    "nibbles",  "pastries",  "pizza",     "prizes", "refreshments",
        "sandwiches", "snacks",   "space",    "sushi",     "swag",      "tacos",  "tea",
        "treats",     "venue",    "wine"};
    return at < words->count && slice_in_sorted(words->items[at].folded, list, ARRAY_LEN(list));
}

// "Drinks by Acme", "the food is on Acme": the word behind, or 0.
static size_t gift_end(const struct words *words, size_t at)
{
    static const char *const givers[] = {"by", "from", "are on", "is on"};
    for (size_t i = 0; i < ARRAY_LEN(givers) && phrase_is_gift(words, at); i++) {
        size_t end = words_phrase_end(words, at + 1, givers[i]);
        if (end && words->items[at + 1].gap == GAP_SPACE)
            return end;
    }
    return 0;
}

const struct phrase *phrase_find(const struct words *words, size_t at, size_t *ret_end)
{
    const struct phrase *best = NULL;
    *ret_end = 0;
    for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
        struct slice first = words->items[at].folded;
        if (first.len == 0 || first.ptr[0] != phrases[i].words[0])
            continue;
        size_t end = words_phrase_end(words, at, phrases[i].words);
        if (end > *ret_end)
            best = &phrases[i], *ret_end = end;
    }
    static const struct phrase gift = {"", NULL, "sponsor", PHRASE_EITHER, false};
    if (!best && (*ret_end = gift_end(words, at)))
        best = &gift;
    return best;
}
