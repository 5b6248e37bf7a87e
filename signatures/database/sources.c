#include "signatures/database/sources.h"

#include <stdlib.h>
#include <string.h>

static struct source_file *find(const struct source_set *set, const char *name)
{
    for (size_t i = 0; i < set->count; i++) {
        if (strcmp(set->files[i].name, name) == 0)
            return &set->files[i];
    }
    return NULL;
}

/* The array with room for one more: doubled whenever the count is a power of two. NULL: no memory. */
static void *with_room(void *array, size_t count, size_t size)
{
    if ((count & (count - 1)) != 0)
        return array;
    return reallocarray(array, count > 0 ? 2 * count : 1, size);
}

status source_set_add(struct source_set *set, const char *name, struct error *error,
                      struct source_file **ret_file)
{
    struct assay_bytes bytes = {(const uint8_t *)name, strlen(name)};
    if (!manifest_path_is_safe(bytes))
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "'%.150s' is no name for a file of a database: rename it", name);
    if (find(set, name))
        return error_set(error, ASSAY_ERR_ARGUMENT, "there are two files called %.150s", name);
    struct source_file *files = with_room(set->files, set->count, sizeof(*files));
    if (!files)
        return ASSAY_ERR_NOMEM;
    set->files = files;
    struct source_file file = {.name = strdup(name)};
    if (!file.name)
        return ASSAY_ERR_NOMEM;
    set->files[set->count] = file;
    *ret_file = &set->files[set->count++];
    return ASSAY_OK;
}

status source_set_skip(struct source_set *set, const char *name, int64_t line, const char *reason)
{
    struct manifest_skip *skipped = with_room(set->skipped, set->skipped_count, sizeof(*skipped));
    if (!skipped)
        return ASSAY_ERR_NOMEM;
    set->skipped = skipped;
    struct manifest_skip skip = {strdup(name), line, strdup(reason)};
    if (!skip.name || !skip.reason) {
        free(skip.name);
        free(skip.reason);
        return ASSAY_ERR_NOMEM;
    }
    set->skipped[set->skipped_count++] = skip;
    return ASSAY_OK;
}

static void release_file(struct source_file *file)
{
    free(file->name);
    buffer_release(&file->text);
}

status source_set_drop(struct source_set *set, const char *name, int64_t line, const char *reason)
{
    struct source_file *file = find(set, name);
    if (!file)
        return ASSAY_ERR_ARGUMENT;
    TRY(source_set_skip(set, file->name, line, reason));
    release_file(file);
    size_t index = (size_t)(file - set->files);
    memmove(file, file + 1, (set->count - index - 1) * sizeof(*file));
    set->count--;
    return ASSAY_OK;
}

static int by_name(const void *left, const void *right)
{
    return strcmp(((const struct source_file *)left)->name,
                  ((const struct source_file *)right)->name);
}

void source_set_sort(struct source_set *set)
{
    if (set->count > 1)
        qsort(set->files, set->count, sizeof(*set->files), by_name);
}

void source_set_release(struct source_set *set)
{
    for (size_t i = 0; i < set->count; i++)
        release_file(&set->files[i]);
    for (size_t i = 0; i < set->skipped_count; i++) {
        free(set->skipped[i].name);
        free(set->skipped[i].reason);
    }
    free(set->files);
    free(set->skipped);
    *set = (struct source_set){.count = 0};
}
