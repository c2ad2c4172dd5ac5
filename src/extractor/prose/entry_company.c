// Lines that are entries of a list of companies.
#include "extractor/prose/company_name.h"
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
    return span > from ? span : company_name_end(&reading->words, from, joins_and);
}

// "Acme, Engines and Co", "Acme x Engines": entries of a list of companies in one line.
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
        at += count && words_is(words, at, "x");
        if (words_is(words, at, "the") && !words->items[at].is_capital)
            at++;
        size_t to = company_end(reading, at, entity_joins_and(words, at, and_seen));
        if (to == at || entity_is_nobody(words, at, to))
            break;
        starts[count] = at, ends[count++] = to;
        at = words_skip_brackets(words, to);
        enum gap gap = at < words->count ? words->items[at].gap : GAP_STOP;
        bool goes_on = gap == GAP_COMMA || gap == GAP_AND || gap == GAP_PIPE ||
                       words_is_and(words, at) || words_is(words, at, "x") ||
                       words_gap_has(words, at, ',');
        if (gap == GAP_STOP || !goes_on)
            break;
    }
    bool common = true; // "Volunteering and Support" names nobody
    for (size_t i = 0; i < count; i++)
        common &= ends[i] == starts[i] + 1 && reading_is_generic(&words->items[starts[i]]) &&
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
    if (from >= words->count || entity_is_nobody(words, from, from + 1))
        return false;
    if (read_company_list(reading, from, relation))
        return true;
    size_t span = reading_span_end(reading, from, MAX_SPAN_COMPANY, false);
    size_t to = span > from ? span : company_name_end(words, from, true);
    if (to == from || entity_is_nobody(words, from, to))
        return false;
    size_t behind = words_skip_brackets(words, to);
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
                        behind >= words->count || (is_item && ends));
    // "Acme Labs — Ada Byron (CEO), Augusta King (CTO)"
    *ret_behind = gap == GAP_DASH || gap == GAP_COLON ? behind : 0;
    return true;
}
