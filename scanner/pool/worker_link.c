#include "pool/worker_link.h"

#include "base/budget.h"
#include "base/clock.h"
#include "inspect/input.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

/* A path is for the rules' variables only; the end of a longer one says as much. */
#define PATH_BYTES_MAX (1U << 20)

/* The most that a file system is expected to compress a file. */
#define COMPRESSION_MAX 16

void worker_link_init(struct worker_link *link, int socket, int pidfd)
{
    *link = (struct worker_link){.alive = true, .pidfd = pidfd};
    channel_init(&link->channel, socket);
}

void worker_link_kill(const struct worker_link *link)
{
    syscall(SYS_pidfd_send_signal, link->pidfd, SIGKILL, NULL, 0);
}

static bool wait_for_end(const struct worker_link *link, siginfo_t *ret_info)
{
    int waited;
    do {
        waited = waitid((idtype_t)P_PIDFD, (id_t)link->pidfd, ret_info, WEXITED);
    } while (waited < 0 && errno == EINTR);
    return waited == 0;
}

static void close_link(struct worker_link *link)
{
    channel_release(&link->channel);
    fd_cleanup(&link->pidfd);
    link->pidfd = -1;
    link->alive = false;
}

void worker_link_end(struct worker_link *link)
{
    if (!link->alive)
        return;
    siginfo_t info;
    worker_link_kill(link);
    wait_for_end(link, &info);
    close_link(link);
}

bool worker_link_has_room(const struct worker_link *link)
{
    return link->alive && !link->retires && !link->filled;
}

struct task *worker_link_take_done(struct worker_link *link)
{
    struct task *task = task_list_take(&link->tasks);
    if (link->tasks.count <= WORKER_TASKS_MAX / 2 && link->tasks.bytes < WORKER_BYTES_AHEAD)
        link->filled = false;
    return task;
}

status worker_link_give(struct worker_link *link, struct task *task, struct buffer *message)
{
    struct wire_task wired = {
        .id = task->id,
        .size = task_bytes(task),
        .path = task_path(task),
        .owner = task->owner,
        .share = task->share,
        .shares = task->group ? task->group->shares : 1,
    };
    if (wired.path.size > PATH_BYTES_MAX) {
        wired.path.data += wired.path.size - PATH_BYTES_MAX;
        wired.path.size = PATH_BYTES_MAX;
    }
    TRY(wire_encode_task(message, &wired));
    TRY(channel_queue(&link->channel, WIRE_TASK, buffer_view(message), task->fd));
    task_list_append(&link->tasks, task);
    link->filled = link->tasks.count >= WORKER_TASKS_MAX || link->tasks.bytes >= WORKER_BYTES_AHEAD;
    return ASSAY_OK;
}

/* The worker ends by itself what takes too long, as far as it can; this is for when it cannot. */
static uint64_t grace(uint64_t seconds)
{
    return CLOCK_SECOND + seconds * CLOCK_SECOND / 10;
}

/* A file may claim any size and be nothing but holes: bytes that are not on the disk buy no time,
 * with room for file systems that compress. */
static uint64_t bytes_to_wait_for(const struct task *task)
{
    uint64_t stored = (uint64_t)task->stat.st_blocks * 512;
    uint64_t plausible;
    if (__builtin_mul_overflow(stored, COMPRESSION_MAX, &plausible))
        return task_bytes(task);
    return plausible < task_bytes(task) ? plausible : task_bytes(task);
}

void worker_link_start_clock(struct worker_link *link, const struct assay_limits *limits)
{
    const struct task *task = link->tasks.first;
    if (!link->ready)
        return; /* it has a deadline for getting ready */
    link->deadline = 0;
    if (!task)
        return;
    link->started = clock_nanoseconds();
    uint64_t seconds = budget_seconds(limits, bytes_to_wait_for(task));
    if (seconds && seconds < UINT64_MAX / CLOCK_SECOND / 4)
        link->deadline = link->started + seconds * CLOCK_SECOND + grace(seconds);
}

void worker_link_enforce_deadline(struct worker_link *link, uint64_t now)
{
    if (!link->alive || !link->deadline || now < link->deadline)
        return;
    link->late = true;
    link->deadline = 0;
    worker_link_kill(link);
}

/* ---- what an end means ----------------------------------------------------------------------- */

static const struct {
    int signal;
    enum assay_reason reason;
    const char *words;
} ends[] = {
    {SIGXCPU, ASSAY_REASON_TIME, "the worker used up its CPU time"},
    {SIGSYS, ASSAY_REASON_CRASH, "the worker tried a system call that the sandbox forbids"},
    {SIGKILL, ASSAY_REASON_CRASH, "the worker was killed (SIGKILL), perhaps for lack of memory"},
};

static void explain_signal(int number, enum assay_reason *ret_reason, struct error *ret_detail)
{
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (ends[i].signal != number)
            continue;
        *ret_reason = ends[i].reason;
        error_set(ret_detail, ASSAY_OK, "%s", ends[i].words);
        return;
    }
    const char *name = sigabbrev_np(number);
    *ret_reason = ASSAY_REASON_CRASH;
    error_set(ret_detail, ASSAY_OK, "the worker crashed (SIG%s)", name ? name : "?");
}

/* A mapped file that became shorter, or cannot be read from its disk, is a SIGBUS in the worker. */
static bool explain_bus_error(const struct task *task, enum assay_reason *ret_reason,
                              struct error *ret_detail)
{
    struct stat now;
    if (!task || (uint64_t)task->stat.st_size <= INPUT_READ_MAX || fstat(task->fd, &now) < 0)
        return false;
    bool shrunk = now.st_size < task->stat.st_size;
    *ret_reason = shrunk ? ASSAY_REASON_CHANGED : ASSAY_REASON_UNREADABLE;
    error_set(ret_detail, ASSAY_OK, "%s",
              shrunk ? "the file became shorter while it was read" : "the file could not be read");
    return true;
}

void worker_link_reap(struct worker_link *link, enum assay_reason *ret_reason,
                      struct error *ret_detail)
{
    siginfo_t info = {.si_code = 0};
    worker_link_kill(link); /* its socket may have closed before it; nothing when it is dead */
    bool reaped = wait_for_end(link, &info);
    bool signalled = reaped && (info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED);
    *ret_reason = ASSAY_REASON_CRASH;
    if (link->late) {
        *ret_reason = ASSAY_REASON_TIME;
        error_set(ret_detail, ASSAY_OK, "the time for this file is used up");
    } else if (link->broken) {
        error_set(ret_detail, ASSAY_OK, "the worker broke the rules of its channel");
    } else if (!signalled) {
        error_set(ret_detail, ASSAY_OK, "the worker ended unexpectedly");
    } else if (info.si_status != SIGBUS ||
               !explain_bus_error(link->tasks.first, ret_reason, ret_detail)) {
        explain_signal(info.si_status, ret_reason, ret_detail);
    }
    close_link(link);
}
