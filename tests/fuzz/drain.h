/* drain: opens an input with one unpacker and reads everything, within bounds, holding the unpacker
 * to its contract on the way. */
#ifndef TESTS_DRAIN_H
#define TESTS_DRAIN_H

#include "unpack/unpacker.h"

#include <stdlib.h>

enum { DRAIN_BYTES = 1 << 20, DRAIN_MEMBERS = 200, DRAIN_MEMORY = 64 << 20 };

/* A worker's address space has a bound as well: libarchive asks for gigabytes if the input says
 * so. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1:max_allocation_size_mb=1024";
}

static inline void drain_require(bool kept)
{
    if (!kept)
        abort();
}

static inline void drain_note(void *context, status why, const char *detail)
{
    drain_require(context && why < 0 && detail);
}

/* Touches every byte, so that a sanitizer sees one that is not there. */
static inline void drain_touch(const uint8_t *bytes, size_t size)
{
    static volatile uint8_t sum;
    uint8_t local = 0;
    for (size_t i = 0; i < size; i++)
        local = (uint8_t)(local + bytes[i]);
    sum = local;
    (void)sum;
}

/* Reads one member, at most *left bytes, which are taken off it. */
static inline void drain_member(const struct unpacker *u, struct unpack_stream *stream,
                                size_t *left)
{
    static const size_t sizes[] = {1, 7, 4096, 65536};
    uint8_t *bytes = malloc(65536);
    drain_require(bytes);
    for (size_t i = 0; *left > 0; i++) {
        size_t size = sizes[i < 16 ? i % 4 : 3], got = 0;
        status result = u->read(stream, bytes, size, &got);
        if (result != ASSAY_OK) {
            drain_require(result == ASSAY_END || (result < 0 && got == 0));
            break;
        }
        drain_require(got >= 1 && got <= size);
        drain_touch(bytes, got);
        *left = got < *left ? *left - got : 0;
    }
    free(bytes);
}

/* Part of the input, or lent by the stream. */
static inline void drain_stored(const struct unpack_member *member, struct view input)
{
    const struct view *stored = &member->stored;
    drain_require(member->ended <= ASSAY_OK);
    if (stored->data >= input.data && stored->data <= input.data + input.size)
        drain_require(view_has(input, (uint64_t)(stored->data - input.data), stored->size));
    else
        drain_touch(stored->data, (size_t)stored->size);
}

static inline void drain_members(const struct unpacker *u, struct unpack_stream *stream,
                                 struct view input)
{
    size_t left = DRAIN_BYTES;
    for (int i = 0; i < DRAIN_MEMBERS; i++) {
        struct unpack_member member = {0};
        status result = u->next(stream, &member);
        if (result != ASSAY_OK) {
            drain_require(result == ASSAY_END || result < 0);
            return;
        }
        drain_touch(member.name.data, member.name.size);
        if (!member.is_stored) {
            drain_member(u, stream, &left);
        } else {
            drain_stored(&member, input);
        }
    }
}

/* force: also when the unpacker does not identify the input. */
static inline void drain(const struct unpacker *u, const uint8_t *data, size_t size, bool force)
{
    struct view input = {data, size};
    unsigned strength = u->identify(input);
    if (strength == 0 && !force)
        return;
    const struct assay_bytes passwords[] = {{(const uint8_t *)"infected", 8}};
    int context = 0;
    struct unpack_env env = {.codec_memory = DRAIN_MEMORY,
                             .member_bytes = DRAIN_BYTES,
                             .passwords = passwords,
                             .password_count = 1,
                             .note = drain_note,
                             .note_context = &context,
                             .covers_to = size};
    struct unpack_stream *stream;
    if (u->open(input, &env, &stream) != ASSAY_OK)
        return;
    drain_members(u, stream, input);
    u->close(stream);
}

#endif
