// GET /internal/recommend…: events for somebody, people for an event. The statements give the scores and the reasons;
// here the best candidates are put in an order that does not say the same thing again and again.
#include "lib/catalog/parameters.h"
#include "lib/embed/embed.h"
#include "processor/queries/queries.h"
#include "statements.gen.h"

// Maximal marginal relevance (Carbonell & Goldstein, 1998): the next one is the candidate with the highest
// LAMBDA × relevance − (1 − LAMBDA) × its likeness to what was chosen before; relevance is its share of the best score.
static const double LAMBDA = 0.7;
// What makes two events alike, each between 0 and 1.
static const double LIKE_TOPICS = 0.4, LIKE_HOSTS = 0.4, LIKE_SERIES = 0.2;

enum { MAX_ANSWER_BYTES = 16 * 1024 * 1024, MAX_INTERESTS = 50 };

struct candidate {
    size_t row;
    double score;
    bool is_ahead, is_chosen;
    struct slice id, topics, hosts, series; // sets: ids in order, with spaces between
    double likeness;                        // to the chosen one it is most like
    const struct candidate *like;           // that one; NULL while it is like none
};

// Members of both by members of either (Jaccard); two empty sets have nothing in common.
static double overlap(struct slice a, struct slice b)
{
    size_t both = 0, either = 0;
    struct slice one = {0}, other = {0};
    bool has_one = slice_split_next(&a, ' ', &one) && one.len,
         has_other = slice_split_next(&b, ' ', &other) && other.len;
    while (has_one || has_other) {
        int order = !has_one ? 1 : !has_other ? -1 : slice_compare(one, other);
        either++;
        both += order == 0;
        if (order <= 0)
            has_one = slice_split_next(&a, ' ', &one);
        if (order >= 0)
            has_other = slice_split_next(&b, ' ', &other);
    }
    return either ? (double)both / (double)either : 0;
}

static double likeness(const struct candidate *a, const struct candidate *b)
{
    bool same_series = a->series.len && slice_equal(a->series, b->series);
    return LIKE_TOPICS * overlap(a->topics, b->topics) + LIKE_HOSTS * overlap(a->hosts, b->hosts) +
           (same_series ? LIKE_SERIES : 0);
}

static double rank_score(const struct candidate *candidate, double best)
{
    double relevance = best > 0 ? candidate->score / best : 0;
    return LAMBDA * relevance - (1 - LAMBDA) * candidate->likeness;
}

// The next one to show, NULL when none is left. What is ahead goes before what is over; equals keep the statement's
// order, which is that of score and id.
static struct candidate *choose(struct candidate *candidates, size_t count, double best)
{
    struct candidate *chosen = NULL;
    for (size_t i = 0; i < count; i++) {
        struct candidate *candidate = &candidates[i];
        if (candidate->is_chosen)
            continue;
        if (!chosen || (candidate->is_ahead == chosen->is_ahead &&
                        rank_score(candidate, best) > rank_score(chosen, best)))
            chosen = candidate;
    }
    if (!chosen)
        return NULL;
    chosen->is_chosen = true;
    for (size_t i = 0; i < count; i++) {
        double like = likeness(&candidates[i], chosen);
        if (candidates[i].is_chosen || like <= candidates[i].likeness)
            continue;
        candidates[i].likeness = like;
        candidates[i].like = chosen;
    }
    return chosen;
}

static struct candidate *read_candidates(struct arena *arena, const struct db_rows *rows,
                                         double *ret_best)
{
    size_t count = db_rows_count(rows);
    struct candidate *candidates = ARENA_ARRAY(arena, count + 1, struct candidate);
    *ret_best = 0;
    for (size_t i = 0; i < count; i++) {
        candidates[i] = (struct candidate){
            .row = i,
            .score = db_rows_double(rows, i, db_rows_column(rows, "_score")),
            .is_ahead = db_rows_bool(rows, i, db_rows_column(rows, "_is_ahead")),
            .id = db_rows_value_text(rows, i, db_rows_column(rows, "_id"), arena),
            .topics = db_rows_text(rows, i, db_rows_column(rows, "_topics")),
            .hosts = db_rows_text(rows, i, db_rows_column(rows, "_hosts")),
            .series = db_rows_text(rows, i, db_rows_column(rows, "_series")),
        };
        if (candidates[i].score > *ret_best)
            *ret_best = candidates[i].score;
    }
    return candidates;
}

// The row's object with one member more: how its place among the others came about.
static void render_candidate(const struct db_rows *rows, const struct candidate *candidate,
                             double best, struct json_writer *w)
{
    struct buffer object CLEANUP(buffer_done);
    buffer_init(&object, MAX_ANSWER_BYTES);
    struct json_writer row = json_writer_on(&object);
    db_rows_render_row(rows, candidate->row, &row);
    struct slice fields = buffer_slice(&object);
    struct buffer whole CLEANUP(buffer_done);
    buffer_init(&whole, MAX_ANSWER_BYTES);
    buffer_append(&whole, slice_sub(fields, 0, fields.len - 1));
    buffer_append_cstr(&whole, ",\"diversity\":");
    struct json_writer diversity = json_writer_on(&whole);
    json_begin_object(&diversity);
    json_key(&diversity, "rank_score");
    json_double(&diversity, rank_score(candidate, best));
    json_key(&diversity, "similarity");
    json_double(&diversity, candidate->likeness);
    json_key(&diversity, "to");
    json_text(&diversity, candidate->like ? candidate->like->id : (struct slice){0});
    json_end_object(&diversity);
    buffer_append_char(&whole, '}');
    json_raw(w, buffer_slice(&whole));
}

static void on_events(void *data, const struct db_rows *rows, const struct error *error)
{
    struct route_call *call = data;
    if (error) {
        route_answer_error(call, error);
        return;
    }
    double best;
    struct candidate *candidates = read_candidates(call->arena, rows, &best);
    int64_t limit = route_value_get(call, "limit")->integer;
    struct buffer body CLEANUP(buffer_done);
    buffer_init(&body, MAX_ANSWER_BYTES);
    struct json_writer w = json_writer_on(&body);
    json_begin_object(&w);
    json_key(&w, "data");
    json_begin_array(&w);
    for (int64_t i = 0; i < limit; i++) {
        const struct candidate *chosen = choose(candidates, db_rows_count(rows), best);
        if (!chosen)
            break;
        render_candidate(rows, chosen, best, &w);
    }
    json_end_array(&w);
    json_end_object(&w);
    route_answer_json(call, 200, buffer_slice(&body));
}

// The interests' names as one text, as a vector; null when there are none or nothing of them has a meaning.
static struct db_value embed_interests(struct route_call *call)
{
    const struct route_value *interests = route_value_get(call, "user_interests");
    struct embed_part parts[MAX_INTERESTS];
    size_t count = 0;
    for (size_t i = 0; i < interests->count && count < MAX_INTERESTS; i++)
        parts[count++] = (struct embed_part){interests->items[i], 1.0f};
    float vector[EMBED_DIMENSIONS];
    if (count == 0 || !embed_local(call->arena, parts, count, vector))
        return db_null();
    return db_text(embed_to_text(call->arena, vector));
}

static void get_events(struct route_call *call)
{
    const struct db_statement *statement = &sql_recommend_rank_events;
    struct db_value *values = route_bind(call, statement);
    values[db_param_index(statement, "interests_embedding")] = embed_interests(call);
    values[db_param_index(statement, "model")] = db_cstr(EMBED_LOCAL_MODEL);
    route_query(call, statement, values, on_events, call);
}

static const struct route_param wishes[] = {
    {"user_interests", ROUTE_IN_QUERY, ROUTE_NAME_LIST, .max = MAX_INTERESTS,
     .doc = "What somebody cares about: topics by name, usual other name or id, or any words.",
     .example = "AI,ML"},
    {"speakers", ROUTE_IN_QUERY, ROUTE_NAME_LIST, .doc = "People somebody follows: names or ids.",
     .example = "Ada Example"},
    {"like", ROUTE_IN_QUERY, ROUTE_UUID_LIST,
     .doc = "Events somebody liked: their topics, texts, people and cities count; ids that are "
            "unknown do not. They are not recommended again."},
    {"as_of", ROUTE_IN_QUERY, ROUTE_INSTANT,
     .doc = "The moment to recommend for, instead of now: what is ahead of it comes first.",
     .example = "2026-01-01"},
    {"limit", ROUTE_IN_QUERY, ROUTE_INT, .min = 1, .max = 100, .fallback = "20",
     .doc = "Events to recommend.", .example = "10"},
};

static const struct route_param speakers_params[] = {
    {"event_id", ROUTE_IN_QUERY, ROUTE_UUID, .required = true,
     .doc = "The event that looks for people.", .example = "00000000-0000-4000-8000-000000000000"},
    {"limit", ROUTE_IN_QUERY, ROUTE_INT, .min = 1, .max = 100, .fallback = "20",
     .doc = "People to recommend.", .example = "10"},
};

const struct route recommend_routes[] = {
    {HTTP_METHOD_GET, "/internal/recommend/events", ROUTE_INTERNAL, "recommendations",
     "Events for somebody: upcoming first, diverse, with reasons and the parts of the score.",
     .params = {ROUTE_PARAMS(wishes), EVENT_FILTERS}, .handler = get_events,
     .response = "RecommendedEvents"},
    {HTTP_METHOD_GET, "/internal/recommend", ROUTE_INTERNAL, "recommendations",
     "The same as /internal/recommend/events.", .params = {ROUTE_PARAMS(wishes), EVENT_FILTERS},
     .handler = get_events, .response = "RecommendedEvents"},
    {HTTP_METHOD_GET, "/internal/recommend/speakers", ROUTE_INTERNAL, "recommendations",
     "People for an event: fit, reach and novelty with reasons; nobody who is on it already. Of up "
     "to 3000 events everybody is scored; of more the 500 best by topic, those of the 100 nearest "
     "events, the 300 most frequent at the latest 10000 events and the 200 in its city.",
     .params = {ROUTE_PARAMS(speakers_params)}, .shape = ROUTE_ROWS,
     .statement = &sql_recommend_rank_speakers, .response = "RecommendedSpeakers"},
};
const size_t recommend_route_count = ARRAY_LEN(recommend_routes);
