/*
 * channel: frames and file descriptors over a Unix stream socket between two of the scanner's
 * processes. Either side may have been taken over by what it parsed, so every length is bounded and
 * a frame that breaks a rule ends the channel.
 *
 *     frame = size of the payload (u32), type (u8), has an fd (u8), zero (u16), payload
 *
 * Both ends run on the same machine and binary: integers are native.
 */
#ifndef POOL_CHANNEL_H
#define POOL_CHANNEL_H

#include "base/buffer.h"

/* A frame larger than this is a breach. */
#define CHANNEL_FRAME_MAX (16U << 20)
/* Descriptors that may wait to be sent or taken; fewer than one message can carry (253). */
#define CHANNEL_FDS_MAX 64

struct channel {
    int fd;
    struct buffer in;
    struct buffer out;
    int in_fds[CHANNEL_FDS_MAX];
    size_t in_fd_count;
    int out_fds[CHANNEL_FDS_MAX]; /* borrowed from the sender until they are flushed */
    size_t out_fd_count;
    size_t taken;      /* bytes of `in` that frames took */
    uint64_t received; /* bytes read so far */
};

struct channel_frame {
    uint8_t type;
    int fd;              /* the receiver closes it; -1: none */
    struct view payload; /* borrowed until the next call on the channel */
};

/* Takes the socket. */
void channel_init(struct channel *channel, int fd);
/* Closes everything. */
void channel_release(struct channel *channel);

/* Queues a frame; nothing is sent before channel_flush. `fd` is borrowed until it is flushed, or
 * -1. Errors: ASSAY_ERR_NOMEM, ASSAY_ERR_ARGUMENT (too large, too many fds). */
CHECKED status channel_queue(struct channel *channel, uint8_t type, struct view payload, int fd);

/* Sends what is queued. ASSAY_END: the peer takes no more just now (non-blocking sockets).
 * Errors: ASSAY_ERR_IO, the peer is gone. */
CHECKED status channel_flush(struct channel *channel);

/* Queues and sends, waiting as long as it takes. */
CHECKED status channel_send(struct channel *channel, uint8_t type, struct view payload, int fd);

/* Reads from the socket once. ASSAY_END: the peer closed it. On a non-blocking socket nothing may
 * have come: ASSAY_OK. Errors: ASSAY_ERR_IO, ASSAY_ERR_NOMEM. */
CHECKED status channel_fill(struct channel *channel);

/* Takes the next whole frame out of what was read. ASSAY_END: there is none yet. Errors:
 * ASSAY_ERR_CORRUPT, a breach. */
CHECKED status channel_take(struct channel *channel, struct channel_frame *ret_frame);

/* Waits for a frame on a blocking socket. ASSAY_END: the peer closed it. */
CHECKED status channel_receive(struct channel *channel, struct channel_frame *ret_frame);

#endif
