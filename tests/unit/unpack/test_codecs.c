/* The bare codecs, whole and damaged. */
#include "pack.h"
#include "pull.h"
#include "tool.h"
#include "unpack/codec.h"

/* By the program that the format is named after; libraries only read it. */
static void pack_compress_with(struct buffer *out, struct view bytes, const char *options)
{
    char directory[32], command[64];
    tool_enter(directory);
    tool_write("x", bytes, 0);
    snprintf(command, sizeof(command), "compress -f %s -c <x >x.Z", options);
    TOOL_RUN("sh", "-c", command);
    struct buffer packed = tool_read("x.Z");
    ck_assert_int_eq(buffer_append(out, packed.data, packed.size), ASSAY_OK);
    buffer_release(&packed);
    tool_leave(directory);
}

static void pack_compress(struct buffer *out, struct view bytes)
{
    pack_compress_with(out, bytes, "");
}

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
    {"lzip", "<lz>\n", pack_lzip, true, true, true},
    {"compress", "<Z>\n", pack_compress, false, false, false},
    {"zstd", "<zst>\n", pack_zstd, true, true, true},
    {"lz4", "<lz4>\n", pack_lz4, true, true, true},
    {"lz4", "<lz4>\n", pack_lz4_legacy, false, false, false},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void append(struct buffer *out, const char *bytes, size_t size)
{
    ck_assert_int_eq(buffer_append(out, bytes, size), ASSAY_OK);
}

/* Calls `check` for every row, with the sample and what the row makes of it. */
static void for_each_row(size_t sample_size,
                         void (*check)(const struct row *row, struct view sample,
                                       struct buffer *packed))
{
    struct buffer sample = pack_sample(sample_size);
    for (size_t i = 0; i < ROWS; i++) {
        struct buffer packed = {0};
        rows[i].pack(&packed, buffer_view(&sample));
        check(&rows[i], buffer_view(&sample), &packed);
        buffer_release(&packed);
    }
    buffer_release(&sample);
}

/* The sample must come out twice, one behind the other, with so many notes of damage. */
static void expect_twice(const struct row *row, const struct buffer *packed, struct view sample,
                         unsigned notes)
{
    struct pulled pulled = pull(row->name, buffer_view(packed));
    ck_assert_int_eq(pulled.last_read, ASSAY_END);
    ck_assert_msg(pulled.bytes.size == 2 * sample.size, "%s: %zu bytes: %s", row->name,
                  pulled.bytes.size, pulled.error);
    ck_assert_mem_eq(pulled.bytes.data, sample.data, sample.size);
    ck_assert_mem_eq(pulled.bytes.data + sample.size, sample.data, sample.size);
    ck_assert_uint_eq(pulled.notes, notes);
    ck_assert_int_eq(pulled.last_note, notes ? ASSAY_ERR_CORRUPT : 0);
    pulled_release(&pulled);
}

/* Reading with so much memory must end like this: all of the sample has come out, or its front. */
static void expect_end(const char *name, const struct buffer *packed, uint64_t memory,
                       struct view sample, status last_read)
{
    struct pulled pulled = pull_with(pull_row(name), buffer_view(packed), 64, memory);
    ck_assert_msg(pulled.last_read == last_read, "%s: %d %s", name, pulled.last_read, pulled.error);
    ck_assert(last_read == ASSAY_END ? pulled_is(&pulled, sample) : pulled_begins(&pulled, sample));
    pulled_release(&pulled);
}

static void read_whole(const struct row *row, struct view sample, struct buffer *packed)
{
    const struct unpacker *u = pull_row(row->name);
    ck_assert_uint_gt(u->identify(buffer_view(packed)), 0);
    for (size_t step = 1; step <= 1000000; step *= 100) {
        struct pulled pulled = pull_with(u, buffer_view(packed), step, 64 << 20);
        ck_assert_int_eq(pulled.opened, ASSAY_OK);
        ck_assert_msg(pulled.last_read == ASSAY_END, "%s: %s", u->name, pulled.error);
        ck_assert_int_eq(pulled.ended, ASSAY_END);
        ck_assert_uint_eq(pulled.members, 1);
        ck_assert_uint_eq(pulled.notes, 0);
        ck_assert_str_eq((char *)pulled.names.data, row->member);
        ck_assert(pulled_is(&pulled, sample));
        pulled_release(&pulled);
    }
}

START_TEST(whole_streams_are_read_in_steps_of_any_size)
{
    for_each_row(300000, read_whole);
}
END_TEST

static void read_several(const struct row *row, struct view sample, struct buffer *packed)
{
    if (row->pack == pack_compress) /* cannot be followed by anything */
        return;
    append(packed, "\0\0\0\0\0\0\0", row->has_magic ? 7 : 0);
    row->pack(packed, sample);
    append(packed, "\0\0\0\0", row->has_end ? 4 : 0);
    expect_twice(row, packed, sample, 0);
}

START_TEST(several_streams_are_read_and_padding_passed_over)
{
    for_each_row(3000, read_several);
}
END_TEST

static void read_with_junk(const struct row *row, struct view sample, struct buffer *packed)
{
    if (!row->has_magic)
        return;
    append(packed, "junk", 4);
    row->pack(packed, sample);
    append(packed, "\0\0more junk", 11);
    expect_twice(row, packed, sample, 2);
}

START_TEST(junk_is_noted)
{
    for_each_row(3000, read_with_junk);
}
END_TEST

static void read_over_damage(const struct row *row, struct view sample, struct buffer *packed)
{
    if (!row->has_magic)
        return;
    packed->size -= 2; /* into the check sum: all bytes come out, then there is the damage */
    row->pack(packed, sample);
    struct pulled pulled = pull(row->name, buffer_view(packed));
    ck_assert_int_lt(pulled.last_read, 0);
    ck_assert_uint_eq(pulled.bytes.size, 2 * sample.size);
    ck_assert_mem_eq(pulled.bytes.data + sample.size, sample.data, sample.size);
    pulled_release(&pulled);
}

START_TEST(the_stream_behind_a_damaged_one_is_read)
{
    for_each_row(200000, read_over_damage);
}
END_TEST

static void cut_anywhere(const struct row *row, struct view sample, struct buffer *packed)
{
    const struct unpacker *u = pull_row(row->name);
    for (size_t size = 0; size < packed->size; size++) {
        /* A copy of its own, so that a sanitizer sees a read past the end. */
        uint8_t *copy = malloc(size + !size);
        ck_assert_ptr_nonnull(copy);
        memcpy(copy, packed->data, size);
        struct view cut = {copy, size};
        struct pulled pulled = {.last_read = ASSAY_ERR_TRUNCATED};
        if (u->identify(cut))
            pulled = pull_with(u, cut, 64, 64 << 20);
        ck_assert_msg(!row->has_end || pulled.last_read == ASSAY_ERR_TRUNCATED,
                      "%s cut to %zu of %zu: %d %s", u->name, size, packed->size, pulled.last_read,
                      pulled.error);
        ck_assert(pulled_begins(&pulled, sample));
        pulled_release(&pulled);
        free(copy);
    }
}

START_TEST(a_cut_anywhere_is_noticed)
{
    for_each_row(300, cut_anywhere);
}
END_TEST

/* A changed byte must be noticed, or change nothing, or hide the format. */
static void change_anywhere(const struct row *row, struct view sample, struct buffer *packed)
{
    static const uint8_t masks[] = {0x01, 0x80, 0xff};
    const struct unpacker *u = pull_row(row->name);
    for (size_t i = 0; i < packed->size * sizeof(masks); i++) {
        size_t at = i / sizeof(masks);
        uint8_t mask = masks[i % sizeof(masks)];
        packed->data[at] ^= mask;
        struct pulled pulled = {0};
        if (u->identify(buffer_view(packed)))
            pulled = pull_with(u, buffer_view(packed), 4096, 64 << 20);
        bool is_whole = pulled.members && pulled.last_read == ASSAY_END && !pulled.notes;
        ck_assert_msg(!row->has_check || !is_whole || pulled_is(&pulled, sample),
                      "%s: byte %zu xor %x goes unnoticed", u->name, at, mask);
        pulled_release(&pulled);
        packed->data[at] ^= mask;
    }
}

START_TEST(a_change_anywhere_is_noticed)
{
    for_each_row(200, change_anywhere);
}
END_TEST

static void read_up_to_damage(const struct row *row, struct view sample, struct buffer *packed)
{
    memset(packed->data + packed->size - packed->size / 8, 0xff, 1000);
    struct pulled pulled = pull_with(pull_row(row->name), buffer_view(packed), 1 << 21, 64 << 20);
    ck_assert(!row->has_check || pulled.last_read < 0);
    size_t least = sample.size / 2;
    ck_assert_msg(pulled.bytes.size >= least, "%s: only %zu bytes", row->name, pulled.bytes.size);
    if (row->has_check)
        ck_assert_mem_eq(pulled.bytes.data, sample.data, least);
    pulled_release(&pulled);
}

/* Though the library does not count them. */
START_TEST(blocks_before_a_damaged_one_are_not_lost)
{
    for_each_row(1000000, read_up_to_damage);
}
END_TEST

static void read_in_1000_bytes(const struct row *row, struct view sample, struct buffer *packed)
{
    (void)sample;
    expect_end(row->name, packed, 1000, (struct view){NULL, 0}, ASSAY_ERR_CODEC_MEMORY);
}

START_TEST(without_memory_nothing_comes_out)
{
    for_each_row(500, read_in_1000_bytes);
}
END_TEST

START_TEST(a_zstd_window_needs_its_memory)
{
    struct buffer sample = pack_sample(500), packed = {0};
    struct view whole = buffer_view(&sample);
    pack_zstd_window(&packed, whole, 27);
    expect_end("zstd", &packed, 64 << 20, whole, ASSAY_END);
    /* The largest that can be said: so little input does not need it. */
    packed.data[5] = 0xff;
    expect_end("zstd", &packed, 64 << 20, whole, ASSAY_END);
    buffer_release(&packed);
    buffer_release(&sample);
    /* What reaches back as far does. */
    sample = pack_sample(500);
    struct buffer copy = pack_sample(500), zeros = {0};
    ck_assert_int_eq(buffer_reserve(&zeros, 3 << 20), ASSAY_OK);
    memset(zeros.data, 0, 3 << 20);
    append(&sample, (const char *)zeros.data, 3 << 20);
    append(&sample, (const char *)copy.data, copy.size);
    buffer_release(&zeros);
    buffer_release(&copy);
    packed = (struct buffer){0};
    pack_zstd_window(&packed, buffer_view(&sample), 23);
    expect_end("zstd", &packed, 3 << 20, buffer_view(&sample), ASSAY_ERR_CODEC_MEMORY);
    expect_end("zstd", &packed, 64 << 20, buffer_view(&sample), ASSAY_END);
    buffer_release(&packed);
    buffer_release(&sample);
}
END_TEST

static void read_between_skippable(const struct row *row, struct view sample, struct buffer *packed)
{
    static const char skippable[] = "\x52\x2a\x4d\x18\x05\0\0\0hello";
    if (row->pack != pack_zstd && row->pack != pack_lz4)
        return;
    struct buffer frames = {0};
    append(&frames, skippable, 13);
    append(&frames, (const char *)packed->data, packed->size);
    append(&frames, skippable, 13);
    row->pack(&frames, sample);
    append(&frames, skippable, 13);
    ck_assert_uint_gt(pull_row(row->name)->identify(buffer_view(&frames)), 0);
    expect_twice(row, &frames, sample, 0);
    buffer_release(&frames);
}

START_TEST(skippable_frames_are_passed_over)
{
    for_each_row(500, read_between_skippable);
}
END_TEST

START_TEST(an_xz_dictionary_needs_its_memory)
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
    expect_end("xz", &packed, 16 << 20, buffer_view(&sample), ASSAY_ERR_CODEC_MEMORY);
    expect_end("xz", &packed, 128 << 20, buffer_view(&sample), ASSAY_END);
    buffer_release(&packed);
    buffer_release(&sample);
}
END_TEST

/* A dictionary that is larger than the bound matters only when it is used. */
START_TEST(an_lzma_dictionary_needs_the_memory_it_uses)
{
    struct buffer sample = pack_sample(100000), far = {0}, packed = {0}, packed_far = {0};
    pack_lzma(&packed, buffer_view(&sample));
    memset(packed.data + 1, 0xff, 4);
    expect_end("lzma", &packed, 2 << 20, buffer_view(&sample), ASSAY_END);

    append(&far, (const char *)sample.data, sample.size);
    append(&far, (const char *)sample.data, sample.size);
    pack_lzma(&packed_far, buffer_view(&far));
    uint64_t memory = (1 << 20) + 50000; /* leaves half of the distance that is used */
    expect_end("lzma", &packed_far, memory, buffer_view(&far), ASSAY_ERR_CODEC_MEMORY);
    buffer_release(&packed);
    buffer_release(&packed_far);
    buffer_release(&far);
    buffer_release(&sample);
}
END_TEST

START_TEST(gzip_fields_that_others_ignore_do_not_hide_the_payload)
{
    struct buffer sample = pack_sample(500), plain = {0}, packed = {0};
    pack_gzip(&plain, buffer_view(&sample));
    append(&packed, "\x1f\x8b\x08\xfe\0\0\0\0\0\3\xff\xff", 12);
    memset(pack_room(&packed, 65535), 'x', 65535);
    packed.size += 65535;
    append(&packed, "name\0comment\0??", 15);
    append(&packed, (const char *)plain.data + 10, plain.size - 10);
    expect_end("gzip", &packed, 64 << 20, buffer_view(&sample), ASSAY_END);
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

START_TEST(a_codec_stops_at_its_end)
{
    static const struct {
        const struct codec *codec;
        pack_fn *pack;
    } codecs[] = {
        {&codec_deflate, pack_deflate}, {&codec_zlib, pack_zlib}, {&codec_gzip, pack_gzip},
        {&codec_bzip2, pack_bzip2},     {&codec_xz, pack_xz},     {&codec_lzma, pack_lzma},
        {&codec_zstd, pack_zstd},       {&codec_lz4, pack_lz4},   {&codec_lzip, pack_lzip},
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

/* Data that change their kind make the program clear its table. */
START_TEST(compress_with_all_sizes_of_codes)
{
    static const char *const options[] = {"-b 10", "-b 11", "-b 12", "-b 13", "-b 14", "-b 15"};
    struct buffer sample = pack_sample(600000);
    for (size_t i = 300000; i < sample.size; i++)
        sample.data[i] = (uint8_t)(i * i >> 7 ^ sample.data[i]);
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        struct buffer packed = {0};
        pack_compress_with(&packed, buffer_view(&sample), options[i]);
        expect_end("compress", &packed, 64 << 20, buffer_view(&sample), ASSAY_END);
        buffer_release(&packed);
    }
    buffer_release(&sample);
}
END_TEST

/* As the oldest versions wrote it; what newer ones write that way they cannot read. */
START_TEST(compress_without_clearing_its_table)
{
    static const uint8_t codes_97_256_257[] = {0x1f, 0x9d, 0x10, 0x61, 0x00, 0x06, 0x04};
    struct buffer packed = {0};
    append(&packed, (const char *)codes_97_256_257, sizeof(codes_97_256_257));
    ck_assert_uint_gt(pull_row("compress")->identify(buffer_view(&packed)), 0);
    expect_end("compress", &packed, 64 << 20, (struct view){(const uint8_t *)"aaaaaa", 6},
               ASSAY_END);
    packed.data[5] = 0x0e; /* 259, which is not in the table yet */
    expect_end("compress", &packed, 64 << 20, (struct view){(const uint8_t *)"aaa", 3},
               ASSAY_ERR_CORRUPT);
    buffer_release(&packed);
}
END_TEST

static void read_embedded(const struct row *row, struct view sample, struct buffer *packed)
{
    const struct unpacker *u = pull_row(row->name);
    if (!u->is_genuine || row->pack == pack_lz4_legacy)
        return;
    size_t size = packed->size;
    ck_assert_msg(u->is_genuine(buffer_view(packed)), "%s", u->name);
    row->pack(packed, sample);
    append(packed, "\0\0\0\0something else", 18);
    ck_assert_msg(u->is_genuine(buffer_view(packed)), "%s", u->name);
    struct pulled pulled = pull_embedded(u->name, buffer_view(packed));
    ck_assert_uint_eq(pulled.covered, 2 * size);
    ck_assert_uint_eq(pulled.bytes.size, 2 * sample.size);
    ck_assert_uint_eq(pulled.notes, 0);
    ck_assert_int_eq(pulled.last_read, ASSAY_END);
    pulled_release(&pulled);

    /* Damage: what follows is looked for by somebody else. */
    packed->data[size / 2] ^= 0xff;
    pulled = pull_embedded(u->name, buffer_view(packed));
    ck_assert_int_lt(pulled.last_read, 0);
    ck_assert_uint_gt(pulled.covered, 0);
    pulled_release(&pulled);
}

START_TEST(in_the_middle_of_other_data_streams_end_where_none_follows)
{
    for_each_row(3000, read_embedded);
    for_each_row(1, read_embedded);
    for_each_row(300000, read_embedded);
}
END_TEST

/* A magic with noise behind it, as programs have in their tables. */
START_TEST(a_magic_alone_is_not_genuine)
{
    static uint8_t bytes[4096];
    uint32_t state = 1;
    for (size_t i = 0; i < ROWS; i++) {
        const struct unpacker *u = pull_row(rows[i].name);
        for (int round = 0; u->is_genuine && round < 20000; round++) {
            for (size_t j = 0; j < sizeof(bytes); j += 1 + j / 32) {
                state = state * 1664525 + 1013904223;
                bytes[j] = (uint8_t)(state >> 24);
            }
            memcpy(bytes + u->magics[0].offset, u->magics[0].bytes, u->magics[0].size);
            ck_assert_msg(!u->is_genuine((struct view){bytes, sizeof(bytes)}), "%s", u->name);
        }
    }
}
END_TEST

static void cut_genuine(const struct row *row, struct view sample, struct buffer *packed)
{
    (void)sample;
    pull_damaged(pull_row(row->name), buffer_view(packed));
}

START_TEST(nothing_crashes)
{
    for_each_row(300, cut_genuine);
}
END_TEST

/* Method 14 of zip. */
START_TEST(lzma_in_zip_needs_no_end_marker)
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

UNIT_MAIN("codecs", compress_without_clearing_its_table,
          whole_streams_are_read_in_steps_of_any_size,
          several_streams_are_read_and_padding_passed_over, junk_is_noted,
          the_stream_behind_a_damaged_one_is_read, a_cut_anywhere_is_noticed,
          a_change_anywhere_is_noticed, blocks_before_a_damaged_one_are_not_lost,
          without_memory_nothing_comes_out, a_zstd_window_needs_its_memory,
          skippable_frames_are_passed_over, an_xz_dictionary_needs_its_memory,
          an_lzma_dictionary_needs_the_memory_it_uses,
          gzip_fields_that_others_ignore_do_not_hide_the_payload, a_codec_stops_at_its_end,
          compress_with_all_sizes_of_codes,
          in_the_middle_of_other_data_streams_end_where_none_follows, a_magic_alone_is_not_genuine,
          nothing_crashes, lzma_in_zip_needs_no_end_marker)
