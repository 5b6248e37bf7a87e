/* roots: the paths to scan, from the command line and from a list. */
#ifndef CLI_ROOTS_H
#define CLI_ROOTS_H

#include "base/cleanup.h"
#include "base/status.h"

struct roots;

struct roots_source {
    char *const *paths; /* operands of the command line */
    size_t path_count;
    const char *list;    /* a file of further paths; "-" for standard input; NULL for none */
    bool null_separated; /* the list separates paths by NUL bytes, not by newlines */
};

/* source is borrowed. Errors: ASSAY_ERR_IO (the list cannot be opened; error says so). */
CHECKED status roots_new(const struct roots_source *source, struct error *error,
                         struct roots **ret_roots);
void roots_free(struct roots *roots);
DEFINE_CLEANUP(struct roots, roots_free);

/* The next path, borrowed until the next call. A list may be a pipe that is silent for long:
 * stop_fd (-1: none) ends the wait when it is readable. ASSAY_END: there is none. Errors:
 * ASSAY_ERR_IO, ASSAY_ERR_NOMEM, ASSAY_ERR_CANCELLED. */
CHECKED status roots_next(struct roots *roots, int stop_fd, struct error *error,
                          struct assay_bytes *ret_path);

/* True when roots_next would wait for more of the list to come. */
bool roots_would_wait(const struct roots *roots);

#endif
