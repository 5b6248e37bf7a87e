/*
 * worker: the process that parses what attackers wrote. It gets open files, and gives events.
 */
#ifndef POOL_WORKER_H
#define POOL_WORKER_H

#include "pool/zygote.h"
#include "signatures/rules.h"

struct worker_settings {
    const struct zygote_settings *zygote;
    unsigned layers;        /* of the sandbox that closed around the zygote */
    uint64_t address_space; /* bytes the process had with the rules loaded */
};

/* Runs in a process forked for it; takes the socket. Ends when the supervisor closes the other end,
 * or after a file that left the process in doubt. */
_Noreturn void worker_run(int socket, const struct assay_rules *rules,
                          const struct worker_settings *settings);

#endif
