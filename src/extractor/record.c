#include "extractor/record.h"

#include "extractor/prose/markdown.h"
#include "lib/base/ensure.h"
#include "lib/text/names.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_CAPACITY = 8, MAX_WARNING = 200 };

// How far each method is believed. First estimates; the extraction issue calibrates them on
// labelled pages.
static const struct {
    const char *name;
    double confidence;
} methods[METHOD_COUNT] = {
    [METHOD_NONE] = {"none", 0},
    [METHOD_NEXT_DATA] = {"next_data", 0.98},
    [METHOD_JSON_LD] = {"json_ld", 0.9},
    [METHOD_MICRODATA] = {"microdata", 0.85},
    [METHOD_OPENGRAPH] = {"opengraph", 0.6},
    [METHOD_RULE] = {"rule", 0.75},
    [METHOD_LLM] = {"llm", 0.5},
};

static const char *const link_names[LINK_COUNT] = {
    [LINK_LINKEDIN] = "linkedin", [LINK_X] = "x",
    [LINK_WEBSITE] = "website",   [LINK_INSTAGRAM] = "instagram",
    [LINK_YOUTUBE] = "youtube",   [LINK_TIKTOK] = "tiktok",
    [LINK_LUMA] = "luma",
};

const char *method_name(enum method method)
{
    return methods[method].name;
}

double method_confidence(enum method method)
{
    return methods[method].confidence;
}

const char *link_name(enum link link)
{
    return link_names[link];
}

void record_init(struct record *record, struct arena *arena)
{
    *record = (struct record){.arena = arena};
}

// ---- fields

bool record_has(const struct record *record, enum field field)
{
    return record->fields[field].method != METHOD_NONE;
}

struct slice record_text(const struct record *record, enum field field)
{
    return record_has(record, field) ? record->fields[field].text : (struct slice){0};
}

// The value to fill in, or NULL when the field is taken.
static struct value *open_field(struct record *record, enum field field, enum method method)
{
    ensure(method != METHOD_NONE);
    struct value *value = &record->fields[field];
    if (value->method != METHOD_NONE)
        return NULL;
    value->method = method;
    value->confidence = method_confidence(method);
    return value;
}

void record_set_text(struct record *record, enum field field, enum method method, struct slice text)
{
    struct value *value = text.len ? open_field(record, field, method) : NULL;
    if (value)
        value->text = text;
}

void record_set_cstr(struct record *record, enum field field, enum method method, const char *text)
{
    record_set_text(record, field, method, slice_from_cstr(text));
}

void record_set_instant(struct record *record, enum field field, enum method method,
                        int64_t unix_ms)
{
    struct value *value = open_field(record, field, method);
    if (value)
        value->integer = unix_ms;
}

void record_set_integer(struct record *record, enum field field, enum method method,
                        int64_t integer)
{
    struct value *value = integer >= 0 ? open_field(record, field, method) : NULL;
    if (value)
        value->integer = integer;
}

void record_set_flag(struct record *record, enum field field, enum method method, bool flag)
{
    struct value *value = open_field(record, field, method);
    if (value)
        value->flag = flag;
}

void record_set_place(struct record *record, enum method method, double latitude, double longitude)
{
    // Written so that NaN fails.
    bool possible =
        fabs(latitude) <= 90 && fabs(longitude) <= 180 && (latitude != 0 || longitude != 0);
    struct value *first = possible ? open_field(record, FIELD_LATITUDE, method) : NULL;
    struct value *second = first ? open_field(record, FIELD_LONGITUDE, method) : NULL;
    if (first && second)
        first->number = latitude, second->number = longitude;
}

void record_set_prose(struct record *record, enum method method, struct prose_document prose)
{
    if (prose.count == 0 || record_has(record, FIELD_DESCRIPTION))
        return;
    record_set_text(record, FIELD_DESCRIPTION, method, prose_markdown(record->arena, &prose));
    record->prose = prose;
}

void record_doubt(struct record *record, enum field field, double confidence)
{
    if (record->fields[field].confidence > confidence)
        record->fields[field].confidence = confidence;
}

void record_unset(struct record *record, enum field field)
{
    record->fields[field] = (struct value){0};
}

// ---- lists

// Room for one more at the end of a list: the same memory, or twice as much. NULL at the maximum.
static void *list_reserve(struct record *record, void *items, size_t count, size_t size, size_t max,
                          const char *what)
{
    if (count == max) {
        record_warn(record, "more than %zu %s: the rest is left out", max, what);
        return NULL;
    }
    bool full = count == 0 || (count >= FIRST_CAPACITY && (count & (count - 1)) == 0);
    if (!full)
        return items;
    void *grown = arena_alloc_array(record->arena, count ? count * 2 : FIRST_CAPACITY, size);
    if (count)
        memcpy(grown, items, count * size);
    return grown;
}

static void complete_text(struct slice *text, struct slice other)
{
    if (text->len == 0 && other.len)
        *text = other;
}

static void complete_links(struct slice *links, const struct slice *others)
{
    for (enum link link = 0; link < LINK_COUNT; link++)
        complete_text(&links[link], others[link]);
}

void record_add_person(struct record *record, struct person person)
{
    person.key = name_normalize(record->arena, person.name);
    if (person.key.len == 0)
        return;
    for (size_t i = 0; i < record->people_count; i++) {
        struct person *known = &record->people[i];
        if (strcmp(known->role, person.role) != 0 || !slice_equal(known->key, person.key))
            continue;
        complete_text(&known->company, person.company);
        complete_text(&known->title, person.title);
        complete_text(&known->bio, person.bio);
        complete_text(&known->luma_id, person.luma_id);
        complete_links(known->links, person.links);
        return;
    }
    struct person *items = list_reserve(record, record->people, record->people_count, sizeof person,
                                        RECORD_MAX_PEOPLE, "people");
    if (!items)
        return;
    record->people = items;
    record->people[record->people_count++] = person;
}

void record_add_company(struct record *record, struct company company)
{
    company.key = name_company_key(record->arena, company.name);
    if (company.key.len == 0)
        return;
    for (size_t i = 0; i < record->companies_count; i++) {
        struct company *known = &record->companies[i];
        if (strcmp(known->relationship, company.relationship) != 0 ||
            !slice_equal(known->key, company.key))
            continue;
        // The shorter of two writings is the name itself: "Acme" and "Acme SF".
        if (company.name.len < known->name.len)
            known->name = company.name;
        if (company.confidence > known->confidence)
            known->confidence = company.confidence;
        complete_text(&known->domain, company.domain);
        complete_text(&known->luma_id, company.luma_id);
        complete_links(known->links, company.links);
        return;
    }
    struct company *items = list_reserve(record, record->companies, record->companies_count,
                                         sizeof company, RECORD_MAX_COMPANIES, "companies");
    if (!items)
        return;
    record->companies = items;
    record->companies[record->companies_count++] = company;
}

void record_add_topic(struct record *record, struct topic topic)
{
    struct slice key = name_normalize(record->arena, topic.name);
    for (size_t i = 0; i < record->topics_count; i++)
        if (slice_equal(name_normalize(record->arena, record->topics[i].name), key))
            return;
    struct topic *items = key.len ? list_reserve(record, record->topics, record->topics_count,
                                                 sizeof topic, RECORD_MAX_TOPICS, "topics")
                                  : NULL;
    if (!items)
        return;
    record->topics = items;
    record->topics[record->topics_count++] = topic;
}

void record_add_listed(struct record *record, struct slice url)
{
    if (url.len == 0)
        return;
    for (size_t i = 0; i < record->listed_count; i++)
        if (slice_equal(record->listed[i], url))
            return;
    struct slice *items = list_reserve(record, record->listed, record->listed_count, sizeof url,
                                       RECORD_MAX_LISTED, "listed events");
    if (!items)
        return;
    record->listed = items;
    record->listed[record->listed_count++] = url;
}

void record_warn(struct record *record, const char *format, ...)
{
    char text[MAX_WARNING];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    struct slice warning = slice_from_cstr(text);
    for (size_t i = 0; i < record->warnings_count; i++)
        if (slice_equal(record->warnings[i], warning))
            return;
    if (record->warnings_count == RECORD_MAX_WARNINGS)
        return;
    if (!record->warnings)
        record->warnings = ARENA_ARRAY(record->arena, RECORD_MAX_WARNINGS, struct slice);
    record->warnings[record->warnings_count++] = arena_slice(record->arena, warning);
}

// ---- merging

static const enum field_group groups[FIELD_COUNT] = {
#define X(name, key, type, group) [FIELD_##name] = GROUP_##group,
    RECORD_FIELDS(X)
#undef X
};

static void merge_fields(struct record *record, const struct record *other)
{
    bool taken[GROUP_COUNT] = {0};
    for (enum field field = 0; field < FIELD_COUNT; field++)
        taken[groups[field]] |= record_has(record, field);
    for (enum field field = 0; field < FIELD_COUNT; field++)
        if (groups[field] == GROUP_ALONE ? !record_has(record, field) : !taken[groups[field]])
            record->fields[field] = other->fields[field];
}

void record_merge(struct record *record, const struct record *other)
{
    if (record->kind == PAGE_UNKNOWN)
        record->kind = other->kind;
    if (!record_has(record, FIELD_DESCRIPTION))
        record->prose = other->prose;
    merge_fields(record, other);
    if (record->people_count == 0 && record->companies_count == 0) {
        record->people = other->people, record->people_count = other->people_count;
        record->companies = other->companies, record->companies_count = other->companies_count;
    }
    if (record->topics_count == 0)
        record->topics = other->topics, record->topics_count = other->topics_count;
    if (record->listed_count == 0)
        record->listed = other->listed, record->listed_count = other->listed_count;
    for (size_t i = 0; i < other->warnings_count; i++)
        record_warn(record, "%.*s", SLICE_FMT(other->warnings[i]));
}
