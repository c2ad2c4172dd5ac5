// Lines that are entries of a list: of companies, or a place.
#include "extractor/prose/reading.h"

#include "extractor/prose/entity.h"
#include "lib/text/lexicon.h"
#include "lib/text/names.h"

#include <string.h>

enum { MAX_SPAN_COMPANY = 9, MAX_LISTED = 24, SHORT_LINE = 8 };

// A company's name that stands at word `from`, as an entry of a list writes it.
static size_t company_end(const struct reading *reading, size_t from, bool joins_and)
{
    size_t span = reading_span_end(reading, from, MAX_SPAN_COMPANY, false);
    return span > from ? span : position_company_run(&reading->words, from, joins_and);
}

static size_t skip_brackets(const struct words *words, size_t at)
{
    if (at >= words->count || words->items[at].gap != GAP_OPEN)
        return at;
    while (at + 1 < words->count && words->items[at + 1].gap != GAP_CLOSE)
        at++;
    return at + 1;
}

static bool is_nobody(const struct words *words, size_t from, size_t to)
{
    static const char *const list[] = {"tba",  "tbc",    "tbd",   "more",  "coming",    "you",
                                       "your", "become", "apply", "email", "contact",   "join",
                                       "and",  "to",     "be",    "a",     "we",        "our",
                                       "if",   "follow", "star",  "get",   "interested"};
    for (size_t i = from; i < to; i++)
        if (words_is_any(words, i, list, 5))
            return true;
    return WORDS_IS_ONE_OF(words, from, list) ||
           (name_is_never(&words->items[from]) && !words_is(words, from, "the")) ||
           words->items[from].is_number;
}

// "Acme, Engines and Co": entries of a list of companies in one line.
static size_t read_company_list(struct reading *reading, size_t from, const char *relation)
{
    const struct words *words = &reading->words;
    size_t ends[MAX_LISTED], starts[MAX_LISTED], count = 0, at = from;
    bool and_seen = false;
    while (at < words->count && count < MAX_LISTED) {
        if (count && words_is_and(words, at)) {
            and_seen = true;
            at++;
        }
        if (words_is(words, at, "the") && !words->items[at].is_capital)
            at++;
        size_t to = company_end(reading, at, entity_joins_and(words, at, and_seen));
        if (to == at || is_nobody(words, at, to))
            break;
        starts[count] = at, ends[count++] = to;
        at = skip_brackets(words, to);
        enum gap gap = at < words->count ? words->items[at].gap : GAP_STOP;
        bool goes_on = gap == GAP_COMMA || gap == GAP_AND || gap == GAP_PIPE ||
                       words_is_and(words, at) || words_gap_has(words, at, ',');
        if (gap == GAP_STOP || !goes_on)
            break;
    }
    bool common = true; // "Volunteering and Support" names nobody
    for (size_t i = 0; i < count; i++)
        common &= ends[i] == starts[i] + 1 && words->items[starts[i]].lexicon & LEXICON_WORD &&
                  reading_span_end(reading, starts[i], MAX_SPAN_COMPANY, false) == starts[i];
    if (common)
        count = 0;
    bool whole = at >= words->count || (count && words->items[at].gap == GAP_STOP);
    if (count > 1 && !whole)
        count = 0;
    for (size_t i = 0; i < count && count > 1; i++)
        reading_add_company(reading, starts[i], ends[i], relation, LIKELY, true);
    return count > 1 ? count : 0;
}

bool entry_read_companies(struct reading *reading, size_t from, const char *relation,
                          size_t *ret_behind)
{
    const struct words *words = &reading->words;
    *ret_behind = 0;
    if (from >= words->count || is_nobody(words, from, from + 1))
        return false;
    if (read_company_list(reading, from, relation))
        return true;
    size_t span = reading_span_end(reading, from, MAX_SPAN_COMPANY, false);
    size_t to = span > from ? span : position_company_run(words, from, true);
    if (to == from || is_nobody(words, from, to))
        return false;
    size_t behind = skip_brackets(words, to);
    enum gap gap = behind < words->count ? words->items[behind].gap : GAP_STOP;
    // "LinkedIn: linkedin.com/company/acme" is an address.
    if (gap == GAP_COLON && behind + 1 < words->count && words->items[behind].has_dot &&
        words->items[behind + 1].gap == GAP_SLASH)
        return false;
    bool ends = behind >= words->count || gap == GAP_DASH || gap == GAP_COLON || gap == GAP_COMMA ||
                gap == GAP_PIPE || gap == GAP_STOP || words_is(words, behind, "is") ||
                words_is(words, behind, "are") || words_is(words, behind, "provides");
    bool is_item = reading->line && reading->line->kind == PROSE_ITEM;
    if (!ends && span == from && !(is_item && to - from >= 1))
        return false;
    if (!ends && span == from && words->count - from > SHORT_LINE)
        return false;
    reading_add_company(reading, from, to, relation,
                        span > from && ends ? SURE
                        : ends              ? LIKELY
                                            : POSSIBLE,
                        false);
    // "Acme Labs — Ada Byron (CEO), Augusta King (CTO)"
    *ret_behind = gap == GAP_DASH || gap == GAP_COLON ? behind : 0;
    return true;
}

// ---- a place

static bool is_street(const struct words *words, size_t from, size_t to)
{
    static const char *const streets[] = {"st", "street", "ave",   "avenue", "blvd",  "road",
                                          "rd", "way",    "drive", "lane",   "floor", "suite"};
    if (words->items[from].has_digit && words->items[from].is_capital == false)
        return true;
    return to > from && WORDS_IS_ONE_OF(words, to - 1, streets);
}

// A town or a country is no venue.
static bool is_town(const struct reading *reading, size_t from, size_t to)
{
    struct slice text = words_text(&reading->words, from, to);
    struct slice key = name_normalize(reading->arena, text);
    struct slice city = name_normalize(reading->arena, record_text(reading->record, FIELD_CITY));
    struct slice ending = name_place_ending(
        reading->arena, slice_from_cstr(arena_printf(reading->arena, "x %.*s", SLICE_FMT(text))));
    static const char *const districts[] = {"downtown", "district", "city", "neighborhood", "area"};
    if (WORDS_IS_ONE_OF(&reading->words, to - 1, districts) ||
        words_is(&reading->words, from, "downtown"))
        return true;
    return slice_equal(key, city) || slice_equal(slice_trim(ending), key) ||
           (to == from + 1 && reading->words.items[from].lexicon & LEXICON_PLACE);
}

static struct company *find_venue(struct record *record)
{
    for (size_t i = 0; i < record->companies_count; i++)
        if (strcmp(record->companies[i].relationship, "venue") == 0)
            return &record->companies[i];
    return NULL;
}

bool entry_read_place(struct reading *reading, size_t from)
{
    const struct words *words = &reading->words;
    if (from < words->count && words_is(words, from, "at"))
        from++;
    if (from >= words->count || is_nobody(words, from, from + 1))
        return false;
    size_t to = company_end(reading, from, true);
    if (to == from || is_nobody(words, from, to) || is_street(words, from, to) ||
        is_town(reading, from, to))
        return false;
    enum gap gap = to < words->count ? words->items[to].gap : GAP_STOP;
    static const char *const behind[] = {"in", "for", "on", "from"};
    if (gap != GAP_COMMA && gap != GAP_STOP && gap != GAP_OPEN && gap != GAP_DASH &&
        gap != GAP_PIPE && !WORDS_IS_ONE_OF(words, to, behind))
        return false;
    struct company *known = find_venue(reading->record);
    struct slice name = words_text(words, from, to);
    if (known && known->method != METHOD_RULE &&
        slice_starts_with(name_normalize(reading->arena, name), known->key))
        known->name = name; // the structured data has a short form of it
    else if (!known)
        reading_add_company(reading, from, to, "venue", LIKELY, true);
    return true;
}
