/*
 * sandbox: what the processes that meet hostile bytes may still do. It closes in two steps, each of
 * which only takes away: the zygote may compile rules and fork workers; a worker may read what it
 * was given, allocate memory and answer on its socket.
 *
 *     no_new_privs   no set-id program gives rights back
 *     landlock       no file system, no network, no signals or sockets across the border, as far as
 *                    the kernel knows them (Landlock ABI 1 to 6)
 *     seccomp        an allow-list of system calls; anything else kills the process. Only opening a
 *                    file and asking for a file's status fail instead: the C library tries both in
 *                    good faith (locales, iconv) and copes.
 *     rlimits        address space, CPU time, no files written, no processes, no core dumps
 */
#ifndef POOL_SANDBOX_H
#define POOL_SANDBOX_H

#include "base/status.h"

enum sandbox_layer {
    SANDBOX_NO_NEW_PRIVS = 1 << 0,
    SANDBOX_LANDLOCK = 1 << 1,
    SANDBOX_SECCOMP = 1 << 2,
    SANDBOX_RLIMITS = 1 << 3,
    SANDBOX_ALL = (1 << 4) - 1,
};
#define SANDBOX_LAYER_COUNT 4

enum sandbox_mode {
    SANDBOX_AUTO,     /* what the kernel has */
    SANDBOX_REQUIRED, /* all of it, or nothing starts */
    SANDBOX_OFF,
};

/* AddressSanitizer reserves terabytes of address space and makes system calls of its own. */
#if defined(__SANITIZE_ADDRESS__)
#define SANDBOX_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANDBOX_SANITIZED 1
#endif
#endif
#ifndef SANDBOX_SANITIZED
#define SANDBOX_SANITIZED 0
#endif

/* Flags of the only clone the zygote may make: the worker becomes a child of the supervisor, which
 * gets to hold it by a pidfd. */
#define SANDBOX_WORKER_CLONE (CLONE_PARENT | CLONE_PIDFD | SIGCHLD)

/* The zygote's step, for this process and all it will fork: as much as the kernel has. Returns the
 * layers that are active; SANDBOX_RLIMITS is among them because every worker closes it or does not
 * start. With SANDBOX_OFF nothing is done. */
unsigned sandbox_enter_zygote(enum sandbox_mode mode);

/* ASSAY_ERR_UNSUPPORTED when a layer is missing; error says which. */
CHECKED status sandbox_require_all(unsigned layers, struct error *error);

/* The worker's step, within the zygote's. address_space in bytes; 0 for no bound. */
CHECKED status sandbox_enter_worker(unsigned layers, uint64_t address_space);

/* Sets the soft bounds for the next object: address space in bytes (0: none), and CPU seconds that
 * may be used from now on (0: none). */
CHECKED status sandbox_set_bounds(unsigned layers, uint64_t address_space, uint64_t cpu_seconds);

/* "full", "partial" or "none". */
const char *sandbox_word(unsigned layers);
/* The names of these layers; returns how many. Static texts. */
size_t sandbox_layer_names(unsigned layers, const char *ret_names[SANDBOX_LAYER_COUNT]);

/* One attempt at something that a worker must not be able to do. */
struct sandbox_probe {
    const char *name; /* "open" */
    bool denied;
    bool failed; /* the attempt could not be made */
};

#define SANDBOX_PROBES_MAX 16

/* Makes every attempt in a process of its own inside a worker's sandbox. */
CHECKED status sandbox_self_test(enum sandbox_mode mode,
                                 struct sandbox_probe ret_probes[SANDBOX_PROBES_MAX],
                                 size_t *ret_count);

#endif
