/*
 * confined: one job in a process that can do nothing but that: read the file it is given, allocate
 * memory, and write to a pipe. For decoding what came from outside, before anybody has vouched for it.
 */
#ifndef POOL_CONFINED_H
#define POOL_CONFINED_H

#include "pool/sandbox.h"

/* Runs in the sandboxed process. Reads `in`, writes its result to `out` and nothing else. Returns
 * ASSAY_OK or an error. */
typedef status confined_job(int in, int out, struct error *error);

struct confined_bounds {
    enum sandbox_mode sandbox;
    uint64_t memory;  /* bytes of address space beyond what this process has; 0: no bound */
    uint64_t output;  /* bytes that are taken */
    unsigned seconds; /* before it is killed */
};

/* Runs the job on `in`, which has to be open for reading only, and appends what it writes to the file
 * `out`; what is there after an error is worth nothing. What the job returned is returned, and its
 * error's words (ASCII; other bytes become '?'). Otherwise: ASSAY_ERR_IO (out could not be written:
 * errno; no process), ASSAY_ERR_LIMIT (more output than the bound), ASSAY_ERR_TIME,
 * ASSAY_ERR_CORRUPT (it crashed, or broke the rules), ASSAY_ERR_UNSUPPORTED (SANDBOX_REQUIRED, and a
 * layer is missing), each with words. Whatever happens, the process is gone when this returns. */
CHECKED status confined_run(confined_job *job, int in, int out,
                            const struct confined_bounds *bounds, struct error *error);

#endif
