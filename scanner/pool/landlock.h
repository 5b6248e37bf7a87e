/* landlock: takes the file system, and with newer kernels more, from this process for good. */
#ifndef POOL_LANDLOCK_H
#define POOL_LANDLOCK_H

#include "base/status.h"

/* Needs no_new_privs. Errors: ASSAY_ERR_UNSUPPORTED, the kernel has no Landlock. Source: Linux,
 * Documentation/userspace-api/landlock.rst. */
CHECKED status landlock_deny_all(void);

#endif
