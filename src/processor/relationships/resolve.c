#include "processor/relationships/resolve.h"

#include "lib/base/digest.h"
#include "lib/base/ensure.h"
#include "statements.gen.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_CANDIDATES = 24, // of a name
    MAX_RIVALS = 8,      // who are nearly as likely
    MAX_REVIEWS = 5,     // pairs that a name brings up
    MAX_JSON_BYTES = 16 * 1024 * 1024,
};

struct candidate {
    struct profile profile;
    struct match_answer answer;
    bool is_known;   // the event was said to have this one under this name before
    bool is_spelled; // it is known by this name
};

// A name of the page and what it comes to.
struct mention {
    struct profile profile;
    struct match_key *keys;
    size_t key_count;
    struct candidate *candidates; // the likeliest first, once compared
    size_t candidate_count;
    const struct candidate *chosen; // NULL: it is a new one, or what another name of the page is
    bool is_new;
    bool has_new_keys;           // it cannot be found by all of its keys yet
    char spelling_id[UUID_TEXT]; // of the row that keeps an unknown spelling of a known one
};

struct resolver {
    struct pipeline *pipeline;
    struct entities *entities;
    const struct resolve_statements *statements;
    entity_writer *write;
    struct mention *mentions;
    double people;
};

static struct slice id_of(const struct resolver *resolver, size_t position)
{
    return slice_from_cstr(resolver->entities->items[position].id);
}

static void take_id(struct resolver *resolver, size_t position, struct slice id)
{
    snprintf(resolver->entities->items[position].id, UUID_TEXT, "%.*s", SLICE_FMT(id));
}

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

static void write_keys(struct json_writer *w, const struct mention *mention)
{
    json_begin_array(w);
    for (size_t i = 0; i < mention->key_count; i++) {
        json_begin_array(w);
        json_int(w, (int64_t)mention->keys[i].hash);
        json_int(w, mention->keys[i].weight);
        json_end_array(w);
    }
    json_end_array(w);
}

// Keys lead to the row that has the name: when it comes apart from who it was merged into, it is found by itself.
static struct slice row_of(const struct resolver *resolver, size_t position)
{
    const char *spelling = resolver->mentions[position].spelling_id;
    return spelling[0] ? slice_from_cstr(spelling) : id_of(resolver, position);
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
        write_keys(&w, &resolver->mentions[i]);
        json_end_object(&w);
    }
    json_end_array(&w);
    return arena_slice(resolver->pipeline->arena, buffer_slice(&text));
}

static enum err lock_keys(struct resolver *resolver, struct error *ret_error)
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, MAX_JSON_BYTES);
    buffer_append_char(&text, '{');
    for (size_t i = 0; i < resolver->entities->count; i++)
        for (size_t j = 0; j < resolver->mentions[i].key_count; j++) {
            if (text.len > 1)
                buffer_append_char(&text, ',');
            buffer_append_int(&text, (int64_t)resolver->mentions[i].keys[j].hash);
        }
    buffer_append_char(&text, '}');
    const struct db_value values[] = {db_text(buffer_slice(&text))};
    return db_session_query(resolver->pipeline->session, &sql_speakers_lock_keys, values, NULL,
                            ret_error);
}

// -------------------------------------------------------------------------------------------------- candidates

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
    ret->is_spelled = db_rows_bool(rows, row, db_rows_column(rows, "is_spelled"));
    resolver->people = db_rows_double(rows, row, db_rows_column(rows, "people"));
    return ERR_OK;
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
        err = read_candidate(resolver, rows, i, &candidates[i], ret_error);
    }
    return err;
}

// Another name of the page is this one already: a page does not list one person under two names.
static bool is_taken_by_other(const struct resolver *resolver, size_t position, struct slice id)
{
    for (size_t i = 0; i < position; i++)
        if (slice_equal(id_of(resolver, i), id) &&
            !slice_equal(resolver->mentions[i].profile.key,
                         resolver->mentions[position].profile.key))
            return true;
    return false;
}

static void weigh(const struct resolver *resolver, size_t position, const struct profile *other,
                  bool is_spelled, struct match_answer *ret)
{
    const struct mention *mention = &resolver->mentions[position];
    profile_compare(&mention->profile, other, resolver->people, ret);
    if (mention->profile.kind == MATCH_SPEAKERS && !is_spelled &&
        is_taken_by_other(resolver, position, other->id))
        match_answer_add(match_model_get(), MATCH_PERSON_LISTED_TOGETHER,
                         match_model_get()->levels[MATCH_PERSON_LISTED_TOGETHER].bits, ret);
}

static int compare_candidates(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    double difference = y->answer.weight - x->answer.weight;
    if (difference != 0)
        return difference > 0 ? 1 : -1;
    // Whose very name it is comes before who has a similar one.
    return x->is_spelled != y->is_spelled ? y->is_spelled - x->is_spelled
                                          : slice_compare(x->profile.id, y->profile.id);
}

// ------------------------------------------------------------------------------------------------------ choosing

// Pairs among the candidates that were decided to be two, or are not decided.
static enum err find_decided(struct resolver *resolver, const struct mention *mention, size_t count,
                             struct db_rows **ret_rows, struct error *ret_error)
{
    static const struct slice apart[] = {SLICE_INIT("pending"), SLICE_INIT("deferred"),
                                         SLICE_INIT("distinct")};
    struct arena *arena = resolver->pipeline->arena;
    struct slice ids[MAX_RIVALS];
    for (size_t i = 0; i < count; i++)
        ids[i] = mention->candidates[i].profile.id;
    const struct db_value values[] = {db_cstr(entity_kind_names[resolver->statements->kind]),
                                      db_text_array(arena, ids, count),
                                      db_text_array(arena, apart, ARRAY_LEN(apart))};
    return db_session_query(resolver->pipeline->session, &sql_duplicates_find_decided, values,
                            ret_rows, ret_error);
}

static bool is_decided(const struct db_rows *rows, struct arena *arena, struct slice a,
                       struct slice b)
{
    for (size_t i = 0; i < db_rows_count(rows); i++) {
        struct slice one = db_rows_value_text(rows, i, 0, arena),
                     two = db_rows_value_text(rows, i, 1, arena);
        if ((slice_equal(one, a) && slice_equal(two, b)) ||
            (slice_equal(one, b) && slice_equal(two, a)))
            return true;
    }
    return false;
}

// The weight of the likeliest beside the others that are likely, too, and are somebody else: each takes its share.
static enum err weigh_rivals(struct resolver *resolver, const struct mention *mention,
                             double *ret_weight, struct error *ret_error)
{
    const struct candidate *best = &mention->candidates[0];
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    size_t count = 0;
    *ret_weight = best->answer.weight;
    while (count < mention->candidate_count && count < MAX_RIVALS &&
           mention->candidates[count].answer.decision == MATCH_MERGE)
        count++;
    if (count < 2)
        return ERR_OK;
    enum err err = find_decided(resolver, mention, count, &rows, ret_error);
    double odds = 0;
    for (size_t i = 1; i < count && !err; i++) {
        const struct candidate *rival = &mention->candidates[i];
        struct match_answer answer;
        if (best->is_spelled && !rival->is_spelled)
            continue;
        profile_compare(&best->profile, &rival->profile, resolver->people, &answer);
        if (answer.decision != MATCH_MERGE ||
            is_decided(rows, resolver->pipeline->arena, best->profile.id, rival->profile.id))
            odds += exp2(rival->answer.weight);
    }
    *ret_weight -= log2(1 + odds);
    return err;
}

// Who has this very name and tells nothing besides: one more of whom as little is known is the same until more is known.
static const struct candidate *find_nobody(const struct mention *mention)
{
    if (mention->profile.kind != MATCH_SPEAKERS ||
        !match_person_is_bare(mention->profile.forms.people[0]))
        return NULL;
    for (size_t i = 0; i < mention->candidate_count; i++)
        if (slice_equal(mention->candidates[i].profile.key, mention->profile.key) &&
            match_person_is_bare(mention->candidates[i].profile.forms.people[0]))
            return &mention->candidates[i];
    return NULL;
}

// What the event had under this name when it was read before; a company's name is its own.
static const struct candidate *find_known(const struct mention *mention)
{
    for (size_t i = 0; i < mention->candidate_count; i++)
        if (mention->candidates[i].is_known &&
            (mention->profile.kind == MATCH_COMPANIES ||
             mention->candidates[i].answer.decision != MATCH_DISTINCT))
            return &mention->candidates[i];
    return NULL;
}

static bool share_key(const struct mention *a, const struct mention *b)
{
    for (size_t i = 0, j = 0; i < a->key_count && j < b->key_count;) {
        if (a->keys[i].hash == b->keys[j].hash)
            return true;
        if (a->keys[i].hash < b->keys[j].hash)
            i++;
        else
            j++;
    }
    return false;
}

// The same name stands on the page before, and nothing says that it is another's.
static bool find_namesake(struct resolver *resolver, size_t position, size_t *ret_other)
{
    const struct mention *mention = &resolver->mentions[position];
    for (size_t i = 0; i < position; i++) {
        const struct profile *other = &resolver->mentions[i].profile;
        struct match_answer answer;
        if (!slice_equal(other->key, mention->profile.key))
            continue;
        profile_compare(&mention->profile, other, 0, &answer);
        *ret_other = i;
        if (answer.decision != MATCH_DISTINCT || mention->profile.kind == MATCH_COMPANIES)
            return true;
    }
    return false;
}

// The page has given this one the name before.
static bool is_spelled_on_page(const struct resolver *resolver, size_t position, struct slice id)
{
    for (size_t i = 0; i < position; i++)
        if (slice_equal(id_of(resolver, i), id) &&
            slice_equal(resolver->mentions[i].profile.key,
                        resolver->mentions[position].profile.key))
            return true;
    return false;
}

// The likeliest of those that the page has made; NULL when none is likely enough.
static const struct candidate *find_on_page(struct resolver *resolver, size_t position)
{
    const struct mention *mention = &resolver->mentions[position];
    double best = match_model_get()->kinds[mention->profile.kind].merge;
    struct candidate *found = NULL;
    for (size_t i = 0; i < position; i++) {
        const struct mention *other = &resolver->mentions[i];
        if (!other->is_new || !share_key(mention, other))
            continue;
        struct candidate candidate = {.profile = other->profile};
        candidate.profile.id = id_of(resolver, i);
        candidate.is_spelled = is_spelled_on_page(resolver, position, candidate.profile.id);
        weigh(resolver, position, &candidate.profile, candidate.is_spelled, &candidate.answer);
        if (candidate.answer.weight >= best) {
            best = candidate.answer.weight;
            if (!found)
                found = ARENA_NEW(resolver->pipeline->arena, struct candidate);
            *found = candidate;
        }
    }
    return found;
}

// The likeliest of those that are known, when it is likely enough.
static enum err choose_candidate(struct resolver *resolver, size_t position,
                                 struct error *ret_error)
{
    struct mention *mention = &resolver->mentions[position];
    double weight = 0;
    for (size_t i = 0; i < mention->candidate_count; i++) {
        struct candidate *candidate = &mention->candidates[i];
        // A decision that the name is theirs stands, however many names they have.
        if (candidate->is_spelled)
            profile_add_name(resolver->pipeline->arena, &candidate->profile, mention->profile.name);
        weigh(resolver, position, &candidate->profile, candidate->is_spelled, &candidate->answer);
    }
    if (mention->candidate_count)
        qsort(mention->candidates, mention->candidate_count, sizeof *mention->candidates,
              compare_candidates);
    mention->chosen = find_known(mention);
    if (mention->chosen || mention->candidate_count == 0 ||
        mention->candidates[0].answer.decision != MATCH_MERGE)
        return ERR_OK;
    enum err err = weigh_rivals(resolver, mention, &weight, ret_error);
    mention->chosen = weight >= match_model_get()->kinds[resolver->statements->kind].merge
                          ? &mention->candidates[0]
                          : find_nobody(mention);
    return err;
}

// Are there keys that do not come of what is known of it already?
static bool has_new_keys(struct resolver *resolver, const struct mention *mention)
{
    size_t count, known = 0;
    if (!mention->chosen || mention->spelling_id[0])
        return true;
    const struct match_key *keys =
        profile_keys(resolver->pipeline->arena, &mention->chosen->profile, &count);
    for (size_t i = 0, j = 0; i < mention->key_count && j < count;) {
        known += mention->keys[i].hash == keys[j].hash;
        if (mention->keys[i].hash <= keys[j].hash)
            i++;
        else
            j++;
    }
    return known < mention->key_count;
}

static enum err choose(struct resolver *resolver, size_t position, struct error *ret_error)
{
    struct mention *mention = &resolver->mentions[position];
    size_t other;
    if (find_namesake(resolver, position, &other)) {
        take_id(resolver, position, id_of(resolver, other));
        mention->has_new_keys = true;
        return ERR_OK;
    }
    enum err err = choose_candidate(resolver, position, ret_error);
    if (!mention->chosen)
        mention->chosen = find_on_page(resolver, position);
    if (mention->chosen) {
        take_id(resolver, position, mention->chosen->profile.id);
        if (!mention->chosen->is_spelled)
            uuid_new_v4(mention->spelling_id);
    } else {
        uuid_new_v4(resolver->entities->items[position].id);
        mention->is_new = true;
    }
    mention->has_new_keys = has_new_keys(resolver, mention);
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
            json_text(&w, id_of(resolver, i));
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
            ids[count++] = id_of(resolver, i);
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
                write_pair(&w, id_of(resolver, i), mention, &mention->candidates[j]);
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

static enum err keep(struct resolver *resolver, struct error *ret_error)
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

enum err entities_resolve(struct pipeline *pipeline, struct entities *entities,
                          const struct resolve_statements *statements, entity_writer *write,
                          struct error *ret_error)
{
    struct resolver resolver = {
        .pipeline = pipeline, .entities = entities, .statements = statements, .write = write};
    if (entities->count == 0)
        return ERR_OK;
    enum err err = read_mentions(&resolver, ret_error);
    if (!err)
        err = lock_keys(&resolver, ret_error);
    if (!err)
        err = find_candidates(&resolver, ret_error);
    for (size_t i = 0; i < entities->count && !err; i++)
        err = choose(&resolver, i, ret_error);
    return err ? err : keep(&resolver, ret_error);
}
