// Phrases in running text that say who gives, supports or appears at an event.
#include "extractor/prose/reading.h"

#include "lib/text/names.h"

#include <string.h>

enum { MAX_ENTITIES = 12, MAX_SPAN = 9 };

// A name of this score ends where it ends, whatever capitals follow.
static const double PEOPLE_TOO = 1.2;

static const struct phrase {
    const char *words;    // folded, single spaces
    const char *role;     // of people, or NULL
    const char *relation; // of companies, or NULL
    double needed;
} phrases[] = {
    {"brought to you by", "host", "host", 1.2},
    {"co-hosted by", "host", "host", 1.2},
    {"cohosted by", "host", "host", 1.2},
    {"co hosted by", "host", "host", 1.2},
    {"hosted by", "host", "host", 1.2},
    {"hosted with", "host", "host", 1.2},
    {"co-hosted with", "host", "host", 1.2},
    {"organized by", "host", "host", 1.2},
    {"organised by", "host", "host", 1.2},
    {"co-organized by", "host", "host", 1.2},
    {"presented by", "host", "host", 1.2},
    {"produced by", "host", "host", 1.2},
    {"curated by", "host", "host", 1.2},
    {"in partnership with", NULL, "partner", 1.2},
    {"in collaboration with", NULL, "partner", 1.2},
    {"partnering with", NULL, "partner", 1.2},
    {"partnered with", NULL, "partner", 1.2},
    {"teaming up with", NULL, "partner", 1.2},
    {"teamed up with", NULL, "partner", 1.2},
    {"sponsored by", NULL, "sponsor", 1.2},
    {"powered by", NULL, "sponsor", 1.2},
    {"supported by", NULL, "sponsor", 1.2},
    {"made possible by", NULL, "sponsor", 1.2},
    {"thanks to our sponsors", NULL, "sponsor", 1.2},
    {"thanks to our sponsor", NULL, "sponsor", 1.2},
    {"our sponsors", NULL, "sponsor", 1.2},
    {"our sponsor", NULL, "sponsor", 1.2},
    {"food sponsor", NULL, "sponsor", 1.2},
    {"drinks sponsor", NULL, "sponsor", 1.2},
    {"courtesy of", NULL, "sponsor", 1.2},
    {"moderated by", "moderator", NULL, 0.4},
    {"judged by", "judge", NULL, 0.4},
    {"keynote by", "speaker", NULL, 0.4},
    {"keynote from", "speaker", NULL, 0.4},
    {"keynote speaker", "speaker", NULL, 0.4},
    {"keynote with", "speaker", NULL, 0.4},
    {"talk by", "speaker", NULL, 0.4},
    {"talk from", "speaker", NULL, 0.4},
    {"talk with", "speaker", NULL, 1.0},
    {"talks by", "speaker", NULL, 0.4},
    {"talks from", "speaker", NULL, 0.4},
    {"lecture by", "speaker", NULL, 0.4},
    {"presentation by", "speaker", NULL, 0.4},
    {"presentation from", "speaker", NULL, 0.4},
    {"presentations by", "speaker", NULL, 0.4},
    {"demo by", "speaker", NULL, 0.4},
    {"demos by", "speaker", NULL, 0.4},
    {"workshop by", "speaker", NULL, 0.4},
    {"workshop with", "speaker", NULL, 1.0},
    {"session by", "speaker", NULL, 0.4},
    {"session with", "speaker", NULL, 1.0},
    {"class with", "speaker", NULL, 1.0},
    {"led by", "speaker", NULL, 1.0},
    {"facilitated by", "speaker", NULL, 0.4},
    {"guided by", "speaker", NULL, 1.0},
    {"taught by", "speaker", NULL, 0.4},
    {"instructed by", "speaker", NULL, 0.4},
    {"delivered by", "speaker", NULL, 1.0},
    {"remarks by", "speaker", NULL, 0.4},
    {"remarks from", "speaker", NULL, 0.4},
    {"performance by", "speaker", NULL, 0.8},
    {"performances by", "speaker", NULL, 0.8},
    {"fireside chat with", "speaker", NULL, 0.4},
    {"fireside with", "speaker", NULL, 0.4},
    {"fireside chat between", "speaker", NULL, 0.4},
    {"fireside chat", "speaker", NULL, 1.6},
    {"fireside", "speaker", NULL, 1.6},
    {"in conversation with", "speaker", NULL, 0.4},
    {"conversation with", "speaker", NULL, 0.8},
    {"conversation between", "speaker", NULL, 0.8},
    {"interview with", "speaker", NULL, 0.8},
    {"q&a with", "speaker", NULL, 0.4},
    {"ama with", "speaker", NULL, 0.4},
    {"special guest", "speaker", NULL, 0.4},
    {"special guests", "speaker", NULL, 0.4},
    {"guest speaker", "speaker", NULL, 0.4},
    {"guest speakers", "speaker", NULL, 0.4},
    {"hear from", "speaker", NULL, 1.2},
    {"joined by", "speaker", NULL, 1.0},
    {"featuring", "speaker", NULL, 1.2},
    {"feat", "speaker", NULL, 1.0},
    {"ft", "speaker", NULL, 1.0},
    {"panelists include", "panelist", NULL, 0.4},
    {"speakers include", "speaker", NULL, 0.4},
    {"speakers", "speaker", NULL, 2.0},
    {"panelists", "panelist", NULL, 1.2},
    {"your host", "host", NULL, 1.0},
    {"your hosts", "host", NULL, 1.0},
};

struct entity {
    size_t from, to;
    double score; // of a name
    bool is_link;
};

// Does the phrase stand at word `at`? Returns the word behind it, or 0.
static size_t phrase_end(const struct words *words, size_t at, const char *phrase)
{
    struct slice rest = slice_from_cstr(phrase), part;
    while (slice_split_next(&rest, ' ', &part)) {
        if (at >= words->count || !slice_equal(words->items[at].folded, part))
            return 0;
        at++;
        if (rest.ptr && at < words->count && words->items[at].gap != GAP_SPACE &&
            words->items[at].gap != GAP_OTHER)
            return 0;
    }
    return at;
}

static const struct phrase *find_phrase(const struct words *words, size_t at, size_t *ret_end)
{
    const struct phrase *best = NULL;
    *ret_end = 0;
    for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
        struct slice first = words->items[at].folded;
        if (first.len == 0 || first.ptr[0] != phrases[i].words[0])
            continue;
        size_t end = phrase_end(words, at, phrases[i].words);
        if (end > *ret_end)
            best = &phrases[i], *ret_end = end;
    }
    return best;
}

static size_t skip_articles(const struct words *words, size_t at)
{
    static const char *const list[] = {"the",  "our",       "friends", "at", "your",  "dr",
                                       "prof", "professor", "mr",      "ms", "good",  "amazing",
                                       "team", "folks",     "a",       "an", "local", "awesome"};
    for (int i = 0; i < 4 && at + 1 < words->count; i++) {
        bool skip = false;
        for (size_t k = 0; k < ARRAY_LEN(list); k++)
            skip |= words_is(words, at, list[k]) && (!words->items[at].is_capital || k >= 5);
        if (!skip)
            break;
        at++;
    }
    return at;
}

// One person or company at word `at`.
static bool find_entity(struct reading *reading, size_t at, bool joins_and,
                        struct entity *ret_entity)
{
    const struct words *words = &reading->words;
    size_t span = reading_span_end(reading, at, MAX_SPAN, false);
    size_t run = position_company_run(words, at, joins_and);
    size_t link = reading_span_end(reading, at, MAX_SPAN, true);
    struct found_name name;
    bool named = name_find(reading->arena, words, at, &name);
    // A span that holds a whole list is no name.
    for (size_t i = at + 1; i < span; i++)
        if (words->items[i].gap == GAP_COMMA || words_is(words, i, "and"))
            span = at;
    size_t to = link > at ? link : span > at ? span : run;
    if (named && name.to > to)
        to = name.to;
    if (named && span == at && name.score >= PEOPLE_TOO && name.to < run && name.to - at >= 2)
        to = name.to;
    if (to == at)
        return false;
    *ret_entity = (struct entity){.from = at,
                                  .to = to,
                                  .score = named && name.to == to ? name.score : -1,
                                  .is_link = link > at};
    return true;
}

static bool is_and(const struct words *words, size_t at)
{
    return words_is(words, at, "and") || words_is(words, at, "x");
}

// "&" joins when the list has other marks between its entries.
static bool list_has_marks(const struct words *words, size_t from)
{
    for (size_t i = from + 1; i < words->count && words->items[i].gap != GAP_STOP; i++)
        if (words->items[i].gap == GAP_COMMA || is_and(words, i))
            return true;
    return false;
}

static size_t skip_brackets(const struct words *words, size_t at)
{
    if (at >= words->count || words->items[at].gap != GAP_OPEN)
        return at;
    while (at + 1 < words->count && words->items[at + 1].gap != GAP_CLOSE)
        at++;
    return at + 1;
}

static bool add_entity(struct reading *reading, const struct entity *entity,
                       const struct phrase *phrase)
{
    const struct words *words = &reading->words;
    bool is_person = phrase->role && entity->score >= phrase->needed;
    if (is_person) {
        struct position position = {.to = entity->to};
        enum gap gap = entity->to < words->count ? words->items[entity->to].gap : GAP_STOP;
        if (gap == GAP_COMMA || gap == GAP_OPEN || gap == GAP_DASH || gap == GAP_AT ||
            words_is(words, entity->to, "from") || words_is(words, entity->to, "of") ||
            words_is(words, entity->to, "at"))
            position = position_read(reading->arena, words, entity->to);
        // Behind a comma the next of the list may stand, and no company.
        if (!position.is_strong && gap == GAP_COMMA)
            position = (struct position){.to = entity->to};
        position.role = NULL;
        reading_add_person(reading, entity->from, entity->to, &position, phrase->role,
                           entity->score >= 2 ? SURE : LIKELY);
        return true;
    }
    bool is_company = phrase->relation && (entity->score < 2 || !phrase->role);
    if (is_company)
        reading_add_company(reading, entity->from, entity->to, phrase->relation,
                            entity->is_link ? SURE : LIKELY);
    return is_company;
}

// The entities behind a phrase: "A, B (b) and C".
static size_t read_entities(struct reading *reading, size_t at, const struct phrase *phrase)
{
    const struct words *words = &reading->words;
    bool joins_and = list_has_marks(words, at);
    size_t count = 0;
    while (at < words->count && count < MAX_ENTITIES) {
        struct entity entity;
        at = skip_articles(words, at);
        if (!find_entity(reading, at, joins_and, &entity) || !add_entity(reading, &entity, phrase))
            break;
        count++;
        at = skip_brackets(words, entity.to);
        if (at >= words->count)
            break;
        enum gap gap = words->items[at].gap;
        if (is_and(words, at))
            at++;
        else if (gap != GAP_COMMA && gap != GAP_AND && gap != GAP_SLASH)
            break;
        else if (is_and(words, at))
            at++;
    }
    return at;
}

void mention_read(struct reading *reading, size_t from)
{
    const struct words *words = &reading->words;
    for (size_t at = from; at < words->count;) {
        size_t end;
        const struct phrase *phrase = find_phrase(words, at, &end);
        if (!phrase || end >= words->count ||
            (words->items[end].gap != GAP_SPACE && words->items[end].gap != GAP_COLON &&
             words->items[end].gap != GAP_COMMA && words->items[end].gap != GAP_QUOTE &&
             words->items[end].gap != GAP_OTHER && words->items[end].gap != GAP_DASH)) {
            at++;
            continue;
        }
        size_t to = read_entities(reading, end, phrase);
        at = to > at ? to : at + 1;
    }
}
