// Phrases in running text that say who gives, supports or appears at an event.
#include "extractor/prose/entity.h"
#include "extractor/prose/reading.h"

#include "lib/text/names.h"

#include <string.h>

// Least scores of a person's name (name.h), by how much the phrase says that one follows.
#define PEOPLE_ONLY 0.4
#define PEOPLE_MOSTLY 1.0
#define EITHER 1.2
#define HARDLY 1.6
#define SURE_IN_NAME 2.0

static const struct phrase {
    const char *words;    // folded, single spaces
    const char *role;     // of people, or NULL
    const char *relation; // of companies, or NULL
    double needed;        // least score of a person
    bool needs_sign;      // a link, or a word only companies have: the phrase itself says little
} phrases[] = {
    {"brought to you by", "host", "host", EITHER, false},
    {"co-hosted by", "host", "host", EITHER, false},
    {"cohosted by", "host", "host", EITHER, false},
    {"co hosted by", "host", "host", EITHER, false},
    {"hosted by", "host", "host", EITHER, false},
    {"hosted with", "host", "host", EITHER, false},
    {"co-hosted with", "host", "host", EITHER, false},
    {"organized by", "host", "host", EITHER, false},
    {"organised by", "host", "host", EITHER, false},
    {"co-organized by", "host", "host", EITHER, false},
    {"presented by", "host", "host", EITHER, false},
    {"produced by", "host", "host", EITHER, false},
    {"curated by", "host", "host", EITHER, false},
    {"in partnership with", NULL, "partner", EITHER, false},
    {"in collaboration with", NULL, "partner", EITHER, false},
    {"partnering with", NULL, "partner", EITHER, false},
    {"proud to partner with", NULL, "partner", EITHER, false},
    {"happy to partner with", NULL, "partner", EITHER, false},
    {"excited to partner with", NULL, "partner", EITHER, false},
    {"thrilled to partner with", NULL, "partner", EITHER, false},
    {"delighted to partner with", NULL, "partner", EITHER, false},
    {"partnered with", NULL, "partner", EITHER, false},
    {"teaming up with", NULL, "partner", EITHER, false},
    {"teamed up with", NULL, "partner", EITHER, false},
    {"sponsored by", NULL, "sponsor", EITHER, false},
    {"powered by", NULL, "sponsor", EITHER, false},
    {"supported by", NULL, "sponsor", EITHER, false},
    {"made possible by", NULL, "sponsor", EITHER, false},
    {"thanks to our sponsors", NULL, "sponsor", EITHER, false},
    {"thanks to our sponsor", NULL, "sponsor", EITHER, false},
    {"our sponsors", NULL, "sponsor", EITHER, false},
    {"our sponsor", NULL, "sponsor", EITHER, false},
    {"food sponsor", NULL, "sponsor", EITHER, false},
    {"drinks sponsor", NULL, "sponsor", EITHER, false},
    {"thanks to", NULL, "sponsor", EITHER, true},
    {"thank you to", NULL, "sponsor", EITHER, true},
    {"shoutout to", NULL, "sponsor", EITHER, true},
    {"shout out to", NULL, "sponsor", EITHER, true},
    {"provided by", NULL, "sponsor", EITHER, true},
    {"courtesy of", NULL, "sponsor", EITHER, false},
    {"moderated by", "moderator", NULL, PEOPLE_ONLY, false},
    {"judged by", "judge", NULL, PEOPLE_ONLY, false},
    {"keynote by", "speaker", NULL, PEOPLE_ONLY, false},
    {"keynote from", "speaker", NULL, PEOPLE_ONLY, false},
    {"keynote speaker", "speaker", NULL, PEOPLE_ONLY, false},
    {"keynote with", "speaker", NULL, PEOPLE_ONLY, false},
    {"talk by", "speaker", NULL, PEOPLE_ONLY, false},
    {"talk from", "speaker", NULL, PEOPLE_ONLY, false},
    {"talk with", "speaker", NULL, PEOPLE_MOSTLY, false},
    {"talks by", "speaker", NULL, PEOPLE_ONLY, false},
    {"talks from", "speaker", NULL, PEOPLE_ONLY, false},
    {"lecture by", "speaker", NULL, PEOPLE_ONLY, false},
    {"presentation by", "speaker", NULL, PEOPLE_ONLY, false},
    {"presentation from", "speaker", NULL, PEOPLE_ONLY, false},
    {"presentations by", "speaker", NULL, PEOPLE_ONLY, false},
    {"demo by", "speaker", NULL, PEOPLE_ONLY, false},
    {"demos by", "speaker", NULL, PEOPLE_ONLY, false},
    {"workshop by", "speaker", NULL, PEOPLE_ONLY, false},
    {"workshop with", "speaker", NULL, PEOPLE_MOSTLY, false},
    {"session by", "speaker", NULL, PEOPLE_ONLY, false},
    {"session with", "speaker", NULL, PEOPLE_MOSTLY, false},
    {"class with", "speaker", NULL, PEOPLE_MOSTLY, false},
    {"run by", "speaker", NULL, PEOPLE_MOSTLY, false},
    {"led by", "speaker", NULL, PEOPLE_MOSTLY, false},
    {"facilitated by", "speaker", NULL, PEOPLE_ONLY, false},
    {"guided by", "speaker", NULL, PEOPLE_MOSTLY, false},
    {"taught by", "speaker", NULL, PEOPLE_ONLY, false},
    {"instructed by", "speaker", NULL, PEOPLE_ONLY, false},
    {"delivered by", "speaker", NULL, PEOPLE_MOSTLY, false},
    {"remarks by", "speaker", NULL, PEOPLE_ONLY, false},
    {"remarks from", "speaker", NULL, PEOPLE_ONLY, false},
    {"performance by", "speaker", NULL, PEOPLE_MOSTLY, false},
    {"performances by", "speaker", NULL, PEOPLE_MOSTLY, false},
    {"fireside chat with", "speaker", NULL, PEOPLE_ONLY, false},
    {"fireside with", "speaker", NULL, PEOPLE_ONLY, false},
    {"fireside chat between", "speaker", NULL, PEOPLE_ONLY, false},
    {"fireside chat", "speaker", NULL, HARDLY, false},
    {"fireside", "speaker", NULL, HARDLY, false},
    {"in conversation with", "speaker", NULL, PEOPLE_ONLY, false},
    {"conversation with", "speaker", NULL, PEOPLE_MOSTLY, false},
    {"discussion with", "speaker", NULL, PEOPLE_MOSTLY, false},
    {"chat with", "speaker", NULL, PEOPLE_MOSTLY, false},
    {"evening with", "speaker", NULL, PEOPLE_MOSTLY, false},
    {"interview with", "speaker", NULL, PEOPLE_MOSTLY, false},
    {"q&a with", "speaker", NULL, PEOPLE_ONLY, false},
    {"ama with", "speaker", NULL, PEOPLE_ONLY, false},
    {"special guest", "speaker", NULL, PEOPLE_ONLY, false},
    {"special guests", "speaker", NULL, PEOPLE_ONLY, false},
    {"guest speaker", "speaker", NULL, PEOPLE_ONLY, false},
    {"guest speakers", "speaker", NULL, PEOPLE_ONLY, false},
    {"hear from", "speaker", NULL, EITHER, false},
    {"joined by", "speaker", NULL, PEOPLE_MOSTLY, false},
    {"to host", "speaker", NULL, EITHER, false},
    {"to welcome", "speaker", NULL, EITHER, false},
    {"to have", "speaker", NULL, HARDLY, false},
    {"featuring", "speaker", NULL, EITHER, false},
    {"feat", "speaker", NULL, PEOPLE_MOSTLY, false},
    {"ft", "speaker", NULL, PEOPLE_MOSTLY, false},
    {"panel with", "panelist", NULL, PEOPLE_ONLY, false},
    {"panel discussion with", "panelist", NULL, PEOPLE_ONLY, false},
    {"panel featuring", "panelist", NULL, PEOPLE_ONLY, false},
    {"panelists include", "panelist", NULL, PEOPLE_ONLY, false},
    {"speakers include", "speaker", NULL, PEOPLE_ONLY, false},
    {"speakers", "speaker", NULL, HARDLY, false},
    {"panelists", "panelist", NULL, EITHER, false},
    {"drinks by", NULL, "sponsor", EITHER, false},
    {"food by", NULL, "sponsor", EITHER, false},
    {"lunch by", NULL, "sponsor", EITHER, false},
    {"dinner by", NULL, "sponsor", EITHER, false},
    {"snacks by", NULL, "sponsor", EITHER, false},
    {"pizza by", NULL, "sponsor", EITHER, false},
    {"coffee by", NULL, "sponsor", EITHER, false},
    {"refreshments by", NULL, "sponsor", EITHER, false},
    {"catering by", NULL, "sponsor", EITHER, false},
    {"breakfast by", NULL, "sponsor", EITHER, false},
    {"space by", NULL, "sponsor", EITHER, false},
    {"beers by", NULL, "sponsor", EITHER, false},
    {"swag by", NULL, "sponsor", EITHER, false},
    {"drinks from", NULL, "sponsor", EITHER, false},
    {"with the support of", NULL, "sponsor", EITHER, false},
    {"with support from", NULL, "sponsor", EITHER, false},
    {"opening words by", "speaker", NULL, PEOPLE_ONLY, false},
    {"introduced by", "speaker", NULL, PEOPLE_ONLY, false},
    {"introduction by", "speaker", NULL, PEOPLE_ONLY, false},
    {"intro by", "speaker", NULL, PEOPLE_ONLY, false},
    {"welcome by", "speaker", NULL, PEOPLE_ONLY, false},
    {"live music by", "speaker", NULL, PEOPLE_MOSTLY, false},
    {"reading by", "speaker", NULL, PEOPLE_ONLY, false},
    {"readings by", "speaker", NULL, PEOPLE_ONLY, false},
    {"vortrag von", "speaker", NULL, PEOPLE_ONLY, false},
    {"moderiert von", "moderator", NULL, PEOPLE_ONLY, false},
    {"prasentiert von", "host", "host", EITHER, false},
    {"organisiert von", "host", "host", EITHER, false},
    {"veranstaltet von", "host", "host", EITHER, false},
    {"gesponsert von", NULL, "sponsor", EITHER, false},
    {"unterstutzt von", NULL, "sponsor", EITHER, false},
    {"in zusammenarbeit mit", NULL, "partner", EITHER, false},
    {"charla de", "speaker", NULL, PEOPLE_ONLY, false},
    {"ponencia de", "speaker", NULL, PEOPLE_ONLY, false},
    {"organizado por", "host", "host", EITHER, false},
    {"presentado por", "host", "host", EITHER, false},
    {"moderado por", "moderator", NULL, PEOPLE_ONLY, false},
    {"patrocinado por", NULL, "sponsor", EITHER, false},
    {"con el apoyo de", NULL, "sponsor", EITHER, false},
    {"en colaboracion con", NULL, "partner", EITHER, false},
    {"organise par", "host", "host", EITHER, false},
    {"presente par", "host", "host", EITHER, false},
    {"anime par", "speaker", NULL, PEOPLE_ONLY, false},
    {"avec le soutien de", NULL, "sponsor", EITHER, false},
    {"en partenariat avec", NULL, "partner", EITHER, false},
    {"apresentado por", "host", "host", EITHER, false},
    {"com o apoio de", NULL, "sponsor", EITHER, false},
    {"em parceria com", NULL, "partner", EITHER, false},
    {"palestra de", "speaker", NULL, PEOPLE_ONLY, false},
    {"organizzato da", "host", "host", EITHER, false},
    {"in collaborazione con", NULL, "partner", EITHER, false},
    {"your host", "host", NULL, PEOPLE_MOSTLY, false},
    {"your hosts", "host", NULL, PEOPLE_MOSTLY, false},
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
    bool is_name = entity->to - entity->from > 1 && entity->score >= PEOPLE_MOSTLY;
    bool people_follow = false;
    for (size_t i = at + 1; i < list->count; i++)
        people_follow |= entity_is_person(&list->items[i], needed);
    return entity_is_person(entity, needed) || (at > 0 && is_name && people_follow);
}

static size_t add_people(struct reading *reading, const struct entity_list *list, const char *role,
                         double needed)
{
    size_t to = list->to;
    for (size_t i = 0; i < list->count; i++) {
        const struct entity *entity = &list->items[i];
        bool is_last = i + 1 == list->count;
        // Behind the first person, a company after a comma is where that person works.
        if (!is_one_of_people(list, i, needed))
            return i ? list->items[i - 1].to : to;
        struct position position = position_behind(reading, entity->to);
        bool next_is_person = !is_last && is_one_of_people(list, i + 1, needed);
        if (next_is_person && !position.is_strong)
            position = (struct position){.to = entity->to};
        reading_add_person(reading, entity->from, entity->to, &position, role,
                           entity->score >= 2 ? SURE : LIKELY);
        to = position.to > to ? position.to : to;
    }
    return to;
}

// "Thank you to Byron for moderating": somebody, whom nothing is owed but that.
static bool is_thanked_for_part(const struct words *words, size_t to)
{
    static const char *const parts[] = {"moderating", "speaking", "joining",     "leading",
                                        "presenting", "teaching", "interviewing"};
    return words_is(words, to, "for") && WORDS_IS_ONE_OF(words, to + 1, parts);
}

static void add_companies(struct reading *reading, const struct entity_list *list,
                          const struct phrase *phrase)
{
    // Beside people, a first name alone is a person too.
    double needed = phrase->needed;
    for (size_t i = 0; i < list->count; i++)
        if (phrase->role && list->items[i].is_known && list->items[i].score >= 2)
            needed = PEOPLE_ONLY;
    for (size_t i = 0; i < list->count; i++) {
        const struct entity *entity = &list->items[i];
        if (phrase->role && entity_is_person(entity, needed))
            reading_add_person(reading, entity->from, entity->to, NULL, phrase->role, LIKELY);
        else if (!phrase->needs_sign ||
                 (entity->is_link && !is_thanked_for_part(&reading->words, entity->to)) ||
                 name_has_company_word(reading->arena,
                                       words_text(&reading->words, entity->from, entity->to)))
            reading_add_company(reading, entity->from, entity->to, phrase->relation,
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

// "powered by our Loom Engine": their own.
static bool is_own(const struct words *words, size_t at)
{
    static const char *const list[] = {"our", "its", "their", "your", "my"};
    return WORDS_IS_ONE_OF(words, at, list) && at + 1 < words->count &&
           words->items[at + 1].is_capital;
}

static size_t read_phrase(struct reading *reading, const struct phrase *phrase, size_t at,
                          size_t behind)
{
    struct entity_list list;
    if (phrase->relation && is_own(&reading->words, behind))
        return behind;
    entity_read_list(reading, behind, &list);
    if (list.count == 0)
        return behind;
    if (phrase->role && !phrase->relation && !entity_is_person(&list.items[0], phrase->needed)) {
        size_t to = read_titled(reading, phrase, list.items[0].from);
        if (to > list.items[0].from)
            return to;
    }
    if (phrase->role && entity_is_person(&list.items[0], phrase->needed)) {
        size_t to = add_people(reading, &list, role_for(reading, phrase, at), phrase->needed);
        // "Ada Byron from Acme and Augusta King from Engines"
        return words_is(&reading->words, to, "and") && to > list.items[0].to
                   ? read_phrase(reading, phrase, at, to + 1)
                   : to;
    }
    if (phrase->relation)
        add_companies(reading, &list, phrase);
    // "thanks to Acme for the food and to Byron & Co for the drinks"
    if (phrase->needs_sign)
        for (size_t i = list.to; i + 2 < reading->words.count && i < list.to + 8; i++)
            if (words_is(&reading->words, i, "and") && words_is(&reading->words, i + 1, "to"))
                return read_phrase(reading, phrase, at, i + 2);
    return list.to;
}

static bool may_follow(const struct words *words, size_t at)
{
    if (at >= words->count)
        return false;
    enum gap gap = words->items[at].gap;
    return gap == GAP_SPACE || gap == GAP_COLON || gap == GAP_COMMA || gap == GAP_QUOTE ||
           gap == GAP_OTHER || gap == GAP_DASH || gap == GAP_AT;
}

void mention_read(struct reading *reading, size_t from)
{
    for (size_t at = from; at < reading->words.count;) {
        size_t behind;
        const struct phrase *phrase = find_phrase(&reading->words, at, &behind);
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
        const struct phrase *phrase = find_phrase(words, at, &behind);
        if (phrase && behind == words->count && words_is(words, behind - 1, "by"))
            return (struct label){.kind = phrase->role ? LABEL_PEOPLE : LABEL_COMPANY,
                                  .role = phrase->role,
                                  .relation = phrase->relation,
                                  .is_sure = true};
    }
    return (struct label){0};
}

void mention_read_name(struct reading *reading)
{
    const struct words *words = &reading->words;
    mention_read(reading, 0);
    for (size_t at = 1; at < words->count; at++) {
        struct found_name name;
        bool with = words_is(words, at - 1, "with") ||
                    (words_is(words, at - 1, "w") && words->items[at].gap == GAP_SLASH);
        if (with && name_find(reading->arena, words, at, &name) && !name.is_alone &&
            name.is_known && name.score >= SURE_IN_NAME &&
            words_gap_after(words, name.to - 1) != GAP_SPACE)
            reading_add_person(reading, name.from, name.to, NULL, "speaker", LIKELY);
    }
}
