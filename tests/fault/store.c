/* Changes a real store for test_store.py, which kills it and makes its system calls fail.
 *
 *   fault-store install DIR NAME SERIAL TAG [older]    TAG is what every file of the version has in it
 *   fault-store rollback DIR NAME SERIAL
 *   fault-store show DIR NAME
 *
 * Exit 0, or 1 and the error's words. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "signatures/database/store.h"

#define KEY     "0123456789ABCDEF"
#define CREATED 1700000000

static const char *const files[] = {STORE_BUNDLE, STORE_MANIFEST, STORE_RULES};
enum { FILES = sizeof(files) / sizeof(files[0]) };

static status make_file(struct store_stage *stage, const char *file, const char *tag,
                        struct error *error)
{
    cleanup(fd_cleanup) int fd = -1;
    TRY(store_stage_create(stage, file, error, &fd));
    size_t size = strlen(tag);
    if (write(fd, tag, size) != (ssize_t)size)
        return error_set(error, ASSAY_ERR_IO, "%s: %s", file, strerrordesc_np(errno));
    return ASSAY_OK;
}

static status install(struct store *store, char **words, struct error *error)
{
    const char *const keys[] = {KEY};
    const struct store_install what = {CREATED, keys, 1, 3, words[3] != NULL};
    cleanup(store_stage_free_cleanup) struct store_stage *stage = NULL;
    TRY(store_stage_new(store, words[0], strtoull(words[1], NULL, 10), error, &stage));
    for (size_t i = 0; i < FILES; i++)
        TRY(make_file(stage, files[i], words[2], error));
    return store_stage_commit(steal_pointer(stage), &what, error);
}

static status roll_back(struct store *store, char **words, struct error *error)
{
    uint64_t serial;
    return store_rollback(store, words[0], strtoull(words[1], NULL, 10), error, &serial);
}

static status show_file(struct store *store, const struct store_version *version, const char *file,
                        struct error *error)
{
    char text[256];
    cleanup(fd_cleanup) int fd = -1;
    TRY(store_open_file(store, version, file, error, &fd));
    ssize_t size = read(fd, text, sizeof(text));
    if (size < 0)
        return error_set(error, ASSAY_ERR_IO, "%s: %s", file, strerrordesc_np(errno));
    printf(" %.*s", (int)size, text);
    return ASSAY_OK;
}

/* A line for each version, with what is in its files: "* 2 tag tag tag", and one for what was seen. */
static status show(struct store *store, char **words, struct error *error)
{
    cleanup(free_cleanup) struct store_version *versions = NULL;
    size_t count = 0;
    uint64_t highest, current = 0;
    TRY(store_list(store, error, &versions, &count));
    TRY(store_current(store, words[0], error, &current));
    for (size_t i = 0; i < count; i++) {
        printf("%s %llu", versions[i].serial == current ? "*" : "-",
               (unsigned long long)versions[i].serial);
        for (size_t j = 0; j < FILES; j++)
            TRY(show_file(store, &versions[i], files[j], error));
        printf("\n");
    }
    TRY(store_highest(store, words[0], KEY, error, &highest));
    printf("highest %llu\n", (unsigned long long)highest);
    return ASSAY_OK;
}

static const struct {
    const char *verb;
    int words;
    status (*run)(struct store *store, char **words, struct error *error);
} verbs[] = {{"install", 3, install}, {"rollback", 2, roll_back}, {"show", 1, show}};

static status run(int argc, char **argv, struct error *error)
{
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (argc < 3 + verbs[i].words || strcmp(argv[1], verbs[i].verb) != 0)
            continue;
        cleanup(store_close_cleanup) struct store *store = NULL;
        TRY(store_open(argv[2], true, error, &store));
        return verbs[i].run(store, argv + 3, error);
    }
    return error_set(error, ASSAY_ERR_ARGUMENT, "which verb?");
}

int main(int argc, char **argv)
{
    struct error error = {.text = "no words"};
    if (run(argc, argv, &error) >= 0)
        return EXIT_SUCCESS;
    fprintf(stderr, "%s\n", error.text);
    return EXIT_FAILURE;
}
