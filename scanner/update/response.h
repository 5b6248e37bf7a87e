/*
 * response: what the lines in front of a body say about it: the status, and which part of the file
 * it is. Source: RFC 9110, sections 14.4 (Content-Range) and 15.
 */
#ifndef UPDATE_RESPONSE_H
#define UPDATE_RESPONSE_H

#include "base/status.h"
#include "base/view.h"

enum response_range {
    RANGE_NONE,      /* the answer says nothing about it */
    RANGE_PART,      /* first to last, of total */
    RANGE_NO_PART,   /* nothing of what was asked for: the file has total bytes */
    RANGE_UNCERTAIN, /* said twice, or not understood */
};

struct response {
    unsigned status; /* 0: no answer yet */
    enum response_range range;
    uint64_t first, last, total;
};

/* Takes one line; a status line begins a new answer. */
void response_take_line(struct response *response, struct view line);

/* " (not found)" for statuses that have well-known words, else "". */
const char *response_status_words(unsigned code);

#endif
