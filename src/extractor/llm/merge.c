#include "extractor/llm/merge.h"

#include "extractor/llm/gaps.h"
#include "extractor/record.h"
#include "lib/base/ensure.h"
#include "lib/text/dates.h"
#include "lib/text/names.h"

#include <stdlib.h>
#include <string.h>

struct merge {
    const struct llm_page *page;
    yyjson_mut_doc *doc;
    yyjson_mut_val *root, *event;
    struct llm_usage *usage;
    bool any;
};

// yyjson copies nothing that is added this way: all texts live in the page's arena.
static void add_text(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key,
                     struct slice text)
{
    if (text.len)
        yyjson_mut_obj_add_strn(doc, object, key, text.ptr, text.len);
    else
        yyjson_mut_obj_add_null(doc, object, key);
}

static yyjson_mut_val *list_of(struct merge *m, const char *key)
{
    yyjson_mut_val *list = yyjson_mut_obj_get(m->root, key);
    return yyjson_mut_is_arr(list) ? list : yyjson_mut_obj_add_arr(m->doc, m->root, key);
}

static bool count(struct merge *m, enum llm_verdict verdict)
{
    m->usage->verdicts[verdict]++;
    m->any |= verdict == LLM_ACCEPTED;
    return verdict == LLM_ACCEPTED;
}

static void add_origin(yyjson_mut_doc *doc, yyjson_mut_val *object, struct slice evidence)
{
    yyjson_mut_obj_add_real(doc, object, "confidence", method_confidence(METHOD_LLM));
    add_text(doc, object, "evidence", evidence);
    yyjson_mut_obj_add_str(doc, object, "method", method_name(METHOD_LLM));
    yyjson_mut_obj_add_obj(doc, object, "links");
    yyjson_mut_obj_add_null(doc, object, "luma_id");
}

// The same person twice in one answer: once.
static bool is_repeated(const struct merge *m, const struct llm_answer *answer, size_t index)
{
    struct slice key = name_normalize(m->page->arena, answer->people[index].name);
    for (size_t i = 0; i < index; i++)
        if (slice_equal(name_normalize(m->page->arena, answer->people[i].name), key))
            return true;
    return false;
}

static void merge_people(struct merge *m, struct llm_answer *answer)
{
    for (size_t i = 0; i < answer->people_count; i++) {
        struct llm_person *person = &answer->people[i];
        struct slice evidence = {0};
        enum llm_verdict verdict = llm_check_person(m->page, person, &evidence);
        if (verdict == LLM_ACCEPTED && is_repeated(m, answer, i))
            verdict = LLM_KNOWN;
        if (!count(m, verdict))
            continue;
        yyjson_mut_val *item = yyjson_mut_arr_add_obj(m->doc, list_of(m, "speakers"));
        add_text(m->doc, item, "name", person->name);
        add_text(m->doc, item, "company", person->company);
        add_text(m->doc, item, "title", person->title);
        yyjson_mut_obj_add_null(m->doc, item, "bio");
        add_text(m->doc, item, "role", person->role);
        add_origin(m->doc, item, evidence);
    }
}

static bool is_repeated_company(const struct merge *m, const struct llm_answer *answer,
                                size_t index)
{
    struct slice key = name_company_key(m->page->arena, answer->companies[index].name);
    for (size_t i = 0; i < index; i++)
        if (slice_equal(name_company_key(m->page->arena, answer->companies[i].name), key))
            return true;
    return false;
}

static void merge_companies(struct merge *m, const struct llm_answer *answer)
{
    for (size_t i = 0; i < answer->companies_count; i++) {
        const struct llm_company *company = &answer->companies[i];
        struct slice evidence = {0};
        enum llm_verdict verdict = llm_check_company(m->page, company, &evidence);
        if (verdict == LLM_ACCEPTED && is_repeated_company(m, answer, i))
            verdict = LLM_KNOWN;
        if (!count(m, verdict))
            continue;
        yyjson_mut_val *item = yyjson_mut_arr_add_obj(m->doc, list_of(m, "companies"));
        add_text(m->doc, item, "name", company->name);
        yyjson_mut_obj_add_null(m->doc, item, "domain");
        add_text(m->doc, item, "relationship_type", company->relationship);
        add_origin(m->doc, item, evidence);
    }
}

// Only over nothing: a field that has a value keeps it.
static void set_field(struct merge *m, const char *key, struct slice text)
{
    yyjson_mut_val *old = yyjson_mut_obj_get(m->event, key);
    if (old && !yyjson_mut_is_null(old))
        return;
    yyjson_mut_obj_put(m->event, yyjson_mut_str(m->doc, key),
                       yyjson_mut_strn(m->doc, text.ptr, text.len));
    yyjson_mut_val *fields = yyjson_mut_obj_get(m->event, "fields");
    if (!yyjson_mut_is_obj(fields))
        return;
    yyjson_mut_val *origin = yyjson_mut_obj_add_obj(m->doc, fields, key);
    yyjson_mut_obj_add_str(m->doc, origin, "method", method_name(METHOD_LLM));
    yyjson_mut_obj_add_real(m->doc, origin, "confidence", method_confidence(METHOD_LLM));
}

static void merge_start(struct merge *m, const struct llm_answer *answer)
{
    struct llm_start start;
    if (answer->date.len == 0 || !count(m, llm_check_start(m->page, answer, &start)))
        return;
    set_field(m, "date", start.date);
    if (!start.has_instant)
        return;
    char text[INSTANT_TEXT];
    instant_format(start.unix_ms, text);
    set_field(m, "starts_at", slice_from_cstr(arena_strdup(m->page->arena, text)));
}

static void merge_place(struct merge *m, const struct llm_answer *answer)
{
    bool has_venue = answer->venue.len && count(m, llm_check_venue(m->page, answer->venue));
    bool has_city = answer->city.len && count(m, llm_check_city(m->page, answer->city));
    if (has_venue)
        set_field(m, "venue", answer->venue);
    if (has_city)
        set_field(m, "city", answer->city);
    if (has_venue && has_city)
        set_field(m, "location",
                  slice_from_cstr(arena_printf(m->page->arena, "%.*s, %.*s",
                                               SLICE_FMT(answer->venue), SLICE_FMT(answer->city))));
    else if (has_venue || has_city)
        set_field(m, "location", has_venue ? answer->venue : answer->city);
}

static void add_usage(struct merge *m)
{
    const struct llm_usage *usage = m->usage;
    yyjson_mut_val *object = yyjson_mut_obj_add_obj(m->doc, m->root, "usage");
    yyjson_mut_val *asked = yyjson_mut_arr(m->doc);
    for (size_t i = 0; i < LLM_WANT_COUNT; i++)
        if (usage->wants & (1u << i))
            yyjson_mut_arr_add_str(m->doc, asked, llm_want_names[i]);
    yyjson_mut_obj_add_str(m->doc, object, "outcome", usage->outcome);
    add_text(m->doc, object, "endpoint", slice_from_cstr(usage->endpoint));
    add_text(m->doc, object, "model", slice_from_cstr(usage->model));
    yyjson_mut_obj_add_int(m->doc, object, "prompt_version", usage->prompt_version);
    yyjson_mut_obj_add_val(m->doc, object, "asked", asked);
    yyjson_mut_obj_add_int(m->doc, object, "requests", usage->requests);
    yyjson_mut_obj_add_int(m->doc, object, "input_tokens", usage->input_tokens);
    yyjson_mut_obj_add_int(m->doc, object, "output_tokens", usage->output_tokens);
    yyjson_mut_obj_add_bool(m->doc, object, "is_estimate", usage->is_estimate);
    if (usage->cost_usd >= 0)
        yyjson_mut_obj_add_real(m->doc, object, "cost_usd", usage->cost_usd);
    else
        yyjson_mut_obj_add_null(m->doc, object, "cost_usd");
    yyjson_mut_val *values = yyjson_mut_obj_add_obj(m->doc, object, "values");
    for (size_t i = 0; i < LLM_VERDICT_COUNT; i++)
        yyjson_mut_obj_add_uint(m->doc, values, llm_verdict_names[i], usage->verdicts[i]);
}

void llm_merge(const struct llm_page *page, struct llm_answer *answer, const char *warning,
               struct llm_usage *usage, struct buffer *out)
{
    struct merge m = {.page = page, .doc = yyjson_mut_doc_new(NULL), .usage = usage};
    ensure(m.doc);
    m.root = yyjson_val_mut_copy(m.doc, page->record);
    yyjson_mut_doc_set_root(m.doc, m.root);
    m.event = yyjson_mut_obj_get(m.root, "event");
    if (answer) {
        usage->verdicts[LLM_MALFORMED] += answer->malformed;
        merge_people(&m, answer);
        merge_companies(&m, answer);
        merge_start(&m, answer);
        merge_place(&m, answer);
    }
    if (m.any)
        yyjson_mut_arr_add_str(m.doc, list_of(&m, "methods"), method_name(METHOD_LLM));
    if (warning)
        yyjson_mut_arr_add_str(m.doc, list_of(&m, "warnings"), warning);
    add_usage(&m);
    size_t len = 0;
    char *json = yyjson_mut_write(m.doc, YYJSON_WRITE_NOFLAG, &len);
    ensure(json);
    buffer_append(out, (struct slice){json, len});
    free(json);
    yyjson_mut_doc_free(m.doc);
}
