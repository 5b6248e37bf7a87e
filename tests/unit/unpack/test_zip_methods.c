/* The methods of zip that no library decodes: whole, cut, changed, and in archives whose headers
 * lie. Python packs most of them (tests/corpus/legacy_zip.py), 7z deflate64. */
#include "pack.h"
#include "pull.h"
#include "tool.h"
#include "unpack/codec.h"

static const struct row {
    const char *name; /* for legacy_zip.py; "deflate64" for 7z */
    const struct codec *codec;
    uint16_t method;
    uint16_t flags;
    bool has_end;
} rows[] = {
    {"deflate64", &codec_deflate64, 9, 0, true},
    {"shrink", &codec_shrink, 1, 0, false},
    {"shrink-clear", &codec_shrink, 1, 0, false},
    {"reduce-1", &codec_reduce_1, 2, 0, false},
    {"reduce-2", &codec_reduce_2, 3, 0, false},
    {"reduce-3", &codec_reduce_3, 4, 0, false},
    {"reduce-4", &codec_reduce_4, 5, 0, false},
    {"implode-4k-2", &codec_implode_4k_2, 6, 0, false},
    {"implode-8k-2", &codec_implode_8k_2, 6, 2, false},
    {"implode-4k-3", &codec_implode_4k_3, 6, 4, false},
    {"implode-8k-3", &codec_implode_8k_3, 6, 6, false},
    {"dcl-1k", &codec_dcl, 10, 0, true},
    {"dcl-4k-coded", &codec_dcl, 10, 0, true},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static void append(struct buffer *out, const void *bytes, size_t size)
{
    ck_assert_int_eq(buffer_append(out, bytes, size), ASSAY_OK);
}

static void append_number(struct buffer *out, uint64_t number, size_t size)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < size; i++, number >>= 8)
        bytes[i] = (uint8_t)number;
    append(out, bytes, size);
}

/* What makes codecs work: noise, matches near, far, short and long, all byte values, runs. */
static struct buffer make_sample(size_t size)
{
    struct buffer sample = {0}, digits = pack_sample(size / 4);
    uint8_t line[700];
    while (sample.size < size) {
        for (size_t i = 0; i < sizeof(line); i++)
            line[i] = (uint8_t)(sample.size % 3 ? 144 : i * (1 + sample.size % 7));
        append(&sample, "a line that comes again and again\n", 34);
        append(&sample, digits.data, digits.size);
        append(&sample, line, size < 1000 ? 20 : sizeof(line));
    }
    sample.size = size;
    buffer_release(&digits);
    return sample;
}

/* 7z's archive has one member with a short name, then the directory. */
static struct buffer pack_by_7z(void)
{
    TOOL_RUN("rm", "-f", "out.zip");
    TOOL_RUN("7z", "a", "-bso0", "-bd", "-tzip", "-mm=Deflate64", "out.zip", "in");
    struct buffer zip = tool_read("out.zip"), packed = {0};
    const uint8_t *directory = memmem(zip.data, zip.size, "PK\1\2", 4);
    ck_assert_ptr_nonnull(directory);
    ck_assert_uint_eq(zip.data[8], 9);
    ck_assert_uint_eq(zip.data[28], 0);
    append(&packed, zip.data + 32, (size_t)(directory - zip.data) - 32);
    buffer_release(&zip);
    return packed;
}

static const char script[] = TESTS_DIRECTORY "/corpus/legacy_zip.py";

static struct buffer pack_row(const struct row *row, struct view bytes)
{
    char directory[32];
    tool_enter(directory);
    tool_write("in", bytes, 0);
    struct buffer packed;
    if (row->codec == &codec_deflate64) {
        packed = pack_by_7z();
    } else {
        TOOL_RUN("python3", script, row->name, "in", "out");
        packed = tool_read("out");
    }
    tool_leave(directory);
    return packed;
}

static void for_each_row(size_t size, void (*check)(const struct row *row, struct view sample,
                                                    struct buffer *packed))
{
    struct buffer sample = make_sample(size);
    for (size_t i = 0; i < ROWS; i++) {
        struct buffer packed = pack_row(&rows[i], buffer_view(&sample));
        check(&rows[i], buffer_view(&sample), &packed);
        buffer_release(&packed);
    }
    buffer_release(&sample);
}

/* Decodes in steps of some size, not much more than `most` bytes. */
static status decode(const struct codec *codec, struct view *input, size_t step, uint64_t most,
                     struct buffer *out)
{
    struct error error = {""};
    struct decoder decoder = {.codec = NULL};
    ck_assert_int_eq(decoder_start(&decoder, codec, 1 << 20, &error), ASSAY_OK);
    status result = ASSAY_OK;
    while (result == ASSAY_OK && out->size < most) {
        size_t got = 0;
        if (buffer_reserve(out, step) != ASSAY_OK)
            ck_abort_msg("no memory");
        result = decoder_read(&decoder, input, out->data + out->size, step, &got);
        out->size += got;
    }
    decoder_stop(&decoder);
    ck_assert(result >= 0 || error.text[0]);
    return result;
}

static bool begins(const struct buffer *out, struct view sample)
{
    size_t size = out->size < sample.size ? out->size : sample.size;
    return size == 0 || memcmp(out->data, sample.data, size) == 0;
}

/* ---- codecs ------------------------------------------------------------------------------ */

static void decode_whole(const struct row *row, struct view sample, struct buffer *packed)
{
    append(packed, "behind", row->has_end ? 6 : 0);
    for (size_t step = 1; step <= 1000000; step *= 100) {
        struct buffer out = {0};
        struct view input = buffer_view(packed);
        status result = decode(row->codec, &input, step, UINT64_MAX, &out);
        ck_assert_msg(result == ASSAY_END, "%s: %d", row->name, result);
        ck_assert_uint_ge(out.size, sample.size);
        ck_assert_uint_le(out.size, sample.size + (row->has_end ? 0 : 7));
        ck_assert_msg(begins(&out, sample), "%s", row->name);
        ck_assert_uint_eq(input.size, row->has_end ? 6 : 0);
        buffer_release(&out);
    }
}

START_TEST(whole_streams_are_decoded_in_steps_of_any_size)
{
    for_each_row(100000, decode_whole);
    for_each_row(100, decode_whole);
}
END_TEST

static void cut_anywhere(const struct row *row, struct view sample, struct buffer *packed)
{
    for (size_t size = 0; size < packed->size; size++) {
        /* A copy of its own, so that a sanitizer sees a read past the end. */
        uint8_t *copy = malloc(size + !size);
        ck_assert_ptr_nonnull(copy);
        memcpy(copy, packed->data, size);
        struct buffer out = {0};
        struct view input = {copy, size};
        status result = decode(row->codec, &input, 64, UINT64_MAX, &out);
        ck_assert_msg(result == ASSAY_ERR_TRUNCATED || (!row->has_end && result == ASSAY_END),
                      "%s cut to %zu: %d", row->name, size, result);
        ck_assert_msg(begins(&out, sample), "%s cut to %zu", row->name, size);
        buffer_release(&out);
        free(copy);
    }
}

START_TEST(a_cut_anywhere_keeps_what_is_before_it)
{
    for_each_row(300, cut_anywhere);
}
END_TEST

/* Whatever comes out, it ends, and the same in steps of any size. */
static void change_anywhere(const struct row *row, struct view sample, struct buffer *packed)
{
    static const uint8_t masks[] = {0x01, 0x80, 0xff};
    (void)sample;
    for (size_t i = 0; i < packed->size * sizeof(masks); i++) {
        packed->data[i / sizeof(masks)] ^= masks[i % sizeof(masks)];
        struct buffer slow = {0}, fast = {0};
        struct view input = buffer_view(packed), again = input;
        status result = decode(row->codec, &input, 1, 100000, &slow);
        ck_assert_int_eq(decode(row->codec, &again, 100000, 100000, &fast), result);
        ck_assert_uint_eq(slow.size, fast.size);
        ck_assert(begins(&slow, buffer_view(&fast)));
        buffer_release(&slow);
        buffer_release(&fast);
        packed->data[i / sizeof(masks)] ^= masks[i % sizeof(masks)];
    }
}

START_TEST(a_change_anywhere_is_survived)
{
    for_each_row(400, change_anywhere);
}
END_TEST

START_TEST(without_memory_nothing_is_decoded)
{
    for (size_t i = 0; i < ROWS; i++) {
        struct error error = {""};
        struct decoder decoder = {.codec = NULL};
        ck_assert_int_eq(decoder_start(&decoder, rows[i].codec, 1000, &error),
                         ASSAY_ERR_CODEC_MEMORY);
        decoder_stop(&decoder);
        rows[i].codec->stop(NULL);
    }
}
END_TEST

/* Streams by hand, bit by bit. */
START_TEST(bad_streams_end_where_they_are_bad)
{
    static const struct {
        const struct codec *codec;
        const char *bytes;
        size_t size;
        const char *out;
        size_t out_size;
        status ended;
    } streams[] = {
        /* The example of the format's description. */
        {&codec_dcl, "\0\4\x82\x24\x25\x8f\x80\x7f", 8, "AIAIAIAIAIAIA", 13, ASSAY_END},
        {&codec_dcl, "\2\4\x82", 3, "", 0, ASSAY_ERR_CORRUPT},
        {&codec_dcl, "\0\7\x82", 3, "", 0, ASSAY_ERR_CORRUPT},
        /* A match at the very beginning. */
        {&codec_dcl, "\0\4\xff\xff\xff", 5, "", 0, ASSAY_ERR_CORRUPT},
        /* A block of fixed codes: "a", then a match 5 bytes back. */
        {&codec_deflate64, "\x4b\x04\x12\0\0", 5, "a", 1, ASSAY_ERR_CORRUPT},
        {&codec_deflate64, "\7", 1, "", 0, ASSAY_ERR_CORRUPT},          /* no such block */
        {&codec_deflate64, "\1\1\0\0\0a", 6, "", 0, ASSAY_ERR_CORRUPT}, /* sizes differ */
        {&codec_deflate64, "\1\2\0\xfd\xff\x61", 6, "a", 1, ASSAY_ERR_TRUNCATED},
        {&codec_deflate64, "\1\1\0\xfe\xff\x61", 6, "a", 1, ASSAY_END},
        {&codec_deflate64, "\x05\xe0\x93\x24\x49\x92\x24\x49\x92\x00", 10, "", 0,
         ASSAY_ERR_CORRUPT},
        /* Two trees whose codes all have 6 bits: two bytes that lie before the beginning. */
        {&codec_implode_4k_2, "\3\xf5\xf5\xf5\xf5\3\xf5\xf5\xf5\xf5\x80\xff\7", 13, "\0\0", 2,
         ASSAY_END},
        {&codec_implode_4k_2, "\2\xf5\xf5\xf5\3\xf5\xf5\xf5\xf5\x80\xff\7", 12, "", 0,
         ASSAY_ERR_CORRUPT},
        {&codec_implode_4k_2, "\3\xf5\xf5\xf5\xf6\3\xf5\xf5\xf5\xf5\x80\xff\7", 13, "", 0,
         ASSAY_ERR_CORRUPT},
        {&codec_implode_4k_2, "\3\xf5\xf5\xf5\xf5\3\xf5", 7, "", 0, ASSAY_ERR_TRUNCATED},
        /* "a", then a code that has no string; a control code that does not exist. */
        {&codec_shrink, "\x61\x58\x02", 3, "a", 1, ASSAY_ERR_CORRUPT},
        {&codec_shrink, "\x61\0\x0e\0", 4, "a", 1, ASSAY_ERR_CORRUPT},
    };
    for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
        struct buffer out = {0};
        struct view input = {(const uint8_t *)streams[i].bytes, streams[i].size};
        status result = decode(streams[i].codec, &input, 10, UINT64_MAX, &out);
        ck_assert_msg(result == streams[i].ended, "stream %zu: %d", i, result);
        ck_assert_msg(out.size == streams[i].out_size, "stream %zu: %zu bytes", i, out.size);
        ck_assert(out.size == 0 || memcmp(out.data, streams[i].out, out.size) == 0);
        buffer_release(&out);
    }
}
END_TEST

/* ---- archives ---------------------------------------------------------------------------- */

/* What the two headers of a member say, beside what is true. */
struct claims {
    struct {
        uint16_t flip; /* of the flags */
        int32_t packed, unpacked, crc;
    } local, central;
    bool no_central;
};

static void append_fields(struct buffer *out, const struct row *row, struct view sample,
                          size_t packed, uint16_t flags, int32_t packed_error,
                          int32_t unpacked_error, int32_t crc_error)
{
    append_number(out, flags, 2);
    append_number(out, row->method, 2);
    append_number(out, 0, 4);
    uint32_t crc = (uint32_t)crc32(0, sample.data, (uInt)sample.size);
    append_number(out, crc + (uint32_t)crc_error, 4);
    append_number(out, packed + (uint64_t)packed_error, 4);
    append_number(out, sample.size + (uint64_t)unpacked_error, 4);
    append_number(out, 1, 2);
}

/* A member "a", and behind it a stored one, "b". */
static struct buffer make_zip(const struct row *row, struct view sample,
                              const struct buffer *packed, const struct claims *claims)
{
    struct buffer zip = {0};
    append(&zip, "PK\3\4\x14\0", 6);
    append_fields(&zip, row, sample, packed->size, row->flags ^ claims->local.flip,
                  claims->local.packed, claims->local.unpacked, claims->local.crc);
    append(&zip, "\0\0a", 3);
    append(&zip, packed->data, packed->size);
    append(&zip, "PK\3\4\x14\0\0\0\0\0\0\0\0\0\xe4\x3b\x19\xad\6\0\0\0\6\0\0\0\1\0\0\0bbehind", 37);
    if (claims->no_central)
        return zip;
    size_t directory = zip.size;
    append(&zip, "PK\1\2\x14\0\x14\0", 8);
    append_fields(&zip, row, sample, packed->size, row->flags ^ claims->central.flip,
                  claims->central.packed, claims->central.unpacked, claims->central.crc);
    append_number(&zip, 0, 8);
    append_number(&zip, 0, 8);
    append(&zip, "a", 1);
    size_t size = zip.size - directory;
    append(&zip, "PK\5\6\0\0\0\0\1\0\1\0", 12);
    append_number(&zip, size, 4);
    append_number(&zip, directory, 4);
    append_number(&zip, 0, 2);
    return zip;
}

/* Reads such an archive: the sample and what is behind it are found, whatever else. */
static struct pulled pull_zip(const struct row *row, struct view sample,
                              const struct buffer *packed, const struct claims *claims)
{
    struct buffer zip = make_zip(row, sample, packed, claims);
    struct pulled pulled = pull("zip", buffer_view(&zip));
    ck_assert_int_eq(pulled.opened, ASSAY_OK);
    ck_assert_msg(memmem(pulled.bytes.data, pulled.bytes.size, sample.data, sample.size),
                  "%s: %zu bytes, %s", row->name, pulled.bytes.size, pulled.error);
    ck_assert_msg(memmem(pulled.bytes.data, pulled.bytes.size, "behind", 6), "%s", row->name);
    buffer_release(&zip);
    return pulled;
}

static void read_true(const struct row *row, struct view sample, struct buffer *packed)
{
    static const struct claims no_lies;
    struct pulled pulled = pull_zip(row, sample, packed, &no_lies);
    ck_assert_msg(pulled.last_read == ASSAY_END, "%s: %s", row->name, pulled.error);
    ck_assert_uint_eq(pulled.bytes.size, sample.size + 6);
    ck_assert_str_eq((char *)pulled.names.data, "a\nb\n");
    ck_assert_uint_eq(pulled.notes, 0);
    pulled_release(&pulled);
}

START_TEST(members_are_read)
{
    for_each_row(70000, read_true);
}
END_TEST

static void read_lies(const struct row *row, struct view sample, struct buffer *packed)
{
    static const struct claims lies[] = {
        {.local = {.unpacked = -50}},
        {.central = {.unpacked = -50}},
        {.local = {.unpacked = 50}},
        {.local = {.packed = 50}},
        {.local = {.packed = -50}},
        {.central = {.packed = -50}},
        {.local = {.packed = 1000000, .unpacked = 1000000}},
        {.local = {.packed = -50, .unpacked = -50, .crc = 1}},
        {.central = {.packed = -50, .unpacked = -50, .crc = 1}},
        {.local = {.flip = 2}},
        {.local = {.flip = 6}},
        {.central = {.flip = 4}},
    };
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        struct pulled pulled = pull_zip(row, sample, packed, &lies[i]);
        bool ignored = row->method != 6 && (lies[i].local.flip || lies[i].central.flip);
        ck_assert_msg(pulled.notes > 0 || ignored, "%s: lie %zu", row->name, i);
        pulled_release(&pulled);
    }
}

START_TEST(headers_that_lie_hide_nothing)
{
    for_each_row(500, read_lies);
}
END_TEST

static void read_wrong(const struct row *row, struct view sample, struct buffer *packed)
{
    const struct claims wrong_crc = {.local = {.crc = 1}, .central = {.crc = 1}};
    struct pulled pulled = pull_zip(row, sample, packed, &wrong_crc);
    ck_assert_msg(pulled.last_read == ASSAY_ERR_CORRUPT, "%s: %s", row->name, pulled.error);
    pulled_release(&pulled);
    const struct claims nothing = {
        .no_central = true,
        .local = {.packed = -(int32_t)packed->size, .unpacked = -(int32_t)sample.size}};
    pulled = pull_zip(row, sample, packed, &nothing);
    pulled_release(&pulled);
    packed->size -= 20;
    const struct claims cut = {.no_central = false};
    struct buffer zip = make_zip(row, sample, packed, &cut);
    pulled = pull("zip", buffer_view(&zip));
    ck_assert_msg(pulled.last_read == ASSAY_ERR_TRUNCATED || row->has_end, "%s: %s", row->name,
                  pulled.error);
    ck_assert_int_lt(pulled.last_read, 0);
    ck_assert(memmem(pulled.bytes.data, pulled.bytes.size, "behind", 6));
    pulled_release(&pulled);
    buffer_release(&zip);
}

START_TEST(damage_is_said_and_hides_no_other_member)
{
    for_each_row(500, read_wrong);
}
END_TEST

UNIT_MAIN("zip_methods", whole_streams_are_decoded_in_steps_of_any_size,
          a_cut_anywhere_keeps_what_is_before_it, a_change_anywhere_is_survived,
          without_memory_nothing_is_decoded, bad_streams_end_where_they_are_bad, members_are_read,
          headers_that_lie_hide_nothing, damage_is_said_and_hides_no_other_member)
