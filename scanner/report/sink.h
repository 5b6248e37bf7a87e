/*
 * sink: one form of report. A sink turns events into bytes for its output and knows nothing of
 * files. To add one: write sink_FORMAT.c with its struct sink_ops, and add a row in sink.c.
 */
#ifndef REPORT_SINK_H
#define REPORT_SINK_H

#include "report/output.h"
#include "report/report.h"

struct sink_ops {
    const char *name; /* what --format and --report call it */

    /* Starts a report. Both borrowed until free. NULL: the sink writes nothing at all, needs no
     * output, and nothing else here is called. Errors: ASSAY_ERR_NOMEM. */
    status (*open)(const struct report_options *options, struct output *output, void **ret_state);

    /* Takes one event. The event is written whole, or the call fails: ASSAY_ERR_IO when the output
     * did, ASSAY_ERR_NOMEM. After a failure only free is called. */
    status (*event)(void *state, const struct report_event *event);

    /* Writes what must stand at the end. NULL when nothing must. Errors as event. */
    status (*close)(void *state);

    void (*free)(void *state);
};

extern const struct sink_ops sink_text;
extern const struct sink_ops sink_jsonl;
extern const struct sink_ops sink_none;
extern const struct sink_ops sink_tree;

/* The row of that name; NULL when there is none. */
const struct sink_ops *sink_find(const char *name);

#endif
