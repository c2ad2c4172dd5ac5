// Where an event is: lines and sentences that name the place.
#include "extractor/page/place.h"
#include "extractor/prose/company_name.h"
#include "extractor/prose/entity.h"
#include "extractor/prose/reading.h"

#include "lib/text/lexicon.h"
#include "lib/text/names.h"

#include <string.h>

enum { MAX_PLACE_WORDS = 7, MAX_SPAN_COMPANY = 9 };

// ---- lines

static bool is_street_word(const struct words *words, size_t at)
{
    static const char *const streets[] = {"st", "street", "ave",   "avenue", "blvd",  "road",
                                          "rd", "way",    "drive", "lane",   "floor", "suite"};
    return WORDS_IS_ONE_OF(words, at, streets);
}

static bool is_street(const struct words *words, size_t from, size_t to)
{
    if (words->items[from].has_digit && words->items[from].is_capital == false)
        return true;
    return to > from && is_street_word(words, to - 1);
}

// The word behind a place's name.
static size_t name_end(const struct reading *reading, size_t from)
{
    size_t span = reading_span_end(reading, from, MAX_SPAN_COMPANY, false);
    return span > from ? span : company_name_end(&reading->words, from, true);
}

// A town or a country is no venue.
static bool is_town(const struct reading *reading, size_t from, size_t to)
{
    struct slice text = words_text(&reading->words, from, to);
    struct slice key = name_normalize(reading->arena, text);
    struct slice city = name_normalize(reading->arena, record_text(reading->record, FIELD_CITY));
    struct slice ending = name_place_ending(
        reading->arena, slice_from_cstr(arena_printf(reading->arena, "x %.*s", SLICE_FMT(text))));
    static const char *const districts[] = {"downtown", "district", "city", "neighborhood", "area"};
    if (WORDS_IS_ONE_OF(&reading->words, to - 1, districts) ||
        words_is(&reading->words, from, "downtown"))
        return true;
    return slice_equal(key, city) || slice_equal(slice_trim(ending), key) ||
           (to == from + 1 && reading->words.items[from].lexicon & LEXICON_PLACE);
}

// Of "Acme HQ" the company alone: the word behind it.
static size_t company_end(const struct reading *reading, size_t from, size_t to)
{
    struct slice name = place_company(reading->arena, words_text(&reading->words, from, to));
    while (to > from + 1 && words_text(&reading->words, from, to).len > name.len)
        to--;
    return to;
}

static struct company *find_venue(struct record *record)
{
    for (size_t i = 0; i < record->companies_count; i++)
        if (strcmp(record->companies[i].relationship, "venue") == 0)
            return &record->companies[i];
    return NULL;
}

bool venue_read_line(struct reading *reading, size_t from)
{
    const struct words *words = &reading->words;
    if (from < words->count && words_is(words, from, "at"))
        from++;
    if (from >= words->count || entity_is_nobody(words, from, from + 1))
        return false;
    size_t to = name_end(reading, from);
    if (to == from || entity_is_nobody(words, from, to) || is_street(words, from, to) ||
        is_town(reading, from, to))
        return false;
    enum gap gap = to < words->count ? words->items[to].gap : GAP_STOP;
    to = company_end(reading, from, to);
    static const char *const behind[] = {"in", "for", "on", "from"};
    if (gap != GAP_COMMA && gap != GAP_STOP && gap != GAP_OPEN && gap != GAP_DASH &&
        gap != GAP_PIPE && !WORDS_IS_ONE_OF(words, to, behind))
        return false;
    struct company *known = find_venue(reading->record);
    struct slice name = words_text(words, from, to);
    if (known && known->method != METHOD_RULE &&
        slice_starts_with(name_normalize(reading->arena, name), known->key))
        known->name = name; // the structured data has a short form of it
    else if (!known)
        reading_add_company(reading, from, to, "venue", LIKELY, true);
    return true;
}

bool venue_read_pinned(struct reading *reading, size_t from)
{
    enum { MAX_FRONT = 4 };
    for (size_t at = from; at < reading->words.count && at < from + MAX_FRONT; at++)
        if (words_is(&reading->words, at, "at"))
            return venue_read_line(reading, at + 1);
    return venue_read_line(reading, from);
}

// "The Great Room, 5 Quay Street": a name in front of a street with its number.
bool venue_read_address(struct reading *reading, size_t from)
{
    enum { MAX_STREET = 6 };
    const struct words *words = &reading->words;
    size_t to = name_end(reading, from), number = to;
    if (to >= words->count || words->items[to].gap != GAP_COMMA ||
        !words->items[number].has_digit || words->items[number].is_capital ||
        words->items[from].has_digit || find_venue(reading->record))
        return false;
    for (size_t i = number + 1; i < words->count && i < number + MAX_STREET; i++)
        if (is_street_word(words, i))
            return venue_read_line(reading, from);
    return false;
}

// ---- sentences

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
    size_t to = company_name_end(words, from, true);
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

// "in the lovely Acme offices"
static size_t skip_praise(const struct words *words, size_t at)
{
    static const char *const list[] = {"the",  "our",      "lovely", "beautiful", "gorgeous", "new",
                                       "cozy", "stunning", "brand",  "amazing",   "wonderful"};
    while (at < words->count && !words->items[at].is_capital && WORDS_IS_ONE_OF(words, at, list))
        at++;
    return at;
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
        end = words_phrase_end(words, at, places[i]);
    if (!end && words_is(words, at, "join") && words_is(words, at + 1, "us"))
        for (size_t i = at + 2; i < words->count && i < at + 8 && !end; i++)
            end = words_is(words, i, "at") && words->items[i].gap == GAP_SPACE ? i + 1 : 0;
    if (!end || end >= words->count || words->items[end].has_digit)
        return false;
    size_t from = skip_the(words, end);
    return read_rooms(reading, from) || venue_read_line(reading, from);
}

static bool is_building(const struct words *words, size_t at)
{
    static const char *const list[] = {
        "academy", "bar",       "bookshop",   "bookstore", "brewery",   "cafe",    "campus",
        "center",  "centre",    "church",     "club",      "college",   "embassy", "factory",
        "gallery", "garden",    "gardens",    "hall",      "hotel",     "house",   "hq",
        "hub",     "institute", "labs",       "library",   "loft",      "museum",  "office",
        "offices", "park",      "restaurant", "school",    "studio",    "studios", "synagogue",
        "tavern",  "theater",   "theatre",    "tower",     "university"};
    return WORDS_IS_ONE_OF(words, at, list);
}

void venue_read_name(struct reading *reading)
{
    const struct words *words = &reading->words;
    for (size_t at = 1; at < words->count; at++) {
        size_t from = skip_the(words, at + 1), to = company_name_end(words, from, true);
        if (words_is(words, at, "at") && to == words->count && !find_venue(reading->record) &&
            (is_building(words, from) || is_building(words, to - 1)))
            reading_add_company(reading, from, to, "venue", POSSIBLE, true);
    }
}

void venue_read_sentences(struct reading *reading, size_t from)
{
    const struct words *words = &reading->words;
    bool open = !find_venue(reading->record);
    for (size_t at = from; at < words->count && open; at++) {
        bool at_place =
            words_is(words, at, "at") || words_is(words, at, "to") || words_is(words, at, "in");
        bool own = words->items[at].is_capital && (at == from || words->items[at].gap == GAP_STOP ||
                                                   words->items[at].gap == GAP_PIPE);
        open = !((at_place && read_rooms(reading, skip_praise(words, at + 1))) ||
                 (own && read_rooms(reading, at)) || read_held_at(reading, at));
    }
}
