#include "signatures/severity.h"

#include "unit.h"

static struct assay_meta word(const char *name, const char *value)
{
    return (struct assay_meta){name, ASSAY_META_STRING, value, 0};
}

static struct assay_meta number(const char *name, int64_t value)
{
    return (struct assay_meta){name, ASSAY_META_INTEGER, NULL, value};
}

static enum assay_severity one(struct assay_meta meta)
{
    return severity_of(&meta, 1);
}

START_TEST(numbers_map_by_fifths)
{
    static const struct {
        int64_t number;
        enum assay_severity severity;
    } rows[] = {
        {0, ASSAY_INFO},         {19, ASSAY_INFO},
        {20, ASSAY_LOW},         {39, ASSAY_LOW},
        {40, ASSAY_MEDIUM},      {59, ASSAY_MEDIUM},
        {60, ASSAY_HIGH},        {79, ASSAY_HIGH},
        {80, ASSAY_CRITICAL},    {100, ASSAY_CRITICAL},
        {101, ASSAY_CRITICAL},   {-1, ASSAY_INFO},
        {INT64_MIN, ASSAY_INFO}, {INT64_MAX, ASSAY_CRITICAL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        ck_assert_int_eq(one(number("score", rows[i].number)), rows[i].severity);
}
END_TEST

START_TEST(words_map_in_any_case)
{
    ck_assert_int_eq(one(word("severity", "info")), ASSAY_INFO);
    ck_assert_int_eq(one(word("severity", "LOW")), ASSAY_LOW);
    ck_assert_int_eq(one(word("severity", "Medium")), ASSAY_MEDIUM);
    ck_assert_int_eq(one(word("severity", "critical")), ASSAY_CRITICAL);
    ck_assert_int_eq(one(word("severity", "Informational")), ASSAY_INFO);
    ck_assert_int_eq(one(word("severity", "moderate")), ASSAY_MEDIUM);
    ck_assert_int_eq(one(word("severity", "warning")), ASSAY_MEDIUM);
}
END_TEST

START_TEST(numbers_may_be_strings)
{
    ck_assert_int_eq(one(word("severity", "45")), ASSAY_MEDIUM);
    ck_assert_int_eq(one(word("score", "-3")), ASSAY_INFO);
    ck_assert_int_eq(one(word("score", "99999999999999999999999")), ASSAY_CRITICAL);
}
END_TEST

START_TEST(the_first_that_says_something_counts)
{
    const struct assay_meta order[] = {number("threat_level", 0), number("score", 50),
                                       word("severity", "low")};
    ck_assert_int_eq(severity_of(order, 3), ASSAY_LOW);
    ck_assert_int_eq(severity_of(order, 2), ASSAY_MEDIUM);
    ck_assert_int_eq(severity_of(order, 1), ASSAY_INFO);
    const struct assay_meta unknown[] = {word("severity", "purple"), number("score", 10)};
    ck_assert_int_eq(severity_of(unknown, 2), ASSAY_INFO);
}
END_TEST

START_TEST(nothing_said_is_high)
{
    ck_assert_int_eq(severity_of(NULL, 0), ASSAY_HIGH);
    ck_assert_int_eq(one(word("author", "low")), ASSAY_HIGH);
    ck_assert_int_eq(one(word("severity", "")), ASSAY_HIGH);
    ck_assert_int_eq(one(word("severity", "-")), ASSAY_HIGH);
    ck_assert_int_eq(one(word("severity", "10 of 100")), ASSAY_HIGH);
    ck_assert_int_eq(one((struct assay_meta){"severity", ASSAY_META_BOOLEAN, NULL, 1}), ASSAY_HIGH);
}
END_TEST

UNIT_MAIN("severity", numbers_map_by_fifths, words_map_in_any_case, numbers_may_be_strings,
          the_first_that_says_something_counts, nothing_said_is_high)
