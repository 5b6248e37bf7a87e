#include "pool/child.h"

#include "pool/sandbox.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STANDARD_STREAMS 3
#define FILES_MAX        65536 /* descriptors that are closed one by one, where the kernel is old */
#define PAGE_BYTES       4096

void child_ignore_signals(void)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
        signal(ignored[i], SIG_IGN);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Without a /dev there is still something to hold the places. */
static void replace_standard_streams(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0)
        null = open("/", O_PATH | O_CLOEXEC);
    for (int fd = 0; fd < STANDARD_STREAMS; fd++) {
        if ((fd != STDERR_FILENO || !SANDBOX_SANITIZED) && dup2(null, fd) < 0)
            close(fd);
    }
}

static void close_from(int first)
{
    if (syscall(SYS_close_range, first, ~0U, 0) == 0)
        return;
    for (int fd = first; fd < FILES_MAX; fd++)
        close(fd);
}

bool child_keep_only(int *const kept[], size_t count)
{
    const int end = STANDARD_STREAMS + (int)count;
    for (size_t i = 0; i < count; i++) { /* out of each other's way */
        if (*kept[i] < end)
            *kept[i] = fcntl(*kept[i], F_DUPFD_CLOEXEC, end);
        if (*kept[i] < 0)
            return false;
    }
    replace_standard_streams();
    for (size_t i = 0; i < count; i++) {
        int place = STANDARD_STREAMS + (int)i;
        if (dup2(*kept[i], place) < 0)
            return false;
        *kept[i] = place;
    }
    close_from(end);
    return true;
}

uint64_t child_address_space(int statm)
{
    char text[128];
    ssize_t size = statm < 0 ? -1 : pread(statm, text, sizeof(text) - 1, 0);
    if (size <= 0)
        return 0;
    text[size] = 0;
    return strtoull(text, NULL, 10) * PAGE_BYTES;
}
