/* Jobs in a process of their own, which do what they should, or anything but. */
#include "pool/confined.h"

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct confined_bounds usual = {
    .sandbox = SANDBOX_AUTO, .memory = UINT64_C(256) << 20, .output = 1 << 20, .seconds = 60};

/* Runs a job on "input"; what it gave is appended to ret_output, behind "before". */
static status run(confined_job *job, const struct confined_bounds *bounds, struct error *error,
                  struct buffer *ret_output)
{
    int in cleanup(fd_cleanup) = memfd_create("in", MFD_CLOEXEC);
    int out cleanup(fd_cleanup) = memfd_create("out", MFD_CLOEXEC);
    ck_assert_int_eq(write(in, "input", 5), 5);
    ck_assert_int_eq(lseek(in, 0, SEEK_SET), 0);
    ck_assert_int_eq(write(out, "before", 6), 6);
    *error = (struct error){"unset"};
    status ran = confined_run(job, in, out, bounds, error);
    *ret_output = (struct buffer){NULL, 0, 0};
    ck_assert_int_eq(buffer_append_file(ret_output, out, 64 << 20), ASSAY_OK);
    /* No process is left over. */
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    ck_assert_int_eq(errno, ECHILD);
    return ran;
}

static void expect(confined_job *job, const struct confined_bounds *bounds, status wanted,
                   const char *words)
{
    struct error error;
    struct buffer output cleanup(buffer_release) = {0};
    status ran = run(job, bounds, &error, &output);
    ck_assert_msg(ran == wanted && strstr(error.text, words), "%d: %s, not %s", ran, error.text,
                  words);
}

/* Nothing of Check may be used in a job: its files are closed. */

/* ---- what a job is for ----------------------------------------------------------------------- */

static status copy(int in, int out, struct error *error)
{
    (void)error;
    char text[16];
    ssize_t size = read(in, text, sizeof(text));
    return size == 5 && write(out, text, 5) == 5 ? ASSAY_OK : ASSAY_ERR_IO;
}

START_TEST(a_job_reads_and_writes)
{
    struct error error;
    struct buffer output cleanup(buffer_release) = {0};
    ck_assert_int_eq(run(copy, &usual, &error, &output), ASSAY_OK);
    ck_assert_uint_eq(output.size, 11);
    ck_assert_mem_eq(output.data, "beforeinput", 11);
}
END_TEST

static status fail_with_words(int in, int out, struct error *error)
{
    (void)in, (void)out;
    return error_set(error, ASSAY_ERR_ENCRYPTED, "words of the \033[31mjob\xff");
}

static status fail_silently(int in, int out, struct error *error)
{
    (void)in, (void)out, (void)error;
    return ASSAY_ERR_TRUNCATED;
}

START_TEST(what_a_job_returns_is_returned)
{
    expect(fail_with_words, &usual, ASSAY_ERR_ENCRYPTED, "words of the ?[31mjob?");
    expect(fail_silently, &usual, ASSAY_ERR_TRUNCATED, "end early");
}
END_TEST

static status write_much(int in, int out, struct error *error)
{
    (void)in, (void)error;
    static uint8_t chunk[65536];
    for (int i = 0; i < 16; i++) {
        memset(chunk, 'a' + i, sizeof(chunk));
        if (write(out, chunk, sizeof(chunk)) != sizeof(chunk))
            return ASSAY_ERR_IO;
    }
    return ASSAY_OK;
}

START_TEST(output_is_taken_up_to_its_bound)
{
    struct error error;
    struct buffer output cleanup(buffer_release) = {0};
    ck_assert_int_eq(run(write_much, &usual, &error, &output), ASSAY_OK);
    ck_assert_uint_eq(output.size, 6 + (1 << 20));
    ck_assert_int_eq(output.data[output.size - 1], 'p');
    struct confined_bounds bounds = usual;
    bounds.output--;
    expect(write_much, &bounds, ASSAY_ERR_LIMIT, "more in it");
}
END_TEST

START_TEST(a_full_disk_is_told)
{
    int in cleanup(fd_cleanup) = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    int full cleanup(fd_cleanup) = open("/dev/full", O_WRONLY | O_CLOEXEC);
    struct error error = {""};
    ck_assert_int_eq(confined_run(write_much, in, full, &usual, &error), ASSAY_ERR_IO);
    ck_assert_int_eq(errno, ENOSPC);
    ck_assert_ptr_nonnull(strstr(error.text, "No space left"));
}
END_TEST

/* ---- what goes wrong ------------------------------------------------------------------------- */

static status crash(int in, int out, struct error *error)
{
    (void)in, (void)error;
    if (write(out, "x", 1) != 1)
        return ASSAY_ERR_IO;
    raise(SIGSEGV);
    return ASSAY_OK;
}

static status end(int in, int out, struct error *error)
{
    (void)in, (void)out, (void)error;
    _exit(0);
}

static status overflow(int in, int out, struct error *error)
{
    (void)in, (void)out;
    volatile char *text = error->text;
    for (size_t i = 0;; i++)
        text[i] = 'x';
    return ASSAY_OK;
}

START_TEST(a_crash_is_told)
{
    expect(end, &usual, ASSAY_ERR_CORRUPT, "without a word");
    if (SANDBOX_SANITIZED) {
        fprintf(stderr, "skipped: sanitizers watch for crashes\n");
        return;
    }
    /* Raising a signal is a system call that it does not have, if there is a sandbox. */
    expect(crash, &usual, ASSAY_ERR_CORRUPT, "crashed (signal ");
    expect(overflow, &usual, ASSAY_ERR_CORRUPT, "crashed (signal 11)");
}
END_TEST

static status loop(int in, int out, struct error *error)
{
    (void)in, (void)out, (void)error;
    for (volatile unsigned i = 0;; i++)
        ;
    return ASSAY_OK;
}

/* Closes everything, as if it had ended. */
static status hide(int in, int out, struct error *error)
{
    for (int fd = 0; fd < 64; fd++)
        close(fd);
    return loop(in, out, error);
}

static status drip(int in, int out, struct error *error)
{
    (void)in, (void)error;
    for (volatile unsigned i = 0;; i++) {
        if (i % 1000000 == 0 && write(out, "x", 1) != 1)
            return ASSAY_ERR_IO;
    }
    return ASSAY_OK;
}

START_TEST(time_is_bounded)
{
    struct confined_bounds bounds = usual;
    bounds.seconds = 1;
    uint64_t begin = clock_nanoseconds();
    expect(loop, &bounds, ASSAY_ERR_TIME, "too long");
    expect(drip, &bounds, ASSAY_ERR_TIME, "too long");
    expect(hide, &usual, ASSAY_ERR_CORRUPT, "signal 9");
    uint64_t end_time = clock_nanoseconds();
    ck_assert_uint_ge(end_time - begin, 2 * CLOCK_SECOND);
    ck_assert_uint_lt(end_time - begin, 30 * CLOCK_SECOND);
}
END_TEST

static status flood(int in, int out, struct error *error)
{
    while (write_much(in, out, error) == ASSAY_OK)
        ;
    return ASSAY_OK;
}

START_TEST(a_flood_ends_at_the_bound)
{
    expect(flood, &usual, ASSAY_ERR_LIMIT, "more in it");
}
END_TEST

/* ---- what a process that was taken over says ------------------------------------------------- */

#define ANSWER 5 /* where it has its end of the other pipe */

static status answer_with(int32_t ended, char filler, size_t size)
{
    static char answer[1 << 20];
    memset(answer, filler, sizeof(answer));
    memcpy(answer, &ended, sizeof(ended));
    for (size_t at = 0; at < size;) {
        ssize_t written = write(ANSWER, answer + at, size - at);
        if (written <= 0)
            break;
        at += (size_t)written;
    }
    _exit(0);
}

static status say_unknown_status(int in, int out, struct error *error)
{
    (void)in, (void)out, (void)error;
    return answer_with(-1000, 0, 260);
}
static status say_more(int in, int out, struct error *error)
{
    (void)in, (void)out, (void)error;
    return answer_with(1, 0, 260);
}
static status say_words_without_end(int in, int out, struct error *error)
{
    (void)in, (void)out, (void)error;
    return answer_with(ASSAY_ERR_LIMIT, 'w', 260);
}
static status say_too_little(int in, int out, struct error *error)
{
    (void)in, (void)out, (void)error;
    return answer_with(ASSAY_OK, 0, 259);
}
static status say_one_byte_more(int in, int out, struct error *error)
{
    (void)in, (void)out, (void)error;
    return answer_with(ASSAY_OK, 0, 261);
}
static status say_a_megabyte(int in, int out, struct error *error)
{
    (void)in, (void)out, (void)error;
    return answer_with(ASSAY_OK, 0, 1 << 20);
}
static status say_it_twice(int in, int out, struct error *error)
{
    (void)in, (void)out, (void)error;
    static char answer[260];
    return write(ANSWER, answer, sizeof(answer)) < 0 ? ASSAY_ERR_IO : ASSAY_OK;
}

START_TEST(an_answer_is_believed_only_as_far_as_it_can_be_true)
{
    expect(say_unknown_status, &usual, ASSAY_ERR_CORRUPT, "what it cannot say");
    expect(say_more, &usual, ASSAY_ERR_CORRUPT, "what it cannot say");
    expect(say_words_without_end, &usual, ASSAY_ERR_LIMIT, "wwwwwwww");
    expect(say_too_little, &usual, ASSAY_ERR_CORRUPT, "without a word");
    expect(say_one_byte_more, &usual, ASSAY_ERR_CORRUPT, "what it cannot say");
    expect(say_a_megabyte, &usual, ASSAY_ERR_CORRUPT, "what it cannot say");
    expect(say_it_twice, &usual, ASSAY_ERR_CORRUPT, "what it cannot say");
}
END_TEST

/* ---- the sandbox ----------------------------------------------------------------------------- */

static status try_open(int in, int out, struct error *error)
{
    (void)in, (void)out;
    int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    return error_set(error, fd < 0 ? ASSAY_ERR_UNSUPPORTED : ASSAY_ERR_ENGINE, "%s",
                     strerror(errno));
}

static status try_socket(int in, int out, struct error *error)
{
    (void)in, (void)out, (void)error;
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) < 0 ? ASSAY_ERR_IO : ASSAY_OK;
}

static status try_memory(int in, int out, struct error *error)
{
    (void)in, (void)out, (void)error;
    void *memory = malloc(512 << 20);
    if (!memory)
        return ASSAY_ERR_NOMEM;
    free(memory);
    return ASSAY_OK;
}

/* Descriptors of this process that the job has. */
static status count_files(int in, int out, struct error *error)
{
    unsigned count = 0;
    for (int fd = 3; fd < 1024; fd++)
        count += lseek(fd, 0, SEEK_CUR) >= 0 || errno != EBADF;
    /* Standard streams lead nowhere. */
    count += write(0, "x", 1) != 1 || lseek(1, 0, SEEK_END) != 0;
    return error_set(error, in == 3 && out == 4 ? ASSAY_ERR_LIMIT : ASSAY_ERR_IO, "%u", count);
}

START_TEST(a_job_can_do_nothing_else)
{
    int other cleanup(fd_cleanup) = open("/etc/passwd", O_RDONLY); /* which the job has not */
    ck_assert_int_ge(other, 0);
    expect(count_files, &usual, ASSAY_ERR_LIMIT, "3");
    if (SANDBOX_SANITIZED) {
        fprintf(stderr, "skipped: sanitizers do not let the sandbox close\n");
        return;
    }
    expect(try_open, &usual, ASSAY_ERR_UNSUPPORTED, "Permission denied");
    expect(try_socket, &usual, ASSAY_ERR_CORRUPT, "crashed (signal 31)");
    expect(try_memory, &usual, ASSAY_ERR_NOMEM, "memory");
    struct confined_bounds bounds = usual;
    bounds.sandbox = SANDBOX_OFF;
    expect(try_socket, &bounds, ASSAY_OK, "");
}
END_TEST

/* The bounds of memory are those of what the job adds. */
START_TEST(what_this_process_has_mapped_does_not_count)
{
    if (SANDBOX_SANITIZED) {
        fprintf(stderr, "skipped: sanitizers do not let the sandbox close\n");
        return;
    }
    size_t size = UINT64_C(16) << 30;
    void *memory = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ck_assert(memory != MAP_FAILED);
    expect(try_socket, &usual, ASSAY_ERR_CORRUPT, "crashed (signal 31)");
    expect(try_memory, &usual, ASSAY_ERR_NOMEM, "memory");
    struct confined_bounds bounds = usual;
    bounds.memory = UINT64_C(1) << 30;
    expect(try_memory, &bounds, ASSAY_OK, "");
    munmap(memory, size);
}
END_TEST

START_TEST(signals_of_this_process_are_not_the_jobs)
{
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    struct confined_bounds bounds = usual;
    bounds.seconds = 1;
    expect(loop, &bounds, ASSAY_ERR_TIME, "too long");
    expect(copy, &usual, ASSAY_OK, "");
    sigprocmask(SIG_SETMASK, &before, NULL);
}
END_TEST

/* A process that runs a job is killed: the job's process, which holds `out` of this pipe only as long
 * as it lives, goes with it. */
START_TEST(a_job_does_not_outlive_its_parent)
{
    int life[2];
    ck_assert_int_eq(pipe2(life, O_CLOEXEC), 0);
    pid_t parent = fork();
    if (parent == 0) {
        close(life[1]);
        /* Its input is this pipe's end: nothing but the job and this process hold it. */
        int in = life[0];
        confined_run(loop, in, in, &usual, NULL) < 0 ? _exit(1) : _exit(0);
    }
    close(life[0]);
    usleep(200000);
    ck_assert_int_eq(kill(parent, SIGKILL), 0);
    ck_assert_int_eq(waitpid(parent, NULL, 0), parent);
    /* Nobody can read from it any more, once both are gone. */
    signal(SIGPIPE, SIG_IGN);
    ssize_t written = 0;
    for (int i = 0; i < 100 && written >= 0; i++) {
        usleep(50000);
        written = write(life[1], "x", 1);
    }
    ck_assert_int_eq(written, -1);
    ck_assert_int_eq(errno, EPIPE);
    close(life[1]);
}
END_TEST

UNIT_MAIN("confined", a_job_reads_and_writes, what_a_job_returns_is_returned,
          output_is_taken_up_to_its_bound, a_full_disk_is_told, a_crash_is_told, time_is_bounded,
          a_flood_ends_at_the_bound, an_answer_is_believed_only_as_far_as_it_can_be_true,
          a_job_can_do_nothing_else, what_this_process_has_mapped_does_not_count,
          signals_of_this_process_are_not_the_jobs, a_job_does_not_outlive_its_parent)
