#include "extractor/page/host_kind.h"

#include "extractor/page/links.h"
#include "lib/text/unicode.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>

struct case_file {
    struct arena *arena;
    const struct host *host;
    const struct host_context *context;
    size_t words;
};

typedef bool sign(const struct case_file *file);

static bool any_word(struct slice text, bool (*holds)(struct slice word))
{
    struct slice word;
    while (name_next_word(&text, &word))
        if (holds(word))
            return true;
    return false;
}

// ---- what others say

static bool has_person_profile(const struct case_file *f)
{
    return slice_starts_with(f->host->linkedin, SLICE("/in/"));
}

static bool has_company_profile(const struct case_file *f)
{
    return slice_starts_with(f->host->linkedin, SLICE("/company/")) ||
           slice_starts_with(f->host->linkedin, SLICE("/showcase/"));
}

static bool has_school_profile(const struct case_file *f)
{
    return slice_starts_with(f->host->linkedin, SLICE("/school/"));
}

static bool is_typed_organization(const struct case_file *f)
{
    return f->host->is_typed_organization;
}

static bool is_typed_person(const struct case_file *f)
{
    return f->host->is_typed_person;
}

// The presenting calendar has the same name.
static bool is_calendar(const struct case_file *f)
{
    return f->host->key.len && slice_equal(f->host->key, f->context->calendar_key);
}

// Its name occurs in the calendar's: "EngineDuck" and "Bay Area Looms and EngineDuck Meetups". In
// front of a subtitle it may be a person's: "Ada - Engines and Friends".
static bool is_in_calendar(const struct case_file *f)
{
    struct slice calendar = unicode_fold(f->arena, f->context->calendar_name);
    struct slice name = unicode_fold(f->arena, f->host->raw);
    size_t at = slice_find(calendar, name);
    if (is_calendar(f) || name.len < 3 || at == SIZE_MAX)
        return false;
    bool begins = at == 0 || calendar.ptr[at - 1] == ' ';
    struct slice behind = slice_sub(calendar, at + name.len, calendar.len);
    return begins &&
           (behind.len == 0 || (behind.ptr[0] == ' ' && !slice_starts_with(behind, SLICE(" -"))));
}

// The event takes place there.
static bool is_venue(const struct case_file *f)
{
    return f->host->key.len && slice_equal(f->host->key, f->context->venue_key);
}

static bool is_word_border(struct slice text, size_t at)
{
    return at >= text.len ||
           (!u_isalnum((UChar32)(unsigned char)text.ptr[at]) && (unsigned char)text.ptr[at] < 0x80);
}

// One word that stands in the event's name: "Acme" and "Acme x Engines Demo Night". First names
// hardly ever do.
static bool is_in_event_name(const struct case_file *f)
{
    struct slice name = f->host->name.name, event = f->context->event_name;
    size_t at = name.len >= 3 && f->words == 1 ? slice_find(event, name) : SIZE_MAX;
    return at != SIZE_MAX && (at == 0 || is_word_border(event, at - 1)) &&
           is_word_border(event, at + name.len);
}

// ---- the name

static bool has_company_word(const struct case_file *f)
{
    struct slice rest = f->host->name.name, part;
    if (name_has_company_word(f->arena, rest))
        return true;
    while (f->words == 1 && slice_split_next(&rest, '-', &part)) // "acme-software"
        if (name_is_company_word(f->arena, part))
            return true;
    return false;
}

static bool is_function_word(struct slice word)
{
    static const char *const words[] = {"&",   "+",  "and", "by",  "for", "from",
                                        "her", "in", "of",  "our", "the", "to"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (slice_equal_nocase(word, slice_from_cstr(words[i])))
            return true;
    return false;
}

static bool has_function_word(const struct case_file *f)
{
    return any_word(f->host->name.name, is_function_word);
}

static bool has_digit(struct slice word)
{
    for (size_t i = 0; i < word.len; i++)
        if (word.ptr[i] >= '0' && word.ptr[i] <= '9')
            return true;
    return false;
}

static bool has_number(const struct case_file *f)
{
    return any_word(f->host->name.name, has_digit);
}

// "acme.ai": letters, a dot, at least two letters; initials ("J.R.R.") have single ones.
static bool is_domain(struct slice word)
{
    for (size_t i = 2; i + 2 < word.len; i++)
        if (word.ptr[i] == '.')
            return word.ptr[i + 1] != '.' && word.ptr[i + 2] != '.';
    return false;
}

static bool has_domain(const struct case_file *f)
{
    return any_word(f->host->name.name, is_domain);
}

static bool ends_with_place(const struct case_file *f)
{
    return name_place_ending(f->arena, f->host->name.name).len > 0;
}

// A capital behind a small letter in a single word: "EnginePaw". Two words have "McAda" and
// "LaRue".
static bool is_camel_case(const struct case_file *f)
{
    bool small = false;
    struct slice rest = f->host->name.name;
    if (f->words != 1)
        return false;
    while (rest.len) {
        UChar32 c = (UChar32)unicode_next(&rest);
        if (small && u_isupper(c))
            return true;
        small = u_islower(c);
    }
    return false;
}

// Three capitals or more and nothing else: "ACME". Shorter ones are initials.
static bool is_acronym(const struct case_file *f)
{
    struct slice rest = f->host->name.name;
    size_t capitals = 0;
    while (rest.len) {
        if (!u_isupper((UChar32)unicode_next(&rest)))
            return false;
        capitals++;
    }
    return capitals >= 3;
}

static bool has_many_words(const struct case_file *f)
{
    return f->words > 4;
}

static bool is_surely_person(const struct case_file *f)
{
    return f->host->name.is_surely_person;
}

// "Ada (Engines)", "Ada @ Engines": only people are written so.
static bool has_employer_in_name(const struct case_file *f)
{
    return f->host->name.company.len || f->host->name.title.len;
}

// ---- the biography

static bool has_position(const struct case_file *f)
{
    return f->host->position.title.len > 0;
}

static bool speaks_as_we(const struct case_file *f)
{
    static const char *const phrases[] = {
        "we ",          "we're ",        "we’re ",       "our ",      "join us",  "the largest ",
        "a community ", "community of ", "the leading ", "a global ", "follow us"};
    struct slice bio = unicode_fold(f->arena, f->host->bio);
    for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
        size_t at = slice_find(bio, slice_from_cstr(phrases[i]));
        if (at != SIZE_MAX && (at == 0 || bio.ptr[at - 1] == ' '))
            return true;
    }
    return false;
}

// The key without its spaces: "big-acme" and "Big Acme" are "bigacme".
static struct slice squeeze(struct arena *arena, struct slice text)
{
    struct slice key = name_normalize(arena, text);
    char *squeezed = arena_cstr(arena, key);
    size_t len = 0;
    for (size_t i = 0; i < key.len; i++)
        if (key.ptr[i] != ' ')
            squeezed[len++] = key.ptr[i];
    return (struct slice){squeezed, len};
}

// acme.vc for "Acme". People have such sites too, with both their names.
static bool has_site_of_its_name(const struct case_file *f)
{
    struct slice domain = link_domain(f->arena, f->host->website);
    struct slice site = squeeze(f->arena, slice_sub(domain, 0, slice_find_char(domain, '.')));
    return f->words != 2 && site.len >= 4 && slice_equal(site, squeeze(f->arena, f->host->raw));
}

// Above zero speaks for a company, below for a person. The weights are roughly the logarithm of how
// much more often a sign is found on one kind than on the other in the pages looked at; nobody's
// name is in here.
static const struct {
    sign *holds;
    int weight;
} signs[] = {
    {has_person_profile, -4},
    {has_company_profile, 3},
    {has_school_profile, 4},
    {is_typed_organization, 4},
    {is_typed_person, -6},
    {is_calendar, 3},
    {is_venue, 4},
    {is_in_event_name, 2},
    {is_in_calendar, 2},
    {has_company_word, 4},
    {has_function_word, 4},
    {has_number, 3},
    {has_domain, 4},
    {ends_with_place, 3},
    {is_camel_case, 2},
    {is_acronym, 2},
    {has_many_words, 3},
    {is_surely_person, -4},
    {has_employer_in_name, -3},
    {has_position, -3},
    {speaks_as_we, 2},
    {has_site_of_its_name, 2},
};

struct host_verdict host_judge(struct arena *arena, const struct host *host,
                               const struct host_context *context)
{
    static const double confidence_by_margin[] = {0.7, 0.75, 0.85, 0.9, 0.95};
    struct case_file file = {.arena = arena, .host = host, .context = context};
    struct slice rest = host->name.name, word;
    while (name_next_word(&rest, &word))
        file.words++;
    int score = 0;
    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        score += signs[i].holds(&file) ? signs[i].weight : 0;
    size_t margin = (size_t)abs(score);
    double confidence = confidence_by_margin[margin < ARRAY_LEN(confidence_by_margin) ? margin : 4];
    // Two or three words with nothing against them are a person's name nearly always; one word can
    // be anything.
    if (score == 0 && file.words > 1 && file.words <= 3)
        confidence = 0.85;
    return (struct host_verdict){.is_company = score > 0, .confidence = confidence};
}
