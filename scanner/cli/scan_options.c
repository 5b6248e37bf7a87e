#include "cli/scan_options.h"

#include "base/names.h"
#include "cli/units.h"
#include "report/report.h"

#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JOBS_MAX 1024

static unsigned available_processors(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
    return count > 0 ? (unsigned)count : 1;
}

void scan_options_init(struct scan_options *options)
{
    *options = (struct scan_options){
        .format = "text",
        .fail_on = ASSAY_LOW,
        .limits = assay_limits_default(),
        .memory = UINT64_C(4) << 30,
        .jobs = available_processors(),
    };
}

void scan_options_release(struct scan_options *options)
{
    free(options->rules.items);
    free(options->reports.items);
    free(options->includes.items);
    free(options->excludes.items);
}

/* ---- values of one option each --------------------------------------------------------------- */

static status set_format(void *field, const char *value, struct error *error)
{
    for (const char *const *format = report_formats(); *format; format++) {
        if (strcmp(*format, value) == 0)
            return option_set_text(field, value, error);
    }
    return error_set(error, ASSAY_ERR_ARGUMENT, "'%.80s' is no format of this version", value);
}

static status set_fail_on(void *field, const char *value, struct error *error)
{
    if (severity_from_name(value, strlen(value), field))
        return ASSAY_OK;
    return error_set(error, ASSAY_ERR_ARGUMENT,
                     "'%.80s' is no severity; write info, low, medium, high or critical", value);
}

static status allow_one(bool allowed[ASSAY_REASON_COUNT], const char *word, size_t size,
                        struct error *error)
{
    enum assay_reason reason;
    if (reason_from_name(word, size, &reason)) {
        allowed[reason] = true;
        return ASSAY_OK;
    }
    if (size == 3 && memcmp(word, "all", 3) == 0) {
        memset(allowed, 1, ASSAY_REASON_COUNT * sizeof(bool));
        return ASSAY_OK;
    }
    return error_set(error, ASSAY_ERR_ARGUMENT,
                     "'%.*s' is no reason; write all, or a list such as encrypted,time (`man "
                     "assay` names them)",
                     size < 80 ? (int)size : 80, word);
}

static status set_allow_incomplete(void *field, const char *value, struct error *error)
{
    for (const char *word = value;; word++) {
        size_t size = strcspn(word, ",");
        TRY(allow_one(field, word, size, error));
        word += size;
        if (!*word)
            return ASSAY_OK;
    }
}

static status set_newer_than(void *field, const char *value, struct error *error)
{
    struct walk_options *walk = field;
    walk->has_newer_than = units_parse_time(value, time(NULL), &walk->newer_than);
    if (walk->has_newer_than)
        return ASSAY_OK;
    return error_set(error, ASSAY_ERR_ARGUMENT,
                     "'%.80s' is no time; write 2026-11-23, 2026-11-23T18:00:00Z, @1700000000, or "
                     "how long ago: 36h, 7d",
                     value);
}

static status set_shard(void *field, const char *value, struct error *error)
{
    struct walk_options *walk = field;
    const char *slash = strchr(value, '/');
    char first[16] = "";
    uint64_t index = 0, count = 0;
    if (slash && (size_t)(slash - value) < sizeof(first))
        memcpy(first, value, (size_t)(slash - value));
    if (!slash || !units_parse_number(slash + 1, 1, UINT32_MAX, &count) ||
        !units_parse_number(first, 1, count, &index))
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "'%.80s' is no part; write I/N with I from 1 to N, such as 2/8", value);
    walk->shard_index = (uint32_t)index;
    walk->shard_count = (uint32_t)count;
    return ASSAY_OK;
}

static status set_u32(void *field, uint64_t minimum, uint64_t maximum, const char *value,
                      struct error *error)
{
    uint64_t number;
    TRY(option_number(value, minimum, maximum, error, &number));
    *(uint32_t *)field = (uint32_t)number;
    return ASSAY_OK;
}

static status set_max_depth(void *field, const char *value, struct error *error)
{
    return set_u32(field, 0, 1000, value, error);
}

static status set_jobs(void *field, const char *value, struct error *error)
{
    return set_u32(field, 1, JOBS_MAX, value, error);
}

static status set_count(void *field, const char *value, struct error *error)
{
    return option_number(value, 1, UINT32_MAX, error, field);
}

static status set_timeout(void *field, const char *value, struct error *error)
{
    uint64_t seconds;
    if (!units_parse_seconds(value, &seconds) || seconds == 0 || seconds > INT32_MAX)
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "'%.80s' is no time; write seconds, or 90s, 2m, 1h", value);
    *(uint32_t *)field = (uint32_t)seconds;
    return ASSAY_OK;
}

/* "30" and "30d". */
static status set_days(void *field, const char *value, struct error *error)
{
    char number[24]; /* what is cut off would be too many in any case */
    size_t size = strlen(value);
    size -= size > 1 && value[size - 1] == 'd';
    snprintf(number, sizeof(number), "%.*s", (int)size, value);
    if (units_parse_number(number, 1, 36500, field))
        return ASSAY_OK;
    return error_set(error, ASSAY_ERR_ARGUMENT, "'%.80s' is no number of days", value);
}

static status set_when(void *field, const char *value, struct error *error)
{
    static const struct {
        const char *word;
        enum when when;
    } words[] = {{"auto", WHEN_AUTO}, {"always", WHEN_ALWAYS}, {"never", WHEN_NEVER}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i].word, value) == 0) {
            *(enum when *)field = words[i].when;
            return ASSAY_OK;
        }
    }
    return error_set(error, ASSAY_ERR_ARGUMENT, "'%.80s' is not one of auto, always, never", value);
}

/* ---- the table ------------------------------------------------------------------------------- */

#define FIELD(name) offsetof(struct scan_options, name)

/* What reading and matching depend on. */
#define READING_ROWS                                                                               \
    {"db",                                                                                         \
     'd',                                                                                          \
     "DIR|FILE",                                                                                   \
     "use this database: a bundle, or a directory they are installed in",                          \
     option_set_text,                                                                              \
     FIELD(databases.database),                                                                    \
     false},                                                                                       \
        {"allow-unsigned",                                                                         \
         0,                                                                                        \
         NULL,                                                                                     \
         "take a bundle given with -d that nobody trusted has signed",                             \
         option_set_flag,                                                                          \
         FIELD(databases.allow_unsigned),                                                          \
         false},                                                                                   \
        {"trust",                                                                                  \
         0,                                                                                        \
         "DIR",                                                                                    \
         "the keys to believe: DIR/keys/*.pub (default: /etc/assay; a user's own, too)",           \
         option_set_text,                                                                          \
         FIELD(databases.trust),                                                                   \
         false},                                                                                   \
        {"require-fresh",                                                                          \
         0,                                                                                        \
         NULL,                                                                                     \
         "fail when a database has expired or is too old",                                         \
         option_set_flag,                                                                          \
         FIELD(databases.require_fresh),                                                           \
         false},                                                                                   \
        {"max-db-age", 0,                                                                          \
         "DAYS",       "older databases are too old (default: as their publishers say)",           \
         set_days,     FIELD(databases.max_age),                                                   \
         false},                                                                                   \
        {"rules",                                                                                  \
         0,                                                                                        \
         "FILE|DIR",                                                                               \
         "use these YARA rules, and no database but that of -d (repeatable)",                      \
         option_add_text,                                                                          \
         FIELD(rules),                                                                             \
         false},                                                                                   \
        {"max-depth",   0,                                                                         \
         "N",           "containers and codecs inside each other (default: 24)",                   \
         set_max_depth, FIELD(limits.depth),                                                       \
         false},                                                                                   \
        {"max-expanded",                                                                           \
         0,                                                                                        \
         "SIZE",                                                                                   \
         "bytes out of the containers of one file (default: 32G)",                                 \
         option_set_size,                                                                          \
         FIELD(limits.expanded),                                                                   \
         false},                                                                                   \
        {"max-ratio", 0,                                                                           \
         "N",         "bytes out for each byte in, past 64 MiB (default: 1000)",                   \
         set_count,   FIELD(limits.ratio),                                                         \
         false},                                                                                   \
        {"max-member",                                                                             \
         0,                                                                                        \
         "SIZE",                                                                                   \
         "bytes of one member that are matched (default: 512M)",                                   \
         option_set_size,                                                                          \
         FIELD(limits.member),                                                                     \
         false},                                                                                   \
        {"max-members",         0,    "N", "members of one file (default: 2000000)", set_count,    \
         FIELD(limits.members), false},                                                            \
        {"max-codec-memory",                                                                       \
         0,                                                                                        \
         "SIZE",                                                                                   \
         "memory of one decoder (default: 1G)",                                                    \
         option_set_size,                                                                          \
         FIELD(limits.codec_memory),                                                               \
         false},                                                                                   \
        {"max-memory",                                                                             \
         0,                                                                                        \
         "SIZE",                                                                                   \
         "address space of a worker beyond the rules (default: 4G)",                               \
         option_set_size,                                                                          \
         FIELD(memory),                                                                            \
         false},                                                                                   \
        {"timeout",   0,                                                                           \
         "SECONDS",   "for one file, plus a second for each 4 MiB of it (default: 120)",           \
         set_timeout, FIELD(limits.time_seconds),                                                  \
         false},                                                                                   \
        {"no-sandbox",                                                                             \
         0,                                                                                        \
         NULL,                                                                                     \
         "do not isolate the workers: for debugging only",                                         \
         option_set_flag,                                                                          \
         FIELD(no_sandbox),                                                                        \
         false},                                                                                   \
        {"require-sandbox",                                                                        \
         0,                                                                                        \
         NULL,                                                                                     \
         "fail when the sandbox is not complete",                                                  \
         option_set_flag,                                                                          \
         FIELD(require_sandbox),                                                                   \
         false},                                                                                   \
    {                                                                                              \
        "color", 0, "WHEN", "colours: auto, always or never", set_when, FIELD(color), false        \
    }

static const struct option_row rows[] = {
    READING_ROWS,
    {"format", 'f', "FORMAT", "what standard output gets: text, jsonl or none", set_format,
     FIELD(format), false},
    {"report", 0, "FORMAT=FILE", "a further report, written to FILE (repeatable)", option_add_text,
     FIELD(reports), false},
    {"fail-on", 0, "SEVERITY", "the lowest severity that makes exit code 1 (default: low)",
     set_fail_on, FIELD(fail_on), false},
    {"allow-incomplete", 0, "REASON,...", "reasons that do not make exit code 3; or all",
     set_allow_incomplete, FIELD(allowed), false},
    {"all", 0, NULL, "report clean objects too", option_set_flag, FIELD(all), false},
    {"files-from", 0, "FILE", "scan the paths listed in FILE, one a line; - is standard input",
     option_set_text, FIELD(files_from), true},
    {"null", '0', NULL, "the list separates paths by NUL bytes", option_set_flag,
     FIELD(null_separated), true},
    {"password-file", 0, "FILE", "try the passwords in FILE, one a line, on encrypted members",
     option_set_text, FIELD(password_file), false},
    {"include", 0, "GLOB", "scan only files that match (repeatable)", option_add_text,
     FIELD(includes), false},
    {"exclude", 0, "GLOB", "leave out files and directories that match (repeatable)",
     option_add_text, FIELD(excludes), false},
    {"one-file-system", 'x', NULL, "do not enter other file systems", option_set_flag,
     FIELD(walk.one_file_system), false},
    {"max-filesize", 0, "SIZE", "larger files are reported, not scanned", option_set_size,
     FIELD(walk.max_file_size), false},
    {"newer-than", 0, "TIME", "only files changed since: 2026-11-23, 36h, @1700000000",
     set_newer_than, FIELD(walk), false},
    {"shard", 0, "I/N", "scan the I-th of N parts of the files", set_shard, FIELD(walk), true},
    {"jobs", 'j', "N", "worker processes (default: one a processor)", set_jobs, FIELD(jobs), false},
    {"nice", 0, NULL, "use processor and disk only when nobody else does", option_set_flag,
     FIELD(nice), false},
    {"progress", 0, "WHEN", "progress on standard error: auto, always or never", set_when,
     FIELD(progress), false},
    {"quiet", 'q', NULL, "findings only, no summary", option_set_flag, FIELD(quiet), false},
    {"verbose", 'v', NULL, "also what was passed over, and what is in use", option_set_flag,
     FIELD(verbose), false},
};

static const struct option_row explain_rows[] = {READING_ROWS};

const struct option_table scan_option_table = {
    .verb = "scan",
    .operands = "PATH...",
    .summary = "Looks for signatures in files, in everything below directories, and in what\n"
               "archives and compressed files contain. - is standard input.\n\n"
               "Exit code: 0 everything was looked at and nothing matched; 1 something matched;\n"
               "2 the scan could not be done as asked; 3 nothing matched, but not all could be\n"
               "looked at.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
};

const struct option_table explain_option_table = {
    .verb = "explain",
    .operands = "FILE...",
    .summary = "Shows what a file is and what is in it: every object with its size, the formats\n"
               "it was read as and its verdict, every match with its strings, and why something\n"
               "could not be looked at. - is standard input.\n\n"
               "Exit code: as `assay scan`.",
    .rows = explain_rows,
    .count = sizeof(explain_rows) / sizeof(explain_rows[0]),
};

status scan_options_finish(struct scan_options *options, struct error *error)
{
    if (options->no_sandbox && options->require_sandbox)
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "--no-sandbox and --require-sandbox contradict each other");
    if (options->null_separated && !options->files_from)
        return error_set(error, ASSAY_ERR_ARGUMENT, "--null goes with --files-from");
    options->walk.includes = options->includes.items;
    options->walk.include_count = options->includes.count;
    options->walk.excludes = options->excludes.items;
    options->walk.exclude_count = options->excludes.count;
    return ASSAY_OK;
}
