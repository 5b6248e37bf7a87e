#include "pool/pool_state.h"

#include <unistd.h>

static void finish(struct pool *pool, struct task *task, struct assay_result *result)
{
    if (task_finish(task, result))
        pool->events->on_done(pool->events->context, task_bytes(task), result);
    task_free(task);
}

/* True when another share of the file has told this already: they have one clock. */
static bool was_told(const struct task *task, const struct assay_event *event)
{
    if (!task->group || event->type != ASSAY_EVENT_INCOMPLETE || event->reason != ASSAY_REASON_TIME)
        return false;
    bool told = task->group->late;
    task->group->late = true;
    return told;
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
    if (!was_told(task, event))
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

/* ---- ends ------------------------------------------------------------------------------------ */

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
    bool told = was_told(task, &event) || (task->group && task->group->failed);
    if (!told)
        pool->events->on_event(pool->events->context, task_path(task), &event);
    if (task->group)
        task->group->failed = true;
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
status pool_serve_worker(struct pool *pool, uint64_t what)
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
