#include "cli/stop_signal.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const struct {
    int number;
    const char *name;
} stop_signals[] = {{SIGINT, "SIGINT"}, {SIGTERM, "SIGTERM"}, {SIGHUP, "SIGHUP"}};

#define STOP_SIGNAL_COUNT (sizeof(stop_signals) / sizeof(stop_signals[0]))

status stop_signal_open(int *ret_fd)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < STOP_SIGNAL_COUNT; i++) {
        struct sigaction action;
        /* Blocked, a signal that is ignored would arrive after all. */
        if (sigaction(stop_signals[i].number, NULL, &action) == 0 && action.sa_handler != SIG_IGN)
            sigaddset(&set, stop_signals[i].number);
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
        return ASSAY_ERR_IO;
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        return ASSAY_ERR_IO;
    *ret_fd = fd;
    return ASSAY_OK;
}

const char *stop_signal_name(int fd)
{
    struct signalfd_siginfo info;
    if (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        for (size_t i = 0; i < STOP_SIGNAL_COUNT; i++) {
            if ((uint32_t)stop_signals[i].number == info.ssi_signo)
                return stop_signals[i].name;
        }
    }
    return "signal";
}
