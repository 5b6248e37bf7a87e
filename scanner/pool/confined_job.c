#include "pool/confined_job.h"

#include "base/cleanup.h"
#include "pool/child.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static void reset_signals(void)
{
    for (int i = 1; i < NSIG; i++)
        signal(i, SIG_DFL);
    child_ignore_signals();
}

static uint64_t address_space(void)
{
    int statm cleanup(fd_cleanup) = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    return child_address_space(statm);
}

static status enter_sandbox(const struct confined_bounds *bounds, struct error *error)
{
    uint64_t space = bounds->memory ? bounds->memory + address_space() : 0;
    unsigned layers = sandbox_enter_zygote(bounds->sandbox);
    if (bounds->sandbox == SANDBOX_REQUIRED)
        TRY(sandbox_require_all(layers, error));
    if (sandbox_enter_worker(layers, space) < 0)
        return error_set(error, ASSAY_ERR_UNSUPPORTED, "the sandbox could not be entered");
    return ASSAY_OK;
}

_Noreturn void confined_child(confined_job *job, struct confined_files files,
                              const struct confined_bounds *bounds, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    reset_signals();
    int *const kept[] = {&files.in, &files.out, &files.answer};
    if (getppid() != parent || !child_keep_only(kept, sizeof(kept) / sizeof(kept[0])))
        _exit(1);
    struct error error = {""};
    struct confined_answer answer = {.ended = enter_sandbox(bounds, &error)};
    if (answer.ended == ASSAY_OK)
        answer.ended = job(files.in, files.out, &error);
    memcpy(answer.words, error.text, sizeof(answer.words));
    /* Less than PIPE_BUF bytes, into an empty pipe: all or nothing. */
    ssize_t said = write(files.answer, &answer, sizeof(answer));
    _exit(said != (ssize_t)sizeof(answer));
}
