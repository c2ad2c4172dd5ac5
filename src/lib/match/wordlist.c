#include "lib/match/wordlist.h"

#include "data.gen.h"
#include "lib/base/ensure.h"
#include "lib/match/similar.h"

#include <pthread.h>
#include <string.h>

enum {
    ARENA_BYTES = 8 * 1024 * 1024,
    PLACES = 16384, // of each table; a power of two
    MAX_FULL = PLACES / 2,
    MIN_LONG_PLACEHOLDER = 12,
};

struct entry {
    struct slice word; // absent: a free place
    struct slice value;
};

static struct arena *arena; // of the tables, for the life of the process
static struct entry *nicknames, *frequencies, *legal_forms, *companies;
static pthread_once_t once = PTHREAD_ONCE_INIT;

// ---- hash tables: open addressing

static uint64_t hash_text(struct slice text)
{
    uint64_t hash = 0xcbf29ce484222325; // FNV-1a
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.ptr[i]) * 0x100000001b3;
    return hash ^ (hash >> 32);
}

static struct entry *place_of(struct entry *table, struct slice word)
{
    size_t place = hash_text(word) & (PLACES - 1);
    while (table[place].word.ptr && !slice_equal(table[place].word, word))
        place = (place + 1) & (PLACES - 1);
    return &table[place];
}

static struct entry *read_table(struct slice text)
{
    struct entry *table = ARENA_ARRAY(arena, PLACES, struct entry);
    size_t count = 0;
    struct slice line;
    while (slice_split_next(&text, '\n', &line)) {
        struct slice word;
        if (line.len == 0)
            continue;
        slice_split_next(&line, '\t', &word);
        struct entry *entry = place_of(table, word);
        ensure(++count <= MAX_FULL && !entry->word.ptr);
        *entry = (struct entry){word, line};
    }
    return table;
}

// Every name of a row leads to the row's number.
static struct entry *read_rows(struct slice text)
{
    struct entry *table = ARENA_ARRAY(arena, PLACES, struct entry);
    struct slice line, name;
    for (unsigned row = 1; slice_split_next(&text, '\n', &line); row++)
        while (slice_split_next(&line, '\t', &name)) {
            if (name.len == 0)
                continue;
            struct entry *entry = place_of(table, name);
            ensure(!entry->word.ptr);
            *entry = (struct entry){name, slice_from_cstr(arena_printf(arena, "%u", row))};
        }
    return table;
}

static void read_tables(void)
{
    arena = arena_new(ARENA_BYTES);
    nicknames = read_table(data_nicknames);
    frequencies = read_table(data_name_frequencies);
    legal_forms = read_table(data_legal_forms);
    companies = read_rows(data_company_aliases);
}

// ---- questions

// Is the word one of those with spaces between?
static bool has_word(struct slice list, struct slice word)
{
    struct slice each;
    while (slice_split_next(&list, ' ', &each))
        if (slice_equal(each, word))
            return true;
    return false;
}

bool wordlist_are_nicknames(struct slice a, struct slice b)
{
    pthread_once(&once, read_tables);
    struct slice of_a = place_of(nicknames, a)->value, of_b = place_of(nicknames, b)->value;
    return has_word(of_a, b) || has_word(of_b, a);
}

static uint32_t initial_bit(struct slice word)
{
    return word.len && word.ptr[0] >= 'a' && word.ptr[0] <= 'z' ? 1U << (word.ptr[0] - 'a') : 0;
}

struct slice wordlist_nicknames(struct slice name)
{
    pthread_once(&once, read_tables);
    return place_of(nicknames, name)->value;
}

uint32_t wordlist_name_initials(struct slice word)
{
    uint32_t bits = initial_bit(word);
    struct slice forms = wordlist_nicknames(word), each;
    while (slice_split_next(&forms, ' ', &each))
        bits |= initial_bit(each);
    return bits;
}

unsigned wordlist_name_frequency(struct slice word)
{
    pthread_once(&once, read_tables);
    int64_t count;
    return slice_to_int(place_of(frequencies, word)->value, &count) ? (unsigned)count : 0;
}

unsigned wordlist_known_company(struct slice name)
{
    pthread_once(&once, read_tables);
    int64_t row;
    return slice_to_int(place_of(companies, name)->value, &row) ? (unsigned)row : 0;
}

bool wordlist_is_legal_form(struct slice text)
{
    pthread_once(&once, read_tables);
    return place_of(legal_forms, text)->word.ptr;
}

static const char *const particles[] = {
    "al", "bin", "d",  "da",  "das", "de", "del", "della", "den", "der", "des", "di",  "do", "dos",
    "du", "e",   "el", "ibn", "i",   "la", "le",  "ten",   "ter", "van", "vom", "von", "y",  "zu",
};
static const char *const generations[] = {"ii", "iii", "iv", "jr", "jnr", "junior", "snr", "sr"};

// Words that companies add to their names and leave away again.
static const char *const general_words[] = {
    "agency",
    "associates",
    "brand",
    "brands",
    "business",
    "careers",
    "communication",
    "communications",
    "companies",
    "company",
    "computer",
    "computers",
    "computing",
    "consultancy",
    "consultants",
    "consulting",
    "corporate",
    "development",
    "devices",
    "electronics",
    "engineering",
    "enterprise",
    "enterprises",
    "foundation",
    "global",
    "group",
    "holding",
    "holdings",
    "hosting",
    "hq",
    "industries",
    "industry",
    "international",
    "internet",
    "it",
    "jobs",
    "limited",
    "management",
    "media",
    "network",
    "networking",
    "networks",
    "online",
    "org",
    "partners",
    "platforms",
    "products",
    "project",
    "recruiting",
    "recruitment",
    "service",
    "services",
    "software",
    "solution",
    "solutions",
    "system",
    "systems",
    "team",
    "tech",
    "technologies",
    "technology",
    "telecom",
    "web",
    "worldwide",
};

// Words that name a part, a product or a sister of what stands before them.
static const char *const unit_words[] = {
    "academy",   "ai",      "analytics", "apm",       "bank",     "capital",  "cloud",
    "data",      "defence", "defense",   "devops",    "digital",  "energy",   "finance",
    "financial", "games",   "health",    "insurance", "labs",     "lab",      "life",
    "maps",      "mobile",  "motors",    "music",     "open",     "pay",      "photonics",
    "platform",  "quantum", "racing",    "research",  "robotics", "security", "source",
    "space",     "studio",  "studios",   "ventures",  "x",
};

static const char *const places[] = {
    "africa",    "america",  "amsterdam",   "apac",     "argentina", "asia",        "australia",
    "austin",    "austria",  "bangalore",   "beijing",  "belgium",   "bengaluru",   "berlin",
    "boston",    "brasil",   "brazil",      "canada",   "chicago",   "china",       "czech",
    "danmark",   "denmark",  "deutschland", "dubai",    "emea",      "espana",      "estonia",
    "europe",    "finland",  "france",      "germany",  "hungary",   "iberia",      "india",
    "indonesia", "ireland",  "israel",      "italia",   "italy",     "japan",       "korea",
    "la",        "latam",    "london",      "malaysia", "mexico",    "miami",       "netherlands",
    "nordic",    "norway",   "nyc",         "pakistan", "paris",     "philippines", "poland",
    "polska",    "portugal", "romania",     "russia",   "schweiz",   "seattle",     "sf",
    "shanghai",  "shenzhen", "singapore",   "spain",    "suisse",    "sweden",      "switzerland",
    "sydney",    "taipei",   "taiwan",      "tokyo",    "toronto",   "turkey",      "uk",
    "ukraine",   "us",       "usa",         "vietnam",
};
static const char *const links[] = {"a", "an", "and", "de", "et", "for", "of", "the", "und", "y"};
static const char *const public_suffixes[] = {"ac", "co",  "com", "edu", "go", "gov",
                                              "ne", "net", "or",  "org", "ltd"};
static const char *const placeholders[] = {
    "aaa",
    "anonymous",
    "at home",
    "between jobs",
    "consultant",
    "contractor",
    "dsadsadsadsad",
    "free agent",
    "freelance",
    "freelancer",
    "freelancing",
    "home",
    "home office",
    "homeoffice",
    "independent",
    "independent consultant",
    "independent contractor",
    "independent developer",
    "independent researcher",
    "independent user",
    "indie",
    "individual",
    "job seeker",
    "keine",
    "looking for work",
    "me",
    "myself",
    "n a",
    "na",
    "nil",
    "no",
    "no affiliation",
    "no company",
    "none",
    "not applicable",
    "not available",
    "null",
    "open to work",
    "other",
    "private",
    "retired",
    "self",
    "self employed",
    "selfemployed",
    "stealth",
    "stealth company",
    "stealth mode",
    "stealth startup",
    "student",
    "tba",
    "tbc",
    "tbd",
    "test",
    "unaffiliated",
    "unaffiliation",
    "unemployed",
    "university",
    "unknown",
    "various",
    "没有",
    "無所属",
    "フリーランス",
};

static bool in_list(struct slice word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (word.len && list[i][0] == word.ptr[0] && slice_equal(word, slice_from_cstr(list[i])))
            return true;
    return false;
}
#define IN_LIST(word, list) in_list(word, list, ARRAY_LEN(list))

bool wordlist_is_particle(struct slice word)
{
    return IN_LIST(word, particles);
}

bool wordlist_is_generation(struct slice word)
{
    return IN_LIST(word, generations);
}

bool wordlist_is_general(struct slice word)
{
    return IN_LIST(word, general_words);
}

bool wordlist_is_unit(struct slice word)
{
    return IN_LIST(word, unit_words);
}

bool wordlist_is_place(struct slice word)
{
    return IN_LIST(word, places);
}

bool wordlist_is_link(struct slice word)
{
    return IN_LIST(word, links);
}

bool wordlist_is_public_suffix(struct slice word)
{
    return IN_LIST(word, public_suffixes);
}

bool wordlist_is_placeholder(struct slice text)
{
    if (text.len == 0 || IN_LIST(text, placeholders))
        return true;
    if (text.len < MIN_LONG_PLACEHOLDER)
        return false;
    // Long ones are misspelt a lot.
    for (size_t i = 0; i < ARRAY_LEN(placeholders); i++) {
        struct slice known = slice_from_cstr(placeholders[i]);
        if (known.len >= MIN_LONG_PLACEHOLDER && similar_edits(text, known, 3) <= 3)
            return true;
    }
    return slice_starts_with(text, SLICE("independent user"));
}
