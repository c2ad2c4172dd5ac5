#include "extractor/llm/check.h"

#include "extractor/prose/name.h"
#include "lib/text/names.h"

#include <string.h>

enum { MAX_NAME_WORDS = 6, MAX_COMPANY_WORDS = 8, MAX_VENUE_WORDS = 10, MAX_CITY_WORDS = 4 };

static const double LEAST_SCORE = -0.8; // of name_find, as for entries of a list

const char *const llm_verdict_names[LLM_VERDICT_COUNT] = {
    "accepted", "not_on_page", "known", "no_such_kind", "implausible", "malformed"};

static bool is_one_of(struct slice text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal(text, slice_from_cstr(list[i])))
            return true;
    return false;
}

static bool has_digit(const struct words *words)
{
    for (size_t i = 0; i < words->count; i++)
        if (words->items[i].has_digit)
            return true;
    return false;
}

// Names in scripts without spaces are one word; all others are written like a name to their end.
static bool is_person_name(struct arena *arena, struct slice name)
{
    struct words words = words_of(arena, name);
    struct found_name found;
    bool is_ascii = true;
    for (size_t i = 0; i < name.len; i++)
        is_ascii = is_ascii && !((unsigned char)name.ptr[i] & 0x80);
    if (words.count < (is_ascii ? 2 : 1) || words.count > MAX_NAME_WORDS || has_digit(&words) ||
        !words.items[0].is_capital || name_is_never(&words.items[0]) ||
        name_is_title(arena, name) || name_has_company_word(arena, name))
        return false;
    return words.count == 1 || (name_find(arena, &words, 0, &found) && found.from == 0 &&
                                found.to == words.count && found.score >= LEAST_SCORE);
}

// A host may also speak; of everybody else the record says already what there is to say.
static bool is_known_person(const struct llm_page *page, const struct llm_person *person)
{
    struct slice key = name_normalize(page->arena, person->name);
    yyjson_val *item;
    size_t index, most;
    yyjson_arr_foreach (json_get(page->record, "speakers"), index, most, item) {
        bool is_host = slice_equal(json_get_text(item, "role"), SLICE("host"));
        if (slice_equal(name_normalize(page->arena, json_get_text(item, "name")), key) &&
            (!is_host || slice_equal(person->role, SLICE("host"))))
            return true;
    }
    return false;
}

enum llm_verdict llm_check_person(const struct llm_page *page, struct llm_person *person,
                                  struct slice *ret_evidence)
{
    static const char *const roles[] = {"speaker",  "judge",     "host",
                                        "panelist", "moderator", "mentor"};
    if (!is_one_of(person->role, roles, ARRAY_LEN(roles)))
        return LLM_NO_SUCH_KIND;
    if (!llm_page_has(page, person->name, ret_evidence))
        return LLM_NOT_ON_PAGE;
    if (!is_person_name(page->arena, person->name))
        return LLM_IMPLAUSIBLE;
    if (is_known_person(page, person))
        return LLM_KNOWN;
    if (!llm_page_has(page, person->title, NULL))
        person->title = (struct slice){0};
    if (!llm_page_has_name(page, person->company, NULL))
        person->company = (struct slice){0};
    return LLM_ACCEPTED;
}

static bool is_known_company(const struct llm_page *page, struct slice name)
{
    struct slice key = name_company_key(page->arena, name);
    yyjson_val *item;
    size_t index, most;
    yyjson_arr_foreach (json_get(page->record, "companies"), index, most, item)
        if (slice_equal(name_company_key(page->arena, json_get_text(item, "name")), key))
            return true;
    return false;
}

enum llm_verdict llm_check_company(const struct llm_page *page, const struct llm_company *company,
                                   struct slice *ret_evidence)
{
    static const char *const relationships[] = {"host", "sponsor", "venue", "partner"};
    if (!is_one_of(company->relationship, relationships, ARRAY_LEN(relationships)))
        return LLM_NO_SUCH_KIND;
    if (!llm_page_has_name(page, company->name, ret_evidence))
        return LLM_NOT_ON_PAGE;
    struct words words = words_of(page->arena, company->name);
    const struct word *first = &words.items[0];
    bool looks_like_one = first->is_capital || first->is_inner || first->has_dot;
    if (!looks_like_one || words.count > MAX_COMPANY_WORDS || first->is_number ||
        name_is_never(first) || name_company_key(page->arena, company->name).len == 0 ||
        slice_equal_nocase(company->name, page->name))
        return LLM_IMPLAUSIBLE;
    return is_known_company(page, company->name) ? LLM_KNOWN : LLM_ACCEPTED;
}

static bool is_place_name(const struct llm_page *page, struct slice text, size_t max_words)
{
    struct words words = words_of(page->arena, text);
    return words.count > 0 && words.count <= max_words && !name_is_never(&words.items[0]) &&
           (words.items[0].is_capital || words.items[0].has_digit);
}

enum llm_verdict llm_check_city(const struct llm_page *page, struct slice city)
{
    if (!llm_page_has_name(page, city, NULL))
        return LLM_NOT_ON_PAGE;
    struct words words = words_of(page->arena, city);
    return is_place_name(page, city, MAX_CITY_WORDS) && !has_digit(&words) ? LLM_ACCEPTED
                                                                           : LLM_IMPLAUSIBLE;
}

enum llm_verdict llm_check_venue(const struct llm_page *page, struct slice venue)
{
    if (!llm_page_has_name(page, venue, NULL))
        return LLM_NOT_ON_PAGE;
    return is_place_name(page, venue, MAX_VENUE_WORDS) ? LLM_ACCEPTED : LLM_IMPLAUSIBLE;
}
