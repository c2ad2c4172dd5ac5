#include "processor/deduplication/profile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_OTHER_NAMES = 4, MAX_OTHER_COMPANIES = 3, MAX_WATERFALL_BYTES = 64 * 1024 };

const char *const entity_kind_names[] = {"speaker", "company", "event", NULL};

enum match_kind entity_kind_find(struct slice name)
{
    int kind = 0;
    while (kind < MATCH_KIND_COUNT && !slice_equal(name, slice_from_cstr(entity_kind_names[kind])))
        kind++;
    return (enum match_kind)kind;
}

// ------------------------------------------------------------------------------------------------------- reading

// The texts of a list, in its order.
static size_t read_texts(yyjson_val *list, struct slice *ret_texts, size_t max)
{
    size_t index, most, count = 0;
    yyjson_val *item;
    yyjson_arr_foreach (list, index, most, item)
        if (yyjson_is_str(item) && count < max)
            ret_texts[count++] = (struct slice){yyjson_get_str(item), yyjson_get_len(item)};
    return count;
}

static size_t read_links(yyjson_val *json, struct slice ret_links[static MATCH_MAX_LINKS])
{
    size_t index, most, count = 0;
    yyjson_val *handle;
    yyjson_arr_foreach (json_get(json, "handles"), index, most, handle)
        if (count < MATCH_MAX_LINKS)
            ret_links[count++] = json_get_text(handle, "value");
    // A page tells them by kind.
    yyjson_val *links = json_get(json, "links"), *kind, *link;
    yyjson_obj_foreach (links, index, most, kind, link)
        if (count < MATCH_MAX_LINKS && yyjson_is_str(link))
            ret_links[count++] = (struct slice){yyjson_get_str(link), yyjson_get_len(link)};
    return count;
}

static struct match_person person_of(const struct profile *profile)
{
    struct match_person person = {
        .name = profile->name,
        .company = json_get_text(profile->json, "company"),
        .title = json_get_text(profile->json, "title"),
        .bio = json_get_text(profile->json, "bio"),
        .email = json_get_text(profile->json, "email"),
    };
    person.link_count = read_links(profile->json, person.links);
    return person;
}

static void add_person(struct arena *arena, struct profile *profile,
                       const struct match_person *person)
{
    if (profile->form_count == PROFILE_MAX_FORMS)
        return;
    const struct match_person_form *first = profile->form_count ? profile->forms.people[0] : NULL;
    profile->forms.people[profile->form_count++] = match_person_prepare(arena, person, first);
}

static void read_person(struct arena *arena, struct profile *profile)
{
    struct slice companies[MAX_OTHER_COMPANIES];
    size_t count = read_texts(json_get(profile->json, "companies"), companies, MAX_OTHER_COMPANIES);
    struct match_person person = person_of(profile);
    add_person(arena, profile, &person);
    for (size_t i = 0; i < count; i++) {
        person.company = companies[i];
        add_person(arena, profile, &person);
    }
}

static struct match_company company_of(const struct profile *profile)
{
    struct match_company company = {.name = profile->name};
    company.link_count = read_links(profile->json, company.links);
    struct slice domain = json_get_text(profile->json, "domain");
    if (domain.len && company.link_count < MATCH_MAX_LINKS)
        company.links[company.link_count++] = domain;
    return company;
}

static void add_company(struct arena *arena, struct profile *profile,
                        const struct match_company *company)
{
    if (profile->form_count < PROFILE_MAX_FORMS)
        profile->forms.companies[profile->form_count++] = match_company_prepare(arena, company);
}

static void read_company(struct arena *arena, struct profile *profile)
{
    struct match_company company = company_of(profile);
    add_company(arena, profile, &company);
}

static void add_name(struct arena *arena, struct profile *profile, struct slice name)
{
    if (profile->kind == MATCH_SPEAKERS) {
        struct match_person person = person_of(profile);
        person.name = name;
        add_person(arena, profile, &person);
    } else if (profile->kind == MATCH_COMPANIES) {
        struct match_company company = company_of(profile);
        company.name = name;
        add_company(arena, profile, &company);
    }
}

// Links are those of both: whose they were is not told apart.
void profile_add_spelling(struct arena *arena, struct profile *profile, yyjson_val *row)
{
    if (profile->kind == MATCH_SPEAKERS) {
        struct match_person person = person_of(profile);
        person.name = json_get_text(row, "name");
        add_person(arena, profile, &person);
        person.company = json_get_text(row, "company");
        person.title = json_get_text(row, "title");
        person.bio = json_get_text(row, "bio");
        add_person(arena, profile, &person);
    } else if (profile->kind == MATCH_COMPANIES) {
        struct match_company company = company_of(profile);
        company.name = json_get_text(row, "name");
        add_company(arena, profile, &company);
        company.links[0] = json_get_text(row, "domain");
        company.link_count = company.links[0].len ? 1 : 0;
        add_company(arena, profile, &company);
    }
}

static void read_event(struct arena *arena, struct profile *profile)
{
    struct match_event event = {
        .name = profile->name,
        .url = json_get_text(profile->json, "url"),
        .luma_id = json_get_text(profile->json, "luma_id"),
        .venue = json_get_text(profile->json, "venue"),
        .place = json_get_text(profile->json, "place"),
        .organiser = json_get_text(profile->json, "organiser"),
        .starts_at = json_get_text(profile->json, "starts_at"),
        .ends_at = json_get_text(profile->json, "ends_at"),
    };
    event.link_count = read_texts(json_get(profile->json, "links"), event.links, MATCH_MAX_LINKS);
    profile->forms.event = match_event_prepare(arena, &event);
    profile->form_count = 1;
}

void profile_read(struct arena *arena, enum match_kind kind, yyjson_val *json,
                  struct profile *ret_profile)
{
    static void (*const readers[MATCH_KIND_COUNT])(struct arena *, struct profile *) = {
        [MATCH_SPEAKERS] = read_person,
        [MATCH_COMPANIES] = read_company,
        [MATCH_EVENTS] = read_event,
    };
    static_assert(1 + MAX_OTHER_NAMES + MAX_OTHER_COMPANIES + 2 <=
                  PROFILE_MAX_FORMS); // and a spelling
    *ret_profile = (struct profile){.kind = kind,
                                    .json = json,
                                    .id = json_get_text(json, "id"),
                                    .name = json_get_text(json, "name"),
                                    .key = json_get_text(json, "normalized_name")};
    readers[kind](arena, ret_profile);
    struct slice names[MAX_OTHER_NAMES];
    size_t count = read_texts(json_get(json, "aliases"), names, MAX_OTHER_NAMES);
    for (size_t i = 0; i < count; i++)
        add_name(arena, ret_profile, names[i]);
}

// ----------------------------------------------------------------------------------------------------- comparing

// Two names on one event are two people whom somebody listed side by side.
static bool are_listed_together(const struct profile *a, const struct profile *b)
{
    yyjson_val *left, *right, *others = json_get(b->json, "events");
    yyjson_arr_iter iter = {0};
    size_t i, most;
    yyjson_arr_iter_init(others, &iter);
    right = yyjson_arr_iter_next(&iter);
    // Both are sorted.
    yyjson_arr_foreach (json_get(a->json, "events"), i, most, left) {
        while (right && strcmp(yyjson_get_str(right), yyjson_get_str(left)) < 0)
            right = yyjson_arr_iter_next(&iter);
        if (right && strcmp(yyjson_get_str(right), yyjson_get_str(left)) == 0)
            return true;
    }
    return false;
}

static bool has_any(const struct match_answer *answer, const enum match_level *levels, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (match_answer_has(answer, levels[i]))
            return true;
    return false;
}

// Something besides the name says that they are one: then it does not matter how many have the name.
static bool is_corroborated(const struct match_answer *answer)
{
    static const enum match_level levels[] = {
        MATCH_PERSON_COMPANY_SAME, MATCH_PERSON_BIO_SAME,      MATCH_PERSON_BIO_ALIKE,
        MATCH_PERSON_EMAIL_SAME,   MATCH_PERSON_LINKEDIN_SAME, MATCH_PERSON_TWITTER_SAME,
        MATCH_PERSON_GITHUB_SAME,  MATCH_PERSON_PROFILE_SAME,  MATCH_PERSON_WEBSITE_SAME,
    };
    return has_any(answer, levels, ARRAY_LEN(levels));
}

// How many more names agree at a level than at the same letters.
static const struct {
    enum match_level level;
    double factor;
} namesake_factors[] = {
    {MATCH_MIDDLE_SAME, 0.01},   {MATCH_MIDDLE_FITS, 0.1},   {MATCH_GIVEN_NICKNAME, 4},
    {MATCH_GIVEN_SHORT, 8},      {MATCH_GIVEN_SPELLING, 3},  {MATCH_GIVEN_TYPO, 8},
    {MATCH_GIVEN_TYPO_KNOWN, 8}, {MATCH_FAMILY_SPELLING, 3}, {MATCH_FAMILY_TYPO, 8},
    {MATCH_FAMILY_PART, 5},      {MATCH_ORDER_SWAPPED, 2},   {MATCH_ORDER_FIRST_LEFT_OUT, 5},
};

// What a name says where nothing else agrees depends on how many others of the name are to be expected: the more, the
// less likely that the two are one of them twice (Newcombe 1959 weighs names by their frequency in the file for the same
// reason). Not more than the model gives.
static void limit_by_namesakes(const struct profile *a, const struct profile *b, double people,
                               struct match_answer *answer)
{
    const struct match_model *model = match_model_get();
    double of_a = match_person_namesakes(a->forms.people[0], people),
           of_b = match_person_namesakes(b->forms.people[0], people);
    // The one that fits more people decides: "J. Roe" and "Jedediah Roe".
    double namesakes = of_a > of_b ? of_a : of_b;
    for (size_t i = 0; i < ARRAY_LEN(namesake_factors); i++)
        if (match_answer_has(answer, namesake_factors[i].level))
            namesakes *= namesake_factors[i].factor;
    double most = model->levels[MATCH_PERSON_NAMESAKES].bits - log2(namesakes);
    if (people > 0 && answer->weight > most && !is_corroborated(answer))
        match_answer_add(model, MATCH_PERSON_NAMESAKES, most - answer->weight, answer);
}

// A name that is only a part of one, or contradicts the other, is no more than a question where no address is shared: who
// has one family name and one firm may be a couple.
static void limit_by_name(const struct profile *a, const struct profile *b, double people,
                          struct match_answer *answer)
{
    static const enum match_level contradictions[] = {MATCH_GIVEN_OTHER, MATCH_GIVEN_SYLLABLES,
                                                      MATCH_FAMILY_OTHER, MATCH_FAMILY_SYLLABLES};
    static const enum match_level addresses[] = {
        MATCH_PERSON_EMAIL_SAME,  MATCH_PERSON_LINKEDIN_SAME, MATCH_PERSON_TWITTER_SAME,
        MATCH_PERSON_GITHUB_SAME, MATCH_PERSON_PROFILE_SAME,
    };
    const struct match_model *model = match_model_get();
    double most = model->kinds[MATCH_SPEAKERS].merge - 1;
    bool is_short = !is_corroborated(answer) && (match_person_is_short(a->forms.people[0]) ||
                                                 match_person_is_short(b->forms.people[0]));
    bool is_contradicted = has_any(answer, contradictions, ARRAY_LEN(contradictions)) &&
                           !has_any(answer, addresses, ARRAY_LEN(addresses));
    if (people > 0 && answer->weight > most && (is_short || is_contradicted))
        match_answer_add(model, MATCH_PERSON_NAME_LIMIT, most - answer->weight, answer);
}

static void compare_people(const struct profile *a, const struct profile *b, double people,
                           struct match_answer *ret)
{
    const struct match_model *model = match_model_get();
    for (size_t i = 0; i < a->form_count; i++)
        for (size_t j = 0; j < b->form_count; j++) {
            struct match_answer found;
            match_person_compare(model, a->forms.people[i], b->forms.people[j], &found);
            if ((i == 0 && j == 0) || found.weight > ret->weight)
                *ret = found;
        }
    limit_by_namesakes(a, b, people, ret);
    limit_by_name(a, b, people, ret);
    if (!slice_equal(a->key, b->key) && are_listed_together(a, b))
        match_answer_add(model, MATCH_PERSON_LISTED_TOGETHER,
                         model->levels[MATCH_PERSON_LISTED_TOGETHER].bits, ret);
}

static void compare_companies(const struct profile *a, const struct profile *b,
                              struct match_answer *ret)
{
    for (size_t i = 0; i < a->form_count; i++)
        for (size_t j = 0; j < b->form_count; j++) {
            struct match_answer found;
            match_company_compare(match_model_get(), a->forms.companies[i], b->forms.companies[j],
                                  &found);
            if ((i == 0 && j == 0) || found.weight > ret->weight)
                *ret = found;
        }
}

void profile_compare(const struct profile *a, const struct profile *b, double people,
                     struct match_answer *ret_answer)
{
    if (a->kind == MATCH_SPEAKERS)
        compare_people(a, b, people, ret_answer);
    else if (a->kind == MATCH_COMPANIES)
        compare_companies(a, b, ret_answer);
    else
        match_event_compare(match_model_get(), a->forms.event, b->forms.event, ret_answer);
}

bool profile_is_worth_asking(const struct profile *a, const struct profile *b,
                             const struct match_answer *answer)
{
    if (answer->decision == MATCH_DISTINCT)
        return false;
    return a->kind != MATCH_SPEAKERS || is_corroborated(answer) ||
           (!match_person_is_short(a->forms.people[0]) &&
            !match_person_is_short(b->forms.people[0]));
}

double profile_probability(const struct match_answer *answer)
{
    return round(1e4 * answer->probability) / 1e4;
}

// ---------------------------------------------------------------------------------------------------------- keys

static int compare_keys(const void *a, const void *b)
{
    const struct match_key *x = a, *y = b;
    return x->hash < y->hash ? -1 : x->hash > y->hash;
}

struct match_key *profile_keys(struct arena *arena, const struct profile *profile,
                               size_t *ret_count)
{
    struct match_key *keys =
        ARENA_ARRAY(arena, PROFILE_MAX_FORMS * MATCH_MAX_KEYS, struct match_key);
    size_t count = 0, unique = 0;
    static_assert(MATCH_MAX_EVENT_KEYS <= PROFILE_MAX_FORMS * MATCH_MAX_KEYS);
    if (profile->kind == MATCH_EVENTS)
        count = match_event_keys(profile->forms.event, keys);
    for (size_t i = 0; i < profile->form_count && profile->kind != MATCH_EVENTS; i++)
        count += profile->kind == MATCH_SPEAKERS
                     ? match_person_keys(profile->forms.people[i], keys + count)
                     : match_company_keys(profile->forms.companies[i], keys + count);
    if (count)
        qsort(keys, count, sizeof *keys, compare_keys);
    for (size_t i = 0; i < count; i++)
        if (unique == 0 || keys[unique - 1].hash != keys[i].hash)
            keys[unique++] = keys[i];
    *ret_count = unique;
    return keys;
}

void profile_write_keys(struct json_writer *w, const struct match_key *keys, size_t count)
{
    json_begin_array(w);
    for (size_t i = 0; i < count; i++) {
        json_begin_array(w);
        json_int(w, (int64_t)keys[i].hash);
        json_int(w, keys[i].weight);
        json_end_array(w);
    }
    json_end_array(w);
}

// ------------------------------------------------------------------------------------------------------- telling

// What a field of the model is in a profile; NULL: the name, "handle": an address of that kind.
static const struct {
    const char *field, *member;
} shown_members[] = {
    {"company", "company"}, {"title", "title"},         {"bio", "bio"},
    {"email", "email"},     {"domain", "domain"},       {"time", "starts_at"},
    {"place", "place"},     {"venue", "venue"},         {"url", "url"},
    {"luma_id", "luma_id"}, {"organiser", "organiser"}, {"linkedin", "handle"},
    {"x", "handle"},        {"github", "handle"},       {"profile", NULL},
    {"website", "handle"},  {"catalogue", NULL},        {"events", NULL},
};

static struct slice find_handle(yyjson_val *json, const char *kind)
{
    size_t index, most;
    yyjson_val *handle;
    yyjson_arr_foreach (json_get(json, "handles"), index, most, handle)
        if (slice_equal(json_get_text(handle, "kind"), slice_from_cstr(kind)))
            return json_get_text(handle, "value");
    return (struct slice){0};
}

static struct slice shown_value(const struct profile *profile, const char *field)
{
    for (size_t i = 0; i < ARRAY_LEN(shown_members); i++) {
        const char *member = shown_members[i].member;
        if (strcmp(shown_members[i].field, field) != 0)
            continue;
        if (!member)
            return (struct slice){0};
        return strcmp(member, "handle") == 0 ? find_handle(profile->json, field)
                                             : json_get_text(profile->json, member);
    }
    return profile->name;
}

void profile_write_waterfall(struct json_writer *w, const struct profile *a,
                             const struct profile *b, const struct match_answer *answer)
{
    const struct match_model *model = match_model_get();
    json_begin_array(w);
    for (size_t i = 0; i < answer->step_count; i++) {
        const struct match_step *step = &answer->steps[i];
        const char *field = match_level_field(step->level);
        json_begin_object(w);
        json_key(w, "field");
        json_cstr(w, field);
        json_key(w, "level");
        json_cstr(w, match_level_name(step->level));
        json_key(w, "left");
        json_text(w, shown_value(a, field));
        json_key(w, "right");
        json_text(w, shown_value(b, field));
        json_key(w, "weight");
        json_double(w, round(step->bits * 100) / 100);
        json_key(w, "explanation");
        json_text(w, model->levels[step->level].words);
        json_end_object(w);
    }
    json_end_array(w);
}

struct slice profile_render_waterfall(struct arena *arena, const struct profile *a,
                                      const struct profile *b, const struct match_answer *answer)
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, MAX_WATERFALL_BYTES);
    struct json_writer w = json_writer_on(&text);
    profile_write_waterfall(&w, a, b, answer);
    return arena_slice(arena, buffer_slice(&text));
}
