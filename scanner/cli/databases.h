/*
 * databases: what a scan looks for: the databases that are installed, the one that -d names, or, when
 * there is none, the rules that are built in. Found before the pool is started, then loaded into it.
 */
#ifndef CLI_DATABASES_H
#define CLI_DATABASES_H

#include "cli/places.h"
#include "pool/pool.h"
#include "report/report.h"

struct databases_options {
    const char *database; /* -d: a bundle or a store; NULL: what is installed */
    const char *trust;    /* a directory of keys; NULL: the machine's, and this user's */
    bool allow_unsigned;  /* a bundle that -d names need not be signed */
    bool require_fresh;   /* one that is too old is an error, not a warning */
    uint64_t max_age;     /* days; 0: as old as its publisher allows */
};

struct databases;

/* Looks what there is, says what is too old, and reads nothing but manifests, unless -d names a bundle.
 * Errors: error says what to do. */
CHECKED status databases_find(const struct databases_options *options, struct error *error,
                              struct databases **ret_databases);
void databases_free(struct databases *databases);
DEFINE_CLEANUP(struct databases, databases_free);

/* How many there are; 0: the built-in rules are to be used. */
size_t databases_count(const struct databases *databases);

/* Loads them. `compile` says who is told what, where compiled rules are missing. Adds to *rules.
 * ASSAY_END: compiled rules that were kept are of no use, or brought the pool down; start another pool
 * and call again: then they are made anew. Errors: as pool_compile. */
CHECKED status databases_load(struct databases *databases, struct pool *pool,
                              const struct pool_compile *compile, struct error *error,
                              uint64_t *rules);

/* For the reports; borrowed. */
const struct report_database *databases_describe(const struct databases *databases,
                                                 size_t *ret_count);
/* The built-in rules, described in the same way; `digest` as rule_files_builtin_digest. */
struct report_database databases_builtin(const char *digest, uint64_t rules);

#endif
