#include "pool/confined.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/write.h"
#include "pool/confined_job.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#define CHUNK (64U << 10)

/* What the parent has of a running job. */
struct run {
    pid_t pid;
    int output; /* -1: it has ended */
    int answer_pipe;
    struct confined_answer answer;
    size_t answer_size; /* bytes of it so far */
    int out;
    uint64_t room; /* bytes that may still come */
    uint64_t deadline;
    uint8_t *chunk;
    struct error *error;
};

/* Ends the process, whatever it does, and returns how it ended: if it was at its end already, that is
 * what waitpid tells. */
static int reap(struct run *run)
{
    int ended = 0;
    if (run->pid <= 0)
        return ended;
    kill(run->pid, SIGKILL);
    while (waitpid(run->pid, &ended, 0) < 0 && errno == EINTR)
        ;
    run->pid = 0;
    return ended;
}

static void run_release(struct run *run)
{
    int saved = errno;
    reap(run);
    fd_cleanup(&run->output);
    fd_cleanup(&run->answer_pipe);
    free(run->chunk);
    errno = saved;
}

static status no_process(struct error *error)
{
    return error_set(error, ASSAY_ERR_IO, "cannot start a process: %s", strerror(errno));
}

static status start(struct run *run, confined_job *job, int in,
                    const struct confined_bounds *bounds)
{
    int output[2], answer[2];
    if (pipe2(output, O_CLOEXEC) < 0)
        return no_process(run->error);
    run->output = output[0];
    if (pipe2(answer, O_CLOEXEC) < 0) {
        close(output[1]);
        return no_process(run->error);
    }
    run->answer_pipe = answer[0];
    pid_t parent = getpid();
    run->pid = fork();
    if (run->pid == 0)
        confined_child(job, (struct confined_files){in, output[1], answer[1]}, bounds, parent);
    status started = run->pid < 0 ? no_process(run->error) : ASSAY_OK;
    close(output[1]);
    close(answer[1]);
    return started;
}

/* ---- while it runs --------------------------------------------------------------------------- */

static status write_out(struct run *run, size_t size)
{
    if (size > run->room)
        return error_set(run->error, ASSAY_ERR_LIMIT, "there is more in it than is taken");
    run->room -= size;
    if (write_all(run->out, (struct view){run->chunk, size}) < 0)
        return error_set(run->error, ASSAY_ERR_IO, "the result cannot be written: %s%s",
                         strerror(errno), errno == ENOSPC ? "; make room and try again" : "");
    return ASSAY_OK;
}

static status cannot_listen(const struct run *run)
{
    return error_set(run->error, ASSAY_ERR_IO, "the process that decodes it cannot be heard: %s",
                     strerror(errno));
}

/* ASSAY_END: nothing more comes. */
static status take(const struct run *run, int fd, uint8_t *to, size_t size, size_t *ret_got)
{
    ssize_t got = read(fd, to, size);
    *ret_got = got > 0 ? (size_t)got : 0;
    if (got < 0)
        return errno == EINTR ? ASSAY_OK : cannot_listen(run);
    return got == 0 ? ASSAY_END : ASSAY_OK;
}

static status take_output(struct run *run)
{
    size_t got;
    status taken = take(run, run->output, run->chunk, CHUNK, &got);
    if (taken != ASSAY_OK)
        return taken;
    return write_out(run, got);
}

static status take_answer(struct run *run)
{
    /* One byte more than there may be. */
    uint8_t bytes[sizeof(run->answer) + 1];
    size_t got;
    status taken = take(run, run->answer_pipe, bytes, sizeof(bytes) - run->answer_size, &got);
    if (taken != ASSAY_OK)
        return taken;
    if (got > sizeof(run->answer) - run->answer_size)
        return error_set(run->error, ASSAY_ERR_CORRUPT,
                         "the process that decodes it says what it cannot say");
    memcpy((uint8_t *)&run->answer + run->answer_size, bytes, got);
    run->answer_size += got;
    return ASSAY_OK;
}

/* Takes what there is from one of the pipes, and closes it at its end. */
static status serve_pipe(struct run *run, int *pipe, status (*serve)(struct run *run))
{
    status served = serve(run);
    if (served == ASSAY_END)
        close(steal_fd(pipe));
    return served < 0 ? served : ASSAY_OK;
}

static status watch(struct run *run)
{
    while (run->output >= 0 || run->answer_pipe >= 0) {
        uint64_t now = clock_nanoseconds();
        if (now >= run->deadline)
            return error_set(run->error, ASSAY_ERR_TIME, "decoding it took too long");
        uint64_t milliseconds = (run->deadline - now) / 1000000 + 1;
        /* Those that are -1 are passed over. */
        struct pollfd pollers[] = {{.fd = run->output, .events = POLLIN},
                                   {.fd = run->answer_pipe, .events = POLLIN}};
        int ready = poll(pollers, 2, milliseconds < 60000 ? (int)milliseconds : 60000);
        if (ready < 0 && errno != EINTR)
            return cannot_listen(run);
        if (ready <= 0)
            continue;
        if (pollers[0].revents)
            TRY(serve_pipe(run, &run->output, take_output));
        if (pollers[1].revents)
            TRY(serve_pipe(run, &run->answer_pipe, take_answer));
    }
    return ASSAY_OK;
}

/* ---- how it ended ---------------------------------------------------------------------------- */

static status crashed(struct run *run)
{
    int ended = reap(run);
    if (WIFSIGNALED(ended))
        return error_set(run->error, ASSAY_ERR_CORRUPT,
                         "the process that decodes it crashed (signal %d)", WTERMSIG(ended));
    return error_set(run->error, ASSAY_ERR_CORRUPT,
                     "the process that decodes it ended without a word");
}

/* The process may have been taken over: any status and any words may stand there. */
static status believe(struct run *run)
{
    const struct confined_answer *answer = &run->answer;
    if (answer->ended > 0 || answer->ended < ASSAY_ERR_CHANGED)
        return error_set(run->error, ASSAY_ERR_CORRUPT,
                         "the process that decodes it says what it cannot say");
    char words[sizeof(answer->words)];
    size_t size = strnlen(answer->words, sizeof(words) - 1);
    for (size_t i = 0; i < size; i++) {
        bool is_plain = answer->words[i] >= ' ' && answer->words[i] <= '~';
        words[i] = is_plain ? answer->words[i] : '?';
    }
    words[size] = 0;
    if (answer->ended == ASSAY_OK)
        return ASSAY_OK;
    const char *text = assay_status_text((enum assay_status)answer->ended);
    return error_set(run->error, answer->ended, "%s", size > 0 ? words : text);
}

status confined_run(confined_job *job, int in, int out, const struct confined_bounds *bounds,
                    struct error *error)
{
    struct run run cleanup(run_release) = {
        .output = -1,
        .answer_pipe = -1,
        .out = out,
        .room = bounds->output,
        .deadline = clock_nanoseconds() + bounds->seconds * CLOCK_SECOND,
        .chunk = malloc(CHUNK),
        .error = error,
    };
    if (!run.chunk)
        return ASSAY_ERR_NOMEM;
    TRY(start(&run, job, in, bounds));
    TRY(watch(&run));
    return run.answer_size < sizeof(run.answer) ? crashed(&run) : believe(&run);
}
