// The word lists behind names.h, each sorted for the binary search (a test checks the order).
#include "lib/text/name_words.h"

#include "lib/text/names.h"
#include "lib/text/unicode.h"

#include <stdlib.h>
#include <string.h>

// Words that organisations have in their names and people do not.
static const char *const company_words[] = {
    "academy",
    "accelerator",
    "aerospace",
    "agency",
    "ai",
    "alliance",
    "alumni",
    "analytics",
    "asociacion",
    "associacao",
    "association",
    "associazione",
    "ateliers",
    "ayuntamiento",
    "bank",
    "biblioteca",
    "bibliotheque",
    "biosciences",
    "books",
    "brewing",
    "bureau",
    "cafe",
    "calendar",
    "camara",
    "capital",
    "center",
    "centre",
    "chamber",
    "chapter",
    "cloud",
    "club",
    "clubs",
    "co",
    "coalition",
    "colectivo",
    "coletivo",
    "collective",
    "college",
    "com",
    "commission",
    "committee",
    "commons",
    "community",
    "company",
    "comunidad",
    "comunidade",
    "conference",
    "consulado",
    "consulate",
    "consulting",
    "coop",
    "cooperativa",
    "corp",
    "council",
    "coworking",
    "crew",
    "data",
    "department",
    "developers",
    "digital",
    "ecole",
    "embaixada",
    "embajada",
    "embassy",
    "engineering",
    "enterprises",
    "escola",
    "escuela",
    "event",
    "events",
    "fabrica",
    "factory",
    "federacion",
    "federation",
    "fest",
    "festival",
    "fintech",
    "fondation",
    "fondazione",
    "forum",
    "foundation",
    "founders",
    "fund",
    "fundacao",
    "fundacion",
    "gallery",
    "games",
    "gesellschaft",
    "gmbh",
    "group",
    "gruppe",
    "guild",
    "hackathon",
    "hackathons",
    "hochschule",
    "holdings",
    "hq",
    "hub",
    "inc",
    "incubadora",
    "incubator",
    "industries",
    "initiative",
    "institut",
    "institute",
    "instituto",
    "international",
    "istituto",
    "journal",
    "kammer",
    "kollektiv",
    "kulturverein",
    "lab",
    "laboratorio",
    "labs",
    "league",
    "library",
    "literature",
    "llc",
    "llp",
    "ltd",
    "magazine",
    "media",
    "meetup",
    "meetups",
    "ministry",
    "musee",
    "museo",
    "museu",
    "museum",
    "mutuelle",
    "network",
    "networks",
    "official",
    "ong",
    "org",
    "organization",
    "partners",
    "podcast",
    "prefeitura",
    "productions",
    "program",
    "project",
    "protocol",
    "restaurant",
    "robotics",
    "salon",
    "school",
    "securities",
    "services",
    "social",
    "sociedad",
    "sociedade",
    "society",
    "software",
    "solutions",
    "spaces",
    "startup",
    "startups",
    "stichting",
    "stiftung",
    "studio",
    "studios",
    "summit",
    "systems",
    "team",
    "teatro",
    "tech",
    "technologies",
    "technology",
    "theater",
    "theatre",
    "therapeutics",
    "tower",
    "union",
    "universidad",
    "universidade",
    "universita",
    "universitat",
    "universite",
    "universiteit",
    "university",
    "vc",
    "ventures",
    "verband",
    "verein",
    "vereniging",
    "week",
    "werkstatt",
    "works",
    "workshop",
};

// Words that say what a person does; one of them makes a text a title.
static const char *const title_words[] = {
    "administrator", "advisor",    "advocate",   "ambassador",   "analyst",    "architect",
    "artist",        "associate",  "author",     "builder",      "ceo",        "cfo",
    "chair",         "chairman",   "chairwoman", "chief",        "cio",        "ciso",
    "cmo",           "co-creator", "co-founder", "co-founders",  "co-host",    "coach",
    "cofounder",     "consultant", "coo",        "coordinator",  "cpo",        "creator",
    "cro",           "cso",        "cto",        "curator",      "dean",       "designer",
    "developer",     "director",   "dj",         "editor",       "engineer",   "engineering",
    "entrepreneur",  "evangelist", "executive",  "fellow",       "founder",    "founders",
    "freelancer",    "gp",         "head",       "host",         "instructor", "intern",
    "investor",      "journalist", "lawyer",     "lead",         "leader",     "lecturer",
    "manager",       "md",         "mentor",     "mts",          "officer",    "organiser",
    "organizer",     "owner",      "partner",    "photographer", "pm",         "president",
    "principal",     "producer",   "professor",  "programmer",   "recruiter",  "researcher",
    "scientist",     "secretary",  "specialist", "strategist",   "student",    "svp",
    "swe",           "teacher",    "treasurer",  "trustee",      "vp",         "writer",
};

// Words that stand around those.
static const char *const title_fillers[] = {
    "&",           "+",
    "a",           "account",
    "ai",          "and",
    "applied",     "area",
    "art",         "assistant",
    "associate",   "at-large",
    "backend",     "board",
    "brand",       "business",
    "chapter",     "client",
    "cloud",       "co",
    "commercial",  "communications",
    "community",   "content",
    "creative",    "customer",
    "data",        "deputy",
    "design",      "developer",
    "development", "devops",
    "devrel",      "digital",
    "ecosystem",   "emeritus",
    "engineering", "enterprise",
    "experience",  "field",
    "finance",     "for",
    "former",      "founding",
    "frontend",    "full-stack",
    "general",     "global",
    "growth",      "in",
    "industries",  "innovation",
    "interim",     "investment",
    "junior",      "learning",
    "legal",       "machine",
    "managing",    "marketing",
    "member",      "ml",
    "mobile",      "of",
    "open",        "operating",
    "operations",  "partnerships",
    "people",      "platform",
    "portfolio",   "principal",
    "product",     "program",
    "programs",    "project",
    "regional",    "relations",
    "research",    "revenue",
    "sales",       "science",
    "security",    "senior",
    "serial",      "site",
    "social",      "software",
    "solo",        "solutions",
    "source",      "sr",
    "staff",       "startup",
    "strategic",   "strategy",
    "success",     "systems",
    "talent",      "team",
    "technical",   "technology",
    "the",         "ux",
    "venture",     "vice",
};

// Pronouns as people write them behind their names, in the languages seen.
static const char *const pronouns[] = {
    "all",   "any",    "el",   "ella", "elle", "er",  "he",       "her", "hers", "him",
    "hir",   "his",    "il",   "it",   "its",  "lui", "pronouns", "she", "sie",  "siya",
    "their", "theirs", "them", "they", "xe",   "xem", "ze",       "zir",
};

static const char *const honorifics[] = {
    "dr", "mr", "mrs", "ms", "mx", "prof", "professor", "rev", "sir",
};

static const char *const degrees[] = {
    "bsc", "cfa", "cpa", "dds", "dmd", "dphil", "esq", "jd",  "lcsw", "lmft", "ma",
    "mba", "md",  "mfa", "mph", "ms",  "msc",   "pe",  "phd", "pmp",  "psyd", "rn",
};

// What an account's name says besides the organisation's name, at its end.
static const char *const account_words[] = {
    "calendar", "developer", "event", "events", "official", "presents", "team", "vc",
};

// Not enough to name an organisation: "AI Events" is not an organisation called "AI".
static const char *const generic_words[] = {
    "a",        "ai",        "all",      "and",       "area",       "art",       "arts",
    "bay",      "berlin",    "boston",   "city",      "climate",    "community", "crypto",
    "data",     "design",    "dev",      "developer", "digital",    "food",      "founder",
    "founders", "francisco", "free",     "fun",       "global",     "health",    "in",
    "la",       "live",      "local",    "london",    "music",      "my",        "new",
    "nyc",      "of",        "official", "online",    "our",        "paris",     "past",
    "private",  "product",   "public",   "san",       "sf",         "side",      "social",
    "special",  "startup",   "startups", "tech",      "technology", "the",       "upcoming",
    "virtual",  "web3",      "women",    "york",
};

static const char *const legal_forms[] = {
    "ab",  "ag",  "bv",  "co", "corp", "corporation", "gmbh", "inc", "incorporated", "limited",
    "llc", "llp", "ltd", "oy", "plc",  "pte",         "pty",  "sa",  "sarl",         "srl",
};

#define LIST(words) {words, ARRAY_LEN(words)}
static const struct {
    const char *const *words;
    size_t count;
} lists[NAME_LIST_COUNT] = {
    [NAME_LIST_COMPANY] = LIST(company_words),      [NAME_LIST_TITLE] = LIST(title_words),
    [NAME_LIST_TITLE_FILLER] = LIST(title_fillers), [NAME_LIST_PRONOUN] = LIST(pronouns),
    [NAME_LIST_HONORIFIC] = LIST(honorifics),       [NAME_LIST_DEGREE] = LIST(degrees),
    [NAME_LIST_ACCOUNT] = LIST(account_words),      [NAME_LIST_GENERIC] = LIST(generic_words),
    [NAME_LIST_LEGAL_FORM] = LIST(legal_forms),
};
#undef LIST

static int compare_word(const void *key, const void *word)
{
    return slice_compare(*(const struct slice *)key, slice_from_cstr(*(const char *const *)word));
}

const char *name_list_word(enum name_list list, size_t position)
{
    return position < lists[list].count ? lists[list].words[position] : NULL;
}

bool name_list_has(struct arena *arena, enum name_list list, struct slice word)
{
    struct slice folded = unicode_fold(arena, word);
    while (folded.len && strchr(".,;:!", folded.ptr[folded.len - 1]))
        folded.len--;
    return bsearch(&folded, lists[list].words, lists[list].count, sizeof lists[list].words[0],
                   compare_word);
}

bool name_next_word(struct slice *rest, struct slice *ret_word)
{
    *rest = slice_trim(*rest);
    size_t len = 0;
    while (len < rest->len && !strchr(" \t\n\r", rest->ptr[len]))
        len++;
    *ret_word = slice_sub(*rest, 0, len);
    *rest = slice_sub(*rest, len, rest->len);
    return len > 0;
}

size_t name_count_words(struct slice text)
{
    struct slice word;
    size_t count = 0;
    while (name_next_word(&text, &word))
        count++;
    return count;
}

bool name_is_company_word(struct arena *arena, struct slice word)
{
    return name_list_has(arena, NAME_LIST_COMPANY, word);
}

bool name_is_title_word(struct arena *arena, struct slice word)
{
    return name_list_has(arena, NAME_LIST_TITLE, word);
}

static bool any_word_in(struct arena *arena, struct slice text, enum name_list list)
{
    struct slice word;
    while (name_next_word(&text, &word))
        if (name_list_has(arena, list, word))
            return true;
    return false;
}

bool name_has_title_word(struct arena *arena, struct slice text)
{
    return any_word_in(arena, text, NAME_LIST_TITLE);
}

bool name_has_company_word(struct arena *arena, struct slice text)
{
    return any_word_in(arena, text, NAME_LIST_COMPANY);
}

bool name_is_title(struct arena *arena, struct slice text)
{
    struct slice rest = text, word;
    while (name_next_word(&rest, &word))
        if (!name_list_has(arena, NAME_LIST_TITLE, word) &&
            !name_list_has(arena, NAME_LIST_TITLE_FILLER, word))
            return false;
    return name_has_title_word(arena, text);
}
