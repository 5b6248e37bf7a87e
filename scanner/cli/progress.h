/*
 * progress: how far a scan is, for a person who waits. Written to standard error; a report never
 * depends on it, so nothing here fails: what cannot be shown is not shown. Single-threaded.
 *
 * On a terminal it is one line that is redrawn at most ten times a second; elsewhere, and only with
 * PROGRESS_ALWAYS, a full line every five seconds.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "base/cleanup.h"
#include "base/status.h"

enum progress_mode {
    PROGRESS_AUTO, /* when fd is a terminal that can redraw a line */
    PROGRESS_ALWAYS,
    PROGRESS_NEVER,
};

struct progress_counters {
    uint64_t files;       /* done */
    uint64_t bytes;       /* done */
    uint64_t total_bytes; /* of all files; 0 while unknown: then no time left is invented */
    uint64_t matches;
    uint64_t problems;          /* incomplete objects and errors */
    struct assay_bytes current; /* the file worked on longest, raw bytes; size 0 for none */
    double current_seconds;     /* for how long already; it is named from two seconds on */
};

struct progress;

/* Starts the clock. fd is borrowed. Errors: ASSAY_ERR_NOMEM. */
CHECKED status progress_new(enum progress_mode mode, int fd, struct progress **ret_progress);
/* False when nothing will ever be shown, so that nothing need be counted for it. */
bool progress_is_shown(const struct progress *progress);
/* Clears the line. NULL is allowed. */
void progress_free(struct progress *progress);
DEFINE_CLEANUP(struct progress, progress_free);

/* Both take NULL. */

/* Shows the counters if it is time to; cheap when it is not, so call it at every turn of the
 * loop. */
void progress_update(struct progress *progress, const struct progress_counters *counters);

/* Takes the line off the terminal, before something else is printed there. The next update draws
 * it again. */
void progress_clear(struct progress *progress);

#endif
