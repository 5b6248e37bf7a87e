/* pull: reads containers to their end in tests, and remembers what was said. */
#ifndef TESTS_PULL_H
#define TESTS_PULL_H

#include "base/buffer.h"
#include "unit.h"
#include "unpack/unpacker.h"

/* What reading one container gave: members one after the other. */
struct pulled {
    struct buffer bytes; /* of all members */
    struct buffer names; /* of all members, each followed by a newline */
    size_t members;
    status opened;
    status last_read; /* of the last member that was not whole, else ASSAY_END */
    status ended;     /* of the last next */
    unsigned notes;
    status last_note;
    char error[256];
    uint64_t covered; /* env.covers_to at the end */
};

static inline void pulled_release(struct pulled *pulled)
{
    buffer_release(&pulled->bytes);
    buffer_release(&pulled->names);
}

static inline void pull_note(void *context, status why, const char *detail)
{
    struct pulled *pulled = context;
    ck_assert_int_lt(why, 0);
    ck_assert_uint_gt(strlen(detail), 0);
    pulled->notes++;
    pulled->last_note = why;
}

static inline const struct unpacker *pull_row(const char *name)
{
    size_t count;
    const struct unpacker *const *rows = unpack_registry(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i]->name, name) == 0)
            return rows[i];
    ck_abort_msg("no reader is called %s", name);
    return NULL;
}

static inline void pull_member(const struct unpacker *u, struct unpack_stream *stream, size_t step,
                               struct pulled *pulled)
{
    status result;
    do {
        size_t got = SIZE_MAX;
        if (buffer_reserve(&pulled->bytes, step) != ASSAY_OK)
            ck_abort_msg("no memory");
        result = u->read(stream, pulled->bytes.data + pulled->bytes.size, step, &got);
        /* Check's own assertions take longer than the reading. */
        if (result == ASSAY_OK ? got < 1 || got > step : got != SIZE_MAX)
            ck_abort_msg("%s: %zu bytes with status %d", u->name, got, result);
        if (result == ASSAY_OK)
            pulled->bytes.size += got;
    } while (result == ASSAY_OK);
    if (result != ASSAY_END)
        pulled->last_read = result;
}

static inline void pull_stored(const struct unpack_member *member, struct pulled *pulled)
{
    ck_assert_int_eq(buffer_append(&pulled->bytes, member->stored.data, member->stored.size), 0);
    if (member->ended != ASSAY_OK)
        pulled->last_read = member->ended;
}

/* Reads all of it, `step` bytes at a time, with the memory and the passwords of the env. */
static inline struct pulled pull_in(const struct unpacker *u, struct view input, size_t step,
                                    struct unpack_env env)
{
    struct pulled pulled = {.last_read = ASSAY_END};
    env.note = pull_note;
    env.note_context = &pulled;
    env.covers_to = input.size;
    struct unpack_stream *stream;
    pulled.opened = u->open(input, &env, &stream);
    if (pulled.opened == ASSAY_OK) {
        struct unpack_member member;
        while ((pulled.ended = u->next(stream, &member)) == ASSAY_OK) {
            pulled.members++;
            ck_assert_int_eq(buffer_append(&pulled.names, member.name.data, member.name.size), 0);
            ck_assert_int_eq(buffer_append_text(&pulled.names, "\n"), 0);
            if (member.is_stored)
                pull_stored(&member, &pulled);
            else
                pull_member(u, stream, step, &pulled);
        }
        u->close(stream);
    }
    pulled.covered = env.covers_to;
    ck_assert_uint_le(pulled.covered, input.size);
    memcpy(pulled.error, env.error.text, sizeof(pulled.error));
    ck_assert_int_eq(buffer_terminate(&pulled.names), ASSAY_OK);
    return pulled;
}

/* Reads all of it, `step` bytes at a time, with so much memory for the codec. */
static inline struct pulled pull_with(const struct unpacker *u, struct view input, size_t step,
                                      uint64_t memory)
{
    return pull_in(u, input, step,
                   (struct unpack_env){.codec_memory = memory, .member_bytes = UINT64_MAX});
}

/* The same, of a container in the middle of something. */
static inline struct pulled pull_anywhere(const struct unpacker *u, struct view input, size_t step,
                                          uint64_t memory, bool embedded)
{
    return pull_in(u, input, step,
                   (struct unpack_env){.codec_memory = memory,
                                       .member_bytes = UINT64_MAX,
                                       .is_embedded = embedded});
}

static inline struct pulled pull(const char *row, struct view input)
{
    return pull_with(pull_row(row), input, 4096, 64 << 20);
}

static inline struct pulled pull_embedded(const char *row, struct view input)
{
    return pull_anywhere(pull_row(row), input, 4096, 64 << 20, true);
}

static inline bool pulled_is(const struct pulled *pulled, struct view bytes)
{
    return pulled->bytes.size == bytes.size &&
           (bytes.size == 0 || memcmp(pulled->bytes.data, bytes.data, bytes.size) == 0);
}

/* True when what came out is the front of what should have. */
static inline bool pulled_begins(const struct pulled *pulled, struct view bytes)
{
    return pulled->bytes.size <= bytes.size &&
           pulled_is(pulled, view_sub(bytes, 0, pulled->bytes.size));
}

/* What reading must come to: the names, each ended by a newline, the bytes of all, and one note or
 * none (0). */
static inline void pulled_expect(struct pulled *pulled, const char *names, const char *bytes,
                                 status note)
{
    ck_assert_int_eq(pulled->opened, ASSAY_OK);
    ck_assert_int_eq(pulled->ended, ASSAY_END);
    ck_assert_str_eq((char *)pulled->names.data, names);
    ck_assert_msg(pulled_is(pulled, (struct view){(const uint8_t *)bytes, strlen(bytes)}),
                  "%.*s instead of %s", (int)pulled->bytes.size, (char *)pulled->bytes.data, bytes);
    ck_assert_uint_eq(pulled->notes, note ? 1 : 0);
    ck_assert_int_eq(pulled->last_note, note);
    pulled_release(pulled);
}

/* Reads each front of the input, and the input with each byte changed, both as a whole and as the
 * middle of other data. Nothing may crash, and the contract of reading holds. */
static inline void pull_damaged(const struct unpacker *u, struct view input)
{
    for (size_t i = 0; i < 2 * input.size; i++) {
        size_t size = i < input.size ? i : input.size;
        /* A copy of its own, so that a sanitizer sees a read past the end. */
        uint8_t *copy = malloc(size > 0 ? size : 1);
        ck_assert_ptr_nonnull(copy);
        memcpy(copy, input.data, size);
        if (i >= input.size)
            copy[i - input.size] ^= 0xff;
        for (int embedded = 0; embedded < 2 && u->identify((struct view){copy, size}); embedded++) {
            struct pulled pulled =
                pull_anywhere(u, (struct view){copy, size}, 64, 64 << 20, embedded);
            pulled_release(&pulled);
        }
        if (u->is_genuine)
            (void)u->is_genuine((struct view){copy, size});
        free(copy);
    }
}

#endif
