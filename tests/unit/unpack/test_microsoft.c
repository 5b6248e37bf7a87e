/* Cabinets, compiled help, SZDD and KWAJ, as tests/corpus/microsoft.py makes them. */
#include "pull.h"
#include "tool.h"

enum { MEMORY = 64 << 20, SAMPLES = 13 };

static struct sample {
    const char *name;
    const char *row;
    bool is_genuine; /* its end is known */
    struct buffer packed;
    struct buffer content;
} samples[SAMPLES] = {
    {.name = "stored.cab", .row = "cab", .is_genuine = true},
    {.name = "mszip.cab", .row = "cab", .is_genuine = true},
    {.name = "lzx.cab", .row = "cab", .is_genuine = true},
    {.name = "reserved.cab", .row = "cab", .is_genuine = true},
    {.name = "stored.chm", .row = "chm", .is_genuine = true},
    {.name = "compressed.chm", .row = "chm", .is_genuine = true},
    {.name = "normal.szdd", .row = "szdd", .is_genuine = true},
    {.name = "qbasic.szdd", .row = "szdd", .is_genuine = true},
    {.name = "stored.kwaj", .row = "kwaj", .is_genuine = true},
    {.name = "inverted.kwaj", .row = "kwaj", .is_genuine = true},
    {.name = "lzss.kwaj", .row = "kwaj", .is_genuine = true},
    {.name = "lzh.kwaj", .row = "kwaj", .is_genuine = false},
    {.name = "mszip.kwaj", .row = "kwaj", .is_genuine = false},
};

static void make_samples(void)
{
    const char *source = getenv("ASSAY_SOURCE");
    char script[4096], directory[32], here[4096], name[64];
    if (!source)
        source = getcwd(here, sizeof(here));
    snprintf(script, sizeof(script), "%s/tests/corpus/microsoft.py", source);
    tool_enter(directory);
    TOOL_RUN("python3", script, directory);
    for (size_t i = 0; i < SAMPLES; i++) {
        samples[i].packed = tool_read(samples[i].name);
        snprintf(name, sizeof(name), "%s.out", samples[i].name);
        samples[i].content = tool_read(name);
    }
    tool_leave(directory);
}

static void release_samples(void)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        buffer_release(&samples[i].packed);
        buffer_release(&samples[i].content);
    }
}

static struct buffer joined(struct view first, const char *second)
{
    struct buffer out = {0};
    ck_assert_int_eq(buffer_append(&out, first.data, first.size), ASSAY_OK);
    ck_assert_int_eq(buffer_append_text(&out, second), ASSAY_OK);
    return out;
}

static bool pulled_has(const struct pulled *pulled, struct view bytes)
{
    return pulled->bytes.size > 0 &&
           memmem(pulled->bytes.data, pulled->bytes.size, bytes.data, bytes.size);
}

static bool is_whole(const struct pulled *pulled)
{
    return pulled->opened == ASSAY_OK && pulled->ended == ASSAY_END &&
           pulled->last_read == ASSAY_END && pulled->notes == 0;
}

START_TEST(test_whole)
{
    make_samples();
    for (size_t i = 0; i < SAMPLES; i++) {
        const struct sample *sample = &samples[i];
        const struct unpacker *u = pull_row(sample->row);
        struct view packed = buffer_view(&sample->packed);
        ck_assert_uint_gt(u->identify(packed), 0);
        ck_assert_msg(u->is_genuine(packed) == sample->is_genuine, "%s", sample->name);
        for (size_t step = 1; step < 100000; step *= 311) {
            struct pulled pulled = pull_with(u, packed, step, MEMORY);
            ck_assert_msg(is_whole(&pulled), "%s: %s", sample->name, pulled.error);
            ck_assert_msg(pulled_has(&pulled, buffer_view(&sample->content)), "%s", sample->name);
            ck_assert_msg(!strstr((char *)pulled.names.data, "@"), "%s", sample->name);
            pulled_release(&pulled);
        }
    }
    release_samples();
}
END_TEST

/* What is cut off is said, and what is left is given. */
START_TEST(test_truncated)
{
    make_samples();
    for (size_t i = 0; i < SAMPLES; i++) {
        const struct sample *sample = &samples[i];
        const struct unpacker *u = pull_row(sample->row);
        for (size_t size = 0; size < sample->packed.size; size += size < 200 ? 1 : 2999) {
            /* A copy, so that a sanitizer sees a read past the end. */
            struct buffer cut = {0};
            ck_assert_int_eq(buffer_append(&cut, sample->packed.data, size), ASSAY_OK);
            if (u->identify(buffer_view(&cut))) {
                struct pulled pulled = pull_with(u, buffer_view(&cut), 4096, MEMORY);
                ck_assert_msg(!is_whole(&pulled), "%s cut to %zu", sample->name, size);
                if (size > sample->packed.size * 3 / 4)
                    ck_assert_msg(pulled_has(&pulled, view_sub(buffer_view(&sample->content), 0,
                                                               sample->content.size / 3)),
                                  "%s cut to %zu", sample->name, size);
                pulled_release(&pulled);
            }
            buffer_release(&cut);
        }
    }
    release_samples();
}
END_TEST

START_TEST(test_damaged)
{
    make_samples();
    for (size_t i = 0; i < SAMPLES; i++) {
        struct buffer *packed = &samples[i].packed;
        const struct unpacker *u = pull_row(samples[i].row);
        for (size_t at = 4; at < packed->size; at += at < 200 ? 1 : 2999) {
            packed->data[at] ^= 0xff;
            struct pulled pulled = pull_with(u, buffer_view(packed), 65536, MEMORY);
            pulled_release(&pulled);
            packed->data[at] ^= 0xff;
        }
    }
    release_samples();
}
END_TEST

/* In the middle of something, what follows is somebody else's. */
START_TEST(test_embedded)
{
    static const char behind[] = "what follows is no part of it";
    static const struct view following = {(const uint8_t *)behind, sizeof(behind) - 1};
    make_samples();
    for (size_t i = 0; i < SAMPLES; i++) {
        const struct sample *sample = &samples[i];
        if (!sample->is_genuine)
            continue;
        struct buffer both = joined(buffer_view(&sample->packed), behind);
        const struct unpacker *u = pull_row(sample->row);
        ck_assert(u->is_genuine(buffer_view(&both)));
        struct pulled inside = pull_anywhere(u, buffer_view(&both), 4096, MEMORY, true);
        ck_assert_msg(is_whole(&inside), "%s: %s", sample->name, inside.error);
        ck_assert_uint_eq(inside.covered, sample->packed.size);
        ck_assert(pulled_has(&inside, buffer_view(&sample->content)));
        ck_assert(!pulled_has(&inside, following));
        struct pulled alone = pull_with(u, buffer_view(&both), 4096, MEMORY);
        ck_assert_msg(is_whole(&alone), "%s: %s", sample->name, alone.error);
        ck_assert(alone.covered == sample->packed.size || pulled_has(&alone, following));
        pulled_release(&inside);
        pulled_release(&alone);
        buffer_release(&both);
    }
    release_samples();
}
END_TEST

/* A magic alone, as in a program's tables. */
START_TEST(test_not_genuine)
{
    make_samples();
    for (size_t i = 0; i < SAMPLES; i++) {
        struct buffer *packed = &samples[i].packed;
        memset(packed->data + 8, 0, packed->size - 8);
        ck_assert(!pull_row(samples[i].row)->is_genuine(buffer_view(packed)));
        memset(packed->data + 8, 0xff, packed->size - 8);
        ck_assert(!pull_row(samples[i].row)->is_genuine(buffer_view(packed)));
    }
    release_samples();
}
END_TEST

START_TEST(test_refused_memory)
{
    make_samples();
    for (size_t i = 0; i < SAMPLES; i++) {
        const struct sample *sample = &samples[i];
        bool needs_none = strncmp(sample->name, "stored.c", 8) == 0;
        struct pulled pulled =
            pull_with(pull_row(sample->row), buffer_view(&sample->packed), 4096, 32768);
        bool is_refused = pulled.opened == ASSAY_ERR_CODEC_MEMORY ||
                          pulled.last_read == ASSAY_ERR_CODEC_MEMORY ||
                          pulled.last_note == ASSAY_ERR_CODEC_MEMORY;
        ck_assert_msg(is_refused == !needs_none, "%s: %s", sample->name, pulled.error);
        pulled_release(&pulled);
    }
    release_samples();
}
END_TEST

/* No more is decoded than is of use. */
START_TEST(test_member_bytes)
{
    make_samples();
    for (size_t i = 0; i < SAMPLES; i++) {
        const struct sample *sample = &samples[i];
        struct pulled pulled = {.last_read = ASSAY_END};
        struct unpack_env env = {.codec_memory = MEMORY,
                                 .member_bytes = 100,
                                 .note = pull_note,
                                 .note_context = &pulled};
        struct unpack_stream *stream;
        struct unpack_member member;
        const struct unpacker *u = pull_row(sample->row);
        if (strcmp(sample->row, "szdd") != 0 && strcmp(sample->row, "kwaj") != 0)
            continue;
        ck_assert_int_eq(u->open(buffer_view(&sample->packed), &env, &stream), ASSAY_OK);
        ck_assert_int_eq(u->next(stream, &member), ASSAY_OK);
        ck_assert_uint_eq(member.stored.size, 100);
        ck_assert_int_eq(member.ended, ASSAY_OK);
        ck_assert_int_eq(memcmp(member.stored.data, sample->content.data, 100), 0);
        ck_assert_int_eq(u->next(stream, &member), ASSAY_END);
        u->close(stream);
        pulled_release(&pulled);
    }
    release_samples();
}
END_TEST

UNIT_MAIN("microsoft", test_whole, test_truncated, test_damaged, test_embedded, test_not_genuine,
          test_refused_memory, test_member_bytes)
