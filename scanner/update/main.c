/*
 * assay-update: downloads one file by https to descriptor 3, and knows nothing of what is in it.
 * `assay db update` starts it; by hand: assay-update --max-bytes 1000000 https://... 3<>FILE
 *
 * Exit codes (base/updater.h): 0 complete; 1 no memory, or rights cannot be lowered; 2 usage; 3 the
 * server has no such file; 4 network; 5 TLS; 6 too large; 7 cannot be written; 8 cut short; 9 too
 * slow. After 8 and 9 the same command goes on where it was. One line on standard error says more.
 */
#include "base/cleanup.h"
#include "base/text.h"
#include "update/download.h"
#include "update/drop_privileges.h"
#include "update/options.h"
#include "update/target.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>

#define CA_FILE_MAX (16U << 20)

/* One line, in one call, whatever is in the words. */
static void say(const struct error *error)
{
    struct buffer line cleanup(buffer_release) = {NULL, 0, 0};
    if (buffer_append_text(&line, UPDATER_PROGRAM ": ") < 0 ||
        text_escape(&line, text_bytes(error->text)) < 0 || buffer_append(&line, "\n", 1) < 0)
        return;
    if (write(STDERR_FILENO, line.data, line.size) < 0)
        return; /* the exit code says it as well */
}

/* What else the caller's environment holds could change what is trusted (OPENSSL_CONF), or write
 * keys to a file (SSLKEYLOGFILE). */
static bool clean_environment(void)
{
    static const char *const kept[] = {UPDATER_ENVIRONMENT};
    char *values[sizeof(kept) / sizeof(kept[0])];
    bool holds = true;
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        const char *value = getenv(kept[i]);
        values[i] = value ? strdup(value) : NULL;
        holds = holds && !value == !values[i];
    }
    holds = holds && clearenv() == 0;
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        holds = holds && (!values[i] || setenv(kept[i], values[i], 1) == 0);
        free(values[i]);
    }
    return holds;
}

/* With the caller's rights, before they are given up. */
static status read_authorities(const char *path, struct error *error, struct buffer *authorities)
{
    if (!path)
        return ASSAY_OK;
    int fd cleanup(fd_cleanup) = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    status got = fd < 0 ? ASSAY_ERR_IO : buffer_append_file(authorities, fd, CA_FILE_MAX);
    if (got < 0)
        return error_set(error, got, "the file of --ca-file cannot be read: %s; name another",
                         got == ASSAY_ERR_IO ? strerror(errno)
                                             : assay_status_text((enum assay_status)got));
    if (authorities->size == 0)
        return error_set(error, ASSAY_ERR_ARGUMENT, "the file of --ca-file is empty; name another");
    return ASSAY_OK;
}

static enum updater_exit run(int argc, char **argv, struct error *error)
{
    struct update_options options;
    struct target target;
    struct buffer authorities cleanup(buffer_release) = {NULL, 0, 0};
    if (update_options_read(argc, argv, error, &options) < 0)
        return UPDATER_USAGE;
    status opened = target_open(UPDATER_TARGET_FD, options.max_bytes, error, &target);
    if (opened < 0)
        return opened == ASSAY_ERR_ARGUMENT ? UPDATER_USAGE : UPDATER_NO_WRITING;
    if (read_authorities(options.ca_file, error, &authorities) < 0)
        return UPDATER_USAGE;
    if (!clean_environment()) {
        error_set(error, ASSAY_ERR_NOMEM, "out of memory: free some and try again");
        return UPDATER_FAILED;
    }
    if (drop_privileges(options.max_bytes, error) < 0)
        return UPDATER_FAILED;
    struct assay_bytes trusted = {authorities.data, authorities.size};
    return download(&options, trusted, &target, error);
}

int main(int argc, char **argv)
{
    struct error error = {""};
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    enum updater_exit exit = run(argc, argv, &error);
    if (exit != UPDATER_OK)
        say(&error);
    /* Threads that resolve names may still wait for an answer: nobody waits for them. */
    _exit((int)exit);
}
