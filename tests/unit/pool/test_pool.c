/* The pool as it is: a zygote, workers, the built-in rules, and files that go through them. */
#include "pool/pool.h"
#include "signatures/digest.h"
#include "unit.h"

#include <fcntl.h>
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

/* ---- rules that were compiled before --------------------------------------------------------- */

static const uint8_t key[32] = {7};

/* What the stage finds in a file, by the number of matches. */
static size_t matches_in(struct stage *stage, const char *text)
{
    size_t before = stage->log.matches;
    submit(stage, "file", text, strlen(text));
    wait_until_idle(stage);
    return stage->log.matches - before;
}

static int saved(struct stage *stage)
{
    int fd = memory_file("", 0);
    status written = pool_save_rules(stage->pool, key, fd, &stage->error);
    ck_assert_msg(written == ASSAY_OK, "%s", stage->error.text);
    return fd;
}

/* A file with the rule `hello`, compiled in a process of its own. */
static int compiled_file(void)
{
    struct stage stage;
    open_stage(&stage, 1, false);
    add_rules(&stage, "hello.yar", "rule hello { strings: $a = \"hello\" condition: $a }");
    compile(&stage);
    int fd = saved(&stage);
    pool_free(stage.pool);
    return fd;
}

static status load(struct stage *stage, int fd)
{
    uint64_t rules = 0;
    status loaded = pool_load_rules(stage->pool, key, fd, &stage->error, &rules);
    ck_assert_uint_eq(rules, loaded >= 0);
    return loaded;
}

START_TEST(what_is_compiled_one_after_the_other_is_used_together)
{
    struct stage stage;
    open_stage(&stage, 1, true);
    compile(&stage); /* the built-in rules */
    add_rules(&stage, "a.yar", "rule a { strings: $a = \"EICAR\" condition: $a }");
    compile(&stage);
    int fd = saved(&stage);
    add_rules(&stage, "bad.yar", "rule bad { condition: nothing }");
    expect_refused(&stage, NULL);
    add_rules(&stage, "b.yar", "rule b { strings: $a = \"EICAR\" condition: $a }");
    compile(&stage);
    expect_refused(&stage, NULL); /* nothing is left to compile */
    ck_assert_ptr_nonnull(strstr(stage.error.text, "no rules"));
    ck_assert_uint_eq(matches_in(&stage, eicar()), 3);
    pool_free(stage.pool);

    /* Only what was compiled last was written. */
    open_stage(&stage, 1, true);
    ck_assert_int_eq(load(&stage, fd), ASSAY_OK);
    ck_assert_uint_eq(matches_in(&stage, eicar()), 1);
    ck_assert_str_eq(stage.log.rule, "a");
    pool_free(stage.pool);
    close(fd);
}
END_TEST

START_TEST(compiled_rules_are_used_with_others)
{
    struct stage stage;
    int fd = compiled_file();
    open_stage(&stage, 2, false);
    ck_assert_int_eq(load(&stage, fd), ASSAY_OK);
    add_rules(&stage, "world.yar", "rule world { strings: $a = \"world\" condition: $a }");
    compile(&stage);
    ck_assert_int_eq(load(&stage, fd), ASSAY_OK);
    ck_assert_int_eq(pool_save_rules(stage.pool, key, fd, &stage.error), ASSAY_ERR_ARGUMENT);
    ck_assert_uint_eq(matches_in(&stage, "hello"), 2);
    ck_assert_uint_eq(matches_in(&stage, "hello world"), 3);
    ck_assert_uint_eq(matches_in(&stage, "nobody"), 0);
    pool_free(stage.pool);
    close(fd);
}
END_TEST

START_TEST(what_cannot_be_loaded_is_compiled)
{
    struct stage stage;
    uint64_t unused;
    const uint8_t other[32] = {8};
    int fd = compiled_file();
    int short_fd = memory_file("assay compiled rules", 20);
    int empty = memory_file("", 0);
    open_stage(&stage, 1, false);
    ck_assert_int_eq(pool_load_rules(stage.pool, other, fd, &stage.error, &unused),
                     ASSAY_ERR_CORRUPT);
    ck_assert_str_ne(stage.error.text, "");
    ck_assert_int_eq(load(&stage, short_fd), ASSAY_ERR_CORRUPT);
    ck_assert_int_eq(load(&stage, empty), ASSAY_ERR_CORRUPT);
    ck_assert_int_eq(pool_add_hashes(stage.pool, "db", short_fd, &stage.error, &unused),
                     ASSAY_ERR_CORRUPT);
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(load(&stage, ends[0]), ASSAY_ERR_IO);
    ck_assert_ptr_nonnull(strstr(stage.error.text, "Illegal seek"));
    add_rules(&stage, "a.yar", "rule a { condition: true }");
    compile(&stage);
    ck_assert_uint_eq(matches_in(&stage, "file"), 1);
    pool_free(stage.pool);
    close(ends[0]);
    close(ends[1]);
    close(fd);
    close(short_fd);
    close(empty);
}
END_TEST

START_TEST(rules_that_cannot_be_saved_are_used)
{
    struct stage stage;
    int fd = memory_file("", 0);
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    int readable = open("/dev/null", O_RDONLY | O_CLOEXEC);
    open_stage(&stage, 1, true);
    ck_assert_int_eq(pool_save_rules(stage.pool, key, fd, &stage.error), ASSAY_ERR_ARGUMENT);
    compile(&stage);
    ck_assert_int_eq(pool_save_rules(stage.pool, key, full, &stage.error), ASSAY_ERR_IO);
    ck_assert_str_eq(stage.error.text, "cannot write the compiled rules: No space left on device");
    ck_assert_int_eq(pool_save_rules(stage.pool, key, readable, &stage.error), ASSAY_ERR_IO);
    close(saved(&stage));
    ck_assert_uint_eq(matches_in(&stage, eicar()), 1);
    pool_free(stage.pool);
    close(full);
    close(readable);
    close(fd);
}
END_TEST

/* Rules whose check sum is right, and which make no sense: references that libyara follows lead
 * nowhere. */
static void break_rules(int fd)
{
    off_t size = lseek(fd, 0, SEEK_END);
    uint8_t *file = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ck_assert_ptr_ne(file, MAP_FAILED);
    size_t summed = (size_t)size - 32;
    uint8_t *rules = memmem(file, summed, "YARA", 4);
    ck_assert_ptr_nonnull(rules);
    memset(rules + 512, 0xEE, (summed - (size_t)(rules - file)) / 4);
    ck_assert_int_eq(digest_sha256((struct view){file, summed}, file + summed), ASSAY_OK);
    munmap(file, (size_t)size);
}

START_TEST(compiled_rules_that_crash_cost_only_the_pool)
{
    struct stage stage;
    int fd = compiled_file();
    break_rules(fd);
    open_stage(&stage, 1, false);
    ck_assert_int_eq(load(&stage, fd), ASSAY_ERR_RULES);
    ck_assert_ptr_nonnull(strstr(stage.error.text, "the process that did so"));
    /* It is over, and says so whatever is asked of it. */
    ck_assert_int_eq(load(&stage, fd), ASSAY_ERR_RULES);
    expect_refused(&stage, NULL);
    pool_free(stage.pool);
    close(fd);
}
END_TEST

START_TEST(a_watched_descriptor_ends_what_is_about_rules)
{
    struct stage stage;
    int fd = compiled_file();
    int event = eventfd(1, EFD_CLOEXEC);
    open_stage(&stage, 1, false);
    ck_assert_int_eq(pool_watch(stage.pool, event), ASSAY_OK);
    ck_assert_int_eq(load(&stage, fd), ASSAY_ERR_CANCELLED);
    pool_free(stage.pool);
    close(event);
    close(fd);
}
END_TEST

/* ---------------------------------------------------------------------------------------------- */

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
          what_is_compiled_one_after_the_other_is_used_together,
          compiled_rules_are_used_with_others, what_cannot_be_loaded_is_compiled,
          rules_that_cannot_be_saved_are_used, compiled_rules_that_crash_cost_only_the_pool,
          a_watched_descriptor_ends_what_is_about_rules, a_watched_descriptor_ends_a_wait,
          a_pool_can_be_freed_at_any_time)
