// Sentences about who gives an event and where it is.
#include "extractor/prose/entity.h"
#include "extractor/prose/reading.h"
#include "lib/text/lexicon.h"

#include "lib/text/names.h"

#include <string.h>

enum { MAX_PLACE_WORDS = 7, MAX_CLAUSE = 40, MAX_GROUP = 8 };

static const double POSSIBLE_NAME = 0.5, TITLED_NAME = -0.5;

static bool matches(const struct words *words, size_t at, const char *phrase, size_t *ret_end)
{
    struct slice rest = slice_from_cstr(phrase), part;
    while (slice_split_next(&rest, ' ', &part)) {
        if (at >= words->count || !slice_equal(words->items[at].folded, part))
            return false;
        at++;
    }
    *ret_end = at;
    return true;
}

static bool begins_sentence(const struct words *words, size_t at, size_t from)
{
    return at == from || words->items[at].gap == GAP_STOP;
}

// ---- who

// What the subject of a sentence does when it gives the event.
static const struct {
    const char *verb, *relation;
} verbs[] = {
    {"is hosting", "host"},
    {"are hosting", "host"},
    {"hosts", "host"},
    {"host", "host"},
    {"presents", "host"},
    {"present", "host"},
    {"is presenting", "host"},
    {"are presenting", "host"},
    {"is teaming up", "host"},
    {"are teaming up", "host"},
    {"have teamed up", "host"},
    {"invites you", "host"},
    {"invite you", "host"},
    {"is inviting", "host"},
    {"are inviting", "host"},
    {"is bringing together", "host"},
    {"are bringing together", "host"},
    {"is glad to host", "host"},
    {"is organizing", "host"},
    {"are organizing", "host"},
    {"is throwing", "host"},
    {"are throwing", "host"},
    {"are partnering", "host"},
    {"is partnering", "host"},
    {"are joining forces", "host"},
    {"welcomes you", "host"},
    {"is proud to present", "host"},
    {"is excited to host", "host"},
    {"are excited to host", "host"},
    {"is sponsoring", "sponsor"},
    {"are sponsoring", "sponsor"},
    {"joins as presenting partner", "partner"},
    {"joins as partner", "partner"},
    {"joins as sponsor", "sponsor"},
};

static const char *relation_at(const struct words *words, size_t at)
{
    size_t end;
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
        if (matches(words, at, verbs[i].verb, &end) && words->items[at].gap == GAP_SPACE)
            return verbs[i].relation;
    return NULL;
}

// Names of services that people are asked to join.
static bool is_channel(const struct words *words, size_t at)
{
    static const char *const list[] = {"discord",  "slack", "zoom",   "telegram",
                                       "whatsapp", "luma",  "google", "linkedin",
                                       "our",      "us",    "wechat", "signal"};
    return WORDS_IS_ONE_OF(words, at, list);
}

static void add_companies(struct reading *reading, const struct entity_list *list,
                          const char *relation)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct entity *entity = &list->items[i];
        if (!entity_is_person(entity, NAME_SURE))
            reading_add_company(reading, entity->from, entity->to, relation,
                                entity->is_link ? SURE : LIKELY, list->count > 1);
    }
}

// "Acme and Engines are teaming up"
static void read_subject(struct reading *reading, size_t at)
{
    struct entity_list list;
    entity_read_list(reading, at, &list);
    const char *relation = list.count ? relation_at(&reading->words, list.to) : NULL;
    if (relation && !is_channel(&reading->words, at))
        add_companies(reading, &list, relation);
}

// Does the word stand in the brackets behind a list?
static bool in_brackets(const struct words *words, size_t at)
{
    while (at > 0 && words->items[at].gap != GAP_OPEN && words->items[at].gap != GAP_CLOSE &&
           words->items[at].gap != GAP_STOP)
        at--;
    return words->items[at].gap == GAP_OPEN;
}

// Of "Acme's Loom team" the company.
static void cut_possessive(const struct words *words, struct entity *entity)
{
    for (size_t i = entity->from; i < entity->to; i++)
        if (slice_ends_with(words->items[i].text, SLICE("'s")) ||
            slice_ends_with(words->items[i].text, SLICE("\u2019s")))
            entity->to = i + 1;
}

// "Join Acme, Engines and Byron for an evening"
static void read_join(struct reading *reading, size_t at)
{
    const struct words *words = &reading->words;
    struct entity_list list;
    if (!words_is(words, at, "join") || at + 1 >= words->count || is_channel(words, at + 1))
        return;
    entity_read_list(reading, at + 1, &list);
    if (words_is(words, list.to, "team") || words_is(words, list.to, "crew")) {
        list.to++;
        cut_possessive(words, &list.items[list.count ? list.count - 1 : 0]);
    }
    while (list.to < words->count && in_brackets(words, list.to))
        list.to++;
    bool invites = words_is(words, list.to, "for") || words_is(words, list.to, "at") ||
                   words_is(words, list.to, "on") || words_is(words, list.to, "in") ||
                   words_is(words, list.to, "as");
    for (size_t i = 0; i < list.count && invites; i++)
        if (entity_is_person(&list.items[i], POSSIBLE_NAME))
            reading_add_person(reading, list.items[i].from, list.items[i].to, NULL, "speaker",
                               POSSIBLE);
        else
            reading_add_company(reading, list.items[i].from, list.items[i].to, "host",
                                list.items[i].is_link ? SURE : LIKELY, list.count > 1);
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
    bool presents = words_is(words, verb, "presents") ? begins_sentence(words, at, from)
                                                      : will_appear(words, verb);
    if (!is_appearance(words, verb) ||
        (!position.is_strong && !is_honoured && !presents && !is_announced(words, at)))
        return;
    reading_add_person(reading, name.from, name.to, &position, "speaker", POSSIBLE);
}

// "Comedians Ada Byron and Augusta King …"
static bool is_kind_of_people(const struct words *words, size_t at)
{
    struct slice word = words->items[at].folded;
    return word.len > 4 && word.ptr[word.len - 1] == 's' &&
           words->items[at].lexicon == LEXICON_WORD;
}

// "Ada Byron (CEO, Acme) and Augusta King (CTO, Engines) share how …"
static void read_group(struct reading *reading, size_t from)
{
    const struct words *words = &reading->words;
    struct found_name names[MAX_GROUP];
    struct position positions[MAX_GROUP];
    size_t count = 0, at = from;
    while (count < MAX_GROUP) {
        at += words_is_and(words, at);
        if (!name_find(reading->arena, words, at, &names[count]) || names[count].is_alone)
            return;
        positions[count] = position_beside(reading->arena, words, names[count].to);
        at = positions[count].to;
        if (names[count].score < (positions[count].is_strong ? TITLED_NAME : NAME_SURE))
            return;
        count++;
        bool goes_on = words_is_and(words, at) || words_gap_has(words, at, ',') ||
                       (at < words->count && words->items[at].gap == GAP_AND);
        if (!goes_on)
            break;
    }
    if (count < 2 || !is_joint_appearance(words, at))
        return;
    for (size_t i = 0; i < count; i++)
        reading_add_person(reading, names[i].from, names[i].to, &positions[i], "speaker",
                           positions[i].is_strong ? LIKELY : POSSIBLE);
}

// ---- where

static bool has_venue(const struct record *record)
{
    for (size_t i = 0; i < record->companies_count; i++)
        if (strcmp(record->companies[i].relationship, "venue") == 0)
            return true;
    return false;
}

static bool is_room_word(const struct words *words, size_t at)
{
    static const char *const list[] = {"office", "offices", "hq", "headquarters", "loft", "campus"};
    return WORDS_IS_ONE_OF(words, at, list);
}

// The company whose rooms they are: of "Acme SF office" and "Acme HQ" the name alone.
static bool read_rooms(struct reading *reading, size_t from)
{
    const struct words *words = &reading->words;
    size_t room = from;
    while (room < words->count && room - from < MAX_PLACE_WORDS && !is_room_word(words, room))
        room++;
    if (room == from || room >= words->count || !is_room_word(words, room))
        return false;
    size_t to = position_company_run(words, from, true);
    // Small words between the name and the room: somebody else's room.
    if (to < room)
        return false;
    to = room;
    struct slice place = name_place_ending(reading->arena, words_text(words, from, to));
    for (size_t i = 0; place.len && i < place.len; i++)
        to -= place.ptr[i] == ' ' && to > from + 1;
    if (name_is_never(&words->items[from]) ||
        (to == from + 1 && words->items[from].lexicon & LEXICON_PLACE))
        return false;
    reading_add_company(reading, from, to, "venue", LIKELY, true);
    return true;
}

static size_t skip_the(const struct words *words, size_t at)
{
    // "The Great Room" keeps its article.
    bool is_name = at < words->count && words->items[at].is_capital;
    return !is_name && (words_is(words, at, "the") || words_is(words, at, "our")) ? at + 1 : at;
}

static const char *const places[] = {
    "takes place at", "taking place at", "held at",   "hosted at",  "meet at",
    "meeting at",     "located at",      "gather at", "see you at", "happening at",
};

// "held at The Great Room", "join us on Friday at Acme Hall"
static bool read_held_at(struct reading *reading, size_t at)
{
    const struct words *words = &reading->words;
    size_t end = 0;
    for (size_t i = 0; i < ARRAY_LEN(places) && !end; i++)
        if (!matches(words, at, places[i], &end))
            end = 0;
    if (!end && words_is(words, at, "join") && words_is(words, at + 1, "us"))
        for (size_t i = at + 2; i < words->count && i < at + 8 && !end; i++)
            end = words_is(words, i, "at") && words->items[i].gap == GAP_SPACE ? i + 1 : 0;
    if (!end || end >= words->count || words->items[end].has_digit)
        return false;
    size_t from = skip_the(words, end);
    return read_rooms(reading, from) || entry_read_place(reading, from);
}

void statement_read(struct reading *reading, size_t from)
{
    const struct words *words = &reading->words;
    bool open = !has_venue(reading->record);
    for (size_t at = from; at < words->count; at++) {
        if (begins_sentence(words, at, from)) {
            read_subject(reading, at);
            read_group(reading, at + is_kind_of_people(words, at));
        }
        read_join(reading, at);
        read_appearance(reading, at, from);
        if (!open)
            continue;
        bool at_place = words_is(words, at, "at") || words_is(words, at, "to");
        bool own = words->items[at].is_capital &&
                   (begins_sentence(words, at, from) || words->items[at].gap == GAP_PIPE);
        open = !((at_place && read_rooms(reading, skip_the(words, at + 1))) ||
                 (own && read_rooms(reading, at)) || read_held_at(reading, at));
    }
}
