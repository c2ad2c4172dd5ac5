#include "processor/relationships/resolver.h"

#include "lib/base/digest.h"
#include "lib/base/ensure.h"
#include "processor/relationships/locks.h"
#include "statements.gen.h"

enum {
    MAX_CANDIDATES = 24, // of a name
    MAX_REVIEWS = 5,     // pairs that a name brings up
    MAX_JSON_BYTES = 16 * 1024 * 1024,
    MAX_PAGE_BYTES = 192 * 1024 * 1024, // of the job's arena, with all candidates
};

// ------------------------------------------------------------------------------------------------------ the page

static enum err read_mentions(struct resolver *resolver, struct error *ret_error)
{
    struct arena *arena = resolver->pipeline->arena;
    yyjson_val *list, *item;
    size_t i, most;
    struct slice text = entities_render(arena, resolver->entities, false, resolver->write);
    enum err err = json_parse(arena, text, &list, ret_error);
    if (err)
        return err;
    resolver->mentions = ARENA_ARRAY(arena, resolver->entities->count + 1, struct mention);
    yyjson_arr_foreach (list, i, most, item) {
        struct mention *mention = &resolver->mentions[i];
        profile_read(arena, resolver->statements->kind, item, &mention->profile);
        mention->keys = profile_keys(arena, &mention->profile, &mention->key_count);
    }
    return ERR_OK;
}

// Keys lead to the row that has the name: when it comes apart from who it was merged into, it is found by itself.
static struct slice row_of(const struct resolver *resolver, size_t position)
{
    const char *spelling = resolver->mentions[position].spelling_id;
    return spelling[0] ? slice_from_cstr(spelling) : resolver_id(resolver, position);
}

// [{position, id, normalized_name, keys}] of all, without ids while they have none, or of those with new keys.
static struct slice render_keys(struct resolver *resolver, bool only_new, size_t *ret_count)
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, MAX_JSON_BYTES);
    struct json_writer w = json_writer_on(&text);
    json_begin_array(&w);
    *ret_count = 0;
    for (size_t i = 0; i < resolver->entities->count; i++) {
        if (only_new && !resolver->mentions[i].has_new_keys)
            continue;
        ++*ret_count;
        json_begin_object(&w);
        json_key(&w, "position");
        json_int(&w, (int64_t)i);
        if (only_new) {
            json_key(&w, "id");
            json_text(&w, row_of(resolver, i));
        }
        json_key(&w, "normalized_name");
        json_text(&w, resolver->entities->items[i].normalized_name);
        json_key(&w, "keys");
        profile_write_keys(&w, resolver->mentions[i].keys, resolver->mentions[i].key_count);
        json_end_object(&w);
    }
    json_end_array(&w);
    return arena_slice(resolver->pipeline->arena, buffer_slice(&text));
}

static enum err lock_keys(struct resolver *resolver, struct error *ret_error)
{
    size_t total = 0, count = 0;
    for (size_t i = 0; i < resolver->entities->count; i++)
        total += resolver->mentions[i].key_count;
    struct match_key *keys = ARENA_ARRAY(resolver->pipeline->arena, total + 1, struct match_key);
    for (size_t i = 0; i < resolver->entities->count; i++)
        for (size_t j = 0; j < resolver->mentions[i].key_count; j++)
            keys[count++] = resolver->mentions[i].keys[j];
    return locks_take(resolver->pipeline, resolver->statements->kind, keys, count, ret_error);
}

// -------------------------------------------------------------------------------------------------- candidates

// Who had the name before it was merged into the candidate.
static enum err read_spelling(struct arena *arena, const struct db_rows *rows, size_t row,
                              struct candidate *candidate, struct error *ret_error)
{
    yyjson_val *json;
    struct slice text = db_rows_text(rows, row, db_rows_column(rows, "spelling"));
    if (!text.ptr)
        return ERR_OK;
    enum err err = json_parse(arena, arena_slice(arena, text), &json, ret_error);
    if (err)
        return err;
    profile_add_spelling(arena, &candidate->profile, json);
    candidate->is_spelled = true;
    if (candidate->profile.kind == MATCH_SPEAKERS && !json_get_text(json, "company").len &&
        !json_get_text(json, "title").len && !json_get_text(json, "bio").len)
        candidate->is_unknown = true;
    return ERR_OK;
}

static enum err read_candidate(struct resolver *resolver, const struct db_rows *rows, size_t row,
                               struct candidate *ret, struct error *ret_error)
{
    struct arena *arena = resolver->pipeline->arena;
    yyjson_val *json;
    struct slice text = db_rows_text(rows, row, db_rows_column(rows, "profile"));
    enum err err = json_parse(arena, arena_slice(arena, text), &json, ret_error);
    if (err)
        return err;
    profile_read(arena, resolver->statements->kind, json, &ret->profile);
    ret->is_known = db_rows_bool(rows, row, db_rows_column(rows, "is_known"));
    ret->is_spelled = db_rows_bool(rows, row, db_rows_column(rows, "is_named"));
    ret->is_unknown = ret->is_spelled && ret->profile.kind == MATCH_SPEAKERS &&
                      match_person_is_bare(ret->profile.forms.people[0]);
    resolver->people = db_rows_double(rows, row, db_rows_column(rows, "people"));
    return read_spelling(arena, rows, row, ret, ret_error);
}

// All names' candidates, in the order of the names.
static enum err find_candidates(struct resolver *resolver, struct error *ret_error)
{
    struct arena *arena = resolver->pipeline->arena;
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    size_t count;
    const struct db_value all[] = {db_cstr(resolver->pipeline->job->event_id),
                                   db_text(render_keys(resolver, false, &count)),
                                   db_int(arena, MAX_CANDIDATES)};
    const struct db_statement *find = resolver->statements->find;
    enum err err =
        db_session_query(resolver->pipeline->session, find,
                         resolver->statements->is_per_event ? all : all + 1, &rows, ret_error);
    count = err ? 0 : db_rows_count(rows);
    struct candidate *candidates = ARENA_ARRAY(arena, count + 1, struct candidate);
    for (size_t i = 0; i < count && !err; i++) {
        int64_t position = db_rows_int(rows, i, db_rows_column(rows, "position"));
        ensure(position >= 0 && (size_t)position < resolver->entities->count);
        struct mention *mention = &resolver->mentions[position];
        if (mention->candidate_count++ == 0)
            mention->candidates = &candidates[i];
        err = arena_used(arena) > MAX_PAGE_BYTES
                  ? error_set(ret_error, ERR_PAGE_TOO_LARGE, "more names than can be compared")
                  : read_candidate(resolver, rows, i, &candidates[i], ret_error);
    }
    return err;
}

// ------------------------------------------------------------------------------------------------------- keeping

static bool is_kept(const struct mention *mention)
{
    return mention->is_new;
}

static bool is_adopted(const struct mention *mention)
{
    return mention->spelling_id[0];
}

// The names of one sort as a list: what write adds, and for spellings whose they are and why.
static struct slice render_rows(struct resolver *resolver,
                                bool (*is_wanted)(const struct mention *), size_t *ret_count)
{
    struct arena *arena = resolver->pipeline->arena;
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, MAX_JSON_BYTES);
    struct json_writer w = json_writer_on(&text);
    *ret_count = 0;
    json_begin_array(&w);
    for (size_t i = 0; i < resolver->entities->count; i++) {
        const struct mention *mention = &resolver->mentions[i];
        if (!is_wanted(mention))
            continue;
        json_begin_object(&w);
        json_key(&w, "id");
        json_text(&w, row_of(resolver, i));
        json_key(&w, "name");
        json_text(&w, resolver->entities->items[i].name);
        json_key(&w, "normalized_name");
        json_text(&w, resolver->entities->items[i].normalized_name);
        resolver->write(&w, &resolver->entities->items[i]);
        if (mention->chosen) {
            json_key(&w, "survivor");
            json_text(&w, resolver_id(resolver, i));
            json_key(&w, "probability");
            json_double(&w, profile_probability(&mention->chosen->answer));
            json_key(&w, "evidence");
            json_raw(&w,
                     profile_render_waterfall(arena, &mention->profile, &mention->chosen->profile,
                                              &mention->chosen->answer));
        }
        json_end_object(&w);
        ++*ret_count;
    }
    json_end_array(&w);
    return arena_slice(arena, buffer_slice(&text));
}

static struct db_value touched_ids(struct resolver *resolver)
{
    struct slice *ids =
        ARENA_ARRAY(resolver->pipeline->arena, resolver->entities->count + 1, struct slice);
    size_t count = 0;
    for (size_t i = 0; i < resolver->entities->count; i++)
        if (resolver->mentions[i].chosen)
            ids[count++] = resolver_id(resolver, i);
    return db_text_array(resolver->pipeline->arena, ids, count);
}

static void write_pair(struct json_writer *w, struct slice id, const struct mention *mention,
                       const struct candidate *candidate)
{
    bool is_first = slice_compare(id, candidate->profile.id) < 0;
    json_begin_object(w);
    json_key(w, "a");
    json_text(w, is_first ? id : candidate->profile.id);
    json_key(w, "b");
    json_text(w, is_first ? candidate->profile.id : id);
    json_key(w, "probability");
    json_double(w, profile_probability(&candidate->answer));
    json_key(w, "evidence");
    profile_write_waterfall(w, is_first ? &mention->profile : &candidate->profile,
                            is_first ? &candidate->profile : &mention->profile, &candidate->answer);
    json_end_object(w);
}

static enum err queue_reviews(struct resolver *resolver, struct error *ret_error)
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, MAX_JSON_BYTES);
    struct json_writer w = json_writer_on(&text);
    size_t count = 0;
    json_begin_array(&w);
    for (size_t i = 0; i < resolver->entities->count; i++) {
        const struct mention *mention = &resolver->mentions[i];
        for (size_t j = 0; mention->is_new && j < mention->candidate_count && j < MAX_REVIEWS; j++)
            if (profile_is_worth_asking(&mention->profile, &mention->candidates[j].profile,
                                        &mention->candidates[j].answer)) {
                write_pair(&w, resolver_id(resolver, i), mention, &mention->candidates[j]);
                count++;
            }
    }
    json_end_array(&w);
    const struct db_value values[] = {db_cstr(entity_kind_names[resolver->statements->kind]),
                                      db_text(buffer_slice(&text))};
    return count ? db_session_query(resolver->pipeline->session, &sql_duplicates_queue_pairs,
                                    values, NULL, ret_error)
                 : ERR_OK;
}

enum err resolver_keep(struct resolver *resolver, struct error *ret_error)
{
    struct db_session *session = resolver->pipeline->session;
    const struct resolve_statements *statements = resolver->statements;
    const struct db_value version = db_int(resolver->pipeline->arena, MATCH_KEYS_VERSION);
    size_t count;
    enum err err = ERR_OK;
    const struct db_value kept[] = {db_text(render_rows(resolver, is_kept, &count)), version};
    if (count)
        err = db_session_query(session, statements->keep, kept, NULL, ret_error);
    const struct db_value adopted[] = {db_text(render_rows(resolver, is_adopted, &count)),
                                       touched_ids(resolver), version};
    if (!err && count)
        err = db_session_query(session, statements->adopt, adopted, NULL, ret_error);
    if (!err)
        err = queue_reviews(resolver, ret_error);
    const struct db_value keys[] = {db_text(render_keys(resolver, true, &count))};
    return err || count == 0
               ? err
               : db_session_query(session, statements->add_keys, keys, NULL, ret_error);
}

enum err resolver_match(struct resolver *resolver, struct error *ret_error)
{
    enum err err = read_mentions(resolver, ret_error);
    if (!err)
        err = lock_keys(resolver, ret_error);
    if (!err)
        err = find_candidates(resolver, ret_error);
    for (size_t i = 0; i < resolver->entities->count && !err; i++)
        err = resolver_choose(resolver, i, ret_error);
    return err;
}

enum err entities_resolve(struct pipeline *pipeline, struct entities *entities,
                          const struct resolve_statements *statements, entity_writer *write,
                          struct error *ret_error)
{
    struct resolver resolver = {
        .pipeline = pipeline, .entities = entities, .statements = statements, .write = write};
    if (entities->count == 0)
        return ERR_OK;
    enum err err = resolver_match(&resolver, ret_error);
    return err ? err : resolver_keep(&resolver, ret_error);
}
