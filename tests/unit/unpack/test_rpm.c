/* rpm packages: by rpmbuild, by hand, and damaged. */
#include "pull.h"
#include "tool.h"

#define PAYLOAD "the payload: a cpio archive, packed"

static void append(struct buffer *out, const void *bytes, size_t size)
{
    ck_assert_int_eq(buffer_append(out, bytes, size), ASSAY_OK);
}

static void append_u32(struct buffer *out, uint32_t number)
{
    uint8_t bytes[] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8),
                       (uint8_t)number};
    append(out, bytes, sizeof(bytes));
}

struct entry {
    uint32_t tag, offset;
};

static void append_header(struct buffer *out, const struct entry *entries, uint32_t count,
                          const void *data, uint32_t size)
{
    append(out, "\x8e\xad\xe8\x01\0\0\0\0", 8);
    append_u32(out, count);
    append_u32(out, size);
    for (uint32_t i = 0; i < count; i++) {
        append_u32(out, entries[i].tag);
        append_u32(out, 6);
        append_u32(out, entries[i].offset);
        append_u32(out, 1);
    }
    append(out, data, size);
}

static void append_lead(struct buffer *out)
{
    static const uint8_t zeros[90];
    append(out, "\xed\xab\xee\xdb\3\0", 6);
    append(out, zeros, sizeof(zeros));
}

static const struct entry signatures[] = {{62, 0}, {1000, 4}};
static const struct entry names[] = {{63, 0}, {1124, 0}, {1125, 5}};
enum { SIGNATURES_SIZE = 16 + 2 * 16 + 11, HEADER_SIZE = 16 + 3 * 16 };

/* A package whose payload is packed with this; the signatures need 5 bytes of padding. `size` is
 * what they say of header and payload, 0 for the truth. */
static struct buffer make(bool has_lead, bool has_signatures, const char *compressor, uint32_t size)
{
    struct buffer out = {0}, data = {0}, sizes = {0};
    append(&data, "cpio", 5);
    append(&data, compressor, strlen(compressor) + 1);
    append_u32(&sizes, 0);
    append_u32(&sizes, size ? size : (uint32_t)(HEADER_SIZE + data.size + strlen(PAYLOAD)));
    append(&sizes, "sig", 3);
    if (has_lead)
        append_lead(&out);
    if (has_signatures) {
        append_header(&out, signatures, 2, sizes.data, (uint32_t)sizes.size);
        append(&out, "\0\0\0\0\0", 5);
    }
    append_header(&out, names, 3, data.data, (uint32_t)data.size);
    append(&out, PAYLOAD, strlen(PAYLOAD));
    buffer_release(&data);
    buffer_release(&sizes);
    return out;
}

static void expect(struct buffer *packed, const char *expected, status note)
{
    ck_assert_uint_ge(pull_row("rpm")->identify(buffer_view(packed)), 32);
    struct pulled pulled = pull("rpm", buffer_view(packed));
    ck_assert_int_eq(pulled.opened, ASSAY_OK);
    ck_assert_int_eq(pulled.ended, ASSAY_END);
    ck_assert_str_eq((char *)pulled.names.data, expected);
    ck_assert_uint_eq(pulled.notes, note ? 1 : 0);
    ck_assert_int_eq(pulled.last_note, note);
    pulled_release(&pulled);
    buffer_release(packed);
}

START_TEST(header_and_payload_are_given)
{
    for (int i = 0; i < 4; i++) {
        struct buffer packed = make(i & 1, i & 2, "zstd", 0);
        struct pulled pulled = pull("rpm", buffer_view(&packed));
        ck_assert_mem_eq(pulled.bytes.data + pulled.bytes.size - strlen(PAYLOAD), PAYLOAD,
                         strlen(PAYLOAD));
        ck_assert(pull_row("rpm")->is_genuine(buffer_view(&packed)) == (i & 1));
        pulled_release(&pulled);
        expect(&packed, i & 2 ? "<signatures>\n<header>\n<payload>\n" : "<header>\n<payload>\n", 0);
    }
}
END_TEST

START_TEST(what_the_payload_needs_is_said)
{
    static const struct {
        const char *compressor;
        status note;
    } kinds[] = {
        {"gzip", 0},
        {"bzip2", 0},
        {"xz", 0},
        {"lzma", 0},
        {"zstd", 0},
        {"zpaq", ASSAY_ERR_UNSUPPORTED},
        {"Evil\n", ASSAY_ERR_UNSUPPORTED},
        {"averyveryverylongname", ASSAY_ERR_UNSUPPORTED},
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct buffer packed = make(true, false, kinds[i].compressor, 0);
        expect(&packed, "<header>\n<payload>\n", kinds[i].note);
    }
    struct buffer packed = make(true, false, "xz", 0);
    packed.size -= strlen(PAYLOAD);
    expect(&packed, "<header>\n", ASSAY_ERR_TRUNCATED);
    packed = make(true, false, "xz", 0);
    memcpy(packed.data + 96 + HEADER_SIZE, "drpm", 4);
    expect(&packed, "<header>\n<payload>\n", ASSAY_ERR_UNSUPPORTED);
}
END_TEST

START_TEST(a_cut_is_noticed_anywhere)
{
    struct buffer packed = make(true, true, "xz", 0);
    for (size_t size = 4; size < packed.size; size++) {
        struct pulled pulled = pull("rpm", view_sub(buffer_view(&packed), 0, size));
        ck_assert_int_eq(pulled.ended, ASSAY_END);
        ck_assert_msg(pulled.notes == 1 && pulled.last_note == ASSAY_ERR_TRUNCATED, "cut to %zu",
                      size);
        pulled_release(&pulled);
    }
    buffer_release(&packed);
}
END_TEST

START_TEST(sizes_of_headers_lie)
{
    struct buffer packed = make(true, true, "xz", 0);
    memset(packed.data + 96 + 8, 0xff, 8);
    expect(&packed, "<residue@112>\n<header>\n<payload>\n", ASSAY_ERR_TRUNCATED);
}
END_TEST

START_TEST(a_lost_header_loses_nothing)
{
    /* The main header is none: what follows the signatures is given as it is. */
    struct buffer packed = make(true, true, "xz", 0);
    packed.data[96 + SIGNATURES_SIZE + 5] ^= 1;
    expect(&packed, "<signatures>\n<residue@155>\n", ASSAY_ERR_TRUNCATED);
    /* Headers without a beginning: nothing is found in itself. */
    packed = make(false, false, "xz", 0);
    memset(packed.data + 8, 0xff, 8);
    expect(&packed, "<residue@16>\n", ASSAY_ERR_TRUNCATED);
    packed = make(true, false, "xz", 0);
    packed.data[96] ^= 1;
    expect(&packed, "<residue@96>\n", ASSAY_ERR_TRUNCATED);
}
END_TEST

START_TEST(in_the_middle_of_other_data_it_ends_where_it_says)
{
    struct buffer packed = make(true, true, "xz", 0);
    size_t end = packed.size;
    append(&packed, "something else", 14);
    struct pulled pulled = pull_embedded("rpm", buffer_view(&packed));
    ck_assert_uint_eq(pulled.covered, end);
    ck_assert_uint_eq(pulled.notes, 0);
    ck_assert_mem_eq(pulled.bytes.data + pulled.bytes.size - strlen(PAYLOAD), PAYLOAD,
                     strlen(PAYLOAD));
    pulled_release(&pulled);
    /* A size that lies is believed nowhere else. */
    pulled = pull("rpm", buffer_view(&packed));
    ck_assert_mem_eq(pulled.bytes.data + pulled.bytes.size - 14, "something else", 14);
    pulled_release(&pulled);
    buffer_release(&packed);
    packed = make(true, true, "xz", 100000);
    expect(&packed, "<signatures>\n<header>\n<payload>\n", ASSAY_ERR_TRUNCATED);
}
END_TEST

START_TEST(nothing_crashes)
{
    for (int i = 0; i < 4; i++) {
        struct buffer packed = make(i & 1, i & 2, "xz", 0);
        pull_damaged(pull_row("rpm"), buffer_view(&packed));
        buffer_release(&packed);
    }
}
END_TEST

START_TEST(very_many_headers_are_passed_over_quickly)
{
    struct buffer packed = {0};
    append_lead(&packed);
    for (int i = 0; i < 100000; i++)
        append(&packed, "\x8e\xad\xe8\x01\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", 16);
    expect(&packed, "<residue@112>\n", ASSAY_ERR_TRUNCATED);
}
END_TEST

START_TEST(what_rpmbuild_writes_is_read)
{
    static const char *const payloads[] = {"w9.gzdio", "w9.bzdio", "w6.xzdio", "w3.zstdio"};
    static const char *const magics[] = {"\x1f\x8b\x08", "BZh",
                                         "\xfd"
                                         "7zXZ",
                                         "\x28\xb5\x2f\xfd"};
    static const char spec[] = "Name: x\nVersion: 1\nRelease: 1\nSummary: x\nLicense: x\n"
                               "BuildArch: noarch\n%description\nx\n%install\n"
                               "mkdir -p %{buildroot}/usr\necho payload >%{buildroot}/usr/x\n"
                               "%post\necho this is a script\n%files\n/usr/x\n";
    char directory[32], command[256];
    tool_enter(directory);
    tool_write("x.spec", (struct view){(const uint8_t *)spec, strlen(spec)}, 0);
    for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
        snprintf(command, sizeof(command),
                 "rpmbuild -bb --quiet --define \"_topdir $PWD/b\" --define '_binary_payload %s' "
                 "x.spec >/dev/null 2>&1 && mv b/RPMS/noarch/*.rpm x.rpm",
                 payloads[i]);
        TOOL_RUN("sh", "-c", command);
        struct buffer packed = tool_read("x.rpm");
        struct pulled pulled = pull("rpm", buffer_view(&packed));
        ck_assert_ptr_nonnull(memmem(pulled.bytes.data, pulled.bytes.size, "this is a script", 16));
        ck_assert_ptr_nonnull(
            memmem(pulled.bytes.data, pulled.bytes.size, magics[i], strlen(magics[i])));
        pulled_release(&pulled);
        expect(&packed, "<signatures>\n<header>\n<payload>\n", 0);
    }
    tool_leave(directory);
}
END_TEST

UNIT_MAIN("rpm", header_and_payload_are_given, what_the_payload_needs_is_said,
          a_cut_is_noticed_anywhere, sizes_of_headers_lie, a_lost_header_loses_nothing,
          in_the_middle_of_other_data_it_ends_where_it_says, nothing_crashes,
          very_many_headers_are_passed_over_quickly, what_rpmbuild_writes_is_read)
