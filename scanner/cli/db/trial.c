#include "cli/db/trial.h"

#include "base/buffer.h"
#include "cli/db/canaries.h"
#include "cli/db/compile.h"
#include "cli/say.h"
#include "cli/scan_options.h"
#include "pool/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

/* For files of some bytes: rules that take longer would keep every scan waiting. */
#define TRIAL_SECONDS 20

struct trial {
    const struct trial_options *options;
    struct pool *pool;
    struct pool_settings settings;
    struct pool_events events;
    struct trial_culprit *culprits;
    size_t culprit_count;
    size_t warnings;
    /* What the last file that was looked at came to. */
    char rule[128]; /* the first that matched; "": none did */
    char problem[128];
};

/* ---- looking at a file ----------------------------------------------------------------------- */

/* A rule that only informs is no alarm. */
static void on_event(void *context, struct assay_bytes path, const struct assay_event *event)
{
    struct trial *trial = context;
    (void)path;
    if (event->type == ASSAY_EVENT_MATCH && event->match->severity >= ASSAY_LOW && !trial->rule[0])
        snprintf(trial->rule, sizeof(trial->rule), "%s", event->match->rule);
    if (event->type == ASSAY_EVENT_INCOMPLETE && !trial->problem[0])
        snprintf(trial->problem, sizeof(trial->problem), "%s: %s", assay_reason_name(event->reason),
                 event->detail);
}

static void on_done(void *context, uint64_t size, const struct assay_result *result)
{
    (void)context;
    (void)size;
    (void)result;
}

static status look_at(struct trial *trial, const char *name, int fd, struct error *error)
{
    struct stat stat;
    trial->rule[0] = trial->problem[0] = 0;
    if (fstat(fd, &stat) < 0)
        return error_set(error, ASSAY_ERR_IO, "%s: %s", name, strerror(errno));
    struct pool_file file = {
        .fd = fcntl(fd, F_DUPFD_CLOEXEC, 3),
        .path = {(const uint8_t *)name, strlen(name)},
        .owner = "",
        .stat = &stat,
    };
    TRY(pool_submit(trial->pool, &file, error));
    while (!pool_is_idle(trial->pool))
        TRY(pool_wait(trial->pool, 200, error));
    if (trial->problem[0] && !trial->rule[0])
        return error_set(error, ASSAY_ERR_RULES, "the rules could not be tried on %s (%s)", name,
                         trial->problem);
    return ASSAY_OK;
}

/* ---- a pool ---------------------------------------------------------------------------------- */

status trial_new(const struct trial_options *options, struct error *error, struct trial **ret_trial)
{
    struct trial *trial cleanup(trial_free_cleanup) = calloc(1, sizeof(*trial));
    if (!trial)
        return ASSAY_ERR_NOMEM;
    struct scan_options defaults;
    scan_options_init(&defaults);
    trial->options = options;
    defaults.limits.time_seconds = TRIAL_SECONDS;
    trial->settings =
        (struct pool_settings){.limits = defaults.limits, .memory = defaults.memory, .jobs = 1};
    trial->events =
        (struct pool_events){.on_event = on_event, .on_done = on_done, .context = trial};
    TRY(pool_new(&trial->settings, &trial->events, error, &trial->pool));
    *ret_trial = steal_pointer(trial);
    return ASSAY_OK;
}

void trial_free(struct trial *trial)
{
    if (!trial)
        return;
    pool_free(trial->pool);
    for (size_t i = 0; i < trial->culprit_count; i++) {
        free(trial->culprits[i].name);
        free(trial->culprits[i].reason);
    }
    free(trial->culprits);
    free(trial);
}

/* ---- compiling ------------------------------------------------------------------------------- */

static bool is_culprit(const struct trial *trial, const char *name)
{
    for (size_t i = 0; i < trial->culprit_count; i++) {
        if (strcmp(trial->culprits[i].name, name) == 0)
            return true;
    }
    return false;
}

/* The first error of each source is enough. */
static void add_culprit(struct trial *trial, const char *name, int line, const char *reason)
{
    struct trial_culprit *culprits =
        is_culprit(trial, name)
            ? NULL
            : reallocarray(trial->culprits, trial->culprit_count + 1, sizeof(*culprits));
    if (!culprits)
        return;
    trial->culprits = culprits;
    struct trial_culprit culprit = {strdup(name), line, strdup(reason)};
    if (culprit.name && culprit.reason) {
        culprits[trial->culprit_count++] = culprit;
        return;
    }
    free(culprit.name);
    free(culprit.reason);
}

static void on_diagnostic(void *context, const struct assay_diagnostic *diagnostic)
{
    struct trial *trial = context;
    if (diagnostic->is_error)
        add_culprit(trial, diagnostic->source, diagnostic->line, diagnostic->message);
    else
        trial->warnings++;
    if (trial->options->quiet || (!diagnostic->is_error && !trial->options->warn))
        return;
    say("%s:%d: %s%s%s%s%s", diagnostic->source, diagnostic->line,
        diagnostic->is_error ? "" : "warning: ", diagnostic->rule[0] ? "rule " : "",
        diagnostic->rule, diagnostic->rule[0] ? ": " : "", diagnostic->message);
}

static void on_loss(void *context, const char *source, const char *words)
{
    add_culprit(context, source, 0, words);
}

status trial_compile(struct trial *trial, const struct bundle_file *files, size_t count,
                     struct error *error, uint64_t *ret_rules)
{
    struct compile_files sources = {trial->options->database, files, count};
    struct pool_compile compile = {
        .on_diagnostic = on_diagnostic,
        .on_loss = on_loss,
        .diagnostic_context = trial,
    };
    return compile_sources(trial->pool, &sources, &compile, error, ret_rules);
}

const struct trial_culprit *trial_culprits(const struct trial *trial, size_t *ret_count)
{
    *ret_count = trial->culprit_count;
    return trial->culprits;
}

size_t trial_warnings(const struct trial *trial)
{
    return trial->warnings;
}

status trial_add_hashes(struct trial *trial, int fd, struct error *error)
{
    uint64_t hashes;
    return pool_add_hashes(trial->pool, trial->options->database, fd, error, &hashes);
}

status trial_save(struct trial *trial, const uint8_t key[32], int fd, struct error *error)
{
    return pool_save_rules(trial->pool, key, fd, error);
}

/* ---- trying ---------------------------------------------------------------------------------- */

static status look_at_canary(struct trial *trial, const struct canary *canary, struct error *error)
{
    int fd cleanup(fd_cleanup) = -1;
    status made = compile_as_file(canary->bytes, &fd);
    if (made < 0)
        return error_set(error, made, "the rules cannot be tried on %s: %s", canary->name,
                         strerror(errno));
    return look_at(trial, canary->name, fd, error);
}

status trial_finds_eicar(struct trial *trial, struct error *error, bool *ret_found)
{
    char room[CANARY_EICAR_SIZE];
    struct canary eicar = canary_eicar(room);
    TRY(look_at_canary(trial, &eicar, error));
    *ret_found = trial->rule[0] != 0;
    return ASSAY_OK;
}

status trial_spares_harmless(struct trial *trial, struct error *error)
{
    size_t count;
    const struct canary *canaries = canary_list(&count);
    for (size_t i = 0; i < count; i++) {
        TRY(look_at_canary(trial, &canaries[i], error));
        if (trial->rule[0])
            return error_set(error, ASSAY_ERR_RULES,
                             "self-test: rule %s matches %s, which is harmless", trial->rule,
                             canaries[i].name);
    }
    return ASSAY_OK;
}

status trial_self_test(struct trial *trial, struct error *error)
{
    bool found = false;
    TRY(trial_finds_eicar(trial, error, &found));
    if (!found)
        return error_set(error, ASSAY_ERR_RULES,
                         "self-test: the EICAR test file is not found, so that nobody could see "
                         "whether this database works; `assay db build` adds a rule for it");
    return trial_spares_harmless(trial, error);
}
