/*
 * pool_state: the pool as the files of this room share it: pool.c is its life and its clock,
 * hand_out.c gives files to workers, take_in.c hears what they say and how they end.
 */
#ifndef POOL_POOL_STATE_H
#define POOL_POOL_STATE_H

#include "pool/open_files.h"
#include "pool/pool.h"
#include "pool/worker_link.h"
#include "pool/zygote_link.h"

/* What epoll gives back for the watched fd; for a worker it is twice its index, plus one when it is
 * about the pidfd. */
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
    bool is_last; /* no more files than those will come */
    uint64_t next_id;
    uint64_t waited_until; /* end of the last wait */
    struct buffer message;
    struct wire_event_room *room;
};

/* ---- hand_out.c ------------------------------------------------------------------------------ */

/* Gives what is pending to workers, starting those that are missing. Errors as pool_wait. */
CHECKED status pool_hand_out(struct pool *pool, struct error *error);

/* Sends a worker what waits for it, as far as it takes it. */
void pool_flush_worker(struct pool *pool, unsigned index);

/* ---- take_in.c ------------------------------------------------------------------------------- */

/* Something happened to a worker: `what` is what epoll gave back for it. Errors:
 * ASSAY_ERR_NOMEM. */
CHECKED status pool_serve_worker(struct pool *pool, uint64_t what);

#endif
