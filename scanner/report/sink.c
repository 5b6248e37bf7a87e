#include "sink.h"

#include <string.h>

/* For a scan whose exit code is all that is asked for. */
const struct sink_ops sink_none = {.name = "none"};

static const struct sink_ops *const sinks[] = {&sink_text, &sink_jsonl, &sink_none, &sink_tree};

/* The same rows by name, for usage texts; but for the last, which belongs to `assay explain`. */
static const char *const names[] = {"text", "jsonl", "none", NULL};

#define SINK_COUNT (sizeof(sinks) / sizeof(sinks[0]))
_Static_assert(sizeof(names) / sizeof(names[0]) == SINK_COUNT, "one name a sink");

const struct sink_ops *sink_find(const char *name)
{
    for (size_t i = 0; i < SINK_COUNT; i++) {
        if (strcmp(sinks[i]->name, name) == 0)
            return sinks[i];
    }
    return NULL;
}

const char *const *report_formats(void)
{
    return names;
}
