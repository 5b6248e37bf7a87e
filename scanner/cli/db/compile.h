/* compile: the rule sources of a bundle, handed to the sandboxed compiler. */
#ifndef CLI_DB_COMPILE_H
#define CLI_DB_COMPILE_H

#include "pool/pool.h"
#include "signatures/database/bundle.h"

#define COMPILE_SECONDS 300

struct compile_files {
    const char *database; /* its name */
    const struct bundle_file *files;
    size_t count;
};

/* Compiles those of the files that are rule sources; an include finds any of them. `compile` says who
 * is told what; its includes are set here. *ret_rules is 0 when there is no source. files is borrowed
 * for the call. Errors: as pool_compile. */
CHECKED status compile_sources(struct pool *pool, const struct compile_files *files,
                               const struct pool_compile *compile, struct error *error,
                               uint64_t *ret_rules);

/* The bytes as a file without a name: in memory, or on a disk when they are many. */
CHECKED status compile_as_file(struct view bytes, int *ret_fd);

/* Makes an index of the hash list in `out`, in a process that can do nothing else. */
CHECKED status compile_hashes(struct view list, int out, struct error *error);

#endif
