// An arena of a test program, for cmocka_run_group_tests(tests, arena_setup, arena_teardown).
#pragma once

#include "lib/base/arena.h"

extern struct arena *arena; // of 384 MiB at most, taken as it is needed

int arena_setup(void **state);
int arena_teardown(void **state);
