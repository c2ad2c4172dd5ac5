#include "support/arena_fixture.h"

enum { ARENA_BYTES = 384 * 1024 * 1024 };

struct arena *arena;

int arena_setup(void **)
{
    arena = arena_new(ARENA_BYTES);
    return 0;
}

int arena_teardown(void **)
{
    arena_free(arena);
    return 0;
}
