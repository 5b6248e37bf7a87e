#include "pool/pool_state.h"

#include "base/clock.h"

#include <sys/epoll.h>

/* Workers that may fail to start one after another before that is taken for the rule. */
#define START_FAILURES_MAX 3

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
    return pool->pending.count == 0 && tasks_given(pool) < pool->most.tasks &&
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

status pool_hand_out(struct pool *pool, struct error *error)
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
    return pool_hand_out(pool, error);
}
