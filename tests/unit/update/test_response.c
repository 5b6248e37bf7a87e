/* What servers say about the part that they send. */
#include "unit.h"
#include "update/response.h"

#include <stdio.h>

static void take(struct response *response, const char *line)
{
    response_take_line(response, (struct view){(const uint8_t *)line, strlen(line)});
}

static struct response answer(const char *content_range)
{
    struct response response = {.status = 0};
    char line[256];
    snprintf(line, sizeof(line), "Content-Range:%s\r\n", content_range);
    take(&response, "HTTP/1.1 206 Partial Content\r\n");
    take(&response, line);
    return response;
}

START_TEST(a_part_is_understood)
{
    static const char *const lines[] = {" bytes 100-199/200", "bytes 100-199/200",
                                        "\t bytes 100-199/200  "};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct response response = answer(lines[i]);
        ck_assert_uint_eq(response.status, 206);
        ck_assert_int_eq(response.range, RANGE_PART);
        ck_assert_uint_eq(response.first, 100);
        ck_assert_uint_eq(response.last, 199);
        ck_assert_uint_eq(response.total, 200);
    }
    ck_assert_int_eq(answer(" bytes */200").range, RANGE_NO_PART);
    ck_assert_uint_eq(answer(" bytes */200").total, 200);
}
END_TEST

START_TEST(what_contradicts_itself_is_uncertain)
{
    static const char *const lines[] = {
        "",
        " ",
        " bytes",
        " bytes ",
        " bytes 100-199",
        " bytes 100-199/",
        " bytes 100-199/*",
        " bytes */*",
        " bytes */",
        " bytes 200-100/300",
        " bytes 100-200/200",
        " bytes 0-0/0",
        " bytes -100-199/200",
        " bytes 100-199/200, 300-400/500",
        " bytes 100-199/200 x",
        " bytes 0x10-199/200",
        " lines 100-199/200",
        " bytes 0-9223372036854775806/9223372036854775808",
        " bytes 18446744073709551716-18446744073709551815/18446744073709551816",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        ck_assert_msg(answer(lines[i]).range == RANGE_UNCERTAIN, "%s", lines[i]);
    struct response twice = answer(" bytes 100-199/200");
    take(&twice, "content-range: bytes 100-199/200\r\n");
    ck_assert_int_eq(twice.range, RANGE_UNCERTAIN);
}
END_TEST

START_TEST(each_status_line_begins_anew)
{
    struct response response = answer(" bytes 100-199/200");
    take(&response, "HTTP/1.1 302 Found\r\n");
    ck_assert_uint_eq(response.status, 302);
    ck_assert_int_eq(response.range, RANGE_NONE);
    take(&response, "X-Content-Range: bytes 1-2/3\r\n");
    take(&response, "Content-Length: 5\r\n");
    take(&response, "\r\n");
    take(&response, "");
    ck_assert_int_eq(response.range, RANGE_NONE);
    take(&response, "HTTP/2 200\r\n");
    ck_assert_uint_eq(response.status, 200);
    static const char *const bad[] = {"HTTP/", "HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 x",
                                      "HTTP/1.1 99999999999999999999"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        take(&response, "HTTP/1.1 200 OK\r\n");
        take(&response, bad[i]);
        ck_assert_uint_eq(response.status, 0);
    }
}
END_TEST

START_TEST(statuses_have_words)
{
    ck_assert_str_eq(response_status_words(404), " (not found)");
    ck_assert_str_eq(response_status_words(418), "");
}
END_TEST

UNIT_MAIN("response", a_part_is_understood, what_contradicts_itself_is_uncertain,
          each_status_line_begins_anew, statuses_have_words)
