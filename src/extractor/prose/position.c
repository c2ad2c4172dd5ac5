#include "extractor/prose/position.h"

#include "extractor/prose/company_name.h"
#include "extractor/prose/name.h"
#include "extractor/prose/title.h"
#include "lib/text/lexicon.h"
#include "lib/text/names.h"

#include <string.h>

enum { MAX_COMPANY_WORDS = 8, MAX_TITLE_WORDS = 12, MAX_SEGMENTS = 8 };

static const struct {
    const char *word, *role;
} role_words[] = {
    {"moderator", "moderator"},
    {"moderating", "moderator"},
    {"mc", "host"},
    {"emcee", "host"},
    {"host", "host"},
    {"co-host", "host"},
    {"organizer", "host"},
    {"organiser", "host"},
    {"panelist", "panelist"},
    {"panellist", "panelist"},
    {"judge", "judge"},
    {"mentor", "mentor"},
    {"speaker", "speaker"},
    {"keynote", "speaker"},
};

// "Moderator", "primary host", "Keynote Speaker": a role and nothing else.
static const char *role_of(const struct words *words, size_t from, size_t to)
{
    const char *role = NULL;
    if (to - from > 2)
        return NULL;
    for (size_t i = from; i < to; i++) {
        const char *here = NULL;
        for (size_t k = 0; k < ARRAY_LEN(role_words) && !here; k++)
            if (words_is(words, i, role_words[k].word))
                here = role_words[k].role;
        if (!here && !words_is(words, i, "primary") && !words_is(words, i, "main") &&
            !words_is(words, i, "panel") && !words_is(words, i, "event") &&
            !words_is(words, i, "guest"))
            return NULL;
        role = here ? here : role;
    }
    return role;
}

// Those who lead a company as a whole: what they are founder "of" is one.
static bool leads_company(const struct words *words, size_t at)
{
    static const char *const list[] = {"founder", "founders",  "co-founder",  "cofounder",
                                       "ceo",     "president", "owner",       "creator",
                                       "partner", "chairman",  "co-founders", "cofounders",
                                       "chair",   "cto",       "coo"};
    return WORDS_IS_ONE_OF(words, at, list);
}

// Those who make a work: what they are author "of" is none of companies.
static bool makes_works(const struct words *words, size_t at)
{
    static const char *const list[] = {"author",     "authors", "coauthor",  "co-author",
                                       "translator", "winner",  "recipient", "writer"};
    return WORDS_IS_ONE_OF(words, at, list);
}

static bool names_work(const struct words *words, size_t from, size_t to)
{
    for (size_t i = from + 1; i + 1 < to; i++)
        if (words_is(words, i, "of") && makes_works(words, i - 1))
            return true;
    return false;
}

// "an artist from San Francisco"
static bool is_place(struct arena *arena, const struct words *words, size_t from, size_t to)
{
    bool places = from < to;
    for (size_t i = from; i < to; i++)
        places &= (words->items[i].lexicon & LEXICON_PLACE) != 0;
    return places || name_is_place(arena, words_text(words, from, to));
}

// Is what stands behind "of" (at word `of`) a field of work ("Head of Data") and no company?
static bool is_field(struct arena *arena, const struct words *words, size_t of, size_t to)
{
    if (leads_company(words, of - 1))
        return false;
    // A company behind the next comma: "Head of API Development, Acme".
    bool more = to < words->count && words->items[to].gap == GAP_COMMA &&
                words->items[to].is_capital && !title_has_word(arena, words, to, to + 1);
    bool common = true;
    for (size_t i = of + 1; i < to; i++)
        common &= !words->items[i].is_capital || words->items[i].lexicon & LEXICON_WORD ||
                  (words->items[i].is_upper && words->items[i].text.len <= 4);
    return more || common;
}

static struct slice title_text(const struct words *words, size_t from, size_t to)
{
    while (from < to && (words_is(words, from, "the") || words_is(words, from, "a") ||
                         words_is(words, from, "an") || words_is(words, from, "is") ||
                         words_is(words, from, "our") || words_is(words, from, "currently")))
        from++;
    return to - from <= MAX_TITLE_WORDS ? words_text(words, from, to) : (struct slice){0};
}

static void set_company(const struct words *words, size_t from, size_t to,
                        struct position *position)
{
    // Of "at the Acme Group" the name; "The Acme Group" keeps its article.
    while (from < to && (words_is(words, from, "the") || words_is(words, from, "a")) &&
           !words->items[from].is_capital)
        from++;
    size_t end = company_name_end(words, from, true);
    // "CTO @ onepot AI": behind the mark a name may begin small.
    if (end == from && from < to && words->items[from].gap == GAP_AT) {
        end = company_name_end(words, from + 1, true);
        if (end == from + 1 || words->items[from + 1].gap != GAP_SPACE)
            end = from + 1;
    }
    if (end > to)
        end = to;
    if (end > from && !position->company.ptr)
        position->company = words_text(words, from, end);
}

static bool is_proper(const struct word *word)
{
    return word->is_capital || word->has_dot;
}

static bool is_within(struct slice inner, struct slice outer)
{
    return inner.ptr >= outer.ptr && inner.ptr < outer.ptr + outer.len;
}

static bool is_organization_word(const struct words *words, size_t at)
{
    static const char *const list[] = {
        "academy", "association", "bank",     "capital", "center",    "centre",  "club",
        "college", "collective",  "fund",     "group",   "institute", "lab",     "labs",
        "museum",  "partners",    "school",   "studio",  "studios",   "society", "university",
        "hub",     "incubator",   "ventures", "agency"};
    return WORDS_IS_ONE_OF(words, at, list);
}

// Common words, and abbreviations: a field of work ("Devices and Services", "AI/ML") rather than a
// company.
static bool is_work(const struct words *words, size_t from, size_t to)
{
    bool common = !is_organization_word(words, to - 1);
    for (size_t i = from; i < to; i++) {
        const struct word *word = &words->items[i];
        common &= !word->is_capital || word->lexicon & LEXICON_WORD ||
                  (word->is_upper && word->text.len <= 4);
    }
    // "Agentic AI" may be either; what follows decides.
    return common || words_is(words, to - 1, "ai");
}

// May what follows be the company still? Not behind one that is surely its name; a remark in brackets
// ("(W21)") and a field of work are none.
static bool is_open(const struct words *words, const struct position *position)
{
    size_t from = 0, to;
    while (from < words->count && words->items[from].text.ptr < position->company.ptr)
        from++;
    for (to = from; to < words->count && is_within(words->items[to].text, position->company);)
        to++;
    return from >= to || words->items[from].gap == GAP_OPEN || is_work(words, from, to);
}

// "VP of Engineering, AI Tools & Enablement at Acme": the words in front of the company, which follow
// the title, belong to it: surely in front of "at", else when they are common ones.
static void lengthen_title(const struct words *words, size_t from, size_t to, bool is_sure,
                           struct position *position)
{
    enum { LONGEST = 120 };
    const char *start = position->title.ptr, *last = start + position->title.len;
    const char *end = words->items[to - 1].text.ptr + words->items[to - 1].text.len;
    size_t before = from;
    while (before > 0 && words->items[before - 1].text.ptr >= last)
        before--;
    bool fits = start && start < end && end - start <= LONGEST;
    for (size_t i = before; i <= from && fits; i++)
        fits = words->items[i].gap != GAP_COLON && words->items[i].gap != GAP_PIPE &&
               words->items[i].gap != GAP_OPEN && words->items[i].gap != GAP_CLOSE;
    if (fits && (is_sure || is_work(words, before, to)))
        position->title = (struct slice){start, (size_t)(end - start)};
}

// "Director of Acme", "directrice du Bondy Blog"
static bool is_of(const struct words *words, size_t at)
{
    static const char *const list[] = {"of", "for", "de", "du",  "des", "del", "der",
                                       "do", "da",  "di", "van", "av",  "af"};
    return WORDS_IS_ONE_OF(words, at, list);
}

// "at" in other languages, where a name stands behind it: "ingeniera en Acme", "Leiterin bei Acme".
static bool is_at(const struct words *words, size_t at, size_t to)
{
    static const char *const list[] = {"en",     "em",  "na",  "no", "bei", "beim", "chez",
                                       "presso", "bij", "hos", "pa", "w",   "в",    "у"};
    return words_is(words, at, "at") ||
           (at + 1 < to && is_proper(&words->items[at + 1]) && WORDS_IS_ONE_OF(words, at, list));
}

// "TITLE at COMPANY", "TITLE @ COMPANY", "TITLE of COMPANY", "from COMPANY", in one segment.
static bool read_connected(struct arena *arena, const struct words *words, size_t from, size_t to,
                           struct position *position)
{
    // "Director of Community at Acme": the company is behind "at".
    bool has_at = false;
    for (size_t i = from + 1; i < to; i++)
        has_at |= words->items[i].gap == GAP_AT || is_at(words, i, to);
    for (size_t i = from; i < to; i++) {
        bool by_mark =
            words->items[i].gap == GAP_AT && (i > from || position->title.ptr || i == from);
        bool by_word = (is_at(words, i, to) && i > from) || words_is(words, i, "at") ||
                       words_is(words, i, "from") || words_is(words, i, "with") ||
                       (words_is(words, i, "of") && i == from && i + 1 < to &&
                        is_proper(&words->items[i + 1]));
        size_t owner = i + 1 + words_is(words, i + 1, "the");
        bool by_of = is_of(words, i) && i > from && owner < to && is_proper(&words->items[owner]) &&
                     !has_at && !makes_works(words, i - 1) &&
                     title_has_word(arena, words, from, i) && !is_field(arena, words, i, to);
        if (!by_mark && !by_word && !by_of)
            continue;
        size_t company = by_mark ? i : i + 1;
        bool titled = i > from && title_has_word(arena, words, from, i);
        if ((by_word && words_is(words, i, "with")) && !titled)
            continue;
        if (i > from && !titled && !position->title.ptr && i - from > 4)
            continue;
        if (i > from && !position->title.ptr)
            position->title = title_text(words, from, i);
        else if (i > from && !titled && !by_of && is_open(words, position)) {
            lengthen_title(words, from, i, true, position);
            position->company = (struct slice){0};
        }
        if (!words_is(words, i, "from") || !is_place(arena, words, company, to))
            set_company(words, company, to, position);
        position->is_strong |= titled || (by_mark && position->company.ptr);
        return position->company.ptr || titled;
    }
    return false;
}

// "ex Acme, Engines": what somebody was.
static bool is_earlier(const struct words *words, size_t at)
{
    static const char *const list[] = {"ex", "former", "formerly", "previously", "prev"};
    return WORDS_IS_ONE_OF(words, at, list);
}

// "CEO of Acme who will tell …", "CEO of Acme as part of our series": the position ends there.
static bool begins_clause(const struct words *words, size_t at)
{
    static const char *const list[] = {"who",   "whom",    "whose", "which",
                                       "where", "working", "based", "known"};
    // "WHO" is an organisation.
    bool is_name = at < words->count && words->items[at].is_upper;
    size_t next = at + 1 + (words_is(words, at + 1, "a") || words_is(words, at + 1, "the"));
    return (WORDS_IS_ONE_OF(words, at, list) && !is_name) ||
           (words_is(words, at, "as") && words_is(words, at + 1, "part")) ||
           (words_is(words, at, "and") && is_earlier(words, next));
}

// "of Acme with Augusta King": somebody else, behind the company.
static bool begins_companion(const struct words *words, size_t at)
{
    return words_is(words, at, "with") && at + 2 < words->count &&
           words->items[at + 1].lexicon & LEXICON_GIVEN && words->items[at + 1].is_capital &&
           words->items[at + 2].is_capital && words->items[at + 2].gap == GAP_SPACE;
}

// "CEO of Acme at 7pm": when it is.
static bool tells_hour(const struct words *words, size_t at)
{
    bool is_at = words_is(words, at, "at") || (at < words->count && words->items[at].gap == GAP_AT);
    return is_at && words_is_hour(words, at + words_is(words, at, "at"));
}

static size_t segment_end(const struct words *words, size_t from)
{
    size_t to = from + !tells_hour(words, from);
    bool placed = words_is(words, from, "of") || words_is(words, from, "from");
    while (to > from && to < words->count && !begins_clause(words, to) && !tells_hour(words, to) &&
           !(placed && begins_companion(words, to))) {
        placed |= words_is(words, to, "at") || words->items[to].gap == GAP_AT;
        enum gap gap = words->items[to].gap;
        if (gap == GAP_COMMA && words_is_legal_form(words, to)) {
            to++;
            continue;
        }
        if (gap == GAP_COMMA || gap == GAP_PIPE || gap == GAP_DASH || gap == GAP_OPEN ||
            gap == GAP_CLOSE || gap == GAP_STOP || gap == GAP_COLON)
            break;
        to++;
    }
    return to;
}

// "Acme by Engines", "Acme Lab advised by Byron"
static size_t company_end(const struct words *words, size_t from, size_t to)
{
    for (size_t i = from + 1; i < to; i++)
        if (words_is(words, i, "by") || words_is(words, i, "advised"))
            return i;
    return to;
}

// Those of many languages write title and company without a word between: "CTO Acme", and those of China,
// Japan and Korea "Acme 代表". Returns the first word of the second part, 0 when there are no two.
static size_t find_seam(struct arena *arena, const struct words *words, size_t from, size_t to)
{
    size_t last = to - 1;
    bool is_east = words->items[last].is_east_asian || words->items[from].is_east_asian;
    if (last > from && is_east && title_is_word(arena, words, last) &&
        !title_has_word(arena, words, from, last))
        return words->items[from].is_east_asian ? from + 1 : last;
    size_t seam = from;
    while (seam < to && leads_company(words, seam))
        seam++;
    bool company = seam > from && seam < to && to - seam <= 3;
    for (size_t i = seam; i < to && company; i++) {
        const struct word *word = &words->items[i];
        bool is_abbreviation = word->is_upper && word->text.len <= 4;
        company = is_proper(word) && word->gap == GAP_SPACE && !title_is_word(arena, words, i) &&
                  (i > seam || (!word->lexicon && !is_abbreviation));
    }
    return company ? seam : 0;
}

// A segment of its own: a title, a company, or the beginning of a sentence (false).
static bool read_segment(struct arena *arena, const struct words *words, size_t from, size_t to,
                         struct position *position)
{
    const char *role = role_of(words, from, to);
    if (role) {
        position->role = role;
        return true;
    }
    if (read_connected(arena, words, from, to, position))
        return true;
    size_t seam =
        position->title.ptr || position->company.ptr ? 0 : find_seam(arena, words, from, to);
    if (seam) {
        bool title_first = title_has_word(arena, words, from, seam);
        position->title = title_first ? words_text(words, from, seam) : words_text(words, seam, to);
        position->company =
            title_first ? words_text(words, seam, to) : words_text(words, from, seam);
        position->is_strong = true;
        return true;
    }
    bool titled = title_has_word(arena, words, from, to);
    if (to - from > MAX_TITLE_WORDS || (!titled && !company_name_word(&words->items[from])))
        return false;
    if (words->items[from].is_number)
        return false; // "8:00 PM"
    // "Chief Engineer, Engineering Capital"
    titled &= !position->title.ptr || !is_organization_word(words, to - 1);
    if (titled) {
        if (!position->title.ptr)
            position->title = title_text(words, from, to);
        position->is_strong = true;
        return true;
    }
    if (to - from > MAX_COMPANY_WORDS || !company_name_word(&words->items[to - 1]))
        return false;
    // "Devices and Services, Acme": fields of work stand before the company. What follows one
    // ("Acme (W21)", "Acme, Weavers") says no more.
    if (!is_open(words, position) || (position->company.ptr && words->items[from].gap == GAP_OPEN))
        return true;
    if (from > 0 && position->title.ptr)
        lengthen_title(words, from - 1, from, false, position);
    position->company = words_text(words, from, company_end(words, from, to));
    return true;
}

// "Ada Byron (CEO), Augusta King (CTO)": behind the bracket somebody else begins.
static bool is_next_person(struct arena *arena, const struct words *words, size_t at)
{
    struct found_name name;
    return name_find(arena, words, at, &name) && !name.is_alone &&
           ((name.is_known && name.score >= 1) ||
            (name.to < words->count && words->items[name.to].gap == GAP_OPEN));
}

// "CTO of Acme, and Augusta King (Engines)", "CTO, Augusta King, CEO": somebody else begins, whose own
// position follows.
static bool begins_next(struct arena *arena, const struct words *words, size_t at,
                        const struct position *position)
{
    struct found_name name;
    bool is_and = words_is_and(words, at);
    if (!name_find(arena, words, at + is_and, &name) || name.is_alone || !name.is_known ||
        name.score < NAME_SURE || words_gap_after(words, name.to - 1) == GAP_SPACE)
        return false;
    size_t end = name.to < words->count ? segment_end(words, name.to) : name.to;
    return is_and || (position->title.ptr && words->items[at].gap == GAP_COMMA &&
                      title_has_word(arena, words, name.to, end));
}

// "… Acme University (Moderator)"
static const char *role_in_brackets(const struct words *words, size_t from)
{
    for (size_t i = from; i < words->count; i++) {
        size_t to = i + 1;
        if (words->items[i].gap != GAP_OPEN)
            continue;
        while (to < words->count && words->items[to].gap == GAP_SPACE)
            to++;
        const char *role = role_of(words, i, to);
        if (role)
            return role;
    }
    return NULL;
}

// Is the position over in front of this word?
static bool begins_other(struct arena *arena, const struct words *words, size_t at)
{
    enum gap gap = words->items[at].gap;
    return gap == GAP_STOP || gap == GAP_COLON || words_gap_quotes(words, at) ||
           words_gap_has(words, at, ';') || begins_clause(words, at) ||
           begins_companion(words, at) || (gap == GAP_CLOSE && is_next_person(arena, words, at));
}

struct position position_read(struct arena *arena, const struct words *words, size_t from)
{
    struct position position = {.to = from};
    bool connected = false;
    const char *role = role_in_brackets(words, from);
    for (int i = 0; i < MAX_SEGMENTS && position.to < words->count; i++) {
        size_t start = position.to, to = segment_end(words, start);
        if (to == start)
            break;
        if (i > 0 &&
            (begins_other(arena, words, start) || begins_next(arena, words, start, &position)))
            break;
        if (i > 0 && is_earlier(words, start)) {
            position.to = to;
            break;
        }
        if (i > 0 && is_place(arena, words, start, to)) {
            position.to = to;
            continue;
        }
        struct position before = position;
        if (!read_segment(arena, words, start, to, &position)) {
            position = before;
            break;
        }
        // "Dietitian, Certified Sommelier, and researcher": what looked like companies were titles.
        bool ends_list =
            i > 0 && words_is(words, start, "and") && title_has_word(arena, words, start, to);
        if (ends_list && (!before.title.ptr || !before.company.ptr))
            position = (struct position){.title = title_text(words, from, to), .is_strong = true};
        // A company after "at", or in front of its title, stands; later segments only add a role.
        else if (connected ||
                 (before.company.ptr && before.title.ptr == NULL && position.title.ptr)) {
            position.company = before.company.ptr ? before.company : position.company;
            position.title = before.title.ptr ? before.title : position.title;
        }
        connected |= position.is_strong && position.company.ptr != NULL &&
                     before.company.ptr != position.company.ptr && to > start &&
                     (position.company.ptr != words->items[start].text.ptr);
        position.to = to;
        // What stands behind a work's name, or is a part of it, is no company.
        if (names_work(words, start, to))
            break;
    }
    if (role)
        position.role = role;
    return position;
}

struct position position_beside(struct arena *arena, const struct words *words, size_t at)
{
    size_t to = at;
    if (at < words->count && words->items[at].gap == GAP_OPEN)
        while (to < words->count && words->items[to].gap != GAP_CLOSE)
            to++;
    else if (words_is(words, at, "of") || words_is(words, at, "from"))
        to = company_name_end(words, at + 1, false);
    struct words beside = words_of(arena, words_text(words, at, to));
    struct position position = position_read(arena, &beside, 0);
    // "of Acme (W21)"
    position.to = to > at && words->items[at].gap != GAP_OPEN ? words_skip_brackets(words, to) : to;
    return position;
}
