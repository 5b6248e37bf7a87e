/*
 * zygote_link_state: the link as the files of this room share it: zygote_link.c starts the zygote and
 * has it fork, zygote_link_rules.c has it get its rules.
 */
#ifndef POOL_ZYGOTE_LINK_STATE_H
#define POOL_ZYGOTE_LINK_STATE_H

#include "base/clock.h"
#include "pool/channel.h"
#include "pool/zygote_link.h"

struct zygote_link {
    struct channel channel;
    pid_t pid; /* -1: it has ended */
    unsigned layers;
    struct buffer message;
};

static inline uint64_t zygote_link_deadline(unsigned seconds)
{
    return clock_nanoseconds() + seconds * CLOCK_SECOND;
}

/* Waits for a frame until the deadline (CLOCK_MONOTONIC nanoseconds), or until stop_fd (-1: none)
 * is readable. Errors: ASSAY_ERR_TIME, ASSAY_ERR_CANCELLED, ASSAY_ERR_IO (the zygote is gone),
 * ASSAY_ERR_CORRUPT. */
CHECKED status zygote_link_receive(struct zygote_link *link, uint64_t deadline, int stop_fd,
                                   struct channel_frame *ret_frame);

#endif
