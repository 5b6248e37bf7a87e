/* The bare codecs, whole and damaged. */
#include "pack.h"
#include "pull.h"
#include "unpack/codec.h"

static const struct row {
    const char *name;
    const char *member;
    pack_fn *pack;
    bool has_magic; /* streams can be found in the middle */
    bool has_check; /* damage is noticed */
    bool has_end;
} rows[] = {
    {"gzip", "<gz>\n", pack_gzip, true, true, true},
    {"zlib", "<zlib>\n", pack_zlib, false, true, true},
    {"bzip2", "<bz2>\n", pack_bzip2, true, true, true},
    {"xz", "<xz>\n", pack_xz, true, true, true},
    {"lzma", "<lzma>\n", pack_lzma, false, false, true},
    {"zstd", "<zst>\n", pack_zstd, true, true, true},
    {"lz4", "<lz4>\n", pack_lz4, true, true, true},
    {"lz4", "<lz4>\n", pack_lz4_legacy, false, false, false},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void append(struct buffer *out, const char *bytes, size_t size)
{
    ck_assert_int_eq(buffer_append(out, bytes, size), ASSAY_OK);
}

/* Both parts must come out of `packed`, one after the other, and reading must end like this. */
static struct pulled expect_twice(const struct row *row, const struct buffer *packed,
                                  const struct buffer *sample, status last_read)
{
    struct pulled pulled = pull(row->name, buffer_view(packed));
    ck_assert_int_eq(pulled.last_read, last_read);
    ck_assert_msg(pulled.bytes.size == 2 * sample->size, "%s: %zu bytes: %s", row->name,
                  pulled.bytes.size, pulled.error);
    ck_assert_mem_eq(pulled.bytes.data, sample->data, sample->size);
    ck_assert_mem_eq(pulled.bytes.data + sample->size, sample->data, sample->size);
    return pulled;
}

START_TEST(test_whole)
{
    struct buffer sample = pack_sample(300000);
    for (size_t i = 0; i < ROWS; i++) {
        struct buffer packed = {0};
        rows[i].pack(&packed, buffer_view(&sample));
        const struct unpacker *u = pull_row(rows[i].name);
        ck_assert_uint_gt(u->identify(buffer_view(&packed)), 0);
        for (size_t step = 1; step <= 1000000; step *= 100) {
            struct pulled pulled = pull_with(u, buffer_view(&packed), step, 64 << 20);
            ck_assert_int_eq(pulled.opened, ASSAY_OK);
            ck_assert_msg(pulled.last_read == ASSAY_END, "%s: %s", u->name, pulled.error);
            ck_assert_int_eq(pulled.ended, ASSAY_END);
            ck_assert_uint_eq(pulled.members, 1);
            ck_assert_uint_eq(pulled.notes, 0);
            ck_assert_str_eq((char *)pulled.names.data, rows[i].member);
            ck_assert(pulled_is(&pulled, buffer_view(&sample)));
            pulled_release(&pulled);
        }
        buffer_release(&packed);
    }
    buffer_release(&sample);
}
END_TEST

START_TEST(test_several_streams)
{
    struct buffer sample = pack_sample(3000);
    for (size_t i = 0; i < ROWS; i++) {
        struct buffer packed = {0};
        rows[i].pack(&packed, buffer_view(&sample));
        if (rows[i].has_magic)
            append(&packed, "\0\0\0\0\0\0\0", 7);
        rows[i].pack(&packed, buffer_view(&sample));
        append(&packed, "\0\0\0\0", rows[i].has_end ? 4 : 0);
        struct pulled pulled = expect_twice(&rows[i], &packed, &sample, ASSAY_END);
        ck_assert_uint_eq(pulled.notes, 0);
        pulled_release(&pulled);
        buffer_release(&packed);
    }
    buffer_release(&sample);
}
END_TEST

START_TEST(test_junk_is_noted)
{
    struct buffer sample = pack_sample(3000);
    for (size_t i = 0; i < ROWS; i++) {
        if (!rows[i].has_magic)
            continue;
        struct buffer packed = {0};
        rows[i].pack(&packed, buffer_view(&sample));
        append(&packed, "junk", 4);
        rows[i].pack(&packed, buffer_view(&sample));
        append(&packed, "\0\0more junk", 11);
        struct pulled pulled = expect_twice(&rows[i], &packed, &sample, ASSAY_END);
        ck_assert_uint_eq(pulled.notes, 2);
        ck_assert_int_eq(pulled.last_note, ASSAY_ERR_CORRUPT);
        pulled_release(&pulled);
        buffer_release(&packed);
    }
    buffer_release(&sample);
}
END_TEST

START_TEST(test_goes_on_after_damage)
{
    struct buffer sample = pack_sample(200000);
    for (size_t i = 0; i < ROWS; i++) {
        if (!rows[i].has_magic)
            continue;
        struct buffer packed = {0};
        rows[i].pack(&packed, buffer_view(&sample));
        packed.size -= 2; /* into the check sum: all bytes come out, then there is the damage */
        rows[i].pack(&packed, buffer_view(&sample));
        struct pulled pulled = pull(rows[i].name, buffer_view(&packed));
        ck_assert_int_lt(pulled.last_read, 0);
        ck_assert_uint_eq(pulled.bytes.size, 2 * sample.size);
        ck_assert_mem_eq(pulled.bytes.data + sample.size, sample.data, sample.size);
        pulled_release(&pulled);
        buffer_release(&packed);
    }
    buffer_release(&sample);
}
END_TEST

START_TEST(test_truncated_anywhere)
{
    struct buffer sample = pack_sample(300);
    for (size_t i = 0; i < ROWS; i++) {
        struct buffer packed = {0};
        rows[i].pack(&packed, buffer_view(&sample));
        for (size_t size = 0; size < packed.size; size++) {
            struct view cut = view_sub(buffer_view(&packed), 0, size);
            const struct unpacker *u = pull_row(rows[i].name);
            if (!u->identify(cut))
                continue;
            struct pulled pulled = pull_with(u, cut, 64, 64 << 20);
            ck_assert_msg(!rows[i].has_end || pulled.last_read == ASSAY_ERR_TRUNCATED,
                          "%s cut to %zu of %zu: %d %s", u->name, size, packed.size,
                          pulled.last_read, pulled.error);
            ck_assert(pulled_begins(&pulled, buffer_view(&sample)));
            pulled_release(&pulled);
        }
        buffer_release(&packed);
    }
    buffer_release(&sample);
}
END_TEST

/* A changed byte must be noticed, or change nothing, or hide the format. */
START_TEST(test_corrupt_anywhere)
{
    static const uint8_t masks[] = {0x01, 0x80, 0xff};
    struct buffer sample = pack_sample(200);
    for (size_t i = 0; i < ROWS; i++) {
        struct buffer packed = {0};
        rows[i].pack(&packed, buffer_view(&sample));
        const struct unpacker *u = pull_row(rows[i].name);
        for (size_t j = 0; j < packed.size * sizeof(masks); j++) {
            size_t at = j / sizeof(masks);
            packed.data[at] ^= masks[j % sizeof(masks)];
            struct pulled pulled = {0};
            if (u->identify(buffer_view(&packed)))
                pulled = pull_with(u, buffer_view(&packed), 4096, 64 << 20);
            bool is_whole = pulled.members && pulled.last_read == ASSAY_END && !pulled.notes;
            ck_assert_msg(
                !rows[i].has_check || !is_whole || pulled_is(&pulled, buffer_view(&sample)),
                "%s: byte %zu xor %x goes unnoticed", u->name, at, masks[j % sizeof(masks)]);
            pulled_release(&pulled);
            packed.data[at] ^= masks[j % sizeof(masks)];
        }
        buffer_release(&packed);
    }
    buffer_release(&sample);
}
END_TEST

/* Blocks before a damaged one are not lost, though the library does not count them. */
START_TEST(test_bytes_before_damage)
{
    struct buffer sample = pack_sample(1000000);
    for (size_t i = 0; i < ROWS; i++) {
        struct buffer packed = {0};
        rows[i].pack(&packed, buffer_view(&sample));
        size_t at = packed.size - packed.size / 8;
        memset(packed.data + at, 0xff, 1000);
        struct pulled pulled =
            pull_with(pull_row(rows[i].name), buffer_view(&packed), 1 << 21, 64 << 20);
        ck_assert(!rows[i].has_check || pulled.last_read < 0);
        size_t least = rows[i].pack == pack_lz4_legacy ? 0 : sample.size / 2;
        ck_assert_msg(pulled.bytes.size >= least, "%s: only %zu bytes", rows[i].name,
                      pulled.bytes.size);
        if (rows[i].has_check)
            ck_assert_mem_eq(pulled.bytes.data, sample.data, least);
        pulled_release(&pulled);
        buffer_release(&packed);
    }
    buffer_release(&sample);
}
END_TEST

START_TEST(test_memory_bound)
{
    struct buffer sample = pack_sample(500);
    for (size_t i = 0; i < ROWS; i++) {
        struct buffer packed = {0};
        rows[i].pack(&packed, buffer_view(&sample));
        struct pulled pulled = pull_with(pull_row(rows[i].name), buffer_view(&packed), 64, 1000);
        ck_assert_msg(pulled.last_read == ASSAY_ERR_CODEC_MEMORY, "%s: %d", rows[i].name,
                      pulled.last_read);
        ck_assert_uint_eq(pulled.bytes.size, 0);
        pulled_release(&pulled);
        buffer_release(&packed);
    }
    buffer_release(&sample);
}
END_TEST

START_TEST(test_zstd_window)
{
    struct buffer sample = pack_sample(500), packed = {0};
    pack_zstd_window(&packed, buffer_view(&sample), 27);
    struct pulled small = pull_with(pull_row("zstd"), buffer_view(&packed), 64, 64 << 20);
    ck_assert_int_eq(small.last_read, ASSAY_ERR_CODEC_MEMORY);
    struct pulled large = pull_with(pull_row("zstd"), buffer_view(&packed), 64, 256 << 20);
    ck_assert_int_eq(large.last_read, ASSAY_END);
    /* The largest window there is: the library allows 2^27 by itself. */
    packed.data[5] = (31 - 10) << 3;
    uint64_t memory = UINT64_C(1) << 32;
    struct pulled largest = pull_with(pull_row("zstd"), buffer_view(&packed), 64, memory);
    ck_assert_msg(largest.last_read == ASSAY_END, "%s", largest.error);
    ck_assert(pulled_is(&largest, buffer_view(&sample)));
    pulled_release(&small);
    pulled_release(&large);
    pulled_release(&largest);
    buffer_release(&packed);
    buffer_release(&sample);
}
END_TEST

START_TEST(test_skippable_frames)
{
    static const char skippable[] = "\x52\x2a\x4d\x18\x05\0\0\0hello";
    struct buffer sample = pack_sample(500);
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].pack != pack_zstd && rows[i].pack != pack_lz4)
            continue;
        struct buffer packed = {0};
        append(&packed, skippable, 13);
        rows[i].pack(&packed, buffer_view(&sample));
        append(&packed, skippable, 13);
        rows[i].pack(&packed, buffer_view(&sample));
        append(&packed, skippable, 13);
        ck_assert_uint_gt(pull_row(rows[i].name)->identify(buffer_view(&packed)), 0);
        struct pulled pulled = expect_twice(&rows[i], &packed, &sample, ASSAY_END);
        ck_assert_uint_eq(pulled.notes, 0);
        pulled_release(&pulled);
        buffer_release(&packed);
    }
    buffer_release(&sample);
}
END_TEST

START_TEST(test_xz_dictionary)
{
    struct buffer sample = pack_sample(500), packed = {0};
    lzma_options_lzma options;
    ck_assert(!lzma_lzma_preset(&options, 1));
    options.dict_size = 64 << 20;
    lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};
    size_t most = 4096;
    ck_assert_int_eq(lzma_stream_buffer_encode(filters, LZMA_CHECK_CRC32, NULL, sample.data,
                                               sample.size, pack_room(&packed, most), &packed.size,
                                               most),
                     LZMA_OK);
    struct pulled small = pull_with(pull_row("xz"), buffer_view(&packed), 64, 16 << 20);
    ck_assert_int_eq(small.last_read, ASSAY_ERR_CODEC_MEMORY);
    struct pulled large = pull_with(pull_row("xz"), buffer_view(&packed), 64, 128 << 20);
    ck_assert_int_eq(large.last_read, ASSAY_END);
    pulled_release(&small);
    pulled_release(&large);
    buffer_release(&packed);
    buffer_release(&sample);
}
END_TEST

/* A dictionary that is larger than the bound matters only when it is used. */
START_TEST(test_lzma_dictionary)
{
    struct buffer sample = pack_sample(100000), far = {0}, packed = {0}, packed_far = {0};
    pack_lzma(&packed, buffer_view(&sample));
    memset(packed.data + 1, 0xff, 4);
    struct pulled near_by = pull_with(pull_row("lzma"), buffer_view(&packed), 64, 2 << 20);
    ck_assert_msg(near_by.last_read == ASSAY_END, "%s", near_by.error);
    ck_assert(pulled_is(&near_by, buffer_view(&sample)));

    append(&far, (const char *)sample.data, sample.size);
    append(&far, (const char *)sample.data, sample.size);
    pack_lzma(&packed_far, buffer_view(&far));
    uint64_t memory = (1 << 20) + 50000; /* leaves half of the distance that is used */
    struct pulled far_away = pull_with(pull_row("lzma"), buffer_view(&packed_far), 64, memory);
    ck_assert_int_eq(far_away.last_read, ASSAY_ERR_CODEC_MEMORY);
    ck_assert(pulled_begins(&far_away, buffer_view(&far)));
    pulled_release(&near_by);
    pulled_release(&far_away);
    buffer_release(&packed);
    buffer_release(&packed_far);
    buffer_release(&far);
    buffer_release(&sample);
}
END_TEST

/* Fields that other programs ignore do not hide the payload. */
START_TEST(test_gzip_header)
{
    struct buffer sample = pack_sample(500), plain = {0}, packed = {0};
    pack_gzip(&plain, buffer_view(&sample));
    append(&packed, "\x1f\x8b\x08\xfe\0\0\0\0\0\3\xff\xff", 12);
    memset(pack_room(&packed, 65535), 'x', 65535);
    packed.size += 65535;
    append(&packed, "name\0comment\0??", 15);
    append(&packed, (const char *)plain.data + 10, plain.size - 10);
    struct pulled pulled = pull("gzip", buffer_view(&packed));
    ck_assert_msg(pulled.last_read == ASSAY_END, "%s", pulled.error);
    ck_assert(pulled_is(&pulled, buffer_view(&sample)));
    pulled_release(&pulled);
    buffer_release(&packed);
    buffer_release(&plain);
    buffer_release(&sample);
}
END_TEST

/* Decodes all of *input with a codec driven directly. */
static status decode_all(const struct codec *codec, struct view *input, struct buffer *out)
{
    struct error error = {""};
    struct decoder decoder = {.codec = NULL};
    ck_assert_int_eq(decoder_start(&decoder, codec, 64 << 20, &error), ASSAY_OK);
    status result;
    do {
        size_t got = 0;
        result = decoder_read(&decoder, input, pack_room(out, 100), 100, &got);
        out->size += got;
    } while (result == ASSAY_OK);
    size_t got = 0;
    ck_assert_int_eq(decoder_read(&decoder, input, pack_room(out, 1), 1, &got), result);
    decoder_stop(&decoder);
    decoder_stop(&decoder); /* twice is once */
    codec->stop(NULL);
    return result;
}

START_TEST(test_codec_stops_at_its_end)
{
    static const struct {
        const struct codec *codec;
        pack_fn *pack;
    } codecs[] = {
        {&codec_deflate, pack_deflate}, {&codec_zlib, pack_zlib}, {&codec_gzip, pack_gzip},
        {&codec_bzip2, pack_bzip2},     {&codec_xz, pack_xz},     {&codec_lzma, pack_lzma},
        {&codec_zstd, pack_zstd},       {&codec_lz4, pack_lz4},
    };
    struct buffer sample = pack_sample(1000);
    for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
        struct buffer packed = {0}, out = {0};
        codecs[i].pack(&packed, buffer_view(&sample));
        append(&packed, "behind", 6);
        struct view input = buffer_view(&packed);
        ck_assert_int_eq(decode_all(codecs[i].codec, &input, &out), ASSAY_END);
        ck_assert_uint_eq(out.size, sample.size);
        ck_assert_mem_eq(out.data, sample.data, out.size);
        ck_assert_msg(input.size == 6, "%s: %llu bytes left", codecs[i].codec->name,
                      (unsigned long long)input.size);
        buffer_release(&out);
        buffer_release(&packed);
    }
    buffer_release(&sample);
}
END_TEST

/* Method 14 of zip: with an end marker, and without one. */
START_TEST(test_lzma_in_zip)
{
    struct buffer sample = pack_sample(1000), alone = {0}, packed = {0};
    pack_lzma(&alone, buffer_view(&sample));
    append(&packed, "\x09\x14\x05\0", 4);
    append(&packed, (const char *)alone.data, 5);
    append(&packed, (const char *)alone.data + 13, alone.size - 13);
    for (size_t cut = 0; cut <= 8; cut += 8) {
        struct buffer out = {0};
        struct view input = view_sub(buffer_view(&packed), 0, packed.size - cut);
        ck_assert_int_eq(decode_all(&codec_lzma_zip, &input, &out), ASSAY_END);
        ck_assert_uint_ge(out.size, sample.size - cut);
        ck_assert_mem_eq(out.data, sample.data, sample.size - cut);
        buffer_release(&out);
    }
    buffer_release(&packed);
    buffer_release(&alone);
    buffer_release(&sample);
}
END_TEST

UNIT_MAIN("codecs", test_whole, test_several_streams, test_junk_is_noted, test_goes_on_after_damage,
          test_truncated_anywhere, test_corrupt_anywhere, test_bytes_before_damage,
          test_memory_bound, test_zstd_window, test_skippable_frames, test_xz_dictionary,
          test_lzma_dictionary, test_gzip_header, test_codec_stops_at_its_end, test_lzma_in_zip)
