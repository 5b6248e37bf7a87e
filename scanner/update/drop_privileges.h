/*
 * drop_privileges: this process gives up, for good, what a download does not need:
 *
 *     user            root becomes _assay where that user exists, else nobody, with no other groups
 *     no_new_privs    no set-id program gives rights back
 *     descriptors     all but 0 to 3 are closed
 *     rlimits         no core files; no file larger than the download may be
 *     Landlock        nothing can be opened but, for reading, what resolving names and checking
 *                     certificates needs; where the kernel has it
 */
#ifndef UPDATE_DROP_PRIVILEGES_H
#define UPDATE_DROP_PRIVILEGES_H

#include "base/status.h"

#include <stdint.h>

/* Errors: ASSAY_ERR_IO, something that every kernel can do failed; error has words. */
CHECKED status drop_privileges(uint64_t max_bytes, struct error *error);

#endif
