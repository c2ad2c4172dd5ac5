#include "extractor/prose/phrase.h"

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
        "appetizers",   "bagels",  "beer",       "beers",          "bites",     "boba",
        "breakfast",    "brunch",  "cake",       "catering",       "champagne", "cocktails",
        "coffee",       "cookies", "desserts",   "dinner",         "donuts",    "drinks",
        "equipment",    "food",    "giveaways",  "goodies",        "lunch",     "matcha",
        "mats",         "merch",   "nibbles",    "pastries",       "pizza",     "prizes",
        "refreshments", "round",   "sandwiches", "snacks",         "space",     "sushi",
        "swag",         "tacos",   "tea",        "transportation", "treats",    "venue",
        "wine"};
    return at < words->count && slice_in_sorted(words->items[at].folded, list, ARRAY_LEN(list));
}

// "Drinks by Acme", "the food is on Acme": the word behind, or 0.
static size_t gift_end(const struct words *words, size_t at)
{
    static const char *const givers[] = {"by", "from", "are on", "is on"};
    if (!phrase_is_gift(words, at))
        return 0;
    // "space and samosas by Acme"
    size_t last = at;
    while (last + 2 < words->count && last < at + 4 && words_is_and(words, last + 1) &&
           !words->items[last + 2].is_capital)
        last += 2;
    for (size_t i = 0; i < ARRAY_LEN(givers); i++) {
        size_t end = words_phrase_end(words, last + 1, givers[i]);
        if (end && words->items[last + 1].gap == GAP_SPACE)
            return end;
    }
    return 0;
}

const struct phrase *phrase_find(const struct words *words, size_t at, size_t *ret_end)
{
    static const struct phrase gift = {"", NULL, "sponsor", PHRASE_EITHER, false};
    const struct phrase *phrase = vocabulary_phrase(words, at, ret_end);
    if (!phrase && (*ret_end = gift_end(words, at)))
        phrase = &gift;
    return phrase;
}
