/* Somebody swaps what is walked as fast as it can: nothing from outside may be given. */
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <time.h>

#include "tree.h"

static const struct walk_options no_options = {0};

#define WALKS 2000

static void exchange(const char *a, const char *b)
{
    (void)renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
}

/* Exchanges the two names until it is killed, or its test is. */
static pid_t start_swapping(const char *a, const char *b)
{
    pid_t child = fork();
    if (child == 0)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (child == 0)
        exchange(a, b);
    ck_assert_int_gt(child, 0);
    return child;
}

static void stop(pid_t child)
{
    ck_assert_int_eq(kill(child, SIGKILL), 0);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
}

/* Every file below t holds "inside"; all else holds "outside". On a busy machine it takes longer
 * until both sides of the swap were seen. */
static void walk_often(void)
{
    size_t inside = 0;
    size_t swaps = 0; /* what was there in place of a file or directory */
    struct walk *walk = new_walk(&no_options);
    time_t start = time(NULL);
    for (int i = 0; i < WALKS || ((!inside || !swaps) && time(NULL) < start + 60); i++) {
        struct walk_entry entry;
        ck_assert_int_eq(walk_start(walk, text_bytes("t")), ASSAY_OK);
        while (walk_next(walk, &entry) == ASSAY_OK) {
            char content[16] = "";
            swaps += entry.kind != WALK_FILE;
            if (entry.kind != WALK_FILE)
                continue;
            ck_assert_int_ge(read(entry.fd, content, sizeof(content) - 1), 0);
            ck_assert_str_eq(content, "inside");
            inside++;
        }
    }
    walk_free(walk);
    ck_assert_uint_gt(inside, 0);
    ck_assert_uint_gt(swaps, 0);
}

static void make_trees(void)
{
    make_directory("t");
    make_directory("t/d");
    make_file("t/d/a", "inside");
    make_directory("outside");
    make_file("outside/a", "outside");
}

static void walk_while_swapping(const char *a, const char *b)
{
    pid_t child = start_swapping(a, b);
    walk_often();
    stop(child);
}

static void swap_for_link(const char *name, const char *target, const char *link)
{
    char home[64];
    tree_enter(home);
    make_trees();
    ck_assert_int_eq(symlink(target, link), 0);
    walk_while_swapping(name, link);
    tree_leave(home);
}

START_TEST(a_directory_swapped_for_a_link_leads_nowhere)
{
    swap_for_link("t/d", "../outside", "t/link");
}
END_TEST

START_TEST(a_file_swapped_for_a_link_leads_nowhere)
{
    swap_for_link("t/d/a", "../../outside/a", "t/d/link");
}
END_TEST

/* Opened by name, a FIFO would be a file that never ends; with no /proc that is how it is done. */
static void swap_for_fifo(bool with_proc)
{
    char home[64];
    tree_enter(home);
    make_trees();
    ck_assert_int_eq(mkfifo("t/d/fifo", 0644), 0);
    if (with_proc ||
        (unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
         mount("none", "/proc", "tmpfs", 0, NULL) == 0)) {
        walk_while_swapping("t/d/a", "t/d/fifo");
        if (!with_proc)
            umount2("/proc", MNT_DETACH);
    } else {
        fprintf(stderr, "skipped: no mount namespace here: %s\n", strerror(errno));
    }
    tree_leave(home);
}

START_TEST(a_file_swapped_for_a_fifo_is_not_waited_for)
{
    swap_for_fifo(true);
}
END_TEST

START_TEST(a_file_swapped_for_a_fifo_is_not_waited_for_without_proc)
{
    swap_for_fifo(false);
}
END_TEST

UNIT_MAIN("walk-races", a_directory_swapped_for_a_link_leads_nowhere,
          a_file_swapped_for_a_link_leads_nowhere, a_file_swapped_for_a_fifo_is_not_waited_for,
          a_file_swapped_for_a_fifo_is_not_waited_for_without_proc)
