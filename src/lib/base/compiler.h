// Attributes and tiny macros that every file may use.
#pragma once

#include <stddef.h>

#define MUST_CHECK [[nodiscard]]
#define UNUSED [[maybe_unused]]
#define PRINTF_LIKE(format_index, first_arg) \
    __attribute__((format(printf, format_index, first_arg)))
#define ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))

// Runs fn(&variable) when the variable goes out of scope.
#define CLEANUP(fn) __attribute__((cleanup(fn)))

// The struct that holds `member`, from a pointer to that member.
#define CONTAINER_OF(pointer, type, member) ((type *)((char *)(pointer) - offsetof(type, member)))
