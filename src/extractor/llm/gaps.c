#include "extractor/llm/gaps.h"

#include "extractor/prose/company_name.h"
#include "extractor/prose/label.h"
#include "extractor/prose/name.h"
#include "extractor/prose/position.h"
#include "lib/text/names.h"

#include <string.h>

enum {
    MIN_TEXT = 200, // bytes; a shorter description holds no line-up
    LABEL_WORDS = 9,
    MIN_NAMES = 2,   // one alone is often a street or a person who is only mentioned
    LINES_BELOW = 3, // a label and the lines in which its first entry stands
};

static const double SURE_ENOUGH = 0.75, // what is found with less is asked about
    LIKE_A_NAME = 0.0,                  // of name_find
    SURELY_A_NAME = 2.0;

const char *const llm_want_names[LLM_WANT_COUNT] = {"people", "companies", "start", "place"};

// ---- what was found

static bool same_role(struct slice found, const char *role)
{
    static const char *const stage[] = {"speaker", "panelist", "moderator"};
    bool is_stage = false, was_stage = false;
    for (size_t i = 0; i < ARRAY_LEN(stage); i++) {
        is_stage |= strcmp(role, stage[i]) == 0;
        was_stage |= slice_equal(found, slice_from_cstr(stage[i]));
    }
    return slice_equal(found, slice_from_cstr(role)) || (is_stage && was_stage);
}

static bool has_entry(const struct llm_page *page, const char *list, const char *key,
                      const char *value)
{
    yyjson_val *item;
    size_t index, most;
    yyjson_arr_foreach (json_get(page->record, list), index, most, item)
        if (same_role(json_get_text(item, key), value) &&
            json_get_double(item, "confidence", 0) >= SURE_ENOUGH)
            return true;
    return false;
}

static bool lacks(const struct llm_page *page, const char *path)
{
    yyjson_val *value = json_get(page->event, path);
    return !value || yyjson_is_null(value);
}

// ---- what the page says

struct place_of_label {
    struct label label;
    size_t behind; // the first word behind it, 0: it stands alone on its line
};

static struct place_of_label label_of(const struct words *words)
{
    for (size_t i = 1; i < words->count && i <= LABEL_WORDS; i++)
        if (words->items[i].gap == GAP_COLON)
            return (struct place_of_label){label_read(words, 0, i, true), i};
    bool has_colon = words->end == GAP_COLON;
    struct label label = label_read(words, 0, words->count, has_colon);
    if (!has_colon && !label.is_sure)
        label = (struct label){0};
    return (struct place_of_label){label, 0};
}

static bool is_like_entry(const struct llm_page *page, const struct words *words, size_t from,
                          enum label_kind kind)
{
    struct found_name name;
    if (from >= words->count || name_is_never(&words->items[from]))
        return false;
    if (kind == LABEL_PEOPLE)
        return name_find(page->arena, words, from, &name) && name.score >= LIKE_A_NAME;
    if (kind == LABEL_COMPANY)
        return words->items[from].is_capital && company_name_end(words, from, true) > from;
    return words->items[from].is_capital || words->items[from].has_digit;
}

// Does an entry stand behind the label, or on one of the next lines?
static bool has_entry_below(const struct llm_page *page, size_t line, struct place_of_label at)
{
    if (at.behind)
        return is_like_entry(page, &page->lines[line].words, at.behind, at.label.kind);
    for (size_t i = line + 1; i < page->count && i <= line + LINES_BELOW; i++)
        if (is_like_entry(page, &page->lines[i].words, 0, at.label.kind))
            return true;
    return false;
}

static unsigned wants_of_line(const struct llm_page *page, size_t line)
{
    struct place_of_label at = label_of(&page->lines[line].words);
    const struct label *label = &at.label;
    bool people = label->kind == LABEL_PEOPLE && label->role && strcmp(label->role, "host") != 0 &&
                  !has_entry(page, "speakers", "role", label->role);
    bool companies = label->kind == LABEL_COMPANY && label->relation &&
                     strcmp(label->relation, "host") != 0 &&
                     !has_entry(page, "companies", "relationship_type", label->relation);
    bool place = label->kind == LABEL_PLACE && lacks(page, "city") && lacks(page, "venue") &&
                 !json_get_bool(page->event, "is_online", false);
    if ((!people && !companies && !place) || !has_entry_below(page, line, at))
        return 0;
    return (people ? LLM_WANT_PEOPLE : 0u) | (companies ? LLM_WANT_COMPANIES : 0u) |
           (place ? LLM_WANT_PLACE : 0u);
}

// ---- people without a label

static bool names_anybody_but_hosts(const struct llm_page *page)
{
    yyjson_val *item;
    size_t index, most;
    yyjson_arr_foreach (json_get(page->record, "speakers"), index, most, item)
        if (!slice_equal(json_get_text(item, "role"), SLICE("host")))
            return true;
    return false;
}

static bool is_in_record(const struct llm_page *page, const char *list, struct slice name)
{
    struct slice key = name_normalize(page->arena, name);
    yyjson_val *item;
    size_t index, most;
    yyjson_arr_foreach (json_get(page->record, list), index, most, item)
        if (slice_equal(name_normalize(page->arena, json_get_text(item, "name")), key))
            return true;
    return false;
}

// Surely names of people, on this line, that the record does not know.
static int unknown_names(const struct llm_page *page, const struct words *words)
{
    int count = 0;
    for (size_t at = 0; at < words->count;) {
        struct found_name name;
        bool found = words->items[at].is_capital && name_find(page->arena, words, at, &name) &&
                     name.score >= SURELY_A_NAME && !name.is_alone;
        struct slice text = found ? words_text(words, name.from, name.to) : (struct slice){0};
        count += found && !is_in_record(page, "speakers", text) &&
                 !is_in_record(page, "companies", text);
        at = found && name.to > at ? name.to : at + 1;
    }
    return count;
}

static bool names_a_year(const struct words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        struct slice word = words->items[i].folded;
        if (word.len >= 4 && slice_starts_with(word, SLICE("20")) && word.ptr[2] >= '2' &&
            word.ptr[2] <= '9' && words->items[i].has_digit)
            return true;
    }
    return false;
}

unsigned llm_wants(const struct llm_page *page)
{
    unsigned wants = 0;
    bool no_start = lacks(page, "starts_at") && lacks(page, "date");
    bool is_long = page->text.len >= MIN_TEXT;
    bool seeks_names = is_long && !names_anybody_but_hosts(page);
    int names = 0;
    for (size_t i = page->name.len ? 1 : 0; i < page->count; i++) {
        unsigned here = wants_of_line(page, i);
        wants |= is_long ? here : here & LLM_WANT_PLACE;
        if (no_start && names_a_year(&page->lines[i].words))
            wants |= LLM_WANT_START;
        if (seeks_names && names < MIN_NAMES)
            names += unknown_names(page, &page->lines[i].words);
    }
    return names >= MIN_NAMES ? wants | LLM_WANT_PEOPLE : wants;
}
