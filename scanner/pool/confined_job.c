#include "pool/confined_job.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Places of its files. */
enum { AT_IN = 3, AT_OUT, AT_ANSWER, AT_END };

/* The parent decides when to stop; a signal to everybody ends it, and us with it. */
static void reset_signals(void)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
    for (int i = 1; i < NSIG; i++)
        signal(i, SIG_DFL);
    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
        signal(ignored[i], SIG_IGN);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Sanitizers keep standard error to report to. */
static bool keep_only(struct confined_files *files)
{
    int *const kept[] = {&files->in, &files->out, &files->answer};
    for (size_t i = 0; i < 3; i++) { /* out of each other's way */
        *kept[i] = fcntl(*kept[i], F_DUPFD_CLOEXEC, AT_END);
        if (*kept[i] < 0)
            return false;
    }
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0)
        null = open("/", O_PATH | O_CLOEXEC);
    for (int fd = 0; fd < 3; fd++) {
        if ((fd != 2 || !SANDBOX_SANITIZED) && dup2(null, fd) < 0)
            close(fd);
    }
    for (int i = 0; i < 3; i++) {
        if (dup2(*kept[i], AT_IN + i) < 0)
            return false;
        *kept[i] = AT_IN + i;
    }
    return syscall(SYS_close_range, AT_END, ~0U, 0) == 0;
}

/* Bytes of address space in use; 0 when it is not known. */
static uint64_t address_space(void)
{
    char text[128];
    int statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t size = statm < 0 ? -1 : read(statm, text, sizeof(text) - 1);
    if (statm >= 0)
        close(statm);
    if (size <= 0)
        return 0;
    text[size] = 0;
    return strtoull(text, NULL, 10) * 4096;
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
    if (getppid() != parent || !keep_only(&files))
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
