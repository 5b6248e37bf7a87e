#include "pool/channel.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"

struct header {
    uint32_t size;
    uint8_t type;
    uint8_t has_fd;
    uint16_t zero;
};

#define READ_BYTES (64U << 10)

void channel_init(struct channel *channel, int fd)
{
    *channel = (struct channel){.fd = fd};
}

void channel_release(struct channel *channel)
{
    for (size_t i = 0; i < channel->in_fd_count; i++)
        close(channel->in_fds[i]);
    fd_cleanup(&channel->fd);
    buffer_release(&channel->in);
    buffer_release(&channel->out);
    *channel = (struct channel){.fd = -1};
}

status channel_queue(struct channel *channel, uint8_t type, struct view payload, int fd)
{
    if (payload.size > CHANNEL_FRAME_MAX || (fd >= 0 && channel->out_fd_count == CHANNEL_FDS_MAX))
        return ASSAY_ERR_ARGUMENT;
    struct header header = {.size = (uint32_t)payload.size, .type = type, .has_fd = fd >= 0};
    TRY(buffer_reserve(&channel->out, sizeof(header) + payload.size));
    TRY(buffer_append(&channel->out, &header, sizeof(header)));
    TRY(buffer_append(&channel->out, payload.data, payload.size));
    if (fd >= 0)
        channel->out_fds[channel->out_fd_count++] = fd;
    return ASSAY_OK;
}

/* All waiting fds go with the first byte of what is sent, so they are there before their frames. */
static ssize_t send_once(struct channel *channel)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int) * CHANNEL_FDS_MAX)];
    } control;
    struct iovec piece = {channel->out.data, channel->out.size};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    if (channel->out_fd_count) {
        size_t bytes = sizeof(int) * channel->out_fd_count;
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(bytes);
        struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(bytes);
        memcpy(CMSG_DATA(rights), channel->out_fds, bytes);
    }
    return sendmsg(channel->fd, &message, MSG_NOSIGNAL);
}

status channel_flush(struct channel *channel)
{
    while (channel->out.size) {
        ssize_t sent = send_once(channel);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return errno == EAGAIN || errno == EWOULDBLOCK ? ASSAY_END : ASSAY_ERR_IO;
        channel->out_fd_count = 0;
        buffer_drop_front(&channel->out, (size_t)sent);
    }
    return ASSAY_OK;
}

status channel_send(struct channel *channel, uint8_t type, struct view payload, int fd)
{
    TRY(channel_queue(channel, type, payload, fd));
    return channel_flush(channel);
}

/* Fds beyond what may wait are closed; the frames that miss them are then a breach. */
static void take_rights(struct channel *channel, struct msghdr *message)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
            if (channel->in_fd_count < CHANNEL_FDS_MAX)
                channel->in_fds[channel->in_fd_count++] = fd;
            else
                close(fd);
        }
    }
}

static void drop_taken(struct channel *channel)
{
    buffer_drop_front(&channel->in, channel->taken);
    channel->taken = 0;
}

status channel_fill(struct channel *channel)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int) * CHANNEL_FDS_MAX)];
    } control;
    drop_taken(channel);
    TRY(buffer_reserve(&channel->in, READ_BYTES));
    struct iovec piece = {channel->in.data + channel->in.size, READ_BYTES};
    struct msghdr message = {.msg_iov = &piece,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof(control.bytes)};
    ssize_t got;
    do {
        got = recvmsg(channel->fd, &message, MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK ? ASSAY_OK : ASSAY_ERR_IO;
    take_rights(channel, &message);
    channel->in.size += (size_t)got;
    channel->received += (uint64_t)got;
    return got ? ASSAY_OK : ASSAY_END;
}

static int take_fd(struct channel *channel)
{
    int fd = channel->in_fds[0];
    channel->in_fd_count--;
    memmove(channel->in_fds, channel->in_fds + 1, channel->in_fd_count * sizeof(int));
    return fd;
}

status channel_take(struct channel *channel, struct channel_frame *ret_frame)
{
    struct view rest = view_sub(buffer_view(&channel->in), channel->taken, UINT64_MAX);
    struct header header;
    if (rest.size < sizeof(header))
        return ASSAY_END;
    memcpy(&header, rest.data, sizeof(header));
    if (header.size > CHANNEL_FRAME_MAX || header.has_fd > 1 || header.zero)
        return ASSAY_ERR_CORRUPT;
    if (rest.size - sizeof(header) < header.size)
        return ASSAY_END;
    if (header.has_fd && channel->in_fd_count == 0)
        return ASSAY_ERR_CORRUPT;
    channel->taken += sizeof(header) + header.size;
    *ret_frame = (struct channel_frame){
        .type = header.type,
        .fd = header.has_fd ? take_fd(channel) : -1,
        .payload = view_sub(rest, sizeof(header), header.size),
    };
    return ASSAY_OK;
}

status channel_receive(struct channel *channel, struct channel_frame *ret_frame)
{
    for (;;) {
        status taken = channel_take(channel, ret_frame);
        if (taken != ASSAY_END)
            return taken;
        status filled = channel_fill(channel);
        if (filled != ASSAY_OK)
            return filled;
    }
}
