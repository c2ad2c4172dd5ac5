#include "extractor/prose/reading.h"

#include "extractor/page/links.h"
#include "lib/text/lexicon.h"
#include "lib/text/names.h"
#include "lib/text/unicode.h"

enum { MAX_EVIDENCE = 240, LONG_NAME = 24 };

size_t reading_span_end(const struct reading *reading, size_t from, size_t max, bool only_links)
{
    const struct words *words = &reading->words;
    if (!reading->line || from >= words->count)
        return from;
    size_t start = words_offset(words, from), end = start + words->items[from].text.len;
    for (size_t i = 0; i < reading->line->span_count; i++) {
        const struct prose_span *span = &reading->line->spans[i];
        if (span->start > start || span->end < end || (only_links && !span->url.len))
            continue;
        // Nothing but marks in front of the word, within the span.
        if (from > 0 &&
            span->start < words_offset(words, from - 1) + words->items[from - 1].text.len)
            continue;
        size_t to = from;
        while (to < words->count &&
               words_offset(words, to) + words->items[to].text.len <= span->end)
            to++;
        return to - from <= max ? to : from;
    }
    return from;
}

static struct slice evidence_of(const struct reading *reading)
{
    return slice_trim(unicode_cut(reading->words.text, MAX_EVIDENCE));
}

static struct slice url_of(const struct reading *reading, size_t from, size_t to)
{
    if (!reading->line)
        return (struct slice){0};
    size_t start = words_offset(&reading->words, from);
    size_t end = words_offset(&reading->words, to - 1) + reading->words.items[to - 1].text.len;
    return link_http(reading->arena, prose_url(reading->line, start, end));
}

bool reading_is_profile(const struct reading *reading, size_t from, size_t to)
{
    return slice_find(url_of(reading, from, to), SLICE("linkedin.com/in/")) != SIZE_MAX;
}

static void set_links(struct reading *reading, size_t from, size_t to, struct slice *ret_links)
{
    struct slice url = url_of(reading, from, to);
    if (url.len)
        ret_links[link_kind(reading->arena, url)] = url;
}

void reading_add_person(struct reading *reading, size_t from, size_t to,
                        const struct position *position, const char *role, double confidence)
{
    struct person_name name =
        name_split_person(reading->arena, words_text(&reading->words, from, to));
    struct person person = {.name = name.name,
                            .title = position ? position->title : name.title,
                            .company = position ? position->company : name.company,
                            .role = position && position->role ? position->role : role,
                            .evidence = evidence_of(reading),
                            .is_general = reading->is_general,
                            .method = METHOD_RULE,
                            .confidence = confidence};
    set_links(reading, from, to, person.links);
    person.links[LINK_WEBSITE] = (struct slice){0};
    reading->added++;
    record_add_person(reading->record, person);
}

// A company's name ends where brackets or a comma begin, unless its legal form stands behind.
static size_t name_end(const struct words *words, size_t from, size_t to)
{
    for (size_t i = from + 1; i < to; i++) {
        bool is_form = words_is_legal_form(words, i);
        if (words->items[i].gap == GAP_OPEN || (words->items[i].gap == GAP_COMMA && !is_form))
            return i;
    }
    return to;
}

// "Registration is handled by Acme"
static bool is_verb(const struct word *word)
{
    static const char *const list[] = {"is", "are", "was", "were", "will", "has", "have"};
    for (size_t i = 0; i < ARRAY_LEN(list); i++)
        if (slice_equal(word->folded, slice_from_cstr(list[i])))
            return true;
    return false;
}

// Words of which a company may be named, but which stand for themselves where they stand alone.
bool reading_is_generic(const struct word *word)
{
    static const char *const list[] = {"agenda",        "ai",
                                       "art",           "artists",
                                       "arts",          "attendees",
                                       "awards",        "banking",
                                       "beer",          "biotech",
                                       "breakfast",     "brunch",
                                       "builders",      "business",
                                       "capital",       "catering",
                                       "charity",       "climate",
                                       "cocktails",     "coffee",
                                       "coming",        "commons",
                                       "community",     "companies",
                                       "creators",      "crypto",
                                       "culture",       "data",
                                       "design",        "designers",
                                       "developers",    "dinner",
                                       "drinks",        "education",
                                       "energy",        "engineers",
                                       "entrepreneurs", "experts",
                                       "faith",         "finance",
                                       "fintech",       "food",
                                       "founders",      "free",
                                       "friends",       "fun",
                                       "funding",       "guests",
                                       "health",        "healthcare",
                                       "hope",          "hosts",
                                       "industry",      "innovation",
                                       "investors",     "judges",
                                       "kindness",      "leaders",
                                       "leadership",    "learning",
                                       "local",         "love",
                                       "lunch",         "makers",
                                       "marketing",     "media",
                                       "members",       "mentors",
                                       "music",         "nature",
                                       "networking",    "online",
                                       "operators",     "others",
                                       "panelists",     "parents",
                                       "partners",      "passion",
                                       "peers",         "people",
                                       "pizza",         "prizes",
                                       "product",       "professionals",
                                       "research",      "researchers",
                                       "robotics",      "sales",
                                       "science",       "scientists",
                                       "security",      "snacks",
                                       "social",        "soon",
                                       "speakers",      "sponsors",
                                       "startups",      "students",
                                       "support",       "sustainability",
                                       "swag",          "tba",
                                       "tbd",           "tea",
                                       "teams",         "tech",
                                       "technology",    "time",
                                       "tradition",     "transportation",
                                       "travel",        "venue",
                                       "volunteering",  "volunteers",
                                       "water",         "wellness",
                                       "wine",          "women",
                                       "work",          "workshops"};
    return slice_in_sorted(word->folded, list, ARRAY_LEN(list));
}

// "powered by Modal": a capital within a sentence makes a common word a name.
static bool is_proper(const struct words *words, size_t at)
{
    return words->items[at].is_capital && !reading_is_generic(&words->items[at]) && at > 0 &&
           !words->items[at - 1].is_capital && words->items[at].gap == GAP_SPACE;
}

// A common word, or a phrase with verbs in it, names no company; among others in a list a word may.
static bool is_phrase(const struct words *words, size_t from, size_t to, bool is_set_apart)
{
    size_t small = 0, common = 0;
    for (size_t i = from; i < to; i++) {
        const struct word *word = &words->items[i];
        bool plain = word->lexicon & LEXICON_WORD && !word->is_inner && !word->is_upper;
        small += !word->is_capital && plain && word->folded.len > 3;
        if (i > from && is_verb(word))
            return true;
        common += plain && !(word->lexicon & (LEXICON_GIVEN | LEXICON_FAMILY));
    }
    const struct word *last = &words->items[to - 1];
    if (to - from > 1 && !last->is_capital && !last->is_inner && !last->has_digit &&
        last->lexicon & LEXICON_WORD && last->folded.len <= 3)
        return true; // "Made possible by"
    bool begins_small = !words->items[from].is_capital && to - from > 1;
    bool is_name = is_set_apart ? !reading_is_generic(&words->items[from]) : is_proper(words, from);
    return (small > 1 && !begins_small) || (to == from + 1 && common && !is_name);
}

static bool is_event_itself(const struct reading *reading, struct slice name)
{
    struct slice key = name_normalize(reading->arena, name);
    struct slice event = name_normalize(reading->arena, record_text(reading->record, FIELD_NAME));
    return slice_equal(key, event) ||
           (key.len >= LONG_NAME && slice_find(event, key) != SIZE_MAX &&
            name_has_company_word(reading->arena, name) && slice_starts_with(event, key));
}

// "at Acme's office"
static struct slice without_possessive(struct slice name)
{
    static const char *const endings[] = {"'s", "\u2019s"};
    for (size_t i = 0; i < ARRAY_LEN(endings); i++)
        if (slice_ends_with(name, slice_from_cstr(endings[i])) &&
            slice_find_char(name, ' ') == SIZE_MAX)
            return slice_sub(name, 0, name.len - slice_from_cstr(endings[i]).len);
    return name;
}

void reading_add_company(struct reading *reading, size_t from, size_t to, const char *relation,
                         double confidence, bool is_listed)
{
    const struct words *words = &reading->words;
    to = name_end(words, from, to);
    // An address is no name, nor is a time; a domain may be.
    if (words->items[from].is_number && to == from + 1)
        return;
    // "Table 2"
    if (to == from + 2 && words->items[to - 1].is_number &&
        words->items[from].lexicon & LEXICON_WORD)
        return;
    if (words->items[from].has_dot && to > from + 1 && words->items[from + 1].gap == GAP_SLASH)
        return;
    bool is_link = reading_span_end(reading, from, to - from, true) == to;
    bool is_bold = reading_span_end(reading, from, to - from, false) == to;
    bool is_set_apart = is_listed || is_link || (is_bold && !prose_is_bold(reading->line));
    if (is_phrase(words, from, to, is_set_apart) ||
        is_event_itself(reading, words_text(&reading->words, from, to)))
        return;
    struct company company = {.name = without_possessive(words_text(&reading->words, from, to)),
                              .relationship = relation,
                              .evidence = evidence_of(reading),
                              .is_listed = is_listed,
                              .method = METHOD_RULE,
                              .confidence = confidence};
    set_links(reading, from, to, company.links);
    company.domain = link_domain(reading->arena, company.links[LINK_WEBSITE]);
    reading->added++;
    record_add_company(reading->record, company);
}
