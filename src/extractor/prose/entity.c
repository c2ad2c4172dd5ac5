#include "extractor/prose/entity.h"
#include "extractor/prose/company_name.h"

#include "extractor/prose/title.h"
#include "lib/text/lexicon.h"
#include "lib/text/names.h"

enum { MAX_SPAN = 9, MAX_PLAIN = 4, MAX_DESCRIPTION = 6 };

// A name of this score ends where it ends, whatever capitals follow.
static const double SURE_NAME = 1.2;
static const double COMPANY = -1;
static const double PROFILE = 3; // of a link to somebody's profile

static size_t skip_articles(struct arena *arena, const struct words *words, size_t at)
{
    static const char *const small[] = {
        "the",  "our",   "friends", "at",    "your", "a",       "an",      "local",
        "team", "teams", "crew",    "folks", "good", "amazing", "awesome", "wonderful",
        "very", "own",   "la",      "el",    "los",  "las",     "o",       "os",
        "le",   "les",   "l",       "der",   "die",  "das",     "dem",     "den",
        "il",   "lo",    "gli",     "het",   "de"};
    static const char *const any[] = {"dr", "prof", "professor", "mr", "ms", "mrs"};
    for (int i = 0; i < 5 && at + 1 < words->count; i++) {
        bool article = !words->items[at].is_capital &&
                       (WORDS_IS_ONE_OF(words, at, small) ||
                        name_is_title_word(arena, words->items[at].text)); // "with founder Ada"
        if (!article && !WORDS_IS_ONE_OF(words, at, any))
            break;
        at++;
    }
    return at;
}

static bool is_sure_name(struct reading *reading, size_t at)
{
    struct found_name name;
    return at < reading->words.count && reading->words.items[at].is_capital &&
           name_find(reading->arena, &reading->words, at, &name) && !name.is_alone &&
           name.is_known && name.score >= NAME_SURE;
}

// "filmmaker Ada Byron", and as the first of a list "Acme Board Member, Ada Byron": the word of the name
// behind what somebody is; `at` when nothing of that kind stands there.
static size_t skip_description(struct reading *reading, size_t at, bool is_first)
{
    const struct words *words = &reading->words;
    // "Dean Ada Byron" may be a name as a whole, "General Counsel Ada Byron" only looks like one.
    if (at >= words->count ||
        (is_sure_name(reading, at) && words->items[at].lexicon & LEXICON_GIVEN &&
         title_is_word(reading->arena, words, at)))
        return at;
    for (size_t i = at; i + 1 < words->count && i < at + MAX_DESCRIPTION; i++) {
        const struct word *word = &words->items[i];
        if ((i > at && word->gap != GAP_SPACE) || (word->is_capital && !is_first) ||
            words_is_and(words, i))
            break;
        bool follows = words->items[i + 1].gap == GAP_SPACE ||
                       (words->items[i + 1].gap == GAP_COMMA && is_first);
        if (follows &&
            (title_is_word(reading->arena, words, i) ||
             title_is_plural(reading->arena, words, i)) &&
            is_sure_name(reading, i + 1))
            return i + 1;
    }
    return at;
}

struct position entity_position_in_front(struct reading *reading, const struct entity *entity)
{
    const struct words *words = &reading->words;
    struct position position = {.to = entity->to};
    size_t at = entity->described_at, title = at;
    position.role = entity->role;
    static const char *const honours[] = {"professor", "dr", "dean", "judge"};
    bool is_honour = entity->from == at + 1 && WORDS_IS_ONE_OF(words, at, honours);
    // The title of several people is not said here; a role is none, nor is how somebody is called.
    if (at >= entity->from || position.role || is_honour ||
        title_is_plural(reading->arena, words, entity->from - 1))
        return position;
    while (title + 1 < entity->from && words->items[title].is_capital &&
           !(words->items[title].lexicon & (LEXICON_WORD | LEXICON_PLACE)) &&
           !title_is_word(reading->arena, words, title))
        title++;
    position.company = words_text(words, at, title);
    position.title = words_text(words, title, entity->from);
    return position;
}

static bool is_and(const struct words *words, size_t at)
{
    return words_is_and(words, at) || words_is(words, at, "x");
}

// "Ada Byron of Acme", "Ada Byron for the Loom Guild" is nobody's name.
static bool ends_in_front_of_company(const struct words *words, const struct found_name *name)
{
    unsigned first = words->items[name->from].lexicon;
    bool is_given = first & LEXICON_GIVEN && !(first & LEXICON_WORD);
    return name->is_known && !name->is_alone &&
           ((name->score >= NAME_SURE && words_is(words, name->to, "of")) ||
            (is_given && name->score >= 1 && words_is(words, name->to, "for")));
}

// One person or company at word `at`.
static bool find_one(struct reading *reading, size_t at, bool joins_and, struct entity *ret_entity)
{
    const struct words *words = &reading->words;
    size_t span = reading_span_end(reading, at, MAX_SPAN, false);
    size_t link = reading_span_end(reading, at, MAX_SPAN, true);
    size_t run = company_name_end(words, at, joins_and), to = run;
    struct found_name name;
    if (at >= words->count || name_is_never(&words->items[at]))
        return false;
    bool named = name_find(reading->arena, words, at, &name);
    // "@acme"
    if (to == at && words->items[at].gap == GAP_AT && words->items[at].text.ptr[-1] == '@')
        to = at + 1;
    // A span that holds a whole list is no name.
    for (size_t i = at + 1; i < span; i++)
        if (words->items[i].gap == GAP_COMMA || words_is(words, i, "and"))
            span = link > at ? link : at;
    bool is_of = named && ends_in_front_of_company(words, &name);
    if (span > at)
        to = span;
    else if (is_of)
        to = name.to;
    else if (named && (name.to > run || (name.score >= SURE_NAME && name.to - at >= 2 &&
                                         words_gap_after(words, name.to - 1) != GAP_SPACE)))
        to = name.to;
    if (to == at)
        return false;
    bool is_name = named && name.to == to;
    bool is_profile = is_name && link > at && reading_is_profile(reading, at, to);
    *ret_entity = (struct entity){.from = at,
                                  .to = to,
                                  .score = is_profile ? PROFILE
                                           : is_name  ? name.score
                                                      : COMPANY,
                                  .is_known = is_profile || (is_name && name.is_known),
                                  .is_link = span > at};
    return true;
}

// A name in small letters among others that are links: "[loom club](…), film club, and [knots](…)".
static bool find_plain(const struct words *words, const struct entity_list *list, size_t at,
                       struct entity *ret_entity)
{
    bool small = false;
    for (size_t i = 0; i < list->count; i++)
        small |= list->items[i].is_link && !words->items[list->items[i].from].is_capital;
    size_t to = at + 1;
    while (to < words->count && words->items[to].gap == GAP_SPACE && !words->items[to].is_capital)
        to++;
    *ret_entity = (struct entity){.from = at, .to = to, .score = COMPANY};
    return small && to < words->count && words->items[to].gap == GAP_COMMA &&
           to - at <= MAX_PLAIN && !is_and(words, at);
}

// "Byron & Co", "Byron & Sons"
static bool is_house(const struct words *words, size_t at)
{
    static const char *const list[] = {"co",        "company",  "sons",
                                       "daughters", "partners", "associates"};
    return WORDS_IS_ONE_OF(words, at, list);
}

bool entity_joins_and(const struct words *words, size_t from, bool and_seen)
{
    bool amp = false;
    for (size_t i = from + 1; i < words->count && words->items[i].gap != GAP_STOP; i++) {
        bool mark = words->items[i].gap == GAP_COMMA || is_and(words, i);
        if ((amp && (mark || words_is_legal_form(words, i))) ||
            (words->items[i].gap == GAP_AND && is_house(words, i)))
            return true;
        if (mark)
            break;
        amp |= words->items[i].gap == GAP_AND;
    }
    return amp && and_seen;
}

// Does a list go on behind the brackets that end in front of this word: "Asian Growers Network (AGN), Acme"?
static bool goes_on_behind(const struct words *words, size_t at)
{
    return words_gap_has(words, at, ',') || words_gap_has(words, at, '&');
}

// "Nick and Sara": first names alone. One of them at least is no other word too.
static void know_first_names(const struct words *words, struct entity_list *list)
{
    size_t clean = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct entity *entity = &list->items[i];
        unsigned lexicon = words->items[entity->from].lexicon;
        if (entity->to > entity->from + 1 || entity->is_link || !(lexicon & LEXICON_GIVEN))
            return;
        clean += !(lexicon & (LEXICON_WORD | LEXICON_PLACE));
    }
    for (size_t i = 0; i < list->count && list->count > 1 && clean; i++) {
        list->items[i].is_known = true;
        list->items[i].score = NAME_SURE;
    }
}

// What is unknown is of the kind of the others.
static void make_alike(struct entity_list *list)
{
    size_t companies = 0, people = 0;
    for (size_t i = 0; i < list->count; i++) {
        companies += list->items[i].score < 0;
        people += list->items[i].is_known && list->items[i].score >= NAME_SURE;
    }
    for (size_t i = 0; i < list->count && companies > 0 && people == 0; i++)
        if (!list->items[i].is_known)
            list->items[i].score = COMPANY;
    for (size_t i = 0; i < list->count && people > 1 && companies == 0; i++)
        list->items[i].is_known |= list->items[i].to - list->items[i].from > 1;
}

// "judges", "our host": not "Judge Ada Byron", who is called so.
static const char *role_in_front(const struct words *words, size_t at)
{
    bool is_honour = words_is(words, at, "judge") && words->items[at].is_capital;
    return is_honour ? NULL : label_read(words, at, at + 1, true).role;
}

void entity_read_list(struct reading *reading, size_t from, struct entity_list *ret_list)
{
    const struct words *words = &reading->words;
    bool and_seen = false;
    *ret_list = (struct entity_list){.to = from};
    for (size_t at = from; at < words->count && ret_list->count < ENTITY_MAX;) {
        struct entity entity;
        bool joined = ret_list->count && (is_and(words, at) || words->items[at].gap == GAP_AND);
        if (is_and(words, at) && ret_list->count) {
            and_seen = true;
            at++;
        }
        size_t described = at;
        at = skip_articles(reading->arena, words, at);
        size_t name = skip_description(reading, at, ret_list->count == 0);
        while (described < at && !title_is_word(reading->arena, words, described))
            described++;
        at = name;
        // "Ada Byron, Senior Engineer": a title and no further entry.
        if ((ret_list->count && at < words->count &&
             name_is_title_word(reading->arena, words->items[at].text)) ||
            (!find_one(reading, at, entity_joins_and(words, at, and_seen), &entity) &&
             !(at < words->count && find_plain(words, ret_list, at, &entity))))
            break;
        entity.described_at = described;
        entity.is_joined = joined;
        // "hosts Ada Byron and Augusta King"
        entity.role = described < entity.from ? role_in_front(words, entity.from - 1)
                      : ret_list->count       ? ret_list->items[ret_list->count - 1].role
                                              : NULL;
        ret_list->items[ret_list->count++] = entity;
        ret_list->to = entity.to;
        at = words_skip_brackets(words, entity.to);
        if ((at > entity.to && goes_on_behind(words, at)) || is_and(words, at))
            continue;
        enum gap gap = at < words->count ? words->items[at].gap : GAP_STOP;
        bool comma = gap == GAP_AT && words_gap_has(words, at, ',');
        if (gap != GAP_COMMA && gap != GAP_AND && gap != GAP_SLASH && !comma)
            break;
    }
    make_alike(ret_list);
    know_first_names(words, ret_list);
}

bool entity_is_person(const struct entity *entity, double needed)
{
    return entity->score >= needed && (entity->is_known || entity->score >= NAME_SURE);
}

bool entity_is_nobody(const struct words *words, size_t from, size_t to)
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
