/* open_files: how many workers and files a pool can hold within the limit of open descriptors. */
#ifndef POOL_OPEN_FILES_H
#define POOL_OPEN_FILES_H

#include <stddef.h>
#include <stdint.h>

struct open_files {
    unsigned workers; /* at least 1 */
    size_t tasks;     /* files that may be with workers, all together; at least 1 */
};

/* Leaves half of what the process may open to others: the walk, reports, libraries.
 *   limit  RLIMIT_NOFILE
 *   jobs   workers that are wanted */
struct open_files open_files_share(uint64_t limit, unsigned jobs);

#endif
