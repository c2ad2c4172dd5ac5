#include "processor/relationships/parts.h"

#include "lib/match/company.h"
#include "lib/text/lexicon.h"
#include "processor/deduplication/profile.h"
#include "statements.gen.h"

#include <stdlib.h>

enum {
    MAX_CANDIDATES = 40,       // of a name
    MAX_LINKS = 200,           // of a page
    MAX_BEGINNINGS = 4,        // of a name that may be a whole's: "Google", "Google Cloud"
    WEIGHT_OF_BEGINNING = 100, // so that no others are in their way
    MAX_JSON_BYTES = 8 * 1024 * 1024,
};

struct link {
    struct slice part, whole, evidence;
    size_t letters; // of the whole: of several the one with the longer name is nearer
};

struct search {
    struct pipeline *pipeline;
    struct profile *profiles; // of the page's names
    struct link links[MAX_LINKS];
    size_t count;
};

// ---------------------------------------------------------------------------------------------------- candidates

static void write_key(struct json_writer *w, uint64_t hash, unsigned weight)
{
    json_begin_array(w);
    json_int(w, (int64_t)hash);
    json_int(w, weight);
    json_end_array(w);
}

static void write_keys_of(struct json_writer *w, const struct match_company_form *form,
                          unsigned weight)
{
    struct match_key keys[MATCH_MAX_KEYS];
    size_t count = match_company_keys(form, keys);
    for (size_t i = 0; i < count; i++)
        write_key(w, keys[i].hash, weight ? weight : keys[i].weight);
}

// Its own keys lead to names that begin with its first word; those of its beginnings lead to wholes.
static void write_keys(struct search *search, struct json_writer *w, struct slice name)
{
    struct slice rest = name, word;
    struct match_company own = {.name = name};
    json_begin_array(w);
    write_keys_of(w, match_company_prepare(search->pipeline->arena, &own), 0);
    for (size_t i = 0; i < MAX_BEGINNINGS && slice_split_next(&rest, ' ', &word) && rest.len; i++) {
        struct match_company beginning = {
            .name = {name.ptr, (size_t)(word.ptr + word.len - name.ptr)}};
        write_keys_of(w, match_company_prepare(search->pipeline->arena, &beginning),
                      WEIGHT_OF_BEGINNING);
    }
    json_end_array(w);
}

static struct slice render_asked(struct search *search)
{
    const struct entities *companies = &search->pipeline->companies;
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, MAX_JSON_BYTES);
    struct json_writer w = json_writer_on(&text);
    json_begin_array(&w);
    for (size_t i = 0; i < companies->count; i++) {
        json_begin_object(&w);
        json_key(&w, "position");
        json_int(&w, (int64_t)i);
        json_key(&w, "normalized_name");
        json_text(&w, companies->items[i].normalized_name);
        json_key(&w, "keys");
        write_keys(search, &w, companies->items[i].name);
        json_end_object(&w);
    }
    json_end_array(&w);
    return arena_slice(search->pipeline->arena, buffer_slice(&text));
}

// ------------------------------------------------------------------------------------------------------ comparing

static void add_link(struct search *search, const struct profile *part, struct slice part_id,
                     const struct profile *whole, struct slice whole_id,
                     const struct match_answer *answer)
{
    if (search->count == MAX_LINKS)
        return;
    search->links[search->count++] = (struct link){
        .part = part_id,
        .whole = whole_id,
        .evidence = profile_render_waterfall(search->pipeline->arena, part, whole, answer),
        .letters = whole->forms.companies[0]->name.letters.len,
    };
}

// Many are called by a common word ("Mercury", "Mercury Labs"): then the web site has to be one, or the word a known company.
static bool is_vague(const struct match_company_form *whole, const struct match_answer *answer)
{
    return whole->name.count == 1 && !whole->name.known &&
           (lexicon_look_up(whole->name.words[0]) & LEXICON_WORD) &&
           !match_answer_has(answer, MATCH_COMPANY_DOMAIN_SAME);
}

static void compare(struct search *search, size_t position, const struct profile *other)
{
    const struct profile *own = &search->profiles[position];
    struct slice id = slice_from_cstr(search->pipeline->companies.items[position].id);
    struct match_answer answer;
    if (slice_equal(id, other->id))
        return;
    const struct match_company_form *a = own->forms.companies[0], *b = other->forms.companies[0];
    match_company_compare(match_model_get(), a, b, &answer);
    bool own_is_part = a->name.letters.len > b->name.letters.len;
    if (!match_answer_has(&answer, MATCH_COMPANY_UNIT) || is_vague(own_is_part ? b : a, &answer))
        return;
    if (own_is_part)
        add_link(search, own, id, other, other->id, &answer);
    else
        add_link(search, other, other->id, own, id, &answer);
}

static enum err find_links(struct search *search, struct error *ret_error)
{
    struct arena *arena = search->pipeline->arena;
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    const struct db_value values[] = {db_text(render_asked(search)), db_int(arena, MAX_CANDIDATES)};
    enum err err = db_session_query(search->pipeline->session, &sql_companies_find_candidates,
                                    values, &rows, ret_error);
    size_t count = err ? 0 : db_rows_count(rows);
    for (size_t i = 0; i < count && !err; i++) {
        yyjson_val *json;
        struct profile other;
        int64_t position = db_rows_int(rows, i, db_rows_column(rows, "position"));
        struct slice text = db_rows_text(rows, i, db_rows_column(rows, "profile"));
        err = json_parse(arena, arena_slice(arena, text), &json, ret_error);
        if (err)
            break;
        profile_read(arena, MATCH_COMPANIES, json, &other);
        compare(search, (size_t)position, &other);
    }
    return err;
}

// ------------------------------------------------------------------------------------------------------- linking

static int compare_links(const void *a, const void *b)
{
    const struct link *x = a, *y = b;
    return x->letters != y->letters ? (x->letters < y->letters ? 1 : -1)
                                    : slice_compare(x->whole, y->whole);
}

static struct slice render_links(const struct search *search)
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, MAX_JSON_BYTES);
    struct json_writer w = json_writer_on(&text);
    json_begin_array(&w);
    for (size_t i = 0; i < search->count; i++) {
        json_begin_object(&w);
        json_key(&w, "part");
        json_text(&w, search->links[i].part);
        json_key(&w, "whole");
        json_text(&w, search->links[i].whole);
        json_key(&w, "evidence");
        json_raw(&w, search->links[i].evidence);
        json_end_object(&w);
    }
    json_end_array(&w);
    return arena_slice(search->pipeline->arena, buffer_slice(&text));
}

enum err companies_link_parts(struct pipeline *pipeline, struct error *ret_error)
{
    const struct entities *companies = &pipeline->companies;
    if (companies->count == 0)
        return ERR_OK;
    struct search *search = ARENA_NEW(pipeline->arena, struct search);
    search->pipeline = pipeline;
    search->profiles = ARENA_ARRAY(pipeline->arena, companies->count, struct profile);
    for (size_t i = 0; i < companies->count; i++) {
        struct match_company company = {.name = companies->items[i].name};
        struct slice domain = json_get_text(companies->items[i].json, "domain");
        if (domain.len)
            company.links[company.link_count++] = domain;
        search->profiles[i] = (struct profile){.kind = MATCH_COMPANIES, .name = company.name};
        search->profiles[i].forms.companies[0] = match_company_prepare(pipeline->arena, &company);
        search->profiles[i].form_count = 1;
    }
    enum err err = find_links(search, ret_error);
    if (err || search->count == 0)
        return err;
    qsort(search->links, search->count, sizeof *search->links, compare_links);
    const struct db_value links[] = {db_text(render_links(search))};
    return db_session_query(pipeline->session, &sql_companies_link_parts, links, NULL, ret_error);
}
