/* seccomp: the two allow-lists, by libseccomp. */
#ifndef POOL_SECCOMP_H
#define POOL_SECCOMP_H

#include "base/status.h"

/* What the zygote may still call; its workers may call no more. Needs no_new_privs.
 * Errors: ASSAY_ERR_UNSUPPORTED, the kernel has no seccomp filters. */
CHECKED status seccomp_allow_zygote(void);
/* What a worker may still call. */
CHECKED status seccomp_allow_worker(void);

#endif
