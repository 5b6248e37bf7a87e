/*
 * progress_line: the words of a progress display, made from numbers. No clock, no terminal: see
 * scanner/cli/progress.h for those.
 */
#ifndef REPORT_PROGRESS_LINE_H
#define REPORT_PROGRESS_LINE_H

#include "base/buffer.h"

struct progress_numbers {
    uint64_t files;       /* done */
    uint64_t bytes;       /* done */
    uint64_t total_bytes; /* of all files; 0: unknown, and then no time left is shown */
    uint64_t matches;
    uint64_t problems;          /* incomplete objects and errors */
    double seconds;             /* since the start */
    double rate;                /* bytes a second, lately; negative: not known yet */
    struct assay_bytes current; /* a file that takes long, raw bytes; size 0 for none */
};

/* Appends one line, without its end, of at most `columns` columns. It is safe to show: names are
 * escaped, then shortened in the middle. Errors: ASSAY_ERR_NOMEM. */
CHECKED status progress_line(struct buffer *out, const struct progress_numbers *numbers,
                             size_t columns);

/* Bytes a second over the last seconds. Start from zero. */
#define PROGRESS_SAMPLES 16
struct progress_rate {
    struct {
        double seconds;
        uint64_t bytes;
    } samples[PROGRESS_SAMPLES]; /* a ring, the oldest at `next` once it is full */
    size_t next;
    size_t count;
};

/* Notes the bytes done at a time (seconds since the start); kept when the last one noted is at
 * least a third of a second old, so that the ring spans about five seconds. */
void progress_rate_add(struct progress_rate *rate, double seconds, uint64_t bytes);

/* Bytes a second from the oldest sample kept until this one; negative while too little is known. */
double progress_rate_now(const struct progress_rate *rate, double seconds, uint64_t bytes);

#endif
