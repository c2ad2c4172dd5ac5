// The stage normalise: from the extractor's record to flat columns and to names with their keys.
#include "lib/text/countries.h"
#include "lib/text/names.h"
#include "lib/text/unicode.h"
#include "processor/processing/pipeline.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_ENTITIES = 500, MAX_NAME_CHARACTERS = 200 };

static void normalise_entities(struct pipeline *pipeline, const char *key, struct entities *ret)
{
    yyjson_val *list = json_get(pipeline->record, key), *item;
    size_t index, most;
    *ret = (struct entities){.items = ARENA_ARRAY(pipeline->arena, MAX_ENTITIES, struct entity)};
    if (!yyjson_is_arr(list))
        return;
    yyjson_arr_foreach (list, index, most, item) {
        struct slice name = name_clean(pipeline->arena, json_get_text(item, "name"));
        name = unicode_cut(name, MAX_NAME_CHARACTERS);
        struct slice normalized = name_normalize(pipeline->arena, name);
        if (normalized.len == 0 || ret->count == MAX_ENTITIES)
            continue;
        ret->items[ret->count++] =
            (struct entity){.json = item, .name = name, .normalized_name = normalized};
    }
}

// The event object of the record with what is nested there made flat: one key a column.
static struct slice flatten_event(struct pipeline *pipeline, yyjson_val *event, struct slice name)
{
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *fields = yyjson_val_mut_copy(doc, event);
    yyjson_mut_doc_set_root(doc, fields);
    struct slice country = country_name(pipeline->arena, json_get_text(event, "country"));
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
