/* assay db install: a bundle in a file, in a directory, or at a URL. */
#include "cli/db/channel.h"
#include "cli/db/installing.h"
#include "cli/db/verbs.h"
#include "cli/option_kinds.h"
#include "cli/options.h"
#include "signatures/database/files_at.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct install_options {
    struct installing_options common; /* first: see INSTALLING_ROWS */
    const char *ca_file;
};

static const struct option_row rows[] = {
    INSTALLING_ROWS,
    {"ca-file", 0, "FILE", "certificates of who may vouch for a server (default: the system's)",
     option_set_text, offsetof(struct install_options, ca_file), false},
};

static const struct option_table table = {
    .verb = "db install",
    .operands = "FILE|DIR|URL...",
    .summary = "Checks a bundle (who signed it, whether it is whole, whether it is older than\n"
               "what was here, whether its rules work) and uses it from now on. If any check\n"
               "fails, nothing changes. Of a directory, the newest bundle of each name is\n"
               "installed. A URL is https: or file:, of a bundle or a channel.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
};

static status install_file(const struct install_options *options, const char *path,
                           struct error *error)
{
    int fd cleanup(fd_cleanup) = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat stat;
    if (fd < 0 || fstat(fd, &stat) < 0)
        return error_set(error, ASSAY_ERR_IO, "%.150s: %s", path, strerror(errno));
    if (!S_ISREG(stat.st_mode))
        return error_set(error, ASSAY_ERR_ARGUMENT, "%.150s is no file", path);
    return installing_run(&options->common, fd, path, error);
}

/* ---- directories ----------------------------------------------------------------------------- */

struct found {
    char name[MANIFEST_NAME_MAX + 1];
    uint64_t serial;
    char file[NAME_MAX + 1];
};

struct found_list {
    struct found *items;
    size_t count;
};

static void found_release(struct found_list *list)
{
    free(list->items);
}

/* NAME-SERIAL.asdb: what is inside is looked at when it is installed. */
static bool parse_file_name(const char *file, struct found *ret_found)
{
    size_t size = strlen(file);
    const char *dash = strrchr(file, '-');
    if (size < 6 || strcmp(file + size - 5, ".asdb") != 0 || !dash ||
        (size_t)(dash - file) > MANIFEST_NAME_MAX)
        return false;
    char *end;
    errno = 0;
    ret_found->serial = strtoull(dash + 1, &end, 10);
    if (errno || end == dash + 1 || strcmp(end, ".asdb") != 0)
        return false;
    snprintf(ret_found->name, sizeof(ret_found->name), "%.*s", (int)(dash - file), file);
    snprintf(ret_found->file, sizeof(ret_found->file), "%s", file);
    return true;
}

static status add_newest(struct found_list *list, const struct found *found)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i].name, found->name) != 0)
            continue;
        if (list->items[i].serial < found->serial)
            list->items[i] = *found;
        return ASSAY_OK;
    }
    struct found *items = reallocarray(list->items, list->count + 1, sizeof(*items));
    if (!items)
        return ASSAY_ERR_NOMEM;
    list->items = items;
    items[list->count++] = *found;
    return ASSAY_OK;
}

static status install_directory(const struct install_options *options, const char *path,
                                struct error *error)
{
    DIR *entries cleanup(entries_cleanup) = opendir(path);
    struct found_list list cleanup(found_release) = {NULL, 0};
    struct found found;
    if (!entries)
        return error_set(error, ASSAY_ERR_IO, "%.150s: %s", path, strerror(errno));
    for (const char *name; (name = next_entry(entries));) {
        if (parse_file_name(name, &found))
            TRY(add_newest(&list, &found));
    }
    if (list.count == 0)
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "there is no bundle (NAME-SERIAL.asdb) in %.150s", path);
    for (size_t i = 0; i < list.count; i++) {
        struct buffer file cleanup(buffer_release) = {NULL, 0, 0};
        TRY(buffer_append_format(&file, "%s/%s", path, list.items[i].file));
        TRY(buffer_terminate(&file));
        TRY(install_file(options, (const char *)file.data, error));
    }
    return ASSAY_OK;
}

/* ---- the verb -------------------------------------------------------------------------------- */

static status run(const struct install_options *options, const char *what, struct error *error)
{
    struct stat stat;
    if (channel_is_url(what))
        return channel_install(&options->common, what, options->ca_file, error);
    if (fstatat(AT_FDCWD, what, &stat, 0) == 0 && S_ISDIR(stat.st_mode))
        return install_directory(options, what, error);
    return install_file(options, what, error);
}

int db_install(int argc, char **argv)
{
    struct install_options options = {.common = INSTALLING_DEFAULTS};
    struct option_values *values = NULL;
    struct error error = {""};
    int first = argc;
    status done = options_read(&table, &options, argc, argv, &error, &values, &first);
    if (done == ASSAY_OK && argc == first)
        done = error_set(&error, ASSAY_ERR_ARGUMENT,
                         "what should be installed? Name a bundle, a directory of them, or a URL");
    for (int i = first; i < argc && done == ASSAY_OK; i++)
        done = run(&options, argv[i], &error);
    int code = db_exit(done, &error);
    option_values_free(values);
    return code;
}
