/* Which files an include may open, and what becomes of the sources that --rules names. */
#include "cli/fixture.h"
#include "cli/rule_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A directory of rules, with everything around it that must not be reached. */
static char base[64];

static const char *path_in(const char *name)
{
    return path_below(base, name);
}

static void make(const char *name, const char *text)
{
    write_text(path_in(name), text);
}

static void make_link(const char *target, const char *name)
{
    ck_assert_int_eq(symlink(target, path_in(name)), 0);
}

static void set_up(void)
{
    snprintf(base, sizeof(base), "/tmp/assay-rules-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(base));
    static const char *const directories[] = {"rules", "rules/sub", "rulesX"};
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(mkdir(path_in(directories[i]), 0700), 0);
    make("outside.yar", "outside");
    make("rulesX/outside.yar", "outside");
    make("rules/a.yar", "rule a { condition: false }");
    make("rules/b.inc", "inside");
    make("rules/sub/c.yara", "rule c { condition: false }");
    make("rules/sub/d.inc", "below");
    make("rules/ignored.txt", "no rules");
    make_link("b.inc", "rules/link-inside");
    make_link("../outside.yar", "rules/link-outside");
    make_link("/etc/passwd", "rules/link-absolute");
    make_link("..", "rules/link-up");
    make_link("/proc/self/root", "rules/link-magic");
    ck_assert_int_eq(mkfifo(path_in("rules/fifo"), 0600), 0);
}

static void tear_down(void)
{
    char command[128];
    ck_assert_int_eq(strncmp(base, "/tmp/assay-rules-", 17), 0);
    snprintf(command, sizeof(command), "rm -r '%s'", base);
    ck_assert_int_eq(system(command), 0);
}

struct stage {
    struct pool_settings settings;
    struct pool_events events;
    struct pool *pool;
    struct error error;
    struct rule_files *files;
};

/* Sends what this --rules names. */
static status send_rules(struct stage *stage, const char *operand)
{
    *stage = (struct stage){.settings = {.jobs = 1, .limits = assay_limits_default()}};
    ck_assert_int_eq(pool_new(&stage->settings, &stage->events, &stage->error, &stage->pool),
                     ASSAY_OK);
    const char *items[] = {operand};
    struct text_list list = {items, 1};
    return rule_files_send(&list, stage->pool, &stage->error, &stage->files);
}

static void leave(struct stage *stage)
{
    rule_files_free(stage->files);
    pool_free(stage->pool);
}

/* What an include of `name` in the source at base/from gives: its text, or "" when refused. */
static const char *included(const struct stage *stage, const char *name, const char *from)
{
    static char text[64];
    char source[256];
    snprintf(source, sizeof(source), "%s", path_in(from));
    int fd = rule_files_open_include(stage->files, name, source);
    memset(text, 0, sizeof(text));
    if (fd < 0)
        return text;
    ck_assert_int_gt((int)pread(fd, text, sizeof(text) - 1, 0), 0);
    close(fd);
    return text;
}

START_TEST(includes_stay_below_the_directory)
{
    set_up();
    struct stage stage;
    ck_assert_int_eq(send_rules(&stage, path_in("rules")), ASSAY_OK);
    ck_assert_str_eq(included(&stage, "b.inc", "rules/a.yar"), "inside");
    ck_assert_str_eq(included(&stage, "./b.inc", "rules/a.yar"), "inside");
    ck_assert_str_eq(included(&stage, "sub/d.inc", "rules/a.yar"), "below");
    ck_assert_str_eq(included(&stage, "d.inc", "rules/sub/c.yara"), "below");
    ck_assert_str_eq(included(&stage, "../b.inc", "rules/sub/c.yara"), "inside");
    ck_assert_str_eq(included(&stage, "link-inside", "rules/a.yar"), "inside");

    static const char *const refused[] = {
        "../outside.yar",
        "sub/../../outside.yar",
        "link-outside",
        "link-absolute",
        "link-up/outside.yar",
        "link-magic/etc/passwd",
        "/etc/passwd",
        "fifo",
        "sub",
        ".",
        "",
        "..",
        "nonexistent",
        "../rulesX/outside.yar",
        "../rules/b.inc",
    };
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        ck_assert_msg(included(&stage, refused[i], "rules/a.yar")[0] == 0, "%s", refused[i]);

    /* The compiler may lie about the source, too. */
    static const char *const liars[] = {
        "outside.yar",     "rulesX/a.yar",         "rules", "rules/../outside.yar", "",
        "rules/link-up/x", "rules/../rulesX/a.yar"};
    for (size_t i = 0; i < sizeof(liars) / sizeof(liars[0]); i++)
        ck_assert_msg(included(&stage, "outside.yar", liars[i])[0] == 0, "%s", liars[i]);
    ck_assert_int_eq(rule_files_open_include(stage.files, "passwd", "/etc/passwd"), -1);
    ck_assert_int_eq(rule_files_open_include(stage.files, "b.inc", ""), -1);
    leave(&stage);
    tear_down();
}
END_TEST

START_TEST(includes_of_a_file_stay_below_its_directory)
{
    set_up();
    struct stage stage;
    ck_assert_int_eq(send_rules(&stage, path_in("rules/a.yar")), ASSAY_OK);
    ck_assert_str_eq(included(&stage, "b.inc", "rules/a.yar"), "inside");
    ck_assert_str_eq(included(&stage, "sub/d.inc", "rules/a.yar"), "below");
    ck_assert_str_eq(included(&stage, "../outside.yar", "rules/a.yar"), "");
    leave(&stage);
    tear_down();
}
END_TEST

START_TEST(a_directory_gives_its_rule_files_whatever_it_is_called)
{
    set_up();
    struct stage stage;
    size_t count;
    char first[SOURCE_DIGEST_HEX];
    ck_assert_int_eq(send_rules(&stage, path_in("rules")), ASSAY_OK);
    const struct report_database *databases = rule_files_databases(stage.files, &count);
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(databases[0].trust, "unsigned");
    snprintf(first, sizeof(first), "%s", databases[0].digest);
    leave(&stage);

    /* The digest does not depend on where the rules are, but on what they are. */
    char to[256];
    snprintf(to, sizeof(to), "%s", path_in("moved"));
    ck_assert_int_eq(rename(path_in("rules"), to), 0);
    ck_assert_int_eq(send_rules(&stage, path_in("moved/")), ASSAY_OK);
    ck_assert_str_eq(rule_files_databases(stage.files, &count)[0].digest, first);
    leave(&stage);
    make("moved/a.yar", "rule a { condition: true }");
    ck_assert_int_eq(send_rules(&stage, path_in("moved")), ASSAY_OK);
    ck_assert_str_ne(rule_files_databases(stage.files, &count)[0].digest, first);
    leave(&stage);
    tear_down();
}
END_TEST

START_TEST(rules_that_are_not_there_are_an_error)
{
    set_up();
    struct stage stage;
    ck_assert_int_eq(send_rules(&stage, path_in("nonexistent")), ASSAY_ERR_IO);
    ck_assert_ptr_nonnull(strstr(stage.error.text, "nonexistent"));
    leave(&stage);
    ck_assert_int_eq(unlink(path_in("rulesX/outside.yar")), 0);
    ck_assert_int_eq(send_rules(&stage, path_in("rulesX")), ASSAY_ERR_IO);
    ck_assert_ptr_nonnull(strstr(stage.error.text, "no rules"));
    leave(&stage);
    ck_assert_int_lt(send_rules(&stage, path_in("rules/fifo")), 0);
    leave(&stage);
    tear_down();
}
END_TEST

START_TEST(a_source_that_is_too_large_is_named)
{
    set_up();
    struct stage stage;
    make("rules/large.yar", "");
    ck_assert_int_eq(truncate(path_in("rules/large.yar"), (64 << 20) + 1), 0);
    ck_assert_int_lt(send_rules(&stage, path_in("rules")), 0);
    ck_assert_ptr_nonnull(strstr(stage.error.text, "large.yar"));
    leave(&stage);
    tear_down();
}
END_TEST

START_TEST(builtin_sources_have_a_digest)
{
    char first[SOURCE_DIGEST_HEX], again[SOURCE_DIGEST_HEX];
    ck_assert_int_eq(rule_files_builtin_digest(first), ASSAY_OK);
    ck_assert_int_eq(rule_files_builtin_digest(again), ASSAY_OK);
    ck_assert_uint_eq(strlen(first), 64);
    ck_assert_str_eq(first, again);
}
END_TEST

UNIT_MAIN("rule_files", includes_stay_below_the_directory,
          includes_of_a_file_stay_below_its_directory,
          a_directory_gives_its_rule_files_whatever_it_is_called,
          rules_that_are_not_there_are_an_error, a_source_that_is_too_large_is_named,
          builtin_sources_have_a_digest)
