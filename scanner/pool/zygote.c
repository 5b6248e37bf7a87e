#include "pool/zygote.h"

#include "base/cleanup.h"
#include "pool/child.h"
#include "pool/warm_up.h"
#include "pool/wire.h"
#include "pool/worker.h"
#include "pool/zygote_state.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* ---- forking --------------------------------------------------------------------------------- */

/* Not fork(): the worker has to be the supervisor's child, and the sandbox allows these flags
 * only. */
static pid_t clone_worker(int *ret_pidfd)
{
    return (pid_t)syscall(SYS_clone, SANDBOX_WORKER_CLONE, NULL, ret_pidfd, NULL, NULL);
}

_Noreturn static void become_worker(struct zygote *zygote, int socket)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    struct worker_settings settings = {
        .zygote = zygote->settings,
        .layers = zygote->layers,
        .address_space = child_address_space(zygote->statm),
    };
    channel_release(&zygote->channel);
    worker_run(socket, zygote->rules, &settings);
}

static status spawn(struct zygote *zygote, const struct channel_frame *frame)
{
    TRY(zygote_join_rules(zygote));
    if (!zygote->rules)
        return ASSAY_ERR_CORRUPT;
    int pidfd cleanup(fd_cleanup) = -1;
    pid_t pid = clone_worker(&pidfd);
    if (pid == 0)
        become_worker(zygote, frame->fd);
    if (pid < 0)
        pidfd = -1;
    return channel_send(&zygote->channel, WIRE_SPAWNED, (struct view){NULL, 0}, pidfd);
}

/* ---- the process ----------------------------------------------------------------------------- */

static const struct {
    enum wire_type type;
    bool has_fd;
    status (*serve)(struct zygote *zygote, const struct channel_frame *frame);
} services[] = {
    {WIRE_SOURCE, true, zygote_add_source},     {WIRE_COMPILE, false, zygote_compile},
    {WIRE_SAVE_RULES, true, zygote_save_rules}, {WIRE_LOAD_RULES, true, zygote_load_rules},
    {WIRE_ADD_HASHES, true, zygote_add_hashes}, {WIRE_SPAWN, true, spawn},
};

static status serve_frame(struct zygote *zygote, const struct channel_frame *frame)
{
    for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
        if (services[i].type == frame->type && services[i].has_fd == (frame->fd >= 0))
            return services[i].serve(zygote, frame);
    }
    return ASSAY_ERR_CORRUPT;
}

static status serve(struct zygote *zygote)
{
    TRY(wire_encode_number(&zygote->message, zygote->layers));
    TRY(channel_send(&zygote->channel, WIRE_SANDBOX, buffer_view(&zygote->message), -1));
    for (;;) {
        struct channel_frame frame;
        status received = channel_receive(&zygote->channel, &frame);
        if (received != ASSAY_OK)
            return received;
        status served = serve_frame(zygote, &frame);
        if (frame.fd >= 0)
            close(frame.fd);
        TRY(served);
    }
}

_Noreturn void zygote_run(int socket, const struct zygote_settings *settings)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    child_ignore_signals();
    int *const kept[] = {&socket};
    if (!child_keep_only(kept, 1))
        _exit(1);
    struct zygote zygote = {.settings = settings,
                            .statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)};
    channel_init(&zygote.channel, socket);
    if (warm_up() < 0)
        _exit(1);
    zygote.layers = sandbox_enter_zygote(settings->sandbox);
    _exit(serve(&zygote) < 0);
}
