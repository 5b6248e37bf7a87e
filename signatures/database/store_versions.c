/* What is installed. */
#include "signatures/database/store_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

void serial_text(uint64_t serial, char ret_text[SERIAL_TEXT])
{
    snprintf(ret_text, SERIAL_TEXT, "%llu", (unsigned long long)serial);
}

bool parse_serial(const char *text, uint64_t *ret_serial)
{
    uint64_t serial = 0;
    if (text[0] < '1' || text[0] > '9')
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9' || __builtin_mul_overflow(serial, 10, &serial) ||
            __builtin_add_overflow(serial, (uint64_t)(*text - '0'), &serial))
            return false;
    }
    *ret_serial = serial;
    return serial <= SERIAL_MAX;
}

static status enter(const struct store *store, int directory, const char *name, const char *part,
                    struct error *error, int *ret_fd)
{
    struct stat about;
    char path[VERSION_PATH];
    cleanup(fd_cleanup) int fd = open_directory_at(directory, name);
    if (fd < 0 || fstat(fd, &about) != 0)
        return store_fail(store, part, "opened", error);
    snprintf(path, sizeof(path), "%.3500s/%s", store->path, part);
    TRY(safe_check(&about, path, error));
    *ret_fd = steal_fd(&fd);
    return ASSAY_OK;
}

status store_enter_name(const struct store *store, const char *name, struct error *error,
                        int *ret_fd)
{
    return enter(store, store->directory, name, name, error, ret_fd);
}

void store_part_text(const struct store_version *version, const char *file,
                     char ret_text[PART_TEXT])
{
    snprintf(ret_text, PART_TEXT, "%s/%llu%s%.28s", version->name,
             (unsigned long long)version->serial, file ? "/" : "", file ? file : "");
}

status store_enter_version(const struct store *store, int name_fd,
                           const struct store_version *version, struct error *error, int *ret_fd)
{
    char serial[SERIAL_TEXT];
    char part[PART_TEXT];
    serial_text(version->serial, serial);
    store_part_text(version, NULL, part);
    return enter(store, name_fd, serial, part, error, ret_fd);
}

void store_version_path(const struct store *store, const struct store_version *version,
                        char ret_path[VERSION_PATH])
{
    char part[PART_TEXT];
    store_part_text(version, NULL, part);
    snprintf(ret_path, VERSION_PATH, "%.3500s/%s", store->path, part);
}

uint64_t current_at(int name_fd)
{
    char text[SERIAL_TEXT];
    uint64_t serial;
    ssize_t size = readlinkat(name_fd, STORE_CURRENT, text, sizeof(text));
    if (size < 0 || size >= (ssize_t)sizeof(text))
        return 0;
    text[size] = 0;
    return parse_serial(text, &serial) ? serial : 0;
}

status store_current(struct store *store, const char *name, struct error *error,
                     uint64_t *ret_serial)
{
    struct stat link;
    cleanup(fd_cleanup) int fd = -1;
    if (!manifest_name_is_safe(name))
        return error_set(error, ASSAY_ERR_ARGUMENT, "'%.100s' is no name of a database", name);
    struct error why = {""}; /* that there is none is no error, and leaves no words */
    status entered = store_enter_name(store, name, &why, &fd);
    if (entered == ASSAY_ERR_IO && errno == ENOENT)
        return ASSAY_END;
    if (entered < 0)
        return error_set(error, entered, "%s", why.text);
    uint64_t serial = current_at(fd);
    if (serial > 0) {
        *ret_serial = serial;
        return ASSAY_OK;
    }
    if (fstatat(fd, STORE_CURRENT, &link, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT)
        return ASSAY_END;
    return error_set(error, ASSAY_ERR_CORRUPT,
                     "%.90s/%.64s/current leads to no version: `assay db rollback` mends it",
                     store->path, name);
}

/* ---- lists ------------------------------------------------------------------------------------ */

void version_list_cleanup(struct version_list *list)
{
    free(list->versions);
}

static status append(struct version_list *list, const char *name, uint64_t serial, bool is_current)
{
    /* Room for 1, 2, 4, 8, ...: it is full when the count is such a number. */
    if ((list->count & (list->count - 1)) == 0) {
        size_t room = list->count ? 2 * list->count : 1;
        struct store_version *versions = reallocarray(list->versions, room, sizeof(*versions));
        if (!versions)
            return ASSAY_ERR_NOMEM;
        list->versions = versions;
    }
    struct store_version version = {.serial = serial, .is_current = is_current};
    memcpy(version.name, name, strlen(name));
    list->versions[list->count++] = version;
    return ASSAY_OK;
}

static bool is_directory(int directory, const char *name)
{
    struct stat file;
    return fstatat(directory, name, &file, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(file.st_mode);
}

static int by_name_and_serial(const void *left, const void *right)
{
    const struct store_version *a = left, *b = right;
    int names = strcmp(a->name, b->name);
    return names != 0 ? names : (a->serial > b->serial) - (a->serial < b->serial);
}

static void sort(struct version_list *list)
{
    if (list->count > 1)
        qsort(list->versions, list->count, sizeof(*list->versions), by_name_and_serial);
}

status store_list_name(const struct store *store, const char *name, struct error *error,
                       struct version_list *list)
{
    uint64_t serial;
    cleanup(fd_cleanup) int fd = -1;
    status entered = store_enter_name(store, name, error, &fd);
    if (entered < 0) /* Files that are not the store's may lie in it, and names may go. */
        return entered == ASSAY_ERR_IO && (errno == ENOTDIR || errno == ENOENT) ? ASSAY_OK
                                                                                : entered;
    uint64_t current = current_at(fd);
    cleanup(entries_cleanup) DIR *entries = open_entries(fd);
    for (const char *entry; (entry = next_entry(entries));) {
        if (parse_serial(entry, &serial) && is_directory(fd, entry))
            TRY(append(list, name, serial, serial == current));
    }
    if (!entries || errno != 0)
        return store_fail(store, name, "read", error);
    sort(list);
    return ASSAY_OK;
}

status store_list(struct store *store, struct error *error, struct store_version **ret_versions,
                  size_t *ret_count)
{
    cleanup(version_list_cleanup) struct version_list list = {.count = 0};
    cleanup(entries_cleanup) DIR *entries = open_entries(store->directory);
    for (const char *name; (name = next_entry(entries));) {
        if (manifest_name_is_safe(name))
            TRY(store_list_name(store, name, error, &list));
    }
    if (!entries || errno != 0)
        return store_fail(store, ".", "read", error);
    sort(&list);
    *ret_count = list.count;
    *ret_versions = steal_pointer(list.versions);
    return ASSAY_OK;
}
