/* tar in all dialects, by real programs and by hand; damaged in every place. */
#include "pull.h"
#include "tool.h"

enum { BLOCK = 512 };

/* What a header built here may differ in. */
struct header {
    const char *name;
    char type;
    const char *size_field; /* 12 bytes; NULL for the true size in octal */
    const char *magic;      /* 8 bytes; NULL for v7 */
    bool signed_sum;
    int sum_error;
};

static struct view text(const char *bytes)
{
    return (struct view){(const uint8_t *)bytes, strlen(bytes)};
}

static void append(struct buffer *out, const void *bytes, size_t size)
{
    ck_assert_int_eq(buffer_append(out, bytes, size), ASSAY_OK);
}

static void put_zeros(struct buffer *out, size_t size)
{
    static const uint8_t zeros[2 * BLOCK];
    append(out, zeros, size);
}

static void put_member(struct buffer *out, struct header header, struct view data)
{
    uint8_t block[BLOCK] = {0};
    memcpy(block, header.name, strlen(header.name));
    for (size_t field = 100; field < 124; field += 8)
        memcpy(block + field, "0000644", 8);
    snprintf((char *)block + 124, 12, "%011llo", (unsigned long long)data.size);
    if (header.size_field)
        memcpy(block + 124, header.size_field, 12);
    memcpy(block + 136, "00000000000", 12);
    memset(block + 148, ' ', 8);
    block[156] = (uint8_t)header.type;
    if (header.magic)
        memcpy(block + 257, header.magic, 8);
    int sum = header.sum_error;
    for (size_t i = 0; i < BLOCK; i++)
        sum += header.signed_sum ? (int8_t)block[i] : block[i];
    snprintf((char *)block + 148, 8, "%06o", (unsigned)sum);
    append(out, block, BLOCK);
    append(out, data.data, data.size);
    put_zeros(out, (BLOCK - data.size % BLOCK) % BLOCK);
}

#define USTAR "ustar\00000"
#define GNU   "ustar  "

static void put_end(struct buffer *out)
{
    put_zeros(out, 2 * BLOCK);
}

static struct header file(const char *name)
{
    return (struct header){.name = name, .type = '0', .magic = USTAR};
}

static bool contains(const struct buffer *bytes, const char *wanted)
{
    return memmem(bytes->data, bytes->size, wanted, strlen(wanted));
}

/* Reads it, and wants exactly these names, and this note or none. */
static struct pulled expect_names(const struct buffer *archive, const char *names, status last_note)
{
    struct pulled pulled = pull("tar", buffer_view(archive));
    ck_assert_int_eq(pulled.ended, ASSAY_END);
    ck_assert_str_eq((char *)pulled.names.data, names);
    ck_assert_int_eq(pulled.last_note, last_note);
    ck_assert_uint_eq(pulled.notes, last_note ? 1 : 0);
    return pulled;
}

/* Exactly these bytes as well. */
static void expect(const struct buffer *archive, const char *names, const char *bytes,
                   status last_note)
{
    struct pulled pulled = expect_names(archive, names, last_note);
    ck_assert_msg(pulled_is(&pulled, text(bytes)), "%.*s", (int)pulled.bytes.size,
                  (char *)pulled.bytes.data);
    pulled_release(&pulled);
}

START_TEST(all_dialects_of_a_real_tar_are_read)
{
    static const struct {
        const char *format;
        size_t name_size;
    } rows[] = {{"v7", 99}, {"oldgnu", 300}, {"gnu", 300}, {"ustar", 200}, {"pax", 300}};
    char directory[32];
    tool_enter(directory);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char name[512] = "", wanted[600];
        for (size_t at = 0; at + 1 < rows[i].name_size; at++)
            name[at] = at % 50 == 49 ? '/' : (char)('a' + i);
        char option[32];
        snprintf(option, sizeof(option), "--format=%s", rows[i].format);
        char *slash = strrchr(name, '/');
        *slash = 0;
        TOOL_RUN("mkdir", "-p", name);
        *slash = '/';
        tool_write(name, text("deep payload"), 0);
        tool_write("flat", text("second"), 0);
        TOOL_RUN("tar", option, "-cf", "a.tar", name, "flat");
        struct buffer archive = tool_read("a.tar");
        ck_assert_uint_gt(pull_row("tar")->identify(buffer_view(&archive)), 17);
        snprintf(wanted, sizeof(wanted), "%s\nflat\n", name);
        expect(&archive, wanted, "deep payloadsecond", 0);
        buffer_release(&archive);
    }
    tool_leave(directory);
}
END_TEST

START_TEST(sparse_files_of_a_real_tar_are_read)
{
    static const char *const formats[][2] = {{"--format=gnu", "--sparse-version=0.0"},
                                             {"--format=pax", "--sparse-version=0.0"},
                                             {"--format=pax", "--sparse-version=0.1"},
                                             {"--format=pax", "--sparse-version=1.0"}};
    char directory[32];
    tool_enter(directory);
    /* Many parts, so that the map of the old format needs further blocks; then a hole of 2 GiB. */
    for (off_t i = 0; i < 40; i++)
        tool_write("holes", text("part"), i * 65536);
    tool_write("holes", text("end"), (off_t)2 << 30);
    tool_write("flat", text("second"), 0);
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        TOOL_RUN("tar", formats[i][0], formats[i][1], "--sparse", "-cf", "a.tar", "holes", "flat");
        struct buffer archive = tool_read("a.tar");
        ck_assert_uint_lt(archive.size, 1 << 20);
        struct pulled pulled = expect_names(&archive, "holes\nflat\n", 0);
        ck_assert(contains(&pulled.bytes, "endsecond"));
        ck_assert_mem_eq(pulled.bytes.data, "part", 4);
        pulled_release(&pulled);
        buffer_release(&archive);
    }
    tool_leave(directory);
}
END_TEST

START_TEST(a_header_is_known_by_its_sum_and_its_numbers)
{
    const struct unpacker *tar = pull_row("tar");
    struct buffer bytes = {0};
    put_zeros(&bytes, 2 * BLOCK);
    ck_assert_uint_eq(tar->identify(buffer_view(&bytes)), 0);
    for (size_t i = 0; i < bytes.size; i++)
        bytes.data[i] = (uint8_t)("0123 4567\n"[i % 10]);
    ck_assert_uint_eq(tar->identify(buffer_view(&bytes)), 0);

    bytes.size = 0;
    put_member(&bytes, (struct header){.name = "any\nname"}, text("x"));
    ck_assert_uint_gt(tar->identify(buffer_view(&bytes)), 0);
    bytes.data[136] = 'x'; /* the time: no number */
    bytes.data[148 + 4]++;
    ck_assert_uint_eq(tar->identify(buffer_view(&bytes)), 0);
    ck_assert_uint_eq(tar->identify(view_sub(buffer_view(&bytes), 0, BLOCK - 1)), 0);
    buffer_release(&bytes);
}
END_TEST

START_TEST(sums_of_signed_bytes_are_sums)
{
    struct buffer archive = {0};
    struct header header = file("\xe4\xf6\xfc");
    put_member(&archive, header, text("unsigned"));
    header.signed_sum = true;
    put_member(&archive, header, text("signed"));
    header.magic = NULL;
    put_member(&archive, header, text("v7"));
    put_end(&archive);
    expect(&archive, "\xe4\xf6\xfc\n\xe4\xf6\xfc\n\xe4\xf6\xfc\n", "unsignedsignedv7", 0);
    buffer_release(&archive);
}
END_TEST

START_TEST(sizes_may_be_binary)
{
    struct buffer archive = {0};
    struct header header = file("a");
    header.magic = GNU;
    header.size_field = "\x80\0\0\0\0\0\0\0\0\0\0\3";
    put_member(&archive, header, text("abc"));
    put_member(&archive, file("b"), text("next"));
    put_end(&archive);
    expect(&archive, "a\nb\n", "abcnext", 0);
    buffer_release(&archive);
}
END_TEST

START_TEST(an_impossible_size_costs_its_member_only)
{
    static const char *const sizes[] = {"\x80\0\0\0\x80\0\0\0\0\0\0\0", /* 2^63 */
                                        "\x80\0\0\1\0\0\0\0\0\0\0\0",   /* 2^64 */
                                        "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
                                        "77777777777"};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct buffer archive = {0};
        struct header header = file("a");
        header.size_field = sizes[i];
        put_member(&archive, header, text("abc"));
        put_member(&archive, file("b"), text("next"));
        struct pulled pulled = expect_names(&archive, "a\nb\n", ASSAY_ERR_TRUNCATED);
        ck_assert_uint_eq(pulled.bytes.size, BLOCK + 4);
        ck_assert_mem_eq(pulled.bytes.data + BLOCK, "next", 4);
        pulled_release(&pulled);
        buffer_release(&archive);
    }
}
END_TEST

START_TEST(bytes_behind_a_damaged_header_are_a_member)
{
    struct buffer archive = {0};
    struct header header = file("lost");
    header.sum_error = 1;
    put_member(&archive, file("a"), text("one"));
    put_member(&archive, header, text("two"));
    put_member(&archive, file("c"), text("three"));
    put_zeros(&archive, 2 * BLOCK);
    struct pulled pulled = expect_names(&archive, "a\n<residue@1536>\nc\n", ASSAY_ERR_CORRUPT);
    ck_assert_uint_eq(pulled.bytes.size, 3 + BLOCK + 5);
    ck_assert_mem_eq(pulled.bytes.data, "onetwo", 6);
    pulled_release(&pulled);
    buffer_release(&archive);
}
END_TEST

START_TEST(an_archive_with_a_damaged_front_is_still_one)
{
    struct buffer archive = {0};
    put_member(&archive, file("a"), text("one"));
    put_member(&archive, file("b"), text("two"));
    memset(archive.data, 0xee, BLOCK);
    put_end(&archive);
    ck_assert_uint_gt(pull_row("tar")->identify(buffer_view(&archive)), 0);
    struct pulled pulled = expect_names(&archive, "<residue@0>\nb\n", ASSAY_ERR_CORRUPT);
    ck_assert(contains(&pulled.bytes, "one") && contains(&pulled.bytes, "two"));
    pulled_release(&pulled);
    /* Nothing but damage is not given again as a member of itself. */
    memset(archive.data, 0xee, archive.size);
    expect(&archive, "", "", ASSAY_ERR_CORRUPT);
    buffer_release(&archive);
}
END_TEST

START_TEST(what_follows_the_end_is_read)
{
    struct buffer archive = {0};
    put_member(&archive, file("a"), text("one"));
    put_zeros(&archive, 2 * BLOCK);
    put_member(&archive, file("b"), text("two"));
    put_zeros(&archive, 2 * BLOCK);
    expect(&archive, "a\nb\n", "onetwo", 0);
    append(&archive, "behind", 6);
    expect(&archive, "a\nb\n<residue@4096>\n", "onetwobehind", ASSAY_ERR_CORRUPT);
    buffer_release(&archive);
}
END_TEST

START_TEST(bytes_of_links_and_padding_are_read)
{
    struct buffer archive = {0};
    struct header link = file("link");
    link.type = '2';
    put_member(&archive, link, text("in a link"));
    struct header hard = file("hard");
    hard.type = '1';
    hard.size_field = "00000001000"; /* as some programs do, with nothing behind it */
    put_member(&archive, hard, text(""));
    put_member(&archive, file("a"), text("one"));
    memcpy(archive.data + archive.size - 7, "padding", 7);
    put_end(&archive);
    struct pulled pulled = expect_names(&archive, "link\na\n<residue@2051>\n", 0);
    ck_assert_uint_eq(pulled.bytes.size, 9 + BLOCK);
    ck_assert_mem_eq(pulled.bytes.data, "in a linkone", 12);
    ck_assert(contains(&pulled.bytes, "padding"));
    pulled_release(&pulled);
    buffer_release(&archive);
}
END_TEST

START_TEST(extended_headers_change_the_next_member)
{
    struct buffer archive = {0};
    struct header pax = file("x");
    pax.type = 'x';
    put_member(&archive, pax, text("12 path=new\n9 size=3\n"));
    struct header header = file("old");
    header.size_field = "00000000777";
    put_member(&archive, header, text("one"));
    struct header longname = file("././@LongLink");
    longname.type = 'L';
    longname.magic = GNU;
    put_member(&archive, longname, (struct view){(const uint8_t *)"very/long\0", 10});
    put_member(&archive, file("short"), text("two"));
    put_member(&archive, file("plain"), text("three"));
    put_end(&archive);
    expect(&archive, "new\nvery/long\nplain\n", "onetwothree", 0);
    archive.size = 0;
    put_member(&archive, pax, text("99 path=new\n"));
    put_member(&archive, file("a"), text("one"));
    put_end(&archive);
    expect(&archive, "a\n", "one", ASSAY_ERR_CORRUPT);
    buffer_release(&archive);
}
END_TEST

START_TEST(a_member_that_is_announced_has_to_come)
{
    static const char types[] = "xLKg";
    for (size_t i = 0; types[i]; i++) {
        struct buffer archive = {0};
        struct header header = file("x");
        header.type = types[i];
        put_member(&archive, header, text("12 path=new\n"));
        put_end(&archive);
        expect(&archive, "", "", types[i] == 'g' ? 0 : ASSAY_ERR_TRUNCATED);
        archive.size -= 2 * (size_t)BLOCK;
        put_member(&archive, file("new"), text("one"));
        put_end(&archive);
        struct pulled pulled = pull("tar", buffer_view(&archive));
        ck_assert_uint_eq(pulled.notes, 0);
        pulled_release(&pulled);
        buffer_release(&archive);
    }
}
END_TEST

START_TEST(an_archive_without_a_mark_of_its_end_may_be_cut)
{
    struct buffer archive = {0};
    put_member(&archive, file("a"), text("one"));
    expect(&archive, "a\n", "one", ASSAY_ERR_TRUNCATED);
    put_zeros(&archive, BLOCK); /* some programs write one block only */
    expect(&archive, "a\n", "one", 0);
    put_member(&archive, file("b"), text("two"));
    expect(&archive, "a\nb\n", "onetwo", ASSAY_ERR_TRUNCATED);
    put_end(&archive);
    expect(&archive, "a\nb\n", "onetwo", 0);
    buffer_release(&archive);
}
END_TEST

static const char *const parts[] = {"first payload", "second payload", "third payload"};

static struct buffer small_archive(size_t ends[3])
{
    struct buffer archive = {0};
    for (size_t i = 0; i < 3; i++) {
        put_member(&archive, file("member"), text(parts[i]));
        ends[i] = archive.size - BLOCK + strlen(parts[i]);
    }
    put_zeros(&archive, 2 * BLOCK);
    return archive;
}

START_TEST(a_cut_anywhere_keeps_what_is_before_it)
{
    size_t ends[3];
    struct buffer archive = small_archive(ends);
    for (size_t size = 0; size <= archive.size; size++) {
        /* A copy of its own, so that a sanitizer sees a read past the end. */
        uint8_t *copy = malloc(size + !size);
        memcpy(copy, archive.data, size);
        struct pulled pulled = pull("tar", (struct view){copy, size});
        for (size_t i = 0; i < 3; i++)
            ck_assert(size < ends[i] || contains(&pulled.bytes, parts[i]));
        bool inside = size >= BLOCK && size < ends[0];
        ck_assert(!inside || pulled.last_note == ASSAY_ERR_TRUNCATED);
        pulled_release(&pulled);
        free(copy);
    }
    buffer_release(&archive);
}
END_TEST

START_TEST(damage_anywhere_hides_no_other_member)
{
    static const uint8_t flips[] = {0x01, 0x80, 0xff};
    size_t ends[3];
    struct buffer archive = small_archive(ends);
    for (size_t at = 0; at < archive.size * sizeof(flips); at++) {
        size_t place = at / sizeof(flips);
        archive.data[place] ^= flips[at % sizeof(flips)];
        struct pulled pulled = pull("tar", buffer_view(&archive));
        for (size_t i = 0; i < 3; i++) {
            bool hit = place >= ends[i] - strlen(parts[i]) && place < ends[i];
            ck_assert_msg(hit || contains(&pulled.bytes, parts[i]), "byte %zu", place);
        }
        pulled_release(&pulled);
        archive.data[place] ^= flips[at % sizeof(flips)];
    }
    buffer_release(&archive);
}
END_TEST

UNIT_MAIN("tar", all_dialects_of_a_real_tar_are_read, sparse_files_of_a_real_tar_are_read,
          a_header_is_known_by_its_sum_and_its_numbers, sums_of_signed_bytes_are_sums,
          sizes_may_be_binary, an_impossible_size_costs_its_member_only,
          bytes_behind_a_damaged_header_are_a_member, an_archive_with_a_damaged_front_is_still_one,
          what_follows_the_end_is_read, bytes_of_links_and_padding_are_read,
          extended_headers_change_the_next_member, a_member_that_is_announced_has_to_come,
          an_archive_without_a_mark_of_its_end_may_be_cut, a_cut_anywhere_keeps_what_is_before_it,
          damage_anywhere_hides_no_other_member)
