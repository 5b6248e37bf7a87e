#include "pool/zygote_link_state.h"

#include "base/cleanup.h"
#include "pool/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* For what is not about rules: none of it takes a tenth of this, however busy the machine. */
#define ANSWER_SECONDS 60

void zygote_link_free(struct zygote_link *link)
{
    if (!link)
        return;
    channel_release(&link->channel);
    if (link->pid > 0) {
        kill(link->pid, SIGKILL);
        while (waitpid(link->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    buffer_release(&link->message);
    free(link);
}

unsigned zygote_link_layers(const struct zygote_link *link)
{
    return link->layers;
}

status zygote_link_receive(struct zygote_link *link, uint64_t deadline, int stop_fd,
                           struct channel_frame *ret_frame)
{
    for (;;) {
        status taken = channel_take(&link->channel, ret_frame);
        if (taken != ASSAY_END)
            return taken;
        uint64_t now = clock_nanoseconds();
        if (now >= deadline)
            return ASSAY_ERR_TIME;
        struct pollfd pollers[] = {{.fd = link->channel.fd, .events = POLLIN},
                                   {.fd = stop_fd, .events = POLLIN}};
        int ready = poll(pollers, 2, (int)((deadline - now) / 1000000) + 1);
        if (ready < 0 && errno != EINTR)
            return ASSAY_ERR_IO;
        if (ready <= 0)
            continue;
        if (pollers[1].revents)
            return ASSAY_ERR_CANCELLED;
        status filled = channel_fill(&link->channel);
        if (filled != ASSAY_OK)
            return filled == ASSAY_END ? ASSAY_ERR_IO : filled;
    }
}

/* A frame of this type is the only thing that may come. */
static status expect(struct zygote_link *link, enum wire_type type, struct channel_frame *ret_frame)
{
    TRY(zygote_link_receive(link, zygote_link_deadline(ANSWER_SECONDS), -1, ret_frame));
    if (ret_frame->type == type)
        return ASSAY_OK;
    if (ret_frame->fd >= 0)
        close(ret_frame->fd);
    return ASSAY_ERR_CORRUPT;
}

/* ---- starting -------------------------------------------------------------------------------- */

static status start_process(struct zygote_link *link, const struct zygote_settings *settings)
{
    int sockets[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
        return ASSAY_ERR_IO;
    link->pid = fork();
    if (link->pid == 0)
        zygote_run(sockets[1], settings);
    close(sockets[1]);
    channel_init(&link->channel, sockets[0]);
    return link->pid < 0 ? ASSAY_ERR_IO : ASSAY_OK;
}

static status learn_layers(struct zygote_link *link)
{
    struct channel_frame frame;
    uint64_t layers;
    TRY(expect(link, WIRE_SANDBOX, &frame));
    TRY(wire_decode_number(frame.payload, &layers));
    link->layers = (unsigned)layers & SANDBOX_ALL;
    return ASSAY_OK;
}

status zygote_link_new(const struct zygote_settings *settings, struct error *error,
                       struct zygote_link **ret_link)
{
    struct zygote_link *link cleanup(zygote_link_free_cleanup) = calloc(1, sizeof(*link));
    if (!link)
        return ASSAY_ERR_NOMEM;
    link->channel.fd = -1;
    if (start_process(link, settings) < 0)
        return error_set(error, ASSAY_ERR_IO, "cannot start a process: %s", strerror(errno));
    if (learn_layers(link) < 0)
        return error_set(error, ASSAY_ERR_IO, "the process that holds the rules did not start");
    if (settings->sandbox == SANDBOX_REQUIRED)
        TRY(sandbox_require_all(link->layers, error));
    *ret_link = steal_pointer(link);
    return ASSAY_OK;
}

/* ---- forking --------------------------------------------------------------------------------- */

status zygote_link_spawn(struct zygote_link *link, int *ret_socket, int *ret_pidfd)
{
    int sockets[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) < 0)
        return ASSAY_ERR_LIMIT;
    int ours cleanup(fd_cleanup) = sockets[0];
    int theirs cleanup(fd_cleanup) = sockets[1];
    if (fcntl(ours, F_SETFL, O_NONBLOCK) < 0)
        return ASSAY_ERR_IO;
    TRY(channel_send(&link->channel, WIRE_SPAWN, (struct view){NULL, 0}, theirs));
    close(steal_fd(&theirs)); /* makes room for the pidfd */
    struct channel_frame frame;
    TRY(expect(link, WIRE_SPAWNED, &frame));
    if (frame.fd < 0)
        return ASSAY_ERR_LIMIT;
    *ret_pidfd = frame.fd;
    *ret_socket = steal_fd(&ours);
    return ASSAY_OK;
}
