#include "extractor/llm/answer.h"

#include "extractor/llm/gaps.h"
#include "extractor/llm/tolerant_json.h"
#include "lib/json/json.h"
#include "lib/text/unicode.h"

enum { MAX_VALUE = 200 }; // characters

static struct slice text_of(struct arena *arena, yyjson_val *object, const char *key)
{
    struct slice text = unicode_clean_line(arena, json_get_text(object, key));
    return unicode_cut(text, MAX_VALUE);
}

static void add_person(struct arena *arena, yyjson_val *item, struct llm_answer *answer)
{
    struct llm_person person = {.name = text_of(arena, item, "name"),
                                .role = text_of(arena, item, "role"),
                                .title = text_of(arena, item, "title"),
                                .company = text_of(arena, item, "company")};
    if (person.name.len == 0 || answer->people_count == LLM_MAX_PEOPLE)
        answer->malformed++;
    else
        answer->people[answer->people_count++] = person;
}

static void add_company(struct arena *arena, yyjson_val *item, struct llm_answer *answer)
{
    struct llm_company company = {.name = text_of(arena, item, "name"),
                                  .relationship = text_of(arena, item, "relationship")};
    if (company.name.len == 0 || answer->companies_count == LLM_MAX_COMPANIES)
        answer->malformed++;
    else
        answer->companies[answer->companies_count++] = company;
}

static enum err read_list(struct arena *arena, yyjson_val *root, const char *key,
                          void (*add)(struct arena *, yyjson_val *, struct llm_answer *),
                          struct llm_answer *answer, struct error *ret_error)
{
    yyjson_val *list = json_get(root, key), *item;
    size_t index, most, taken = answer->people_count + answer->companies_count;
    if (!list || yyjson_is_null(list))
        return ERR_OK;
    if (!yyjson_is_arr(list))
        return error_set(ret_error, ERR_INVALID_JSON, "\"%s\" is not an array", key);
    yyjson_arr_foreach (list, index, most, item)
        add(arena, item, answer);
    bool any = answer->people_count + answer->companies_count > taken;
    if (yyjson_arr_size(list) > 0 && !any)
        return error_set(ret_error, ERR_INVALID_JSON,
                         "no item of \"%s\" is an object with a \"name\"", key);
    return ERR_OK;
}

static enum err read_object(yyjson_val *root, const char *key, yyjson_val **ret_object,
                            struct error *ret_error)
{
    *ret_object = json_get(root, key);
    if (*ret_object && !yyjson_is_obj(*ret_object) && !yyjson_is_null(*ret_object))
        return error_set(ret_error, ERR_INVALID_JSON, "\"%s\" is not an object", key);
    return ERR_OK;
}

enum err llm_answer_read(struct arena *arena, struct slice text, unsigned wants,
                         struct llm_answer *ret_answer, struct error *ret_error)
{
    const char *members[LLM_WANT_COUNT + 1] = {0};
    size_t count = 0;
    for (size_t i = 0; i < LLM_WANT_COUNT; i++)
        if (wants & (1u << i))
            members[count++] = llm_want_names[i];
    yyjson_val *root, *start = NULL, *place = NULL;
    *ret_answer = (struct llm_answer){0};
    enum err err = tolerant_json_parse(arena, text, members, &root, NULL, ret_error);
    if (!err && wants & LLM_WANT_PEOPLE)
        err = read_list(arena, root, "people", add_person, ret_answer, ret_error);
    if (!err && wants & LLM_WANT_COMPANIES)
        err = read_list(arena, root, "companies", add_company, ret_answer, ret_error);
    if (!err && wants & LLM_WANT_START)
        err = read_object(root, "start", &start, ret_error);
    if (!err && wants & LLM_WANT_PLACE)
        err = read_object(root, "place", &place, ret_error);
    if (err)
        return err;
    ret_answer->date = text_of(arena, start, "date");
    ret_answer->time = text_of(arena, start, "time");
    ret_answer->quote = text_of(arena, start, "quote");
    ret_answer->venue = text_of(arena, place, "venue");
    ret_answer->city = text_of(arena, place, "city");
    return ERR_OK;
}
