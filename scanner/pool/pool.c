#include "pool/pool_state.h"

#include "base/clock.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>

/* Longer than this between two waits, and the workers had to wait for us: it is not their time. */
#define OWN_DELAY (CLOCK_SECOND / 10)

/* ---- life ------------------------------------------------------------------------------------ */

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
        .report_views = settings->report_views,
        .builtin = settings->builtin,
        .passwords = settings->passwords,
        .password_count = settings->password_count,
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

status pool_save_rules(struct pool *pool, const uint8_t key[32], int fd, struct error *error)
{
    return zygote_link_save_rules(pool->zygote, key, fd, pool->watched, error);
}

status pool_load_rules(struct pool *pool, const uint8_t key[32], int fd, struct error *error,
                       uint64_t *ret_rules)
{
    return zygote_link_load_rules(pool->zygote, key, fd, pool->watched, error, ret_rules);
}

status pool_add_hashes(struct pool *pool, const char *database, int fd, struct error *error,
                       uint64_t *ret_hashes)
{
    return zygote_link_add_hashes(pool->zygote, database, fd, pool->watched, error, ret_hashes);
}

status pool_watch(struct pool *pool, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = WATCHED_FD};
    pool->watched = fd;
    return epoll_ctl(pool->epoll, EPOLL_CTL_ADD, fd, &event) == 0 ? ASSAY_OK : ASSAY_ERR_IO;
}

bool pool_is_idle(const struct pool *pool)
{
    for (unsigned i = 0; i < pool->most.workers; i++) {
        if (pool->workers[i].tasks.count)
            return false;
    }
    return pool->pending.count == 0;
}

/* ---- time ------------------------------------------------------------------------------------ */

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
    TRY(pool_hand_out(pool, error));
    for (unsigned i = 0; i < pool->most.workers; i++)
        pool_flush_worker(pool, i);
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
            TRY(pool_serve_worker(pool, ready[i].data.u64));
    }
    for (unsigned i = 0; i < pool->most.workers; i++)
        worker_link_enforce_deadline(&pool->workers[i], pool->waited_until);
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
