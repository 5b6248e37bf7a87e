#include "cli/db/collect.h"

#include "cli/say.h"
#include "walk/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* A list of ten million hashes has a gigabyte. */
#define FILE_BYTES_MAX ((size_t)4 << 30)

struct collector {
    struct importer *importer;
    const char *const *kinds; /* the first that takes a file gets it; NULL at the end */
    bool is_named;            /* a single file: what it is called must fit, or is an error */
    const char *root;         /* what names are relative to */
    const char *prefix;       /* and what stands before them; "" */
    struct buffer text;
    struct buffer name;
    size_t taken;
};

static void collector_release(struct collector *collector)
{
    buffer_release(&collector->text);
    buffer_release(&collector->name);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* PREFIX/WHERE-IT-IS, NUL-terminated. */
static status name_file(struct collector *collector, struct assay_bytes path)
{
    struct buffer *name = &collector->name;
    size_t root = strlen(collector->root);
    name->size = 0;
    if (collector->prefix[0])
        TRY(buffer_append_format(name, "%s/", collector->prefix));
    if (path.size > root && memcmp(path.data, collector->root, root) == 0) {
        path.data += root;
        path.size -= root;
    }
    while (path.size > 0 && path.data[0] == '/') {
        path.data++;
        path.size--;
    }
    TRY(buffer_append(name, path.data, path.size));
    return buffer_terminate(name);
}

static const char *kind_of(const struct collector *collector, const char *name)
{
    for (const char *const *kind = collector->kinds; *kind; kind++) {
        if (collector->is_named || import_takes(*kind, base_name(name)))
            return *kind;
    }
    return NULL;
}

static status take_file(struct collector *collector, const struct walk_entry *entry,
                        struct error *error)
{
    TRY(name_file(collector, entry->path));
    const char *name = (const char *)collector->name.data;
    const char *kind = kind_of(collector, name);
    if (!kind)
        return ASSAY_OK;
    collector->text.size = 0;
    status read = buffer_append_file(&collector->text, entry->fd, FILE_BYTES_MAX);
    if (read < 0)
        return error_set(error, read, "%.150s cannot be read: %s", name,
                         read == ASSAY_ERR_LIMIT ? "it is larger than 4 GiB" : strerror(errno));
    collector->taken++;
    return importer_add(collector->importer, kind, name, buffer_view(&collector->text), error);
}

static status take_entry(struct collector *collector, const struct walk_entry *entry,
                         struct error *error)
{
    if (entry->kind == WALK_FILE)
        return take_file(collector, entry, error);
    TRY(name_file(collector, entry->path));
    const char *name = (const char *)collector->name.data;
    if (entry->kind == WALK_ERROR)
        return error_set(error, ASSAY_ERR_IO, "%.120s: %s%s%s", name, entry->detail,
                         entry->error_number ? ": " : "",
                         entry->error_number ? strerror(entry->error_number) : "");
    if (entry->skip == WALK_SKIP_SYMLINK && kind_of(collector, name))
        say("%s is a symbolic link and was left out", name);
    return ASSAY_OK;
}

static status collect(struct collector *collector, const char *path, struct error *error)
{
    struct walk_options options = {.count_only = false};
    struct walk *walk cleanup(walk_free_cleanup) = NULL;
    struct walk_entry entry = {.fd = -1};
    TRY(walk_new(&options, error, &walk));
    TRY(walk_start(walk, (struct assay_bytes){(const uint8_t *)path, strlen(path)}));
    status step = ASSAY_OK;
    status taken = ASSAY_OK;
    while (taken >= 0 && (step = walk_next(walk, &entry)) == ASSAY_OK)
        taken = take_entry(collector, &entry, error);
    fd_cleanup(&entry.fd);
    TRY(taken);
    return step < 0 ? step : ASSAY_OK;
}

static bool is_kind(const char *kind, size_t size)
{
    for (const char *const *known = import_kinds(); *known; known++) {
        if (strlen(*known) == size && memcmp(*known, kind, size) == 0)
            return true;
    }
    return false;
}

/* Without the slashes at its end. */
static char *trimmed(const char *path)
{
    size_t size = strlen(path);
    while (size > 1 && path[size - 1] == '/')
        size--;
    return strndup(path, size);
}

status collect_from(struct importer *importer, const char *kind_and_path, struct error *error)
{
    const char *colon = strchr(kind_and_path, ':');
    if (!colon || !colon[1] || !is_kind(kind_and_path, (size_t)(colon - kind_and_path)))
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "--from %.100s: write KIND:PATH, with yara, loki, hashes or clamav for "
                         "KIND",
                         kind_and_path);
    char *kind cleanup(free_cleanup) = strndup(kind_and_path, (size_t)(colon - kind_and_path));
    char *path cleanup(free_cleanup) = trimmed(colon + 1);
    struct stat stat;
    if (!kind || !path)
        return ASSAY_ERR_NOMEM;
    if (fstatat(AT_FDCWD, path, &stat, 0) < 0)
        return error_set(error, ASSAY_ERR_IO, "%.150s: %s", path, strerror(errno));
    const char *kinds[] = {kind, NULL};
    const char *last = base_name(path);
    bool is_directory = S_ISDIR(stat.st_mode);
    bool has_name = strcmp(last, ".") != 0 && strcmp(last, "..") != 0 && last[0];
    struct collector collector cleanup(collector_release) = {
        .importer = importer,
        .kinds = kinds,
        .is_named = !is_directory,
        .root = is_directory ? path : "",
        .prefix = is_directory && has_name ? last : "",
    };
    /* A file is called by its own name alone, wherever it is. */
    char *root cleanup(free_cleanup) = strndup(path, (size_t)(last - path));
    if (!root)
        return ASSAY_ERR_NOMEM;
    if (!is_directory)
        collector.root = root;
    TRY(collect(&collector, path, error));
    if (collector.taken == 0)
        return error_set(error, ASSAY_ERR_ARGUMENT, "there is nothing of the kind %s in %.150s",
                         kind, path);
    return ASSAY_OK;
}

status collect_tree(struct importer *importer, const char *directory, struct error *error)
{
    static const char *const kinds[] = {"yara", "hashes", NULL};
    char *root cleanup(free_cleanup) = trimmed(directory);
    if (!root)
        return ASSAY_ERR_NOMEM;
    struct collector collector cleanup(collector_release) = {
        .importer = importer, .kinds = kinds, .root = root, .prefix = ""};
    TRY(collect(&collector, root, error));
    if (collector.taken == 0)
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "there are neither rules (*.yar, *.yara) nor hash lists (*.hashes) in "
                         "%.150s",
                         directory);
    return ASSAY_OK;
}
