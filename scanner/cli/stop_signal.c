#include "cli/stop_signal.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const struct {
    int number;
    const char *name;
} stop_signals[] = {{SIGINT, "SIGINT"}, {SIGTERM, "SIGTERM"}, {SIGHUP, "SIGHUP"}};

#define STOP_SIGNAL_COUNT (sizeof(stop_signals) / sizeof(stop_signals[0]))

static sigset_t stop_set(void)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < STOP_SIGNAL_COUNT; i++)
        sigaddset(&set, stop_signals[i].number);
    return set;
}

status stop_signal_open(int *ret_fd)
{
    sigset_t set = stop_set();
    signal(SIGPIPE, SIG_IGN);
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

void stop_signal_close(int fd)
{
    if (fd < 0)
        return;
    sigset_t set = stop_set();
    close(fd);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}
