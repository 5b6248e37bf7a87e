/*
 * condition: what can be said about the rules of a compiled ruleset when it is only known which of
 * their strings may be present: three-valued evaluation, without libyara. A condition is translated
 * from libyara's code (yara/exec.h) into a program of our own, in one piece of memory without pointers,
 * so that it can be kept in a file; what the translation does not understand is unknown, never false.
 */
#ifndef FILTER_CONDITION_H
#define FILTER_CONDITION_H

#include <yara.h>

#include "base/buffer.h"
#include "base/view.h"
#include "signatures/filter/truth.h"
#include "signatures/matcher.h"

/* Appends the programs of all rules. Errors: ASSAY_ERR_NOMEM. */
CHECKED status conditions_write(const YR_RULES *rules, struct buffer *out);

/* What is known about an object. */
struct condition_facts {
    struct view view;
    const struct matcher_variables *variables;
    const uint64_t *absent; /* a bit for each string of the ruleset: it stands nowhere */
};

struct conditions {
    struct view memory;
    uint32_t rules, strings;
};

/* Whatever is in the memory, evaluating stays inside and ends. Borrows it. Errors:
 * ASSAY_ERR_CORRUPT. */
CHECKED status conditions_open(struct view memory, struct conditions *ret_conditions);

/* The truth of every rule (by libyara's index), rules that others refer to first, global rules
 * counted in. `ret_truths` has conditions->rules entries. Returns TRUTH_FALSE when no rule that would
 * be reported (not private) can match, so that libyara need not be asked at all. Allocates nothing. */
enum truth conditions_evaluate(const struct conditions *conditions,
                               const struct condition_facts *facts, uint8_t *ret_truths);

#endif
