/*
 * worker_link: the supervisor's side of one worker: what it was given, how long it may take, and
 * what its end means for the file it had.
 */
#ifndef POOL_WORKER_LINK_H
#define POOL_WORKER_LINK_H

#include "pool/channel.h"
#include "pool/task.h"
#include "pool/wire.h"

/* Files that may wait with a worker, so that it need not wait for us; and how many bytes of them,
 * since those behind a large file could go to somebody else. */
#define WORKER_TASKS_MAX   16
#define WORKER_BYTES_AHEAD (4U << 20)

struct worker_link {
    bool alive;
    bool ready;   /* its sandbox is closed and it takes tasks */
    bool retires; /* it said that it ends; the tasks left were not begun */
    bool late;    /* it was killed because its file took too long */
    bool broken;  /* it said what it may not say */
    bool filled;  /* it has enough until half of that is done, so that files go in batches */
    int pidfd;
    struct channel channel;
    struct task_list tasks; /* the first is the one it is at */
    uint64_t started;       /* when it came to that one, CLOCK_MONOTONIC nanoseconds */
    uint64_t deadline;      /* when it has to be done with it, or be ready; 0 for never */
};

/* Takes socket and pidfd. */
void worker_link_init(struct worker_link *link, int socket, int pidfd);
/* Its end is noticed like any other. */
void worker_link_kill(const struct worker_link *link);
/* Kills and reaps the worker if it is alive, and closes everything. Its tasks are left alone. */
void worker_link_end(struct worker_link *link);

/* True when it should be given another file just now. */
bool worker_link_has_room(const struct worker_link *link);

/* The first of its files is done: takes it off. */
struct task *worker_link_take_done(struct worker_link *link);

/* Queues the task to be sent, and takes it; `message` is room to encode in. */
CHECKED status worker_link_give(struct worker_link *link, struct task *task,
                                struct buffer *message);

/* Starts the clock of the first task, if there is one and the worker is ready. */
void worker_link_start_clock(struct worker_link *link, const struct assay_limits *limits);

/* Kills it when its file took too long. */
void worker_link_enforce_deadline(struct worker_link *link, uint64_t now);

/* Reaps a worker that is dead or dying. Gives the reason and the words for the file it was at. */
void worker_link_reap(struct worker_link *link, enum assay_reason *ret_reason,
                      struct error *ret_detail);

#endif
