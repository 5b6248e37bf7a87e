#include "walk/levels.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "walk/hash.h"
#include "walk/open.h"

#define FIRST_CAPACITY 32

/* ---- finding a level by its directory -------------------------------------------------------- */

static bool level_is(const struct level *level, const struct stat *stat)
{
    return level->device == stat->st_dev && level->inode == stat->st_ino;
}

/* The slot of the level with this device and inode, or the free one where it belongs. */
static size_t find_slot(const struct levels *levels, dev_t device, ino_t inode)
{
    size_t mask = levels->slot_count - 1;
    size_t slot = (size_t)hash_mix(hash_mix(levels->seed, device), inode) & mask;
    while (levels->slots[slot]) {
        const struct level *level = &levels->all[levels->slots[slot] - 1];
        if (level->device == device && level->inode == inode)
            break;
        slot = (slot + 1) & mask;
    }
    return slot;
}

static void index_level(struct levels *levels, size_t position)
{
    const struct level *level = &levels->all[position];
    levels->slots[find_slot(levels, level->device, level->inode)] = (uint32_t)position + 1;
}

bool levels_has(const struct levels *levels, const struct stat *stat)
{
    return levels->count > 0 && levels->slots[find_slot(levels, stat->st_dev, stat->st_ino)] != 0;
}

/* There are twice as many slots as levels. */
static status grow(struct levels *levels)
{
    size_t capacity = levels->capacity ? levels->capacity * 2 : FIRST_CAPACITY;
    if (capacity > UINT32_MAX)
        return ASSAY_ERR_NOMEM;
    struct level *all = reallocarray(levels->all, capacity, sizeof(*all));
    if (!all)
        return ASSAY_ERR_NOMEM;
    levels->all = all;
    uint32_t *slots = calloc(capacity * 2, sizeof(*slots));
    if (!slots)
        return ASSAY_ERR_NOMEM;
    free(levels->slots);
    levels->slots = slots;
    levels->slot_count = capacity * 2;
    levels->capacity = capacity;
    for (size_t i = 0; i < levels->count; i++)
        index_level(levels, i);
    return ASSAY_OK;
}

/* ---- down ------------------------------------------------------------------------------------ */

struct level *levels_top(const struct levels *levels)
{
    return levels->count ? &levels->all[levels->count - 1] : NULL;
}

static void close_level(struct level *level)
{
    if (level->dir)
        closedir(level->dir);
    level->dir = NULL;
}

/* Closes the shallowest directory below the root when too many are open. */
static void save_fd(struct levels *levels)
{
    if (levels->count - levels->first_open + 1 < levels->most_open)
        return;
    struct level *level = &levels->all[levels->first_open++];
    struct stat stat;
    level->position = telldir(level->dir);
    level->changed = fstat(dirfd(level->dir), &stat) != 0;
    if (!level->changed)
        level->modified = stat.st_mtim;
    close_level(level);
}

status levels_push(struct levels *levels, int *fd, const struct stat *stat, size_t path_size)
{
    if (levels->count == levels->capacity)
        TRY(grow(levels));
    DIR *dir = fdopendir(*fd);
    if (!dir)
        return ASSAY_ERR_NOMEM;
    steal_fd(fd);
    if (levels->count == 0)
        levels->first_open = 1;
    else
        save_fd(levels);
    levels->all[levels->count] = (struct level){
        .device = stat->st_dev, .inode = stat->st_ino, .dir = dir, .path_size = path_size};
    index_level(levels, levels->count++);
    return ASSAY_OK;
}

/* ---- up -------------------------------------------------------------------------------------- */

/* Forgets the deepest level. It was the last to get a slot, so no other was put off by it. */
static void drop_top(struct levels *levels)
{
    struct level *level = levels_top(levels);
    levels->slots[find_slot(levels, level->device, level->inode)] = 0;
    close_level(level);
    levels->count--;
}

/* Moves *at, an O_PATH fd, to that name when it is the level's directory. */
static bool step_to(int *at, const char *name, const struct level *level)
{
    cleanup(found_cleanup) struct found found = {.place = {*at, name, false}, .fd = -1};
    if (open_place(&found).detail || !level_is(level, &found.stat))
        return false;
    fd_cleanup(at);
    *at = steal_fd(&found.fd);
    return true;
}

/* The name of a level below the root, out of the walk's path. */
static bool copy_name(const struct levels *levels, size_t position, struct assay_bytes path,
                      char name[NAME_MAX + 1])
{
    size_t begin = levels->all[position - 1].path_size;
    size_t end = levels->all[position].path_size;
    if (path.data[begin] == '/')
        begin++;
    if (end - begin > NAME_MAX)
        return false;
    memcpy(name, path.data + begin, end - begin);
    name[end - begin] = 0;
    return true;
}

/* Goes down by name from the root, which is always open, as far towards the deepest level as the
 * directories are still where they were. The position that was reached. */
static size_t descend(const struct levels *levels, struct assay_bytes path, int *ret_at)
{
    int at = openat(dirfd(levels->all[0].dir), ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    size_t reached = 0;
    char name[NAME_MAX + 1];
    while (at >= 0 && reached + 1 < levels->count && copy_name(levels, reached + 1, path, name) &&
           step_to(&at, name, &levels->all[reached + 1]))
        reached++;
    *ret_at = at;
    return reached;
}

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* Opens the deepest level again, from an O_PATH fd of its directory. */
static bool open_again(struct levels *levels, int at)
{
    struct level *level = levels_top(levels);
    cleanup(fd_cleanup) int fd = -1;
    struct stat stat;
    if (open_directory(at, &fd).detail || fstat(fd, &stat) != 0)
        return false;
    level->dir = fdopendir(fd);
    if (!level->dir)
        return false;
    steal_fd(&fd);
    seekdir(level->dir, level->position);
    level->changed |= !same_time(level->modified, stat.st_mtim);
    levels->first_open = levels->count - 1;
    return true;
}

/* Drops what cannot be reached by name; *at is then the deepest directory that is left. */
static bool drop_unreachable(struct levels *levels, struct assay_bytes path, int *at,
                             size_t *ret_path_size)
{
    fd_cleanup(at);
    size_t reached = descend(levels, path, at);
    bool lost = levels->count > reached + 1;
    while (levels->count > reached + 1) {
        *ret_path_size = levels_top(levels)->path_size;
        drop_top(levels);
    }
    return lost;
}

bool levels_pop(struct levels *levels, struct assay_bytes path, size_t *ret_path_size)
{
    bool lost = false;
    bool is_closed_above = levels->count > 1 && !levels->all[levels->count - 2].dir;
    cleanup(fd_cleanup) int at =
        is_closed_above ? fcntl(dirfd(levels_top(levels)->dir), F_DUPFD_CLOEXEC, 0) : -1;
    drop_top(levels);
    while (levels->count > 0 && !levels_top(levels)->dir) {
        if (at < 0 || !step_to(&at, "..", levels_top(levels)))
            lost |= drop_unreachable(levels, path, &at, ret_path_size);
        if (levels_top(levels)->dir || (at >= 0 && open_again(levels, at)))
            break;
        lost = true;
        *ret_path_size = levels_top(levels)->path_size;
        drop_top(levels);
    }
    if (levels->first_open > levels->count)
        levels->first_open = levels->count;
    return lost;
}

void levels_clear(struct levels *levels)
{
    while (levels->count > 0)
        drop_top(levels);
}

void levels_release(struct levels *levels)
{
    levels_clear(levels);
    free(levels->all);
    free(levels->slots);
    levels->all = NULL;
    levels->slots = NULL;
    levels->capacity = 0;
    levels->slot_count = 0;
}
