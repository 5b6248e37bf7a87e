/*
 * import: rules and hashes from the wild, without editing. One kind is one file here and one row in
 * import.c:
 *
 *     yara     .yar, .yara: taken as they are; includes inside the tree stay
 *     loki     hash-iocs.txt and filename-iocs.txt of LOKI and signature-base
 *     hashes   .hashes: our own lists, lines of HEX TAB SIZE|* TAB NAME TAB SEVERITY
 *     clamav   .hdb, .hsb: hashes; .ndb: translated to YARA where that says exactly the same
 *
 * What cannot be taken is skipped with its line and the reason, never in silence. Rules that come
 * out of a translation are collected in sources of their own; all hashes in one list, sorted and
 * without doubles, "hashes/all.hashes".
 */
#ifndef DATABASE_IMPORT_H
#define DATABASE_IMPORT_H

#include "signatures/database/sources.h"

struct importer;

/* Adds to the set, which is borrowed until importer_free. Errors: ASSAY_ERR_NOMEM. */
CHECKED status importer_new(struct source_set *set, struct importer **ret_importer);
void importer_free(struct importer *importer);
DEFINE_CLEANUP(struct importer, importer_free);

/* NULL-terminated; for messages. */
const char *const *import_kinds(void);
/* True when a file of this name, found in a directory, is of this kind. */
bool import_takes(const char *kind, const char *name);

/* Takes a file. `name` is where it is in the tree that is imported: what its sources are called, and
 * what is said about it. Errors: ASSAY_ERR_ARGUMENT (no such kind, a name that clashes),
 * ASSAY_ERR_CORRUPT (it is nothing of this kind at all: not one line could be taken),
 * ASSAY_ERR_NOMEM. */
CHECKED status importer_add(struct importer *importer, const char *kind, const char *name,
                            struct view text, struct error *error);

/* Puts what was collected into the set. Once, at the end. Errors: ASSAY_ERR_NOMEM. */
CHECKED status importer_finish(struct importer *importer, struct error *error);

/* How many of each kind the lists of the set have: md5, sha1, sha256. After importer_finish. */
void importer_count_hashes(const struct importer *importer, uint64_t ret_counts[3]);

#endif
