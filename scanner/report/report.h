/*
 * report: one stream of events, any number of sinks. A sink is one file here and one row in the
 * table of sink.c. Single-threaded.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/status.h"

/* A database in use. */
struct report_database {
    const char *name;
    const char *version;
    uint64_t serial;
    const char *digest; /* lower-case hex SHA-256 of its sources */
    const char *trust;  /* "builtin", "unsigned", "signed:ID,ID" */
    int64_t age_days;   /* -1: unknown */
    int64_t rules;      /* how many; -1: not counted apart */
    int64_t hashes;
    bool is_stale; /* it has expired, or is older than was asked for */
};

/* One option as it is in force, for the record. */
struct report_option {
    const char *name;
    const char *value; /* any bytes */
};

struct report_start {
    const struct report_database *databases;
    size_t database_count;
    const struct report_option *options;
    size_t option_count;
    const char *sandbox;               /* "full", "partial" or "none" */
    const char *const *sandbox_layers; /* active: "seccomp", "landlock", ... */
    size_t sandbox_layer_count;
    struct timespec time;
};

/* A named number, in the order given. */
struct report_count {
    const char *name;
    uint64_t value;
};

struct report_summary {
    const struct report_database *databases; /* as in struct report_start; NULL: none was loaded */
    size_t database_count;
    uint64_t files;   /* top-level files */
    uint64_t objects; /* they and everything found in them */
    uint64_t bytes;   /* of the files */
    uint64_t expanded_bytes;
    uint64_t matches;
    uint64_t incomplete;
    uint64_t errors;
    uint64_t cached;
    uint64_t by_severity[ASSAY_SEVERITY_COUNT];
    uint64_t by_reason[ASSAY_REASON_COUNT];
    const struct report_count *skipped; /* all kinds, zeros too */
    size_t skipped_count;
    double seconds;
    const char *interrupted; /* NULL, or what ended the scan early: "SIGINT" */
    int exit_code;
};

enum report_type {
    REPORT_START,
    REPORT_FINDING, /* a match, incomplete or clean object: see finding */
    REPORT_ERROR, /* a path could not be looked at; with an empty path: the scan could not go on */
    REPORT_SKIPPED, /* passed over on purpose (for -v) */
    REPORT_SUMMARY,
};

/* All pointers are borrowed for the time of the call. */
struct report_event {
    enum report_type type;
    struct assay_bytes path; /* FINDING, ERROR, SKIPPED: raw bytes of the top-level path */
    const struct assay_event *finding; /* FINDING */
    int error_number;                  /* ERROR: errno, or 0 */
    const char *detail; /* ERROR, SKIPPED: an English clause; may hold hostile bytes */
    const struct report_start *start;
    const struct report_summary *summary;
};

struct report_options {
    bool color;   /* text sink on a terminal */
    bool quiet;   /* text sink: findings only, no summary */
    bool verbose; /* text sink: skipped entries, database and sandbox lines */
};

struct report;

/* options is borrowed until report_free. Errors: ASSAY_ERR_NOMEM. */
CHECKED status report_new(const struct report_options *options, struct report **ret_report);

/* Adds a sink. `format` is a row's name ("text", "jsonl", "none").
 *   path   a file to write: under a temporary name, then synced and renamed by report_close; NULL
 *          for standard output
 * Errors: ASSAY_ERR_ARGUMENT (no such format), ASSAY_ERR_IO (cannot be created), ASSAY_ERR_NOMEM;
 * error says more. */
CHECKED status report_add(struct report *report, const char *format, const char *path,
                          struct error *error);

/* True when this is a file that a sink is writing: to scan it would be to chase one's own tail. */
bool report_is_writing(const struct report *report, const struct stat *file);

/* Hands the event to every sink. ASSAY_ERR_IO when one of them cannot be written: the others still
 * got it, error names the one, and the scan's exit code must become 2. */
CHECKED status report_emit(struct report *report, const struct report_event *event,
                           struct error *error);

/* Pushes buffered output of standard output's sink to its reader. Errors as report_emit. */
CHECKED status report_flush(struct report *report, struct error *error);

/* Ends every sink and puts files in their places. Errors as report_emit: a sink that failed leaves
 * an older file of that name untouched. report_free still has to be called. */
CHECKED status report_close(struct report *report, struct error *error);

/* Without report_close before it, files that were being written are removed. NULL is allowed. */
void report_free(struct report *report);
DEFINE_CLEANUP(struct report, report_free);

/* The names of all formats, for usage texts; NULL-terminated, static. */
const char *const *report_formats(void);

#endif
