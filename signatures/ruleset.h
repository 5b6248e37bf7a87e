/*
 * ruleset: what stands behind struct assay_rules, for the files of this folder that use libyara.
 */
#ifndef SIGNATURES_RULESET_H
#define SIGNATURES_RULESET_H

#include "signatures/rules.h"

#include <yara.h>

struct assay_rules {
    YR_RULES *yara;
    char **databases; /* by libyara's index of the namespace; owned, as each text is */
    size_t namespace_count;
};

/* Where a rule came from; "" when nobody said. */
const char *ruleset_database(const struct assay_rules *rules, const YR_RULE *rule);

#endif
