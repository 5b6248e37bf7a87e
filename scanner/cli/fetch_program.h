/* fetch_program: starts assay-update and waits for it. */
#ifndef CLI_FETCH_PROGRAM_H
#define CLI_FETCH_PROGRAM_H

#include "cli/fetch.h"

#include <limits.h>
#include <sys/types.h>

/* As fetch() does it for https. */
CHECKED status fetch_by_program(const struct fetch_options *options, const char *url, int fd,
                                struct error *error);

/*
 * Where assay-update is, for a program in this directory (NULL: not known): where the installation
 * puts it, moved or not, or beside the program, as a build has it. Never looked for in PATH, and
 * taken only when it belongs to root, to this user or to `owner`, and not everybody can write it.
 * Errors: ASSAY_ERR_IO, there is none; error says what to do.
 */
CHECKED status fetch_find_program(const char *directory, uid_t owner, struct error *error,
                                  char ret_path[PATH_MAX]);

#endif
