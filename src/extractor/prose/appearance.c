// Sentences about who takes part: "Ada Byron, CEO of Acme, will share", "our moderator is Ada Byron".
#include "extractor/prose/entity.h"
#include "extractor/prose/phrase.h"
#include "extractor/prose/reading.h"
#include "extractor/prose/title.h"

#include "lib/text/lexicon.h"
#include "lib/text/names.h"

enum { MAX_CLAUSE = 40, MAX_GROUP = 8, MAX_BEFORE_IS = 5, MAX_NAME = 5 };

static const double POSSIBLE_NAME = 0.5, LISTED_NAME = -0.5;

static bool begins_sentence(const struct words *words, size_t at, size_t from)
{
    return at == from || words->items[at].gap == GAP_STOP;
}

// What somebody does who appears at an event.
static bool is_appearance(const struct words *words, size_t at)
{
    static const char *const list[] = {
        "will",    "explores",     "shares",     "joins",    "discusses", "presents", "speaks",
        "leads",   "delivers",     "talks",      "explains", "reveals",   "teaches",  "shows",
        "unpacks", "walks",        "breaks",     "guides",   "dives",     "takes",    "examines",
        "covers",  "demonstrates", "introduces", "traces",   "tells",     "reads",    "performs"};
    return WORDS_IS_ONE_OF(words, at, list);
}

// The same of several.
static bool is_joint_appearance(const struct words *words, size_t at)
{
    static const char *const list[] = {
        "will", "explore", "share", "join",    "discuss", "present", "speak", "lead",
        "talk", "explain", "show",  "teach",   "unpack",  "walk",    "break", "guide",
        "dive", "take",    "cover", "examine", "debate",  "compare", "tell",  "perform"};
    return WORDS_IS_ONE_OF(words, at, list);
}

// "will walk us through looms", "will be sharing"
static bool will_appear(const struct words *words, size_t at)
{
    static const char *const gerunds[] = {"sharing", "speaking",  "presenting", "talking",
                                          "leading", "teaching",  "joining",    "demoing",
                                          "showing", "discussing"};
    static const char *const more[] = {"demo", "give", "deliver", "showcase",
                                       "read", "cook", "prepare", "play"};
    if (!words_is(words, at, "will"))
        return false;
    if (words_is(words, at + 1, "be"))
        return WORDS_IS_ONE_OF(words, at + 2, gerunds);
    return (is_joint_appearance(words, at + 1) && !words_is(words, at + 1, "take")) ||
           WORDS_IS_ONE_OF(words, at + 1, more);
}

// "In this lecture, …": the sentence says that somebody appears.
static bool is_announced(const struct words *words, size_t at)
{
    static const char *const before[] = {"in", "during", "at", "for"};
    static const char *const which[] = {"this", "our"};
    while (at > 0 && words->items[at].gap != GAP_STOP)
        at--;
    return WORDS_IS_ONE_OF(words, at, before) && WORDS_IS_ONE_OF(words, at + 1, which);
}

// ", who has woven for years, explores", "and former dyer, explores": the word behind what is put in between.
static size_t skip_clause(const struct words *words, size_t at)
{
    bool is_more = words_is(words, at, "and");
    if (!words_is(words, at, "who") && !is_more)
        return at;
    enum gap closing = is_more ? GAP_COMMA : words->items[at].gap;
    for (size_t i = at + 1; i < words->count && i < at + MAX_CLAUSE; i++)
        if (words->items[i].gap == GAP_STOP)
            return at;
        else if (words->items[i].gap == closing && is_appearance(words, i))
            return i;
    return at;
}

// "Dr. Ada Byron, Professor of Engines at Acme University, explores …"
static void read_appearance(struct reading *reading, size_t at, size_t from)
{
    const struct words *words = &reading->words;
    struct found_name name;
    bool is_honoured =
        at > 0 && (words_is(words, at - 1, "dr") || words_is(words, at - 1, "prof") ||
                   words_is(words, at - 1, "chef") || words_is(words, at - 1, "poet") ||
                   name_is_title_word(reading->arena, words->items[at - 1].text));
    if (!words->items[at].is_capital || (at > 0 && words->items[at - 1].is_capital &&
                                         !is_honoured && words->items[at].gap == GAP_SPACE))
        return;
    if (!name_find(reading->arena, words, at, &name) || name.is_alone ||
        name.score < (is_honoured ? POSSIBLE_NAME : NAME_SURE))
        return;
    struct position position = {.to = name.to};
    enum gap gap = name.to < words->count ? words->items[name.to].gap : GAP_STOP;
    if (gap == GAP_COMMA || gap == GAP_OPEN)
        position = position_read(reading->arena, words, name.to);
    size_t verb = skip_clause(words, position.to);
    const char *role = phrase_verb_role(words, verb);
    bool presents = words_is(words, verb, "presents") ? begins_sentence(words, at, from)
                                                      : role || will_appear(words, verb);
    if ((!is_appearance(words, verb) && !role) ||
        (!position.is_strong && !is_honoured && !presents && !is_announced(words, at)))
        return;
    reading_add_person(reading, name.from, name.to, &position, role ? role : "speaker",
                       role ? LIKELY : POSSIBLE);
}

// "Comedians Ada Byron and Augusta King …"
static bool is_kind_of_people(struct arena *arena, const struct words *words, size_t at)
{
    struct slice word = words->items[at].folded;
    return word.len > 4 && word.ptr[word.len - 1] == 's' &&
           (words->items[at].lexicon == LEXICON_WORD || title_is_plural(arena, words, at));
}

// "Our resident artists Ada Byron and …": the word behind what they are, `at` when nothing of it is said.
static size_t skip_kind(struct arena *arena, const struct words *words, size_t at)
{
    enum { MAX_KIND = 3 };
    for (size_t i = at; i + 1 < words->count && i < at + MAX_KIND; i++) {
        if (words->items[i + 1].gap != GAP_SPACE)
            break;
        if (words->items[i + 1].is_capital && is_kind_of_people(arena, words, i))
            return i + 1;
    }
    return at;
}

// "Ada Byron (CEO, Acme) and Augusta King (CTO, Engines) share how …"
static void read_group(struct reading *reading, size_t from)
{
    const struct words *words = &reading->words;
    struct found_name names[MAX_GROUP];
    struct position positions[MAX_GROUP];
    size_t count = 0, sure = 0, at = from;
    while (count < MAX_GROUP) {
        at += words_is_and(words, at);
        if (!name_find(reading->arena, words, at, &names[count]) || names[count].is_alone)
            return;
        positions[count] = position_beside(reading->arena, words, names[count].to);
        at = positions[count].to;
        if (names[count].score < LISTED_NAME)
            return;
        sure += positions[count].is_strong || names[count].score >= NAME_SURE;
        count++;
        bool goes_on = words_is_and(words, at) || words_gap_has(words, at, ',') ||
                       (at < words->count && words->items[at].gap == GAP_AND);
        if (!goes_on)
            break;
    }
    // Among surer ones an artist's name may stand.
    if (count < 2 || sure * 3 < count * 2 || !is_joint_appearance(words, at))
        return;
    for (size_t i = 0; i < count; i++)
        reading_add_person(reading, names[i].from, names[i].to, &positions[i], "speaker",
                           positions[i].is_strong ? LIKELY : POSSIBLE);
}

// "Our moderator for the evening is Ada Byron", "The sponsor of the night is Acme". at: the word "is".
static void read_naming(struct reading *reading, size_t at)
{
    const struct words *words = &reading->words;
    struct label label = {0};
    size_t behind = at + 1;
    if (words_is(words, at, "will") && words_is(words, at + 1, "be"))
        behind++;
    else if (!words_is(words, at, "is") && !words_is(words, at, "are") &&
             !words_is(words, at, "es") && !words_is(words, at, "sera") &&
             !words_is(words, at, "ist"))
        return;
    for (size_t i = at; i > 0 && i + MAX_BEFORE_IS > at && !label.kind; i--) {
        if (words->items[i].gap != GAP_SPACE)
            return;
        label = label_read(words, i - 1, i, true);
    }
    struct entity_list list = {0};
    if (label.kind == LABEL_PEOPLE || label.kind == LABEL_COMPANY)
        entity_read_list(reading, behind, &list);
    for (size_t i = 0; i < list.count; i++) {
        const struct entity *entity = &list.items[i];
        struct position position = entity_position_in_front(reading, entity);
        if (label.role && entity->is_known && entity_is_person(entity, PHRASE_PEOPLE_MOSTLY))
            reading_add_person(reading, entity->from, entity->to, &position, label.role, LIKELY);
        else if (label.relation && !label.role)
            reading_add_company(reading, entity->from, entity->to, label.relation, LIKELY,
                                list.count > 1);
    }
}

// "Moderator Ada Byron will …", "Our lead facilitator Ada Byron has …"
static void read_role_and_name(struct reading *reading, size_t from)
{
    enum { LAST = 3 };
    const struct words *words = &reading->words;
    for (size_t at = from; at + 1 < words->count && at < from + LAST; at++) {
        struct label label = label_read(words, at, at + 1, true);
        struct found_name name;
        if (at > from && words->items[at].gap != GAP_SPACE)
            return;
        if (!label.role || !label.is_one || label.is_title || words_is(words, at, "judge") ||
            words_is(words, at, "chef") || words->items[at + 1].gap != GAP_SPACE ||
            !name_find(reading->arena, words, at + 1, &name) || name.is_alone || !name.is_known ||
            name.score < NAME_SURE)
            continue;
        struct position position = position_beside(reading->arena, words, name.to);
        position.role = NULL;
        reading_add_person(reading, name.from, name.to, &position, label.role, LIKELY);
        return;
    }
}

// "Hosts Ada Byron and Augusta King sit down with …"
static void read_roles_and_names(struct reading *reading, size_t at)
{
    struct label label = label_read(&reading->words, at, at + 1, true);
    struct entity_list list;
    if (!label.role || label.is_one || label.is_title || at + 1 >= reading->words.count ||
        reading->words.items[at + 1].gap != GAP_SPACE)
        return;
    entity_read_list(reading, at + 1, &list);
    for (size_t i = 0; i < list.count; i++)
        if (!entity_is_person(&list.items[i], NAME_SURE))
            return;
    for (size_t i = 0; i < list.count; i++)
        reading_add_person(reading, list.items[i].from, list.items[i].to, NULL, label.role, LIKELY);
}

// "`bpftrace` live, with coffee. By Ada Byron, CTO of Acme."
static void read_byline(struct reading *reading, size_t at)
{
    const struct words *words = &reading->words;
    struct found_name name;
    if (at == 0 || !words_is_by(words, at) || !name_find(reading->arena, words, at + 1, &name) ||
        name.is_alone || !name.is_known || name.score < NAME_SURE)
        return;
    enum gap gap = words_gap_after(words, name.to - 1);
    struct position position = {.to = name.to};
    if (gap == GAP_COMMA || gap == GAP_OPEN)
        position = position_read(reading->arena, words, name.to);
    if (gap == GAP_STOP || position.is_strong)
        reading_add_person(reading, name.from, name.to, &position, "speaker", LIKELY);
}

void appearance_read(struct reading *reading, size_t from)
{
    const struct words *words = &reading->words;
    for (size_t at = from; at < words->count; at++) {
        if (begins_sentence(words, at, from)) {
            read_role_and_name(reading, at);
            read_roles_and_names(reading, at);
            read_group(reading, skip_kind(reading->arena, words, at));
            read_byline(reading, at);
        }
        read_appearance(reading, at, from);
        read_naming(reading, at);
    }
}

static bool is_known_person(const struct record *record, struct slice key)
{
    for (size_t i = 0; i < record->people_count; i++)
        if (slice_equal(record->people[i].key, key))
            return true;
    return false;
}

bool appearance_read_bold(struct reading *reading, size_t from)
{
    const struct words *words = &reading->words;
    size_t before = reading->added;
    if (prose_is_bold(reading->line))
        return false;
    for (size_t at = from; at < words->count; at++) {
        struct found_name name;
        size_t span = reading_span_end(reading, at, MAX_NAME, false);
        bool is_owned = at > 0 && (slice_ends_with(words->items[at - 1].text, SLICE("'s")) ||
                                   slice_ends_with(words->items[at - 1].text, SLICE("\u2019s")));
        if (span < at + 2 || is_owned || !name_find(reading->arena, words, at, &name) ||
            name.to != span || !name.is_known || name.score < NAME_SURE ||
            is_known_person(reading->record,
                            name_normalize(reading->arena, words_text(words, at, span))))
            continue;
        struct position position;
        bool told = entry_position_behind(reading, span, &position);
        reading_add_person(reading, at, span, told ? &position : NULL, "speaker", POSSIBLE);
    }
    return reading->added > before;
}
