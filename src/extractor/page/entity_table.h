// Named character references, for entities.c.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct entity {
    const char *name;
    uint32_t code_point;
};

extern const struct entity entities[]; // sorted by name
extern const size_t entity_count;
