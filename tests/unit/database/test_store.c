#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "signatures/database/store.h"
#include "unit.h"

#define SIGNED INT64_C(1700000000) /* 2023-11-14T22:13:20Z */
#define LATER  INT64_C(4000000000) /* later than the clock */

static const char *const key_a[] = {"AAAAAAAAAAAAAAAA"};
static const char *const key_b[] = {"BBBBBBBBBBBBBBBB"};
static const char *const both[] = {"AAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBB"};

/* A store in a directory of its own. */
struct place {
    char path[64];
    char directory[32];
    struct store *store;
};

static struct place new_place(void)
{
    struct place place = {.directory = "/tmp/assay-store-XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(place.directory));
    snprintf(place.path, sizeof(place.path), "%s/store", place.directory);
    return place;
}

static void open_store(struct place *place)
{
    struct error error;
    ck_assert_msg(store_open(place->path, true, &error, &place->store) == ASSAY_OK, "%s",
                  error.text);
}

/* Removes what is there, two levels deep and the files in them. */
static void remove_tree(int parent, const char *name, int depth)
{
    if (unlinkat(parent, name, 0) == 0 || depth == 0)
        return;
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            remove_tree(fd, entry->d_name, depth - 1);
    }
    if (directory)
        closedir(directory);
    unlinkat(parent, name, AT_REMOVEDIR);
}

static void leave_place(struct place *place)
{
    store_close(place->store);
    remove_tree(AT_FDCWD, place->directory, 5);
}

#define IN_A_STORE                                                                                 \
    cleanup(leave_place) struct place place = new_place();                                         \
    open_store(&place)

static status try_install(struct place *place, const char *name, uint64_t serial,
                          const struct store_install *install, struct error *error)
{
    struct store_stage *stage;
    int fd;
    status begun = store_stage_new(place->store, name, serial, error, &stage);
    if (begun < 0)
        return begun;
    ck_assert_int_eq(store_stage_create(stage, STORE_BUNDLE, error, &fd), ASSAY_OK);
    ck_assert_int_ge(dprintf(fd, "%s %llu", name, (unsigned long long)serial), 0);
    close(fd);
    return store_stage_commit(stage, install, error);
}

static void install(struct place *place, const char *name, uint64_t serial, const char *const *keys,
                    size_t key_count)
{
    struct error error;
    const struct store_install what = {SIGNED, keys, key_count, 3, false};
    ck_assert_msg(try_install(place, name, serial, &what, &error) == ASSAY_OK, "%s", error.text);
}

static void refused(struct place *place, const char *name, uint64_t serial,
                    const struct store_install *what, const char *words)
{
    struct error error;
    ck_assert_int_eq(try_install(place, name, serial, what, &error), ASSAY_ERR_ARGUMENT);
    ck_assert_msg(strstr(error.text, words) != NULL, "%s", error.text);
}

/* "a 1, a 2*, b 1*": all versions. */
static void expect(struct place *place, const char *words)
{
    char text[512] = "";
    size_t size = 0;
    struct error error;
    struct store_version *versions;
    size_t count;
    ck_assert_msg(store_list(place->store, &error, &versions, &count) == ASSAY_OK, "%s",
                  error.text);
    for (size_t i = 0; i < count; i++)
        size += (size_t)snprintf(text + size, sizeof(text) - size, "%s%s %llu%s", i ? ", " : "",
                                 versions[i].name, (unsigned long long)versions[i].serial,
                                 versions[i].is_current ? "*" : "");
    free(versions);
    ck_assert_str_eq(text, words);
}

static uint64_t highest(struct place *place, const char *name, const char *key)
{
    struct error error;
    uint64_t serial = 0;
    ck_assert_msg(store_highest(place->store, name, key, &error, &serial) == ASSAY_OK, "%s",
                  error.text);
    return serial;
}

static void roll_back(struct place *place, const char *name, uint64_t serial, uint64_t expected)
{
    struct error error;
    uint64_t now = 0;
    ck_assert_msg(store_rollback(place->store, name, serial, &error, &now) == ASSAY_OK, "%s",
                  error.text);
    ck_assert_uint_eq(now, expected);
}

static char *path_of(const struct place *place, const char *part)
{
    static char path[256];
    snprintf(path, sizeof(path), "%s/%s", place->path, part);
    return path;
}

static void write_file(const struct place *place, const char *part, const char *text)
{
    int fd = open(path_of(place, part), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

/* ---- opening, looking -------------------------------------------------------------------------- */

START_TEST(nothing_there)
{
    cleanup(leave_place) struct place place = new_place();
    struct error error;
    ck_assert_int_eq(store_open(place.path, false, &error, &place.store), ASSAY_ERR_IO);
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_ptr_nonnull(strstr(error.text, place.path));
    ck_assert_int_eq(store_open("", true, &error, &place.store), ASSAY_ERR_ARGUMENT);
    ck_assert_int_ne(access(place.path, F_OK), 0);
}
END_TEST

START_TEST(an_empty_store)
{
    struct error error;
    uint64_t serial;
    IN_A_STORE;
    expect(&place, "");
    ck_assert_int_eq(store_current(place.store, "a", &error, &serial), ASSAY_END);
    ck_assert_uint_eq(highest(&place, "a", ""), 0);
}
END_TEST

START_TEST(relative_paths)
{
    cleanup(leave_place) struct place place = new_place();
    struct error error;
    ck_assert_int_eq(chdir(place.directory), 0);
    ck_assert_msg(store_open("./new//store/../store/", true, &error, &place.store) == ASSAY_OK,
                  "%s", error.text);
    ck_assert_int_eq(access("new/store", F_OK), 0);
}
END_TEST

START_TEST(what_is_installed)
{
    struct error error;
    uint64_t serial = 0;
    char text[32] = "";
    int fd;
    IN_A_STORE;
    install(&place, "b", 10, key_a, 1);
    install(&place, "b", 9223372036854775807, key_a, 1);
    install(&place, "a", 9, key_a, 1);
    expect(&place, "a 9*, b 10, b 9223372036854775807*");
    ck_assert_int_eq(store_current(place.store, "b", &error, &serial), ASSAY_OK);
    ck_assert_uint_eq(serial, 9223372036854775807);
    const struct store_version version = {"b", 10, false};
    ck_assert_int_eq(store_open_file(place.store, &version, STORE_BUNDLE, &error, &fd), ASSAY_OK);
    ck_assert_int_eq(read(fd, text, sizeof(text)), 4);
    ck_assert_str_eq(text, "b 10");
    close(fd);
    ck_assert_int_eq(store_open_file(place.store, &version, STORE_TRUST, &error, &fd), ASSAY_OK);
    ck_assert_int_eq(read(fd, text, sizeof(text)), 17);
    ck_assert_mem_eq(text, "AAAAAAAAAAAAAAAA\n", 17);
    close(fd);
    ck_assert_int_eq(store_open_file(place.store, &version, STORE_RULES, &error, &fd),
                     ASSAY_ERR_IO);
    ck_assert_int_eq(errno, ENOENT);
}
END_TEST

START_TEST(names_and_serials_that_cannot_be)
{
    static const char *const names[] = {"",
                                        ".",
                                        "..",
                                        ".a",
                                        "a/b",
                                        "/a",
                                        "lock",
                                        "state.json",
                                        "-a",
                                        "a b",
                                        "\xc3\xa4",
                                        "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefg"
                                        "hijabcde"};
    const struct store_install what = {SIGNED, key_a, 1, 3, false};
    struct error error;
    struct store_stage *stage;
    uint64_t serial;
    int fd;
    IN_A_STORE;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct store_version version = {"a", 1, true};
        refused(&place, names[i], 1, &what, "cannot be called");
        ck_assert_int_eq(store_current(place.store, names[i], &error, &serial), ASSAY_ERR_ARGUMENT);
        ck_assert_int_eq(store_rollback(place.store, names[i], 0, &error, &serial),
                         ASSAY_ERR_ARGUMENT);
        if (strcmp(names[i], "lock") != 0 && strcmp(names[i], "state.json") != 0)
            ck_assert_int_eq(store_open_file(place.store, &version, names[i], &error, &fd),
                             ASSAY_ERR_ARGUMENT);
    }
    refused(&place, "a", 0, &what, "no serial");
    refused(&place, "a", UINT64_C(9223372036854775808), &what, "no serial");
    ck_assert_int_eq(store_stage_new(place.store, "a", 1, &error, &stage), ASSAY_OK);
    ck_assert_int_eq(store_stage_create(stage, "../x", &error, &fd), ASSAY_ERR_ARGUMENT);
    ck_assert_int_eq(store_stage_create(stage, "x", &error, &fd), ASSAY_OK);
    close(fd);
    ck_assert_int_eq(store_stage_create(stage, "x", &error, &fd), ASSAY_ERR_IO);
    ck_assert_int_eq(errno, EEXIST);
    store_stage_free(stage);
    ck_assert_int_ne(access(path_of(&place, "a"), F_OK), 0);
    expect(&place, "");
}
END_TEST

START_TEST(a_bad_key_or_time)
{
    static const char *const bad[] = {"a/b"}, *const empty[] = {""};
    IN_A_STORE;
    const struct store_install key = {SIGNED, bad, 1, 3, false};
    const struct store_install none = {SIGNED, empty, 1, 3, false};
    const struct store_install before = {-1, key_a, 1, 3, false};
    const struct store_install after = {INT64_MAX, key_a, 1, 3, false};
    refused(&place, "a", 1, &key, "is no key");
    refused(&place, "a", 1, &none, "is no key");
    refused(&place, "a", 1, &before, "no time");
    refused(&place, "a", 1, &after, "no time");
    expect(&place, "");
}
END_TEST

/* Files that are opened one after the other are of one installation. */
START_TEST(a_version_that_is_replaced)
{
    const struct store_version version = {"a", 1, true};
    struct error error;
    int first, second;
    IN_A_STORE;
    install(&place, "a", 1, key_a, 1);
    ck_assert_int_eq(store_open_file(place.store, &version, STORE_BUNDLE, &error, &first),
                     ASSAY_OK);
    cleanup(store_close_cleanup) struct store *other = NULL;
    ck_assert_int_eq(store_open(place.path, false, &error, &other), ASSAY_OK);
    struct place elsewhere = place;
    elsewhere.store = other;
    install(&elsewhere, "a", 1, key_a, 1);
    ck_assert_int_eq(store_open_file(place.store, &version, STORE_TRUST, &error, &second),
                     ASSAY_ERR_IO);
    ck_assert_int_eq(errno, ENOENT);
    close(first);
    install(&place, "a", 1, key_a, 1);
    ck_assert_int_eq(store_open_file(place.store, &version, STORE_TRUST, &error, &second),
                     ASSAY_OK);
    close(second);
    expect(&place, "a 1*");
}
END_TEST

START_TEST(a_file_that_is_made_again)
{
    const struct store_version version = {"a", 1, true};
    const struct store_version missing = {"a", 2, false};
    struct error error;
    char text[8] = "";
    int fd;
    IN_A_STORE;
    install(&place, "a", 1, key_a, 1);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(store_new_file(place.store, &version, &error, &fd), ASSAY_OK);
        ck_assert_int_eq(dprintf(fd, "new %d", i), 5);
        ck_assert_msg(store_replace_file(place.store, &version, STORE_RULES, fd, &error) ==
                          ASSAY_OK,
                      "%s", error.text);
        close(fd);
        ck_assert_int_eq(store_open_file(place.store, &version, STORE_RULES, &error, &fd),
                         ASSAY_OK);
        ck_assert_int_eq(read(fd, text, sizeof(text)), 5);
        ck_assert_int_eq(text[4], '0' + i);
        ck_assert_int_eq(store_replace_file(place.store, &version, "../x", fd, &error),
                         ASSAY_ERR_ARGUMENT);
        close(fd);
    }
    ck_assert_int_eq(store_new_file(place.store, &missing, &error, &fd), ASSAY_ERR_IO);
    ck_assert_int_eq(errno, ENOENT);
}
END_TEST

/* ---- which stay ------------------------------------------------------------------------------- */

START_TEST(old_versions_go)
{
    IN_A_STORE;
    for (uint64_t serial = 1; serial <= 5; serial++)
        install(&place, "a", serial, key_a, 1);
    install(&place, "b", 1, key_a, 1);
    expect(&place, "a 3, a 4, a 5*, b 1*");
    roll_back(&place, "a", 3, 3);
    expect(&place, "a 3*, a 4, a 5, b 1*");
    /* The current one stays, and of the others the newest. */
    const struct store_install few = {SIGNED, key_a, 1, 2, true};
    struct error error;
    ck_assert_int_eq(try_install(&place, "a", 3, &few, &error), ASSAY_OK);
    expect(&place, "a 3*, a 5, b 1*");
    const struct store_install none = {SIGNED, key_a, 1, 0, true};
    ck_assert_int_eq(try_install(&place, "a", 4, &none, &error), ASSAY_OK);
    expect(&place, "a 4*, b 1*");
}
END_TEST

START_TEST(what_is_left_over_goes)
{
    IN_A_STORE;
    install(&place, "a", 1, key_a, 1);
    install(&place, "b", 1, key_a, 1);
    ck_assert_int_eq(mkdir(path_of(&place, "a/.stage-123456789abcdef0"), 0700), 0);
    write_file(&place, "a/.stage-123456789abcdef0/rules.bin", "half");
    ck_assert_int_eq(symlink("1", path_of(&place, "a/.current-123456789abcdef0")), 0);
    ck_assert_int_eq(symlink("/etc", path_of(&place, "a/.old-123456789abcdef0")), 0);
    write_file(&place, ".state-123456789abcdef0", "{");
    write_file(&place, ".profile", "not ours");
    write_file(&place, ".state-1", "not ours");
    write_file(&place, "a/.stage-123456789abcdef01", "not ours");
    expect(&place, "a 1*, b 1*");
    install(&place, "b", 2, key_a, 1);
    ck_assert_int_eq(access(path_of(&place, ".profile"), F_OK), 0);
    ck_assert_int_eq(access(path_of(&place, ".state-1"), F_OK), 0);
    ck_assert_int_eq(access(path_of(&place, "a/.stage-123456789abcdef01"), F_OK), 0);
    ck_assert_int_ne(access(path_of(&place, ".state-123456789abcdef0"), F_OK), 0);
    ck_assert_int_ne(access(path_of(&place, "a/.stage-123456789abcdef0"), F_OK), 0);
    struct stat file;
    ck_assert_int_ne(lstat(path_of(&place, "a/.current-123456789abcdef0"), &file), 0);
    ck_assert_int_ne(lstat(path_of(&place, "a/.old-123456789abcdef0"), &file), 0);
    ck_assert_int_eq(access("/etc/passwd", F_OK), 0);
}
END_TEST

START_TEST(files_that_are_not_ours)
{
    IN_A_STORE;
    install(&place, "a", 1, key_a, 1);
    write_file(&place, "readme", "x");
    write_file(&place, "a/2", "x");
    ck_assert_int_eq(mkdir(path_of(&place, "a/03"), 0700), 0);
    ck_assert_int_eq(mkdir(path_of(&place, "a/9223372036854775808"), 0700), 0);
    ck_assert_int_eq(mkdir(path_of(&place, "a/99999999999999999999999"), 0700), 0);
    ck_assert_int_eq(symlink("a", path_of(&place, "c")), 0);
    expect(&place, "a 1*");
}
END_TEST

START_TEST(current_leads_nowhere)
{
    static const char *const targets[] = {"../b", "0", "01", "x", "1/", "9223372036854775808"};
    struct error error;
    uint64_t serial;
    IN_A_STORE;
    install(&place, "a", 1, key_a, 1);
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        ck_assert_int_eq(unlink(path_of(&place, "a/current")), 0);
        ck_assert_int_eq(symlink(targets[i], path_of(&place, "a/current")), 0);
        ck_assert_int_eq(store_current(place.store, "a", &error, &serial), ASSAY_ERR_CORRUPT);
        ck_assert_ptr_nonnull(strstr(error.text, "assay db rollback"));
        expect(&place, "a 1");
        roll_back(&place, "a", 0, 1);
        expect(&place, "a 1*");
    }
    ck_assert_int_eq(unlink(path_of(&place, "a/current")), 0);
    ck_assert_int_eq(store_current(place.store, "a", &error, &serial), ASSAY_END);
}
END_TEST

/* ---- going back ------------------------------------------------------------------------------- */

START_TEST(older_ones_are_refused)
{
    const struct store_install what = {SIGNED, key_a, 1, 3, false};
    const struct store_install other = {SIGNED, key_b, 1, 3, false};
    const struct store_install two = {SIGNED, both, 2, 3, false};
    const struct store_install nobody = {SIGNED, NULL, 0, 3, false};
    struct error error;
    IN_A_STORE;
    install(&place, "a", 57, key_a, 1);
    refused(&place, "a", 41, &what,
            "database serial 41 is older than 57, which this machine has had; use `assay db "
            "rollback`");
    refused(&place, "a", 41, &two, "older than 57");
    expect(&place, "a 57*");
    install(&place, "a", 57, key_a, 1);
    /* Another name, key, or none: each counts by itself. */
    install(&place, "b", 1, key_a, 1);
    ck_assert_int_eq(try_install(&place, "a", 41, &other, &error), ASSAY_OK);
    ck_assert_int_eq(try_install(&place, "a", 40, &nobody, &error), ASSAY_OK);
    refused(&place, "a", 39, &nobody, "older than 40");
    refused(&place, "a", 40, &other, "older than 41");
    refused(&place, "a", 56, &what, "older than 57");
    ck_assert_int_eq(store_check_serial(place.store, "a", 56, both, 2, &error), ASSAY_ERR_ARGUMENT);
    ck_assert_int_eq(store_check_serial(place.store, "a", 57, both, 2, &error), ASSAY_OK);
}
END_TEST

START_TEST(older_ones_are_taken_when_asked_for)
{
    const struct store_install what = {SIGNED, key_a, 1, 3, true};
    struct error error;
    IN_A_STORE;
    install(&place, "a", 57, key_a, 1);
    ck_assert_int_eq(try_install(&place, "a", 41, &what, &error), ASSAY_OK);
    expect(&place, "a 41*, a 57");
    ck_assert_uint_eq(highest(&place, "a", key_a[0]), 41);
    install(&place, "a", 42, key_a, 1);
}
END_TEST

START_TEST(rolling_back)
{
    struct error error;
    uint64_t serial;
    IN_A_STORE;
    install(&place, "a", 1, key_b, 1);
    install(&place, "a", 2, both, 2);
    install(&place, "a", 3, key_a, 1);
    install(&place, "b", 3, key_a, 1);
    roll_back(&place, "a", 0, 2);
    expect(&place, "a 1, a 2*, a 3, b 3*");
    ck_assert_uint_eq(highest(&place, "a", key_a[0]), 2);
    ck_assert_uint_eq(highest(&place, "b", key_a[0]), 3);
    roll_back(&place, "a", 0, 1);
    ck_assert_uint_eq(highest(&place, "a", key_a[0]), 1);
    ck_assert_uint_eq(highest(&place, "a", key_b[0]), 1);
    ck_assert_int_eq(store_rollback(place.store, "a", 0, &error, &serial), ASSAY_ERR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(error.text, "no version before"));
    ck_assert_int_eq(store_rollback(place.store, "a", 7, &error, &serial), ASSAY_ERR_ARGUMENT);
    ck_assert_str_eq(error.text, "'a' has no version 7; it has 3, 2, 1 (current)");
    ck_assert_int_eq(store_rollback(place.store, "c", 0, &error, &serial), ASSAY_ERR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(error.text, "no version of 'c' is installed"));
    /* And forward again. */
    roll_back(&place, "a", 3, 3);
    ck_assert_uint_eq(highest(&place, "a", key_a[0]), 3);
    ck_assert_uint_eq(highest(&place, "a", key_b[0]), 1);
    roll_back(&place, "a", 3, 3);
    expect(&place, "a 1, a 2, a 3*, b 3*");
}
END_TEST

/* ---- what was seen ---------------------------------------------------------------------------- */

START_TEST(the_clock)
{
    struct error error;
    int64_t now;
    IN_A_STORE;
    const struct store_install nobody = {LATER, NULL, 0, 3, false};
    ck_assert_int_eq(try_install(&place, "a", 1, &nobody, &error), ASSAY_OK);
    ck_assert_int_eq(store_now(place.store, &error, &now), ASSAY_OK);
    ck_assert_int_ge(now, time(NULL) - 1);
    ck_assert_int_le(now, time(NULL));
    const struct store_install later = {LATER, key_a, 1, 3, false};
    ck_assert_int_eq(try_install(&place, "a", 2, &later, &error), ASSAY_OK);
    install(&place, "a", 3, key_a, 1);
    ck_assert_int_eq(store_now(place.store, &error, &now), ASSAY_OK);
    ck_assert_int_eq(now, LATER);
    roll_back(&place, "a", 1, 1);
    ck_assert_int_eq(store_now(place.store, &error, &now), ASSAY_OK);
    ck_assert_int_eq(now, LATER);
}
END_TEST

/* It is made again of what the versions know, and nothing older is taken than before. */
START_TEST(state_that_is_lost)
{
    static const char *const texts[] = {"", "{", "[]", "{\"format\": 1}", "\n\n\n"};
    const struct store_install what = {SIGNED, key_a, 1, 3, false};
    const struct store_install later = {LATER, key_b, 1, 3, false};
    struct error error;
    int64_t now;
    IN_A_STORE;
    install(&place, "b", 70, key_a, 1);
    ck_assert_int_eq(try_install(&place, "a", 1, &later, &error), ASSAY_OK);
    for (uint64_t serial = 5; serial < 9; serial++)
        install(&place, "a", serial, key_a, 1);
    expect(&place, "a 6, a 7, a 8*, b 70*");
    for (size_t i = 0; i <= sizeof(texts) / sizeof(texts[0]); i++) {
        if (i > 0)
            write_file(&place, "state.json", texts[i - 1]);
        else
            ck_assert_int_eq(unlink(path_of(&place, "state.json")), 0);
        ck_assert_uint_eq(highest(&place, "a", key_a[0]), 8);
        ck_assert_uint_eq(highest(&place, "a", key_b[0]), 1);
        ck_assert_uint_eq(highest(&place, "b", key_a[0]), 70);
        ck_assert_int_eq(store_now(place.store, &error, &now), ASSAY_OK);
        ck_assert_int_eq(now, LATER);
        refused(&place, "a", 7, &what, "older than 8");
        install(&place, "a", 8, key_a, 1);
        ck_assert_int_eq(access(path_of(&place, "state.json"), F_OK), 0);
    }
}
END_TEST

START_TEST(state_that_is_lost_for_good)
{
    const struct store_install what = {SIGNED, key_a, 1, 3, false};
    struct error error;
    uint64_t serial;
    IN_A_STORE;
    install(&place, "a", 1, key_a, 1);
    install(&place, "b", 1, key_a, 1);
    write_file(&place, "state.json", "");
    write_file(&place, "a/1/seen.json", "{}");
    ck_assert_int_eq(store_highest(place.store, "a", "", &error, &serial), ASSAY_ERR_CORRUPT);
    ck_assert_msg(strstr(error.text, "state.json is lost, and so is its spare in a/1") != NULL,
                  "%s", error.text);
    ck_assert_int_eq(try_install(&place, "a", 2, &what, &error), ASSAY_ERR_CORRUPT);
    ck_assert_int_eq(store_rollback(place.store, "a", 1, &error, &serial), ASSAY_ERR_CORRUPT);
    expect(&place, "a 1*, b 1*");
    /* As error says. */
    int parent = open(path_of(&place, "a"), O_RDONLY | O_DIRECTORY);
    remove_tree(parent, "1", 2);
    close(parent);
    install(&place, "a", 1, key_a, 1);
    expect(&place, "a 1*, b 1*");
}
END_TEST

START_TEST(state_of_a_newer_program)
{
    struct error error;
    uint64_t serial;
    IN_A_STORE;
    install(&place, "a", 1, key_a, 1);
    write_file(&place, "state.json", "{\"format\": 2}");
    ck_assert_int_eq(store_highest(place.store, "a", "", &error, &serial), ASSAY_ERR_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(error.text, "newer assay"));
}
END_TEST

UNIT_MAIN("store", nothing_there, an_empty_store, relative_paths, what_is_installed,
          names_and_serials_that_cannot_be, a_bad_key_or_time, a_version_that_is_replaced,
          a_file_that_is_made_again, old_versions_go, what_is_left_over_goes,
          files_that_are_not_ours, current_leads_nowhere, older_ones_are_refused,
          older_ones_are_taken_when_asked_for, rolling_back, the_clock, state_that_is_lost,
          state_that_is_lost_for_good, state_of_a_newer_program)
