/* The pool as it is: a zygote, workers, the built-in rules, and files that go through them. */
#include "pool/pool.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>

/* Put together here, so that no file contains it. */
static const char *eicar(void)
{
    static char text[80];
    snprintf(text, sizeof(text), "X5O!P%%@AP[4\\PZX54(P^)7CC)7}$%s%s!$H+H*", "EICAR-STANDARD-",
             "ANTIVIRUS-TEST-FILE");
    return text;
}

struct log {
    size_t matches, incomplete, clean, done, bytes, verdicts[ASSAY_MATCH + 1];
    char matched[64]; /* path of the last match */
    char rule[64];
};

static void on_event(void *context, struct assay_bytes path, const struct assay_event *event)
{
    struct log *log = context;
    log->clean += event->type == ASSAY_EVENT_CLEAN;
    log->incomplete += event->type == ASSAY_EVENT_INCOMPLETE;
    if (event->type != ASSAY_EVENT_MATCH)
        return;
    log->matches++;
    snprintf(log->matched, sizeof(log->matched), "%.*s", (int)path.size, (const char *)path.data);
    snprintf(log->rule, sizeof(log->rule), "%s", event->match->rule);
}

static void on_done(void *context, uint64_t size, const struct assay_result *result)
{
    struct log *log = context;
    log->done++;
    log->bytes += size;
    log->verdicts[result->verdict]++;
}

/* A pool and what it needs to live. */
struct stage {
    struct pool_settings settings;
    struct pool_events events;
    struct pool *pool;
    struct error error;
    struct log log;
};

static void open_stage(struct stage *stage, unsigned jobs, bool builtin)
{
    *stage = (struct stage){
        .settings = {.jobs = jobs,
                     .limits = assay_limits_default(),
                     .memory = UINT64_C(1) << 30,
                     .builtin = builtin,
                     .report_clean = true},
        .events = {on_event, on_done, NULL},
    };
    stage->events.context = &stage->log;
    ck_assert_int_eq(pool_new(&stage->settings, &stage->events, &stage->error, &stage->pool),
                     ASSAY_OK);
}

static int memory_file(const char *text, size_t size)
{
    int fd = memfd_create("file", MFD_CLOEXEC);
    ck_assert_int_eq((int)write(fd, text, size), (int)size);
    return fd;
}

static void add_rules(struct stage *stage, const char *name, const char *text)
{
    int fd = memory_file(text, strlen(text));
    ck_assert_int_eq(pool_add_source(stage->pool, name, "test", fd), ASSAY_OK);
    close(fd);
}

struct diagnostics {
    size_t errors;
    char source[64], message[128];
};

static void on_diagnostic(void *context, const struct assay_diagnostic *diagnostic)
{
    struct diagnostics *diagnostics = context;
    if (!diagnostic->is_error)
        return;
    diagnostics->errors++;
    snprintf(diagnostics->source, sizeof(diagnostics->source), "%s", diagnostic->source);
    snprintf(diagnostics->message, sizeof(diagnostics->message), "%s", diagnostic->message);
}

static status compile_with(struct stage *stage,
                           int (*open_include)(void *context, const char *name, const char *from),
                           struct diagnostics *diagnostics, uint64_t *ret_rules)
{
    struct pool_compile compile = {.open_include = open_include,
                                   .on_diagnostic = on_diagnostic,
                                   .diagnostic_context = diagnostics,
                                   .seconds = 60};
    return pool_compile(stage->pool, &compile, &stage->error, ret_rules);
}

/* Compiling must fail for the rules, and say so. */
static struct diagnostics expect_refused(struct stage *stage,
                                         int (*open_include)(void *context, const char *name,
                                                             const char *from))
{
    struct diagnostics diagnostics = {0};
    uint64_t rules = 77;
    ck_assert_int_eq(compile_with(stage, open_include, &diagnostics, &rules), ASSAY_ERR_RULES);
    ck_assert_uint_eq(rules, 77);
    ck_assert_str_ne(stage->error.text, "");
    return diagnostics;
}

static void compile(struct stage *stage)
{
    struct diagnostics diagnostics = {0};
    uint64_t rules = 0;
    status compiled = compile_with(stage, NULL, &diagnostics, &rules);
    ck_assert_msg(compiled == ASSAY_OK, "%s: %s", stage->error.text, diagnostics.message);
    ck_assert_uint_gt(rules, 0);
}

static void submit(struct stage *stage, const char *path, const char *text, size_t size)
{
    struct stat stat = {.st_size = (off_t)size};
    struct pool_file file = {.fd = memory_file(text, size),
                             .path = {(const uint8_t *)path, strlen(path)},
                             .owner = "root",
                             .stat = &stat};
    while (!pool_has_room(stage->pool))
        ck_assert_int_eq(pool_wait(stage->pool, 1000, &stage->error), ASSAY_OK);
    ck_assert_int_eq(pool_submit(stage->pool, &file, &stage->error), ASSAY_OK);
    ck_assert(!pool_is_idle(stage->pool));
}

static void wait_until_idle(struct stage *stage)
{
    while (!pool_is_idle(stage->pool))
        ck_assert_int_eq(pool_wait(stage->pool, 1000, &stage->error), ASSAY_OK);
    ck_assert(pool_has_room(stage->pool));
}

START_TEST(builtin_rules_find_eicar)
{
    struct stage stage;
    open_stage(&stage, 1, true);
    ck_assert(pool_is_idle(stage.pool));
    ck_assert(pool_has_room(stage.pool));
    compile(&stage);
    submit(&stage, "good", "hello", 5);
    submit(&stage, "bad", eicar(), strlen(eicar()));
    submit(&stage, "empty", "", 0);
    wait_until_idle(&stage);
    ck_assert_uint_eq(stage.log.done, 3);
    ck_assert_uint_eq(stage.log.bytes, 5 + strlen(eicar()));
    ck_assert_uint_ge(stage.log.matches, 1);
    ck_assert_str_eq(stage.log.matched, "bad");
    ck_assert_uint_eq(stage.log.clean, 2);
    ck_assert_uint_eq(stage.log.verdicts[ASSAY_MATCH], 1);
    ck_assert_uint_eq(stage.log.verdicts[ASSAY_CLEAN], 2);
    pool_free(stage.pool);
}
END_TEST

START_TEST(every_one_of_many_files_is_done_once)
{
    static const unsigned jobs[] = {1, 3};
    char path[32], text[64];
    for (size_t j = 0; j < 2; j++) {
        struct stage stage;
        open_stage(&stage, jobs[j], false);
        add_rules(&stage, "many.yar",
                  "rule seven { strings: $a = /number [0-9]*7 / condition: $a }");
        compile(&stage);
        size_t bytes = 0, sevens = 0;
        for (int i = 0; i < 2000; i++) {
            snprintf(path, sizeof(path), "file-%d", i);
            int size = snprintf(text, sizeof(text), "number %d ends here", i);
            submit(&stage, path, text, (size_t)size);
            bytes += (size_t)size;
            sevens += i % 10 == 7;
        }
        wait_until_idle(&stage);
        ck_assert_uint_eq(stage.log.done, 2000);
        ck_assert_uint_eq(stage.log.bytes, bytes);
        ck_assert_uint_eq(stage.log.matches, sevens);
        ck_assert_uint_eq(stage.log.clean, 2000 - sevens);
        ck_assert_uint_eq(stage.log.incomplete, 0);
        pool_free(stage.pool);
    }
}
END_TEST

START_TEST(a_large_file_is_mapped_by_the_worker)
{
    struct stage stage;
    open_stage(&stage, 2, false);
    add_rules(&stage, "large.yar", "rule end { strings: $a = \"the very end\" condition: $a }");
    compile(&stage);
    int fd = memory_file("", 0);
    struct stat stat = {.st_size = 0};
    ck_assert_int_eq((int)pwrite(fd, "the very end", 12, 40 << 20), 12);
    ck_assert_int_eq(fstat(fd, &stat), 0);
    struct pool_file file = {
        .fd = fd, .path = {(const uint8_t *)"large", 5}, .owner = "root", .stat = &stat};
    ck_assert_int_eq(pool_submit(stage.pool, &file, &stage.error), ASSAY_OK);
    double seconds = -1;
    struct assay_bytes slowest = pool_slowest(stage.pool, &seconds);
    ck_assert(slowest.size == 0 || slowest.size == 5);
    wait_until_idle(&stage);
    ck_assert_uint_eq(stage.log.matches, 1);
    ck_assert_ptr_null(pool_slowest(stage.pool, &seconds).data);
    pool_free(stage.pool);
}
END_TEST

/* What libyara's compiler does not survive costs the zygote, and the source is named. */
START_TEST(a_source_that_crashes_the_compiler_is_named)
{
    struct stage stage;
    open_stage(&stage, 1, false);
    add_rules(&stage, "good.yar", "rule good { condition: false }");
    add_rules(&stage, "crash.yar",
              "rule crash { condition: ((-9223372036854775807 - 1) \\ (-1)) == 0 }");
    expect_refused(&stage, NULL);
    ck_assert_ptr_nonnull(strstr(stage.error.text, "crash.yar"));
    pool_free(stage.pool);
}
END_TEST

START_TEST(sources_with_mistakes_are_diagnosed)
{
    struct stage stage;
    open_stage(&stage, 1, true);
    add_rules(&stage, "bad.yar", "rule bad { condition: nothing }");
    struct diagnostics diagnostics = expect_refused(&stage, NULL);
    ck_assert_uint_eq(diagnostics.errors, 1);
    ck_assert_str_eq(diagnostics.source, "bad.yar");
    pool_free(stage.pool);
}
END_TEST

static int open_included(void *context, const char *name, const char *from)
{
    (void)context;
    ck_assert_str_eq(from, "outer.yar");
    const char *text = "rule inner { strings: $a = \"hello\" condition: $a }";
    return strcmp(name, "inner.yar") == 0 ? memory_file(text, strlen(text)) : -1;
}

START_TEST(includes_are_opened_by_the_supervisor_or_refused)
{
    struct stage stage;
    open_stage(&stage, 1, false);
    add_rules(&stage, "outer.yar", "include \"inner.yar\"\nrule outer { condition: inner }");
    struct diagnostics diagnostics = {0};
    uint64_t rules;
    ck_assert_int_eq(compile_with(&stage, open_included, &diagnostics, &rules), ASSAY_OK);
    ck_assert_uint_eq(rules, 2);
    submit(&stage, "file", "hello", 5);
    wait_until_idle(&stage);
    ck_assert_uint_eq(stage.log.matches, 2);
    pool_free(stage.pool);

    open_stage(&stage, 1, false);
    add_rules(&stage, "outer.yar", "include \"other.yar\"\nrule outer { condition: true }");
    ck_assert_uint_ge(expect_refused(&stage, open_included).errors, 1);
    pool_free(stage.pool);
}
END_TEST

START_TEST(a_watched_descriptor_ends_a_wait)
{
    struct stage stage;
    open_stage(&stage, 1, false);
    int event = eventfd(0, EFD_CLOEXEC);
    ck_assert_int_eq(pool_watch(stage.pool, event), ASSAY_OK);
    add_rules(&stage, "a.yar", "rule a { condition: false }");
    compile(&stage);
    ck_assert_int_eq(pool_wait(stage.pool, 0, &stage.error), ASSAY_OK);
    uint64_t one = 1;
    ck_assert_int_eq((int)write(event, &one, sizeof(one)), (int)sizeof(one));
    ck_assert_int_eq(pool_wait(stage.pool, 60000, &stage.error), ASSAY_END);
    pool_free(stage.pool);
    close(event);
}
END_TEST

START_TEST(a_pool_can_be_freed_at_any_time)
{
    struct stage stage;
    pool_free(NULL);
    open_stage(&stage, 3, false);
    pool_free(stage.pool);
    open_stage(&stage, 3, false);
    add_rules(&stage, "a.yar", "rule a { condition: false }");
    pool_free(stage.pool);
    open_stage(&stage, 3, false);
    add_rules(&stage, "a.yar", "rule a { condition: false }");
    compile(&stage);
    for (int i = 0; i < 5; i++)
        submit(&stage, "file", "hello", 5);
    pool_free(stage.pool);
    /* No process is left behind. */
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

UNIT_MAIN("pool", builtin_rules_find_eicar, every_one_of_many_files_is_done_once,
          a_large_file_is_mapped_by_the_worker, a_source_that_crashes_the_compiler_is_named,
          sources_with_mistakes_are_diagnosed, includes_are_opened_by_the_supervisor_or_refused,
          a_watched_descriptor_ends_a_wait, a_pool_can_be_freed_at_any_time)
