// Time: monotonic for durations, wall clock for stamps.
#pragma once

#include <stdint.h>

uint64_t clock_monotonic_ns(void);
uint64_t clock_monotonic_ms(void);
int64_t clock_unix_ms(void); // since 1970-01-01T00:00:00Z
