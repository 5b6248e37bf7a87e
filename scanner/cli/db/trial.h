/*
 * trial: a database is tried before anybody relies on it: its rules compile, in the sandbox and within
 * bounds; they find what every database must find, and nothing in what is surely harmless.
 */
#ifndef CLI_DB_TRIAL_H
#define CLI_DB_TRIAL_H

#include "base/cleanup.h"
#include "cli/option_kinds.h"
#include "signatures/database/bundle.h"

struct trial;

struct trial_options {
    const char *database; /* its name */
    bool warn;            /* say the compiler's warnings too */
    bool quiet;           /* say nothing: errors are only counted among the culprits */
};

/* Starts the sandboxed processes. options is borrowed until trial_free. Errors: ASSAY_ERR_IO,
 * ASSAY_ERR_UNSUPPORTED; error says more. */
CHECKED status trial_new(const struct trial_options *options, struct error *error,
                         struct trial **ret_trial);
void trial_free(struct trial *trial);
DEFINE_CLEANUP(struct trial, trial_free);

/* Compiles those of the files that are rule sources; includes are looked for among all of them.
 * Further calls add to what was compiled. *ret_rules is 0 when there is no source. Errors:
 * ASSAY_ERR_RULES: what is wrong was said on standard error, with file, line and rule. */
CHECKED status trial_compile(struct trial *trial, const struct bundle_file *files, size_t count,
                             struct error *error, uint64_t *ret_rules);

/* A source that did not compile. */
struct trial_culprit {
    char *name;
    int line; /* 0: the whole file */
    char *reason;
};
const struct trial_culprit *trial_culprits(const struct trial *trial, size_t *ret_count);

/* How many warnings the compiler had. */
size_t trial_warnings(const struct trial *trial);

/* Adds a hash index (signatures/hash_set.h) in an open file. */
CHECKED status trial_add_hashes(struct trial *trial, int fd, struct error *error);

/* Whether the EICAR test file is found. */
CHECKED status trial_finds_eicar(struct trial *trial, struct error *error, bool *ret_found);
/* That harmless files are not found. Errors: ASSAY_ERR_RULES; error says which is, by which rule. */
CHECKED status trial_spares_harmless(struct trial *trial, struct error *error);
/* Both. Errors: ASSAY_ERR_RULES; error says what failed. */
CHECKED status trial_self_test(struct trial *trial, struct error *error);

/* Writes what trial_compile made last to an open file; see pool_save_rules. */
CHECKED status trial_save(struct trial *trial, const uint8_t key[32], int fd, struct error *error);

#endif
