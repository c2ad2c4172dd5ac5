#include "processor/processing/pipeline.h"

#include "lib/base/clock.h"
#include "lib/metric/metric.h"

#include <string.h>

static struct metric stage_seconds =
    METRIC_HISTOGRAM("pipeline_stage_duration_seconds",
                     "Time of one stage for one event; outcome: ok, or the code of its failure.",
                     metric_seconds, "stage", "outcome");
static struct metric stage_failures =
    METRIC_COUNTER("pipeline_stage_failures_total", "Stages that failed.", "stage", "code");

static const struct stage {
    const char *name;
    enum err (*run)(struct pipeline *pipeline, struct error *ret_error);
} stages[] = {
    // Pure: nothing is written.
    {"load", stage_load},
    {"extract", stage_extract},
    {"normalise", stage_normalise},
    {"embed", stage_embed},
    // One transaction.
    {"begin", stage_begin},
    {"resolve_speakers", stage_resolve_speakers},
    {"resolve_companies", stage_resolve_companies},
    {"resolve_topics", stage_resolve_topics},
    {"store", stage_store},
    {"resolve_event", stage_resolve_event},
    {"score", stage_score},
    {"project", stage_project},
    {"finish", stage_finish},
};

// A record whose values no column takes (another service's extraction) will be refused again: that is said of the page,
// not of the database. SQLSTATE classes 22 (data exception) and 23 (integrity), see lib/db/failure.h.
static enum err judge(enum err err, struct error *error)
{
    if (err != ERR_DATABASE_ERROR ||
        (strncmp(error->detail, "22", 2) != 0 && strncmp(error->detail, "23", 2) != 0))
        return err;
    const struct error refused = *error;
    return error_set(error, ERR_PARSE_ERROR, "the record cannot be stored: %s", refused.detail);
}

enum err pipeline_run(struct pipeline *pipeline, struct error *ret_error)
{
    for (size_t i = 0; i < ARRAY_LEN(stages) && !pipeline->is_done; i++) {
        uint64_t started = clock_monotonic_ns();
        enum err err = judge(stages[i].run(pipeline, ret_error), ret_error);
        metric_observe(
            metric_series(&stage_seconds, stages[i].name, err ? error_info(err)->code : "ok"),
            (double)(clock_monotonic_ns() - started) / 1e9);
        if (err) {
            metric_inc(metric_series(&stage_failures, stages[i].name, error_info(err)->code));
            return err;
        }
    }
    return ERR_OK;
}
