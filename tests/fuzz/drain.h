/* drain: opens an input with one unpacker and reads everything, within bounds, holding the unpacker
 * to its contract (unpack/unpacker.h) on the way. What the contract leaves to the caller is chosen
 * by the input: how much is asked for at a time, what is left unread, what the container lies in. */
#ifndef TESTS_DRAIN_H
#define TESTS_DRAIN_H

#include "unpack/unpacker.h"

#include <stdlib.h>

/* Small, so that an execution is quick: what goes wrong does so within a few windows of a codec. To
 * allocate much costs more than to decode, so only one of sixteen inputs may. */
enum {
    DRAIN_BYTES = 256 << 10,
    DRAIN_MEMBERS = 100,
    DRAIN_MEMORY = 768 << 10,
    DRAIN_MUCH = 16 << 20
};

/* A worker's memory has a bound as well, and libarchive asks for gigabytes if the input says so. (It
 * does not look whether it got the windows of RAR 5, which may have 64 MiB.) The default quarantine keeps so many freed windows of decoders that all time goes into pages. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1:max_allocation_size_mb=96:quarantine_size_mb=8";
}

struct drain {
    const struct unpacker *unpacker;
    struct view input;
    struct unpack_env env;
    struct unpack_stream *stream;
    uint32_t choices; /* a digest of the input */
    size_t left;      /* bytes that may still be read */
};

static inline void drain_require(bool kept)
{
    if (!kept)
        abort();
}

static inline void drain_note(void *context, status why, const char *detail)
{
    const struct drain *drain = context;
    drain_require(drain && drain->env.note_context == drain && why < 0 && detail && detail[0]);
}

/* Touches every byte, so that a sanitizer sees one that is not there. */
__attribute__((no_sanitize("coverage"))) static inline void drain_touch(const uint8_t *bytes,
                                                                        uint64_t size)
{
    static volatile uint8_t sum;
    uint8_t local = 0;
    for (uint64_t i = 0; i < size; i++)
        local = (uint8_t)(local + bytes[i]);
    sum = local;
    (void)sum;
}

static inline uint32_t drain_digest(const uint8_t *data, size_t size)
{
    uint32_t digest = 2166136261U;
    for (size_t i = 0; i < size && i < 512; i++)
        digest = (digest ^ data[i]) * 16777619U;
    return digest ^ digest >> 15;
}

/* A number below `count`, of the drain's choices. */
static inline unsigned drain_choose(struct drain *drain, unsigned count)
{
    drain->choices = drain->choices * 1664525U + 1013904223U;
    return (drain->choices >> 16) % count;
}

/* A failing call has words, except when there is no memory. */
static inline void drain_check_failure(struct drain *drain, status why)
{
    drain_require(why < 0);
    drain_require(why == ASSAY_ERR_NOMEM || drain->env.error.text[0]);
    drain_require(memchr(drain->env.error.text, 0, sizeof(drain->env.error.text)));
    drain->env.error.text[0] = 0;
}

/* Reads the member, or only its beginning. */
static inline void drain_read(struct drain *drain)
{
    static const size_t sizes[] = {1, 7, 4096, 65536};
    size_t most = drain_choose(drain, 4) == 0 ? 16 : SIZE_MAX;
    uint8_t *bytes = malloc(65536);
    drain_require(bytes);
    for (size_t i = 0, all = 0; drain->left > 0 && all < most; i++) {
        size_t size = sizes[i < 16 ? i % 4 : 3], got = SIZE_MAX;
        status result = drain->unpacker->read(drain->stream, bytes, size, &got);
        if (result != ASSAY_OK) {
            drain_require(got == SIZE_MAX);
            if (result != ASSAY_END)
                drain_check_failure(drain, result);
            break;
        }
        drain_require(got >= 1 && got <= size);
        drain_touch(bytes, got);
        all += got;
        drain->left = got < drain->left ? drain->left - got : 0;
    }
    free(bytes);
}

/* Bytes that lie in the input or are lent by the stream. */
static inline void drain_stored(struct drain *drain, const struct unpack_member *member)
{
    drain_require(member->ended <= 0);
    if (member->ended != ASSAY_OK)
        drain_check_failure(drain, member->ended);
    drain_touch(member->stored.data, member->stored.size);
}

static inline void drain_members(struct drain *drain)
{
    for (int i = 0; i < DRAIN_MEMBERS; i++) {
        static const uint64_t useful[] = {DRAIN_BYTES, 4096, 1, DRAIN_BYTES};
        drain->env.member_bytes = useful[drain_choose(drain, 4)];
        struct unpack_member member = {.is_stored = false};
        status result = drain->unpacker->next(drain->stream, &member);
        if (result != ASSAY_OK) {
            if (result != ASSAY_END)
                drain_check_failure(drain, result);
            break;
        }
        drain_touch(member.name.data, member.name.size);
        if (member.is_stored)
            drain_stored(drain, &member);
        else
            drain_read(drain);
    }
    drain_require(drain->env.covers_from <= drain->env.covers_to);
    drain_require(drain->env.covers_to <= drain->input.size);
}

/* Both are pure, and what surely is one is not denied by the other. */
static inline unsigned drain_identify(const struct unpacker *u, struct view input)
{
    unsigned strength = u->identify(input);
    drain_require(u->identify(input) == strength);
    if (u->is_genuine) {
        bool is_genuine = u->is_genuine(input);
        drain_require(u->is_genuine(input) == is_genuine);
        drain_require(!is_genuine || strength > 0);
    }
    return strength;
}

static inline void drain(const struct unpacker *u, const uint8_t *data, size_t size)
{
    static const struct assay_bytes passwords[] = {{(const uint8_t *)"wrong", 5},
                                                   {(const uint8_t *)"infected", 8}};
    struct drain drain = {
        .unpacker = u,
        .input = {data, size},
        .choices = drain_digest(data, size),
        .left = DRAIN_BYTES,
    };
    drain.env = (struct unpack_env){
        .codec_memory = drain_choose(&drain, 16) == 0 ? DRAIN_MUCH : DRAIN_MEMORY,
        .passwords = passwords,
        .password_count = drain_choose(&drain, 8) == 0 ? 2 : 0, /* to try one takes long */
        .note = drain_note,
        .note_context = &drain,
        .is_embedded = drain_choose(&drain, 2) == 1,
        .covers_to = size,
    };
    status opened = u->open(drain.input, &drain.env, &drain.stream);
    if (opened != ASSAY_OK) {
        drain_check_failure(&drain, opened);
        return;
    }
    drain_members(&drain);
    u->close(drain.stream);
}

#endif
