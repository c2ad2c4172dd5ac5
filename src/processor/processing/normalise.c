// The stage normalise: from the extractor's record to flat columns and to names with their keys.
#include "lib/match/match.h"
#include "lib/text/countries.h"
#include "lib/text/names.h"
#include "lib/text/unicode.h"
#include "processor/processing/pipeline.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_ENTITIES = 500, MAX_NAME_CHARACTERS = 200 };

// What is typed where a company is asked for and there is none: "n/a", "Freelancer".
static bool is_no_company(struct arena *arena, struct slice name)
{
    const struct match_company company = {.name = name};
    return match_company_is_placeholder(match_company_prepare(arena, &company));
}

static void normalise_entities(struct pipeline *pipeline, const char *key, struct entities *ret)
{
    bool are_companies = strcmp(key, "companies") == 0;
    yyjson_val *list = json_get(pipeline->record, key), *item;
    size_t index, most;
    *ret = (struct entities){.items = ARENA_ARRAY(pipeline->arena, MAX_ENTITIES, struct entity)};
    if (!yyjson_is_arr(list))
        return;
    yyjson_arr_foreach (list, index, most, item) {
        struct slice name = name_clean(pipeline->arena, json_get_text(item, "name"));
        name = unicode_cut(name, MAX_NAME_CHARACTERS);
        struct slice normalized = name_normalize(pipeline->arena, name);
        if (normalized.len == 0 || ret->count == MAX_ENTITIES ||
            (are_companies && is_no_company(pipeline->arena, name)))
            continue;
        ret->items[ret->count++] =
            (struct entity){.json = item, .name = name, .normalized_name = normalized};
    }
}

static bool is_within(yyjson_val *number, double limit)
{
    double value = yyjson_get_num(number);
    return yyjson_is_num(number) && value >= -limit && value <= limit;
}

// Details that another service wrote differently and that no column takes: without them the event is still right.
static void drop_misfits(yyjson_val *event, yyjson_mut_val *fields)
{
    static const char *const statuses[] = {"scheduled", "cancelled", "postponed"};
    if (!is_within(json_get(event, "latitude"), 90) ||
        !is_within(json_get(event, "longitude"), 180)) {
        yyjson_mut_obj_remove_key(fields, "latitude");
        yyjson_mut_obj_remove_key(fields, "longitude");
    }
    struct slice status = json_get_text(event, "status");
    bool is_known = false;
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
        is_known = is_known || slice_equal(status, slice_from_cstr(statuses[i]));
    if (!is_known)
        yyjson_mut_obj_remove_key(fields, "status");
}

// The event object of the record with what is nested there made flat: one key a column.
static struct slice flatten_event(struct pipeline *pipeline, yyjson_val *event, struct slice name)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *fields = yyjson_val_mut_copy(doc, event);
    yyjson_mut_doc_set_root(doc, fields);
    const char *code = country_code(pipeline->arena, json_get_text(event, "country"));
    struct slice country = country_name(pipeline->arena, slice_from_cstr(code ? code : ""));
    yyjson_mut_obj_remove_key(fields, "country");
    if (code)
        yyjson_mut_obj_add_str(doc, fields, "country", code);
    drop_misfits(event, fields);
    yyjson_mut_obj_remove_key(fields, "name");
    yyjson_mut_obj_add_strncpy(doc, fields, "name", name.ptr, name.len);
    if (country.ptr)
        yyjson_mut_obj_add_strncpy(doc, fields, "country_name", country.ptr, country.len);
    yyjson_val *cents = json_get(event, "price.cents"),
               *currency = json_get(event, "price.currency");
    if (yyjson_is_int(cents))
        yyjson_mut_obj_add_int(doc, fields, "price_cents", yyjson_get_sint(cents));
    if (yyjson_is_str(currency))
        yyjson_mut_obj_add_strn(doc, fields, "price_currency", yyjson_get_str(currency),
                                yyjson_get_len(currency));
    size_t len = 0;
    char *text = yyjson_mut_write(doc, 0, &len);
    struct slice copy = arena_slice(pipeline->arena, (struct slice){text, len});
    free(text);
    yyjson_mut_doc_free(doc);
    return copy;
}

enum err stage_normalise(struct pipeline *pipeline, struct error *ret_error)
{
    yyjson_val *event = json_get(pipeline->record, "event");
    struct slice name = unicode_clean_line(pipeline->arena, json_get_text(event, "name"));
    if (!yyjson_is_obj(event) || name.len == 0)
        return error_set(ret_error, ERR_PARSE_ERROR, "the page names no event");
    pipeline->fields_json = flatten_event(pipeline, event, name);
    normalise_entities(pipeline, "speakers", &pipeline->speakers);
    normalise_entities(pipeline, "companies", &pipeline->companies);
    normalise_entities(pipeline, "topics", &pipeline->topics);
    return ERR_OK;
}
