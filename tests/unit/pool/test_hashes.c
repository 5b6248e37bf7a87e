/* A pool that has an index of hashes, with rules and without. */
#include "pool/pool.h"
#include "signatures/hash_set.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

struct log {
    size_t matches, clean;
    char rule[64], database[64];
};

static void on_event(void *context, struct assay_bytes path, const struct assay_event *event)
{
    struct log *log = context;
    (void)path;
    log->clean += event->type == ASSAY_EVENT_CLEAN;
    if (event->type != ASSAY_EVENT_MATCH)
        return;
    log->matches++;
    snprintf(log->rule, sizeof(log->rule), "%s", event->match->rule);
    snprintf(log->database, sizeof(log->database), "%s", event->match->database);
}

static void on_done(void *context, uint64_t size, const struct assay_result *result)
{
    (void)context, (void)size, (void)result;
}

static int memory_file(const char *text)
{
    int fd = memfd_create("file", MFD_CLOEXEC);
    ck_assert_int_eq((int)write(fd, text, strlen(text)), (int)strlen(text));
    return fd;
}

/* The file that consists of "hello", by its md5. */
static int index_file(void)
{
    struct error error = {""};
    int list = memory_file("5d41402abc4b2a76b9719d911017c592\t5\tGreeting\thigh\n");
    int out = memory_file("");
    ck_assert_msg(hash_index_write(list, out, &error) == ASSAY_OK, "%s", error.text);
    close(list);
    return out;
}

static struct pool *new_pool(struct log *log)
{
    static struct pool_settings settings;
    static struct pool_events events;
    struct error error = {""};
    struct pool *pool = NULL;
    settings = (struct pool_settings){.jobs = 1,
                                      .limits = assay_limits_default(),
                                      .memory = UINT64_C(1) << 30,
                                      .report_clean = true};
    events = (struct pool_events){on_event, on_done, log};
    ck_assert_msg(pool_new(&settings, &events, &error, &pool) == ASSAY_OK, "%s", error.text);
    return pool;
}

static void add_hashes(struct pool *pool)
{
    struct error error = {""};
    uint64_t hashes = 0;
    int fd = index_file();
    status added = pool_add_hashes(pool, "known", fd, &error, &hashes);
    ck_assert_msg(added == ASSAY_OK, "%s", error.text);
    ck_assert_uint_eq(hashes, 1);
    close(fd);
}

static void scan(struct pool *pool, const char *text)
{
    struct error error = {""};
    struct stat stat = {.st_size = (off_t)strlen(text)};
    struct pool_file file = {
        .fd = memory_file(text), .path = {(const uint8_t *)"f", 1}, .owner = "", .stat = &stat};
    ck_assert_int_eq(pool_submit(pool, &file, &error), ASSAY_OK);
    while (!pool_is_idle(pool))
        ck_assert_msg(pool_wait(pool, 1000, &error) == ASSAY_OK, "%s", error.text);
}

START_TEST(hashes_need_no_rules)
{
    struct log log = {0};
    struct pool *pool = new_pool(&log);
    add_hashes(pool);
    scan(pool, "hello");
    ck_assert_uint_eq(log.matches, 1);
    ck_assert_str_eq(log.rule, "Greeting");
    ck_assert_str_eq(log.database, "known");
    scan(pool, "other");
    ck_assert_uint_eq(log.matches, 1);
    ck_assert_uint_eq(log.clean, 1);
    pool_free(pool);
}
END_TEST

START_TEST(hashes_and_rules_are_used_together)
{
    struct log log = {0};
    struct error error = {""};
    uint64_t rules = 0;
    const struct pool_compile compile = {.seconds = 60};
    struct pool *pool = new_pool(&log);
    add_hashes(pool);
    int fd = memory_file("rule e { strings: $a = \"e\" condition: $a }");
    ck_assert_int_eq(pool_add_source(pool, "e.yar", "rules", fd), ASSAY_OK);
    close(fd);
    ck_assert_int_eq(pool_compile(pool, &compile, &error, &rules), ASSAY_OK);
    ck_assert_uint_eq(rules, 1);
    scan(pool, "hello");
    ck_assert_uint_eq(log.matches, 2);
    scan(pool, "other");
    ck_assert_uint_eq(log.matches, 3);
    ck_assert_str_eq(log.rule, "e");
    pool_free(pool);
}
END_TEST

UNIT_MAIN("hashes", hashes_need_no_rules, hashes_and_rules_are_used_together)
