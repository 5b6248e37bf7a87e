/* tool: makes fixtures with the tools that people make archives with, in a directory of its own. */
#ifndef TESTS_TOOL_H
#define TESTS_TOOL_H

#include "base/buffer.h"
#include "unit.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Makes a new directory the current one, so that fixtures have short names. */
static inline void tool_enter(char directory[32])
{
    snprintf(directory, 32, "/tmp/assay-unit-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert_int_eq(chdir(directory), 0);
}

static inline void tool_run(const char *const arguments[])
{
    pid_t child;
    int ended;
    ck_assert_msg(posix_spawnp(&child, arguments[0], NULL, NULL,
                               (char *const *)(uintptr_t)arguments, environ) == 0,
                  "%s does not start", arguments[0]);
    ck_assert_int_eq(waitpid(child, &ended, 0), child);
    ck_assert_msg(WIFEXITED(ended) && WEXITSTATUS(ended) == 0, "%s failed", arguments[0]);
}
#define TOOL_RUN(...) tool_run((const char *const[]){__VA_ARGS__, NULL})

static inline void tool_leave(const char *directory)
{
    ck_assert_int_eq(chdir("/"), 0);
    TOOL_RUN("rm", "-rf", "--", directory);
}

static inline void tool_write(const char *name, struct view bytes, off_t offset)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(pwrite(fd, bytes.data, bytes.size, offset), (ssize_t)bytes.size);
    close(fd);
}

static inline struct buffer tool_read(const char *name)
{
    struct buffer bytes = {0};
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    ssize_t got;
    do {
        ck_assert_int_eq(buffer_reserve(&bytes, 65536), ASSAY_OK);
        got = read(fd, bytes.data + bytes.size, 65536);
        ck_assert_int_ge(got, 0);
        bytes.size += (size_t)got;
    } while (got > 0);
    close(fd);
    return bytes;
}

#endif
