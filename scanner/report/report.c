#include "report.h"

#include <errno.h>
#include <string.h>

#include "report/output.h"
#include "report/sink.h"

/* A sink in use. */
struct subscriber {
    const struct sink_ops *ops;
    void *state;           /* NULL for a sink that writes nothing */
    struct output *output; /* the same */
};

struct report {
    const struct report_options *options;
    struct subscriber *subscribers;
    size_t count;
    bool closed;
};

/* Keeps the first failure of a series of calls; the others still happen. */
static status first_failure(status so_far, const struct output *output, struct error *error)
{
    return so_far < 0 ? so_far : output_state(output, error);
}

/* A sink that could not make an event of it has lost it: as bad as a failed write. */
static void note_failure(struct output *output, status why)
{
    if (why == ASSAY_ERR_NOMEM)
        output_fail(output, ENOMEM);
    else if (why < 0)
        output_fail(output, EIO);
}

status report_new(const struct report_options *options, struct report **ret_report)
{
    struct report *report = calloc(1, sizeof(*report));
    if (!report)
        return ASSAY_ERR_NOMEM;
    report->options = options;
    *ret_report = report;
    return ASSAY_OK;
}

/* Two reports in one file would leave only the later, or a mixture. */
static status check_free(const struct report *report, const struct output *added, const char *path,
                         struct error *error)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct output *output = report->subscribers[i].output;
        if (output && output_is_same(output, added))
            return error_set(error, ASSAY_ERR_ARGUMENT, "two reports for %.150s",
                             path ? path : "standard output");
    }
    return ASSAY_OK;
}

static status check_request(const struct sink_ops *ops, const char *format, const char *path,
                            struct error *error)
{
    if (!ops)
        return error_set(error, ASSAY_ERR_ARGUMENT, "there is no report format \"%s\"", format);
    if (!ops->open && path)
        return error_set(error, ASSAY_ERR_ARGUMENT, "the format \"%s\" writes no file", format);
    return ASSAY_OK;
}

status report_add(struct report *report, const char *format, const char *path, struct error *error)
{
    const struct sink_ops *ops = sink_find(format);
    TRY(check_request(ops, format, path, error));
    struct subscriber *grown = reallocarray(report->subscribers, report->count + 1, sizeof(*grown));
    if (!grown)
        return error_set(error, ASSAY_ERR_NOMEM, "out of memory");
    report->subscribers = grown;
    struct subscriber added = {.ops = ops};
    if (ops->open) {
        cleanup(output_free_cleanup) struct output *output = NULL;
        TRY(output_open(path, error, &output));
        TRY(check_free(report, output, path, error));
        if (ops->open(report->options, output, &added.state) < 0)
            return error_set(error, ASSAY_ERR_NOMEM, "out of memory");
        added.output = steal_pointer(output);
    }
    report->subscribers[report->count++] = added;
    return ASSAY_OK;
}

bool report_is_writing(const struct report *report, const struct stat *file)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct output *output = report->subscribers[i].output;
        if (output && output_is_file(output, file))
            return true;
    }
    return false;
}

/* A match is seen at once, whatever reads the output. */
static bool is_urgent(const struct report_event *event)
{
    return event->type == REPORT_FINDING && event->finding->type == ASSAY_EVENT_MATCH;
}

static void tell(const struct subscriber *subscriber, const struct report_event *event)
{
    struct output *output = subscriber->output;
    if (output_state(output, NULL) < 0)
        return;
    status told = subscriber->ops->event(subscriber->state, event);
    if (told >= 0 && is_urgent(event) && output_is_live(output))
        told = output_flush(output);
    note_failure(output, told);
}

status report_emit(struct report *report, const struct report_event *event, struct error *error)
{
    status result = ASSAY_OK;
    for (size_t i = 0; i < report->count; i++) {
        const struct subscriber *subscriber = &report->subscribers[i];
        if (!subscriber->output)
            continue;
        tell(subscriber, event);
        result = first_failure(result, subscriber->output, error);
    }
    return result;
}

status report_flush(struct report *report, struct error *error)
{
    status result = ASSAY_OK;
    for (size_t i = 0; i < report->count; i++) {
        struct output *output = report->subscribers[i].output;
        if (!output)
            continue;
        if (output_is_live(output))
            note_failure(output, output_flush(output));
        result = first_failure(result, output, error);
    }
    return result;
}

static void finish(const struct subscriber *subscriber)
{
    if (output_state(subscriber->output, NULL) < 0)
        return;
    status ended = subscriber->ops->close ? subscriber->ops->close(subscriber->state) : ASSAY_OK;
    if (ended >= 0)
        ended = output_commit(subscriber->output);
    note_failure(subscriber->output, ended);
}

status report_close(struct report *report, struct error *error)
{
    status result = ASSAY_OK;
    for (size_t i = 0; i < report->count; i++) {
        const struct subscriber *subscriber = &report->subscribers[i];
        if (!subscriber->output)
            continue;
        if (!report->closed)
            finish(subscriber);
        result = first_failure(result, subscriber->output, error);
    }
    report->closed = true;
    return result;
}

void report_free(struct report *report)
{
    if (!report)
        return;
    for (size_t i = 0; i < report->count; i++) {
        const struct subscriber *subscriber = &report->subscribers[i];
        if (subscriber->state)
            subscriber->ops->free(subscriber->state);
        output_free(subscriber->output);
    }
    free(report->subscribers);
    free(report);
}
