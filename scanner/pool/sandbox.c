#include "pool/sandbox.h"

#include "pool/landlock.h"
#include "pool/seccomp.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

static const struct {
    enum sandbox_layer layer;
    const char *name;
} layer_names[SANDBOX_LAYER_COUNT] = {
    {SANDBOX_NO_NEW_PRIVS, "no_new_privs"},
    {SANDBOX_LANDLOCK, "landlock"},
    {SANDBOX_SECCOMP, "seccomp"},
    {SANDBOX_RLIMITS, "rlimits"},
};

size_t sandbox_layer_names(unsigned layers, const char *ret_names[SANDBOX_LAYER_COUNT])
{
    size_t count = 0;
    for (size_t i = 0; i < SANDBOX_LAYER_COUNT; i++) {
        if (layers & layer_names[i].layer)
            ret_names[count++] = layer_names[i].name;
    }
    return count;
}

const char *sandbox_word(unsigned layers)
{
    if (layers == SANDBOX_ALL)
        return "full";
    return layers ? "partial" : "none";
}

status sandbox_require_all(unsigned layers, struct error *error)
{
    for (size_t i = 0; i < SANDBOX_LAYER_COUNT; i++) {
        if (!(layers & layer_names[i].layer))
            return error_set(error, ASSAY_ERR_UNSUPPORTED,
                             "the sandbox is required, but this system cannot give it %s; see "
                             "`assay doctor`",
                             layer_names[i].name);
    }
    return ASSAY_OK;
}

static status set_limit(int resource, rlim_t soft, rlim_t hard)
{
    struct rlimit limit = {.rlim_cur = soft, .rlim_max = hard};
    return setrlimit((__rlimit_resource_t)resource, &limit) == 0 ? ASSAY_OK : ASSAY_ERR_IO;
}

/* Keeps the hard limit that is there. */
static status set_soft_limit(int resource, rlim_t soft)
{
    struct rlimit limit;
    if (getrlimit((__rlimit_resource_t)resource, &limit) < 0)
        return ASSAY_ERR_IO;
    limit.rlim_cur = soft < limit.rlim_max ? soft : limit.rlim_max;
    return setrlimit((__rlimit_resource_t)resource, &limit) == 0 ? ASSAY_OK : ASSAY_ERR_IO;
}

/* Bytes of memory for the zygote: seven thousand real rules compile in a tenth of it, a million strings
 * in a third. What is mapped from files, such as an index of hashes, does not count. */
#define ZYGOTE_MEMORY (UINT64_C(2) << 30)

unsigned sandbox_enter_zygote(enum sandbox_mode mode)
{
    unsigned layers = 0;
    if (mode == SANDBOX_OFF)
        return layers;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
        layers |= SANDBOX_NO_NEW_PRIVS;
    if (landlock_deny_all() >= 0)
        layers |= SANDBOX_LANDLOCK;
    if (SANDBOX_SANITIZED)
        return layers;
    /* The filter is made first: it takes memory, which a process that has mapped much would not get
     * any more. */
    if (seccomp_allow_zygote() >= 0)
        layers |= SANDBOX_SECCOMP;
    if (set_soft_limit(RLIMIT_DATA, ZYGOTE_MEMORY) >= 0)
        layers |= SANDBOX_RLIMITS;
    return layers;
}

status sandbox_enter_worker(unsigned layers, uint64_t address_space)
{
    if (layers & SANDBOX_RLIMITS) {
        TRY(set_limit(RLIMIT_CORE, 0, 0));
        TRY(set_limit(RLIMIT_FSIZE, 0, 0));
        TRY(set_limit(RLIMIT_NPROC, 0, 0));
        TRY(set_soft_limit(RLIMIT_DATA,
                           RLIM_INFINITY)); /* the zygote's; address space is bounded */
        TRY(sandbox_set_bounds(layers, address_space, 0));
    }
    return layers & SANDBOX_SECCOMP ? seccomp_allow_worker() : ASSAY_OK;
}

static uint64_t cpu_seconds_used(void)
{
    struct timespec used = {0, 0};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (uint64_t)used.tv_sec + 1;
}

status sandbox_set_bounds(unsigned layers, uint64_t address_space, uint64_t cpu_seconds)
{
    if (!(layers & SANDBOX_RLIMITS))
        return ASSAY_OK;
    TRY(set_soft_limit(RLIMIT_AS, address_space ? address_space : RLIM_INFINITY));
    return set_soft_limit(RLIMIT_CPU,
                          cpu_seconds ? cpu_seconds_used() + cpu_seconds : RLIM_INFINITY);
}
