/* Who could have written what is opened, and the directories that lead there. */
#include "base/cleanup.h"
#include "signatures/database/safe_open.h"
#include "unpack/tool.h"

#include <errno.h>
#include <limits.h>

#define NOBODY 65534

static const struct view some = {(const uint8_t *)"some\n", 5};

static void enter(char directory[32])
{
    umask(022);
    tool_enter(directory);
}

static void open_well(const char *path)
{
    struct error error = {""};
    cleanup(fd_cleanup) int fd = -1;
    ck_assert_msg(safe_open_directory(path, &error, &fd) == ASSAY_OK, "%s", error.text);
    cleanup(fd_cleanup) int made = -1;
    ck_assert_msg(safe_make_directory(path, 0755, &error, &made) == ASSAY_OK, "%s", error.text);
    struct stat one, other, wanted;
    ck_assert_int_eq(stat(path, &wanted), 0);
    ck_assert_int_eq(fstat(fd, &one), 0);
    ck_assert_int_eq(fstat(made, &other), 0);
    ck_assert_uint_eq(one.st_ino, wanted.st_ino);
    ck_assert_uint_eq(other.st_ino, wanted.st_ino);
}

static void expect_words(const struct error *error, const char *words)
{
    ck_assert_msg(strstr(error->text, words) != NULL, "'%s' is not in: %s", words, error->text);
}

/* Neither opened nor made. */
static void refused(const char *path, status why, const char *words)
{
    struct error error = {""};
    int fd = -1;
    ck_assert_msg(safe_open_directory(path, &error, &fd) == why, "%s: %s", path, error.text);
    expect_words(&error, words);
    ck_assert_msg(safe_make_directory(path, 0755, &error, &fd) == why, "%s: %s", path, error.text);
    if (why == ASSAY_ERR_ARGUMENT)
        expect_words(&error, words);
    ck_assert_int_eq(fd, -1);
}

static void unsafe(const char *path, const char *words)
{
    refused(path, ASSAY_ERR_ARGUMENT, words);
}

static status open_file(const char *name, struct error *error)
{
    cleanup(fd_cleanup) int directory = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    cleanup(fd_cleanup) int fd = -1;
    return safe_open_file(directory, "/where/it/is", name, error, &fd);
}

static void file_refused(const char *name, const char *words)
{
    struct error error = {""};
    ck_assert_int_eq(open_file(name, &error), ASSAY_ERR_ARGUMENT);
    expect_words(&error, words);
}

/* ---- directories ------------------------------------------------------------------------------ */

START_TEST(what_is_not_there)
{
    char directory[32];
    struct error error = {""};
    int fd = -1;
    enter(directory);
    ck_assert_int_eq(safe_open_directory("none/below", &error, &fd), ASSAY_ERR_IO);
    ck_assert_int_eq(errno, ENOENT);
    expect_words(&error, "/none cannot be opened: No such file or directory");
    ck_assert_int_eq(safe_open_directory("", &error, &fd), ASSAY_ERR_ARGUMENT);
    ck_assert_int_eq(safe_make_directory("", 0755, &error, &fd), ASSAY_ERR_ARGUMENT);
    ck_assert_int_eq(fd, -1);
    ck_assert_int_eq(mkdir("gone", 0755), 0);
    ck_assert_int_eq(chdir("gone"), 0);
    ck_assert_int_eq(rmdir("../gone"), 0);
    refused("x", ASSAY_ERR_IO, "the working directory is gone");
    tool_leave(directory);
}
END_TEST

START_TEST(what_is_missing_is_made)
{
    char directory[32];
    struct error error = {""};
    struct stat about;
    enter(directory);
    umask(077); /* which does not count */
    ck_assert_int_eq(mkdir("a", 0700), 0);
    ck_assert_int_eq(symlink("a", "link"), 0);
    cleanup(fd_cleanup) int fd = -1;
    ck_assert_msg(safe_make_directory("./new//b/../c/../../link/d/e/", 0755, &error, &fd) ==
                      ASSAY_OK,
                  "%s", error.text);
    static const char *const made[] = {"new", "new/b", "new/c", "a/d", "a/d/e"};
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
        ck_assert_int_eq(stat(made[i], &about), 0);
        ck_assert_uint_eq(about.st_mode & 07777, 0755);
    }
    ck_assert_int_eq(stat("a", &about), 0);
    ck_assert_uint_eq(about.st_mode & 07777, 0700);
    open_well("a/d/e");
    tool_leave(directory);
}
END_TEST

START_TEST(paths_that_are_too_long)
{
    char directory[32], path[2 * PATH_MAX];
    enter(directory);
    memset(path, 'x', sizeof(path));
    path[NAME_MAX + 1] = 0;
    refused(path, ASSAY_ERR_IO, "File name too long");
    path[NAME_MAX + 1] = 'x';
    path[sizeof(path) - 1] = 0;
    refused(path, ASSAY_ERR_IO, "File name too long");
    for (size_t i = 0; i < sizeof(path) - 1; i++)
        path[i] = i % 2 ? '/' : '.';
    path[PATH_MAX - 64] = 0;
    open_well(path);
    tool_leave(directory);
}
END_TEST

START_TEST(directories_that_others_can_write_to)
{
    static const mode_t modes[] = {0775, 0757, 0777, 0020, 02770};
    char directory[32], words[192];
    enter(directory);
    ck_assert_int_eq(mkdir("x", 0755), 0);
    ck_assert_int_eq(mkdir("x/a", 0755), 0);
    open_well("x/a");
    static const char *const paths[] = {"x", "x/a"};
    for (size_t i = 0; i < 2; i++) {
        for (size_t k = 0; k < sizeof(modes) / sizeof(modes[0]); k++) {
            if (geteuid() != 0 && (modes[k] & S_IRWXU) != S_IRWXU)
                continue;
            ck_assert_int_eq(chmod(paths[i], modes[k]), 0);
            snprintf(words, sizeof(words),
                     "%s/%s is not safe: others can write to it (user %u, mode %04o). Type: chmod "
                     "go-w '%s/%s'",
                     directory, paths[i], (unsigned)geteuid(), (unsigned)modes[k], directory,
                     paths[i]);
            unsafe("x/a", words);
            ck_assert_int_eq(chmod(paths[i], 0755), 0);
        }
    }
    open_well("x/a");
    tool_leave(directory);
}
END_TEST

/* A command with a part of a path would be about another one. */
START_TEST(what_to_type_has_no_path_that_is_cut)
{
    char directory[32];
    const char *const path =
        "long-name/long-name/long-name/long-name/long-name/long-name/long-name";
    enter(directory);
    struct error error = {""};
    cleanup(fd_cleanup) int fd = -1;
    ck_assert_int_eq(safe_make_directory(path, 0755, &error, &fd), ASSAY_OK);
    ck_assert_int_eq(chmod(path, 0777), 0);
    unsafe(path, "Type: chmod go-w 'THAT-PATH'");
    tool_leave(directory);
}
END_TEST

START_TEST(a_sticky_directory_may_lead_there_but_not_be_it)
{
    char directory[32];
    enter(directory);
    ck_assert_int_eq(mkdir("x", 0755), 0);
    ck_assert_int_eq(mkdir("x/a", 0755), 0);
    ck_assert_int_eq(chmod("x", 01777), 0);
    open_well("x/a");
    unsafe("x", "x is not safe: others can write to it");
    unsafe("x/a/..", "is not safe: others can write to it");
    ck_assert_int_eq(chmod("x/a", 01777), 0);
    unsafe("x/a", "x/a is not safe: others can write to it");
    tool_leave(directory);
}
END_TEST

START_TEST(directories_of_others)
{
    static const char *const paths[] = {"x", "x/a"};
    char directory[32];
    if (geteuid() != 0) /* only root can give files away */
        return;
    enter(directory);
    ck_assert_int_eq(mkdir("x", 0755), 0);
    ck_assert_int_eq(mkdir("x/a", 0755), 0);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(chown(paths[i], NOBODY, (gid_t)-1), 0);
        unsafe("x/a", "is not safe: it belongs to user 65534. Type: chown root '/tmp/");
        ck_assert_int_eq(chown(paths[i], 0, (gid_t)-1), 0);
    }
    /* What root and the user own may be mixed. */
    ck_assert_int_eq(chmod(".", 0755), 0);
    ck_assert_int_eq(chown("x/a", NOBODY, (gid_t)-1), 0);
    ck_assert_int_eq(seteuid(NOBODY), 0);
    open_well("x/a");
    ck_assert_int_eq(seteuid(0), 0);
    tool_leave(directory);
}
END_TEST

/* ---- symbolic links --------------------------------------------------------------------------- */

START_TEST(links_that_are_ours_are_followed)
{
    char directory[32], here[PATH_MAX], path[PATH_MAX + 16];
    enter(directory);
    ck_assert_int_eq(mkdir("a", 0755), 0);
    ck_assert_int_eq(mkdir("x", 0755), 0);
    ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));
    ck_assert_int_eq(symlink("a", "relative"), 0);
    ck_assert_int_eq(symlink("./../x/../relative/", "a/chain"), 0);
    snprintf(path, sizeof(path), "%s/a", here);
    ck_assert_int_eq(symlink(path, "x/absolute"), 0);
    static const char *const good[] = {"relative", "a/chain", "x/absolute", "x/absolute/../x/..",
                                       "x/../x//./absolute/"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        open_well(good[i]);
    tool_leave(directory);
}
END_TEST

START_TEST(links_that_lead_nowhere)
{
    char directory[32];
    enter(directory);
    ck_assert_int_eq(symlink("circle", "circle"), 0);
    refused("circle", ASSAY_ERR_IO, "circle cannot be followed: Too many levels");
    refused("circle/x", ASSAY_ERR_IO, "circle cannot be followed: Too many levels");
    tool_write("file", some, 0);
    ck_assert_int_eq(symlink("file", "link"), 0);
    refused("link", ASSAY_ERR_IO, "file cannot be opened: Not a directory");
    refused("file/x", ASSAY_ERR_IO, "file cannot be opened: Not a directory");
    tool_leave(directory);
}
END_TEST

START_TEST(links_that_others_could_have_made)
{
    char directory[32];
    enter(directory);
    ck_assert_int_eq(mkdir("a", 0755), 0);
    ck_assert_int_eq(mkdir("a/b", 0755), 0);
    /* One that leads through a place that is not safe, and one that lies in such a place. */
    ck_assert_int_eq(mkdir("open", 0755), 0);
    ck_assert_int_eq(symlink("../a", "open/link"), 0);
    ck_assert_int_eq(symlink("open/../a", "through"), 0);
    ck_assert_int_eq(chmod("open", 0777), 0);
    unsafe("open/link", "chmod go-w");
    unsafe("through", "chmod go-w");
    ck_assert_int_eq(chmod("open", 01777), 0);
    unsafe("open/link", "open/link is not safe: it is a symbolic link");
    unsafe("open/link/b", "open/link is not safe: it is a symbolic link");
    if (geteuid() == 0) {
        ck_assert_int_eq(symlink("a", "given"), 0);
        open_well("given");
        ck_assert_int_eq(lchown("given", NOBODY, (gid_t)-1), 0);
        unsafe("given", "given is not safe: it is a symbolic link that somebody else could have "
                        "made (user 65534)");
    }
    tool_leave(directory);
}
END_TEST

/* ---- files ------------------------------------------------------------------------------------ */

START_TEST(a_file_is_read)
{
    char directory[32];
    struct error error = {""};
    cleanup(buffer_release) struct buffer text = {0};
    enter(directory);
    tool_write("file", some, 0);
    cleanup(fd_cleanup) int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_eq(safe_read_file(fd, ".", "file", 5, &error, &text), ASSAY_OK);
    ck_assert_uint_eq(text.size, 5);
    ck_assert_mem_eq(text.data, "some\n", 5);
    text.size = 0;
    ck_assert_int_eq(safe_read_file(fd, "p", "file", 4, &error, &text), ASSAY_ERR_CORRUPT);
    expect_words(&error, "p/file is too long: over 4 bytes");
    ck_assert_int_eq(safe_read_file(fd, "p", "none", 4, &error, &text), ASSAY_ERR_IO);
    ck_assert_int_eq(errno, ENOENT);
    expect_words(&error, "p/none cannot be opened: No such file or directory");
    tool_leave(directory);
}
END_TEST

START_TEST(what_is_no_file)
{
    char directory[32];
    enter(directory);
    ck_assert_int_eq(mkfifo("fifo", 0600), 0);
    file_refused("fifo", "/where/it/is/fifo is not a file");
    ck_assert_int_eq(mkdir("directory", 0700), 0);
    file_refused("directory", "/where/it/is/directory is not a file");
    tool_write("file", some, 0);
    ck_assert_int_eq(symlink("file", "link"), 0);
    file_refused("link", "/where/it/is/link is a symbolic link");
    tool_leave(directory);
}
END_TEST

START_TEST(files_of_others)
{
    static const mode_t modes[] = {0664, 0602, 01646};
    char directory[32];
    struct error error = {""};
    enter(directory);
    tool_write("file", some, 0);
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        ck_assert_int_eq(chmod("file", 0644), 0);
        ck_assert_int_eq(open_file("file", &error), ASSAY_OK);
        ck_assert_int_eq(chmod("file", modes[i]), 0);
        file_refused("file", "Type: chmod go-w '/where/it/is/file'");
    }
    ck_assert_int_eq(chmod("file", 0644), 0);
    if (geteuid() == 0) {
        ck_assert_int_eq(chown("file", NOBODY, (gid_t)-1), 0);
        file_refused("file", "Type: chown root '/where/it/is/file'");
        ck_assert_int_eq(chmod(".", 0755), 0);
        ck_assert_int_eq(seteuid(NOBODY), 0);
        ck_assert_int_eq(open_file("file", &error), ASSAY_OK);
        ck_assert_int_eq(seteuid(0), 0);
    }
    tool_leave(directory);
}
END_TEST

UNIT_MAIN("safe_open", what_is_not_there, what_is_missing_is_made, paths_that_are_too_long,
          directories_that_others_can_write_to, what_to_type_has_no_path_that_is_cut,
          a_sticky_directory_may_lead_there_but_not_be_it, directories_of_others,
          links_that_are_ours_are_followed, links_that_lead_nowhere,
          links_that_others_could_have_made, a_file_is_read, what_is_no_file, files_of_others)
