/*
 * rules_binary: compiled rules as a file. An optimisation: what libyara writes is no safe format, and
 * only a sandboxed process may read it back. A front of our own tells what it was made from, by
 * which libyara, for which machine, and has a check sum over the rest; anything else is refused.
 */
#ifndef SIGNATURES_RULES_BINARY_H
#define SIGNATURES_RULES_BINARY_H

#include "signatures/rules.h"

#define RULES_BINARY_KEY 32 /* bytes: the digest of the database's manifest */

/* Writes the rules, which have been compiled and not joined (rules_join), from front to back. Errors:
 * ASSAY_ERR_IO, ASSAY_ERR_ENGINE, ASSAY_ERR_NOMEM. */
CHECKED status rules_write(const struct assay_rules *rules, const uint8_t key[RULES_BINARY_KEY],
                           int out);

/* Reads what rules_write wrote under the same key. Errors: ASSAY_ERR_CORRUPT (damaged, cut, or of
 * another key, libyara or machine: compile anew), ASSAY_ERR_IO, ASSAY_ERR_NOMEM. */
CHECKED status rules_read(int fd, const uint8_t key[RULES_BINARY_KEY],
                          struct assay_rules **ret_rules);

#endif
