#include "lib/match/model.h"

#include "data.gen.h"
#include "lib/base/ensure.h"

#include <math.h>
#include <pthread.h>

static const struct {
    enum match_kind kind;
    const char *field, *level;
} levels[MATCH_LEVEL_COUNT] = {
#define X(id, kind, field, level) {MATCH_##kind, field, level},
    MATCH_LEVELS(X)
#undef X
};
static const char *const kind_names[] = {"speakers", "companies", "events"};
static const char *const decision_names[] = {"distinct", "review", "merge"};

static struct match_model the_model;
static pthread_once_t once = PTHREAD_ONCE_INIT;

// ---- reading the table

// The columns of data/match_model.tsv; its head says what they mean.
struct row {
    struct slice kind, field, level, words;
    double bits;
};

static struct row read_row(struct slice line)
{
    struct row row = {0};
    struct slice bits = {0};
    slice_split_next(&line, '\t', &row.kind);
    slice_split_next(&line, '\t', &row.field);
    slice_split_next(&line, '\t', &row.level);
    slice_split_next(&line, '\t', &bits);
    struct slice skipped;
    for (size_t i = 0; i < 4; i++) // start, m, u and source are for readers
        slice_split_next(&line, '\t', &skipped);
    row.words = line;
    ensure(slice_to_double(bits, &row.bits));
    return row;
}

static enum match_kind find_kind(struct slice name)
{
    for (size_t i = 0; i < MATCH_KIND_COUNT; i++)
        if (slice_equal(name, slice_from_cstr(kind_names[i])))
            return (enum match_kind)i;
    return MATCH_KIND_COUNT;
}

static void take_setting(struct match_model *model, const struct row *row, enum match_kind kind)
{
    if (slice_equal(row->level, SLICE("prior")))
        model->kinds[kind].prior = row->bits;
    else if (slice_equal(row->level, SLICE("merge")))
        model->kinds[kind].merge = row->bits;
    else if (slice_equal(row->level, SLICE("review")))
        model->kinds[kind].review = row->bits;
    else
        ensure(false);
}

static void take_level(struct match_model *model, const struct row *row, enum match_kind kind)
{
    for (size_t i = 0; i < MATCH_LEVEL_COUNT; i++)
        if (levels[i].kind == kind && slice_equal(row->field, slice_from_cstr(levels[i].field)) &&
            slice_equal(row->level, slice_from_cstr(levels[i].level))) {
            ensure(!model->levels[i].words.ptr);
            model->levels[i] = (struct match_weight){row->bits, row->words};
            return;
        }
    ensure(false); // a level that nothing gives
}

static void read_model(void)
{
    struct slice rest = data_match_model, line;
    while (slice_split_next(&rest, '\n', &line)) {
        if (line.len == 0)
            continue;
        struct row row = read_row(line);
        enum match_kind kind = find_kind(row.kind);
        if (slice_equal(row.kind, SLICE("version")))
            the_model.version = (int64_t)row.bits;
        else if (slice_equal(row.field, SLICE("model")))
            take_setting(&the_model, &row, kind);
        else
            take_level(&the_model, &row, kind);
    }
    for (size_t i = 0; i < MATCH_LEVEL_COUNT; i++)
        ensure(the_model.levels[i].words.len > 0);
}

const struct match_model *match_model_get(void)
{
    pthread_once(&once, read_model);
    return &the_model;
}

// ---- names

const char *match_kind_name(enum match_kind kind)
{
    return kind_names[kind];
}

const char *match_decision_name(enum match_decision decision)
{
    return decision_names[decision];
}

const char *match_level_field(enum match_level level)
{
    return levels[level].field;
}

const char *match_level_name(enum match_level level)
{
    return levels[level].level;
}

enum match_kind match_level_kind(enum match_level level)
{
    return levels[level].kind;
}

// ---- summing up

void match_add(struct match_sum *sum, enum match_level level)
{
    ensure(sum->count < MATCH_MAX_STEPS);
    double bits = sum->model->levels[level].bits;
    sum->steps[sum->count++] = (struct match_step){level, bits};
    sum->bits += bits;
}

static void decide(const struct match_model *model, enum match_kind kind,
                   struct match_answer *answer)
{
    answer->probability = 1 / (1 + exp2(-answer->weight));
    answer->decision = answer->weight >= model->kinds[kind].merge    ? MATCH_MERGE
                       : answer->weight >= model->kinds[kind].review ? MATCH_REVIEW
                                                                     : MATCH_DISTINCT;
}

void match_decide(const struct match_sum *sum, enum match_kind kind, struct match_answer *ret)
{
    *ret = (struct match_answer){.weight = sum->model->kinds[kind].prior + sum->bits,
                                 .step_count = sum->count};
    for (size_t i = 0; i < sum->count; i++)
        ret->steps[i] = sum->steps[i];
    decide(sum->model, kind, ret);
}

void match_answer_add(const struct match_model *model, enum match_level level, double bits,
                      struct match_answer *answer)
{
    ensure(answer->step_count < MATCH_MAX_STEPS);
    answer->steps[answer->step_count++] = (struct match_step){level, bits};
    answer->weight += bits;
    decide(model, levels[level].kind, answer);
}

bool match_answer_has(const struct match_answer *answer, enum match_level level)
{
    for (size_t i = 0; i < answer->step_count; i++)
        if (answer->steps[i].level == level)
            return true;
    return false;
}
