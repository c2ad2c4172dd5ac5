#include "processor/processing/pipeline.h"

#include "lib/base/clock.h"
#include "lib/metric/metric.h"

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
    {"score", stage_score},
    // One transaction.
    {"begin", stage_begin},
    {"resolve_speakers", stage_resolve_speakers},
    {"resolve_companies", stage_resolve_companies},
    {"resolve_topics", stage_resolve_topics},
    {"store", stage_store},
    {"project", stage_project},
    {"finish", stage_finish},
};

enum err pipeline_run(struct pipeline *pipeline, struct error *ret_error)
{
    for (size_t i = 0; i < ARRAY_LEN(stages) && !pipeline->is_done; i++) {
        uint64_t started = clock_monotonic_ns();
        enum err err = stages[i].run(pipeline, ret_error);
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
