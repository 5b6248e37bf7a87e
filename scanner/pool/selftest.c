/* Every attempt is made by a process of its own, because the sandbox may answer with a kill. */
#include "pool/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* What an attempt may use: made before the sandbox closed. */
struct means {
    int socket;
    pid_t parent;
};

/* Each returns a negative number when it was refused. */

static long try_open(const struct means *means)
{
    (void)means;
    return open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static long try_create(const struct means *means)
{
    (void)means;
    return open("/tmp/assay-self-test", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

static long try_unlink(const struct means *means)
{
    (void)means;
    return unlink("/tmp/assay-self-test");
}

static long try_socket(const struct means *means)
{
    (void)means;
    return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static long try_connect(const struct means *means)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int connected = connect(means->socket, (struct sockaddr *)&address, sizeof(address));
    return connected < 0 && errno == ECONNREFUSED ? 0 : connected;
}

static long try_execve(const struct means *means)
{
    (void)means;
    char *arguments[] = {(char[]){"true"}, NULL};
    char *environment[] = {NULL};
    return execve("/bin/true", arguments, environment);
}

static long try_clone(const struct means *means)
{
    (void)means;
    return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static long try_ptrace(const struct means *means)
{
    /* PTRACE_ATTACH, when allowed, would leave the parent stopped for good. */
    return ptrace(PTRACE_SEIZE, means->parent, NULL, NULL);
}

static long try_kill(const struct means *means)
{
    return kill(means->parent, 0);
}

static long try_executable_memory(const struct means *means)
{
    (void)means;
    void *page =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? -1 : 0;
}

static const struct {
    const char *name;
    long (*attempt)(const struct means *means);
} attempts[] = {
    {"open", try_open},       {"create", try_create},
    {"unlink", try_unlink},   {"socket", try_socket},
    {"connect", try_connect}, {"execve", try_execve},
    {"clone", try_clone},     {"ptrace", try_ptrace},
    {"kill", try_kill},       {"executable memory", try_executable_memory},
};

enum outcome { OUTCOME_ALLOWED, OUTCOME_REFUSED, OUTCOME_NO_SANDBOX };

_Noreturn static void attempt_in_child(size_t index, enum sandbox_mode mode,
                                       const struct means *means)
{
    unsigned layers = sandbox_enter_zygote(mode);
    if (sandbox_enter_worker(layers, 0) < 0)
        _exit(OUTCOME_NO_SANDBOX);
    _exit(attempts[index].attempt(means) < 0 ? OUTCOME_REFUSED : OUTCOME_ALLOWED);
}

/* A successful execve ends with the program's own exit status, which is 0: allowed. */
static struct sandbox_probe judge(const char *name, int exit_status)
{
    struct sandbox_probe probe = {.name = name};
    if (WIFSIGNALED(exit_status))
        probe.denied = WTERMSIG(exit_status) == SIGSYS;
    else
        probe.denied = WEXITSTATUS(exit_status) == OUTCOME_REFUSED;
    probe.failed =
        !probe.denied && !(WIFEXITED(exit_status) && WEXITSTATUS(exit_status) == OUTCOME_ALLOWED);
    return probe;
}

static status probe(size_t index, enum sandbox_mode mode, const struct means *means,
                    struct sandbox_probe *ret_probe)
{
    pid_t child = fork();
    if (child < 0)
        return ASSAY_ERR_IO;
    if (child == 0)
        attempt_in_child(index, mode, means);
    int exit_status;
    if (waitpid(child, &exit_status, 0) < 0)
        return ASSAY_ERR_IO;
    *ret_probe = judge(attempts[index].name, exit_status);
    return ASSAY_OK;
}

status sandbox_self_test(enum sandbox_mode mode,
                         struct sandbox_probe ret_probes[SANDBOX_PROBES_MAX], size_t *ret_count)
{
    struct means means = {.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
                          .parent = getpid()};
    size_t count = sizeof(attempts) / sizeof(attempts[0]);
    status tested = ASSAY_OK;
    for (size_t i = 0; i < count && tested >= 0; i++)
        tested = probe(i, mode, &means, &ret_probes[i]);
    if (means.socket >= 0)
        close(means.socket);
    TRY(tested);
    *ret_count = count;
    return ASSAY_OK;
}
