/* read_only: takes the file system away, but for reading what resolving names and TLS read. */
#ifndef UPDATE_READ_ONLY_H
#define UPDATE_READ_ONLY_H

#include "base/status.h"

/* Needs no_new_privs. Files that are open stay so. Errors: ASSAY_ERR_UNSUPPORTED, the kernel has no
 * Landlock, and nothing changed. Source: Linux, Documentation/userspace-api/landlock.rst. */
CHECKED status read_only_enter(void);

#endif
