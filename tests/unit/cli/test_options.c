/* Where values come from, and which of them wins. */
#include "cli/fixture.h"
#include "cli/option_help.h"
#include "cli/option_kinds.h"
#include "cli/options.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct target {
    bool flag;
    const char *text;
    uint64_t size;
    struct text_list list;
    const char *secret;
};

#define FIELD(name) offsetof(struct target, name)

static const struct option_row rows[] = {
    {"flag", 'f', NULL, "a flag", option_set_flag, FIELD(flag), false},
    {"the-text", 't', "TEXT", "a text", option_set_text, FIELD(text), false},
    {"size", 0, "SIZE", "a size", option_set_size, FIELD(size), false},
    {"list", 'l', "ITEM", "a list", option_add_text, FIELD(list), false},
    {"only-here", 0, "TEXT", "of the command line", option_set_text, FIELD(secret), true},
};
static const struct option_table table = {"verb", "PATH...", "Does things.", rows, 5};

/* A home without settings of its own. */
static char home[64];

static void set_up_home(void)
{
    snprintf(home, sizeof(home), "/tmp/assay-options-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(home));
    setenv("XDG_CONFIG_HOME", home, 1);
    static const char *const names[] = {"ASSAY_FLAG", "ASSAY_THE_TEXT",  "ASSAY_SIZE",
                                        "ASSAY_LIST", "ASSAY_ONLY_HERE", "ASSAY_CONFIG"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unsetenv(names[i]);
}

static void write_file(const char *name, const char *text)
{
    write_text(path_below(home, name), text);
}

static void write_user_config(const char *text)
{
    mkdir(path_below(home, "assay"), 0700);
    write_file("assay/config.ini", text);
}

static void tear_down_home(void)
{
    static const char *const names[] = {"assay/config.ini", "assay", "other.ini", ""};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        remove(path_below(home, names[i]));
}

/* What reading this command line gave. */
struct outcome {
    status read;
    struct target target;
    struct error error;
    struct option_values *values;
    int first;
};

static struct outcome read_line(int argc, char **argv)
{
    struct outcome outcome = {.first = -1};
    outcome.read = options_read(&table, &outcome.target, argc, argv, &outcome.error,
                                &outcome.values, &outcome.first);
    return outcome;
}

#define READ(...)                                                                                  \
    read_line((int)(sizeof((char *[]){"verb", __VA_ARGS__}) / sizeof(char *)),                     \
              (char *[]){"verb", __VA_ARGS__, NULL})

static void release(struct outcome *outcome)
{
    option_values_free(outcome->values);
    free(outcome->target.list.items);
}

static void expect_refused(struct outcome outcome, status why, const char *words)
{
    ck_assert_int_eq(outcome.read, why);
    ck_assert_msg(strstr(outcome.error.text, words) != NULL, "'%s' has no '%s'", outcome.error.text,
                  words);
    ck_assert_ptr_null(outcome.values);
    ck_assert_int_eq(outcome.first, -1);
    release(&outcome);
}

START_TEST(the_command_line_sets_and_leaves_operands)
{
    set_up_home();
    struct outcome o =
        READ("-f", "one", "--the-text", "t", "--size=2K", "-la", "-l", "b", "--", "-two");
    ck_assert_int_eq(o.read, ASSAY_OK);
    ck_assert(o.target.flag);
    ck_assert_str_eq(o.target.text, "t");
    ck_assert_uint_eq(o.target.size, 2048);
    ck_assert_uint_eq(o.target.list.count, 2);
    ck_assert_str_eq(o.target.list.items[0], "a");
    ck_assert_str_eq(o.target.list.items[1], "b");
    ck_assert_int_eq(o.first, 9);
    ck_assert_uint_eq(option_values_count(o.values), 5);
    const char *name, *value;
    option_values_at(o.values, 0, &name, &value);
    ck_assert_str_eq(name, "flag");
    ck_assert_str_eq(value, "yes");
    release(&o);
    tear_down_home();
}
END_TEST

START_TEST(nearer_places_win)
{
    set_up_home();
    write_user_config("[other]\nthe-text = other\n[verb]\nthe-text = user\nsize = 1\nflag = yes\n");
    write_file("other.ini", "[verb]\nthe-text = named\nsize = 2\n");
    char named[256];
    snprintf(named, sizeof(named), "%s/other.ini", home);

    struct outcome o = READ("x");
    ck_assert_int_eq(o.read, ASSAY_OK);
    ck_assert_str_eq(o.target.text, "user");
    ck_assert_uint_eq(o.target.size, 1);
    ck_assert(o.target.flag);
    release(&o);

    o = READ("--config", named);
    ck_assert_str_eq(o.target.text, "named");
    ck_assert_uint_eq(o.target.size, 2);
    release(&o);

    setenv("ASSAY_CONFIG", named, 1);
    setenv("ASSAY_THE_TEXT", "environment", 1);
    o = READ("x");
    ck_assert_str_eq(o.target.text, "environment");
    ck_assert_uint_eq(o.target.size, 2);
    release(&o);

    o = READ("--the-text", "line", "--the-text", "later");
    ck_assert_str_eq(o.target.text, "later");
    ck_assert_uint_eq(o.target.size, 2);
    release(&o);
    tear_down_home();
}
END_TEST

START_TEST(lists_add_up_from_all_places)
{
    set_up_home();
    write_user_config("[verb]\nlist = one\nlist = two\n");
    setenv("ASSAY_LIST", "three", 1);
    struct outcome o = READ("-l", "four");
    ck_assert_uint_eq(o.target.list.count, 4);
    static const char *const wanted[] = {"one", "two", "three", "four"};
    for (size_t i = 0; i < 4; i++)
        ck_assert_str_eq(o.target.list.items[i], wanted[i]);
    release(&o);
    tear_down_home();
}
END_TEST

START_TEST(what_is_unknown_is_refused)
{
    set_up_home();
    expect_refused(READ("--nonsense"), ASSAY_ERR_ARGUMENT, "--nonsense");
    expect_refused(READ("-z"), ASSAY_ERR_ARGUMENT, "assay verb --help");
    expect_refused(READ("--the-text"), ASSAY_ERR_ARGUMENT, "needs a value");
    expect_refused(READ("--flag=no"), ASSAY_ERR_ARGUMENT, "--flag");
    expect_refused(READ("--size", "many"), ASSAY_ERR_ARGUMENT, "many");
    write_user_config("[verb]\nnonsense = 1\n");
    expect_refused(READ("x"), ASSAY_ERR_ARGUMENT, "nonsense");
    write_user_config("[verb]\nsize = many\n");
    expect_refused(READ("x"), ASSAY_ERR_ARGUMENT, "config.ini:2: --size");
    write_user_config("[verb]\nthis is no setting\n");
    expect_refused(READ("x"), ASSAY_ERR_ARGUMENT, "config.ini:2");
    write_user_config("[another]\nnonsense = 1\n");
    struct outcome o = READ("x");
    ck_assert_int_eq(o.read, ASSAY_OK);
    release(&o);
    setenv("ASSAY_SIZE", "many", 1);
    expect_refused(READ("x"), ASSAY_ERR_ARGUMENT, "in the environment, --size");
    tear_down_home();
}
END_TEST

START_TEST(some_options_are_for_the_command_line_only)
{
    set_up_home();
    setenv("ASSAY_ONLY_HERE", "environment", 1);
    struct outcome o = READ("x");
    ck_assert_int_eq(o.read, ASSAY_OK);
    ck_assert_ptr_null(o.target.secret);
    release(&o);
    write_user_config("[verb]\nonly-here = file\n");
    expect_refused(READ("x"), ASSAY_ERR_ARGUMENT, "only-here");
    tear_down_home();
}
END_TEST

START_TEST(a_file_that_is_named_must_be_there)
{
    set_up_home();
    expect_refused(READ("--config", "/nonexistent/assay.ini"), ASSAY_ERR_IO, "/nonexistent");
    expect_refused(READ("--config", home), ASSAY_ERR_IO, home);
    tear_down_home();
}
END_TEST

START_TEST(help_comes_before_everything_else)
{
    set_up_home();
    write_user_config("[verb]\nnonsense = 1\n");
    int out = dup(STDOUT_FILENO), null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    fflush(stdout);
    dup2(null, STDOUT_FILENO);
    struct outcome o = READ("-f", "--help");
    fflush(stdout);
    dup2(out, STDOUT_FILENO);
    close(out);
    close(null);
    ck_assert_int_eq(o.read, ASSAY_END);
    release(&o);

    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    option_help_print(&table, stream);
    fclose(stream);
    for (size_t i = 0; i < table.count; i++) {
        ck_assert_ptr_nonnull(strstr(text, rows[i].name));
        ck_assert_ptr_nonnull(strstr(text, rows[i].help));
    }
    ck_assert_ptr_nonnull(strstr(text, "Usage: assay verb [OPTIONS] PATH..."));
    free(text);
    tear_down_home();
}
END_TEST

START_TEST(flags_say_yes_or_no)
{
    struct error error = {""};
    bool flag = false;
    static const char *const yes[] = {"yes", "true", "on", "1"}, *const no[] = {"no", "false",
                                                                                "off", "0"};
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(option_set_flag(&flag, yes[i], &error), ASSAY_OK);
        ck_assert(flag);
        ck_assert_int_eq(option_set_flag(&flag, no[i], &error), ASSAY_OK);
        ck_assert(!flag);
    }
    ck_assert_int_eq(option_set_flag(&flag, "", &error), ASSAY_ERR_ARGUMENT);
    ck_assert_int_eq(option_set_flag(&flag, "YES", &error), ASSAY_ERR_ARGUMENT);
}
END_TEST

UNIT_MAIN("options", the_command_line_sets_and_leaves_operands, nearer_places_win,
          lists_add_up_from_all_places, what_is_unknown_is_refused,
          some_options_are_for_the_command_line_only, a_file_that_is_named_must_be_there,
          help_comes_before_everything_else, flags_say_yes_or_no)
