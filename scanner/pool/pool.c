#include "pool/pool.h"

#include "base/clock.h"
#include "pool/open_files.h"
#include "pool/worker_link.h"
#include "pool/zygote_link.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

/* Workers that may fail to start one after another before that is taken for the rule. */
#define START_FAILURES_MAX 3

/* A worker closes its sandbox and is ready in milliseconds; one that is not by then never will be. */
#define START_SECONDS 60

/* Longer than this between two waits, and the workers had to wait for us: it is not their time. */
#define OWN_DELAY (CLOCK_SECOND / 10)

/* What epoll gives back: the index of a worker, twice, plus one for its pidfd. */
#define WATCHED_FD UINT64_MAX

struct pool {
    const struct pool_settings *settings;
    const struct pool_events *events;
    struct zygote_settings zygote_settings;
    struct zygote_link *zygote;
    int epoll;
    int watched; /* -1: none */
    struct worker_link *workers;
    struct open_files most;  /* workers and tasks */
    bool full;               /* there is no room for another worker until one ends */
    unsigned start_failures; /* in a row */
    struct task_list pending;
    uint64_t next_id;
    uint64_t waited_until; /* end of the last wait */
    struct buffer message;
    struct wire_event_room *room;
};

/* ---- life -------------------------------------------------------------------------------------- */

void pool_free(struct pool *pool)
{
    if (!pool)
        return;
    for (unsigned i = 0; pool->workers && i < pool->most.workers; i++) {
        worker_link_end(&pool->workers[i]);
        task_list_release(&pool->workers[i].tasks);
    }
    task_list_release(&pool->pending);
    zygote_link_free(pool->zygote);
    fd_cleanup(&pool->epoll);
    free(pool->workers);
    buffer_release(&pool->message);
    wire_event_room_free(pool->room);
    free(pool);
}

status pool_new(const struct pool_settings *settings, const struct pool_events *events,
                struct error *error, struct pool **ret_pool)
{
    struct pool *pool cleanup(pool_free_cleanup) = calloc(1, sizeof(*pool));
    if (!pool)
        return ASSAY_ERR_NOMEM;
    pool->settings = settings;
    pool->events = events;
    pool->watched = -1;
    pool->zygote_settings = (struct zygote_settings){
        .sandbox = settings->sandbox,
        .limits = settings->limits,
        .memory = settings->memory,
        .report_clean = settings->report_clean,
        .builtin = settings->builtin,
    };
    struct rlimit limit;
    bool limited = getrlimit(RLIMIT_NOFILE, &limit) == 0;
    pool->most = open_files_share(limited ? limit.rlim_cur : UINT64_MAX, settings->jobs);
    pool->epoll = epoll_create1(EPOLL_CLOEXEC);
    pool->workers = calloc(pool->most.workers, sizeof(*pool->workers));
    if (pool->epoll < 0)
        return error_set(error, ASSAY_ERR_IO, "cannot watch processes: %s", strerror(errno));
    if (!pool->workers)
        return ASSAY_ERR_NOMEM;
    TRY(wire_event_room_new(&pool->room));
    TRY(zygote_link_new(&pool->zygote_settings, error, &pool->zygote));
    *ret_pool = steal_pointer(pool);
    return ASSAY_OK;
}

unsigned pool_sandbox_layers(const struct pool *pool)
{
    return zygote_link_layers(pool->zygote);
}

status pool_add_source(struct pool *pool, const char *name, const char *database, int fd)
{
    return zygote_link_add_source(pool->zygote, name, database, fd);
}

status pool_compile(struct pool *pool, const struct pool_compile *compile, struct error *error,
                    uint64_t *ret_rules)
{
    return zygote_link_compile(pool->zygote, compile, pool->watched, error, ret_rules);
}

status pool_watch(struct pool *pool, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = WATCHED_FD};
    pool->watched = fd;
    return epoll_ctl(pool->epoll, EPOLL_CTL_ADD, fd, &event) == 0 ? ASSAY_OK : ASSAY_ERR_IO;
}

/* ---- handing out ------------------------------------------------------------------------------- */

bool pool_is_idle(const struct pool *pool)
{
    for (unsigned i = 0; i < pool->most.workers; i++) {
        if (pool->workers[i].tasks.count)
            return false;
    }
    return pool->pending.count == 0;
}

/* What a worker is watched for. Output is watched only while some is held up. */
static status watch_worker(struct pool *pool, unsigned index, int operation)
{
    struct worker_link *worker = &pool->workers[index];
    struct epoll_event event = {
        .events = EPOLLIN | (worker->channel.out.size ? (uint32_t)EPOLLOUT : 0),
        .data.u64 = (uint64_t)index * 2,
    };
    int watched = epoll_ctl(pool->epoll, operation, worker->channel.fd, &event);
    return watched == 0 ? ASSAY_OK : ASSAY_ERR_IO;
}

static status start_worker(struct pool *pool, unsigned index)
{
    int socket, pidfd;
    TRY(zygote_link_spawn(pool->zygote, &socket, &pidfd));
    struct worker_link *worker = &pool->workers[index];
    worker_link_init(worker, socket, pidfd);
    worker->deadline = clock_nanoseconds() + START_SECONDS * CLOCK_SECOND;
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)index * 2 + 1};
    if (epoll_ctl(pool->epoll, EPOLL_CTL_ADD, pidfd, &event) < 0)
        return ASSAY_ERR_IO;
    return watch_worker(pool, index, EPOLL_CTL_ADD);
}

/* The worker that has least to do of those that have room; -1: none has. */
static int idlest_worker(const struct pool *pool)
{
    int idlest = -1;
    for (unsigned i = 0; i < pool->most.workers; i++) {
        const struct worker_link *worker = &pool->workers[i];
        if (worker_link_has_room(worker) &&
            (idlest < 0 || worker->tasks.count < pool->workers[idlest].tasks.count))
            idlest = (int)i;
    }
    return idlest;
}

/* A place for a new worker; -1: there is none. */
static int dead_worker(const struct pool *pool)
{
    for (unsigned i = 0; i < pool->most.workers; i++) {
        if (!pool->workers[i].alive && !pool->full)
            return (int)i;
    }
    return -1;
}

static bool has_worker(const struct pool *pool)
{
    for (unsigned i = 0; i < pool->most.workers; i++) {
        if (pool->workers[i].alive)
            return true;
    }
    return false;
}

static size_t tasks_given(const struct pool *pool)
{
    size_t count = 0;
    for (unsigned i = 0; i < pool->most.workers; i++)
        count += pool->workers[i].tasks.count;
    return count;
}

bool pool_has_room(const struct pool *pool)
{
    return pool->pending.count == 0 && tasks_given(pool) < pool->most.tasks &&
           (idlest_worker(pool) >= 0 || dead_worker(pool) >= 0);
}

/* A worker for the next file: an idle one, else a new one while there may be more, else the one that
 * has least to do. *ret_index is -1 when all have enough. */
static status choose_worker(struct pool *pool, struct error *error, int *ret_index)
{
    int idlest = idlest_worker(pool);
    int dead = dead_worker(pool);
    if (dead < 0 || (idlest >= 0 && pool->workers[idlest].tasks.count == 0)) {
        *ret_index = idlest;
        return ASSAY_OK;
    }
    if (pool->start_failures >= START_FAILURES_MAX)
        return error_set(
            error, ASSAY_ERR_IO, "no worker process stays alive: %s",
            "too little memory (--max-memory), or something on this system kills them");
    status started = start_worker(pool, (unsigned)dead);
    pool->full = started == ASSAY_ERR_LIMIT && has_worker(pool);
    if (pool->full) {
        *ret_index = idlest;
        return ASSAY_OK;
    }
    if (started < 0)
        return error_set(error, ASSAY_ERR_IO, "no worker process can be started: %s",
                         started == ASSAY_ERR_LIMIT
                             ? "a limit of processes, open files (`ulimit -n`) or memory is reached"
                             : "the process that forks them cannot be reached");
    *ret_index = dead;
    return ASSAY_OK;
}

/* A worker that cannot be sent its files is ended, if it has not ended by itself: only what it was at
 * is lost. */
static void flush_worker(struct pool *pool, unsigned index)
{
    struct worker_link *worker = &pool->workers[index];
    if (!worker->alive || !worker->channel.out.size)
        return;
    status flushed = channel_flush(&worker->channel);
    if (flushed < 0) {
        worker->channel.out.size = 0;
        worker_link_kill(worker);
    }
    status watched = watch_worker(pool, index, EPOLL_CTL_MOD);
    (void)watched;
}

static status give(struct pool *pool, unsigned index)
{
    struct worker_link *worker = &pool->workers[index];
    struct task *task = task_list_take(&pool->pending);
    bool first = worker->tasks.count == 0;
    status given = worker_link_give(worker, task, &pool->message);
    if (given < 0) {
        task_free(task);
        return given;
    }
    if (first) {
        worker_link_start_clock(worker, &pool->settings->limits);
        flush_worker(pool, index);
    }
    return ASSAY_OK;
}

static status hand_out(struct pool *pool, struct error *error)
{
    while (pool->pending.count) {
        int index = -1;
        TRY(choose_worker(pool, error, &index));
        if (index < 0)
            break;
        TRY(give(pool, (unsigned)index));
    }
    return ASSAY_OK;
}

status pool_submit(struct pool *pool, const struct pool_file *file, struct error *error)
{
    struct task *task;
    TRY(task_new(file, pool->next_id, &task));
    pool->next_id++;
    task_list_append(&pool->pending, task);
    return hand_out(pool, error);
}

/* ---- taking in --------------------------------------------------------------------------------- */

static void finish(struct pool *pool, struct task *task, const struct assay_result *result)
{
    pool->events->on_done(pool->events->context, task_bytes(task), result);
    task_free(task);
}

static status on_ready(struct pool *pool, struct worker_link *worker, struct view payload)
{
    (void)payload;
    worker->ready = true;
    pool->start_failures = 0;
    worker_link_start_clock(worker, &pool->settings->limits);
    return ASSAY_OK;
}

static status on_event(struct pool *pool, struct worker_link *worker, struct view payload)
{
    const struct assay_event *event;
    TRY(wire_decode_event(pool->room, payload, &event));
    struct task *task = worker->tasks.first;
    if (!task)
        return ASSAY_ERR_CORRUPT;
    task->matched = task->matched || event->type == ASSAY_EVENT_MATCH;
    pool->events->on_event(pool->events->context, task_path(task), event);
    return ASSAY_OK;
}

static status on_done(struct pool *pool, struct worker_link *worker, struct view payload)
{
    struct wire_done done;
    TRY(wire_decode_done(payload, &done));
    const struct task *first = worker->tasks.first;
    if (!first || first->id != done.id || worker->retires)
        return ASSAY_ERR_CORRUPT;
    worker->retires = done.retires;
    struct task *task = worker_link_take_done(worker);
    worker_link_start_clock(worker, &pool->settings->limits);
    finish(pool, task, &done.result);
    return ASSAY_OK;
}

static const struct {
    enum wire_type type;
    status (*handle)(struct pool *pool, struct worker_link *worker, struct view payload);
} messages[] = {
    {WIRE_READY, on_ready},
    {WIRE_EVENT, on_event},
    {WIRE_DONE, on_done},
};

static status handle_frame(struct pool *pool, struct worker_link *worker,
                           const struct channel_frame *frame)
{
    if (frame->fd >= 0) {
        close(frame->fd);
        return ASSAY_ERR_CORRUPT;
    }
    /* Once, and first: it starts the clock. */
    if (worker->ready == (frame->type == WIRE_READY))
        return ASSAY_ERR_CORRUPT;
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        if (messages[i].type == frame->type)
            return messages[i].handle(pool, worker, frame->payload);
    }
    return ASSAY_ERR_CORRUPT;
}

/* Reads once, and handles every frame that is whole. ASSAY_END: the worker closed its end, or broke
 * the rules and is to be ended. */
static status take_in(struct pool *pool, struct worker_link *worker)
{
    status filled = channel_fill(&worker->channel);
    if (filled == ASSAY_ERR_NOMEM)
        return filled;
    struct channel_frame frame;
    status taken;
    while ((taken = channel_take(&worker->channel, &frame)) == ASSAY_OK) {
        status handled = handle_frame(pool, worker, &frame);
        if (handled == ASSAY_ERR_NOMEM)
            return handled;
        worker->broken = worker->broken || handled < 0;
        if (worker->broken)
            return ASSAY_END;
    }
    worker->broken = taken < 0;
    return filled != ASSAY_OK || taken < 0 ? ASSAY_END : ASSAY_OK;
}

/* ---- ends -------------------------------------------------------------------------------------- */

/* The file that a worker took with it: the events it had sent stand, and this one is added. */
static void fail_task(struct pool *pool, struct task *task, enum assay_reason reason,
                      const char *detail)
{
    struct assay_event event = {
        .type = ASSAY_EVENT_INCOMPLETE,
        .object = {.size = task_bytes(task)},
        .reason = reason,
        .detail = detail,
    };
    struct assay_result result = {
        .verdict = task->matched ? ASSAY_MATCH : ASSAY_INCOMPLETE,
        .objects = 1,
    };
    pool->events->on_event(pool->events->context, task_path(task), &event);
    finish(pool, task, &result);
}

static void end_worker(struct pool *pool, struct worker_link *worker)
{
    enum assay_reason reason;
    struct error detail;
    bool ready = worker->ready;
    bool retires = worker->retires;
    pool->full = false;
    worker_link_reap(worker, &reason, &detail);
    struct task *lost = ready && !retires ? task_list_take(&worker->tasks) : NULL;
    if (lost)
        fail_task(pool, lost, reason, detail.text);
    if (!ready)
        pool->start_failures++;
    task_list_put_back(&pool->pending, &worker->tasks);
}

/* A dead worker is heard out: what it had sent stands. */
static status serve_worker(struct pool *pool, uint64_t what)
{
    struct worker_link *worker = &pool->workers[what / 2];
    if (!worker->alive)
        return ASSAY_OK; /* it ended earlier in the same round */
    bool dead = what % 2;
    status taken;
    uint64_t had;
    do {
        had = worker->channel.received;
        taken = take_in(pool, worker);
    } while (dead && taken == ASSAY_OK && worker->channel.received > had);
    TRY(taken);
    if (dead || taken == ASSAY_END)
        end_worker(pool, worker);
    return ASSAY_OK;
}

/* ---- time -------------------------------------------------------------------------------------- */

/* Whoever reads our reports, or stopped us, may have held us up, and then the workers too. */
static void excuse_delay(struct pool *pool, uint64_t now)
{
    uint64_t delay = pool->waited_until ? now - pool->waited_until : 0;
    if (delay < OWN_DELAY)
        return;
    for (unsigned i = 0; i < pool->most.workers; i++) {
        if (pool->workers[i].deadline)
            pool->workers[i].deadline += delay;
    }
}

static int milliseconds_to_wait(const struct pool *pool, uint64_t now, int milliseconds)
{
    uint64_t wait = (uint64_t)(milliseconds > 0 ? milliseconds : 0);
    for (unsigned i = 0; i < pool->most.workers; i++) {
        uint64_t deadline = pool->workers[i].deadline;
        if (!deadline)
            continue;
        uint64_t left = deadline > now ? (deadline - now) / 1000000 + 1 : 0;
        wait = left < wait ? left : wait;
    }
    return (int)wait;
}

status pool_wait(struct pool *pool, int milliseconds, struct error *error)
{
    for (unsigned i = 0; i < pool->most.workers; i++)
        flush_worker(pool, i);
    uint64_t now = clock_nanoseconds();
    excuse_delay(pool, now);

    struct epoll_event ready[32];
    int wait = milliseconds_to_wait(pool, now, milliseconds);
    int count = epoll_wait(pool->epoll, ready, (int)(sizeof(ready) / sizeof(ready[0])), wait);
    if (count < 0 && errno != EINTR)
        return error_set(error, ASSAY_ERR_IO, "cannot wait for workers: %s", strerror(errno));
    /* A wait that was longer than it should be is time for which somebody stopped us. */
    uint64_t due = now + (uint64_t)wait * 1000000;
    uint64_t ended = clock_nanoseconds();
    pool->waited_until = ended < due + OWN_DELAY ? ended : due;

    bool watched = false;
    for (int i = 0; i < count; i++) {
        if (ready[i].data.u64 == WATCHED_FD)
            watched = true;
        else
            TRY(serve_worker(pool, ready[i].data.u64));
    }
    for (unsigned i = 0; i < pool->most.workers; i++)
        worker_link_enforce_deadline(&pool->workers[i], pool->waited_until);
    TRY(hand_out(pool, error));
    return watched ? ASSAY_END : ASSAY_OK;
}

struct assay_bytes pool_slowest(const struct pool *pool, double *ret_seconds)
{
    const struct worker_link *slowest = NULL;
    for (unsigned i = 0; i < pool->most.workers; i++) {
        const struct worker_link *worker = &pool->workers[i];
        if (worker->ready && worker->tasks.count &&
            (!slowest || worker->started < slowest->started))
            slowest = worker;
    }
    if (!slowest)
        return (struct assay_bytes){NULL, 0};
    *ret_seconds = (double)(clock_nanoseconds() - slowest->started) / (double)CLOCK_SECOND;
    return task_path(slowest->tasks.first);
}
