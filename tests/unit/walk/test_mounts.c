/* File systems below a root, in a mount namespace of the test's own. */
#include <sched.h>
#include <sys/mount.h>

#include "tree.h"

static const struct walk_options no_options = {0};
static const struct walk_options one_file_system = {.one_file_system = true};

/* False, having said why, where mounting is not allowed. */
static bool enter_namespace(void)
{
    if (unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
        return true;
    fprintf(stderr, "skipped: no mount namespace here: %s\n", strerror(errno));
    return false;
}

static bool try_mount(const char *source, const char *target, const char *type, unsigned long flags)
{
    if (mount(source, target, type, flags, NULL) == 0)
        return true;
    fprintf(stderr, "skipped: cannot mount %s: %s\n", type ? type : "(bind)", strerror(errno));
    return false;
}

START_TEST(storage_below_is_walked_or_skipped)
{
    char home[64];
    tree_enter(home);
    make_directory("t");
    make_directory("t/m");
    make_file("t/a", "A");
    if (enter_namespace() && try_mount("none", "t/m", "tmpfs", 0)) {
        make_file("t/m/b", "B");
        check_walk(&no_options, "t", "file t/a A\nfile t/m/b B\n");
        check_walk(&one_file_system, "t", "file t/a A\nskip mount t/m\n");
        check_walk(&one_file_system, "t/m", "file t/m/b B\n");
        umount2("t/m", MNT_DETACH);
    }
    tree_leave(home);
}
END_TEST

START_TEST(pseudo_file_systems_are_skipped)
{
    static const char *const types[] = {"proc", "sysfs", "devpts", "mqueue", "cgroup2"};
    char home[64];
    tree_enter(home);
    make_directory("t");
    make_directory("t/p");
    make_file("t/a", "A");
    if (enter_namespace()) {
        for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
            if (!try_mount("none", "t/p", types[i], MS_RDONLY))
                continue;
            check_walk(&no_options, "t", "file t/a A\nskip filesystem t/p\n");
            check_walk(&one_file_system, "t", "file t/a A\nskip mount t/p\n");
            check_walk(&no_options, "t/p", "!skip filesystem t/p\n");
            umount2("t/p", MNT_DETACH);
        }
    }
    tree_leave(home);
}
END_TEST

START_TEST(proc_is_skipped_but_not_what_it_links_to)
{
    check_walk(&no_options, "/proc", "!skip filesystem /proc\n");
    check_walk(&no_options, "/proc/version", "!skip filesystem /proc/version\n");
    /* A link out of it is what it links to. */
    char home[64];
    tree_enter(home);
    make_file("a", "A");
    int fd = open("a", O_RDONLY | O_CLOEXEC);
    char root[64];
    char want[96];
    snprintf(root, sizeof(root), "/proc/self/fd/%d", fd);
    snprintf(want, sizeof(want), "!file %s A\n", root);
    check_walk(&no_options, root, want);
    close(fd);
    tree_leave(home);
}
END_TEST

START_TEST(a_bind_mount_of_what_is_above_is_a_loop)
{
    char home[64];
    tree_enter(home);
    make_directory("t");
    make_directory("t/d");
    make_directory("t/d/again");
    make_file("t/d/a", "A");
    make_file("t/one", "1");
    if (enter_namespace() && try_mount("t", "t/d/again", NULL, MS_BIND)) {
        check_walk(&no_options, "t", "file t/d/a A\nfile t/one 1\nskip loop t/d/again\n");
        umount2("t/d/again", MNT_DETACH);
    }
    tree_leave(home);
}
END_TEST

/* A single file of another file system, as containers have for /etc/resolv.conf. */
START_TEST(bound_files_are_of_their_file_system)
{
    char home[64];
    tree_enter(home);
    make_directory("m");
    make_directory("t");
    make_file("t/a", "A");
    make_file("t/p", "P");
    if (enter_namespace() && try_mount("none", "m", "tmpfs", 0)) {
        make_file("m/b", "B");
        if (try_mount("m/b", "t/a", NULL, MS_BIND) &&
            try_mount("/proc/version", "t/p", NULL, MS_BIND)) {
            check_walk(&no_options, "t", "file t/a B\nskip filesystem t/p\n");
            check_walk(&one_file_system, "t", "skip mount t/a\nskip mount t/p\n");
            umount2("t/p", MNT_DETACH);
            umount2("t/a", MNT_DETACH);
        }
        umount2("m", MNT_DETACH);
    }
    tree_leave(home);
}
END_TEST

/* On an overlay files have the st_dev of the layer they are in: that is no other file system. */
START_TEST(layers_of_an_overlay_are_one_file_system)
{
    char home[64];
    tree_enter(home);
    make_directory("m");
    make_directory("t");
    if (enter_namespace() && try_mount("none", "m", "tmpfs", 0)) {
        make_directory("m/lower");
        make_directory("m/other");
        make_file("m/lower/a", "A");
        if (try_mount("none", "m/other", "tmpfs", 0)) {
            make_file("m/other/b", "B");
            if (mount("none", "t", "overlay", 0, "lowerdir=m/lower:m/other") == 0) {
                check_walk(&one_file_system, "t", "file t/a A\nfile t/b B\n");
                umount2("t", MNT_DETACH);
            } else {
                fprintf(stderr, "skipped: cannot mount overlay: %s\n", strerror(errno));
            }
        }
        umount2("m", MNT_DETACH);
    }
    tree_leave(home);
}
END_TEST

/* Without /proc files are opened again by name, and it must be the same file. */
START_TEST(files_are_opened_without_proc)
{
    char home[64];
    tree_enter(home);
    make_directory("t");
    make_file("t/a", "A");
    ck_assert_int_eq(symlink("t/a", "link"), 0);
    if (enter_namespace() && try_mount("none", "/proc", "tmpfs", 0)) {
        check_walk(&no_options, "t", "file t/a A\n");
        check_walk(&no_options, "link", "!file link A\n");
        umount2("/proc", MNT_DETACH);
    }
    tree_leave(home);
}
END_TEST

UNIT_MAIN("walk-mounts", storage_below_is_walked_or_skipped, pseudo_file_systems_are_skipped,
          proc_is_skipped_but_not_what_it_links_to, a_bind_mount_of_what_is_above_is_a_loop,
          bound_files_are_of_their_file_system, layers_of_an_overlay_are_one_file_system,
          files_are_opened_without_proc)
