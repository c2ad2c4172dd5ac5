// Sentences about who gives an event: "Acme and Engines are hosting", "join Acme and Engines for".
#include "extractor/prose/entity.h"
#include "extractor/prose/phrase.h"
#include "extractor/prose/reading.h"

#include "lib/text/lexicon.h"
#include "lib/text/names.h"

#include <string.h>

static const double POSSIBLE_NAME = 0.5;

// What the subject of a sentence does when it gives the event.
struct giving {
    const char *base, *present, *gerund;
    const char *relation;
    const char *role; // of people who do so; NULL where it says too little of them
    bool is_plain;    // in the plain present too, where others are nouns: "sponsors"
    bool needs_gift;  // food or a room must follow
};

static const struct giving givings[] = {
    {"host", "hosts", "hosting", "host", "host", true, false},
    {"co-host", "co-hosts", "co-hosting", "host", "host", true, false},
    {"organize", "organizes", "organizing", "host", "host", false, false},
    {"organise", "organises", "organising", "host", "host", false, false},
    {"present", "presents", "presenting", "host", NULL, true, false},
    {"invite you", "invites you", "inviting you", "host", "host", true, false},
    {"invite", "invites", "inviting", "host", "host", false, false},
    {"welcome you", "welcomes you", "welcoming you", "host", NULL, true, false},
    {"throw", "throws", "throwing", "host", "host", false, false},
    {"put on", "puts on", "putting on", "host", "host", false, false},
    {"bring together", "brings together", "bringing together", "host", NULL, false, false},
    {"team up", "teams up", "teaming up", "host", NULL, false, false},
    {"join forces", "joins forces", "joining forces", "host", NULL, false, false},
    {"partner", "partners", "partnering", "host", NULL, false, false},
    {"sponsor", "sponsors", "sponsoring", "sponsor", NULL, false, false},
    {"co-sponsor", "co-sponsors", "co-sponsoring", "sponsor", NULL, false, false},
    {"provide", "provides", "providing", "sponsor", NULL, true, true},
    {"cover", "covers", "covering", "sponsor", NULL, true, true},
    {"supply", "supplies", "supplying", "sponsor", NULL, true, true},
    {"bring", "brings", "bringing", "sponsor", NULL, true, true},
    {"buy", "buys", "buying", "sponsor", NULL, false, true},
    {NULL, "have teamed up", NULL, "host", NULL, true, false},
    {NULL, "joins as presenting partner", NULL, "partner", NULL, true, false},
    {NULL, "joins as partner", NULL, "partner", NULL, true, false},
    {NULL, "joins as sponsor", NULL, "sponsor", NULL, true, false},
    {NULL, "vous invite", NULL, "host", NULL, true, false},
    {NULL, "vous invitent", NULL, "host", NULL, true, false},
    {NULL, "ladt ein", NULL, "host", NULL, true, false},
    {NULL, "laden ein", NULL, "host", NULL, true, false},
    {NULL, "te invita", NULL, "host", NULL, true, false},
    {NULL, "te invitan", NULL, "host", NULL, true, false},
    {NULL, "os invita", NULL, "host", NULL, true, false},
};

// "proud to", "jointly": the word behind, or `at`.
static size_t skip_manner(const struct words *words, size_t at)
{
    static const char *const moods[] = {"proud",    "glad",      "excited", "happy",
                                        "thrilled", "delighted", "honored", "honoured"};
    if (WORDS_IS_ONE_OF(words, at, moods) && words_is(words, at + 1, "to"))
        return at + 2;
    bool adverb = at < words->count && slice_ends_with(words->items[at].folded, SLICE("ly"));
    return at + adverb;
}

// "the food", "lunch", "free drinks"
static bool is_gift_near(const struct words *words, size_t at)
{
    for (size_t i = at; i < at + 3; i++)
        if (phrase_is_gift(words, i))
            return true;
    return false;
}

// What the words from `at` on say the subject does. ret_is_sure: in a form that can be nothing else.
static const struct giving *giving_at(const struct words *words, size_t at, bool *ret_is_sure)
{
    bool is = words_is(words, at, "is") || words_is(words, at, "are");
    bool will = words_is(words, at, "will");
    size_t verb = is || will ? skip_manner(words, at + 1) : at;
    bool to = is && verb > at + 2; // "is proud to host"
    bool be = will && words_is(words, verb, "be");
    *ret_is_sure = is || will;
    for (size_t i = 0; i < ARRAY_LEN(givings); i++) {
        const struct giving *giving = &givings[i];
        // What somebody "will present" is a talk.
        if (will && !giving->role && strcmp(giving->relation, "host") == 0)
            continue;
        const char *form = !*ret_is_sure         ? (giving->is_plain ? giving->present : NULL)
                           : to || (will && !be) ? giving->base
                                                 : giving->gerund;
        size_t end = form ? words_phrase_end(words, verb + be, form) : 0;
        // "Acme and Engines host"
        if (!end && !*ret_is_sure && giving->is_plain && giving->base)
            end = words_phrase_end(words, verb, giving->base);
        if (end && (!giving->needs_gift || is_gift_near(words, end)))
            return giving;
    }
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

static void add_givers(struct reading *reading, const struct entity_list *list,
                       const struct giving *giving)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct entity *entity = &list->items[i];
        bool first_name = entity->to == entity->from + 1 && !entity->is_link &&
                          reading->words.items[entity->from].lexicon & LEXICON_GIVEN;
        if (first_name)
            continue;
        if (!entity_is_person(entity, NAME_SURE))
            reading_add_company(reading, entity->from, entity->to, giving->relation,
                                entity->is_link ? SURE : LIKELY, list->count > 1);
        else if (giving->role)
            reading_add_person(reading, entity->from, entity->to, NULL, giving->role, LIKELY);
    }
}

// "Acme and Engines are teaming up", "Acme, together with Engines, is hosting". sure_only: where a plain
// "hosts" may be of somebody else.
static void read_subject(struct reading *reading, size_t at, bool sure_only)
{
    const struct words *words = &reading->words;
    struct entity_list list, others = {0};
    bool is_sure;
    entity_read_list(reading, at, &list);
    size_t verb = words_skip_brackets(words, list.to);
    size_t next = list.count ? phrase_skip_together(words, verb) : verb;
    if (next > verb) {
        entity_read_list(reading, next, &others);
        verb = others.count ? others.to : verb;
    }
    const struct giving *giving = list.count ? giving_at(words, verb, &is_sure) : NULL;
    bool joined =
        giving && (words->items[verb].gap == GAP_SPACE || words->items[verb].gap == GAP_CLOSE ||
                   (others.count && words->items[verb].gap == GAP_COMMA));
    if (!joined || (sure_only && !is_sure) || is_channel(words, at))
        return;
    add_givers(reading, &list, giving);
    add_givers(reading, &others, giving);
}

// "We at Acme are putting on …"
static void read_we(struct reading *reading, size_t at)
{
    static const char *const verbs[] = {"are",  "invite",  "have", "would",
                                        "love", "believe", "want", "will"};
    static const struct giving giving = {.relation = "host"};
    const struct words *words = &reading->words;
    struct entity_list list;
    if (!words_is(words, at, "we") || !words_is(words, at + 1, "at"))
        return;
    entity_read_list(reading, at + 2, &list);
    if (list.count && WORDS_IS_ONE_OF(words, list.to, verbs))
        add_givers(reading, &list, &giving);
}

// "By Acme x Engines" as all of a line
static void read_by(struct reading *reading, size_t at)
{
    static const struct giving giving = {.relation = "host"};
    struct entity_list list;
    if (!words_is(&reading->words, at, "by"))
        return;
    entity_read_list(reading, at + 1, &list);
    if (list.count && list.to == reading->words.count)
        add_givers(reading, &list, &giving);
}

// "On 18 May, …", "To celebrate, …": the subject may stand behind the comma.
static bool begins_aside(const struct words *words, size_t at)
{
    static const char *const list[] = {"on",   "to",     "in",    "this", "at",   "for",  "as",
                                       "with", "during", "after", "from", "next", "once", "every"};
    return WORDS_IS_ONE_OF(words, at, list);
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
        if (entity_is_person(&list.items[i], POSSIBLE_NAME)) {
            struct position position = entity_position_in_front(reading, &list.items[i]);
            reading_add_person(reading, list.items[i].from, list.items[i].to, &position, "speaker",
                               POSSIBLE);
        } else
            reading_add_company(reading, list.items[i].from, list.items[i].to, "host",
                                list.items[i].is_link ? SURE : LIKELY, list.count > 1);
}

void giving_read(struct reading *reading, size_t from)
{
    const struct words *words = &reading->words;
    bool aside = false;
    read_by(reading, from);
    for (size_t at = from; at < words->count; at++) {
        bool begins = at == from || words->items[at].gap == GAP_STOP;
        if (begins) {
            aside = begins_aside(words, at);
            read_subject(reading, at, false);
            read_we(reading, at);
        } else if (aside && words->items[at].gap == GAP_COMMA) {
            read_subject(reading, at, true);
        }
        read_join(reading, at);
    }
}
