/* ar archives: those of ar and dpkg-deb, the forms of long names, and damage. */
#include "pull.h"
#include "tool.h"

#define PAYLOAD "payload of the first file\n" /* of an even size */
#define ODD     "odd"

static void append(struct buffer *out, const char *text)
{
    ck_assert_int_eq(buffer_append_text(out, text), ASSAY_OK);
}

/* A header that says so; `size` is text, that it may lie. */
static void append_header(struct buffer *out, const char *name, const char *size)
{
    ck_assert_int_eq(buffer_append_format(out, "%-16s%-12d%-6d%-6d%-8s%-10s`\n", name, 1700000000,
                                          0, 0, "100644", size),
                     ASSAY_OK);
}

static void append_member(struct buffer *out, const char *name, const char *text)
{
    char size[24];
    snprintf(size, sizeof(size), "%zu", strlen(text));
    append_header(out, name, size);
    append(out, text);
    if (strlen(text) % 2)
        append(out, "\n");
}

static struct buffer begin(void)
{
    struct buffer out = {0};
    append(&out, "!<arch>\n");
    return out;
}

/* Reads it, expects this, and lets it go. */
static void expect(struct buffer *packed, const char *names, const char *bytes, status note)
{
    ck_assert_uint_eq(pull_row("ar")->identify(buffer_view(packed)), 64);
    struct pulled pulled = pull("ar", buffer_view(packed));
    pulled_expect(&pulled, names, bytes, note);
    buffer_release(packed);
}

START_TEST(members_are_given)
{
    struct buffer packed = begin();
    append_member(&packed, "first.txt/", ODD);
    append_member(&packed, "two words  ", PAYLOAD);
    append_member(&packed, "empty/", "");
    append_member(&packed, "last", ODD);
    expect(&packed, "first.txt\ntwo words\nlast\n", ODD PAYLOAD ODD, 0);
    packed = begin();
    expect(&packed, "", "", 0);
}
END_TEST

START_TEST(long_names_stand_in_a_table)
{
    struct buffer packed = begin();
    append_member(&packed, "/", "symbols!");
    append_member(&packed, "//", "a rather long name.txt/\nanother long name.txt/\n");
    append_member(&packed, "/24", ODD);
    append_member(&packed, "/0", ODD);
    append_member(&packed, "/99", ODD);
    append_member(&packed, "/SYM64/", ODD);
    expect(&packed, "/\n//\nanother long name.txt\na rather long name.txt\n/99\n/SYM64/\n",
           "symbols!a rather long name.txt/\nanother long name.txt/\n" ODD ODD ODD ODD, 0);
}
END_TEST

START_TEST(long_names_of_bsd_stand_in_front)
{
    struct buffer packed = begin();
    append_member(&packed, "#1/20", "a name of 17 char\0\0\0");
    packed.size -= 1; /* the padding: text ends at a NUL */
    ck_assert_int_eq(buffer_append(&packed, "\0\0\0" PAYLOAD, 3 + strlen(PAYLOAD)), ASSAY_OK);
    memcpy(packed.data + 8 + 48, "46", 2);
    append_member(&packed, "#1/9999", PAYLOAD);
    expect(&packed, "a name of 17 char\n#1/9999\n", PAYLOAD PAYLOAD, ASSAY_ERR_CORRUPT);

    /* What is hidden behind the end of the name. */
    packed = begin();
    append_member(&packed, "#1/12", "n!evil bytes" PAYLOAD);
    packed.data[8 + 60 + 1] = 0;
    struct pulled pulled = pull("ar", buffer_view(&packed));
    ck_assert_str_eq((char *)pulled.names.data, "n\n<residue@69>\n");
    ck_assert_uint_eq(pulled.bytes.size, strlen(PAYLOAD) + 11);
    pulled_release(&pulled);
    buffer_release(&packed);
}
END_TEST

START_TEST(padding_may_be_missing_or_odd)
{
    struct buffer packed = begin();
    append_header(&packed, "a/", "3");
    append(&packed, ODD);
    append_header(&packed, "b/", "3");
    append(&packed, ODD "x");
    append_header(&packed, "c/", "3");
    append(&packed, ODD);
    expect(&packed, "a\nb\nc\n", ODD ODD ODD, 0);
}
END_TEST

START_TEST(sizes_lie)
{
    static const struct {
        const char *size;
        status note;
    } lies[] = {
        {"9999999999", ASSAY_ERR_TRUNCATED}, {"500", ASSAY_ERR_TRUNCATED},
        {"-1", ASSAY_ERR_CORRUPT},           {"", ASSAY_ERR_CORRUPT},
        {"0x10", ASSAY_ERR_CORRUPT},
    };
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        struct buffer packed = begin();
        append_header(&packed, "a/", lies[i].size);
        append(&packed, PAYLOAD);
        append_member(&packed, "b/", ODD);
        expect(&packed, "a\nb\n", PAYLOAD ODD "", lies[i].note);
    }
}
END_TEST

START_TEST(an_archive_in_a_cut_archive_stays_whole)
{
    struct buffer inner = begin(), packed = begin();
    append_member(&inner, "inner/", PAYLOAD);
    append_header(&packed, "a.a/", "500");
    ck_assert_int_eq(buffer_append(&packed, inner.data, inner.size), ASSAY_OK);
    ck_assert_int_eq(buffer_terminate(&inner), ASSAY_OK);
    expect(&packed, "a.a\n", (char *)inner.data, ASSAY_ERR_TRUNCATED);
    buffer_release(&inner);
}
END_TEST

START_TEST(a_damaged_header_is_stepped_over)
{
    struct buffer packed = begin();
    append_member(&packed, "a/", PAYLOAD);
    append(&packed, "what is this?");
    append_member(&packed, "b/", PAYLOAD);
    expect(&packed, "a\n<residue@94>\nb\n", PAYLOAD "what is this?" PAYLOAD, ASSAY_ERR_CORRUPT);

    packed = begin(); /* half of a header is enough where one is expected */
    append_member(&packed, "a/", PAYLOAD);
    append_member(&packed, "b/", PAYLOAD);
    packed.data[8 + 58] = '?';
    packed.data[94 + 20] = '?';
    expect(&packed, "a\nb\n", PAYLOAD PAYLOAD, ASSAY_ERR_CORRUPT);
}
END_TEST

START_TEST(archives_are_joined)
{
    struct buffer packed = begin();
    append_member(&packed, "a/", ODD);
    append(&packed, "!<arch>\n");
    append_member(&packed, "b/", ODD);
    expect(&packed, "a\nb\n", ODD ODD, 0);
}
END_TEST

START_TEST(the_end_is_cut)
{
    struct buffer packed = begin();
    append_member(&packed, "a/", PAYLOAD);
    append(&packed, "next/           0   ");
    expect(&packed, "a\n<residue@94>\n", PAYLOAD "next/           0   ", ASSAY_ERR_TRUNCATED);

    packed = begin();
    append_member(&packed, "a/", PAYLOAD);
    memset((char *)packed.data + packed.size, 0, packed.capacity - packed.size);
    packed.size = packed.capacity; /* filled up with zeros, as on a tape */
    expect(&packed, "a\n", PAYLOAD, 0);
}
END_TEST

START_TEST(in_the_middle_of_other_data_it_ends_where_no_header_is)
{
    struct buffer packed = begin();
    append_member(&packed, "a/", PAYLOAD);
    ck_assert(pull_row("ar")->is_genuine(buffer_view(&packed)));
    size_t end = packed.size;
    append(&packed, "something else that is longer than a header, which has sixty bytes");
    struct pulled pulled = pull_embedded("ar", buffer_view(&packed));
    ck_assert_uint_eq(pulled.covered, end);
    pulled_expect(&pulled, "a\n", PAYLOAD, 0);
    packed.data[8 + 50] = 'x';
    ck_assert(!pull_row("ar")->is_genuine(buffer_view(&packed)));
    buffer_release(&packed);
}
END_TEST

START_TEST(nothing_crashes)
{
    struct buffer packed = begin();
    append_member(&packed, "//", "a rather long name.txt/\n");
    append_member(&packed, "/0", PAYLOAD);
    append_member(&packed, "#1/4", "name" ODD);
    append_member(&packed, "b/", ODD);
    pull_damaged(pull_row("ar"), buffer_view(&packed));
    buffer_release(&packed);
}
END_TEST

/* Each byte is looked at a few times, however the archive is made. */
START_TEST(very_many_members_are_read_quickly)
{
    struct buffer packed = begin();
    append_member(&packed, "//", "a long name without an end, which all members have");
    for (int i = 0; i < 100000; i++)
        append_header(&packed, i % 2 ? "/0" : "?", i % 2 ? "0" : "?");
    struct pulled pulled = pull("ar", buffer_view(&packed));
    ck_assert_int_eq(pulled.ended, ASSAY_END);
    pulled_release(&pulled);
    packed.size = 100000; /* a sanitizer looks at all of it for each search */
    memset(packed.data + 8, '`', packed.size - 8);
    for (size_t i = 9; i < packed.size; i += 2)
        packed.data[i] = '\n';
    pulled = pull("ar", buffer_view(&packed));
    ck_assert_int_eq(pulled.ended, ASSAY_END);
    pulled_release(&pulled);
    buffer_release(&packed);
}
END_TEST

START_TEST(what_ar_and_dpkg_write_is_read)
{
    char directory[32];
    tool_enter(directory);
    tool_write("a name longer than 16 bytes.txt", (struct view){(const uint8_t *)PAYLOAD, 26}, 0);
    tool_write("b", (struct view){(const uint8_t *)ODD, 3}, 0);
    TOOL_RUN("ar", "qc", "x.a", "b", "a name longer than 16 bytes.txt", "b");
    struct buffer packed = tool_read("x.a");
    expect(&packed, "//\nb\na name longer than 16 bytes.txt\nb\n",
           "a name longer than 16 bytes.txt/\n\n" ODD PAYLOAD ODD, 0);

    TOOL_RUN("mkdir", "-p", "p/DEBIAN");
    static const char control[] = "Package: x\nVersion: 1\nArchitecture: all\nMaintainer: x <x@x>\n"
                                  "Description: x\n";
    tool_write("p/DEBIAN/control", (struct view){(const uint8_t *)control, strlen(control)}, 0);
    TOOL_RUN("sh", "-c", "dpkg-deb -b p x.deb >/dev/null");
    packed = tool_read("x.deb");
    struct pulled pulled = pull("ar", buffer_view(&packed));
    ck_assert_str_eq((char *)pulled.names.data, "debian-binary\ncontrol.tar.xz\ndata.tar.xz\n");
    ck_assert_uint_eq(pulled.notes, 0);
    pulled_release(&pulled);
    buffer_release(&packed);
    tool_leave(directory);
}
END_TEST

UNIT_MAIN("ar", members_are_given, long_names_stand_in_a_table, long_names_of_bsd_stand_in_front,
          padding_may_be_missing_or_odd, sizes_lie, an_archive_in_a_cut_archive_stays_whole,
          a_damaged_header_is_stepped_over, archives_are_joined, the_end_is_cut,
          in_the_middle_of_other_data_it_ends_where_no_header_is, nothing_crashes,
          very_many_members_are_read_quickly, what_ar_and_dpkg_write_is_read)
