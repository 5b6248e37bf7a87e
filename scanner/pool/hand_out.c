#include "pool/pool_state.h"

#include "base/clock.h"

#include <sys/epoll.h>

/* Workers that may fail to start one after another before that is taken for the rule. */
#define START_FAILURES_MAX 3

/* Smaller files are done before another worker has begun. */
#define SHARED_FROM (UINT64_C(1) << 20)

/* A worker closes its sandbox and is ready in milliseconds; one that is not by then never will
 * be. */
#define START_SECONDS 60

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
    return pool->pending.count <= 1 && tasks_given(pool) < pool->most.tasks &&
           (idlest_worker(pool) >= 0 || dead_worker(pool) >= 0);
}

/* A worker for the next file: an idle one, else a new one while there may be more, else the one
 * that has least to do. *ret_index is -1 when all have enough. */
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

/* A worker that cannot be sent its files is ended, if it has not ended by itself: only what it was
 * at is lost. */
void pool_flush_worker(struct pool *pool, unsigned index)
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
        pool_flush_worker(pool, index);
    }
    return ASSAY_OK;
}

/* Workers, those to be started too, that have nothing to do. */
static uint32_t idle_workers(const struct pool *pool)
{
    uint32_t idle = 0;
    for (unsigned i = 0; i < pool->most.workers; i++) {
        const struct worker_link *worker = &pool->workers[i];
        idle += worker->alive ? worker->tasks.count == 0 && !worker->retires : !pool->full;
    }
    return idle < ASSAY_SHARES_MAX ? idle : ASSAY_SHARES_MAX;
}

/* The last files are shared out among the workers that would have nothing to do, if they are large
 * enough for that to be of use. */
static void share_last(struct pool *pool)
{
    uint32_t idle = idle_workers(pool);
    struct task *task = pool->pending.first;
    bool tells_all = pool->settings->report_clean || pool->settings->report_views;
    if (!pool->is_last || tells_all || !task || task->group || task_bytes(task) < SHARED_FROM ||
        pool->pending.count >= idle)
        return;
    uint32_t shares = idle / (uint32_t)pool->pending.count;
    struct task_list others;
    if (shares < 2 || task_share(task, shares, pool->next_id, &others) < 0)
        return; /* then one does it alone */
    pool->next_id += shares - 1;
    task_list_take(&pool->pending);
    task_list_put_back(&others, &(struct task_list){task, task, 1, task_bytes(task)});
    task_list_put_back(&pool->pending, &others);
}

/* Gives what is pending to workers, but for so many of the last. */
static status hand_out_but(struct pool *pool, size_t kept, struct error *error)
{
    while (pool->pending.count > kept) {
        share_last(pool);
        int index = -1;
        TRY(choose_worker(pool, error, &index));
        if (index < 0)
            break;
        TRY(give(pool, (unsigned)index));
    }
    return ASSAY_OK;
}

status pool_hand_out(struct pool *pool, struct error *error)
{
    return hand_out_but(pool, 0, error);
}

void pool_expect_no_more(struct pool *pool)
{
    pool->is_last = true;
}

/* The newest file waits for the next, or for pool_wait: only then it is known whether it is the
 * last. */
status pool_submit(struct pool *pool, const struct pool_file *file, struct error *error)
{
    struct task *task;
    TRY(task_new(file, pool->next_id, &task));
    pool->next_id++;
    task_list_append(&pool->pending, task);
    return hand_out_but(pool, 1, error);
}
