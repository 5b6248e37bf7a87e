#include "pool/worker.h"

#include "base/budget.h"
#include "inspect/input.h"
#include "pool/channel.h"
#include "pool/wire.h"

#include <unistd.h>

/* Seconds of CPU beyond what a file may take, before the kernel ends what the supervisor did
 * not. */
#define CPU_GRACE 30

/* Events that may wait to be sent together; matches never wait. */
#define QUEUED_BYTES (32U << 10)

struct worker {
    const struct worker_settings *settings;
    struct channel channel;
    struct assay_scanner *scanner;
    struct buffer message;
};

static status send_event(struct worker *worker, const struct assay_event *event)
{
    TRY(wire_encode_event(&worker->message, event));
    TRY(channel_queue(&worker->channel, WIRE_EVENT, buffer_view(&worker->message), -1));
    if (event->type == ASSAY_EVENT_MATCH || worker->channel.out.size > QUEUED_BYTES)
        return channel_flush(&worker->channel);
    return ASSAY_OK;
}

/* An event that cannot be told must not be lost: the process ends, and its file is reported. */
static int on_event(void *context, const struct assay_event *event)
{
    if (send_event(context, event) < 0)
        _exit(1);
    return 0;
}

/* A file that is mapped needs address space of its own, which is no memory. */
static status bound_task(const struct worker *worker, const struct wire_task *task)
{
    const struct worker_settings *settings = worker->settings;
    uint64_t space = settings->zygote->memory;
    if (space) {
        space += settings->address_space;
        if (task->size > INPUT_READ_MAX)
            space += task->size;
    }
    uint64_t seconds = budget_seconds(&settings->zygote->limits, task->size);
    return sandbox_set_bounds(settings->layers, space, seconds ? seconds + CPU_GRACE : 0);
}

/* What failed before anything could be matched is one event about the whole file. */
static struct assay_result result_of_failure(struct worker *worker, status why)
{
    struct assay_event event = {
        .type = ASSAY_EVENT_INCOMPLETE,
        .reason = reason_of_status(why),
        .detail = assay_status_text((enum assay_status)why),
    };
    on_event(worker, &event);
    return (struct assay_result){.verdict = ASSAY_INCOMPLETE, .objects = 1};
}

static status scan_task(struct worker *worker, const struct wire_task *task, int fd)
{
    struct assay_subject subject = {
        .path = task->path, .owner = task->owner, .share = task->share, .shares = task->shares};
    struct wire_done done = {.id = task->id};
    status scanned = bound_task(worker, task);
    if (scanned >= 0)
        scanned = assay_scan_fd(worker->scanner, &subject, fd, on_event, worker, &done.result);
    if (scanned < 0) {
        done.result = result_of_failure(worker, scanned);
        done.retires = true;
    }
    TRY(wire_encode_done(&worker->message, &done));
    TRY(channel_send(&worker->channel, WIRE_DONE, buffer_view(&worker->message), -1));
    return done.retires ? ASSAY_END : ASSAY_OK;
}

static status serve_frame(struct worker *worker, const struct channel_frame *frame)
{
    struct wire_task task;
    if (frame->type != WIRE_TASK || frame->fd < 0)
        return ASSAY_ERR_CORRUPT;
    TRY(wire_decode_task(frame->payload, &task));
    return scan_task(worker, &task, frame->fd);
}

static status serve(struct worker *worker)
{
    TRY(channel_send(&worker->channel, WIRE_READY, (struct view){NULL, 0}, -1));
    for (;;) {
        struct channel_frame frame;
        status received = channel_receive(&worker->channel, &frame);
        if (received != ASSAY_OK)
            return received;
        status served = serve_frame(worker, &frame);
        if (frame.fd >= 0)
            close(frame.fd);
        if (served != ASSAY_OK)
            return served;
    }
}

_Noreturn void worker_run(int socket, const struct assay_rules *rules,
                          const struct worker_settings *settings)
{
    struct worker worker = {.settings = settings};
    channel_init(&worker.channel, socket);
    uint64_t space = settings->zygote->memory;
    if (sandbox_enter_worker(settings->layers, space ? space + settings->address_space : 0) < 0)
        _exit(1);
    if (assay_scanner_new(rules, &settings->zygote->limits, &worker.scanner) < 0)
        _exit(1);
    assay_scanner_report_clean(worker.scanner, settings->zygote->report_clean);
    assay_scanner_report_views(worker.scanner, settings->zygote->report_views);
    assay_scanner_set_passwords(worker.scanner, settings->zygote->passwords,
                                settings->zygote->password_count);
    _exit(serve(&worker) < 0);
}
