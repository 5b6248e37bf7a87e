#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include "fixture.h"

static const struct report_options plain_options;
static const struct assay_event clean = {.type = ASSAY_EVENT_CLEAN};
static const struct report_event event = {
    .type = REPORT_FINDING, .path = BYTES("x"), .finding = &clean};
static const char line[] = "x: clean\n";

/* A directory of its own for each test, and the working directory; removed at the end. */
struct place {
    char path[32];
};

static struct place enter_place(void)
{
    struct place place = {"/tmp/assay-report-XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(place.path));
    ck_assert_int_eq(chdir(place.path), 0);
    return place;
}

static size_t entries(void)
{
    size_t count = 0;
    DIR *directory = opendir(".");
    while (readdir(directory))
        count++;
    closedir(directory);
    return count - 2;
}

static void leave_place(struct place *place)
{
    DIR *directory = opendir(place->path);
    for (struct dirent *entry; (entry = readdir(directory));)
        unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
    rmdir(place->path);
}

#define IN_A_PLACE __attribute__((unused)) cleanup(leave_place) struct place place = enter_place()

static void write_file(const char *name, const char *text)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void expect_file(const char *name, const char *expected)
{
    char text[4096] = "";
    int fd = open(name, O_RDONLY);
    ck_assert_msg(fd >= 0, "%s is missing", name);
    ck_assert_int_ge(read(fd, text, sizeof(text) - 1), 0);
    close(fd);
    ck_assert_str_eq(text, expected);
}

static struct report *report_to(const char *path)
{
    struct report *report = NULL;
    struct error error = {""};
    ck_assert_int_eq(report_new(&plain_options, &report), ASSAY_OK);
    ck_assert_msg(report_add(report, "text", path, &error) == ASSAY_OK, "%s", error.text);
    return report;
}

START_TEST(a_file_appears_whole_or_not_at_all)
{
    IN_A_PLACE;
    struct error error;
    write_file("out", "old");
    cleanup(report_free_cleanup) struct report *report = report_to("out");
    ck_assert_int_eq(report_emit(report, &event, &error), ASSAY_OK);
    ck_assert_int_eq(report_flush(report, &error), ASSAY_OK);
    expect_file("out", "old");
    ck_assert_uint_eq(entries(), 2);
    ck_assert_int_eq(report_close(report, &error), ASSAY_OK);
    expect_file("out", line);
    ck_assert_uint_eq(entries(), 1);
    ck_assert_int_eq(report_close(report, &error), ASSAY_OK);
}
END_TEST

START_TEST(without_close_nothing_is_left)
{
    IN_A_PLACE;
    struct error error;
    write_file("out", "old");
    struct report *report = report_to("out");
    ck_assert_int_eq(report_emit(report, &event, &error), ASSAY_OK);
    report_free(report);
    expect_file("out", "old");
    ck_assert_uint_eq(entries(), 1);
}
END_TEST

START_TEST(the_mode_follows_the_umask)
{
    IN_A_PLACE;
    struct error error;
    struct stat now;
    umask(027);
    cleanup(report_free_cleanup) struct report *report = report_to("out");
    ck_assert_int_eq(report_close(report, &error), ASSAY_OK);
    ck_assert_int_eq(stat("out", &now), 0);
    ck_assert_int_eq(now.st_mode & 07777, 0640);
}
END_TEST

START_TEST(a_private_report_stays_private)
{
    IN_A_PLACE;
    struct error error;
    struct stat now;
    umask(022);
    write_file("out", "old");
    ck_assert_int_eq(chmod("out", 0660), 0);
    cleanup(report_free_cleanup) struct report *report = report_to("out");
    ck_assert_int_eq(report_close(report, &error), ASSAY_OK);
    ck_assert_int_eq(stat("out", &now), 0);
    ck_assert_int_eq(now.st_mode & 07777, 0640);
}
END_TEST

START_TEST(a_symbolic_link_is_replaced_not_followed)
{
    IN_A_PLACE;
    struct error error;
    struct stat now;
    write_file("precious", "precious");
    ck_assert_int_eq(symlink("precious", "out"), 0);
    cleanup(report_free_cleanup) struct report *report = report_to("./out");
    ck_assert_int_eq(report_emit(report, &event, &error), ASSAY_OK);
    ck_assert_int_eq(report_close(report, &error), ASSAY_OK);
    expect_file("precious", "precious");
    expect_file("out", line);
    ck_assert_int_eq(lstat("out", &now), 0);
    ck_assert(S_ISREG(now.st_mode));
}
END_TEST

START_TEST(a_planted_link_to_a_fifo_does_not_hang_the_scan)
{
    IN_A_PLACE;
    struct error error;
    struct stat now;
    ck_assert_int_eq(mkfifo("fifo", 0600), 0);
    ck_assert_int_eq(symlink("fifo", "out"), 0);
    cleanup(report_free_cleanup) struct report *report = report_to("out");
    ck_assert_int_eq(report_close(report, &error), ASSAY_OK);
    ck_assert_int_eq(lstat("out", &now), 0);
    ck_assert(S_ISREG(now.st_mode));
    ck_assert_int_eq(lstat("fifo", &now), 0);
    ck_assert(S_ISFIFO(now.st_mode));
}
END_TEST

START_TEST(a_full_disk_is_an_error_in_words)
{
    struct error error = {""};
    struct stat now;
    cleanup(report_free_cleanup) struct report *report = report_to("/dev/full");
    ck_assert_int_eq(report_emit(report, &event, &error), ASSAY_OK);
    ck_assert_int_eq(report_flush(report, &error), ASSAY_ERR_IO);
    ck_assert_str_eq(error.text, "cannot write the report: No space left on device: /dev/full");
    ck_assert_int_eq(report_emit(report, &event, NULL), ASSAY_ERR_IO);
    ck_assert_int_eq(report_close(report, NULL), ASSAY_ERR_IO);
    ck_assert_int_eq(stat("/dev/full", &now), 0);
    ck_assert(S_ISCHR(now.st_mode));
}
END_TEST

START_TEST(a_failing_file_leaves_the_old_one)
{
    IN_A_PLACE;
    struct error error = {""};
    write_file("out", "old");
    /* A limit on the size of files stands in for the full disk. */
    signal(SIGXFSZ, SIG_IGN);
    struct report *report = report_to("out");
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){4, RLIM_INFINITY}), 0);
    ck_assert_int_eq(report_emit(report, &event, &error), ASSAY_OK);
    ck_assert_int_eq(report_close(report, &error), ASSAY_ERR_IO);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY}), 0);
    report_free(report);
    ck_assert_str_eq(error.text, "cannot write the report: File too large: out");
    ck_assert_uint_eq(entries(), 1);
    expect_file("out", "old");
}
END_TEST

START_TEST(the_other_sinks_still_get_it)
{
    IN_A_PLACE;
    struct error error = {""};
    cleanup(report_free_cleanup) struct report *report = report_to("/dev/full");
    ck_assert_int_eq(report_add(report, "text", "good", &error), ASSAY_OK);
    ck_assert_int_eq(report_emit(report, &event, &error), ASSAY_OK);
    ck_assert_int_eq(report_flush(report, &error), ASSAY_ERR_IO);
    ck_assert_int_eq(report_emit(report, &event, &error), ASSAY_ERR_IO);
    ck_assert_int_eq(report_close(report, &error), ASSAY_ERR_IO);
    ck_assert_ptr_nonnull(strstr(error.text, "/dev/full"));
    expect_file("good", "x: clean\nx: clean\n");
}
END_TEST

static void expect_refused(const char *format, const char *path, status why, const char *words)
{
    cleanup(report_free_cleanup) struct report *report = NULL;
    struct error error = {""};
    ck_assert_int_eq(report_new(&plain_options, &report), ASSAY_OK);
    ck_assert_int_eq(report_add(report, format, path, &error), why);
    ck_assert_str_eq(error.text, words);
    ck_assert_int_eq(report_emit(report, &event, &error), ASSAY_OK);
    ck_assert_int_eq(report_close(report, &error), ASSAY_OK);
}

START_TEST(what_cannot_be_is_refused_in_words)
{
    IN_A_PLACE;
    expect_refused("nope", NULL, ASSAY_ERR_ARGUMENT, "there is no report format \"nope\"");
    expect_refused("none", "out", ASSAY_ERR_ARGUMENT, "the format \"none\" writes no file");
    expect_refused("text", "missing/out", ASSAY_ERR_IO,
                   "cannot write the report: No such file or directory: missing/out");
    expect_refused("text", "", ASSAY_ERR_IO,
                   "cannot write the report: No such file or directory: ");
    expect_refused("text", ".", ASSAY_ERR_IO, "cannot write the report: Is a directory: .");
    expect_refused("text", "new/", ASSAY_ERR_IO, "cannot write the report: Is a directory: new/");
    expect_refused("text", "/dev/fd/987", ASSAY_ERR_IO,
                   "cannot write the report: Bad file descriptor: /dev/fd/987");
    ck_assert_uint_eq(entries(), 0);
    ck_assert_int_eq(chmod(".", 0555), 0);
    if (geteuid() == 0)
        ck_assert_int_eq(seteuid(65534), 0);
    expect_refused("text", "out", ASSAY_ERR_IO, "cannot write the report: Permission denied: out");
    ck_assert_int_eq(seteuid(getuid()), 0);
}
END_TEST

START_TEST(two_reports_for_one_place_are_refused)
{
    IN_A_PLACE;
    struct error error = {""};
    cleanup(report_free_cleanup) struct report *report = report_to("out");
    ck_assert_int_eq(report_add(report, "jsonl", "out", &error), ASSAY_ERR_ARGUMENT);
    ck_assert_str_eq(error.text, "two reports for out");
    ck_assert_int_eq(report_add(report, "jsonl", NULL, &error), ASSAY_OK);
    ck_assert_int_eq(report_add(report, "text", NULL, &error), ASSAY_ERR_ARGUMENT);
    ck_assert_int_eq(report_add(report, "none", NULL, &error), ASSAY_OK);
}
END_TEST

START_TEST(two_names_of_one_place_are_refused)
{
    IN_A_PLACE;
    struct error error = {""};
    char path[64];
    write_file("log", "");
    int fd = open("log", O_WRONLY | O_APPEND);
    snprintf(path, sizeof(path), "/dev/fd/%d", fd);
    cleanup(report_free_cleanup) struct report *report = report_to("out");
    ck_assert_int_eq(report_add(report, "jsonl", "./out", &error), ASSAY_ERR_ARGUMENT);
    ck_assert_str_eq(error.text, "two reports for ./out");
    ck_assert_int_eq(report_add(report, "jsonl", "/dev/stdout", &error), ASSAY_OK);
    ck_assert_int_eq(report_add(report, "text", NULL, &error), ASSAY_ERR_ARGUMENT);
    ck_assert_int_eq(report_add(report, "text", path, &error), ASSAY_OK);
    ck_assert_int_eq(report_add(report, "text", "log", &error), ASSAY_ERR_ARGUMENT);
    ck_assert_int_eq(report_add(report, "text", "/dev/null", &error), ASSAY_OK);
    ck_assert_int_eq(report_add(report, "text", "/dev/null", &error), ASSAY_OK);
    close(fd);
}
END_TEST

START_TEST(open_files_are_continued_not_replaced)
{
    IN_A_PLACE;
    struct error error;
    char path[32];
    write_file("log", "before\n");
    int fd = open("log", O_WRONLY | O_APPEND);
    snprintf(path, sizeof(path), "/dev/fd/%d", fd);
    cleanup(report_free_cleanup) struct report *report = report_to(path);
    ck_assert_int_eq(report_emit(report, &event, &error), ASSAY_OK);
    ck_assert_int_eq(report_close(report, &error), ASSAY_OK);
    close(fd);
    expect_file("log", "before\nx: clean\n");
}
END_TEST

/* Reads all there is, slowly at first. */
static void *drain(void *argument)
{
    int fd = *(int *)argument;
    size_t total = 0;
    char piece[4096];
    usleep(100000);
    for (ssize_t got; (got = read(fd, piece, sizeof(piece))) > 0;)
        total += (size_t)got;
    return (void *)total;
}

START_TEST(a_slow_reader_of_a_non_blocking_pipe_gets_everything)
{
    IN_A_PLACE;
    struct error error;
    pthread_t reader;
    void *total;
    ck_assert_int_eq(mkfifo("fifo", 0600), 0);
    int in = open("fifo", O_RDONLY | O_NONBLOCK);
    int out = open("fifo", O_WRONLY | O_NONBLOCK);
    ck_assert_int_eq(fcntl(in, F_SETFL, 0), 0);
    int saved = dup(STDOUT_FILENO);
    ck_assert_int_ge(dup2(out, STDOUT_FILENO), 0);
    close(out);
    ck_assert_int_eq(pthread_create(&reader, NULL, drain, &in), 0);
    struct report *report = report_to(NULL);
    for (size_t i = 0; i < 100000; i++)
        ck_assert_int_eq(report_emit(report, &event, &error), ASSAY_OK);
    ck_assert_int_eq(report_close(report, &error), ASSAY_OK);
    report_free(report);
    dup2(saved, STDOUT_FILENO);
    ck_assert_int_eq(pthread_join(reader, &total), 0);
    ck_assert_uint_eq((size_t)total, 100000 * strlen(line));
}
END_TEST

START_TEST(a_fifo_is_written_and_stays)
{
    IN_A_PLACE;
    struct error error;
    struct stat now;
    char text[64] = "";
    ck_assert_int_eq(mkfifo("fifo", 0600), 0);
    int in = open("fifo", O_RDONLY | O_NONBLOCK);
    struct report *report = report_to("fifo");
    ck_assert_int_eq(report_emit(report, &event, &error), ASSAY_OK);
    ck_assert_int_eq(report_close(report, &error), ASSAY_OK);
    report_free(report);
    ck_assert_int_eq(read(in, text, sizeof(text) - 1), (ssize_t)strlen(line));
    ck_assert_str_eq(text, line);
    ck_assert_int_eq(lstat("fifo", &now), 0);
    ck_assert(S_ISFIFO(now.st_mode));
    close(in);
}
END_TEST

START_TEST(a_reader_that_went_away_is_an_error)
{
    struct error error = {""};
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    signal(SIGPIPE, SIG_IGN);
    int saved = dup(STDOUT_FILENO);
    dup2(ends[1], STDOUT_FILENO);
    close(ends[1]);
    close(ends[0]);
    struct report *report = report_to(NULL);
    ck_assert_int_eq(report_emit(report, &event, &error), ASSAY_OK);
    ck_assert_int_eq(report_close(report, &error), ASSAY_ERR_IO);
    report_free(report);
    dup2(saved, STDOUT_FILENO);
    ck_assert_str_eq(error.text, "cannot write the report: Broken pipe: standard output");
}
END_TEST

START_TEST(formats_are_listed)
{
    const char *const *formats = report_formats();
    size_t count = 0;
    for (; formats[count]; count++) {
        struct error error = {""};
        cleanup(report_free_cleanup) struct report *one = NULL;
        ck_assert_int_eq(report_new(&plain_options, &one), ASSAY_OK);
        ck_assert_msg(report_add(one, formats[count], NULL, &error) == ASSAY_OK, "%s", error.text);
    }
    ck_assert_uint_ge(count, 3);
}
END_TEST

UNIT_MAIN("output", a_file_appears_whole_or_not_at_all, without_close_nothing_is_left,
          the_mode_follows_the_umask, a_private_report_stays_private,
          a_symbolic_link_is_replaced_not_followed, a_planted_link_to_a_fifo_does_not_hang_the_scan,
          a_full_disk_is_an_error_in_words, a_failing_file_leaves_the_old_one,
          the_other_sinks_still_get_it, what_cannot_be_is_refused_in_words,
          two_reports_for_one_place_are_refused, two_names_of_one_place_are_refused,
          open_files_are_continued_not_replaced,
          a_slow_reader_of_a_non_blocking_pipe_gets_everything, a_fifo_is_written_and_stays,
          a_reader_that_went_away_is_an_error, formats_are_listed)
