/*
 * rule_files: the rule sources that --rules names, handed to the pool. Only names and digests are
 * looked at here; what is in the files is for the sandboxed compiler.
 */
#ifndef CLI_RULE_FILES_H
#define CLI_RULE_FILES_H

#include "cli/option_kinds.h"
#include "cli/source_digest.h"
#include "pool/pool.h"
#include "report/report.h"

struct rule_files;

/* Sends every source to the pool. A file is itself; in a directory it is every *.yar and *.yara
 * below it. operands is borrowed. Errors: ASSAY_ERR_IO, ASSAY_ERR_NOMEM; error says which file, and
 * why. */
CHECKED status rule_files_send(const struct text_list *operands, struct pool *pool,
                               struct error *error, struct rule_files **ret_files);
void rule_files_free(struct rule_files *files);
DEFINE_CLEANUP(struct rule_files, rule_files_free);

/* For struct pool_compile: an include opens files below the directory that its --rules named, or
 * that the file it named is in. context is the rule_files. */
int rule_files_open_include(void *context, const char *name, const char *from);

/* How many rules came out of all of them together. */
void rule_files_count_rules(struct rule_files *files, uint64_t rules);

/* One database for each operand, in their order. Borrowed. */
const struct report_database *rule_files_databases(const struct rule_files *files,
                                                   size_t *ret_count);

/* The SHA-256 of the built-in sources, as a database's digest. */
CHECKED status rule_files_builtin_digest(char ret_hex[SOURCE_DIGEST_HEX]);

#endif
