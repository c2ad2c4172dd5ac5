// Big-endian values at an offset of the bytes PostgreSQL sent. What does not fit its bytes is a
// broken invariant.
#pragma once

#include "lib/base/ensure.h"
#include "lib/base/slice.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

#define WIRE_READ(bits)                                                       \
    static inline int##bits##_t wire_int##bits(struct slice bytes, size_t at) \
    {                                                                         \
        uint##bits##_t value;                                                 \
        ensure(at <= bytes.len && sizeof value <= bytes.len - at);            \
        memcpy(&value, bytes.ptr + at, sizeof value);                         \
        return (int##bits##_t)be##bits##toh(value);                           \
    }
WIRE_READ(16)
WIRE_READ(32)
WIRE_READ(64)
#undef WIRE_READ

static inline float wire_float(struct slice bytes)
{
    int32_t bits = wire_int32(bytes, 0);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline double wire_double(struct slice bytes)
{
    int64_t bits = wire_int64(bytes, 0);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
