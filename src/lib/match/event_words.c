// Words of titles and venues that mean little, or something of their own. See event.h.
#include "lib/match/event.h"
#include "lib/match/wordlist.h"

#include <stdlib.h>
#include <string.h>

enum { MIN_PLACE_LETTERS = 3 };

// Sorted, as are the lists below.
static const char *const general_words[] = {
    "a",          "about",      "ai",           "an",        "and",        "annual",
    "art",        "at",         "beginner",     "beginners", "book",       "breakfast",
    "brunch",     "build",      "builder",      "builders",  "business",   "by",
    "chat",       "class",      "cloud",        "club",      "coffee",     "community",
    "conf",       "conference", "course",       "crypto",    "data",       "day",
    "days",       "demo",       "demos",        "design",    "dev",        "developer",
    "developers", "devs",       "dinner",       "drinks",    "evening",    "event",
    "events",     "expo",       "fest",         "festival",  "film",       "fireside",
    "for",        "forum",      "founder",      "founders",  "free",       "friday",
    "from",       "game",       "games",        "gathering", "genai",      "group",
    "hack",       "hackathon",  "happy",        "hour",      "hours",      "house",
    "in",         "intro",      "introduction", "investor",  "investors",  "kickoff",
    "launch",     "learn",      "learning",     "lecture",   "live",       "llm",
    "llms",       "local",      "lunch",        "machine",   "marketing",  "meet",
    "meeting",    "meetup",     "meetups",      "mixer",     "ml",         "monday",
    "monthly",    "morning",    "music",        "network",   "networking", "new",
    "night",      "nights",     "of",           "office",    "on",         "online",
    "open",       "our",        "panel",        "party",     "pitch",      "product",
    "room",       "run",        "running",      "saturday",  "series",     "session",
    "show",       "social",     "software",     "startup",   "startups",   "student",
    "students",   "summit",     "sunday",       "talk",      "talks",      "tech",
    "technology", "the",        "thursday",     "to",        "training",   "tuesday",
    "up",         "us",         "vc",           "virtual",   "web",        "web3",
    "wednesday",  "week",       "weekend",      "weekly",    "welcome",    "with",
    "women",      "workshop",   "workshops",    "yoga",      "your",
};
static const char *const occasion_words[] = {
    "after",    "afterhours",  "afterparty", "bootcamp", "breakfast", "brunch",    "coworking",
    "demo",     "dinner",      "drinks",     "hack",     "hackathon", "happy",     "kickoff",
    "lunch",    "masterclass", "mixer",      "party",    "post",      "pre",       "preconference",
    "preparty", "reception",   "satellite",  "side",     "tour",      "training",  "trainings",
    "tutorial", "tutorials",   "warmup",     "watch",    "workshop",  "workshops",
};
static const char *const place_words[] = {
    "avenue",     "bar",        "building", "cafe",   "campus",  "center",  "centre",  "city",
    "club",       "east",       "floor",    "garden", "gardens", "hall",    "haus",    "hotel",
    "house",      "lounge",     "main",     "museum", "north",   "office",  "park",    "place",
    "plaza",      "restaurant", "road",     "room",   "rooms",   "school",  "south",   "space",
    "square",     "store",      "strasse",  "street", "suite",   "theater", "theatre", "tower",
    "university", "village",    "west",
};

static int compare_word(const void *key, const void *word)
{
    return slice_compare(*(const struct slice *)key, slice_from_cstr(*(const char *const *)word));
}

#define HAS_WORD(list, word) (bsearch(&(word), list, ARRAY_LEN(list), sizeof *(list), compare_word))

bool event_word_is_general(struct slice word)
{
    return HAS_WORD(general_words, word) || wordlist_is_place(word) || wordlist_is_link(word);
}

bool event_word_is_occasion(struct slice word)
{
    return HAS_WORD(occasion_words, word);
}

bool event_word_is_of_places(struct slice word)
{
    bool is_number = word.len && word.ptr[0] >= '0' && word.ptr[0] <= '9';
    return is_number || word.len < MIN_PLACE_LETTERS || HAS_WORD(place_words, word) ||
           wordlist_is_place(word) || wordlist_is_link(word);
}
