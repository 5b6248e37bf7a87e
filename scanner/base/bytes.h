/*
 * bytes: integers out of a view. Each read checks its bounds and says so; a file can never make
 * one of these read past the end. le is little-endian, be big-endian.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include "status.h"
#include "view.h"

/* False, and *ret untouched, when the integer does not lie inside the view. */
#define BYTES_DEFINE(name, type, expression)                                                       \
    CHECKED static inline bool name(struct view view, uint64_t offset, type *ret)                  \
    {                                                                                              \
        if (!view_has(view, offset, sizeof(type)))                                                 \
            return false;                                                                          \
        const uint8_t *b = view.data + offset;                                                     \
        *ret = (type)(expression);                                                                 \
        return true;                                                                               \
    }

BYTES_DEFINE(bytes_u8, uint8_t, b[0])
BYTES_DEFINE(bytes_u16le, uint16_t, (unsigned)b[0] | (unsigned)b[1] << 8)
BYTES_DEFINE(bytes_u16be, uint16_t, (unsigned)b[1] | (unsigned)b[0] << 8)
BYTES_DEFINE(bytes_u32le, uint32_t,
             (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24)
BYTES_DEFINE(bytes_u32be, uint32_t,
             (uint32_t)b[3] | (uint32_t)b[2] << 8 | (uint32_t)b[1] << 16 | (uint32_t)b[0] << 24)
BYTES_DEFINE(bytes_u64le, uint64_t,
             (uint64_t)b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 | (uint64_t)b[3] << 24 |
                 (uint64_t)b[4] << 32 | (uint64_t)b[5] << 40 | (uint64_t)b[6] << 48 |
                 (uint64_t)b[7] << 56)
BYTES_DEFINE(bytes_u64be, uint64_t,
             (uint64_t)b[7] | (uint64_t)b[6] << 8 | (uint64_t)b[5] << 16 | (uint64_t)b[4] << 24 |
                 (uint64_t)b[3] << 32 | (uint64_t)b[2] << 40 | (uint64_t)b[1] << 48 |
                 (uint64_t)b[0] << 56)

#undef BYTES_DEFINE

#endif
