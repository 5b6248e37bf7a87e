/* cpio archives in all forms: by hand, by cpio, and damaged. */
#include "pull.h"
#include "tool.h"

#define PAYLOAD "payload of the first file\n"
#define ODD     "odd"

enum { NEWC, SUMS, ODC, LITTLE, BIG, FORMS };

static void append(struct buffer *out, const void *bytes, size_t size)
{
    ck_assert_int_eq(buffer_append(out, bytes, size), ASSAY_OK);
}

static void append_text(struct buffer *out, const char *text)
{
    append(out, text, strlen(text));
}

static void pad(struct buffer *out, size_t alignment)
{
    while (out->size % alignment)
        append(out, "", 1);
}

static void append_words(struct buffer *out, const unsigned words[13], bool big_endian)
{
    for (int i = 0; i < 13; i++) {
        uint8_t low = (uint8_t)words[i], high = (uint8_t)(words[i] >> 8);
        uint8_t bytes[] = {big_endian ? high : low, big_endian ? low : high};
        append(out, bytes, 2);
    }
}

/* A header with a name of `name_size` bytes, the NUL included. */
static void append_header(struct buffer *out, int form, unsigned mode, const char *name,
                          unsigned name_size, unsigned size, unsigned sum)
{
    static const size_t alignments[FORMS] = {4, 4, 1, 2, 2};
    unsigned words[13] = {070707, 1, 2, mode, 0, 0, 1, 0, 0, 0, name_size, size >> 16, size};
    if (form == NEWC || form == SUMS)
        ck_assert_int_eq(buffer_append_format(out,
                                              "07070%d%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x"
                                              "%08x%08X%08x",
                                              form == NEWC ? 1 : 2, 1, mode, 0, 0, 1, 1700000000,
                                              size, 8, 1, 0, 0, name_size, sum),
                         ASSAY_OK);
    else if (form == ODC)
        ck_assert_int_eq(buffer_append_format(out,
                                              "070707%06o%06o%06o%06o%06o%06o%06o%011o%06o%011o", 1,
                                              2, mode, 0, 0, 1, 0, 1700000000, name_size, size),
                         ASSAY_OK);
    else
        append_words(out, words, form == BIG);
    append(out, name, name_size);
    pad(out, alignments[form]);
}

static void append_member(struct buffer *out, int form, const char *name, const char *text)
{
    unsigned sum = 0;
    for (const char *c = text; *c; c++)
        sum += (uint8_t)*c;
    append_header(out, form, 0100644, name, (unsigned)strlen(name) + 1, (unsigned)strlen(text),
                  sum);
    append_text(out, text);
    pad(out, form < ODC ? 4 : form == ODC ? 1 : 2);
}

static void append_trailer(struct buffer *out, int form)
{
    append_header(out, form, 0, "TRAILER!!!", 11, 0, 0);
}

static void expect(const struct buffer *packed, const char *names, const char *bytes, status note)
{
    ck_assert_uint_eq(pull_row("cpio")->identify(buffer_view(packed)), 48);
    struct pulled pulled = pull("cpio", buffer_view(packed));
    ck_assert_int_eq(pulled.last_read, ASSAY_END);
    pulled_expect(&pulled, names, bytes, note);
}

START_TEST(members_are_given)
{
    for (int form = 0; form < FORMS; form++) {
        struct buffer packed = {0};
        append_header(&packed, form, 040755, "folder", 7, 0, 0);
        append_member(&packed, form, "a", ODD);
        append_member(&packed, form, "empty", "");
        append_header(&packed, form, 0120777, "link", 5, 3, 0);
        append_text(&packed, "abc");
        pad(&packed, form < ODC ? 4 : form == ODC ? 1 : 2);
        append_member(&packed, form, "bb", PAYLOAD);
        append_trailer(&packed, form);
        expect(&packed, "a\nlink\nbb\n", ODD "abc" PAYLOAD, 0);
        ck_assert(pull_row("cpio")->is_genuine(buffer_view(&packed)) == (form < LITTLE));
        buffer_release(&packed);
    }
}
END_TEST

START_TEST(archives_are_joined)
{
    struct buffer second = {0};
    append_member(&second, NEWC, "b", PAYLOAD);
    append_trailer(&second, NEWC);
    for (int form = 0; form < FORMS; form++) {
        struct buffer packed = {0};
        append_member(&packed, form, "a", ODD);
        append_trailer(&packed, form);
        append(&packed, "\0\0\0\0\0\0\0\0", 8);
        append(&packed, second.data, second.size);
        append(&packed, "\0\0\0\0\0\0\0\0", 8);
        expect(&packed, "a\nb\n", ODD PAYLOAD, 0);

        /* What follows may hold headers as they are, and must not be cut there. */
        char name[64];
        snprintf(name, sizeof(name), "a\nb\n<residue@%zu>\n", packed.size);
        struct buffer other = {0};
        append_text(&other, "something else");
        append_member(&other, NEWC, "c", ODD);
        append(&packed, other.data, other.size);
        struct pulled pulled = pull("cpio", buffer_view(&packed));
        ck_assert_str_eq((char *)pulled.names.data, name);
        ck_assert_uint_eq(pulled.bytes.size, strlen(ODD PAYLOAD) + other.size);
        ck_assert_uint_eq(pulled.notes, 0);
        pulled_release(&pulled);
        buffer_release(&other);
        buffer_release(&packed);
    }
    buffer_release(&second);
}
END_TEST

START_TEST(sizes_lie)
{
    for (int form = 0; form < FORMS; form++) {
        struct buffer packed = {0};
        append_header(&packed, form, 0100644, "a", 2, 0x7fffffff, 0);
        append_text(&packed, PAYLOAD "ab");
        append_member(&packed, form, "b", ODD);
        append_trailer(&packed, form);
        expect(&packed, "a\nb\n", PAYLOAD "ab" ODD, ASSAY_ERR_TRUNCATED);

        /* A folder that has a size, but no bytes. */
        packed.size = 0;
        append_header(&packed, form, 040755, "f", 2, 4096, 0);
        append_member(&packed, form, "b", ODD);
        append_trailer(&packed, form);
        expect(&packed, "b\n", ODD, 0);
        buffer_release(&packed);
    }
}
END_TEST

START_TEST(an_archive_in_a_cut_archive_stays_whole)
{
    struct buffer packed = {0};
    append_header(&packed, NEWC, 0100644, "a.cpio", 7, 10000, 0);
    size_t begin = packed.size;
    append_member(&packed, ODC, "inner", PAYLOAD);
    struct pulled pulled = pull("cpio", buffer_view(&packed));
    ck_assert_str_eq((char *)pulled.names.data, "a.cpio\n");
    ck_assert_uint_eq(pulled.bytes.size, packed.size - begin);
    ck_assert_int_eq(pulled.last_note, ASSAY_ERR_TRUNCATED);
    pulled_release(&pulled);
    buffer_release(&packed);
}
END_TEST

START_TEST(names_lie)
{
    struct buffer packed = {0};
    append_header(&packed, NEWC, 0100644, "a\0hidden payload", 17, 3, 0);
    append_text(&packed, ODD "!");
    append_trailer(&packed, NEWC);
    struct pulled pulled = pull("cpio", buffer_view(&packed));
    ck_assert_str_eq((char *)pulled.names.data, "a\n<residue@111>\n");
    ck_assert_uint_eq(pulled.notes, 0);
    pulled_release(&pulled);

    packed.size = 0;
    append_header(&packed, NEWC, 0100644, "a", 2, 3, 0);
    memcpy(packed.data + 94, "ffffffff", 8);
    append_member(&packed, NEWC, "b", ODD);
    append_trailer(&packed, NEWC);
    expect(&packed, "b\n", ODD, ASSAY_ERR_TRUNCATED);
    buffer_release(&packed);
}
END_TEST

START_TEST(a_damaged_header_is_stepped_over)
{
    for (int form = 0; form < FORMS; form++) {
        struct buffer packed = {0};
        append_member(&packed, form, "a", PAYLOAD);
        size_t damaged = packed.size;
        append_member(&packed, form, "b", PAYLOAD);
        append_member(&packed, form, "c", ODD);
        append_trailer(&packed, form);
        packed.data[damaged] = '?';
        char names[64];
        snprintf(names, sizeof(names), "a\n<residue@%zu>\nc\n", damaged);
        struct pulled pulled = pull("cpio", buffer_view(&packed));
        ck_assert_str_eq((char *)pulled.names.data, names);
        ck_assert_uint_eq(pulled.notes, 1);
        ck_assert_int_eq(pulled.last_note, ASSAY_ERR_CORRUPT);
        pulled_release(&pulled);
        buffer_release(&packed);
    }
}
END_TEST

START_TEST(a_wrong_sum_is_an_error_after_the_bytes)
{
    struct buffer packed = {0};
    append_header(&packed, SUMS, 0100644, "a", 2, 4, 1);
    append_text(&packed, "abcd");
    append_member(&packed, SUMS, "b", ODD);
    append_trailer(&packed, SUMS);
    struct pulled pulled = pull("cpio", buffer_view(&packed));
    ck_assert_int_eq(pulled.last_read, ASSAY_ERR_CORRUPT);
    ck_assert_str_eq(pulled.error, "wrong cpio check sum");
    pulled_expect(&pulled, "a\nb\n", "abcd" ODD, 0);
    buffer_release(&packed);
}
END_TEST

/* rpm's form for files of more than 4 GiB. */
START_TEST(stripped_headers_are_said)
{
    struct buffer packed = {0};
    append(&packed, "07070X00000000\0\0", 16);
    append_text(&packed, "abcd");
    append(&packed, "07070X0000000a\0\0", 16);
    append_text(&packed, "efgh");
    append_trailer(&packed, NEWC);
    expect(&packed, "00000000\n0000000a\n", "abcdefgh", ASSAY_ERR_UNSUPPORTED);
    buffer_release(&packed);
}
END_TEST

START_TEST(the_end_is_cut)
{
    for (int form = 0; form < FORMS; form++) {
        struct buffer packed = {0};
        append_member(&packed, form, "a", ODD);
        size_t end = packed.size;
        append_member(&packed, form, "b", PAYLOAD);
        append_trailer(&packed, form);
        for (size_t size = end; size + 4 < packed.size; size++) {
            struct pulled pulled = pull("cpio", view_sub(buffer_view(&packed), 0, size));
            ck_assert_uint_ge(pulled.notes, 1);
            ck_assert_int_eq(pulled.last_note, ASSAY_ERR_TRUNCATED);
            ck_assert_mem_eq(pulled.bytes.data, ODD, strlen(ODD));
            pulled_release(&pulled);
        }
        buffer_release(&packed);
    }
}
END_TEST

START_TEST(in_the_middle_of_other_data_it_ends_behind_the_trailer)
{
    struct buffer packed = {0};
    append_member(&packed, NEWC, "a", ODD);
    append_trailer(&packed, NEWC);
    append(&packed, "\0\0\0\0", 4);
    append_member(&packed, NEWC, "b", ODD);
    size_t damaged = packed.size;
    append_trailer(&packed, NEWC);
    size_t end = packed.size;
    append(&packed, "\0\0\0\0something else", 18);
    struct pulled pulled = pull_embedded("cpio", buffer_view(&packed));
    ck_assert_uint_eq(pulled.covered, end);
    pulled_expect(&pulled, "a\nb\n", ODD ODD, 0);
    packed.data[damaged] = '?';
    pulled = pull_embedded("cpio", buffer_view(&packed));
    ck_assert_uint_eq(pulled.covered, damaged);
    pulled_expect(&pulled, "a\nb\n", ODD ODD, ASSAY_ERR_TRUNCATED);
    buffer_release(&packed);
}
END_TEST

START_TEST(nothing_crashes)
{
    for (int form = 0; form < FORMS; form++) {
        struct buffer packed = {0};
        append_member(&packed, form, "a", ODD);
        append_member(&packed, form, "b", PAYLOAD);
        append_trailer(&packed, form);
        append_text(&packed, "behind");
        pull_damaged(pull_row("cpio"), buffer_view(&packed));
        buffer_release(&packed);
    }
}
END_TEST

START_TEST(very_many_members_are_read_quickly)
{
    struct buffer packed = {0};
    for (int i = 0; i < 100000; i++)
        append_member(&packed, ODC, "a", "");
    struct pulled pulled = pull("cpio", buffer_view(&packed));
    pulled_expect(&pulled, "", "", ASSAY_ERR_TRUNCATED);
    for (size_t i = 78; i + 6 <= packed.size; i += 6)
        memcpy(packed.data + i, "070701", 6); /* nothing but magics */
    pulled = pull("cpio", buffer_view(&packed));
    ck_assert_int_eq(pulled.ended, ASSAY_END);
    pulled_release(&pulled);
    buffer_release(&packed);
}
END_TEST

START_TEST(what_cpio_writes_is_read)
{
    static const char *const forms[] = {"newc", "crc", "odc", "bin", "hpodc", "hpbin"};
    char directory[32], command[100];
    tool_enter(directory);
    tool_write("a", (struct view){(const uint8_t *)PAYLOAD, strlen(PAYLOAD)}, 0);
    TOOL_RUN("sh", "-c", "mkdir f; printf odd >f/b; ln -s target l");
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        snprintf(command, sizeof(command),
                 "printf '%%s\\n' a f f/b l | cpio -o -H %s --quiet >x.cpio", forms[i]);
        TOOL_RUN("sh", "-c", command);
        struct buffer packed = tool_read("x.cpio");
        expect(&packed, "a\nf/b\nl\n", PAYLOAD ODD "target", 0);
        buffer_release(&packed);
    }
    tool_leave(directory);
}
END_TEST

UNIT_MAIN("cpio", members_are_given, archives_are_joined, sizes_lie,
          an_archive_in_a_cut_archive_stays_whole, names_lie, a_damaged_header_is_stepped_over,
          a_wrong_sum_is_an_error_after_the_bytes, stripped_headers_are_said, the_end_is_cut,
          in_the_middle_of_other_data_it_ends_behind_the_trailer, nothing_crashes,
          very_many_members_are_read_quickly, what_cpio_writes_is_read)
