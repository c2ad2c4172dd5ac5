// The record: what the extractor knows about one page. Readers fill one each (page/reader.h),
// record_merge puts them together in the order of trust, record_render writes the JSON of the wire
// contract.
//
// Every value says how it was found (method) and how sure that is (confidence, 0 to 1). All texts
// live in the arena or are constants; they are valid UTF-8 without U+0000.
#pragma once

#include "extractor/prose/document.h"
#include "extractor/record_fields.h"
#include "lib/base/arena.h"
#include "lib/base/buffer.h"
#include "lib/base/slice.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    RECORD_MAX_PEOPLE = 200,
    RECORD_MAX_COMPANIES = 200,
    RECORD_MAX_TOPICS = 50,
    RECORD_MAX_LISTED = 1000,
    RECORD_MAX_WARNINGS = 32,
};

enum method {
    METHOD_NONE,
    METHOD_NEXT_DATA,
    METHOD_JSON_LD,
    METHOD_MICRODATA,
    METHOD_OPENGRAPH,
    METHOD_RULE,
    METHOD_LLM,
    METHOD_COUNT,
};
const char *method_name(enum method method); // "next_data"

enum page_kind { PAGE_UNKNOWN, PAGE_EVENT, PAGE_CALENDAR, PAGE_PROFILE, PAGE_NOT_EVENT };

// ---- the event: one value for each row of record_fields.h

enum field {
#define X(name, key, type, group) FIELD_##name,
    RECORD_FIELDS(X)
#undef X
        FIELD_COUNT,
};

enum field_group {
    GROUP_ALONE,
    GROUP_TIME,
    GROUP_PLACE,
    GROUP_POINT,
    GROUP_PRICE,
    GROUP_CALENDAR,
    GROUP_COUNT
};
enum value_type { VALUE_TEXT, VALUE_INSTANT, VALUE_NUMBER, VALUE_INTEGER, VALUE_FLAG };

struct value {
    enum method method; // METHOD_NONE: there is no value
    double confidence;
    union {
        struct slice text;
        int64_t integer; // VALUE_INSTANT: milliseconds since 1970
        double number;
        bool flag;
    };
};

// ---- the lists

// Addresses of one person or company elsewhere; absent where unknown.
enum link {
    LINK_LINKEDIN,
    LINK_X,
    LINK_WEBSITE,
    LINK_INSTAGRAM,
    LINK_YOUTUBE,
    LINK_TIKTOK,
    LINK_LUMA,
    LINK_COUNT
};
const char *link_name(enum link link); // "linkedin"

struct person {
    struct slice name, company, title, bio;
    struct slice key; // name_normalize of the name; set by record_add_person
    const char *role; // speaker, judge, host, panelist, moderator, mentor
    struct slice links[LINK_COUNT];
    struct slice luma_id;  // usr-…
    struct slice evidence; // the words it was read from
    bool is_general;       // of a line-up; a slot of the agenda may name the same person
    enum method method;
    double confidence;
};

struct company {
    struct slice name, domain;
    struct slice key;         // name_company_key of the name; set by record_add_company
    const char *relationship; // host, sponsor, venue, partner
    struct slice links[LINK_COUNT];
    struct slice luma_id; // cal-… or usr-…
    struct slice evidence;
    bool is_listed; // one of several in one list
    enum method method;
    double confidence;
};

struct broader_topic {
    struct slice name;
    const char *category;
};

struct topic {
    struct slice name;
    const char *category;                // technology, industry, format
    const struct broader_topic *broader; // all that it is a part of ("AI agents" of "AI")
    size_t broader_count;
    double relevance;
    enum method method;
    double confidence;
};

struct record {
    struct arena *arena;
    enum method method; // of the reader that fills it, where one reads several kinds of markup
    enum page_kind kind;
    struct value fields[FIELD_COUNT];
    struct prose_document prose; // the description with its structure
    struct person *people;
    struct company *companies;
    struct topic *topics;
    struct slice *listed; // addresses of the events a page lists
    struct slice *warnings;
    size_t people_count, companies_count, topics_count, listed_count, warnings_count;
};

void record_init(struct record *record, struct arena *arena);

// Setters: the first value of a field stays, an empty or impossible one is not taken. The
// confidence is the method's usual one; record_doubt lowers it.
void record_set_text(struct record *record, enum field field, enum method method,
                     struct slice text);
void record_set_cstr(struct record *record, enum field field, enum method method, const char *text);
void record_set_instant(struct record *record, enum field field, enum method method,
                        int64_t unix_ms);
void record_set_integer(struct record *record, enum field field, enum method method,
                        int64_t integer);
void record_set_flag(struct record *record, enum field field, enum method method, bool flag);
// Both or none: latitude -90 to 90, longitude -180 to 180, and not 0/0, which says that nobody
// looked.
void record_set_place(struct record *record, enum method method, double latitude, double longitude);
// The description: the document, and its Markdown as the field.
void record_set_prose(struct record *record, enum method method, struct prose_document prose);
void record_doubt(struct record *record, enum field field, double confidence);
void record_unset(struct record *record, enum field field);

bool record_has(const struct record *record, enum field field);
struct slice record_text(const struct record *record, enum field field); // absent when unset
double method_confidence(enum method method);

// Lists: what is there already (the same name and role, name and relation, name, address) is
// completed where it leaves something open instead of added twice; what is over the maximum is
// dropped with a warning.
void record_add_person(struct record *record, struct person person);
void record_add_company(struct record *record, struct company company);
void record_add_topic(struct record *record, struct topic topic);
void record_add_listed(struct record *record, struct slice url);
void record_warn(struct record *record, const char *format, ...) PRINTF_LIKE(2, 3);

// Takes from `other`, the less trusted, what `record` leaves open: the kind, fields by groups, and
// of the lists those that are empty. People and companies come from one source together, because
// each source has its own way to tell which of the two a host is.
void record_merge(struct record *record, const struct record *other);

// {"kind", "event" or null, "speakers", "companies", "topics", "listed_events", "warnings",
// "methods"}
void record_render(const struct record *record, struct buffer *out);
