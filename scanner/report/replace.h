/*
 * replace: a file that appears under its name whole or not at all. It is written under a temporary
 * name in the same directory, synced, and renamed over the target. A symbolic link at the target's
 * name is replaced; what it points to is left alone, so that a link planted in a shared directory
 * harms nobody.
 */
#ifndef REPORT_REPLACE_H
#define REPORT_REPLACE_H

#include "base/status.h"

struct replacement {
    int directory;      /* of the target; -1 when there is nothing to put in place or remove */
    const char *name;   /* the target's name in it; borrowed from path */
    char temporary[40]; /* what the file is called meanwhile; "" when there is none */
};

/* A replacement that owns nothing. */
#define REPLACEMENT_NONE ((struct replacement){.directory = -1})

/* Creates the temporary file and opens it for writing. Its mode is 0666 less the umask, and less
 * what the mode of an older file at the target does not allow.
 *   path   the target; borrowed until the replacement is ended
 * Errors: ASSAY_ERR_IO (errno says why), ASSAY_ERR_NOMEM. */
CHECKED status replacement_begin(const char *path, struct replacement *ret_replacement,
                                 int *ret_fd);

/* Syncs the file, puts it in the place of the target and syncs the directory. Errors: ASSAY_ERR_IO;
 * errno says why. The target is untouched unless it was that last step which failed. */
CHECKED status replacement_finish(struct replacement *replacement, int fd);

/* Removes the temporary file if it is still there, and lets go of the directory. */
void replacement_end(struct replacement *replacement);

#endif
