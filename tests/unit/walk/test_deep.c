/* Trees that are deep, wide, or moved about while they are walked. */
#include <time.h>

#include "tree.h"

static const struct walk_options no_options = {0};

/* t, then `depth` directories named d, each in the one before; every level has the given files. */
static void make_deep(size_t depth, const char *const *files, size_t file_count)
{
    make_directory("t");
    int at = open("t", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (size_t i = 0;; i++) {
        for (size_t k = 0; k < file_count; k++) {
            int fd = openat(at, files[k], O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
            ck_assert_int_ge(fd, 0);
            close(fd);
        }
        if (i == depth)
            break;
        ck_assert_int_eq(mkdirat(at, "d", 0755), 0);
        int next = openat(at, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(next, 0);
        close(at);
        at = next;
    }
    close(at);
}

/* tree_leave would need paths longer than the system takes. */
static void remove_deep(size_t depth, const char *const *files, size_t file_count)
{
    ck_assert_int_eq(chdir("t"), 0);
    for (size_t i = 0; i < depth; i++)
        ck_assert_int_eq(chdir("d"), 0);
    for (size_t i = 0; i <= depth; i++) {
        for (size_t k = 0; k < file_count; k++)
            unlink(files[k]);
        ck_assert_int_eq(chdir(".."), 0);
        ck_assert_int_eq(rmdir(i == depth ? "t" : "d"), 0);
    }
}

/* For tens of thousands of files: a busy disk takes minutes to make and remove them. */
static void enter_memory(char name[64])
{
    tree_enter_below(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/var/tmp", name);
}

struct tally {
    size_t files;
    size_t errors;
    size_t others;
    size_t longest; /* bytes of path */
    size_t most_fds;
};

static struct tally count_entries(struct walk *walk, const char *root)
{
    struct tally tally = {0};
    struct walk_entry entry;
    status why;
    ck_assert_int_eq(walk_start(walk, text_bytes(root)), ASSAY_OK);
    while ((why = walk_next(walk, &entry)) == ASSAY_OK) {
        tally.files += entry.kind == WALK_FILE;
        tally.errors += entry.kind == WALK_ERROR;
        tally.others += entry.kind != WALK_FILE && entry.kind != WALK_ERROR;
        if (entry.path.size > tally.longest)
            tally.longest = entry.path.size;
        if (tally.files % 1000 == 0 && count_open_fds() > tally.most_fds)
            tally.most_fds = count_open_fds();
    }
    ck_assert_int_eq(why, ASSAY_END);
    return tally;
}

static void hold_few_directories(void)
{
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = 32;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* Of this process alone: other work on the machine does not count. */
static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

START_TEST(a_tree_of_20000_levels_is_walked_in_seconds)
{
    enum { DEPTH = 20000 };
    static const char *const files[] = {"a", "z"};
    char home[64];
    enter_memory(home);
    make_deep(DEPTH, files, 2);
    size_t fds = count_open_fds();
    struct walk *walk = new_walk(&no_options);
    double start = cpu_seconds();
    struct tally tally = count_entries(walk, "t");
    double seconds = cpu_seconds() - start;
    walk_free(walk);
    remove_deep(DEPTH, files, 2);
    tree_leave(home);
    ck_assert_uint_eq(tally.files, 2 * (DEPTH + 1));
    ck_assert_uint_eq(tally.errors + tally.others, 0);
    ck_assert_uint_eq(tally.longest, 1 + 2 * DEPTH + 2);
    ck_assert_uint_le(tally.most_fds, fds + 256 + 4);
    ck_assert_double_le(seconds, 20);
}
END_TEST

/* With 8 directories held, most are closed and entered again, and none forgets where it was. */
START_TEST(closed_directories_go_on_where_they_were)
{
    enum { DEPTH = 100 };
    static const char *const files[] = {"a", "b", "e", "k", "x", "y"};
    char home[64];
    tree_enter(home);
    make_deep(DEPTH, files, 6);
    hold_few_directories();
    struct walk *walk = new_walk(&no_options);
    for (int round = 0; round < 2; round++) {
        struct tally tally = count_entries(walk, "t");
        ck_assert_uint_eq(tally.files, 6 * (DEPTH + 1));
        ck_assert_uint_eq(tally.errors + tally.others, 0);
    }
    walk_free(walk);
    remove_deep(DEPTH, files, 6);
    tree_leave(home);
}
END_TEST

/* Walks to a deepest file, then lets `meddle` loose; notes what is given but files. */
static char *walk_and_meddle(size_t depth, void (*meddle)(void), size_t *ret_files)
{
    struct walk *walk = new_walk(&no_options);
    struct walk_entry entry;
    struct buffer out = {NULL, 0, 0};
    status why;
    *ret_files = 0;
    ck_assert_int_eq(walk_start(walk, text_bytes("t")), ASSAY_OK);
    while ((why = walk_next(walk, &entry)) == ASSAY_OK) {
        bool is_deepest = entry.path.size == 1 + 2 * depth + 2 && entry.kind == WALK_FILE;
        if (is_deepest && meddle) {
            meddle();
            meddle = NULL;
        }
        *ret_files += entry.kind == WALK_FILE;
        if (entry.kind != WALK_FILE)
            note_entry(&out, &entry);
    }
    ck_assert_int_eq(why, ASSAY_END);
    ck_assert_ptr_null(meddle);
    ck_assert_int_eq(buffer_terminate(&out), ASSAY_OK);
    walk_free(walk);
    char *text = strdup((char *)out.data);
    buffer_release(&out);
    return text;
}

/* The same with few directories held open, in which case this is what is given but files. */
static size_t check_meddled(size_t depth, void (*meddle)(void), const char *want)
{
    size_t files;
    hold_few_directories();
    char *have = walk_and_meddle(depth, meddle, &files);
    ck_assert_str_eq(have, want);
    free(have);
    return files;
}

static void move_third_and_fifth(void)
{
    ck_assert_int_eq(rename("t/d/d/d/d/d", "deeper"), 0);
    ck_assert_int_eq(rename("t/d/d/d", "elsewhere"), 0);
    ck_assert_int_eq(symlink("/etc", "t/d/d/d"), 0);
}

/* From the fifth, ".." leads elsewhere now, and the third is no longer where its name says: it is
 * lost with the fourth. All the rest is walked. */
START_TEST(what_was_moved_while_below_is_lost_and_told)
{
    enum { DEPTH = 60 };
    static const char *const files[] = {"a"};
    char home[64];
    tree_enter(home);
    make_deep(DEPTH, files, 1);
    /* t/d/d was changed by the move, and its mtime says so. */
    size_t given = check_meddled(DEPTH, move_third_and_fifth, "error - t/d/d/d\nerror - t/d/d\n");
    ck_assert_uint_ge(given, DEPTH + 1 - 2);
    ck_assert_int_eq(unlink("t/d/d/d"), 0);
    ck_assert_int_eq(rename("elsewhere", "t/d/d/d"), 0);
    ck_assert_int_eq(rename("deeper", "t/d/d/d/d/d"), 0);
    remove_deep(DEPTH, files, 1);
    tree_leave(home);
}
END_TEST

static void move_third(void)
{
    ck_assert_int_eq(rename("t/d/d/d", "elsewhere"), 0);
}

/* The third is reached from below, the second by its name: it only lost a name. */
START_TEST(what_only_lost_its_name_is_found_again)
{
    enum { DEPTH = 60, FILES = 6 };
    static const char *const files[FILES] = {"a", "b", "e", "k", "x", "y"};
    char home[64];
    tree_enter(home);
    make_deep(DEPTH, files, FILES);
    size_t given = check_meddled(DEPTH, move_third, "error - t/d/d\n");
    ck_assert_uint_eq(given, FILES * (DEPTH + 1));
    ck_assert_int_eq(rename("elsewhere", "t/d/d/d"), 0);
    remove_deep(DEPTH, files, FILES);
    tree_leave(home);
}
END_TEST

/* One branch: `depth` directories named d below `top`, with a file in the deepest. */
static void make_branch(const char *top, size_t depth)
{
    char path[512];
    size_t size = (size_t)sprintf(path, "%s", top);
    make_directory(path);
    for (size_t i = 0; i < depth; i++) {
        size += (size_t)sprintf(path + size, "/d");
        make_directory(path);
    }
    sprintf(path + size, "/a");
    make_file(path, "");
}

/* Up through closed directories and down again, over and over. */
START_TEST(branches_are_left_and_entered_again)
{
    enum { BRANCHES = 5, DEPTH = 30 };
    static const char *const tops[BRANCHES] = {"t/1", "t/2", "t/1/d/d/3", "t/1/d/d/4", "t/2/d/5"};
    char home[64];
    tree_enter(home);
    make_directory("t");
    for (size_t i = 0; i < BRANCHES; i++)
        make_branch(tops[i], DEPTH);
    hold_few_directories();
    size_t fds = count_open_fds();
    struct walk *walk = new_walk(&no_options);
    struct tally tally = count_entries(walk, "t");
    ck_assert_uint_eq(tally.files, BRANCHES);
    ck_assert_uint_eq(tally.errors + tally.others, 0);
    walk_free(walk);
    ck_assert_uint_eq(count_open_fds(), fds);
    tree_leave(home);
}
END_TEST

/* Both branches are moved away and cut in two, and others are put in their place. */
static void lose_first_branch(void)
{
    static const char *const tops[] = {"t/1", "t/2"};
    for (size_t i = 0; i < 2; i++) {
        char path[32];
        char kept[32];
        snprintf(path, sizeof(path), "%s/d/d/d", tops[i]);
        snprintf(kept, sizeof(kept), "kept%zu", i);
        ck_assert_int_eq(rename(path, kept), 0);
        make_branch(path, 27);
        snprintf(kept, sizeof(kept), "lost%zu", i);
        ck_assert_int_eq(rename(tops[i], kept), 0);
        make_branch(tops[i], 30);
    }
}

/* All levels but the root are lost at once, and another branch follows. */
START_TEST(a_branch_follows_one_that_was_lost)
{
    char home[64];
    tree_enter(home);
    make_directory("t");
    make_branch("t/1", 30);
    make_branch("t/2", 30);
    hold_few_directories();
    size_t given;
    char *text = walk_and_meddle(31, lose_first_branch, &given);
    ck_assert(strcmp(text, "error - t/1\n") == 0 || strcmp(text, "error - t/2\n") == 0);
    ck_assert_uint_ge(given, 2);
    free(text);
    tree_leave(home);
}
END_TEST

static void add_a_name(void)
{
    make_file("t/d/d/late", "");
}

START_TEST(a_directory_that_changes_while_below_is_told)
{
    enum { DEPTH = 60 };
    static const char *const files[] = {"a", "late"};
    char home[64];
    tree_enter(home);
    make_deep(DEPTH, files, 1);
    size_t given = check_meddled(DEPTH, add_a_name, "error - t/d/d\n");
    ck_assert_uint_ge(given, DEPTH + 1);
    remove_deep(DEPTH, files, 2);
    tree_leave(home);
}
END_TEST

/* Longer than PATH_MAX, as --files-from may hold. */
START_TEST(a_root_may_be_longer_than_a_path)
{
    enum { NAME = 200, DEPTH = 40 };
    static char name[NAME + 1];
    static char path[DEPTH * (NAME + 2) + 300];
    char home[64];
    tree_enter(home);
    memset(name, 'n', NAME);
    size_t size = 0;
    for (int i = 0; i < DEPTH; i++) {
        make_directory(name);
        ck_assert_int_eq(chdir(name), 0);
        size += (size_t)sprintf(path + size, "%s%s", i == 0 ? "" : i % 7 ? "/" : "//", name);
    }
    make_file("a", "A");
    ck_assert_int_eq(chdir(home), 0);
    static char want[sizeof(path) + 64];
    snprintf(want, sizeof(want), "file %s/a A\n", path);
    check_walk(&no_options, path, want);
    strcpy(path + size, "///");
    check_walk(&no_options, path, want);
    strcpy(path + size, "/a");
    snprintf(want, sizeof(want), "!file %s A\n", path);
    check_walk(&no_options, path, want);
    strcpy(path + size, "/missing");
    snprintf(want, sizeof(want), "!error ENOENT %s\n", path);
    check_walk(&no_options, path, want);
    memset(path + size + 1, 'x', 256);
    path[size + 257] = 0;
    snprintf(want, sizeof(want), "!error ENAMETOOLONG %s\n", path);
    check_walk(&no_options, path, want);
    memset(path, 'x', 5000);
    path[5000] = 0;
    snprintf(want, sizeof(want), "!error ENAMETOOLONG %s\n", path);
    check_walk(&no_options, path, want);
    for (int i = 0; i < DEPTH; i++)
        ck_assert_int_eq(chdir(name), 0);
    unlink("a");
    for (int i = 0; i < DEPTH; i++) {
        ck_assert_int_eq(chdir(".."), 0);
        ck_assert_int_eq(rmdir(name), 0);
    }
    tree_leave(home);
}
END_TEST

/* Names are streamed: 20,000 of 200 bytes cost no memory that grows with them. */
START_TEST(a_wide_directory_costs_no_memory)
{
    enum { FILES = 20000 };
    char home[64];
    char name[256];
    enter_memory(home);
    make_directory("t");
    make_file("one", "");
    struct walk *walk = new_walk(&no_options);
    free(walk_root(walk, "one"));
    for (int i = 0; i < FILES; i++) {
        snprintf(name, sizeof(name), "t/%0200d", i);
        ck_assert_int_eq(mknod(name, S_IFREG | 0644, 0), 0);
    }
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    struct tally tally = count_entries(walk, "t");
    getrusage(RUSAGE_SELF, &after);
    walk_free(walk);
    tree_leave(home);
    ck_assert_uint_eq(tally.files, FILES);
    ck_assert_uint_eq(tally.errors + tally.others, 0);
#ifndef __SANITIZE_ADDRESS__
    ck_assert_int_le(after.ru_maxrss - before.ru_maxrss, 1024);
#endif
}
END_TEST

UNIT_MAIN("walk-deep", a_tree_of_20000_levels_is_walked_in_seconds,
          closed_directories_go_on_where_they_were, what_was_moved_while_below_is_lost_and_told,
          what_only_lost_its_name_is_found_again, branches_are_left_and_entered_again,
          a_branch_follows_one_that_was_lost, a_directory_that_changes_while_below_is_told,
          a_root_may_be_longer_than_a_path, a_wide_directory_costs_no_memory)
