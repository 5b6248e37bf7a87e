/*
 * rules_binary: compiled rules as a file. An optimisation: what libyara writes is no safe format, and
 * only a sandboxed process may read it back. A front of our own tells what it was made from, by
 * which libyara, for which machine, and has a check sum over the rest; anything else is refused.
 */
#ifndef SIGNATURES_RULES_BINARY_H
#define SIGNATURES_RULES_BINARY_H

#include "signatures/rules.h"

#define RULES_BINARY_KEY 32 /* bytes: the digest of the database's manifest */

/* Writes the rules, which have been compiled and not joined (rules_join), from front to back. They
 * can be used as before, also after an error. Errors: ASSAY_ERR_IO (errno), ASSAY_ERR_ENGINE,
 * ASSAY_ERR_NOMEM, ASSAY_ERR_ARGUMENT (joined, or none). */
CHECKED status rules_write(const struct assay_rules *rules, const uint8_t key[RULES_BINARY_KEY],
                           int out);

/* Reads what rules_write wrote under the same key. The file is mapped, so that a disk that fails, or
 * whoever cuts the file meanwhile, ends the process. Errors: ASSAY_ERR_CORRUPT (damaged, cut, or of
 * another key, program, libyara or machine: compile anew), ASSAY_ERR_IO (errno), ASSAY_ERR_NOMEM. */
CHECKED status rules_read(int fd, const uint8_t key[RULES_BINARY_KEY],
                          struct assay_rules **ret_rules);

#endif
