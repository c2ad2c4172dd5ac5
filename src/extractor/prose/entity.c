#include "extractor/prose/entity.h"

#include "lib/text/names.h"

enum { MAX_SPAN = 9, MAX_PLAIN = 4 };

// A name of this score ends where it ends, whatever capitals follow.
static const double SURE_NAME = 1.2;
static const double COMPANY = -1;
static const double PROFILE = 3; // of a link to somebody's profile

static size_t skip_articles(struct arena *arena, const struct words *words, size_t at)
{
    static const char *const small[] = {"the",  "our",     "friends", "at",       "your", "a",
                                        "an",   "local",   "team",    "teams",    "crew", "folks",
                                        "good", "amazing", "awesome", "wonderful"};
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

static bool is_and(const struct words *words, size_t at)
{
    return words_is_and(words, at) || words_is(words, at, "x");
}

// One person or company at word `at`.
static bool find_one(struct reading *reading, size_t at, bool joins_and, struct entity *ret_entity)
{
    const struct words *words = &reading->words;
    size_t span = reading_span_end(reading, at, MAX_SPAN, false);
    size_t link = reading_span_end(reading, at, MAX_SPAN, true);
    size_t run = position_company_run(words, at, joins_and), to = run;
    struct found_name name;
    if (at >= words->count || name_is_never(&words->items[at]))
        return false;
    bool named = name_find(reading->arena, words, at, &name);
    // A span that holds a whole list is no name.
    for (size_t i = at + 1; i < span; i++)
        if (words->items[i].gap == GAP_COMMA || words_is(words, i, "and"))
            span = link > at ? link : at;
    // "Ada Byron of Acme" is nobody's name.
    bool is_of = named && name.is_known && name.score >= NAME_SURE && !name.is_alone &&
                 words_is(words, name.to, "of");
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

bool entity_joins_and(const struct words *words, size_t from, bool and_seen)
{
    bool amp = false;
    for (size_t i = from + 1; i < words->count && words->items[i].gap != GAP_STOP; i++) {
        bool mark = words->items[i].gap == GAP_COMMA || is_and(words, i);
        if (amp && (mark || words_is_legal_form(words, i)))
            return true;
        if (mark)
            break;
        amp |= words->items[i].gap == GAP_AND;
    }
    return amp && and_seen;
}

// An acronym in brackets behind a company: "Asian Growers Network (AGN)".
static size_t skip_brackets(const struct words *words, size_t at, bool *ret_comma)
{
    *ret_comma = false;
    if (at >= words->count || words->items[at].gap != GAP_OPEN)
        return at;
    while (at + 1 < words->count && words->items[at + 1].gap != GAP_CLOSE)
        at++;
    *ret_comma = words_gap_has(words, at + 1, ',') || words_gap_has(words, at + 1, '&');
    return at + 1;
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
}

void entity_read_list(struct reading *reading, size_t from, struct entity_list *ret_list)
{
    const struct words *words = &reading->words;
    bool comma, and_seen = false;
    *ret_list = (struct entity_list){.to = from};
    for (size_t at = from; at < words->count && ret_list->count < ENTITY_MAX;) {
        struct entity entity;
        if (is_and(words, at) && ret_list->count) {
            and_seen = true;
            at++;
        }
        at = skip_articles(reading->arena, words, at);
        // "Ada Byron, Senior Engineer": a title and no further entry.
        if ((ret_list->count && at < words->count &&
             name_is_title_word(reading->arena, words->items[at].text)) ||
            (!find_one(reading, at, entity_joins_and(words, at, and_seen), &entity) &&
             !(at < words->count && find_plain(words, ret_list, at, &entity))))
            break;
        ret_list->items[ret_list->count++] = entity;
        ret_list->to = entity.to;
        at = skip_brackets(words, entity.to, &comma);
        if (comma || is_and(words, at))
            continue;
        enum gap gap = at < words->count ? words->items[at].gap : GAP_STOP;
        if (gap != GAP_COMMA && gap != GAP_AND && gap != GAP_SLASH)
            break;
    }
    make_alike(ret_list);
}

bool entity_is_person(const struct entity *entity, double needed)
{
    return entity->score >= needed && (entity->is_known || entity->score >= NAME_SURE);
}
