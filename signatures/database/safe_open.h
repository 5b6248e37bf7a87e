/*
 * safe_open: opens what nobody could have written but root and this user. Every directory from / on is
 * opened by the descriptor of the one before, and looked at when it is open: it belongs to root or
 * this user, and neither its group nor others can write to it. A symbolic link is followed when it
 * belongs to one of the two and lies in such a directory, and what it leads to is looked at in the
 * same way.
 *
 * A directory that everybody can write to, but with the sticky bit (/tmp), may lie on the way, as
 * nobody can put something there that belongs to this user. Links in it are not followed, and it
 * cannot be the end of the way.
 *
 * Errors of all: ASSAY_ERR_IO (errno; ENOENT: there is none), ASSAY_ERR_ARGUMENT (it is not safe, or
 * not what was to be opened; error names it and says what to type).
 */
#ifndef DATABASE_SAFE_OPEN_H
#define DATABASE_SAFE_OPEN_H

#include "base/buffer.h"

#include <sys/stat.h>

/* Opens a directory for reading. */
CHECKED status safe_open_directory(const char *path, struct error *error, int *ret_fd);
/* As above, after it and those above it were made where they are missing, with this mode. */
CHECKED status safe_make_directory(const char *path, mode_t mode, struct error *error, int *ret_fd);

/* Opens a regular file in a directory that was opened so, for reading; `path` is the directory's, for
 * words. A symbolic link is none. */
CHECKED status safe_open_file(int directory, const char *path, const char *name,
                              struct error *error, int *ret_fd);
/* As above, and appends what is in it. Errors also: ASSAY_ERR_CORRUPT (the buffer would hold more than
 * `most` bytes), ASSAY_ERR_NOMEM. */
CHECKED status safe_read_file(int directory, const char *path, const char *name, size_t most,
                              struct error *error, struct buffer *out);

/* Whether nobody else could have written what is open and looks so; `path` is for words. */
CHECKED status safe_check(const struct stat *about, const char *path, struct error *error);

#endif
