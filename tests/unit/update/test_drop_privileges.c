/* What is left after a process gave up its rights. Each test does so in a process of its own, which
 * ends with the number of the first line that does not hold, as far as an exit code can tell it. */
#include "unit.h"
#include "update/drop_privileges.h"
#include "update/read_only.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define HOLDS(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            _exit(__LINE__);                                                                       \
    } while (0)

static void in_a_process(void (*body)(void))
{
    int ended = 0;
    pid_t child = fork();
    if (child == 0) {
        body();
        _exit(0);
    }
    ck_assert_int_gt(child, 0);
    ck_assert_int_eq(waitpid(child, &ended, 0), child);
    ck_assert_msg(WIFEXITED(ended) && WEXITSTATUS(ended) == 0, "line %d", WEXITSTATUS(ended));
}

static bool limit_is(int resource, rlim_t bound)
{
    struct rlimit limit;
    return getrlimit((__rlimit_resource_t)resource, &limit) == 0 && limit.rlim_cur == bound &&
           limit.rlim_max == bound;
}

static void drop_all(void)
{
    int fd = fcntl(STDERR_FILENO, F_DUPFD, 10);
    uid_t before = getuid();
    HOLDS(fd >= 10);
    HOLDS(drop_privileges(4096, NULL) == ASSAY_OK);
    HOLDS(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
    HOLDS(limit_is(RLIMIT_CORE, 0));
    HOLDS(limit_is(RLIMIT_FSIZE, 4096));
    HOLDS(fcntl(fd, F_GETFD) < 0);
    HOLDS(getuid() != 0 && geteuid() != 0);
    if (before != 0) {
        HOLDS(getuid() == before);
        return;
    }
    HOLDS(getgid() != 0 && getegid() != 0);
    HOLDS(getgroups(0, NULL) == 0);
    HOLDS(setuid(0) < 0 && seteuid(0) < 0 && setgid(0) < 0);
}

START_TEST(rights_are_gone_for_good)
{
    in_a_process(drop_all);
}
END_TEST

static void drop_below(void)
{
    struct rlimit limit = {.rlim_cur = 100, .rlim_max = 100};
    HOLDS(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    HOLDS(drop_privileges(4096, NULL) == ASSAY_OK);
    HOLDS(limit_is(RLIMIT_FSIZE, 100));
}

START_TEST(a_limit_is_never_raised)
{
    in_a_process(drop_below);
}
END_TEST

static bool opens(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static void read_only(void)
{
    char path[] = "/tmp/assay-read-only-XXXXXX";
    int fd = mkstemp(path);
    HOLDS(fd >= 0 && unlink(path) == 0);
    HOLDS(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    status entered = read_only_enter();
    if (entered == ASSAY_ERR_UNSUPPORTED)
        return; /* a kernel without Landlock */
    HOLDS(entered == ASSAY_OK);
    HOLDS(opens("/etc/passwd", O_RDONLY));
    HOLDS(opens("/usr/lib", O_RDONLY | O_DIRECTORY));
    HOLDS(!opens("/etc/passwd", O_RDWR));
    HOLDS(!opens("/proc/self/environ", O_RDONLY));
    HOLDS(!opens("/tmp", O_RDONLY | O_DIRECTORY));
    HOLDS(!opens(path, O_RDWR | O_CREAT));
    HOLDS(mkdir(path, 0700) < 0);
    /* What was open stays open. */
    HOLDS(pwrite(fd, "x", 1, 0) == 1 && ftruncate(fd, 0) == 0);
}

START_TEST(the_file_system_is_gone_but_for_reading_a_little)
{
    in_a_process(read_only);
}
END_TEST

UNIT_MAIN("drop_privileges", rights_are_gone_for_good, a_limit_is_never_raised,
          the_file_system_is_gone_but_for_reading_a_little)
