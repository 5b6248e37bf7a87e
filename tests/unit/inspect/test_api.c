/* The public functions: files as well as buffers, and everything that is refused. */
#include "inspect/fixture.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static struct heard heard;

static int scan_fd(struct assay_scanner *scanner, int fd)
{
    size_t stop_at = heard.stop_at;
    heard = (struct heard){.stop_at = stop_at};
    struct assay_subject subject = {.path = text_bytes("dir/top"), .owner = NULL};
    heard.status = assay_scan_fd(scanner, &subject, fd, hear, &heard, &heard.result);
    return heard.status;
}

static struct assay_scanner *scanner_of(const struct assay_rules *rules)
{
    struct assay_limits limits = assay_limits_default();
    struct assay_scanner *scanner;
    ck_assert_int_eq(assay_scanner_new(rules, &limits, &scanner), ASSAY_OK);
    return scanner;
}

START_TEST(files_are_scanned_whatever_their_offset)
{
    struct assay_rules *rules = fixture_rules();
    struct assay_scanner *scanner = scanner_of(rules);
    struct buffer zip = ZIP({"a", text_view(NEEDLE)});
    int fd = memfd_create("api", MFD_CLOEXEC);
    ck_assert_int_eq((int)write(fd, zip.data, zip.size), (int)zip.size);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(scan_fd(scanner, fd), ASSAY_OK);
        ck_assert(heard_match(&heard, "top!/a", "needle"));
        ck_assert_int_eq(heard.result.verdict, ASSAY_MATCH);
        ck_assert_int_eq((int)lseek(fd, 0, SEEK_CUR), (int)zip.size);
    }
    /* Mapped, with the archive at the end of a large file. */
    ck_assert_int_eq(ftruncate(fd, 0), 0);
    ck_assert_int_eq((int)pwrite(fd, zip.data, zip.size, 17 << 20), (int)zip.size);
    ck_assert_int_eq(scan_fd(scanner, fd), ASSAY_OK);
    ck_assert(heard_match(&heard, "top!/a", "needle"));
    buffer_release(&zip);
    close(fd);
    assay_scanner_free(scanner);
    assay_rules_free(rules);
}
END_TEST

START_TEST(what_is_no_regular_file_is_an_argument_error)
{
    struct assay_rules *rules = fixture_rules();
    struct assay_scanner *scanner = scanner_of(rules);
    int pipes[2];
    ck_assert_int_eq(pipe(pipes), 0);
    int directory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_eq(scan_fd(scanner, pipes[0]), ASSAY_ERR_ARGUMENT);
    ck_assert_int_eq(scan_fd(scanner, directory), ASSAY_ERR_ARGUMENT);
    ck_assert_int_eq(scan_fd(scanner, -1), ASSAY_ERR_IO);
    ck_assert_uint_eq(heard.count, 0);
    close(pipes[0]);
    close(pipes[1]);
    close(directory);
    assay_scanner_free(scanner);
    assay_rules_free(rules);
}
END_TEST

/* The callback changes the file while it is scanned. */
static int change_file(void *context, const struct assay_event *event)
{
    const int *fd = context;
    if (event->type == ASSAY_EVENT_MATCH && pwrite(*fd, "more", 4, 4096) != 4)
        ck_abort_msg("cannot write");
    return hear(&heard, event);
}

START_TEST(a_file_that_changes_is_incomplete)
{
    struct assay_rules *rules = fixture_rules();
    struct assay_scanner *scanner = scanner_of(rules);
    int fd = memfd_create("api", MFD_CLOEXEC);
    ck_assert_int_gt((int)write(fd, NEEDLE, strlen(NEEDLE)), 0);
    struct assay_subject subject = {.path = text_bytes("")};
    heard = (struct heard){.stop_at = 0};
    ck_assert_int_eq(assay_scan_fd(scanner, &subject, fd, change_file, &fd, &heard.result),
                     ASSAY_OK);
    ck_assert_int_eq(heard.result.verdict, ASSAY_MATCH);
    ck_assert_uint_eq(heard.count, 2);
    ck_assert(heard_only_reason(&heard, "top", ASSAY_REASON_CHANGED));
    close(fd);
    assay_scanner_free(scanner);
    assay_rules_free(rules);
}
END_TEST

/* Files of /sys have less than they say, files of /proc more. */
START_TEST(a_file_that_is_not_as_long_as_it_says_is_never_clean)
{
    static const char *const paths[] = {"/sys/kernel/uevent_seqnum", "/proc/self/status"};
    struct assay_rules *rules = fixture_rules();
    struct assay_scanner *scanner = scanner_of(rules);
    for (size_t i = 0; i < 2; i++) {
        int fd = open(paths[i], O_RDONLY | O_CLOEXEC);
        ck_assert_int_ge(fd, 0);
        ck_assert_int_eq(scan_fd(scanner, fd), ASSAY_OK);
        ck_assert_int_eq(heard.result.verdict, ASSAY_INCOMPLETE);
        ck_assert(heard_only_reason(&heard, "top", ASSAY_REASON_CHANGED));

        /* The result is there also when the callback ends it. */
        heard.stop_at = 1;
        ck_assert_int_eq(scan_fd(scanner, fd), ASSAY_ERR_CANCELLED);
        ck_assert_int_eq(heard.result.verdict, ASSAY_INCOMPLETE);
        heard.stop_at = 0;
        close(fd);
    }
    assay_scanner_free(scanner);
    assay_rules_free(rules);
}
END_TEST

static void count_diagnostics(void *context, const struct assay_diagnostic *diagnostic)
{
    ck_assert_str_eq(diagnostic->source, "bad.yar");
    *(size_t *)context += diagnostic->is_error;
}

START_TEST(rules_that_do_not_compile_are_refused)
{
    const struct assay_source sources[] = {
        {"bad.yar", "test", "rule a { condition: nothing }", 29},
        {"good.yar", "test", "rule b { condition: false }", 27},
    };
    struct assay_rules *rules = NULL;
    size_t errors = 0;
    ck_assert_int_eq(assay_rules_compile(sources, 2, count_diagnostics, &errors, &rules),
                     ASSAY_ERR_RULES);
    ck_assert_uint_eq(errors, 1);
    ck_assert_ptr_null(rules);
    ck_assert_int_eq(assay_rules_compile(sources, 0, NULL, NULL, &rules), ASSAY_ERR_ARGUMENT);
    ck_assert_int_eq(assay_rules_compile(sources, 1, NULL, NULL, &rules), ASSAY_ERR_RULES);
    ck_assert_int_eq(assay_rules_compile(sources + 1, 1, NULL, NULL, &rules), ASSAY_OK);
    ck_assert_uint_eq(assay_rules_count(rules), 1);
    assay_rules_free(rules);
    assay_rules_free(NULL);
    assay_scanner_free(NULL);
}
END_TEST

START_TEST(builtin_rules_compile_and_name_their_database)
{
    const struct assay_source *sources;
    size_t count;
    assay_builtin_sources(&sources, &count);
    ck_assert_uint_gt(count, 0);
    for (size_t i = 0; i < count; i++)
        ck_assert_str_eq(sources[i].database, "builtin");
    struct assay_rules *rules;
    ck_assert_int_eq(assay_rules_compile(sources, count, NULL, NULL, &rules), ASSAY_OK);
    ck_assert_uint_ge(assay_rules_count(rules), count);
    assay_rules_free(rules);
}
END_TEST

/* Rules are shared, scanners are not. */
START_TEST(two_scanners_share_rules)
{
    struct assay_rules *rules = fixture_rules();
    struct assay_scanner *one = scanner_of(rules), *two = scanner_of(rules);
    assay_scanner_report_clean(one, true);
    listen_to(&heard, one, text_view("x"));
    ck_assert_uint_eq(heard.count, 1);
    listen_to(&heard, two, text_view("x"));
    ck_assert_uint_eq(heard.count, 0);
    assay_scanner_free(one);
    listen_to(&heard, two, text_view(NEEDLE));
    ck_assert_uint_eq(heard.count, 1);
    assay_scanner_free(two);
    assay_rules_free(rules);
}
END_TEST

/* As a third program encrypts, with AES. */
static struct buffer encrypted_zip(const char *password)
{
    struct buffer out = {0};
    size_t used = 0;
    ck_assert_int_eq(buffer_reserve(&out, 1 << 16), ASSAY_OK);
    struct archive *archive = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    ck_assert_int_eq(archive_write_set_format_zip(archive), ARCHIVE_OK);
    ck_assert_int_eq(archive_write_set_options(archive, "zip:encryption=aes256"), ARCHIVE_OK);
    ck_assert_int_eq(archive_write_set_passphrase(archive, password), ARCHIVE_OK);
    ck_assert_int_eq(archive_write_set_bytes_in_last_block(archive, 1), ARCHIVE_OK);
    ck_assert_int_eq(archive_write_open_memory(archive, out.data, 1 << 16, &used), ARCHIVE_OK);
    archive_entry_set_pathname(entry, "a");
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_size(entry, sizeof(NEEDLE) - 1);
    ck_assert_int_eq(archive_write_header(archive, entry), ARCHIVE_OK);
    ck_assert_int_gt((int)archive_write_data(archive, NEEDLE, sizeof(NEEDLE) - 1), 0);
    archive_entry_free(entry);
    ck_assert_int_eq(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
    out.size = used;
    return out;
}

START_TEST(passwords_are_tried_as_long_as_they_are_set)
{
    struct assay_rules *rules = fixture_rules();
    struct assay_scanner *scanner = scanner_of(rules);
    struct buffer zip = encrypted_zip("a secret"), infected = encrypted_zip("infected");
    const struct assay_bytes passwords[] = {text_bytes("another"), text_bytes("a secret")};
    listen_to(&heard, scanner, buffer_view(&zip));
    ck_assert(heard_only_reason(&heard, "top!/a", ASSAY_REASON_ENCRYPTED));
    assay_scanner_set_passwords(scanner, passwords, 2);
    listen_to(&heard, scanner, buffer_view(&zip));
    ck_assert(heard_match(&heard, "top!/a", "needle"));
    assay_scanner_set_passwords(scanner, passwords, 1);
    listen_to(&heard, scanner, buffer_view(&zip));
    ck_assert(heard_only_reason(&heard, "top!/a", ASSAY_REASON_ENCRYPTED));
    assay_scanner_set_passwords(scanner, NULL, 0);
    listen_to(&heard, scanner, buffer_view(&infected));
    ck_assert(heard_match(&heard, "top!/a", "needle"));
    buffer_release(&infected);
    buffer_release(&zip);
    assay_scanner_free(scanner);
    assay_rules_free(rules);
}
END_TEST

UNIT_MAIN("api", passwords_are_tried_as_long_as_they_are_set,
          files_are_scanned_whatever_their_offset, what_is_no_regular_file_is_an_argument_error,
          a_file_that_changes_is_incomplete, a_file_that_is_not_as_long_as_it_says_is_never_clean,
          rules_that_do_not_compile_are_refused, builtin_rules_compile_and_name_their_database,
          two_scanners_share_rules)
