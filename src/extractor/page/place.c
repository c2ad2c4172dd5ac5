#include "extractor/page/place.h"

#include "extractor/page/links.h"
#include "lib/text/countries.h"
#include "lib/text/names.h"
#include "lib/text/unicode.h"

#include <string.h>

static const char *const street_words[] = {
    "alley", "ave",   "avenue", "blvd",    "boulevard", "ct",  "court",   "cres",   "crescent",
    "dr",    "drive", "expy",   "freeway", "highway",   "hwy", "lane",    "ln",     "parkway",
    "pkwy",  "pl",    "rd",     "road",    "st",        "str", "strasse", "street", "way",
};

// Words that begin the name of a street where it stands in front.
static const char *const street_prefixes[] = {"avenida", "avenue", "calle", "rua", "rue", "via"};

static const char *const hidden_texts[] = {
    "location tba", "location tbd",    "register to see address", "tba",       "tbc",
    "tbd",          "to be announced", "to be determined",        "venue tba", "venue tbd",
};

// Words that say it alone, and words that stand around them: "Online via Zoom (link after RSVP)".
// Sorted, folded.
static const char *const online_words[] = {
    "discord", "livestream", "livestreamed", "meet.google.com", "online",   "remote", "remotely",
    "twitch",  "virtual",    "virtuale",     "virtually",       "virtuell", "webex",  "webinar",
    "youtube", "zoom",       "zoom.us",      "オンライン",      "線上",     "线上",   "온라인",
};
static const char *const around_online[] = {
    "a",        "after",     "also",     "and",          "approval",   "at",        "be",
    "by",       "call",      "channel",  "class",        "conference", "details",   "email",
    "emailed",  "event",     "free",     "google",       "hackathon",  "here",      "in",
    "invite",   "is",        "link",     "links",        "live",       "meet",      "meeting",
    "meetup",   "microsoft", "ms",       "of",           "on",         "only",      "or",
    "over",     "provided",  "register", "registration", "room",       "rsvp",      "sent",
    "server",   "session",   "shared",   "stage",        "stream",     "streaming", "summit",
    "talk",     "teams",     "the",      "this",         "through",    "to",        "upon",
    "url",      "via",       "we",       "webcast",      "when",       "will",      "with",
    "workshop", "you",       "your",
};
// What is online only in these very words.
static const char *const online_texts[] = {
    "en ligne",       "en linea", "google meet",     "linkedin live", "live stream",
    "meet",           "ms teams", "microsoft teams", "teams",         "twitter space",
    "twitter spaces", "x space",  "x spaces",
};
// Hosts of meetings, as people type them without a scheme.
static const char *const meeting_hosts[] = {"discord.gg/",  "meet.google.com/",
                                            "meet.jit.si/", "teams.microsoft.com/",
                                            "zoom.us/",     "youtu.be/"};

static bool is_one_of(struct slice text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(text, slice_from_cstr(list[i])))
            return true;
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// Begins with a house number: digits, perhaps a letter, then a space ("47A Elm St", not "7Up Hub").
static bool begins_with_number(struct slice text)
{
    size_t at = 0;
    while (at < text.len && is_digit(text.ptr[at]))
        at++;
    if (at == 0)
        return false;
    if (at < text.len && (text.ptr[at] | 0x20) >= 'a' && (text.ptr[at] | 0x20) <= 'z')
        at++;
    return at < text.len && (text.ptr[at] == ' ' || text.ptr[at] == ',' || text.ptr[at] == '-');
}

// An open location code: "QHF5+5J4".
static bool is_plus_code(struct slice text)
{
    size_t plus = slice_find_char(text, '+');
    if (plus == SIZE_MAX || plus < 2 || plus > 8 || text.len > 12)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (i != plus && !is_digit(text.ptr[i]) && !strchr("CFGHJMPQRVWX", text.ptr[i]))
            return false;
    return true;
}

bool place_is_street(struct arena *arena, struct slice text)
{
    if (begins_with_number(text) || is_plus_code(text))
        return true;
    struct slice rest = unicode_fold(arena, text), word, first = {0}, last = {0};
    bool street_word = false, number = false;
    size_t words = 0;
    while (name_next_word(&rest, &word)) {
        while (word.len && strchr(".,", word.ptr[word.len - 1]))
            word.len--;
        if (words++ == 0)
            first = word;
        street_word |=
            slice_ends_with(word, SLICE("strasse")) || slice_ends_with(word, SLICE("str"));
        number |= words > 1 && word.len && is_digit(word.ptr[0]);
        last = word;
    }
    if (words < 2 || slice_equal(first, SLICE("the")))
        return false;
    return is_one_of(last, street_words, ARRAY_LEN(street_words)) || (street_word && number) ||
           (number && is_one_of(first, street_prefixes, ARRAY_LEN(street_prefixes)));
}

bool place_is_hidden(struct arena *arena, struct slice text)
{
    return is_one_of(name_normalize(arena, text), hidden_texts, ARRAY_LEN(hidden_texts));
}

void place_split_city(struct slice text, struct slice *ret_city, struct slice *ret_region)
{
    size_t comma = text.len;
    while (comma > 0 && text.ptr[comma - 1] != ',')
        comma--;
    *ret_city = comma ? slice_trim(slice_sub(text, 0, comma - 1)) : text;
    *ret_region = comma ? slice_trim(slice_sub(text, comma, text.len)) : (struct slice){0};
}

static bool is_word_byte(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c & 0x80) || c == '.';
}

// Nothing but words of meetings, and one at least that says it.
static bool speaks_of_meeting(struct slice folded)
{
    bool said = false;
    while (folded.len) {
        size_t len = 0;
        while (len < folded.len && is_word_byte(folded.ptr[len]))
            len++;
        struct slice word = slice_sub(folded, 0, len);
        while (word.len && word.ptr[word.len - 1] == '.')
            word.len--;
        bool is_strong = slice_in_sorted(word, online_words, ARRAY_LEN(online_words));
        if (word.len && !is_strong &&
            !slice_in_sorted(word, around_online, ARRAY_LEN(around_online)))
            return false;
        said |= is_strong;
        folded = slice_sub(folded, len ? len : 1, folded.len);
    }
    return said;
}

static bool is_meeting_address(struct slice folded)
{
    if (slice_find_char(folded, ' ') != SIZE_MAX)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(meeting_hosts); i++)
        if (slice_find(folded, slice_from_cstr(meeting_hosts[i])) != SIZE_MAX)
            return true;
    return false;
}

bool place_is_online(struct arena *arena, struct slice text)
{
    if (link_http(arena, text).ptr ||
        is_one_of(name_normalize(arena, text), online_texts, ARRAY_LEN(online_texts)))
        return true;
    struct slice folded = unicode_fold(arena, text);
    return speaks_of_meeting(folded) || is_meeting_address(folded);
}

struct slice place_company(struct arena *arena, struct slice text)
{
    static const char *const rooms[] = {"headquarters", "hq",   "オフィス", "本社",
                                        "办公室",       "總部", "辦公室",   "사무실"};
    static const char *const whose[] = {"company", "corporate", "global", "main", "our", "the"};
    size_t space = text.len;
    while (space > 0 && text.ptr[space - 1] != ' ')
        space--;
    struct slice name = slice_trim(slice_sub(text, 0, space));
    struct slice room = unicode_fold(arena, slice_sub(text, space, text.len));
    bool is_room = is_one_of(room, rooms, ARRAY_LEN(rooms));
    bool is_named = name.len && !is_one_of(unicode_fold(arena, name), whose, ARRAY_LEN(whose));
    return is_room && is_named ? name : text;
}

// ---- the city of an address in one line

// Words of what stands in a building or is one, and of what is no city.
static const char *const inside_words[] = {
    "annex", "apartment", "apt",  "block",  "building", "campus", "center", "centre", "entrance",
    "floor", "gate",      "hall", "house",  "level",    "lobby",  "lounge", "office", "park",
    "plaza", "rooftop",   "room", "square", "station",  "suite",  "tower",  "unit",   "wing",
};

static bool has_number(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (is_digit(text.ptr[i]))
            return true;
    return false;
}

// Without words that have digits, at both ends: "10115 Berlin", "London SW1A 1AA", "OR 97477".
static struct slice without_codes(struct slice text)
{
    for (;;) {
        text = slice_trim(text);
        size_t first = slice_find_char(text, ' '), last = text.len;
        while (last > 0 && text.ptr[last - 1] != ' ')
            last--;
        if (has_number(slice_sub(text, last, text.len)))
            text.len = last;
        else if (has_number(slice_sub(text, 0, first)))
            text = slice_sub(text, first == SIZE_MAX ? text.len : first, text.len);
        else
            return text;
        if (text.len == 0)
            return text;
    }
}

// "CA", "NSW": the abbreviation of a region.
static bool is_abbreviation(struct slice text)
{
    if (text.len < 2 || text.len > 3)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < 'A' || text.ptr[i] > 'Z')
            return false;
    return true;
}

static bool can_be_city(struct arena *arena, struct slice text)
{
    struct slice rest = unicode_fold(arena, text), word;
    size_t words = 0;
    if (text.len < 3 || has_number(text) || place_is_street(arena, text) ||
        place_is_hidden(arena, text) || place_is_online(arena, text))
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (strchr("@()[]/:&+#\"", text.ptr[i]))
            return false;
    while (name_next_word(&rest, &word))
        if (words++ == 4 || is_one_of(word, inside_words, ARRAY_LEN(inside_words)))
            return false;
    // Names of cities begin with a capital, in scripts that have them.
    return !(text.ptr[0] >= 'a' && text.ptr[0] <= 'z');
}

// Does the line of a street stand somewhere in it: "Engine Hall 12 Elm St", "Torstraße 5"?
static bool has_street(struct arena *arena, struct slice text)
{
    return has_number(text) && (place_is_street(arena, text) || begins_with_number(text));
}

struct slice place_city_behind(struct arena *arena, struct slice text)
{
    enum { MAX_PARTS = 8 };
    struct slice part, city = {0};
    bool behind_street = false;
    for (int i = 0; i < MAX_PARTS && slice_split_next(&text, ',', &part); i++) {
        part = slice_trim(part);
        if (!behind_street) {
            behind_street = has_street(arena, part);
            continue;
        }
        struct slice name = without_codes(part);
        if (name.len == 0 || is_abbreviation(name) || !can_be_city(arena, name))
            continue;
        // A post code stands with the city itself; before it may stand a district.
        if (name.len < part.len)
            return name;
        if (city.len == 0 && !country_code(arena, name))
            city = name;
    }
    return city;
}
