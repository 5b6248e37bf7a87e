#include "cli/fetch_program.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/updater.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define GRACE_SECONDS UINT64_C(5) /* past its own timeout */
#define WORDS_MAX     240         /* bytes of what it says; struct error has not much more */

#define NUMBER_TEXT 24

/* Its command line and environment, and what they point to. */
struct command {
    char path[PATH_MAX];
    char numbers[3][NUMBER_TEXT];
    const char *arguments[12];
    char *variables[8]; /* owned */
};

static void command_release(struct command *command)
{
    for (size_t i = 0; command->variables[i]; i++)
        free(command->variables[i]);
}

static status find_own(struct error *error, char ret_path[PATH_MAX])
{
    char self[PATH_MAX];
    struct stat program;
    ssize_t size = readlink("/proc/self/exe", self, sizeof(self) - 1);
    if (size <= 0 || stat("/proc/self/exe", &program) < 0)
        return fetch_find_program(NULL, 0, error, ret_path);
    self[size] = 0;
    char *slash = strrchr(self, '/');
    if (slash)
        *slash = 0;
    /* What is a program's owner's is as good as the program. */
    return fetch_find_program(slash ? self : NULL, program.st_uid, error, ret_path);
}

static status set_environment(struct command *command)
{
    static const char *const kept[] = {UPDATER_ENVIRONMENT};
    size_t count = 0;
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        const char *value = getenv(kept[i]);
        struct buffer text cleanup(buffer_release) = {NULL, 0, 0};
        if (!value)
            continue;
        TRY(buffer_append_format(&text, "%s=%s", kept[i], value));
        TRY(buffer_terminate(&text));
        command->variables[count++] = (char *)steal_pointer(text.data);
    }
    return ASSAY_OK;
}

static status set_command(const struct fetch_options *options, const char *url, struct error *error,
                          struct command *command)
{
    const struct {
        const char *name;
        uint64_t value;
    } numbers[] = {
        {"--max-bytes", options->max_bytes},
        {"--timeout", options->timeout},
        {"--low-speed", options->low_speed},
    };
    if (options->program)
        snprintf(command->path, sizeof(command->path), "%s", options->program);
    else
        TRY(find_own(error, command->path));
    size_t count = 0;
    command->arguments[count++] = UPDATER_PROGRAM;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        snprintf(command->numbers[i], NUMBER_TEXT, "%llu", (unsigned long long)numbers[i].value);
        command->arguments[count++] = numbers[i].name;
        command->arguments[count++] = command->numbers[i];
    }
    if (options->ca_file) {
        command->arguments[count++] = "--ca-file";
        command->arguments[count++] = options->ca_file;
    }
    command->arguments[count] = url;
    if (set_environment(command) < 0)
        return error_set(error, ASSAY_ERR_NOMEM, "out of memory: free some and try again");
    return ASSAY_OK;
}

/* Descriptors above the standard ones and its own, so that putting one in its place takes no other
 * away. */
static int set_descriptors(posix_spawn_file_actions_t *actions, int target, int words)
{
    int wrong = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    wrong |= posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    wrong |= posix_spawn_file_actions_adddup2(actions, words, STDERR_FILENO);
    wrong |= posix_spawn_file_actions_adddup2(actions, target, UPDATER_TARGET_FD);
    return wrong;
}

/* Signals as a program finds them that nobody prepared for, and a group of its own: what the
 * terminal sends goes to whoever started it, who decides. */
static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int wrong = posix_spawnattr_setsigmask(attributes, &none);
    wrong |= posix_spawnattr_setsigdefault(attributes, &all);
    wrong |= posix_spawnattr_setpgroup(attributes, 0);
    wrong |= posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                      POSIX_SPAWN_SETPGROUP);
    return wrong;
}

/* Returns an error number. */
static int start(struct command *command, int target, int words, pid_t *ret_pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int high_target cleanup(fd_cleanup) = fcntl(target, F_DUPFD_CLOEXEC, UPDATER_TARGET_FD + 1);
    int high_words cleanup(fd_cleanup) = fcntl(words, F_DUPFD_CLOEXEC, UPDATER_TARGET_FD + 1);
    if (high_target < 0 || high_words < 0)
        return errno;
    int wrong = posix_spawn_file_actions_init(&actions);
    if (wrong)
        return wrong;
    wrong = posix_spawnattr_init(&attributes);
    if (wrong == 0) {
        wrong = set_descriptors(&actions, high_target, high_words) | set_attributes(&attributes);
        if (wrong == 0)
            /* The strings are not written to; the type is older than const. */
            wrong = posix_spawn(ret_pid, command->path, &actions, &attributes,
                                (char *const *)(uintptr_t)command->arguments, command->variables);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return wrong;
}

/* What it said, until now. Its end may be missing: only the first line counts. */
struct words {
    char text[WORDS_MAX];
    size_t size;
};

/* False: nothing more comes, now or at all. */
static bool read_words(int fd, struct words *words)
{
    char room[1024];
    ssize_t got = read(fd, room, sizeof(room));
    if (got < 0)
        return errno == EINTR;
    size_t fits = sizeof(words->text) - words->size;
    if ((size_t)got < fits)
        fits = (size_t)got;
    memcpy(words->text + words->size, room, fits);
    words->size += fits;
    return got > 0;
}

/* The first line, without the name of the program, as one can show it. */
static status set_words(struct error *error, status why, const struct words *words)
{
    static const char name[] = UPDATER_PROGRAM ": ";
    struct buffer line cleanup(buffer_release) = {NULL, 0, 0};
    const char *end = memchr(words->text, '\n', words->size);
    struct view text = {(const uint8_t *)words->text,
                        end ? (size_t)(end - words->text) : words->size};
    if (view_starts(text, 0, name, strlen(name)))
        text = view_sub(text, strlen(name), text.size);
    if (text_escape(&line, (struct assay_bytes){text.data, (size_t)text.size}) < 0 ||
        buffer_terminate(&line) < 0)
        return error_set(error, ASSAY_ERR_NOMEM, "out of memory: free some and try again");
    return error_set(error, why, "%s", (const char *)line.data);
}

static status judge(const siginfo_t *info, const struct words *words, struct error *error)
{
    static const struct {
        enum updater_exit exit;
        status why;
    } exits[] = {
        {UPDATER_OK, ASSAY_OK},
        {UPDATER_USAGE, ASSAY_ERR_ARGUMENT},
        {UPDATER_NOT_FOUND, ASSAY_ERR_ARGUMENT},
        {UPDATER_TOO_LARGE, ASSAY_ERR_LIMIT},
        {UPDATER_CUT, ASSAY_ERR_TRUNCATED},
        {UPDATER_SLOW, ASSAY_ERR_TIME},
    };
    if (info->si_code != CLD_EXITED)
        return error_set(error, ASSAY_ERR_IO,
                         UPDATER_PROGRAM
                         " was ended by signal %d; try again, and report it when it "
                         "happens again",
                         info->si_status);
    status why = ASSAY_ERR_IO;
    for (size_t i = 0; i < sizeof(exits) / sizeof(exits[0]); i++) {
        if ((int)exits[i].exit == info->si_status)
            why = exits[i].why;
    }
    if (why == ASSAY_OK)
        return why;
    if (words->size == 0)
        return error_set(error, why,
                         UPDATER_PROGRAM " ended with code %d and said nothing; try again",
                         info->si_status);
    return set_words(error, why, words);
}

/* ASSAY_OK: it ended. */
static status wait_for_end(const struct fetch_options *options, int process, int words_fd,
                           uint64_t deadline, struct words *words)
{
    struct pollfd pollers[] = {
        {.fd = process, .events = POLLIN},
        {.fd = options->stop, .events = POLLIN},
        {.fd = words_fd, .events = POLLIN},
    };
    for (;;) {
        uint64_t now = clock_nanoseconds();
        if (now >= deadline)
            return ASSAY_ERR_TIME;
        uint64_t left = (deadline - now) / (CLOCK_SECOND / 1000) + 1;
        int ready = poll(pollers, 3, left < INT_MAX ? (int)left : INT_MAX);
        if (ready < 0 && errno != EINTR)
            return ASSAY_ERR_IO;
        if (ready <= 0)
            continue;
        if (pollers[0].revents)
            return ASSAY_OK;
        if (pollers[1].revents)
            return ASSAY_ERR_CANCELLED;
        if (pollers[2].revents && !read_words(words_fd, words))
            pollers[2].fd = -1;
    }
}

static status watch(const struct fetch_options *options, pid_t pid, int words_fd,
                    struct error *error)
{
    struct words words = {.size = 0};
    siginfo_t info = {.si_code = 0};
    uint64_t deadline = clock_nanoseconds() + (options->timeout + GRACE_SECONDS) * CLOCK_SECOND;
    int process cleanup(fd_cleanup) = pidfd_open(pid, 0);
    status ended =
        process < 0 ? ASSAY_ERR_IO : wait_for_end(options, process, words_fd, deadline, &words);
    kill(-pid, SIGKILL); /* and what it may have left in its group */
    while (waitid(P_PID, (id_t)pid, &info, WEXITED) < 0) {
        if (errno != EINTR)
            return error_set(error, ASSAY_ERR_IO, UPDATER_PROGRAM " is lost: %s", strerror(errno));
    }
    if (ended == ASSAY_ERR_CANCELLED)
        return error_set(error, ended, "stopped");
    if (ended == ASSAY_ERR_TIME)
        return error_set(error, ended,
                         UPDATER_PROGRAM " did not keep to its time and was ended; try again");
    if (ended < 0)
        return error_set(error, ended, UPDATER_PROGRAM " cannot be waited for: %s",
                         strerror(errno));
    while (read_words(words_fd, &words))
        continue;
    return judge(&info, &words, error);
}

status fetch_by_program(const struct fetch_options *options, const char *url, int fd,
                        struct error *error)
{
    struct command command cleanup(command_release) = {.path = ""};
    TRY(set_command(options, url, error, &command));
    int pipes[2];
    if (pipe2(pipes, O_CLOEXEC | O_NONBLOCK) < 0)
        return error_set(error, ASSAY_ERR_IO, "no pipe for " UPDATER_PROGRAM ": %s; close files",
                         strerror(errno));
    int words_fd cleanup(fd_cleanup) = pipes[0];
    pid_t pid = 0;
    int wrong = start(&command, fd, pipes[1], &pid);
    close(pipes[1]);
    if (wrong)
        return error_set(error, ASSAY_ERR_IO, "%.150s cannot be started: %s; install assay again",
                         command.path, strerror(wrong));
    return watch(options, pid, words_fd, error);
}
