/* assay doctor: what works on this system, and what to do about what does not. */
#include "cli/databases.h"
#include "cli/options.h"
#include "cli/rule_files.h"
#include "cli/say.h"
#include "cli/scan_options.h"
#include "cli/verbs.h"
#include "pool/pool.h"
#include "signatures/database/trust.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#define COMPILE_SECONDS 60

static const struct option_table table = {
    .verb = "doctor",
    .operands = "",
    .summary = "Tries everything a scan needs on this system and says what does not work.\n"
               "Exit code: 0 all of it works; 3 scans work, but not with the full sandbox; 2\n"
               "they do not work.",
};

static void on_event(void *context, struct assay_bytes path, const struct assay_event *event)
{
    (void)context;
    (void)path;
    (void)event;
}

static void on_done(void *context, uint64_t size, const struct assay_result *result)
{
    (void)context;
    (void)size;
    (void)result;
}

static void on_diagnostic(void *context, const struct assay_diagnostic *diagnostic)
{
    (void)context;
    if (diagnostic->is_error)
        say("%s:%d: %s", diagnostic->source, diagnostic->line, diagnostic->message);
}

/* Starts what a scan starts, with what a scan uses; gives the layers that closed around it. */
static status try_pool(struct databases *databases, struct error *error, unsigned *ret_layers,
                       uint64_t *ret_rules)
{
    struct scan_options defaults;
    scan_options_init(&defaults);
    struct pool_settings settings = {
        .limits = defaults.limits,
        .memory = defaults.memory,
        .jobs = 1,
        .builtin = databases_count(databases) == 0,
    };
    struct pool_events events = {.on_event = on_event, .on_done = on_done};
    struct pool_compile compile = {.on_diagnostic = on_diagnostic, .seconds = COMPILE_SECONDS};
    for (;;) {
        struct pool *pool cleanup(pool_free_cleanup) = NULL;
        TRY(pool_new(&settings, &events, error, &pool));
        *ret_layers = pool_sandbox_layers(pool);
        *ret_rules = 0;
        status loaded = databases_load(databases, pool, &compile, error, ret_rules);
        if (loaded == ASSAY_END)
            continue; /* without compiled rules that are of no use */
        TRY(loaded);
        return settings.builtin ? pool_compile(pool, &compile, error, ret_rules) : ASSAY_OK;
    }
}

static const struct {
    enum sandbox_layer layer;
    const char *name;
    const char *remedy;
} layers[] = {
    {SANDBOX_NO_NEW_PRIVS, "no_new_privs", "needs Linux 3.5"},
    {SANDBOX_LANDLOCK, "landlock",
     "needs Linux 5.13 with CONFIG_SECURITY_LANDLOCK, and landlock in the lsm= list of the "
     "kernel's "
     "command line"},
    {SANDBOX_SECCOMP, "seccomp",
     "needs CONFIG_SECCOMP_FILTER; a container may have to be started with a profile that allows "
     "it"},
    {SANDBOX_RLIMITS, "rlimits", "this build's sanitizers, or the system, do not allow them"},
};

static void print_layers(unsigned active)
{
    printf("sandbox: %s\n", sandbox_word(active));
    for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++) {
        bool is_active = active & layers[i].layer;
        printf("  %-18s %s%s\n", layers[i].name,
               is_active ? "active" : "missing: ", is_active ? "" : layers[i].remedy);
    }
}

/* What a worker cannot do, tried. Returns whether all of it is denied. */
static bool print_self_test(void)
{
    struct sandbox_probe probes[SANDBOX_PROBES_MAX];
    size_t count;
    printf("a worker that was taken over could:\n");
    fflush(stdout);
    if (sandbox_self_test(SANDBOX_AUTO, probes, &count) < 0) {
        printf("  (could not be tried)\n");
        return false;
    }
    bool all_denied = true;
    for (size_t i = 0; i < count; i++) {
        printf("  %-18s %s\n", probes[i].name,
               probes[i].denied   ? "denied"
               : probes[i].failed ? "not tried: the attempt failed otherwise"
                                  : "ALLOWED");
        all_denied = all_denied && probes[i].denied;
    }
    return all_denied;
}

static void print_system(void)
{
    struct utsname system;
    struct rlimit files;
    if (uname(&system) == 0)
        printf("system: %s %s, %s\n", system.sysname, system.release, system.machine);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0)
        printf("open files: %llu\n", (unsigned long long)files.rlim_cur);
}

static status print_database(const struct report_database *database)
{
    printf("database: %s %s", database->name, database->version);
    if (database->serial)
        printf(", serial %llu", (unsigned long long)database->serial);
    if (database->age_days >= 0)
        printf(", %lld day%s old%s", (long long)database->age_days,
               database->age_days == 1 ? "" : "s",
               database->is_stale ? ", TOO OLD: run `assay db update`" : "");
    printf(", %s\n  %lld rules, %lld hashes, digest %.16s...\n", database->trust,
           (long long)database->rules, (long long)database->hashes, database->digest);
    return ASSAY_OK;
}

static status print_databases(const struct databases *databases, uint64_t rules)
{
    size_t count;
    const struct report_database *in_use = databases_describe(databases, &count);
    char digest[SOURCE_DIGEST_HEX];
    for (size_t i = 0; i < count; i++)
        TRY(print_database(&in_use[i]));
    if (count > 0)
        return ASSAY_OK;
    TRY(rule_files_builtin_digest(digest));
    struct report_database builtin = databases_builtin(digest, rules);
    TRY(print_database(&builtin));
    printf("  none is installed: `assay db install` and `assay db update` do that\n");
    return ASSAY_OK;
}

/* Whose databases would be taken. */
static status print_trust(struct error *error)
{
    struct places places cleanup(places_release) = {.store_count = 0};
    struct trust *trust cleanup(trust_free_cleanup) = NULL;
    TRY(places_find(NULL, NULL, &places));
    TRY(trust_load((const char *const *)places.trust, places.trust_count, error, &trust));
    if (trust_count(trust) == 0)
        printf("trusted keys: none; put a publisher's .pub into /etc/assay/keys\n");
    else
        printf("trusted keys: %u of them must have signed a database\n", trust_required(trust));
    for (size_t i = 0; i < trust_count(trust); i++) {
        char id[MINISIGN_ID_TEXT];
        minisign_id_text(trust_key(trust, i)->id, id);
        printf("  %s %s\n", id, trust_key_path(trust, i));
    }
    return ASSAY_OK;
}

static int examine(void)
{
    struct error error = {""};
    struct databases_options defaults = {.database = NULL};
    struct databases *databases cleanup(databases_free_cleanup) = NULL;
    unsigned active = 0;
    uint64_t rules = 0;
    printf("assay %s\n", assay_version());
    print_system();
    status tried = databases_find(&defaults, &error, &databases);
    if (tried >= 0)
        tried = try_pool(databases, &error, &active, &rules);
    if (tried >= 0)
        tried = print_databases(databases, rules);
    if (tried >= 0)
        tried = print_trust(&error);
    print_layers(active);
    bool denied = print_self_test();
    if (tried < 0) {
        say("scans do not work here: %s", error.text[0] ? error.text : "see above");
        return EXIT_UNUSABLE;
    }
    return active == SANDBOX_ALL && denied ? EXIT_CLEAN : EXIT_INCOMPLETE;
}

int verb_doctor(int argc, char **argv)
{
    struct option_values *values = NULL;
    struct error error = {""};
    int first;
    char unused;
    status read = options_read(&table, &unused, argc, argv, &error, &values, &first);
    option_values_free(values);
    if (read == ASSAY_END)
        return EXIT_CLEAN;
    if (read < 0) {
        say("%s", error.text);
        return EXIT_UNUSABLE;
    }
    return examine();
}
