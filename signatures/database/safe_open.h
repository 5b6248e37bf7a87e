/*
 * safe_open: opens what nobody could have written but root and this user. Every directory from / on is
 * opened by the descriptor of the one before, and looked at when it is open: it belongs to root or
 * this user, and neither its group nor others can write to it. A symbolic link is followed when it
 * lies in such a directory, and what it leads to is looked at in the same way.
 *
 * A directory that everybody can write to, but with the sticky bit (/tmp), may lie on the way, as
 * nobody can put something there that belongs to this user. Links in it are not followed, and it
 * cannot be the end of the way.
 */
#ifndef DATABASE_SAFE_OPEN_H
#define DATABASE_SAFE_OPEN_H

#include "base/status.h"

/* Opens a directory for reading. Errors: ASSAY_ERR_IO (errno; ENOENT: there is none),
 * ASSAY_ERR_CORRUPT (it is not safe; error says what to type). */
CHECKED status safe_open_directory(const char *path, struct error *error, int *ret_fd);
/* Opens a regular file in a directory that was opened so, for reading; `path` is the directory's, for
 * words. A symbolic link is none. Errors as above. */
CHECKED status safe_open_file(int directory, const char *path, const char *name,
                              struct error *error, int *ret_fd);

#endif
