/*
 * budget: what one top-level input may still cost. Charged by scanner/inspect as it goes; the
 * first bound that is used up is remembered and stays used up.
 */
#ifndef BASE_BUDGET_H
#define BASE_BUDGET_H

#include "status.h"

struct budget {
    struct assay_limits limits;
    uint64_t input;    /* bytes of the top-level input */
    uint64_t expanded; /* bytes out of containers and codecs so far */
    uint64_t members;  /* objects inside the input so far */
    uint64_t deadline; /* CLOCK_MONOTONIC nanoseconds; 0 for none */
    bool spent;
    enum assay_reason reason; /* when spent: which bound */
};

/* Seconds that an input of so many bytes may take: limits->time_seconds, and one more for each
 * 4 MiB. 0 when there is no bound. */
uint64_t budget_seconds(const struct assay_limits *limits, uint64_t input_size);

/* Starts the clock. input_size in bytes. */
void budget_start(struct budget *budget, const struct assay_limits *limits, uint64_t input_size);

/* Each charges before the thing is done, and returns ASSAY_ERR_LIMIT (budget->reason says which)
 * when it must not be done. */
CHECKED status budget_charge_expanded(struct budget *budget, uint64_t bytes);
CHECKED status budget_charge_member(struct budget *budget);
CHECKED status budget_check_time(struct budget *budget);
/* Somebody else found that the time is used up. */
void budget_spend_time(struct budget *budget);

/* Bytes that may still be expanded before a bound is hit, so that a decoder is asked for no
 * more. */
uint64_t budget_expandable(const struct budget *budget);

/* Whole seconds until the deadline, at least 1; 0 when there is none. */
uint32_t budget_seconds_left(const struct budget *budget);

#endif
