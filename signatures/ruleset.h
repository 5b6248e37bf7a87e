/*
 * ruleset: what stands behind struct assay_rules, for the files of this folder that use libyara.
 */
#ifndef SIGNATURES_RULESET_H
#define SIGNATURES_RULESET_H

#include "signatures/rules.h"

#include <yara.h>

/* What was compiled at once, or read from one file. */
struct rules_part {
    bool is_open; /* it holds an engine_open */
    YR_RULES *yara;
    char **databases; /* by libyara's index of the namespace; owned, as each text is */
    size_t namespace_count;
};

/* Known files, and the database they come from. */
struct ruleset_hashes {
    struct hash_set *set; /* owned, as the text is */
    char *database;
};

struct assay_rules {
    struct rules_part *parts; /* there may be none */
    size_t part_count;
    struct ruleset_hashes *hashes;
    size_t hashes_count;
};

/* Takes the part over, on success. Errors: ASSAY_ERR_NOMEM. */
CHECKED status ruleset_add_part(struct assay_rules *rules, struct rules_part *part);

/* Opens the engine for a zeroed part, and makes room for so many databases. What is there after an
 * error is to be released too. Errors: ASSAY_ERR_NOMEM, ASSAY_ERR_ENGINE. */
CHECKED status rules_part_open(struct rules_part *part, size_t namespaces);
void rules_part_release(struct rules_part *part);

/* Enters the database (copied) of the namespace that libyara numbers next; there is room. Errors:
 * ASSAY_ERR_NOMEM. */
CHECKED status rules_part_add_database(struct rules_part *part, struct assay_bytes database);

/* Where a rule of this part came from; "" when nobody said. */
const char *rules_part_database(const struct rules_part *part, const YR_RULE *rule);

#endif
