/* confined_job: the process that a confined job runs in, from fork to its end. */
#ifndef POOL_CONFINED_JOB_H
#define POOL_CONFINED_JOB_H

#include "pool/confined.h"

#include <sys/types.h>

struct confined_files {
    int in, out, answer;
};

/* What it says in the end, once. */
struct confined_answer {
    int32_t ended;                                 /* status */
    char words[sizeof(((struct error *)0)->text)]; /* up to a NUL */
};

_Noreturn void confined_child(confined_job *job, struct confined_files files,
                              const struct confined_bounds *bounds, pid_t parent);

#endif
