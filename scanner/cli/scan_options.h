/* scan_options: the options of `assay scan`, and what they mean. */
#ifndef CLI_SCAN_OPTIONS_H
#define CLI_SCAN_OPTIONS_H

#include "cli/databases.h"
#include "cli/option_kinds.h"
#include "cli/options.h"
#include "pool/sandbox.h"
#include "walk/walk.h"

enum when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };

struct scan_options {
    struct text_list rules;
    struct databases_options databases;
    struct text_list reports; /* FMT=FILE */
    struct text_list includes;
    struct text_list excludes;
    const char *format; /* of standard output */
    enum assay_severity fail_on;
    bool allowed[ASSAY_REASON_COUNT]; /* reasons that do not make EXIT_INCOMPLETE */
    const char *files_from;           /* NULL: none; "-": standard input */
    const char *password_file;        /* NULL: none */
    bool null_separated;
    struct walk_options walk; /* its lists are set by scan_options_finish */
    struct assay_limits limits;
    uint64_t memory; /* bytes */
    uint32_t jobs;
    bool nice;
    bool no_sandbox;
    bool require_sandbox;
    enum when progress;
    enum when color;
    bool quiet;
    bool verbose;
    bool all;
    bool views; /* tell about every object once it is done */
};

extern const struct option_table scan_option_table;
/* The same options as far as they are about reading and matching. */
extern const struct option_table explain_option_table;

/* The defaults, before options_read. */
void scan_options_init(struct scan_options *options);
/* What several options say together. Errors: ASSAY_ERR_ARGUMENT. */
CHECKED status scan_options_finish(struct scan_options *options, struct error *error);
void scan_options_release(struct scan_options *options);

#endif
