#include "base/cleanup.h"
#include "base/text.h"
#include "report/human.h"
#include "report/progress_line.h"
#include "unit.h"

static void expect(const struct progress_numbers *numbers, size_t columns, const char *expected)
{
    cleanup(buffer_release) struct buffer out = {0};
    ck_assert_int_eq(buffer_append_text(&out, "\r"), ASSAY_OK);
    ck_assert_int_eq(progress_line(&out, numbers, columns), ASSAY_OK);
    ck_assert_int_eq(buffer_terminate(&out), ASSAY_OK);
    ck_assert_str_eq((const char *)out.data + 1, expected);
}

START_TEST(what_is_unknown_is_not_invented)
{
    struct progress_numbers numbers = {.seconds = 0.3, .rate = -1};
    expect(&numbers, 200, "0 files, 0 bytes, 0.3 s, 0 matches");
    numbers = (struct progress_numbers){.files = 1, .bytes = 1 << 20, .rate = 0, .seconds = 90};
    expect(&numbers, 200, "1 file, 1.0 MiB, 0.0 MiB/s, 1 min 30 s, 0 matches");
    numbers.total_bytes = 1 << 20;
    expect(&numbers, 200, "1 file, 1.0 MiB of 1.0 MiB, 0.0 MiB/s, 1 min 30 s, 0 matches");
}
END_TEST

START_TEST(a_known_total_gives_the_time_left)
{
    struct progress_numbers numbers = {.files = 1234,
                                       .bytes = UINT64_C(1) << 30,
                                       .total_bytes = UINT64_C(3) << 30,
                                       .matches = 1,
                                       .problems = 2,
                                       .seconds = 10,
                                       .rate = 150.0 * (1 << 20)};
    expect(&numbers, 200,
           "1,234 files, 1.0 GiB of 3.0 GiB, 150.0 MiB/s, 10.0 s, about 20.0 s left, 1 match, "
           "2 problems");
    numbers.seconds = 1;
    expect(&numbers, 200,
           "1,234 files, 1.0 GiB of 3.0 GiB, 150.0 MiB/s, 1.0 s, 1 match, 2 problems");
}
END_TEST

START_TEST(slow_files_are_named_safely_and_shortened)
{
    struct progress_numbers numbers = {.rate = -1, .current = text_bytes("a\n\x1b[2J.iso")};
    expect(&numbers, 200, "0 files, 0 bytes, 0.0 s, 0 matches: a\\x0a\\x1b[2J.iso");
    numbers.current = text_bytes("/a/very/long/path/to/some/file.iso");
    expect(&numbers, 34 + 2 + 15, "0 files, 0 bytes, 0.0 s, 0 matches: /a/ver...le.iso");
    expect(&numbers, 34 + 11, "0 files, 0 bytes, 0.0 s, 0 matches");
    expect(&numbers, 7, "0 files");
    expect(&numbers, 0, "");
    numbers.current = text_bytes("\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac\xe6\x97\xa5"
                                 "\xe6\x9c\xac\xe6\x97\xa5\xe6\x9c\xac");
    expect(
        &numbers, 34 + 2 + 11,
        "0 files, 0 bytes, 0.0 s, 0 matches: \xe6\x97\xa5\xe6\x9c\xac...\xe6\x97\xa5\xe6\x9c\xac");
}
END_TEST

static size_t characters(const struct buffer *text)
{
    size_t count = 0;
    for (size_t i = 0; i < text->size; i++)
        count += (text->data[i] & 0xc0) != 0x80;
    return count;
}

START_TEST(no_width_is_exceeded)
{
    struct progress_numbers numbers = {.files = UINT64_MAX,
                                       .bytes = UINT64_MAX - 1,
                                       .total_bytes = UINT64_MAX,
                                       .matches = UINT64_MAX,
                                       .problems = UINT64_MAX,
                                       .seconds = 1e300,
                                       .rate = 1e9,
                                       .current = text_bytes("gr\xc3\xbc\xc3\x9f/\xff\xfe.tar")};
    for (size_t columns = 0; columns < 300; columns++) {
        cleanup(buffer_release) struct buffer out = {0};
        ck_assert_int_eq(progress_line(&out, &numbers, columns), ASSAY_OK);
        ck_assert_uint_le(characters(&out), columns);
        ck_assert(text_is_plain((struct assay_bytes){out.data, out.size}) ||
                  memchr(out.data, '\\', out.size));
    }
}
END_TEST

START_TEST(the_rate_is_that_of_the_last_seconds)
{
    struct progress_rate rate = {0};
    ck_assert(progress_rate_now(&rate, 10, 10) < 0);
    progress_rate_add(&rate, 0, 0);
    ck_assert(progress_rate_now(&rate, 0.1, 1000) < 0);
    ck_assert(progress_rate_now(&rate, 1, 1000) == 1000);
    /* A hundred seconds at 1,000 a second, asked a thousand times a second, then ten at 50. */
    uint64_t bytes = 0;
    for (unsigned i = 1; i <= 100000; i++)
        progress_rate_add(&rate, i / 1000.0, bytes += 1);
    double steady = progress_rate_now(&rate, 101, bytes + 1000);
    ck_assert(steady > 999 && steady < 1001);
    for (unsigned i = 1; i <= 1000; i++)
        progress_rate_add(&rate, 100 + i / 100.0, bytes + i / 2);
    double slower = progress_rate_now(&rate, 110, bytes + 500);
    ck_assert(slower > 45 && slower < 55);
}
END_TEST

static void expect_human(status (*append)(struct buffer *, uint64_t), uint64_t value,
                         const char *expected)
{
    cleanup(buffer_release) struct buffer out = {0};
    ck_assert_int_eq(append(&out, value), ASSAY_OK);
    ck_assert_int_eq(buffer_terminate(&out), ASSAY_OK);
    ck_assert_str_eq((const char *)out.data, expected);
}

static void expect_duration(double seconds, const char *expected)
{
    cleanup(buffer_release) struct buffer out = {0};
    ck_assert_int_eq(human_duration(&out, seconds), ASSAY_OK);
    ck_assert_int_eq(buffer_terminate(&out), ASSAY_OK);
    ck_assert_str_eq((const char *)out.data, expected);
}

START_TEST(numbers_as_people_read_them)
{
    expect_human(human_number, 0, "0");
    expect_human(human_number, 999, "999");
    expect_human(human_number, 1000, "1,000");
    expect_human(human_number, UINT64_MAX, "18,446,744,073,709,551,615");
    expect_human(human_bytes, 1, "1 byte");
    expect_human(human_bytes, 1023, "1,023 bytes");
    expect_human(human_bytes, 1024, "1.0 KiB");
    expect_human(human_bytes, (1 << 20) - 1, "1.0 MiB");
    expect_human(human_bytes, UINT64_MAX, "16.0 EiB");
    expect_duration(-1, "0.0 s");
    expect_duration(59.94, "59.9 s");
    expect_duration(59.96, "1 min 0 s");
    expect_duration(3599.6, "1 h 0 min");
    expect_duration(7325, "2 h 2 min");
    expect_duration(0.0 / 0.0, "0.0 s");
}
END_TEST

UNIT_MAIN("progress", what_is_unknown_is_not_invented, a_known_total_gives_the_time_left,
          slow_files_are_named_safely_and_shortened, no_width_is_exceeded,
          the_rate_is_that_of_the_last_seconds, numbers_as_people_read_them)
