/* spool: standard input as a file that a worker can be given. */
#ifndef CLI_SPOOL_H
#define CLI_SPOOL_H

#include <sys/stat.h>

#include "base/status.h"

/* A file without a name, in TMPDIR or /var/tmp: nobody else can get at it. -1: errno says why. */
int spool_open_unnamed(void);

/* Copies everything that comes on `source` to such a file; a
 * source that is a regular file at its start is used as it is.
 *   max_size    bytes; with more the call ends with ASSAY_ERR_LIMIT; 0 for no bound
 *   wakeup      an fd that ends the wait when it becomes readable: ASSAY_ERR_CANCELLED
 * Errors: also ASSAY_ERR_IO; error says more. The caller closes *ret_fd. */
CHECKED status spool_input(int source, uint64_t max_size, int wakeup, struct error *error,
                           int *ret_fd, struct stat *ret_stat);

#endif
