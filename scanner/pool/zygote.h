/*
 * zygote: the process that compiles the rules, or reads compiled ones, and forks the workers. It is
 * sandboxed before it gets the first byte of a rule. Everything it says to the supervisor is taken as
 * hostile.
 */
#ifndef POOL_ZYGOTE_H
#define POOL_ZYGOTE_H

#include "pool/sandbox.h"

struct zygote_settings {
    enum sandbox_mode sandbox;
    struct assay_limits limits;
    uint64_t memory; /* bytes of address space for a worker beyond the rules; 0 for no bound */
    bool report_clean;
    bool report_views;
    bool builtin; /* the built-in rules are compiled with the first sources */
    const struct assay_bytes *passwords; /* to try on encrypted members */
    size_t password_count;
};

/* Runs in a process forked for it, which owns nothing else; takes the socket. Ends when the
 * supervisor closes the other end. */
_Noreturn void zygote_run(int socket, const struct zygote_settings *settings);

#endif
