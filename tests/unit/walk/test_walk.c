#include <grp.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include "tree.h"

static const struct walk_options no_options = {0};

static struct walk_options excluding(const char *const *globs, size_t count)
{
    return (struct walk_options){.excludes = globs, .exclude_count = count};
}

static void bind_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    close(fd);
}

START_TEST(every_kind_is_given_or_skipped)
{
    char home[64];
    tree_enter(home);
    make_directory("t");
    make_directory("t/d");
    make_directory("t/empty");
    make_file("t/a", "A");
    make_file("t/d/\x01\xff\n", "B");
    ck_assert_int_eq(symlink("a", "t/link"), 0);
    ck_assert_int_eq(symlink("d", "t/dirlink"), 0);
    ck_assert_int_eq(mkfifo("t/fifo", 0644), 0);
    bind_socket("t/socket");
    bool device = mknod("t/null", S_IFCHR | 0666, makedev(1, 3)) == 0;
    size_t fds = count_open_fds();
    char want[512];
    snprintf(want, sizeof(want),
             "file t/a A\nfile t/d/\\x01\\xff\\x0a B\n%sskip fifo t/fifo\nskip socket t/socket\n"
             "skip symlink t/dirlink\nskip symlink t/link\n",
             device ? "skip device t/null\n" : "");
    check_walk(&no_options, "t", want);
    check_walk(&no_options, "t///", want);
    ck_assert_uint_eq(count_open_fds(), fds);
    tree_leave(home);
}
END_TEST

START_TEST(roots_may_be_anything)
{
    char home[64];
    tree_enter(home);
    make_directory("t");
    make_file("t/a", "A");
    ck_assert_int_eq(symlink("t", "dir"), 0);
    ck_assert_int_eq(symlink("t/a", "file"), 0);
    ck_assert_int_eq(symlink("nothing", "dangling"), 0);
    ck_assert_int_eq(symlink("circle", "circle"), 0);
    ck_assert_int_eq(mkfifo("fifo", 0644), 0);
    check_walk(&no_options, "dir", "file dir/a A\n");
    check_walk(&no_options, "./dir/", "file ./dir/a A\n");
    check_walk(&no_options, "t/../t", "file t/../t/a A\n");
    check_walk(&no_options, "file", "!file file A\n");
    check_walk(&no_options, "t/a", "!file t/a A\n");
    check_walk(&no_options, "missing", "!error ENOENT missing\n");
    check_walk(&no_options, "t/a/", "!error ENOTDIR t/a\n");
    check_walk(&no_options, "dangling", "!error ENOENT dangling\n");
    check_walk(&no_options, "circle", "!error ELOOP circle\n");
    check_walk(&no_options, "", "!error ENOENT \n");
    check_walk(&no_options, "fifo", "!skip fifo fifo\n");
    check_walk(&no_options, "/dev/null", "!skip device /dev/null\n");
    tree_leave(home);
}
END_TEST

START_TEST(a_root_with_a_nul_is_an_error)
{
    struct walk *walk = new_walk(&no_options);
    struct walk_entry entry;
    ck_assert_int_eq(walk_start(walk, (struct assay_bytes){(const uint8_t *)"/\0a", 3}), ASSAY_OK);
    ck_assert_int_eq(walk_next(walk, &entry), ASSAY_OK);
    ck_assert_int_eq(entry.kind, WALK_ERROR);
    ck_assert_int_eq(entry.error_number, EINVAL);
    ck_assert_uint_eq(entry.path.size, 3);
    ck_assert_int_eq(walk_next(walk, &entry), ASSAY_END);
    walk_free(walk);
}
END_TEST

/* "/" must not become "//etc"; all but one directory is excluded. */
START_TEST(the_root_of_all_may_be_walked)
{
    char home[64];
    tree_enter(home);
    make_file("here", "H");
    const char *glob = "/*";
    struct walk_options options = excluding(&glob, 1);
    struct walk *walk = new_walk(&options);
    char *have = walk_root(walk, "//");
    ck_assert_ptr_nonnull(strstr(have, "skip excluded /usr\n"));
    ck_assert_ptr_null(strstr(have, "//"));
    ck_assert_ptr_null(strstr(have, "file"));
    free(have);
    walk_free(walk);
    tree_leave(home);
}
END_TEST

START_TEST(descriptors_are_taken_or_closed)
{
    char home[64];
    tree_enter(home);
    make_file("a", "A");
    make_file("b", "B");
    size_t fds = count_open_fds();
    struct walk *walk = new_walk(&no_options);
    struct walk_entry entry;
    ck_assert_int_eq(walk_start(walk, text_bytes(".")), ASSAY_OK);
    ck_assert_int_eq(walk_next(walk, &entry), ASSAY_OK);
    int taken = steal_fd(&entry.fd);
    ck_assert_int_eq(fcntl(taken, F_GETFD), FD_CLOEXEC);
    ck_assert_int_eq(fcntl(taken, F_GETFL) & O_ACCMODE, O_RDONLY);
    ck_assert_int_eq(walk_next(walk, &entry), ASSAY_OK);
    int left = entry.fd;
    ck_assert_int_eq(walk_next(walk, &entry), ASSAY_END);
    ck_assert_int_eq(fcntl(left, F_GETFD), -1);
    ck_assert_int_ge(fcntl(taken, F_GETFD), 0);
    close(taken);
    walk_free(walk);
    walk_free(NULL);
    ck_assert_uint_eq(count_open_fds(), fds);
    tree_leave(home);
}
END_TEST

START_TEST(hard_links_are_given_once)
{
    char home[64];
    tree_enter(home);
    make_directory("t");
    make_file("t/a", "A");
    ck_assert_int_eq(link("t/a", "t/b"), 0);
    struct walk *walk = new_walk(&no_options);
    char *first = walk_root(walk, "t");
    ck_assert(strcmp(first, "file t/a A\nskip hardlink t/b\n") == 0 ||
              strcmp(first, "file t/b A\nskip hardlink t/a\n") == 0);
    /* From root to root, and as a root. */
    char *second = walk_root(walk, "t/a");
    ck_assert_str_eq(second, "!skip hardlink t/a\n");
    /* What changed since is given again. */
    make_file("t/a", "changed");
    char *third = walk_root(walk, "t/b");
    ck_assert_str_eq(third, "!file t/b changed\n");
    free(first);
    free(second);
    free(third);
    walk_free(walk);
    tree_leave(home);
}
END_TEST

/* A name that is passed over must not make another name of the file a known one. */
START_TEST(a_hard_link_of_what_was_not_given_is_given)
{
    char home[64];
    tree_enter(home);
    make_file("a", "AAAA");
    ck_assert_int_eq(link("a", "b"), 0);
    struct walk_options options = {.max_file_size = 3};
    check_walk(&options, ".", "large ./a\nlarge ./b\n");
    const char *glob = "a";
    options = excluding(&glob, 1);
    check_walk(&options, ".", "file ./b AAAA\nskip excluded ./a\n");
    tree_leave(home);
}
END_TEST

START_TEST(excludes_and_includes_choose)
{
    char home[64];
    tree_enter(home);
    make_directory("src");
    make_directory("src/gen");
    make_directory("doc");
    make_file("src/a.c", "1");
    make_file("src/a.h", "2");
    make_file("src/gen/b.c", "3");
    make_file("doc/a.c", "4");
    make_file("top.c", "5");
    const char *const excludes[] = {"gen/", "/doc", "*.h"};
    struct walk_options options = excluding(excludes, 3);
    check_walk(&options, ".",
               "file ./src/a.c 1\nfile ./top.c 5\nskip excluded ./doc\nskip excluded ./src/a.h\n"
               "skip excluded ./src/gen\n");
    const char *const includes[] = {"/src/*.c", "doc"};
    options = (struct walk_options){.includes = includes, .include_count = 2};
    check_walk(&options, ".",
               "file ./doc/a.c 4\nfile ./src/a.c 1\nskip excluded ./src/a.h\n"
               "skip excluded ./src/gen/b.c\nskip excluded ./top.c\n");
    options.excludes = excludes;
    options.exclude_count = 3;
    check_walk(&options, ".",
               "file ./src/a.c 1\nskip excluded ./doc\nskip excluded ./src/a.h\n"
               "skip excluded ./src/gen\nskip excluded ./top.c\n");
    /* A file as a root is its last name; a directory as a root is not passed over by its own. */
    options = excluding(excludes, 3);
    check_walk(&options, "src/a.h", "!skip excluded src/a.h\n");
    check_walk(&options, "src/gen", "file src/gen/b.c 3\n");
    check_walk(&options, "doc", "file doc/a.c 4\n");
    tree_leave(home);
}
END_TEST

START_TEST(bad_options_are_refused)
{
    const char *bad = "a[";
    struct walk_options options = excluding(&bad, 1);
    struct walk *walk = NULL;
    struct error error = {""};
    ck_assert_int_eq(walk_new(&options, &error, &walk), ASSAY_ERR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(error.text, "a["));
    options = (struct walk_options){.includes = &bad, .include_count = 1};
    ck_assert_int_eq(walk_new(&options, &error, &walk), ASSAY_ERR_ARGUMENT);
    options = (struct walk_options){.shard_index = 3, .shard_count = 2};
    ck_assert_int_eq(walk_new(&options, &error, &walk), ASSAY_ERR_ARGUMENT);
    options.shard_index = 0;
    ck_assert_int_eq(walk_new(&options, &error, &walk), ASSAY_ERR_ARGUMENT);
    ck_assert_ptr_null(walk);
}
END_TEST

START_TEST(size_and_age_choose)
{
    char home[64];
    tree_enter(home);
    make_file("small", "123");
    make_file("large", "1234");
    struct walk_options options = {.max_file_size = 3};
    check_walk(&options, ".", "file ./small 123\nlarge ./large\n");
    /* mtime is set back, but not ctime: it is no older than it was. */
    const struct timespec past[2] = {{1, 0}, {1, 0}};
    ck_assert_int_eq(utimensat(AT_FDCWD, "small", past, 0), 0);
    struct stat stat_small;
    ck_assert_int_eq(stat("small", &stat_small), 0);
    options = (struct walk_options){.has_newer_than = true, .newer_than = stat_small.st_ctim};
    check_walk(&options, "small", "!file small 123\n");
    options.newer_than.tv_sec++;
    check_walk(&options, "small", "!skip older small\n");
    options.has_newer_than = false;
    check_walk(&options, "small", "!file small 123\n");
    tree_leave(home);
}
END_TEST

START_TEST(shards_are_a_partition)
{
    char home[64];
    tree_enter(home);
    make_directory("t");
    enum { FILES = 300, SHARDS = 3 };
    for (int i = 0; i < FILES; i++) {
        char path[32];
        snprintf(path, sizeof(path), "t/%d", i);
        make_file(path, "");
    }
    size_t given = 0;
    unsigned char seen[FILES] = {0};
    for (uint32_t shard = 1; shard <= SHARDS; shard++) {
        struct walk_options options = {.shard_index = shard, .shard_count = SHARDS};
        struct walk *walk = new_walk(&options);
        struct walk_entry entry;
        size_t of_shard = 0;
        ck_assert_int_eq(walk_start(walk, text_bytes("t")), ASSAY_OK);
        while (walk_next(walk, &entry) == ASSAY_OK) {
            if (entry.kind != WALK_FILE) {
                ck_assert_int_eq(entry.skip, WALK_SKIP_SHARD);
                continue;
            }
            int number = 0;
            for (size_t i = 2; i < entry.path.size; i++)
                number = number * 10 + entry.path.data[i] - '0';
            seen[number]++;
            of_shard++;
        }
        ck_assert_uint_ge(of_shard, FILES / SHARDS / 2);
        given += of_shard;
        walk_free(walk);
    }
    ck_assert_uint_eq(given, FILES);
    for (int i = 0; i < FILES; i++)
        ck_assert_uint_eq(seen[i], 1);
    tree_leave(home);
}
END_TEST

static void check_as_nobody(const char *want)
{
    pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && (setgroups(0, NULL) != 0 || setresgid(65534, 65534, 65534) != 0 ||
                               setresuid(65534, 65534, 65534) != 0))
            _exit(2);
        struct walk_options options = {0};
        struct walk *walk = new_walk(&options);
        char *have = walk_root(walk, "t");
        if (strcmp(have, want) != 0)
            fprintf(stderr, "have:\n%swant:\n%s", have, want);
        _exit(strcmp(have, want) != 0);
    }
    int result;
    ck_assert_int_eq(waitpid(child, &result, 0), child);
    ck_assert_int_eq(result, 0);
}

/* Nobody is no owner either: O_NOATIME is refused, and the walk does without. */
START_TEST(what_may_not_be_read_is_an_error)
{
    char home[64];
    tree_enter(home);
    ck_assert_int_eq(chmod(".", 0755), 0);
    make_directory("t");
    make_directory("t/closed");
    make_directory("t/unsearchable");
    make_directory("t/open");
    make_file("t/closed/x", "X");
    make_file("t/unsearchable/x", "X");
    make_file("t/open/readable", "R");
    make_file("t/open/unreadable", "U");
    ck_assert_int_eq(chmod("t/open/unreadable", 0), 0);
    ck_assert_int_eq(chmod("t/closed", 0), 0);
    ck_assert_int_eq(chmod("t/unsearchable", 0444), 0);
    check_as_nobody("error EACCES t/closed\nerror EACCES t/open/unreadable\n"
                    "error EACCES t/unsearchable\nfile t/open/readable R\n");
    ck_assert_int_eq(chmod("t", 0), 0);
    check_as_nobody("!error EACCES t\n");
    ck_assert_int_eq(chmod("t", 0755), 0);
    ck_assert_int_eq(chmod("t/closed", 0755), 0);
    ck_assert_int_eq(chmod("t/unsearchable", 0755), 0);
    tree_leave(home);
}
END_TEST

START_TEST(access_times_stay)
{
    char home[64];
    tree_enter(home);
    make_directory("t");
    make_file("t/a", "A");
    const struct timespec past[2] = {{1000, 0}, {2000, 0}};
    ck_assert_int_eq(utimensat(AT_FDCWD, "t/a", past, 0), 0);
    ck_assert_int_eq(utimensat(AT_FDCWD, "t", past, 0), 0);
    check_walk(&no_options, "t", "file t/a A\n");
    struct stat file, directory;
    ck_assert_int_eq(stat("t/a", &file), 0);
    ck_assert_int_eq(stat("t", &directory), 0);
    ck_assert_int_eq(file.st_atime, 1000);
    ck_assert_int_eq(directory.st_atime, 1000);
    tree_leave(home);
}
END_TEST

START_TEST(a_walk_without_descriptors_says_so)
{
    char home[64];
    tree_enter(home);
    make_directory("t");
    make_file("t/a", "A");
    struct walk *walk = new_walk(&no_options);
    struct rlimit limit, none;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = limit;
    none.rlim_cur = 0;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    char *have = walk_root(walk, "t");
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    ck_assert_str_eq(have, "!error EMFILE t\n");
    free(have);
    walk_free(walk);
    tree_leave(home);
}
END_TEST

/* The names were read together, so the others are still to come when the first is given. */
START_TEST(what_vanished_is_an_error)
{
    char home[64];
    tree_enter(home);
    make_directory("t");
    make_file("t/a", "A");
    make_file("t/b", "B");
    make_file("t/c", "C");
    struct walk *walk = new_walk(&no_options);
    struct walk_entry entry;
    ck_assert_int_eq(walk_start(walk, text_bytes("t")), ASSAY_OK);
    ck_assert_int_eq(walk_next(walk, &entry), ASSAY_OK);
    ck_assert_int_eq(unlink("t/a") | unlink("t/b") | unlink("t/c"), 0);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(walk_next(walk, &entry), ASSAY_OK);
        ck_assert_int_eq(entry.kind, WALK_ERROR);
        ck_assert_int_eq(entry.error_number, ENOENT);
        ck_assert_ptr_nonnull(strstr(entry.detail, "vanished"));
        ck_assert(!entry.is_root);
    }
    ck_assert_int_eq(walk_next(walk, &entry), ASSAY_END);
    walk_free(walk);
    tree_leave(home);
}
END_TEST

START_TEST(skips_have_names)
{
    for (int skip = 0; skip < WALK_SKIP_COUNT; skip++)
        ck_assert_ptr_nonnull(walk_skip_name((enum walk_skip)skip));
    ck_assert_str_eq(walk_skip_name(WALK_SKIP_COUNT), "unknown");
}
END_TEST

UNIT_MAIN("walk", every_kind_is_given_or_skipped, roots_may_be_anything,
          a_root_with_a_nul_is_an_error, the_root_of_all_may_be_walked,
          descriptors_are_taken_or_closed, hard_links_are_given_once,
          a_hard_link_of_what_was_not_given_is_given, excludes_and_includes_choose,
          bad_options_are_refused, size_and_age_choose, shards_are_a_partition,
          what_may_not_be_read_is_an_error, access_times_stay, a_walk_without_descriptors_says_so,
          what_vanished_is_an_error, skips_have_names)
