#include "base/budget.h"
#include "base/names.h"
#include "unit.h"

#include <limits.h>
#include <time.h>

static struct budget started(uint64_t input, struct assay_limits limits)
{
    struct budget budget;
    budget_start(&budget, &limits, input);
    return budget;
}

START_TEST(expanded_bytes_end_exactly_at_the_bound)
{
    struct assay_limits limits = assay_limits_default();
    limits.expanded = 1000;
    struct budget budget = started(10, limits);
    ck_assert_uint_eq(budget_expandable(&budget), 1000);
    ck_assert_int_eq(budget_charge_expanded(&budget, 999), ASSAY_OK);
    ck_assert_uint_eq(budget_expandable(&budget), 1);
    ck_assert_int_eq(budget_charge_expanded(&budget, 1), ASSAY_OK);
    ck_assert_uint_eq(budget_expandable(&budget), 0);
    ck_assert(!budget.spent);
    ck_assert_int_eq(budget_charge_expanded(&budget, 1), ASSAY_ERR_LIMIT);
    ck_assert(budget.spent);
    ck_assert_int_eq(budget.reason, ASSAY_REASON_EXPANDED_BYTES);
}
END_TEST

START_TEST(no_sum_overflows)
{
    struct assay_limits limits = assay_limits_default();
    struct budget budget = started(UINT64_MAX, limits);
    ck_assert_uint_eq(budget_expandable(&budget), limits.expanded);
    ck_assert_int_eq(budget_charge_expanded(&budget, 5), ASSAY_OK);
    ck_assert_int_eq(budget_charge_expanded(&budget, UINT64_MAX), ASSAY_ERR_LIMIT);
    ck_assert_int_eq(budget.reason, ASSAY_REASON_EXPANDED_BYTES);
    ck_assert_uint_eq(budget.expanded, 5);
}
END_TEST

START_TEST(the_ratio_counts_once_enough_is_out)
{
    struct assay_limits limits = assay_limits_default();
    limits.ratio = 10;
    limits.ratio_from = 500;
    struct budget small = started(1, limits);
    ck_assert_int_eq(budget_charge_expanded(&small, 500), ASSAY_OK);
    ck_assert_int_eq(budget_charge_expanded(&small, 1), ASSAY_ERR_LIMIT);
    ck_assert_int_eq(small.reason, ASSAY_REASON_RATIO);
    struct budget larger = started(100, limits);
    ck_assert_uint_eq(budget_expandable(&larger), 1000);
    ck_assert_int_eq(budget_charge_expanded(&larger, 1000), ASSAY_OK);
    ck_assert_int_eq(budget_charge_expanded(&larger, 1), ASSAY_ERR_LIMIT);
}
END_TEST

START_TEST(the_first_reason_stays)
{
    struct assay_limits limits = assay_limits_default();
    limits.members = 2;
    struct budget budget = started(10, limits);
    ck_assert_int_eq(budget_charge_member(&budget), ASSAY_OK);
    ck_assert_int_eq(budget_charge_member(&budget), ASSAY_OK);
    ck_assert_int_eq(budget_charge_member(&budget), ASSAY_ERR_LIMIT);
    ck_assert_int_eq(budget_charge_expanded(&budget, UINT64_MAX), ASSAY_ERR_LIMIT);
    ck_assert_int_eq(budget_check_time(&budget), ASSAY_ERR_LIMIT);
    ck_assert_int_eq(budget.reason, ASSAY_REASON_MEMBERS);
}
END_TEST

START_TEST(time_runs_out)
{
    struct assay_limits limits = assay_limits_default();
    limits.time_seconds = 1;
    struct budget budget = started(10, limits);
    ck_assert_int_eq(budget_check_time(&budget), ASSAY_OK);
    ck_assert_uint_eq(budget_seconds_left(&budget), 1);
    nanosleep(&(struct timespec){.tv_sec = 1, .tv_nsec = 1000000}, NULL);
    ck_assert_int_eq(budget_check_time(&budget), ASSAY_ERR_LIMIT);
    ck_assert_int_eq(budget.reason, ASSAY_REASON_TIME);
    ck_assert_uint_eq(budget_seconds_left(&budget), 1);
}
END_TEST

START_TEST(larger_inputs_have_more_time_and_none_wraps)
{
    struct assay_limits limits = assay_limits_default();
    limits.time_seconds = 100;
    ck_assert_uint_eq(budget_seconds(&limits, 0), 100);
    ck_assert_uint_eq(budget_seconds(&limits, UINT64_C(40) << 20), 110);
    struct budget sparse = started(UINT64_MAX, limits);
    ck_assert_int_eq(budget_check_time(&sparse), ASSAY_OK);
    ck_assert_uint_eq(budget_seconds_left(&sparse), UINT32_MAX);
    limits.time_seconds = UINT32_MAX;
    struct budget patient = started(0, limits);
    ck_assert_int_eq(budget_check_time(&patient), ASSAY_OK);
    ck_assert_uint_ge(budget_seconds_left(&patient), UINT32_MAX - 1);
    limits.time_seconds = 0;
    struct budget endless = started(10, limits);
    ck_assert_int_eq(budget_check_time(&endless), ASSAY_OK);
    ck_assert_uint_eq(budget_seconds_left(&endless), 0);
}
END_TEST

START_TEST(every_name_leads_back_to_its_value)
{
    for (size_t i = 0; i < ASSAY_REASON_COUNT; i++) {
        const char *name = assay_reason_name((enum assay_reason)i);
        enum assay_reason reason;
        ck_assert_ptr_nonnull(name);
        ck_assert(reason_from_name(name, strlen(name), &reason) && reason == i);
    }
    for (size_t i = 0; i < ASSAY_SEVERITY_COUNT; i++) {
        const char *name = assay_severity_name((enum assay_severity)i);
        enum assay_severity severity;
        ck_assert(severity_from_name(name, strlen(name), &severity) && severity == i);
    }
    enum assay_reason reason;
    ck_assert(!reason_from_name("tim", 3, &reason) && !reason_from_name("times", 5, &reason));
    ck_assert_str_eq(assay_reason_name(ASSAY_REASON_COUNT), "unknown");
    ck_assert_str_eq(assay_reason_name((enum assay_reason) - 1), "unknown");
    ck_assert_str_eq(assay_status_text((enum assay_status)INT_MIN), "unknown status");
    ck_assert_int_eq(reason_of_status(INT_MIN), ASSAY_REASON_ENGINE);
    ck_assert_int_eq(reason_of_status(ASSAY_ERR_TRUNCATED), ASSAY_REASON_TRUNCATED);
}
END_TEST

UNIT_MAIN("budget", expanded_bytes_end_exactly_at_the_bound, no_sum_overflows,
          the_ratio_counts_once_enough_is_out, the_first_reason_stays, time_runs_out,
          larger_inputs_have_more_time_and_none_wraps, every_name_leads_back_to_its_value)
