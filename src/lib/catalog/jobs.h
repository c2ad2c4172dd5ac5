// Jobs as both services show them: the same rows under /api/jobs and /internal/jobs.
#pragma once

#include "lib/route/route.h"

// Of a list: kind, state, event_id, error_code.
extern const struct route_param job_filters[];
enum { JOB_FILTER_COUNT = 4 };
#define JOB_FILTERS {job_filters, JOB_FILTER_COUNT}

// POST …/retry with {ids}, or with {kind, error_code} for all that failed so. Answers {"retried": n}.
extern const struct route_param job_retry_params[];
enum { JOB_RETRY_PARAM_COUNT = 3 };
#define JOB_RETRY_PARAMS {job_retry_params, JOB_RETRY_PARAM_COUNT}
