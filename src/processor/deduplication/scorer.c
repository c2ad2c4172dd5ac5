#include "processor/deduplication/scorer.h"

#include "lib/base/ensure.h"

#include <math.h>
#include <string.h>

const char *const match_kind_names[] = {"speaker", "company", "event", NULL};

enum match_kind match_kind_find(struct slice name)
{
    for (int i = 0; i < MATCH_KIND_COUNT; i++)
        if (slice_equal(name, slice_from_cstr(match_kind_names[i])))
            return (enum match_kind)i;
    return MATCH_KIND_COUNT;
}

// One place for all weights. Together with the prior of -10 bits they give, for people: one name alone 0.70, one name and
// one company 0.95, one profile and names that have a word in common 0.99; for companies: one name but for the legal form
// 0.95, one domain and names that have a word in common 0.94; for events: title, beginning and place 0.996.
enum { PRIOR_BITS = -10, VERSION = 1 };

static const struct weight {
    const char *field, *level;
    double bits;
} speaker_weights[] = {
    {"name", "equal", 11.22},
    {"name", "words_in_common", 0},
    {"name", "nothing_in_common", -8},
    {"linkedin", "equal", 16.7},
    {"linkedin", "different", -6},
    {"x", "equal", 16.7},
    {"x", "different", -3},
    {"github", "equal", 16.7},
    {"github", "different", -3},
    {"instagram", "equal", 16.7},
    {"instagram", "different", -2},
    {"youtube", "equal", 16.7},
    {"youtube", "different", -1},
    {"tiktok", "equal", 16.7},
    {"tiktok", "different", -1},
    {"website", "equal", 10}, // people who work together give the same one
    {"website", "different", -0.5},
    {"company", "equal", 3.1},
    {"company", "different", -1}, // people change jobs
    {"events", "listed_together", -6},
};
static const struct weight company_weights[] = {
    {"name", "equal_but_legal_form", 14.3},
    {"name", "words_in_common", 0},
    {"name", "nothing_in_common", -5},
    {"domain", "equal", 14},
    {"domain", "different", -6},
};
static const struct weight event_weights[] = {
    {"title", "equal", 8},          {"title", "different", -4},   {"starts_at", "equal", 6},
    {"starts_at", "different", -8}, {"place", "equal", 4},        {"place", "different", -6},
    {"luma_id", "equal", 20},       {"luma_id", "different", -5},
};

static void add(struct match_score *score, const struct weight *weights, size_t count,
                const char *field, const char *level, struct slice left, struct slice right)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(weights[i].field, field) == 0 && strcmp(weights[i].level, level) == 0) {
            ensure(score->count < MATCH_MAX_EVIDENCE);
            score->items[score->count++] = (struct match_evidence){
                weights[i].field, weights[i].level, left, right, weights[i].bits};
            return;
        }
    ensure(!"a weight for every level");
}

#define ADD(weights, ...) add(score, weights, ARRAY_LEN(weights), __VA_ARGS__)

// Words of folded names, between spaces; single letters are initials and tell nothing.
static bool has_word(struct slice text, struct slice word)
{
    struct slice part;
    while (slice_split_next(&text, ' ', &part))
        if (slice_equal(part, word))
            return true;
    return false;
}

static bool have_word_in_common(struct slice left, struct slice right)
{
    struct slice part;
    while (slice_split_next(&left, ' ', &part))
        if (part.len > 1 && has_word(right, part))
            return true;
    return false;
}

// Compares two texts by their keys; nothing when one of them is unknown.
static void compare_texts(struct match_score *score, const struct weight *weights, size_t count,
                          const char *field, const char *key, const char *shown, yyjson_val *left,
                          yyjson_val *right)
{
    struct slice a = json_get_text(left, key), b = json_get_text(right, key);
    if (a.len && b.len)
        add(score, weights, count, field, slice_equal(a, b) ? "equal" : "different",
            json_get_text(left, shown), json_get_text(right, shown));
}

// ------------------------------------------------------------------------------------------------------- people

// The first address of this kind that both have, else the first of each.
static bool find_handles(yyjson_val *left, yyjson_val *right, const char *kind,
                         struct slice *ret_left, struct slice *ret_right)
{
    size_t i, j, most_left, most_right;
    yyjson_val *a, *b;
    *ret_left = *ret_right = (struct slice){0};
    yyjson_arr_foreach (json_get(left, "handles"), i, most_left, a) {
        if (!slice_equal(json_get_text(a, "kind"), slice_from_cstr(kind)))
            continue;
        if (!ret_left->len)
            *ret_left = json_get_text(a, "value");
        yyjson_arr_foreach (json_get(right, "handles"), j, most_right, b) {
            if (!slice_equal(json_get_text(b, "kind"), slice_from_cstr(kind)))
                continue;
            if (!ret_right->len)
                *ret_right = json_get_text(b, "value");
            if (slice_equal(json_get_text(a, "key"), json_get_text(b, "key"))) {
                *ret_left = json_get_text(a, "value");
                *ret_right = json_get_text(b, "value");
                return true;
            }
        }
    }
    return false;
}

static void compare_handles(yyjson_val *left, yyjson_val *right, struct match_score *score)
{
    static const char *const kinds[] = {"linkedin", "x",      "github", "instagram",
                                        "youtube",  "tiktok", "website"};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct slice a, b;
        if (find_handles(left, right, kinds[i], &a, &b))
            ADD(speaker_weights, kinds[i], "equal", a, b);
        else if (a.len && b.len)
            ADD(speaker_weights, kinds[i], "different", a, b);
    }
}

// Two names on one event are two people whom somebody listed side by side.
static bool are_listed_together(yyjson_val *left, yyjson_val *right, struct slice *ret_event)
{
    yyjson_arr_iter others = {0};
    yyjson_val *a, *b, *right_events = json_get(right, "events");
    size_t i, most;
    yyjson_arr_iter_init(right_events, &others);
    b = yyjson_arr_iter_next(&others);
    // Both are sorted.
    yyjson_arr_foreach (json_get(left, "events"), i, most, a) {
        while (b && strcmp(yyjson_get_str(b), yyjson_get_str(a)) < 0)
            b = yyjson_arr_iter_next(&others);
        if (b && strcmp(yyjson_get_str(b), yyjson_get_str(a)) == 0) {
            *ret_event = (struct slice){yyjson_get_str(a), yyjson_get_len(a)};
            return true;
        }
    }
    return false;
}

static void compare_speakers(yyjson_val *left, yyjson_val *right, struct match_score *score)
{
    struct slice a = json_get_text(left, "normalized_name"),
                 b = json_get_text(right, "normalized_name"), event;
    const char *level = slice_equal(a, b)           ? "equal"
                        : have_word_in_common(a, b) ? "words_in_common"
                                                    : "nothing_in_common";
    ADD(speaker_weights, "name", level, json_get_text(left, "name"), json_get_text(right, "name"));
    compare_handles(left, right, score);
    compare_texts(score, speaker_weights, ARRAY_LEN(speaker_weights), "company", "company_key",
                  "company", left, right);
    if (!slice_equal(a, b) && are_listed_together(left, right, &event))
        ADD(speaker_weights, "events", "listed_together", event, event);
}

// ------------------------------------------------------------------------------------------- companies and events

static void compare_companies(yyjson_val *left, yyjson_val *right, struct match_score *score)
{
    struct slice a = json_get_text(left, "name_key"), b = json_get_text(right, "name_key");
    const char *level = slice_equal(a, b)           ? "equal_but_legal_form"
                        : have_word_in_common(a, b) ? "words_in_common"
                                                    : "nothing_in_common";
    ADD(company_weights, "name", level, json_get_text(left, "name"), json_get_text(right, "name"));
    compare_texts(score, company_weights, ARRAY_LEN(company_weights), "domain", "domain_key",
                  "domain", left, right);
}

static void compare_events(yyjson_val *left, yyjson_val *right, struct match_score *score)
{
    static const struct {
        const char *field, *key, *shown;
    } fields[] = {
        {"title", "title_key", "name"},
        {"starts_at", "starts_at", "starts_at"},
        {"place", "place_key", "place"},
        {"luma_id", "luma_id", "luma_url"},
    };
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        compare_texts(score, event_weights, ARRAY_LEN(event_weights), fields[i].field,
                      fields[i].key, fields[i].shown, left, right);
}

// -------------------------------------------------------------------------------------------------------- scores

const struct match_scorer *match_scorer_of(enum match_kind kind)
{
    static const struct match_scorer scorers[MATCH_KIND_COUNT] = {
        [MATCH_SPEAKER] = {"rules", VERSION, PRIOR_BITS, compare_speakers},
        [MATCH_COMPANY] = {"rules", VERSION, PRIOR_BITS, compare_companies},
        [MATCH_EVENT] = {"rules", VERSION, PRIOR_BITS, compare_events},
    };
    return &scorers[kind];
}

void match_score(const struct match_scorer *scorer, yyjson_val *left, yyjson_val *right,
                 struct match_score *ret_score)
{
    *ret_score = (struct match_score){.weight = scorer->prior};
    scorer->compare(left, right, ret_score);
    for (size_t i = 0; i < ret_score->count; i++)
        ret_score->weight += ret_score->items[i].weight;
    // Four places: nobody can tell more, and the same pair gives the same number everywhere.
    ret_score->probability = round(1e4 / (1 + exp2(-ret_score->weight))) / 1e4;
}

void match_write_evidence(struct json_writer *w, const struct match_score *score)
{
    json_begin_array(w);
    for (size_t i = 0; i < score->count; i++) {
        const struct match_evidence *item = &score->items[i];
        json_begin_object(w);
        json_key(w, "field");
        json_cstr(w, item->field);
        json_key(w, "level");
        json_cstr(w, item->level);
        json_key(w, "left");
        json_text(w, item->left);
        json_key(w, "right");
        json_text(w, item->right);
        json_key(w, "weight");
        json_double(w, item->weight);
        json_end_object(w);
    }
    json_end_array(w);
}
