/*
 * collect: what a database is to be built of, found on the publisher's disk. Symbolic links are not
 * followed, and what is left out for that is said.
 */
#ifndef CLI_DB_COLLECT_H
#define CLI_DB_COLLECT_H

#include "signatures/database/import.h"

/* KIND:PATH, as --from has it: the file PATH, or every file of that kind below the directory PATH.
 * Files are called after where they are below PATH, behind the last part of PATH itself. Errors:
 * ASSAY_ERR_ARGUMENT (no such kind, nothing of it there), ASSAY_ERR_IO, ASSAY_ERR_NOMEM; error says
 * more. */
CHECKED status collect_from(struct importer *importer, const char *kind_and_path,
                            struct error *error);

/* A source tree: rules and hash lists below DIR, called after where they are below it. */
CHECKED status collect_tree(struct importer *importer, const char *directory, struct error *error);

#endif
