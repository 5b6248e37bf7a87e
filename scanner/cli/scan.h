/*
 * scan: the state of one `assay scan`, shared by the files that are its steps: scan_prepare.c gets
 * everything ready, scan_feed.c brings files to the pool, scan_report.c tells, scan.c is the verb.
 */
#ifndef CLI_SCAN_H
#define CLI_SCAN_H

#include "cli/databases.h"
#include "cli/forecast.h"
#include "cli/owners.h"
#include "cli/password_file.h"
#include "cli/progress.h"
#include "cli/roots.h"
#include "cli/rule_files.h"
#include "cli/scan_options.h"
#include "cli/tally.h"
#include "pool/pool.h"

struct scan {
    struct scan_options options;
    struct option_values *values;
    struct report_options report_options;
    struct report *report;
    size_t sinks;
    struct pool_settings pool_settings;
    struct pool_events pool_events;
    struct pool *pool;
    struct rule_files *rules;       /* NULL: --rules was not given */
    struct databases *databases;    /* NULL: only --rules was given */
    struct report_database *in_use; /* all of them */
    size_t in_use_count;
    char builtin_digest[SOURCE_DIGEST_HEX];
    struct passwords passwords;
    struct roots *roots;
    struct walk *walk;
    struct walk_entry entry;
    struct owners owners;
    struct progress *progress;
    struct forecast *forecast; /* NULL: nobody looks, or it cannot be known */
    char *const *paths;        /* operands of the command line */
    size_t path_count;
    struct tally tally;
    struct error error;
    const char *interrupted; /* the signal's name */
    int stop_fd;             /* readable when a signal asks to stop */
    bool in_root;            /* the walk is on its way through a root */
    bool starved;            /* the next root is not known yet */
    bool walked;             /* there are no more roots */
    bool report_failed;
    uint64_t rule_count;
};

/* ---- scan_prepare.c -------------------------------------------------------------------------- */

/* Opens the reports, starts the pool, compiles the rules. Errors: any; scan->error says more. */
CHECKED status scan_prepare(struct scan *scan);
/* Tells every report what is going to be done, with what. */
CHECKED status scan_emit_start(struct scan *scan);

/* ---- scan_feed.c ----------------------------------------------------------------------------- */

/* Brings files to the pool while it has room and there are any, for a while. */
CHECKED status scan_feed(struct scan *scan);

/* ---- scan_report.c --------------------------------------------------------------------------- */

/* Each counts what it tells. */
void scan_emit(struct scan *scan, const struct report_event *event);
void scan_emit_error(struct scan *scan, struct assay_bytes path, int error_number,
                     const char *detail);
void scan_emit_finding(struct scan *scan, struct assay_bytes path,
                       const struct assay_event *finding);
/* A file that is too large for any worker to see it. */
void scan_emit_not_scanned(struct scan *scan, const struct walk_entry *entry);
/* What writing the reports ended with: said once, for the first that fails. */
void scan_note_report(struct scan *scan, status written, const struct error *error);

#endif
