#include "extractor/page/place.h"

#include "extractor/page/links.h"
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

static const char *const online_texts[] = {
    "discord",      "google meet",  "livestream", "microsoft teams", "online",
    "online event", "remote",       "teams",      "virtual",         "virtual event",
    "webinar",      "youtube live", "zoom",
};

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

bool place_is_online(struct arena *arena, struct slice text)
{
    return link_http(arena, text).ptr ||
           is_one_of(name_normalize(arena, text), online_texts, ARRAY_LEN(online_texts));
}
