/*
 * described: what a publisher says about a database, in this order of precedence: options of `assay
 * db build`, database.ini in the source tree, SOURCE_DATE_EPOCH for the time, defaults.
 *
 *     name = community            ; default: what the output file is called
 *     description = ...
 *     licence = ...
 *     serial = 57                 ; default: the time it was made, in seconds
 *     created = 2026-11-25        ; default: SOURCE_DATE_EPOCH, or now
 *     expires = 30d               ; or a date; default: never
 *     min_engine = 0.1.0
 */
#ifndef CLI_DB_DESCRIBED_H
#define CLI_DB_DESCRIBED_H

#include "signatures/database/manifest.h"

/* Texts as they were given; NULL where nothing was. */
struct described {
    char *name;
    char *description;
    char *licence;
    char *serial;
    char *created;
    char *expires;
    char *min_engine;
};

/* Reads DIRECTORY/database.ini into what is not set yet; it need not be there. Errors: ASSAY_ERR_IO,
 * ASSAY_ERR_ARGUMENT (a line that is none, a key that is unknown), ASSAY_ERR_NOMEM. */
CHECKED status described_read(struct described *described, const char *directory,
                              struct error *error);

/* Makes it the description of the manifest. `output` is the path of the bundle. Errors:
 * ASSAY_ERR_ARGUMENT (a value that is none), ASSAY_ERR_NOMEM. */
CHECKED status described_apply(const struct described *described, const char *output,
                               struct manifest *manifest, struct error *error);
void described_release(struct described *described);

#endif
