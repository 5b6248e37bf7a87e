/*
 * ruleset: what stands behind struct assay_rules, for the files of this folder that use libyara.
 */
#ifndef SIGNATURES_RULESET_H
#define SIGNATURES_RULESET_H

#include "signatures/rules.h"

#include <yara.h>

/* Known files, and the database they come from. */
struct ruleset_hashes {
    struct hash_set *set; /* owned, as the text is */
    char *database;
};

struct assay_rules {
    YR_RULES *yara;
    char **databases; /* by libyara's index of the namespace; owned, as each text is */
    size_t namespace_count;
    struct ruleset_hashes *hashes;
    size_t hashes_count;
};

/* Where a rule came from; "" when nobody said. */
const char *ruleset_database(const struct assay_rules *rules, const YR_RULE *rule);

#endif
