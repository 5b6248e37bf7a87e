/* Web archives: records, HTTP messages in them, and damage. */
#include "pull.h"

#include <stdio.h>
#include <time.h>

#define PAGE "<html>a page</html>\n"

static void append(struct buffer *out, const char *text)
{
    ck_assert_int_eq(buffer_append_text(out, text), ASSAY_OK);
}

/* A record of this type; `length` NULL: the truth. */
static void append_record(struct buffer *out, const char *type, const char *uri, const char *media,
                          const char *length, const char *block)
{
    ck_assert_int_eq(buffer_append_format(out, "WARC/1.0\r\nWARC-Type: %s\r\n", type), ASSAY_OK);
    if (uri)
        ck_assert_int_eq(buffer_append_format(out, "warc-target-uri: %s\r\n", uri), ASSAY_OK);
    ck_assert_int_eq(buffer_append_format(out,
                                          "WARC-Record-ID: <urn:uuid:1>\r\n"
                                          "Content-Type: %s\r\n",
                                          media),
                     ASSAY_OK);
    if (length)
        ck_assert_int_eq(buffer_append_format(out, "Content-Length: %s\r\n\r\n", length), ASSAY_OK);
    else
        ck_assert_int_eq(buffer_append_format(out, "Content-Length: %zu\r\n\r\n", strlen(block)),
                         ASSAY_OK);
    append(out, block);
    append(out, "\r\n\r\n");
}

static void append_response(struct buffer *out, const char *fields, const char *body)
{
    char block[4096];
    snprintf(block, sizeof(block), "HTTP/1.1 200 OK\r\n%s\r\n%s", fields, body);
    append_record(out, "response", "http://x/", "application/http; msgtype=response", NULL, block);
}

static void expect(struct buffer *packed, const char *names, const char *bytes, status note)
{
    ck_assert_uint_eq(pull_row("warc")->identify(buffer_view(packed)), 56);
    struct pulled pulled = pull("warc", buffer_view(packed));
    ck_assert_int_eq(pulled.last_read, ASSAY_END);
    pulled_expect(&pulled, names, bytes, note);
    buffer_release(packed);
}

START_TEST(every_record_is_given)
{
    struct buffer packed = {0};
    append_record(&packed, "warcinfo", NULL, "application/warc-fields", NULL, "software: x\r\n");
    append_record(&packed, "resource", "file://a", "text/html", NULL, PAGE);
    append_record(&packed, "metadata", "http://x/", "x/y", NULL, "fetchTimeMs: 337\r\n");
    append_record(&packed, "revisit", "http://x/", "x/y", NULL, "");
    append_response(&packed, "Content-Type: text/html\r\n", PAGE);
    append_record(&packed, "request", "http://x/", "application/http;msgtype=request", NULL,
                  "GET / HTTP/1.1\r\n\r\n");
    append_record(&packed, "request", "http://x/", "application/http", NULL,
                  "POST / HTTP/1.1\r\n\r\nupload");
    append_record(&packed, "conversion", "http://x/", "text/plain", NULL, "text");
    expect(&packed,
           "<urn:uuid:1>\nfile://a\nhttp://x/\nhttp://x/\nhttp://x/\nhttp://x/\nhttp://x/\n",
           "software: x\r\n" PAGE "fetchTimeMs: 337\r\n" PAGE "GET / HTTP/1.1\r\n\r\n"
           "uploadtext",
           0);
}
END_TEST

START_TEST(other_versions_and_line_ends)
{
    static const char *const versions[] = {"0.17", "0.18", "1.0", "1.1"};
    for (size_t i = 0; i < 4; i++) {
        struct buffer packed = {0};
        ck_assert_int_eq(
            buffer_append_format(&packed, "WARC/%s\nContent-Length:4\n\nabcd\n\n", versions[i]),
            ASSAY_OK);
        expect(&packed, "<record@0>\n", "abcd", 0);
    }
    static const char *const others[] = {"WARC/1.0", "WARC/10\n", "WARC/1.0x\n", "WARC/ing\n"};
    for (size_t i = 0; i < 4; i++)
        ck_assert_uint_eq(pull_row("warc")->identify(
                              (struct view){(const uint8_t *)others[i], strlen(others[i])}),
                          0);
}
END_TEST

START_TEST(chunks_are_joined)
{
    struct buffer packed = {0};
    append_response(&packed, "Transfer-Encoding: gzip, Chunked\r\n",
                    "5\r\n<html\r\n0F;x=y\r\n>a page</html>\n\r\n0\r\n\r\n");
    expect(&packed, "http://x/\nhttp://x/\n",
           "5\r\n<html\r\n0F;x=y\r\n>a page</html>\n\r\n0\r\n\r\n" PAGE, 0);
    /* Joined already, whatever the head says. */
    packed = (struct buffer){0};
    append_response(&packed, "Transfer-Encoding: chunked\r\n", PAGE);
    expect(&packed, "http://x/\n", PAGE, 0);
}
END_TEST

START_TEST(chunks_are_damaged)
{
    static const struct {
        const char *body;
        const char *joined;
        status last_read;
    } bodies[] = {
        {"3\r\nabc\r\n", "abc", ASSAY_ERR_TRUNCATED},
        {"3\r\nabc\r\n5", "abc", ASSAY_ERR_TRUNCATED},
        {"3\r\nabc", "abc", ASSAY_ERR_TRUNCATED},
        {"4\r\nabc", "abc", ASSAY_ERR_TRUNCATED},
        {"3\r\nabc\r\nxyz\r\n", "abc", ASSAY_ERR_CORRUPT},
        {"3\r\nabcdef\r\n0\r\n\r\n", "abc", ASSAY_ERR_CORRUPT},
        {"fffffffffffffff\r\nabc", "abc", ASSAY_ERR_TRUNCATED},
        {"0\r\n\r\n", "", ASSAY_END},
    };
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        for (size_t step = 1; step < 100; step += 90) {
            struct buffer packed = {0};
            append_response(&packed, "Transfer-Encoding: chunked\r\n", bodies[i].body);
            struct pulled pulled =
                pull_with(pull_row("warc"), buffer_view(&packed), step, 64 << 20);
            ck_assert_int_eq(pulled.last_read, bodies[i].last_read);
            ck_assert_uint_eq(pulled.members, 2);
            size_t raw = strlen(bodies[i].body), joined = strlen(bodies[i].joined);
            ck_assert_uint_eq(pulled.bytes.size, raw + joined);
            ck_assert_mem_eq(pulled.bytes.data + raw, bodies[i].joined, joined);
            pulled_release(&pulled);
            buffer_release(&packed);
        }
    }
}
END_TEST

START_TEST(what_is_not_opened_is_said)
{
    struct buffer packed = {0};
    append_response(&packed, "Content-Encoding: br\r\n", "brotli");
    expect(&packed, "http://x/\n", "brotli", ASSAY_ERR_UNSUPPORTED);
    packed = (struct buffer){0};
    append(&packed, "WARC/1.0\r\nWARC-Segment-Number: 1\r\nContent-Length: 4\r\n\r\nabcd\r\n\r\n");
    expect(&packed, "<record@0>\n", "abcd", ASSAY_ERR_UNSUPPORTED);
}
END_TEST

START_TEST(lengths_lie)
{
    static const struct {
        const char *length;
        const char *names, *bytes;
        status note;
    } lies[] = {
        {"999999999999", "a\nb\n", "first\r\n\r\nsecond", ASSAY_ERR_TRUNCATED},
        {"18446744073709551615", "a\nb\n", "first\r\n\r\nsecond", ASSAY_ERR_CORRUPT},
        {"-1", "a\nb\n", "first\r\n\r\nsecond", ASSAY_ERR_CORRUPT},
        {"", "a\nb\n", "first\r\n\r\nsecond", ASSAY_ERR_CORRUPT},
        {"100", "a\nb\n", "first\r\n\r\nsecond", ASSAY_ERR_CORRUPT},
        {"1", "a\n<residue@122>\nb\n", "first\r\n\r\nsecond", ASSAY_ERR_CORRUPT},
        {"0", "<residue@121>\nb\n", "first\r\n\r\nsecond", ASSAY_ERR_CORRUPT},
    };
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        struct buffer packed = {0};
        append_record(&packed, "resource", "a", "x/y", lies[i].length, "first");
        append_record(&packed, "resource", "b", "x/y", NULL, "second");
        struct pulled pulled = pull("warc", buffer_view(&packed));
        ck_assert_str_eq((char *)pulled.names.data, lies[i].names);
        ck_assert(pulled_is(&pulled,
                            (struct view){(const uint8_t *)lies[i].bytes, strlen(lies[i].bytes)}));
        ck_assert_int_eq(pulled.ended, ASSAY_END);
        ck_assert_uint_ge(pulled.notes, 1);
        pulled_release(&pulled);
        buffer_release(&packed);
    }
}
END_TEST

START_TEST(damage_is_stepped_over)
{
    struct buffer packed = {0};
    append_record(&packed, "resource", "a", "x/y", NULL, "first");
    size_t at = packed.size;
    append(&packed, "junk between\n");
    append_record(&packed, "resource", "b", "x/y", NULL, "second");
    char names[64];
    snprintf(names, sizeof(names), "a\n<residue@%zu>\nb\n", at);
    expect(&packed, names, "firstjunk between\nsecond", ASSAY_ERR_CORRUPT);

    packed = (struct buffer){0};
    append_record(&packed, "resource", "a", "x/y", NULL, "first");
    at = packed.size;
    append(&packed, "WARC/1.0\r\nWARC-Type: resource\r\n");
    snprintf(names, sizeof(names), "a\n<residue@%zu>\n", at + 5);
    expect(&packed, names, "first1.0\r\nWARC-Type: resource\r\n", ASSAY_ERR_TRUNCATED);
}
END_TEST

START_TEST(nothing_crashes)
{
    struct buffer packed = {0};
    append_record(&packed, "resource", "a", "x/y", NULL, PAGE);
    append_response(&packed, "Transfer-Encoding: chunked\r\n",
                    "5\r\n<html\r\n0f\r\n>a page</html>\n\r\n0\r\n\r\n");
    pull_damaged(pull_row("warc"), buffer_view(&packed));
    buffer_release(&packed);
}
END_TEST

/* Records without an end, lengths that are wrong, magics that are none: each byte is looked at a few
 * times. */
START_TEST(very_many_records_are_read_quickly)
{
    static const char *const records[] = {
        "WARC/1.0\n",
        "WARC/1.0\n\n",
        "WARC/1.0\nContent-Length: 5\n\n",
        "WARC/1.0\n\nWARC/",
        "WARC/1.0\nContent-Length: 99999999999\n\n",
        "WARC/1.0\nContent-Length: 9999999\n\n\n",
    };
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
        struct buffer packed = {0};
        for (int j = 0; j < 100000; j++)
            append(&packed, records[i]);
        clock_t begin = clock();
        struct pulled pulled = pull("warc", buffer_view(&packed));
        ck_assert_int_eq(pulled.ended, ASSAY_END);
        ck_assert_msg(clock() - begin < 20 * CLOCKS_PER_SEC, "%s", records[i]);
        pulled_release(&pulled);
        buffer_release(&packed);
    }
}
END_TEST

UNIT_MAIN("warc", every_record_is_given, other_versions_and_line_ends, chunks_are_joined,
          chunks_are_damaged, what_is_not_opened_is_said, lengths_lie, damage_is_stepped_over,
          nothing_crashes, very_many_records_are_read_quickly)
