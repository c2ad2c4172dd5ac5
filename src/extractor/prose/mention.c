// Phrases in running text that say who gives, supports or appears at an event.
#include "extractor/prose/entity.h"
#include "extractor/prose/phrase.h"
#include "extractor/prose/reading.h"

#include "lib/text/names.h"

#include <string.h>

enum { MAX_DESCRIPTION = 4 };

// The position that stands behind a person in running text.
static struct position position_behind(struct reading *reading, size_t at)
{
    const struct words *words = &reading->words;
    struct position position = {.to = at};
    enum gap gap = at < words->count ? words->items[at].gap : GAP_STOP;
    if (gap == GAP_COMMA || gap == GAP_OPEN || gap == GAP_DASH || gap == GAP_AT ||
        words_is(words, at, "from") || words_is(words, at, "of") || words_is(words, at, "at") ||
        (gap == GAP_COLON &&
         (words_is(words, at, "a") || words_is(words, at, "an") || words_is(words, at, "the"))))
        position = position_read(reading->arena, words, at);
    position.role = NULL;
    return position;
}

// "TITLE presented by NAME" is a talk, "presented by NAME" an event.
static const char *role_for(const struct reading *reading, const struct phrase *phrase, size_t at)
{
    bool begins = at == 0 || reading->words.items[at].gap == GAP_STOP;
    bool presents = strcmp(phrase->words, "presented by") == 0;
    return presents && !begins && reading->line ? "speaker" : phrase->role;
}

// Among people an unknown name is somebody's too: "Ada Byron, Qoro Vexlund and Augusta King".
static bool is_one_of_people(const struct entity_list *list, size_t at, double needed)
{
    const struct entity *entity = &list->items[at];
    bool is_name = entity->to - entity->from > 1 && entity->score >= PHRASE_PEOPLE_MOSTLY;
    bool people_follow = false;
    for (size_t i = at + 1; i < list->count; i++)
        people_follow |= entity_is_person(&list->items[i], needed);
    return entity_is_person(entity, needed) || (at > 0 && is_name && people_follow);
}

// "Ada Byron and Augusta King from Acme": where the last one is from, the one in front is too.
static struct slice shared_company(struct reading *reading, const struct entity_list *list)
{
    const struct entity *first = &list->items[0], *last = &list->items[list->count - 1];
    bool joined = list->count == 2 && last->is_joined && last->from <= first->to + 1;
    bool from = words_is(&reading->words, last->to, "from") ||
                words_is(&reading->words, last->to, "of") ||
                words_is(&reading->words, last->to, "at");
    return joined && from ? position_behind(reading, last->to).company : (struct slice){0};
}

static size_t add_people(struct reading *reading, const struct entity_list *list, const char *role,
                         double needed)
{
    size_t to = list->items[0].to;
    struct slice shared = shared_company(reading, list);
    for (size_t i = 0; i < list->count; i++) {
        const struct entity *entity = &list->items[i];
        bool is_last = i + 1 == list->count;
        // Behind the first person, a company after a comma is where that person works.
        if (!is_one_of_people(list, i, needed))
            return i ? to : list->to;
        struct position position = position_behind(reading, entity->to);
        bool next_is_person = !is_last && is_one_of_people(list, i + 1, needed);
        if (next_is_person && !position.is_strong) {
            position = position_beside(reading->arena, &reading->words, entity->to);
            position.role = NULL;
        }
        struct position in_front = entity_position_in_front(reading, entity);
        if (!position.title.len)
            position.title = in_front.title;
        if (!position.company.len)
            position.company = in_front.company.len ? in_front.company : shared;
        position.role = in_front.role;
        reading_add_person(reading, entity->from, entity->to, &position, role,
                           entity->score >= NAME_SURE ? SURE : LIKELY);
        to = position.to > to ? position.to : to;
        to = entity->to > to ? entity->to : to;
    }
    return to > list->to ? to : list->to;
}

// "Thank you to Byron for moderating": somebody, whom nothing is owed but that.
static bool is_thanked_for_part(const struct words *words, size_t to)
{
    static const char *const parts[] = {"moderating", "speaking", "joining",     "leading",
                                        "presenting", "teaching", "interviewing"};
    return words_is(words, to, "for") && WORDS_IS_ONE_OF(words, to + 1, parts);
}

// "Thanks to Acme (coffee)", "to Acme and Engines for hosting us", "for the pizza": something was given.
static bool is_thanked_for_gift(const struct words *words, const struct entity_list *list,
                                const struct entity *entity)
{
    static const char *const gifts[] = {"hosting",  "providing", "sponsoring", "supporting",
                                        "the",      "supplying", "letting",    "lending",
                                        "offering", "powering",  "making",     "having"};
    size_t to = list->items[list->count - 1].to;
    bool for_all = words_is(words, to, "for") && WORDS_IS_ONE_OF(words, to + 1, gifts);
    bool in_brackets = entity->to < words->count && words->items[entity->to].gap == GAP_OPEN &&
                       phrase_is_gift(words, entity->to);
    bool for_it =
        words_is(words, entity->to, "for") && WORDS_IS_ONE_OF(words, entity->to + 1, gifts);
    return entity->score < PHRASE_PEOPLE_MOSTLY && (for_it || for_all || in_brackets);
}

// "Space generously provided by Acme"
static bool is_given_before(const struct words *words, size_t at)
{
    for (size_t i = at > 4 ? at - 4 : 0; i < at; i++)
        if (phrase_is_gift(words, i))
            return true;
    return false;
}

// "Venue kindly provided by Acme": the room is theirs.
static bool is_room_given(const struct words *words, size_t at)
{
    static const char *const rooms[] = {"venue", "space", "room"};
    for (size_t i = at > 2 ? at - 2 : 0; i < at; i++)
        if (WORDS_IS_ONE_OF(words, i, rooms))
            return true;
    return false;
}

static void add_companies(struct reading *reading, const struct entity_list *list,
                          const struct phrase *phrase, size_t at)
{
    bool is_given = is_given_before(&reading->words, at);
    bool is_room = phrase->needs_sign && is_room_given(&reading->words, at);
    const char *relation = is_room ? "venue" : phrase->relation;
    // Beside people, a first name alone is a person too.
    double needed = phrase->needed;
    for (size_t i = 0; i < list->count; i++)
        if (phrase->role && list->items[i].is_known && list->items[i].score >= NAME_SURE)
            needed = PHRASE_PEOPLE_ONLY;
    for (size_t i = 0; i < list->count; i++) {
        const struct entity *entity = &list->items[i];
        if (phrase->role && entity_is_person(entity, needed))
            reading_add_person(reading, entity->from, entity->to, NULL, phrase->role, LIKELY);
        else if (!phrase->needs_sign || is_given ||
                 is_thanked_for_gift(&reading->words, list, entity) ||
                 (entity->is_link && !is_thanked_for_part(&reading->words, entity->to)) ||
                 name_has_company_word(reading->arena,
                                       words_text(&reading->words, entity->from, entity->to)))
            reading_add_company(reading, entity->from, entity->to, relation,
                                entity->is_link ? SURE : LIKELY, list->count > 1);
    }
}

// Somebody whose name tells nothing, but a title stands behind it: "to welcome Qoro Vexlund, CEO of
// Acme". Returns the word behind, `at` when there is nobody.
static size_t read_titled(struct reading *reading, const struct phrase *phrase, size_t at)
{
    struct found_name name;
    if (!name_find(reading->arena, &reading->words, at, &name) || name.is_alone ||
        name.score < phrase->needed)
        return at;
    struct position position = position_behind(reading, name.to);
    if (!position.is_strong)
        return at;
    reading_add_person(reading, name.from, name.to, &position, phrase->role, LIKELY);
    return position.to;
}

// "Demos from Acme (Ada Byron), Engines (Augusta King)": who appears stands in the brackets. Returns the
// word behind the last one, 0 when there is nobody.
static size_t add_bracketed(struct reading *reading, const struct entity_list *list,
                            const char *role)
{
    const struct words *words = &reading->words;
    size_t to = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct entity *entity = &list->items[i];
        struct found_name name;
        if (entity->to >= words->count || words->items[entity->to].gap != GAP_OPEN ||
            !name_find(reading->arena, words, entity->to, &name) || !name.is_known ||
            name.is_alone || name.score < PHRASE_PEOPLE_MOSTLY || entity->score >= name.score ||
            (name.to < words->count && words->items[name.to].gap != GAP_CLOSE))
            continue;
        struct position position = {.company = words_text(words, entity->from, entity->to)};
        reading_add_person(reading, name.from, name.to, &position, role, LIKELY);
        to = name.to;
    }
    return to;
}

static bool may_describe(const struct words *words, size_t behind)
{
    static const char *const list[] = {"by", "with", "from"};
    return WORDS_IS_ONE_OF(words, behind - 1, list);
}

// "led by certified weaving teacher Ada Byron": the name behind a few small words that say what
// somebody is. Returns its word, `at` when there is none.
static size_t skip_description(struct reading *reading, size_t at)
{
    const struct words *words = &reading->words;
    struct found_name name;
    size_t to = at;
    while (to < words->count && to < at + MAX_DESCRIPTION && !words->items[to].is_capital &&
           (to == at || words->items[to].gap == GAP_SPACE))
        to++;
    bool found = to > at && to < words->count && words->items[to].gap == GAP_SPACE &&
                 name_find(reading->arena, words, to, &name) && !name.is_alone && name.is_known &&
                 name.score >= NAME_SURE;
    return found ? to : at;
}

// "joined by moderator Ada Byron": the role in front of the name.
static const char *described_role(const struct words *words, size_t name, const char *role)
{
    struct label label = label_read(words, name - 1, name, true);
    return label.kind == LABEL_PEOPLE && label.role ? label.role : role;
}

// "powered by our Loom Engine": their own.
static bool is_own(const struct words *words, size_t at)
{
    static const char *const list[] = {"our", "its", "their", "your", "my"};
    return WORDS_IS_ONE_OF(words, at, list) && at + 1 < words->count &&
           words->items[at + 1].is_capital;
}

static size_t read_phrase(struct reading *reading, const struct phrase *phrase, size_t at,
                          size_t behind);

// "Ada Byron from Acme and Augusta King from Engines"
static size_t read_list(struct reading *reading, const struct phrase *phrase, const char *role,
                        size_t at, const struct entity_list *list)
{
    size_t to = add_people(reading, list, role, phrase->needed);
    // "hosted by Ada Byron (CTO, Acme) and the team at Engines"
    for (size_t i = 1; i < list->count && phrase->relation; i++)
        if (!is_one_of_people(list, i, phrase->needed) && list->items[i].is_joined)
            reading_add_company(reading, list->items[i].from, list->items[i].to, phrase->relation,
                                LIKELY, true);
    // "with Ada Byron, CEO, Acme; Augusta King, CTO, Engines, together with …"
    for (;;) {
        struct entity_list next;
        size_t start = phrase_skip_together(&reading->words, to);
        // "Led by Ada Byron of Acme with Augusta King"
        if (to > list->items[0].to && words_is_with(&reading->words, to))
            start = to + 1;
        bool goes_on = to > list->items[0].to && words_gap_has(&reading->words, to, ';');
        if (start == to && !goes_on)
            break;
        entity_read_list(reading, start + words_is_and(&reading->words, start), &next);
        size_t behind = next.count && entity_is_person(&next.items[0], phrase->needed)
                            ? add_people(reading, &next, role, phrase->needed)
                            : to;
        if (behind <= to)
            break;
        to = behind;
    }
    return words_is(&reading->words, to, "and") && to > list->items[0].to
               ? read_phrase(reading, phrase, at, to + 1)
               : to;
}

// Behind a phrase that only people follow.
static size_t read_people(struct reading *reading, const struct phrase *phrase, size_t at,
                          size_t behind)
{
    struct entity_list list;
    const char *role = role_for(reading, phrase, at);
    entity_read_list(reading, behind, &list);
    if (may_describe(&reading->words, behind) &&
        (list.count == 0 || !entity_is_person(&list.items[0], phrase->needed))) {
        size_t name = skip_description(reading, behind);
        role = name > behind ? described_role(&reading->words, name, role) : role;
        entity_read_list(reading, behind = name, &list);
    }
    if (list.count == 0)
        return behind;
    size_t bracketed = add_bracketed(reading, &list, role);
    if (bracketed)
        return bracketed;
    if (!entity_is_person(&list.items[0], phrase->needed)) {
        size_t to = read_titled(reading, phrase, list.items[0].from);
        return to > list.items[0].from ? to : list.to;
    }
    return read_list(reading, phrase, role, at, &list);
}

// "thanks to Acme for the food and (to) Byron & Co for the drinks": the word of the next one, or 0.
static size_t next_thanked(const struct words *words, size_t from)
{
    for (size_t i = from; i + 2 < words->count && i < from + 8; i++)
        if (words->items[i].gap == GAP_STOP)
            return 0;
        else if (words_is(words, i, "and") && words_is(words, i + 1, "to"))
            return i + 2;
        else if (words_is(words, i, "and") && words->items[i + 1].is_capital)
            return i + 1;
    return 0;
}

static size_t read_phrase(struct reading *reading, const struct phrase *phrase, size_t at,
                          size_t behind)
{
    struct entity_list list;
    if (!phrase->relation)
        return read_people(reading, phrase, at, behind);
    if (is_own(&reading->words, behind))
        return behind;
    entity_read_list(reading, behind, &list);
    if (list.count == 0)
        return behind;
    if (phrase->role && entity_is_person(&list.items[0], phrase->needed))
        return read_list(reading, phrase, role_for(reading, phrase, at), at, &list);
    add_companies(reading, &list, phrase, at);
    size_t next = phrase->needs_sign ? next_thanked(&reading->words, list.to) : 0;
    return next ? read_phrase(reading, phrase, at, next) : list.to;
}

static bool may_follow(const struct words *words, size_t at)
{
    if (at >= words->count)
        return false;
    enum gap gap = words->items[at].gap;
    return gap == GAP_SPACE || gap == GAP_COLON || gap == GAP_COMMA || gap == GAP_QUOTE ||
           gap == GAP_OTHER || gap == GAP_DASH || gap == GAP_AT;
}

// "Past speakers include …"
static bool is_of_the_past(const struct words *words, size_t at)
{
    static const char *const list[] = {"past", "previous", "prior", "former", "earlier", "year's"};
    return at > 0 && WORDS_IS_ONE_OF(words, at - 1, list);
}

static size_t sentence_end(const struct words *words, size_t at)
{
    while (at < words->count && words->items[at].gap != GAP_STOP)
        at++;
    return at;
}

// "We talk about looms with Ada Byron, CTO of Acme": the title tells that somebody is there.
static const struct phrase *find_companion(struct reading *reading, size_t at, size_t *ret_end)
{
    static const struct phrase companion = {"with", "speaker", NULL, NAME_SURE, false};
    const struct words *words = &reading->words;
    struct found_name name;
    size_t start = words_is_with(words, at) ? skip_description(reading, at + 1) : at;
    if (start == at || !name_find(reading->arena, words, start, &name) || name.is_alone ||
        !name.is_known || name.score < NAME_SURE)
        return NULL;
    struct position position = position_behind(reading, name.to);
    bool is_of = words_is(words, name.to, "of") || words_is(words, name.to, "from");
    *ret_end = at + 1;
    return position.is_strong || (is_of && position.company.len) ? &companion : NULL;
}

void mention_read(struct reading *reading, size_t from)
{
    for (size_t at = from; at < reading->words.count;) {
        size_t behind;
        const struct phrase *phrase = phrase_find(&reading->words, at, &behind);
        if (!phrase)
            phrase = find_companion(reading, at, &behind);
        if (phrase && is_of_the_past(&reading->words, at)) {
            at = sentence_end(&reading->words, behind);
            continue;
        }
        size_t to = phrase && may_follow(&reading->words, behind)
                        ? read_phrase(reading, phrase, at, behind)
                        : at;
        at = to > at ? to : at + 1;
    }
}

struct label mention_label(const struct words *words, size_t from)
{
    for (size_t at = from; at < words->count; at++) {
        size_t behind;
        const struct phrase *phrase = phrase_find(words, at, &behind);
        bool ends = words->end == GAP_COLON || words_is(words, behind - 1, "by");
        if (phrase && behind == words->count && ends)
            return (struct label){.kind = phrase->role ? LABEL_PEOPLE : LABEL_COMPANY,
                                  .role = phrase->role,
                                  .relation = phrase->relation,
                                  .is_sure = true};
    }
    return (struct label){0};
}

// "Looms at Scale with Ada Byron", "Looms w/ Ada Byron (Acme)"
static bool follows_with(const struct words *words, const struct found_name *name)
{
    return name->from > 0 && words_is_with(words, name->from - 1) &&
           words_gap_after(words, name->to - 1) != GAP_SPACE;
}

// "Ada Byron on looms", "Ada Byron in Conversation with Augusta King"
static bool is_subject(const struct words *words, const struct found_name *name)
{
    bool begins = name->from == 0 || words->items[name->from].gap == GAP_COLON ||
                  words->items[name->from].gap == GAP_PIPE;
    bool dated = name->to + 1 < words->count && words->items[name->to + 1].has_digit;
    return begins &&
           ((words_is(words, name->to, "on") && !dated) ||
            (words_is(words, name->to, "in") && words_is(words, name->to + 1, "conversation")));
}

// "Readers' Night: Ada Byron & Augusta King": people in a row, up to the end of the name.
static void read_row(struct reading *reading, size_t at)
{
    const struct words *words = &reading->words;
    struct entity_list list;
    bool begins =
        at > 0 && (words->items[at].gap == GAP_COLON || words->items[at].gap == GAP_DASH ||
                   words->items[at].gap == GAP_PIPE || words_is_with(words, at - 1));
    if (!begins)
        return;
    entity_read_list(reading, at, &list);
    bool people = list.count > 0 && list.to == words->count;
    for (size_t i = 0; i < list.count && people; i++)
        people = entity_is_person(&list.items[i], NAME_SURE);
    for (size_t i = 0; i < list.count && people; i++)
        reading_add_person(reading, list.items[i].from, list.items[i].to, NULL, "speaker", LIKELY);
}

void mention_read_name(struct reading *reading)
{
    const struct words *words = &reading->words;
    mention_read(reading, 0);
    for (size_t at = 0; at < words->count; at++) {
        struct found_name name;
        read_row(reading, at);
        if (!name_find(reading->arena, words, at, &name) || name.is_alone || !name.is_known ||
            name.score < NAME_SURE)
            continue;
        const char *role = phrase_verb_role(words, name.to);
        if (role || follows_with(words, &name) || is_subject(words, &name))
            reading_add_person(reading, name.from, name.to, NULL, role ? role : "speaker", LIKELY);
    }
}
