/* What is fetched without a network, and how the program that has one is started and watched: here
 * shell scripts stand in for it. */
#include "cli/fetch.h"
#include "cli/fetch_program.h"
#include "fixture.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define URL "https://example.org/x"

/* The directory of a test, without its end. */
static char directory[64];

static void make_directory(void)
{
    memcpy(directory, "/tmp/assay-fetch-XXXXXX", 24);
    ck_assert_ptr_nonnull(mkdtemp(directory));
}

static void remove_directory(void)
{
    char command[128];
    snprintf(command, sizeof(command), "rm -rf -- '%s'", directory);
    ck_assert_int_eq(system(command), 0);
}

static struct fetch_options defaults(void)
{
    return (struct fetch_options){.max_bytes = 1 << 20, .timeout = 60, .stop = -1};
}

static int empty_file(void)
{
    int fd = memfd_create("fetched", MFD_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    return fd;
}

static void expect_content(int fd, const char *text)
{
    char content[4096];
    ssize_t size = pread(fd, content, sizeof(content) - 1, 0);
    ck_assert_int_ge((int)size, 0);
    content[size] = 0;
    ck_assert_str_eq(content, text);
}

/* Fetches by a script; the end of the test closes and removes. */
static status run_script(const char *script, struct fetch_options *options, int fd,
                         struct error *error)
{
    char text[2048];
    const char *path = path_below(directory, "program");
    snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", script);
    write_text(path, text);
    ck_assert_int_eq(chmod(path, 0700), 0);
    options->program = path;
    return fetch(options, URL, fd, error);
}

START_TEST(paths_and_file_urls_are_copied)
{
    static const char *const ways[] = {"%s", "file:%s", "file://%s", "file://localhost%s",
                                       "FILE://LOCALHOST%s"};
    char url[160];
    make_directory();
    write_text(path_below(directory, "a b%"), "the content");
    int fd = empty_file();
    struct fetch_options options = defaults();
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        char name[128];
        snprintf(name, sizeof(name), "%s/%s", directory, i ? "a%20b%25" : "a b%");
        snprintf(url, sizeof(url), ways[i], name);
        ck_assert_int_eq((int)pwrite(fd, "what was there before", 21, 0), 21);
        ck_assert_msg(fetch(&options, url, fd, NULL) == ASSAY_OK, "%s", url);
        expect_content(fd, "the content");
    }
    close(fd);
    remove_directory();
}
END_TEST

START_TEST(what_is_no_address_is_refused)
{
    static const struct {
        const char *url, *words;
    } wrong[] = {
        {"http://example.org/x", "only https://"},
        {"ftp://example.org/x", "only https://"},
        {"://", "check its path"},
        {"file:", "no address"},
        {"file:x", "no address"},
        {"file://example.org/x", "no address"},
        {"file:localhost/x", "no address"},
        {"file:///a%", "no address"},
        {"file:///a%2", "no address"},
        {"file:///a%00b", "no address"},
        {"file:///a%zz", "no address"},
        {"/nowhere/at all", "check its path"},
        {"", "check its path"},
        {"/tmp", "not a regular file"},
        {"/dev/zero", "not a regular file"},
    };
    struct fetch_options options = defaults();
    int fd = empty_file();
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct error error = {""};
        ck_assert_int_eq(fetch(&options, wrong[i].url, fd, &error), ASSAY_ERR_ARGUMENT);
        ck_assert_msg(strstr(error.text, wrong[i].words), "%s: %s", wrong[i].url, error.text);
    }
    close(fd);
}
END_TEST

START_TEST(a_copy_has_bounds_too)
{
    struct fetch_options options = defaults();
    struct error error = {""};
    make_directory();
    const char *path = path_below(directory, "file");
    write_text(path, "0123456789");
    int fd = empty_file();
    options.max_bytes = 10;
    ck_assert_int_eq(fetch(&options, path, fd, &error), ASSAY_OK);
    options.max_bytes = 9;
    ck_assert_int_eq(fetch(&options, path, fd, &error), ASSAY_ERR_LIMIT);
    ck_assert_ptr_nonnull(strstr(error.text, "9 bytes"));
    /* A file that has no size before it is read. */
    ck_assert_int_eq(fetch(&options, "/proc/self/maps", fd, &error), ASSAY_ERR_LIMIT);
    ck_assert_int_le((int)lseek(fd, 0, SEEK_END), 9);

    options.stop = eventfd(1, EFD_CLOEXEC);
    ck_assert_int_eq(fetch(&options, path, fd, &error), ASSAY_ERR_LIMIT);
    options.max_bytes = 10;
    ck_assert_int_eq(fetch(&options, path, fd, &error), ASSAY_ERR_CANCELLED);
    close(options.stop);
    close(fd);
    /* A file that nothing can be written to. */
    fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    options.stop = -1;
    ck_assert_int_eq(fetch(&options, path, fd, &error), ASSAY_ERR_IO);
    ck_assert_ptr_nonnull(strstr(error.text, "make room"));
    close(fd);
    remove_directory();
}
END_TEST

START_TEST(the_program_gets_a_command_line_and_descriptor_3)
{
    struct fetch_options options = defaults();
    options.ca_file = "/etc/a ca.pem";
    options.low_speed = 7;
    make_directory();
    int fd = empty_file();
    ck_assert_int_eq(
        run_script("for word; do echo \"$word\"; done >&3; cat >&3; echo out", &options, fd, NULL),
        ASSAY_OK);
    expect_content(fd, "--max-bytes\n1048576\n--timeout\n60\n--low-speed\n7\n--ca-file\n"
                       "/etc/a ca.pem\n" URL "\n");
    close(fd);
    remove_directory();
}
END_TEST

START_TEST(the_program_gets_a_clean_environment)
{
    struct fetch_options options = defaults();
    make_directory();
    int fd = empty_file();
    setenv("LD_PRELOAD", "/nowhere.so", 1);
    setenv("LD_LIBRARY_PATH", "/nowhere", 1);
    setenv("SSLKEYLOGFILE", "/tmp/keys", 1);
    setenv("https_proxy", "http://proxy:1 x", 1);
    setenv("NO_PROXY", "", 1);
    unsetenv("HTTPS_PROXY");
    unsetenv("all_proxy");
    unsetenv("ALL_PROXY");
    unsetenv("no_proxy");
    ck_assert_int_eq(run_script("cat /proc/$$/environ | tr '\\000' '\\n' >&3", &options, fd, NULL),
                     ASSAY_OK);
    unsetenv("LD_PRELOAD");
    char content[1024] = "";
    ck_assert_int_gt((int)pread(fd, content, sizeof(content) - 1, 0), 0);
    ck_assert_ptr_nonnull(strstr(content, "https_proxy=http://proxy:1 x\n"));
    ck_assert_ptr_nonnull(strstr(content, "NO_PROXY=\n"));
    ck_assert_ptr_null(strstr(content, "LD_"));
    ck_assert_ptr_null(strstr(content, "SSLKEYLOGFILE"));
    ck_assert_ptr_null(strstr(content, "CK_"));
    close(fd);
    remove_directory();
}
END_TEST

START_TEST(exit_codes_have_a_meaning_and_words)
{
    static const struct {
        const char *script;
        status why;
        const char *words;
    } ends[] = {
        {"exit 0", ASSAY_OK, ""},
        {"echo noise >&2; exit 0", ASSAY_OK, ""},
        {"echo 'assay-update: no memory' >&2; exit 1", ASSAY_ERR_IO, "no memory"},
        {"echo 'assay-update: usage' >&2; exit 2", ASSAY_ERR_ARGUMENT, "usage"},
        {"echo 'assay-update: not there' >&2; exit 3", ASSAY_ERR_ARGUMENT, "not there"},
        {"echo 'assay-update: no net' >&2; exit 4", ASSAY_ERR_IO, "no net"},
        {"echo 'assay-update: expired' >&2; exit 5", ASSAY_ERR_IO, "expired"},
        {"echo 'assay-update: large' >&2; exit 6", ASSAY_ERR_LIMIT, "large"},
        {"echo 'assay-update: full' >&2; exit 7", ASSAY_ERR_IO, "full"},
        {"echo 'assay-update: cut' >&2; exit 8", ASSAY_ERR_TRUNCATED, "cut"},
        {"printf 'assay-update: slow' >&2; exit 9", ASSAY_ERR_TIME, "slow"},
        {"exit 99", ASSAY_ERR_IO, "assay-update ended with code 99 and said nothing; try again"},
        {"printf 'a\\033[31mb\\nsecond' >&2; exit 4", ASSAY_ERR_IO, "a\\x1b[31mb"},
        {"kill -SEGV $$", ASSAY_ERR_IO,
         "assay-update was ended by signal 11; try again, and report it when it happens again"},
    };
    make_directory();
    int fd = empty_file();
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        struct fetch_options options = defaults();
        struct error error = {""};
        status ended = run_script(ends[i].script, &options, fd, &error);
        ck_assert_msg(ended == ends[i].why, "%s: %d", ends[i].script, ended);
        ck_assert_str_eq(error.text, ends[i].words);
    }
    close(fd);
    remove_directory();
}
END_TEST

START_TEST(much_talk_is_cut_and_blocks_nobody)
{
    struct fetch_options options = defaults();
    struct error error = {""};
    make_directory();
    int fd = empty_file();
    ck_assert_int_eq(
        run_script("head -c 3000000 /dev/zero | tr '\\000' w >&2; exit 4", &options, fd, &error),
        ASSAY_ERR_IO);
    ck_assert_uint_ge(strlen(error.text), 200);
    ck_assert_uint_eq(strspn(error.text, "w"), strlen(error.text));
    close(fd);
    remove_directory();
}
END_TEST

START_TEST(it_is_ended_when_it_shall_stop_or_takes_too_long)
{
    struct fetch_options options = defaults();
    struct error error = {""};
    make_directory();
    int fd = empty_file();
    options.stop = eventfd(1, EFD_CLOEXEC);
    ck_assert_int_eq(run_script("echo $$ >&3; exec sleep 1000", &options, fd, &error),
                     ASSAY_ERR_CANCELLED);
    close(options.stop);
    options.stop = -1;
    options.timeout = 0; /* and seconds of grace */
    ck_assert_int_eq(run_script("trap '' TERM; exec sleep 1000", &options, fd, &error),
                     ASSAY_ERR_TIME);
    ck_assert_ptr_nonnull(strstr(error.text, "did not keep to its time"));
    close(fd);
    remove_directory();
}
END_TEST

START_TEST(a_program_that_cannot_be_started_is_named)
{
    struct fetch_options options = defaults();
    struct error error = {""};
    int fd = empty_file();
    options.program = "/nowhere/assay-update";
    ck_assert_int_eq(fetch(&options, URL, fd, &error), ASSAY_ERR_IO);
    ck_assert_ptr_nonnull(strstr(error.text, "/nowhere/assay-update cannot be started"));
    close(fd);
}
END_TEST

START_TEST(it_is_found_beside_the_program_and_never_by_path)
{
    char path[PATH_MAX];
    struct error error = {""};
    make_directory();
    setenv("PATH", directory, 1);
    const char *own = path_below(directory, "assay-update");
    write_text(own, "#!/bin/sh\n");
    ck_assert_int_eq(chmod(own, 0755), 0);
    ck_assert_int_eq(fetch_find_program(directory, 0, &error, path), ASSAY_OK);
    ck_assert_str_eq(path, own);
    /* What anybody may write is not started, nor what nobody may. */
    ck_assert_int_eq(chmod(own, 0757), 0);
    if (fetch_find_program(directory, 0, &error, path) == ASSAY_OK)
        ck_assert_str_ne(path, own); /* it is installed here */
    ck_assert_int_eq(chmod(own, 0644), 0);
    if (fetch_find_program(directory, 0, &error, path) == ASSAY_OK)
        ck_assert_str_ne(path, own);
    else
        ck_assert_ptr_nonnull(strstr(error.text, "install assay again"));
    setenv("PATH", "/usr/bin:/bin", 1);
    remove_directory();
}
END_TEST

UNIT_MAIN("fetch", paths_and_file_urls_are_copied, what_is_no_address_is_refused,
          a_copy_has_bounds_too, the_program_gets_a_command_line_and_descriptor_3,
          the_program_gets_a_clean_environment, exit_codes_have_a_meaning_and_words,
          much_talk_is_cut_and_blocks_nobody, it_is_ended_when_it_shall_stop_or_takes_too_long,
          a_program_that_cannot_be_started_is_named,
          it_is_found_beside_the_program_and_never_by_path)
