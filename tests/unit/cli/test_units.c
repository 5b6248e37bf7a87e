/* Numbers as people write them, and what is none. */
#include "cli/units.h"
#include "unit.h"

#include <locale.h>
#include <stdio.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

START_TEST(sizes)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } good[] = {
        {"0", 0},          {"1", 1},
        {"4096", 4096},    {"4096b", 4096},
        {"64K", 65536},    {"64k", 65536},
        {"64KiB", 65536},  {"1.5G", UINT64_C(3) << 29},
        {"0.5m", 1 << 19}, {"2TiB", UINT64_C(2) << 40},
        {"1e3", 1000},     {"8388607T", UINT64_C(8388607) << 40},
    };
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        uint64_t bytes = 77;
        ck_assert_msg(units_parse_size(good[i].text, &bytes), "%s", good[i].text);
        ck_assert_uint_eq(bytes, good[i].bytes);
    }
}
END_TEST

START_TEST(what_is_no_size)
{
    static const char *const bad[] = {
        "",         " ",    "K",        "-1",       "+1",   " 1",
        "1 ",       "1 K",  "1KK",      "1X",       "0x10", "0x1p4",
        "infinity", "nan",  "1e999",    "8388608T", "1e30", "9223372036854775808",
        "1..5",     "1,5G", "\xd9\xa1", "1\n",      ".5",   "1e-999"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        uint64_t bytes = 77;
        ck_assert_msg(!units_parse_size(bad[i], &bytes), "'%s'", bad[i]);
        ck_assert_uint_eq(bytes, 77);
    }
}
END_TEST

START_TEST(numbers)
{
    uint64_t number = 77;
    ck_assert(units_parse_number("0", 0, 0, &number));
    ck_assert_uint_eq(number, 0);
    ck_assert(units_parse_number("18446744073709551615", 0, UINT64_MAX, &number));
    ck_assert_uint_eq(number, UINT64_MAX);
    ck_assert(units_parse_number("007", 7, 7, &number));
    ck_assert_uint_eq(number, 7);
    static const char *const bad[] = {
        "", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "5", "11", "18446744073709551616", "a"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        ck_assert_msg(!units_parse_number(bad[i], 6, 10, &number), "'%s'", bad[i]);
    ck_assert_uint_eq(number, 7);
}
END_TEST

START_TEST(seconds)
{
    static const struct {
        const char *text;
        uint64_t seconds;
    } good[] = {{"90", 90},   {"90s", 90},    {"2m", 120},   {"2min", 120},
                {"1h", 3600}, {"1.5h", 5400}, {"1d", 86400}, {"2w", 1209600}};
    uint64_t number = 77;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        ck_assert(units_parse_seconds(good[i].text, &number));
        ck_assert_uint_eq(number, good[i].seconds);
    }
    static const char *const bad[] = {"", "s", "-1s", "1x", "1K", "1e30", "1 s"};
    number = 77;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        ck_assert_msg(!units_parse_seconds(bad[i], &number), "'%s'", bad[i]);
    ck_assert_uint_eq(number, 77);
}
END_TEST

#define NOW 1800000000

START_TEST(times)
{
    ck_assert_int_eq(setenv("TZ", "EST5", 1), 0);
    tzset();
    static const struct {
        const char *text;
        time_t seconds;
    } good[] = {
        {"@0", 0},
        {"@1700000000", 1700000000},
        {"2026-11-23T18:00:00Z", 1795456800},
        {"2026-11-23T18:00:00", 1795456800 + 5 * 3600},
        {"2026-11-23T18:00Z", 1795456800},
        {"2026-11-23 18:00:00Z", 1795456800},
        {"2026-11-23Z", 1795456800 - 18 * 3600},
        {"2026-11-23", 1795456800 - 13 * 3600},
        {"36h", NOW - 36 * 3600},
        {"7d", NOW - 7 * 86400},
        {"0s", NOW},
    };
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        struct timespec time = {.tv_sec = 77};
        ck_assert_msg(units_parse_time(good[i].text, NOW, &time), "%s", good[i].text);
        ck_assert_msg(time.tv_sec == good[i].seconds, "%s is %lld", good[i].text,
                      (long long)time.tv_sec);
        ck_assert_int_eq(time.tv_nsec, 0);
    }
}
END_TEST

START_TEST(what_is_no_time)
{
    static const char *const bad[] = {"",
                                      "@",
                                      "@-1",
                                      "@1.5",
                                      "@9223372036854775808",
                                      "7",
                                      "-7d",
                                      "7 d",
                                      "999999w",
                                      "2026-13-01",
                                      "2026-11-32",
                                      "2026-02-30",
                                      "2026-11",
                                      "now",
                                      "2026-11-23T25:00:00",
                                      "2026-11-23T18:00:00+01:00",
                                      "1969-12-31T23:59:59Z"};
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct timespec time = {.tv_sec = 77};
        ck_assert_msg(!units_parse_time(bad[i], NOW, &time), "'%s'", bad[i]);
        ck_assert_int_eq(time.tv_sec, 77);
    }
}
END_TEST

/* A number is the same number whatever the user's locale is. */
START_TEST(the_locale_changes_nothing)
{
    uint64_t bytes = 0;
    const char *locale = setlocale(LC_ALL, "de_DE.UTF-8");
    if (!locale)
        locale = setlocale(LC_ALL, "");
    ck_assert(units_parse_size("2K", &bytes));
    ck_assert_uint_eq(bytes, 2048);
    if (locale && localeconv()->decimal_point[0] != '.')
        fprintf(stderr, "the locale %s has another decimal point\n", locale);
    else
        ck_assert(units_parse_size("1.5K", &bytes) && bytes == 1536);
    setlocale(LC_ALL, "C");
}
END_TEST

UNIT_MAIN("units", sizes, what_is_no_size, numbers, seconds, times, what_is_no_time,
          the_locale_changes_nothing)
