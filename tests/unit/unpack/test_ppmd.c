/* PPMd, as 7z writes it into zip files. */
#include "pack.h"
#include "pull.h"
#include "tool.h"

#include "base/bytes.h"
#include "unpack/codec.h"

#include <stdio.h>

enum { MEMORY = 64 << 20, ENOUGH = 100 << 10 };

/* What 7z is told. It restarts a full model up to level 6, and cuts it off from level 7 on. */
struct settings {
    const char *level;
    const char *order;
    const char *memory;
};
static const struct settings plain = {"-mx=5", "-mo=6", "-mmem=1m"};

static struct buffer zip_of(struct view bytes, const struct settings *settings)
{
    char directory[32];
    tool_enter(directory);
    tool_write("a", bytes, 0);
    TOOL_RUN("7z", "a", "-bd", "-bso0", "-tzip", "-mm=PPMd", settings->level, settings->order,
             settings->memory, "a.zip", "a");
    struct buffer zip = tool_read("a.zip");
    tool_leave(directory);
    return zip;
}

/* The data of the only member. */
static struct view stream_in(const struct buffer *zip)
{
    uint16_t method = 0, extra = 0;
    uint32_t packed = 0;
    struct view view = buffer_view(zip);
    ck_assert(bytes_u16le(view, 8, &method) && bytes_u32le(view, 18, &packed));
    ck_assert(bytes_u16le(view, 28, &extra));
    ck_assert_msg(method == 98, "7z chose method %u", method);
    ck_assert(view_has(view, 31U + extra, packed));
    return view_sub(view, 31U + extra, packed);
}

/* Decodes until the end, or ENOUGH more bytes than the size that is expected. */
static status decode(struct view *input, size_t step, uint64_t memory, size_t expected,
                     struct buffer *out)
{
    struct error error = {""};
    struct decoder decoder = {.codec = NULL};
    status result = decoder_start(&decoder, &codec_ppmd, memory, &error);
    while (result == ASSAY_OK && out->size < expected + ENOUGH) {
        size_t got = 0;
        result = decoder_read(&decoder, input, pack_room(out, step), step, &got);
        if (result == ASSAY_OK ? got < 1 || got > step : got != 0)
            ck_abort_msg("%zu bytes with status %d", got, result);
        out->size += got;
    }
    ck_assert(result >= 0 || strlen(error.text) > 0);
    decoder_stop(&decoder);
    return result;
}

static bool is_front(const struct buffer *out, struct view whole)
{
    return out->size <= whole.size &&
           (out->size == 0 || memcmp(out->data, whole.data, out->size) == 0);
}

static void expect_whole(struct view packed, struct view bytes, size_t step)
{
    struct buffer out = {0};
    struct view input = packed;
    ck_assert_int_eq(decode(&input, step, MEMORY, bytes.size, &out), ASSAY_END);
    ck_assert_uint_eq(input.size, 0);
    ck_assert_uint_eq(out.size, bytes.size);
    ck_assert(is_front(&out, bytes));
    buffer_release(&out);
}

/* What a model of 1 MiB cannot hold, of several kinds. */
static struct buffer varied_sample(void)
{
    struct buffer sample = pack_sample(600000), program = tool_read("/bin/bash");
    memset(sample.data + 200000, 0, 100000);
    for (uint32_t i = 0, noise = 1; i < 100000; i++) {
        noise = noise * 1664525 + 1013904223;
        sample.data[300000 + i] = (uint8_t)(noise >> 24);
    }
    size_t size = program.size < 600000 ? program.size : 600000;
    ck_assert_int_eq(buffer_append(&sample, program.data, size), ASSAY_OK);
    buffer_release(&program);
    return sample;
}

START_TEST(a_full_model_is_restored_as_7z_does)
{
    static const struct settings rows[] = {
        {"-mx=5", "-mo=4", "-mmem=1m"},
        {"-mx=5", "-mo=16", "-mmem=1m"},
        {"-mx=9", "-mo=4", "-mmem=1m"},
        {"-mx=9", "-mo=16", "-mmem=1m"},
    };
    struct buffer sample = varied_sample();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buffer zip = zip_of(buffer_view(&sample), &rows[i]);
        expect_whole(stream_in(&zip), buffer_view(&sample), 65536);
        buffer_release(&zip);
    }
    buffer_release(&sample);
}
END_TEST

START_TEST(steps_may_have_any_size)
{
    struct buffer sample = pack_sample(30000), zip = zip_of(buffer_view(&sample), &plain);
    for (size_t step = 1; step <= 1000000; step *= 100)
        expect_whole(stream_in(&zip), buffer_view(&sample), step);
    buffer_release(&zip);
    buffer_release(&sample);
}
END_TEST

START_TEST(what_is_behind_the_end_is_left)
{
    struct buffer sample = pack_sample(3000), zip = zip_of(buffer_view(&sample), &plain);
    struct view packed = stream_in(&zip);
    struct view input = view_sub(buffer_view(&zip), (uint64_t)(packed.data - zip.data), UINT64_MAX);
    struct buffer out = {0};
    ck_assert_int_eq(decode(&input, 100, MEMORY, sample.size, &out), ASSAY_END);
    ck_assert_ptr_eq(input.data, packed.data + packed.size);
    buffer_release(&out);
    buffer_release(&zip);
    buffer_release(&sample);
}
END_TEST

START_TEST(a_cut_anywhere_gives_the_front)
{
    struct buffer sample = pack_sample(600), zip = zip_of(buffer_view(&sample), &plain);
    struct view packed = stream_in(&zip);
    for (size_t size = 0; size < packed.size; size++) {
        /* A copy of its own, so that a sanitizer sees a read past the end. */
        uint8_t *copy = malloc(size + !size);
        ck_assert_ptr_nonnull(copy);
        memcpy(copy, packed.data, size);
        struct view input = {copy, size};
        struct buffer out = {0};
        status result = decode(&input, 64, MEMORY, sample.size, &out);
        ck_assert_msg(result == ASSAY_ERR_TRUNCATED, "cut to %zu: %d", size, result);
        ck_assert(is_front(&out, buffer_view(&sample)));
        ck_assert_uint_ge(out.size + 16, size); /* digits take 4 bits each */
        buffer_release(&out);
        free(copy);
    }
    buffer_release(&zip);
    buffer_release(&sample);
}
END_TEST

START_TEST(damage_anywhere_is_survived)
{
    static const uint8_t masks[] = {0x01, 0x80, 0xff};
    struct buffer sample = pack_sample(600), zip = zip_of(buffer_view(&sample), &plain);
    struct view packed = stream_in(&zip);
    uint8_t *bytes = zip.data + (packed.data - zip.data);
    for (size_t i = 0; i < packed.size * sizeof(masks); i++) {
        size_t at = i / sizeof(masks);
        struct view input = packed;
        struct buffer out = {0};
        bytes[at] ^= masks[i % sizeof(masks)];
        status result = decode(&input, 4096, MEMORY, sample.size, &out);
        ck_assert_msg(result != ASSAY_END || !is_front(&out, buffer_view(&sample)) ||
                          out.size < sample.size || at < 2,
                      "a change of byte %zu goes unnoticed", at);
        bytes[at] ^= masks[i % sizeof(masks)];
        buffer_release(&out);
    }
    buffer_release(&zip);
    buffer_release(&sample);
}
END_TEST

static status read_parameters(unsigned order, unsigned mebibytes, unsigned restoration,
                              uint64_t memory)
{
    unsigned parameters = (order - 1) | (mebibytes - 1) << 4 | restoration << 12;
    uint8_t bytes[16] = {(uint8_t)parameters, (uint8_t)(parameters >> 8)};
    struct view input = {bytes, sizeof(bytes)};
    struct buffer out = {0};
    status result = decode(&input, 16, memory, 0, &out);
    buffer_release(&out);
    return result;
}

START_TEST(parameters_are_held_to_the_format)
{
    ck_assert_int_eq(read_parameters(1, 1, 0, MEMORY), ASSAY_ERR_CORRUPT);
    ck_assert_int_eq(read_parameters(2, 1, 0, MEMORY), ASSAY_ERR_TRUNCATED);
    ck_assert_int_eq(read_parameters(16, 1, 1, MEMORY), ASSAY_ERR_TRUNCATED);
    ck_assert_int_eq(read_parameters(16, 1, 2, MEMORY), ASSAY_ERR_UNSUPPORTED);
    ck_assert_int_eq(read_parameters(16, 1, 3, MEMORY), ASSAY_ERR_CORRUPT);
}
END_TEST

START_TEST(a_model_needs_its_memory)
{
    ck_assert_int_eq(read_parameters(6, 16, 0, 1000), ASSAY_ERR_CODEC_MEMORY);
    ck_assert_int_eq(read_parameters(6, 16, 0, 16 << 20), ASSAY_ERR_CODEC_MEMORY);
    ck_assert_int_eq(read_parameters(6, 16, 0, 17 << 20), ASSAY_ERR_TRUNCATED);
    ck_assert_int_eq(read_parameters(6, 256, 0, 256 << 20), ASSAY_ERR_CODEC_MEMORY);
    ck_assert_int_eq(read_parameters(6, 256, 0, 257 << 20), ASSAY_ERR_TRUNCATED);
}
END_TEST

static void put_u32le(uint8_t *bytes, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(number >> 8 * i);
}

START_TEST(the_end_may_be_what_headers_say)
{
    struct buffer sample = pack_sample(3000), zip = zip_of(buffer_view(&sample), &plain);
    struct view packed = stream_in(&zip);
    /* As if the mark of the end were not there. */
    uint8_t *central = memmem(zip.data, zip.size, "PK\1\2", 4);
    ck_assert_ptr_nonnull(central);
    put_u32le(zip.data + 18, (uint32_t)packed.size - 1);
    put_u32le(central + 20, (uint32_t)packed.size - 1);
    struct pulled pulled = pull("zip", buffer_view(&zip));
    ck_assert_uint_eq(pulled.members, 1);
    ck_assert_msg(pulled.last_read == ASSAY_END, "%s", pulled.error);
    ck_assert(pulled_is(&pulled, buffer_view(&sample)));
    pulled_release(&pulled);
    buffer_release(&zip);
    buffer_release(&sample);
}
END_TEST

UNIT_MAIN("ppmd", a_full_model_is_restored_as_7z_does, steps_may_have_any_size,
          what_is_behind_the_end_is_left, a_cut_anywhere_gives_the_front,
          damage_anywhere_is_survived, parameters_are_held_to_the_format, a_model_needs_its_memory,
          the_end_may_be_what_headers_say)
