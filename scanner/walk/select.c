#include "walk/select.h"

status selection_init(struct selection *selection, const struct walk_options *options,
                      struct error *error)
{
    if (options->shard_count > 1 &&
        (options->shard_index < 1 || options->shard_index > options->shard_count))
        return error_set(error, ASSAY_ERR_ARGUMENT, "there is no part %u of %u",
                         options->shard_index, options->shard_count);
    selection->options = options;
    TRY(glob_list_compile(&selection->includes, options->includes, options->include_count, error));
    return glob_list_compile(&selection->excludes, options->excludes, options->exclude_count,
                             error);
}

void selection_release(struct selection *selection)
{
    glob_list_release(&selection->includes);
    glob_list_release(&selection->excludes);
}

bool selection_includes_directory(const struct selection *selection, struct view path,
                                  bool parent_included)
{
    return selection->includes.count == 0 || parent_included ||
           glob_list_match(&selection->includes, path, true);
}

bool selection_excludes(const struct selection *selection, struct view path, bool is_directory,
                        bool parent_included)
{
    if (glob_list_match(&selection->excludes, path, is_directory))
        return true;
    if (is_directory || selection->includes.count == 0 || parent_included)
        return false;
    return !glob_list_match(&selection->includes, path, false);
}

/* FNV-1a, 64 bits, folded so that the low bits depend on all of them. */
static uint64_t stable_hash(struct view bytes)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (uint64_t i = 0; i < bytes.size; i++)
        hash = (hash ^ bytes.data[i]) * UINT64_C(0x100000001b3);
    return hash ^ hash >> 32;
}

bool selection_is_elsewhere(const struct selection *selection, struct view path)
{
    uint32_t count = selection->options->shard_count;
    return count > 1 && stable_hash(path) % count != selection->options->shard_index - 1;
}

static bool is_before(struct timespec a, struct timespec b)
{
    return a.tv_sec != b.tv_sec ? a.tv_sec < b.tv_sec : a.tv_nsec < b.tv_nsec;
}

bool selection_is_older(const struct selection *selection, const struct stat *stat)
{
    const struct walk_options *options = selection->options;
    return options->has_newer_than && is_before(stat->st_mtim, options->newer_than) &&
           is_before(stat->st_ctim, options->newer_than);
}
