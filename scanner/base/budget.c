#include "budget.h"

#include "clock.h"

/* Each of these bytes of input gives a second more: well below the speed of any machine. */
#define BYTES_PER_SECOND (UINT64_C(4) << 20)

struct assay_limits assay_limits_default(void)
{
    return (struct assay_limits){
        .depth = 24,
        .expanded = UINT64_C(32) << 30,
        .ratio = 1000,
        .ratio_from = UINT64_C(64) << 20,
        .member = UINT64_C(512) << 20,
        .members = 2000000,
        .codec_memory = UINT64_C(1) << 30,
        .time_seconds = 120,
    };
}

uint64_t budget_seconds(const struct assay_limits *limits, uint64_t input_size)
{
    return limits->time_seconds ? limits->time_seconds + input_size / BYTES_PER_SECOND : 0;
}

/* A sparse file may claim so many bytes that its time cannot be counted in nanoseconds. */
static uint64_t deadline_after(uint64_t seconds)
{
    uint64_t nanoseconds;
    if (__builtin_mul_overflow(seconds, CLOCK_SECOND, &nanoseconds) ||
        __builtin_add_overflow(nanoseconds, clock_nanoseconds(), &nanoseconds))
        return UINT64_MAX;
    return nanoseconds;
}

void budget_start(struct budget *budget, const struct assay_limits *limits, uint64_t input_size)
{
    *budget = (struct budget){.limits = *limits, .input = input_size};
    if (limits->time_seconds)
        budget->deadline = deadline_after(budget_seconds(limits, input_size));
}

static status spend(struct budget *budget, enum assay_reason reason)
{
    budget->spent = true;
    budget->reason = reason;
    return ASSAY_ERR_LIMIT;
}

/* The most bytes that the ratio allows for this input. */
static uint64_t ratio_allows(const struct budget *budget)
{
    uint64_t allowed;
    if (__builtin_mul_overflow(budget->input, budget->limits.ratio, &allowed))
        return UINT64_MAX;
    return allowed > budget->limits.ratio_from ? allowed : budget->limits.ratio_from;
}

static uint64_t left(uint64_t allowed, uint64_t used)
{
    return allowed > used ? allowed - used : 0;
}

status budget_charge_expanded(struct budget *budget, uint64_t bytes)
{
    if (budget->spent)
        return ASSAY_ERR_LIMIT;
    if (bytes > left(budget->limits.expanded, budget->expanded))
        return spend(budget, ASSAY_REASON_EXPANDED_BYTES);
    if (bytes > left(ratio_allows(budget), budget->expanded))
        return spend(budget, ASSAY_REASON_RATIO);
    budget->expanded += bytes;
    return ASSAY_OK;
}

status budget_charge_member(struct budget *budget)
{
    if (budget->spent)
        return ASSAY_ERR_LIMIT;
    if (budget->members >= budget->limits.members)
        return spend(budget, ASSAY_REASON_MEMBERS);
    budget->members++;
    return ASSAY_OK;
}

status budget_check_time(struct budget *budget)
{
    if (budget->spent)
        return ASSAY_ERR_LIMIT;
    if (budget->deadline && clock_nanoseconds() >= budget->deadline)
        return spend(budget, ASSAY_REASON_TIME);
    return ASSAY_OK;
}

void budget_spend_time(struct budget *budget)
{
    if (budget->spent)
        return;
    budget->spent = true;
    budget->reason = ASSAY_REASON_TIME;
}

uint64_t budget_expandable(const struct budget *budget)
{
    uint64_t by_bytes = left(budget->limits.expanded, budget->expanded);
    uint64_t by_ratio = left(ratio_allows(budget), budget->expanded);
    return by_bytes < by_ratio ? by_bytes : by_ratio;
}

uint32_t budget_seconds_left(const struct budget *budget)
{
    if (!budget->deadline)
        return 0;
    uint64_t nanoseconds = left(budget->deadline, clock_nanoseconds());
    uint64_t seconds = nanoseconds / CLOCK_SECOND;
    if (seconds > UINT32_MAX)
        return UINT32_MAX;
    return seconds ? (uint32_t)seconds : 1;
}
