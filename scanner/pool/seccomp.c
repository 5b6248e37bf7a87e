#include "pool/seccomp.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "pool/sandbox.h"

typedef scmp_filter_ctx filter_context;

static void filter_cleanup(filter_context *pointer)
{
    seccomp_release(*pointer);
}

/* Needed by both, whatever their arguments. */
static const int plain_calls[] = {
    SCMP_SYS(read),
    SCMP_SYS(pread64),
    SCMP_SYS(write),
    SCMP_SYS(sendmsg),
    SCMP_SYS(recvmsg),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(lseek),
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(getrandom),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(sysinfo), /* qsort asks how much memory there is */
};

/* The C library tries these in good faith and lives without. */
static const int refused_calls[] = {
    SCMP_SYS(open),       SCMP_SYS(openat), SCMP_SYS(stat),   SCMP_SYS(lstat),
    SCMP_SYS(newfstatat), SCMP_SYS(statx),  SCMP_SYS(access), SCMP_SYS(faccessat),
    SCMP_SYS(readlink),   SCMP_SYS(ioctl),
};

static int allow_plain(filter_context filter)
{
    for (size_t i = 0; i < sizeof(plain_calls) / sizeof(plain_calls[0]); i++) {
        int failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, plain_calls[i], 0);
        if (failed)
            return failed;
    }
    for (size_t i = 0; i < sizeof(refused_calls) / sizeof(refused_calls[0]); i++) {
        int failed = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), refused_calls[i], 0);
        if (failed)
            return failed;
    }
    return 0;
}

/* Memory is never executable; limits and signals are this process's own. */
static int allow_with_arguments(filter_context filter)
{
    static const int memory_calls[] = {SCMP_SYS(mmap), SCMP_SYS(mprotect)};
    for (size_t i = 0; i < sizeof(memory_calls) / sizeof(memory_calls[0]); i++) {
        int failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, memory_calls[i], 1,
                                      SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
        if (failed)
            return failed;
    }
    int failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1,
                                  SCMP_A0(SCMP_CMP_EQ, 0, 0));
    if (failed)
        return failed;
    /* abort() */
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                            SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
}

/* Forking workers, and what a worker does before its own filter is in place. */
static int allow_forking(filter_context filter)
{
    int failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                                  SCMP_A0(SCMP_CMP_EQ, SANDBOX_WORKER_CLONE, 0));
    if (!failed)
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 0);
    if (!failed)
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(seccomp), 0);
    /* A worker's own filter allows its own pid only; here the pid is not known yet. */
    if (!failed)
        failed = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 0);
    return failed;
}

static status load(bool may_fork)
{
    filter_context filter cleanup(filter_cleanup) = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!filter)
        return ASSAY_ERR_UNSUPPORTED;
    int failed = allow_plain(filter);
    if (!failed)
        failed = allow_with_arguments(filter);
    if (!failed && may_fork)
        failed = allow_forking(filter);
    if (!failed)
        failed = seccomp_load(filter);
    return failed ? ASSAY_ERR_UNSUPPORTED : ASSAY_OK;
}

status seccomp_allow_zygote(void)
{
    return load(true);
}

status seccomp_allow_worker(void)
{
    return load(false);
}
