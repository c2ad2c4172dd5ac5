// Lines that are entries of a list: of people, and slots of an agenda.
#include "extractor/prose/phrase.h"
#include "extractor/prose/reading.h"

#include "lib/text/lexicon.h"
#include "lib/text/names.h"

enum { MAX_SPAN_NAME = 5, MAX_LISTED = 24, MAX_SLOT_PEOPLE = 4, MAX_TITLE = 20, MAX_FRONT = 3 };

// Least scores (name.h): of one word in a list of names, of a name in a slot of an agenda.
static const double SINGLE_NAME = 1.0, SLOT_NAME = 1.3;
// What a profile behind the name adds to it.
static const double PROFILE = 2.0;

static bool is_honorific(const struct words *words, size_t at)
{
    static const char *const list[] = {"dr",      "prof",      "professor",  "mr",      "mrs",
                                       "ms",      "sir",       "rev",        "judge",   "coach",
                                       "senator", "rabbi",     "captain",    "mayor",   "dame",
                                       "hon",     "honorable", "honourable", "with",    "by",
                                       "and",     "from",      "the",        "special", "guest"};
    return WORDS_IS_ONE_OF(words, at, list);
}

static size_t skip_honorifics(const struct words *words, size_t at)
{
    for (int i = 0; i < 3 && at + 1 < words->count && is_honorific(words, at); i++)
        at++;
    return at;
}

// "Jun Hasebe 長谷部潤", "Jun Hasebe (長谷部潤)": the name once more. Returns the word behind it.
static size_t skip_repeated(const struct words *words, size_t at)
{
    bool other = at > 0 && at < words->count && words->items[at].is_east_asian &&
                 !words->items[at - 1].is_east_asian;
    enum gap gap = other ? words->items[at].gap : GAP_STOP, after = words_gap_after(words, at);
    bool alone =
        (gap == GAP_OPEN && after == GAP_CLOSE) || (gap == GAP_SPACE && after != GAP_SPACE);
    return alone ? at + 1 : at;
}

// Degrees, pronouns and remarks behind a name: ", MD", "PhD", "(she/her)", "(tbc)".
static size_t skip_degrees(const struct words *words, size_t at)
{
    static const char *const list[] = {
        "md",  "phd", "ph.d", "mba",  "msc",  "jd",  "esq", "cpa",  "cfa",  "rn",   "mph",  "dds",
        "pe",  "msw", "lsw",  "lcsw", "lmft", "mfa", "obe", "mbe",  "cbe",  "frsa", "psyd", "dphil",
        "pmp", "she", "her",  "hers", "he",   "him", "his", "they", "them", "tbc",  "tba",  "jr"};
    at = skip_repeated(words, at);
    while (at < words->count && words->items[at].gap != GAP_STOP &&
           WORDS_IS_ONE_OF(words, at, list))
        at++;
    return at;
}

// The name that begins at `from`: the span of a link or of bold text when it is written like one.
static bool find_name(struct reading *reading, size_t from, struct found_name *ret_name)
{
    const struct words *words = &reading->words;
    if (!name_find(reading->arena, words, from, ret_name))
        return false;
    size_t span = reading_span_end(reading, from, MAX_SPAN_NAME, false);
    if (span > from + 1 && span < ret_name->to) {
        struct slice text = words_text(words, from, span);
        struct words alone = words_of(reading->arena, text);
        struct found_name inner;
        if (name_find(reading->arena, &alone, 0, &inner) && inner.to == alone.count) {
            ret_name->to = span;
            ret_name->score = inner.score;
        }
    }
    return true;
}

// One of a list, with what stands beside the name.
struct listed {
    struct found_name name;
    struct position position;
};

static const char *const others[] = {"more", "others", "many", "tba", "additional"};

// "A, B (CTO) and C", each one a name, perhaps with a bracket, and nothing else; among surer ones an
// artist's name may stand. Returns how many; 0 when it is no such list.
static size_t find_list(struct reading *reading, size_t from, struct listed *ret_list)
{
    const struct words *words = &reading->words;
    size_t count = 0, sure = 0, at = from;
    bool by_comma = true;
    while (at < words->count && count < MAX_LISTED) {
        struct listed one = {0};
        by_comma &= words_gap_has(words, at, ',') || count == 0;
        if (count && words_is_and(words, at))
            at++;
        if (count && WORDS_IS_ONE_OF(words, at, others))
            break;
        at = skip_honorifics(words, at);
        if (!find_name(reading, at, &one.name))
            return 0;
        sure += one.name.score >= (one.name.is_alone ? SINGLE_NAME : SINGLE_NAME / 2);
        at = skip_degrees(words, one.name.to);
        one.position = position_beside(reading->arena, words, at);
        at = one.position.to;
        ret_list[count++] = one;
        enum gap gap = at < words->count ? words->items[at].gap : GAP_STOP;
        bool comma = words_gap_parts(words, at);
        if (gap == GAP_STOP || (gap == GAP_CLOSE && words->items[from].gap == GAP_OPEN))
            break;
        if (!comma && gap != GAP_AND && gap != GAP_SLASH && !words_is_and(words, at))
            return 0;
    }
    // "Ada Byron, Qoro Vexlund": as likely where she works.
    if (count == 2 && by_comma && !ret_list[1].name.is_known)
        return 0;
    bool most = sure == count || (sure >= 3 && sure * 3 >= count * 2);
    return count > 1 && most ? count : 0;
}

static void add_listed(struct reading *reading, const struct listed *one, const char *role)
{
    reading_add_person(reading, one->name.from, one->name.to, &one->position, role,
                       one->position.is_strong ? SURE : LIKELY);
}

// May a position stand behind the name, by what comes next?
static bool opens_position(const struct words *words, size_t at)
{
    if (at >= words->count)
        return false;
    enum gap gap = words->items[at].gap;
    if (gap == GAP_COMMA || gap == GAP_DASH || gap == GAP_PIPE || gap == GAP_AT ||
        gap == GAP_OPEN || gap == GAP_COLON || gap == GAP_SLASH || gap == GAP_CLOSE ||
        gap == GAP_OTHER)
        return true;
    return gap == GAP_SPACE && (words_is(words, at, "from") || words_is(words, at, "at") ||
                                words_is(words, at, "of") || words_is(words, at, "is"));
}

static double confidence_of(const struct found_name *name, const struct position *position,
                            double needed)
{
    double confidence = POSSIBLE;
    if (name->score >= 1)
        confidence = LIKELY;
    if (position->is_strong && name->score >= 0)
        confidence = SURE;
    if (name->score >= NAME_SURE && needed < 0)
        confidence = SURE;
    return confidence;
}

// "Ada Byron – Acme – « Looms at Scale »": a talk in quotes ends the line.
static bool ends_quoted(const struct words *words, size_t from)
{
    enum gap gap = from < words->count ? words->items[from].gap : GAP_STOP;
    return words->end == GAP_QUOTE && (gap == GAP_DASH || gap == GAP_COLON || gap == GAP_COMMA ||
                                       gap == GAP_PIPE || gap == GAP_OPEN);
}

// Is what was found enough for a person, by the rule of the place where it stands?
static bool is_enough(const struct reading *reading, const struct found_name *name,
                      const struct position *position, const struct entry_rule *rule,
                      bool is_honoured)
{
    double needed = rule->needed;
    bool is_link = reading_span_end(reading, name->from, MAX_SPAN_NAME, true) == name->to;
    bool is_profile = reading_is_profile(reading, name->from, name->to);
    bool placed = position->is_strong || position->role || is_profile;
    bool described = !placed && name->to < reading->words.count &&
                     reading->words.items[name->to].gap == GAP_DASH;
    if (rule->is_mixed && (name->is_alone || described) && !name->is_known && !placed &&
        !is_honoured && name->score < 2)
        return false;
    // A word that is nobody's name needs more than a place in the list.
    if (name->is_alone && !name->is_known && !placed && !is_link && !rule->is_mixed)
        return false;
    if (placed)
        needed -= 0.7;
    if (is_honoured || is_link)
        needed -= 0.7;
    if (is_profile)
        needed -= PROFILE;
    return name->score >= needed &&
           (position->is_strong || position->role || !rule->needs_position ||
            (name->is_known && name->score >= NAME_SURE && ends_quoted(&reading->words, name->to)));
}

static const char *const articles[] = {"a", "an", "the", "our", "currently", "one"};

// "is a", "is the", "is co-founder": not "is excited to".
static bool says_what(const struct reading *reading, size_t at)
{
    const struct words *words = &reading->words;
    return at < words->count &&
           (WORDS_IS_ONE_OF(words, at, articles) || words->items[at].is_capital ||
            name_is_title_word(reading->arena, words->items[at].text));
}

static bool is_set_apart(const struct reading *reading, const struct found_name *name)
{
    return (reading->line && reading->line->kind == PROSE_ITEM) ||
           reading_span_end(reading, name->from, MAX_SPAN_NAME, false) == name->to;
}

// "AMA: Ada Byron, CTO": a word of capitals in front of somebody's name.
static bool is_heading_of(const struct reading *reading, const struct found_name *name)
{
    const struct words *words = &reading->words;
    struct found_name next;
    return name->is_alone && words->items[name->from].is_upper && name->to < words->count &&
           words->items[name->to].gap == GAP_COLON &&
           name_find(reading->arena, words, name->to, &next) && !next.is_alone && next.is_known;
}

// "Ada Byron is …": does the sentence say who somebody is? at: the word behind "is".
static bool is_description(const struct reading *reading, const struct found_name *name,
                           const struct position *position, size_t at, double needed)
{
    bool apart = is_set_apart(reading, name);
    // Neither below a label nor of a name set apart, with a company, need it be in the words of titles.
    bool is_plain = name->is_known && !name->is_alone && name->score >= NAME_SURE &&
                    (needed < 0 || (position->company.len && apart)) &&
                    WORDS_IS_ONE_OF(&reading->words, at, articles);
    return is_plain ||
           (position->is_strong && says_what(reading, at) && (name->score >= SINGLE_NAME || apart));
}

// One person with what stands behind; returns the word behind it, `at` when there is none.
static size_t read_person(struct reading *reading, size_t at, const struct entry_rule *rule)
{
    const struct words *words = &reading->words;
    struct entry_rule here = *rule;
    struct found_name name;
    size_t start = skip_honorifics(words, at);
    bool is_honoured = start > at && !words_is(words, at, "the");
    if (start >= words->count || !find_name(reading, start, &name) || is_heading_of(reading, &name))
        return at;
    struct position position = {.to = name.to};
    size_t behind = skip_degrees(words, name.to);
    // What else the link to a profile holds is decoration: "[Ada Byron, PMP](…), Head of Looms".
    size_t linked = reading_span_end(reading, start, MAX_SPAN_NAME, true);
    if (linked > behind && reading_is_profile(reading, start, linked))
        behind = linked;
    is_honoured |= behind > name.to;
    bool is = words_is(words, behind, "is") || words_is(words, behind, "was");
    if (opens_position(words, behind))
        position = position_read(reading->arena, words, is ? behind + 1 : behind);
    else if (behind < words->count && words->items[behind].gap != GAP_STOP &&
             words->items[behind].gap != GAP_QUOTE)
        here.needed = here.needed < 0 ? 1 : here.needed + 1; // text that goes on: hardly an entry
    bool goes_on = behind < words->count && words->items[behind].gap == GAP_SPACE &&
                   name.is_alone && position.to == name.to;
    if (goes_on || (is && !is_description(reading, &name, &position, behind + 1, here.needed)) ||
        !is_enough(reading, &name, &position, &here, is_honoured))
        return at;
    if (!position.role)
        position.role = phrase_verb_role(words, position.to);
    reading_add_person(reading, name.from, name.to, &position, here.role,
                       confidence_of(&name, &position, here.needed));
    return position.to > behind ? position.to : behind;
}

bool entry_position_behind(struct reading *reading, size_t behind, struct position *ret_position)
{
    const struct words *words = &reading->words;
    bool is = words_is(words, behind, "is") || words_is(words, behind, "was");
    if (!opens_position(words, behind) || (is && !says_what(reading, behind + 1)))
        return false;
    *ret_position = position_read(reading->arena, words, is ? behind + 1 : behind);
    return ret_position->is_strong;
}

// Does somebody else follow what stands beside a person? ret_next: the word of the name.
static bool is_row_going_on(struct reading *reading, size_t at, size_t *ret_next)
{
    const struct words *words = &reading->words;
    struct found_name name;
    enum gap gap = at < words->count ? words->items[at].gap : GAP_STOP;
    if (!words_is_and(words, at) && gap != GAP_AND && gap != GAP_COMMA &&
        !words_gap_parts(words, at))
        return false;
    *ret_next = skip_honorifics(words, at + words_is_and(words, at));
    return find_name(reading, *ret_next, &name) && !name.is_alone && name.is_known &&
           name.score >= NAME_SURE;
}

bool entry_read_people(struct reading *reading, size_t from, struct entry_rule rule)
{
    struct listed list[MAX_LISTED];
    size_t at = skip_honorifics(&reading->words, from);
    size_t count = rule.needs_position ? 0 : find_list(reading, at, list);
    for (size_t i = 0; i < count; i++)
        add_listed(reading, &list[i], rule.role);
    if (count)
        return true;
    size_t to = read_person(reading, from, &rule), start = from;
    bool found = to > from;
    // "Ada Byron, CTO of Acme, and Augusta King (Engines)"
    rule.needed = rule.needed > SLOT_NAME ? rule.needed : SLOT_NAME;
    while (to > start && is_row_going_on(reading, to, &start))
        to = read_person(reading, start, &rule);
    return found;
}

bool entry_read_row(struct reading *reading, size_t from, const char *role)
{
    struct listed list[MAX_LISTED];
    size_t count = find_list(reading, from, list), placed = 0;
    for (size_t i = 0; i < count; i++)
        placed += list[i].position.company.len || list[i].position.is_strong;
    if (count < 3 || placed < count)
        return false;
    for (size_t i = 0; i < count; i++)
        add_listed(reading, &list[i], role);
    return true;
}

// ---- slots

static bool begins_part(enum gap gap)
{
    return gap == GAP_COMMA || gap == GAP_COLON || gap == GAP_DASH || gap == GAP_PIPE ||
           gap == GAP_QUOTE || gap == GAP_OPEN || gap == GAP_CLOSE;
}

static bool ends_part(const struct words *words, size_t at)
{
    enum gap gap = at < words->count ? words->items[at].gap : GAP_STOP;
    return gap == GAP_STOP || gap == GAP_AND || begins_part(gap) || words_is_and(words, at);
}

// "**TITLE** — NAME": a talk and who gives it. ("TITLE, by NAME" may as well be a book.)
static bool follows_title(const struct reading *reading, size_t from, size_t at)
{
    const struct words *words = &reading->words;
    bool is_quoted = from < words->count && words->items[from].gap == GAP_QUOTE;
    return at > from && words->items[at].gap == GAP_DASH &&
           (is_quoted || reading_span_end(reading, from, MAX_TITLE, false) == at);
}

// "**Ada Byron, Acme**: Looms at Scale"
static bool heads_title(const struct reading *reading, size_t at, size_t to)
{
    const struct words *words = &reading->words;
    return to < words->count && words->items[to].gap == GAP_COLON &&
           reading_span_end(reading, at, MAX_TITLE, false) == to;
}

// "founded by Ada Byron", "backed by Acme and Ada Byron": who made or likes something is not on the
// programme for it.
static bool follows_maker(const struct words *words, size_t from, size_t at)
{
    static const char *const made[] = {"founded", "backed",   "built",   "created", "directed",
                                       "edited",  "started",  "owned",   "written", "funded",
                                       "trusted", "inspired", "endorsed"};
    for (size_t i = from + 1; i < at; i++)
        if (words_is(words, i, "by") && WORDS_IS_ONE_OF(words, i - 1, made))
            return true;
    return false;
}

// "Talk 2: …": what begins so names who gives it.
static bool begins_talk(const struct words *words, size_t from)
{
    static const char *const list[] = {"talk",     "session",   "demo",        "keynote",
                                       "workshop", "lightning", "presentation"};
    bool article = words_is(words, from, "a") || words_is(words, from, "the");
    return WORDS_IS_ONE_OF(words, from + article, list);
}

// "Acme, Ada Byron", "Acme.com - Ada Byron": whose slot it is stands in front.
static struct slice company_in_front(const struct words *words, size_t from, size_t at)
{
    bool is_name = at > from && at - from <= MAX_FRONT &&
                   (words->items[at].gap == GAP_COMMA || words->items[at].gap == GAP_DASH);
    bool common = true;
    for (size_t i = from; i < at && is_name; i++) {
        const struct word *word = &words->items[i];
        is_name = (word->is_capital || word->is_inner || word->has_dot) &&
                  (i == from || word->gap == GAP_SPACE) && !word->is_number;
        common &= word->lexicon & LEXICON_WORD && !word->is_inner;
    }
    return is_name && !common ? words_text(words, from, at) : (struct slice){0};
}

// "Ada Byron & Augusta King": returns how many. ret_next: the word behind.
static size_t find_slot_people(struct reading *reading, size_t at, struct found_name *ret_names,
                               size_t *ret_next)
{
    const struct words *words = &reading->words;
    size_t count = 0, next = at;
    while (count < MAX_SLOT_PEOPLE && find_name(reading, next, &ret_names[count]) &&
           !ret_names[count].is_alone && ret_names[count].is_known &&
           ret_names[count].score >= SLOT_NAME && ends_part(words, ret_names[count].to)) {
        next = ret_names[count++].to;
        if (next >= words->count ||
            (words->items[next].gap != GAP_AND && !words_is_and(words, next)))
            break;
        next += words_is_and(words, next);
    }
    *ret_next = next;
    return count;
}

// "Panel: Looms at Scale (Ada Byron, Augusta King and Qoro Vexlund)"
static bool read_slot_brackets(struct reading *reading, size_t from, const char *role)
{
    struct listed list[MAX_LISTED];
    size_t count = 0;
    for (size_t at = from + 1; at < reading->words.count && !count; at++)
        if (reading->words.items[at].gap == GAP_OPEN)
            count = find_list(reading, at, list);
    for (size_t i = 0; i < count; i++)
        add_listed(reading, &list[i], role);
    return count > 0;
}

// "“A marvel.” — Ada Byron": a whole sentence in quotes is praise, no talk's title.
static bool is_praise(const struct words *words, size_t at)
{
    return words->items[at].gap == GAP_DASH && words_gap_quotes(words, at) &&
           words_gap_has(words, at, '.');
}

bool entry_read_slot(struct reading *reading, size_t from, const char *role, bool needs_position)
{
    const struct words *words = &reading->words;
    bool found = false;
    if (!needs_position && read_slot_brackets(reading, from, role))
        return true;
    for (size_t at = from; at < words->count; at++) {
        struct found_name names[MAX_SLOT_PEOPLE];
        bool joined = found && at == from + 1;
        if ((at > from && !joined && !begins_part(words->items[at].gap) &&
             !words_is_by(words, at - 1) && !words_is_with(words, at - 1)) ||
            is_praise(words, at) || follows_maker(words, from, at))
            continue;
        size_t next, count = find_slot_people(reading, at, names, &next);
        if (count == 0)
            continue;
        struct position position = {.to = next};
        if (next < words->count && words->items[next].gap != GAP_QUOTE)
            position = position_read(reading->arena, words, next);
        if (!position.company.ptr && !name_is_title(reading->arena, words_text(words, from, at)))
            position.company = company_in_front(words, from, at);
        // "Looms at Scale (Ada Byron, CTO)"; a name alone in brackets may be anybody's.
        bool in_brackets = at > from && words->items[at].gap == GAP_OPEN;
        if (needs_position && !position.is_strong && !follows_title(reading, from, at) &&
            !heads_title(reading, at, position.to) && (in_brackets || !begins_talk(words, from)))
            continue;
        for (size_t i = 0; i < count; i++)
            reading_add_person(reading, names[i].from, names[i].to, &position, role,
                               position.is_strong ? SURE : LIKELY);
        found = true;
        // "Ada Byron (Acme) x Augusta King (Engines)"
        if (!words_is(words, position.to, "x") && !words_is_and(words, position.to))
            break;
        from = at = position.to;
    }
    return found;
}
