/* options: the command line of assay-update. */
#ifndef UPDATE_OPTIONS_H
#define UPDATE_OPTIONS_H

#include "base/status.h"

#include <stdint.h>

struct update_options {
    const char *url;
    const char *ca_file; /* NULL: those that the system trusts */
    uint64_t max_bytes;  /* of the whole file */
    uint64_t timeout;    /* seconds for all of it */
    uint64_t low_speed;  /* bytes a second; 0: no bound */
};

/* Texts are borrowed from argv. Errors: ASSAY_ERR_ARGUMENT, error has the words. */
CHECKED status update_options_read(int argc, char *const *argv, struct error *error,
                                   struct update_options *ret_options);

#endif
