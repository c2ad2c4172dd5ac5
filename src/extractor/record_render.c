// record_render of record.h.
#include "extractor/record.h"
#include "lib/json/json.h"
#include "lib/text/dates.h"

#include <string.h>

static const struct {
    const char *key;
    enum value_type type;
} fields[FIELD_COUNT] = {
#define X(name, key, type, group) [FIELD_##name] = {key, VALUE_##type},
    RECORD_FIELDS(X)
#undef X
};

static const char *const kinds[] = {
    [PAGE_UNKNOWN] = "not_event", [PAGE_EVENT] = "event",         [PAGE_CALENDAR] = "calendar",
    [PAGE_PROFILE] = "profile",   [PAGE_NOT_EVENT] = "not_event",
};

// Two decimals: more would claim a precision that nobody has.
static void render_confidence(struct json_writer *w, const char *key, double confidence)
{
    json_key(w, key);
    json_double(w, (double)(int)(confidence * 100 + 0.5) / 100);
}

static void render_instant(struct json_writer *w, int64_t unix_ms)
{
    char text[INSTANT_TEXT];
    instant_format(unix_ms, text);
    json_cstr(w, text);
}

static void render_value(struct json_writer *w, enum field field, const struct value *value)
{
    if (value->method == METHOD_NONE) {
        json_null(w);
        return;
    }
    switch (fields[field].type) {
    case VALUE_TEXT:
        json_text(w, value->text);
        break;
    case VALUE_INSTANT:
        render_instant(w, value->integer);
        break;
    case VALUE_NUMBER:
        json_double(w, value->number);
        break;
    case VALUE_INTEGER:
        json_int(w, value->integer);
        break;
    case VALUE_FLAG:
        json_bool(w, value->flag);
        break;
    }
}

// "price.cents" belongs to the object "price": the length of that, 0 for a plain key.
static size_t group_len(enum field field)
{
    const char *dot = strchr(fields[field].key, '.');
    return dot ? (size_t)(dot - fields[field].key) : 0;
}

static bool same_group(enum field a, enum field b)
{
    size_t len = group_len(a);
    return len && len == group_len(b) && strncmp(fields[a].key, fields[b].key, len) == 0;
}

// The rows of one object from `first` on; returns the row behind them.
static enum field render_group(struct json_writer *w, const struct record *record, enum field first)
{
    enum field end = first;
    bool any = false;
    for (; end < FIELD_COUNT && same_group(first, end); end++)
        any |= record_has(record, end);
    json_key(w, arena_printf(record->arena, "%.*s", (int)group_len(first), fields[first].key));
    if (!any) {
        json_null(w);
        return end;
    }
    json_begin_object(w);
    for (enum field field = first; field < end; field++) {
        json_key(w, fields[field].key + group_len(field) + 1);
        render_value(w, field, &record->fields[field]);
    }
    json_end_object(w);
    return end;
}

// {"name": {"method": "next_data", "confidence": 0.98}, …} for the fields that have a value.
static void render_origins(struct json_writer *w, const struct record *record)
{
    json_key(w, "fields");
    json_begin_object(w);
    for (enum field field = 0; field < FIELD_COUNT; field++) {
        if (!record_has(record, field))
            continue;
        json_key(w, fields[field].key);
        json_begin_object(w);
        json_key(w, "method");
        json_cstr(w, method_name(record->fields[field].method));
        render_confidence(w, "confidence", record->fields[field].confidence);
        json_end_object(w);
    }
    json_end_object(w);
}

static void render_event(struct json_writer *w, const struct record *record)
{
    json_key(w, "event");
    if (record->kind != PAGE_EVENT) {
        json_null(w);
        return;
    }
    json_begin_object(w);
    for (enum field field = 0; field < FIELD_COUNT;) {
        if (group_len(field)) {
            field = render_group(w, record, field);
            continue;
        }
        json_key(w, fields[field].key);
        render_value(w, field, &record->fields[field]);
        field++;
    }
    render_origins(w, record);
    json_end_object(w);
}

static void render_text(struct json_writer *w, const char *key, struct slice text)
{
    json_key(w, key);
    if (text.len)
        json_text(w, text);
    else
        json_null(w);
}

static void render_links(struct json_writer *w, const struct slice *links)
{
    json_key(w, "links");
    json_begin_object(w);
    for (enum link link = 0; link < LINK_COUNT; link++)
        if (links[link].len) {
            json_key(w, link_name(link));
            json_text(w, links[link]);
        }
    json_end_object(w);
}

static void render_person(struct json_writer *w, const struct person *person)
{
    json_begin_object(w);
    render_text(w, "name", person->name);
    render_text(w, "company", person->company);
    render_text(w, "title", person->title);
    render_text(w, "bio", person->bio);
    json_key(w, "role");
    json_cstr(w, person->role);
    render_confidence(w, "confidence", person->confidence);
    render_text(w, "evidence", person->evidence);
    json_key(w, "method");
    json_cstr(w, method_name(person->method));
    render_links(w, person->links);
    render_text(w, "luma_id", person->luma_id);
    json_end_object(w);
}

static void render_company(struct json_writer *w, const struct company *company)
{
    json_begin_object(w);
    render_text(w, "name", company->name);
    render_text(w, "domain", company->domain);
    json_key(w, "relationship_type");
    json_cstr(w, company->relationship);
    render_confidence(w, "confidence", company->confidence);
    render_text(w, "evidence", company->evidence);
    json_key(w, "method");
    json_cstr(w, method_name(company->method));
    render_links(w, company->links);
    render_text(w, "luma_id", company->luma_id);
    json_end_object(w);
}

static void render_topic(struct json_writer *w, const struct topic *topic)
{
    json_begin_object(w);
    render_text(w, "name", topic->name);
    json_key(w, "category");
    json_cstr(w, topic->category);
    render_confidence(w, "relevance", topic->relevance);
    render_confidence(w, "confidence", topic->confidence);
    json_key(w, "method");
    json_cstr(w, method_name(topic->method));
    json_key(w, "broader");
    json_begin_array(w);
    for (size_t i = 0; i < topic->broader_count; i++) {
        json_begin_object(w);
        render_text(w, "name", topic->broader[i].name);
        json_key(w, "category");
        json_cstr(w, topic->broader[i].category);
        json_end_object(w);
    }
    json_end_array(w);
    json_end_object(w);
}

static void render_texts(struct json_writer *w, const char *key, const struct slice *texts,
                         size_t count)
{
    json_key(w, key);
    json_begin_array(w);
    for (size_t i = 0; i < count; i++)
        json_text(w, texts[i]);
    json_end_array(w);
}

// The methods that gave at least one value.
static void render_methods(struct json_writer *w, const struct record *record)
{
    bool used[METHOD_COUNT] = {0};
    for (enum field field = 0; field < FIELD_COUNT; field++)
        used[record->fields[field].method] = true;
    for (size_t i = 0; i < record->people_count; i++)
        used[record->people[i].method] = true;
    for (size_t i = 0; i < record->companies_count; i++)
        used[record->companies[i].method] = true;
    for (size_t i = 0; i < record->topics_count; i++)
        used[record->topics[i].method] = true;
    json_key(w, "methods");
    json_begin_array(w);
    for (enum method method = METHOD_NONE + 1; method < METHOD_COUNT; method++)
        if (used[method])
            json_cstr(w, method_name(method));
    json_end_array(w);
}

void record_render(const struct record *record, struct buffer *out)
{
    struct json_writer w = json_writer_on(out);
    json_begin_object(&w);
    json_key(&w, "kind");
    json_cstr(&w, kinds[record->kind]);
    render_event(&w, record);
    json_key(&w, "speakers");
    json_begin_array(&w);
    for (size_t i = 0; i < record->people_count; i++)
        render_person(&w, &record->people[i]);
    json_end_array(&w);
    json_key(&w, "companies");
    json_begin_array(&w);
    for (size_t i = 0; i < record->companies_count; i++)
        render_company(&w, &record->companies[i]);
    json_end_array(&w);
    json_key(&w, "topics");
    json_begin_array(&w);
    for (size_t i = 0; i < record->topics_count; i++)
        render_topic(&w, &record->topics[i]);
    json_end_array(&w);
    render_texts(&w, "listed_events", record->listed, record->listed_count);
    render_texts(&w, "warnings", record->warnings, record->warnings_count);
    render_methods(&w, record);
    json_end_object(&w);
}
