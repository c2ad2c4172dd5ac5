#include "extractor/prose/settle.h"

#include "lib/text/names.h"
#include "lib/text/unicode.h"

#include <string.h>
#include <unicode/uchar.h>

enum { MAX_MORE = 2 }; // words that a place's name may leave out

static const double GUESS = 0.7; // of a host whose kind nothing told

// ---- people

static struct slice first_word(struct slice key)
{
    return slice_sub(key, 0, slice_find_char(key, ' '));
}

// "rain" and "rain p": one word, perhaps with an initial behind it.
static bool is_short(struct slice key)
{
    size_t space = slice_find_char(key, ' ');
    return space == SIZE_MAX || key.len - space == 2;
}

static bool is_longer_form(struct slice key, struct slice other)
{
    if (other.len <= key.len || slice_equal(key, other))
        return false;
    return slice_starts_with(other, key) &&
           (slice_find_char(key, ' ') != SIZE_MAX || other.ptr[key.len] == ' ');
}

// The only person on the page whose name is a longer form of this one; NULL when there is none, or
// two different.
static const struct person *find_longer(const struct record *record, const struct person *person)
{
    const struct person *found = NULL;
    for (size_t i = 0; i < record->people_count; i++) {
        const struct person *other = &record->people[i];
        if (!is_longer_form(person->key, other->key))
            continue;
        if (found && !slice_equal(found->key, other->key) &&
            !is_longer_form(found->key, other->key) && !is_longer_form(other->key, found->key))
            return NULL;
        if (!found || other->key.len > found->key.len)
            found = other;
    }
    return found;
}

// Two positions that contradict each other belong to two people.
static bool may_be_same(const struct person *a, const struct person *b)
{
    return (!a->title.len && !a->company.len) ||
           (!b->title.len && !b->company.len && !a->is_general) ||
           slice_equal_nocase(a->company, b->company);
}

// The rest of a word that begins with a small letter.
static struct slice take_rest(struct slice text)
{
    struct slice rest = text;
    while (rest.len) {
        struct slice behind = rest;
        if (!u_islower((UChar32)unicode_next(&behind)))
            break;
        rest = behind;
    }
    return slice_sub(text, 0, text.len - rest.len);
}

// "Ada B" of the hosts in the text: "Ada Byron". Absent when there is none, or two different.
static struct slice find_full_name(const struct record *record, struct slice name)
{
    struct slice found = {0};
    for (size_t i = 0; i < record->prose.count; i++) {
        struct slice text = record->prose.lines[i].text;
        for (size_t at; (at = slice_find(text, name)) != SIZE_MAX;) {
            struct slice tail = take_rest(slice_sub(text, at + name.len, text.len));
            struct slice full = slice_sub(text, at, name.len + tail.len);
            if (tail.len && found.len && !slice_equal(found, full))
                return (struct slice){0};
            if (tail.len)
                found = full;
            text = slice_sub(text, at + name.len, text.len);
        }
    }
    return found;
}

static bool ends_with_initial(struct slice name)
{
    return name.len > 3 && name.ptr[name.len - 2] == ' ' && name.ptr[name.len - 1] >= 'A' &&
           name.ptr[name.len - 1] <= 'Z';
}

static void complete_initials(struct record *record)
{
    for (size_t i = 0; i < record->people_count; i++) {
        struct person *person = &record->people[i];
        struct slice full = ends_with_initial(person->name) ? find_full_name(record, person->name)
                                                            : (struct slice){0};
        if (full.len) {
            person->name = full;
            person->key = name_normalize(record->arena, full);
        }
    }
}

static void lengthen_names(struct record *record)
{
    for (size_t i = 0; i < record->people_count; i++) {
        struct person *person = &record->people[i];
        const struct person *longer = is_short(person->key) && first_word(person->key).len > 1
                                          ? find_longer(record, person)
                                          : NULL;
        if (longer && may_be_same(person, longer)) {
            person->name = longer->name;
            person->key = longer->key;
        }
    }
}

static void complete_from(struct slice *text, struct slice other)
{
    if (text->len == 0)
        *text = other;
}

static void share_positions(struct record *record)
{
    for (size_t i = 0; i < record->people_count; i++)
        for (size_t k = 0; k < record->people_count; k++) {
            struct person *person = &record->people[i];
            const struct person *other = &record->people[k];
            if (i == k || !slice_equal(person->key, other->key))
                continue;
            // What the event's text says of somebody wins over what they say of themselves.
            if (!person->title.len && !person->company.len) {
                person->title = other->title;
                person->company = other->company;
            }
            complete_from(&person->luma_id, other->luma_id);
            for (enum link link = 0; link < LINK_COUNT; link++)
                complete_from(&person->links[link], other->links[link]);
        }
}

// Is it in truth the beginning of a company's name ("Byron Lovelace" of "Byron Lovelace & Co LLP"),
// or a company that the text names as one?
static bool is_company(const struct record *record, const struct person *person)
{
    bool is_guess = person->method == METHOD_RULE || person->confidence <= GUESS;
    for (size_t i = 0; i < record->companies_count && is_guess; i++) {
        const struct company *company = &record->companies[i];
        struct slice name = name_normalize(record->arena, company->name);
        if (slice_equal(name, person->key) && person->method != METHOD_RULE)
            return true;
        if (name.len > person->key.len && slice_starts_with(name, person->key) &&
            name.ptr[person->key.len] == ' ' && person->method == METHOD_RULE &&
            company->confidence >= person->confidence - 0.1)
            return true;
    }
    return false;
}

static const struct person *find_role(const struct record *record, struct slice key,
                                      const char *role)
{
    for (size_t i = 0; i < record->people_count; i++)
        if (slice_equal(record->people[i].key, key) && strcmp(record->people[i].role, role) == 0)
            return &record->people[i];
    return NULL;
}

// "Ada is an engineer" below "Ada Byron": one of those with the role has this first name.
static bool has_namesake(const struct record *record, const struct person *person)
{
    for (size_t i = 0; i < record->people_count; i++)
        if (strcmp(record->people[i].role, person->role) == 0 &&
            is_longer_form(person->key, record->people[i].key))
            return true;
    return false;
}

// Is there a better entry for the same person?
static bool is_superfluous(const struct record *record, const struct person *person)
{
    bool speaks = strcmp(person->role, "speaker") == 0;
    bool on_panel = strcmp(person->role, "panelist") == 0;
    for (const struct person *other = record->people; other < person; other++)
        if (slice_equal(other->key, person->key) && strcmp(other->role, person->role) == 0)
            return true;
    if (is_company(record, person))
        return true;
    if ((on_panel || (speaks && person->is_general)) && find_role(record, person->key, "moderator"))
        return true;
    if (speaks && person->is_general &&
        (find_role(record, person->key, "panelist") || find_role(record, person->key, "judge") ||
         find_role(record, person->key, "mentor")))
        return true;
    if (person->method == METHOD_RULE && is_short(person->key) && has_namesake(record, person))
        return true;
    const struct person *panelist = find_role(record, person->key, "panelist");
    return speaks && panelist && panelist != person && !panelist->is_general && person->is_general;
}

void settle_people(struct record *record)
{
    size_t kept = 0;
    complete_initials(record);
    lengthen_names(record);
    share_positions(record);
    bool *drop = ARENA_ARRAY(record->arena, record->people_count + 1, bool);
    for (size_t i = 0; i < record->people_count; i++)
        drop[i] = is_superfluous(record, &record->people[i]);
    for (size_t i = 0; i < record->people_count; i++)
        if (!drop[i])
            record->people[kept++] = record->people[i];
    record->people_count = kept;
}

// ---- companies

static const struct company *find_relation(const struct record *record, struct slice key,
                                           const char *relation)
{
    for (size_t i = 0; i < record->companies_count; i++)
        if (slice_equal(record->companies[i].key, key) &&
            strcmp(record->companies[i].relationship, relation) == 0)
            return &record->companies[i];
    return NULL;
}

static size_t count_hosts(const struct record *record)
{
    size_t count = 0;
    for (size_t i = 0; i < record->companies_count; i++)
        count += strcmp(record->companies[i].relationship, "host") == 0;
    return count;
}

static bool is_person(const struct record *record, const struct company *company)
{
    struct slice key = name_normalize(record->arena, company->name);
    for (size_t i = 0; i < record->people_count; i++)
        if (slice_equal(record->people[i].key, key))
            return true;
    return false;
}

// Does a field of the page name the place?
static bool has_shown_venue(const struct record *record)
{
    for (size_t i = 0; i < record->companies_count; i++)
        if (strcmp(record->companies[i].relationship, "venue") == 0 &&
            record->companies[i].method != METHOD_RULE)
            return true;
    return false;
}

static bool adds_nothing(const struct record *record, const struct company *company)
{
    if (company->method != METHOD_RULE)
        return false;
    const struct company *host = find_relation(record, company->key, "host");
    if (strcmp(company->relationship, "sponsor") == 0 && host && host->method != METHOD_RULE)
        return true;
    if (strcmp(company->relationship, "host") == 0 && !company->is_listed &&
        count_hosts(record) > 1 && find_relation(record, company->key, "venue"))
        return true;
    if (strcmp(company->relationship, "venue") == 0 && host && has_shown_venue(record))
        return true; // "with space provided by Acme", who organise it somewhere else
    return is_person(record, company);
}

static bool is_lower(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] >= 'A' && text.ptr[i] <= 'Z')
            return false;
    return true;
}

// One name for one company: the shorter writing, but capitals rather than none.
static void share_names(struct record *record)
{
    for (size_t i = 0; i < record->companies_count; i++)
        for (size_t k = 0; k < record->companies_count; k++) {
            struct company *company = &record->companies[i];
            const struct company *other = &record->companies[k];
            if (i == k || !slice_equal(company->key, other->key))
                continue;
            bool better = is_lower(company->name) != is_lower(other->name)
                              ? is_lower(company->name)
                              : other->name.len < company->name.len;
            if (better)
                company->name = other->name;
        }
}

// A place that is called by the first words of a company's name ("Byron Lovelace HQ") is that
// company's.
static void lengthen_venues(struct record *record)
{
    for (size_t i = 0; i < record->companies_count; i++) {
        struct company *venue = &record->companies[i];
        if (strcmp(venue->relationship, "venue") != 0 || venue->method != METHOD_RULE ||
            slice_find_char(venue->key, ' ') == SIZE_MAX)
            continue;
        for (size_t k = 0; k < record->companies_count; k++)
            if (is_longer_form(venue->key, record->companies[k].key) &&
                name_count_words(record->companies[k].key) <=
                    name_count_words(venue->key) + MAX_MORE) {
                venue->name = record->companies[k].name;
                venue->key = record->companies[k].key;
            }
    }
}

static bool is_host(const struct company *company)
{
    return strcmp(company->relationship, "host") == 0;
}

// "Tasting @Acme Sushi" by Acme Sushi: at the host's own place, where no place is known.
static void find_venue_in_name(struct record *record)
{
    struct slice name = unicode_fold(record->arena, record_text(record, FIELD_NAME));
    size_t at = slice_find_char(name, '@');
    struct slice place = at == SIZE_MAX ? (struct slice){0} : slice_sub(name, at + 1, name.len);
    for (size_t i = 0; i < record->companies_count; i++)
        if (strcmp(record->companies[i].relationship, "venue") == 0)
            return;
    for (size_t i = 0; i < record->companies_count && place.len; i++) {
        struct company venue = record->companies[i];
        struct slice host = unicode_fold(record->arena, venue.name);
        if (!is_host(&venue) || !slice_starts_with(slice_trim(place), host))
            continue;
        venue.relationship = "venue";
        venue.method = METHOD_RULE;
        venue.confidence = 0.8;
        venue.evidence = record_text(record, FIELD_NAME);
        record_add_company(record, venue);
        return;
    }
}

void settle_companies(struct record *record)
{
    size_t kept = 0;
    share_names(record);
    lengthen_venues(record);
    find_venue_in_name(record);
    for (size_t i = 0; i < record->companies_count; i++) {
        if (adds_nothing(record, &record->companies[i]))
            continue;
        record->companies[kept++] = record->companies[i];
    }
    record->companies_count = kept;
}
