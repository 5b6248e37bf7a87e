#include "walk/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>

#include "walk/filesystem.h"
#include "walk/idset.h"
#include "walk/levels.h"
#include "walk/open.h"
#include "walk/select.h"

#define MOST_OPEN  256
#define LEAST_OPEN 4

static const char *const skip_names[WALK_SKIP_COUNT] = {
    [WALK_SKIP_SYMLINK] = "symlink",       [WALK_SKIP_FIFO] = "fifo",
    [WALK_SKIP_SOCKET] = "socket",         [WALK_SKIP_DEVICE] = "device",
    [WALK_SKIP_HARDLINK] = "hardlink",     [WALK_SKIP_LOOP] = "loop",
    [WALK_SKIP_FILESYSTEM] = "filesystem", [WALK_SKIP_MOUNT] = "mount",
    [WALK_SKIP_EXCLUDED] = "excluded",     [WALK_SKIP_OLDER] = "older",
    [WALK_SKIP_SHARD] = "shard",           [WALK_SKIP_REPORT] = "report",
};

static const struct {
    mode_t type;
    enum walk_skip skip;
} skipped_types[] = {
    {S_IFLNK, WALK_SKIP_SYMLINK}, {S_IFIFO, WALK_SKIP_FIFO},   {S_IFSOCK, WALK_SKIP_SOCKET},
    {S_IFCHR, WALK_SKIP_DEVICE},  {S_IFBLK, WALK_SKIP_DEVICE},
};

struct walk {
    struct selection selection;
    struct idset given; /* hard-linked files */
    struct levels levels;
    struct buffer root; /* as given */
    struct buffer path; /* of the entry that is looked at, as displayed */
    size_t relative;    /* from here on, path is relative to the root */
    bool root_waits;    /* to be looked at by the next call */
    int proc_fd;        /* see open_file */
    int given_fd;       /* of the last entry, or -1 */
};

/* ---- giving an entry ------------------------------------------------------------------------- */

/* The functions below look at one thing. They return ASSAY_OK with *ret_entry set when there is
 * something to give, and ASSAY_END when there is not, though more may come. */

static struct walk_entry entry_of(const struct walk *walk, enum walk_kind kind)
{
    return (struct walk_entry){
        .kind = kind,
        .path = {walk->path.data, walk->path.size},
        .fd = -1,
        .is_root = walk->levels.count == 0 || walk->path.size == walk->levels.all[0].path_size,
    };
}

static status give_skip(const struct walk *walk, enum walk_skip skip, struct walk_entry *ret_entry)
{
    *ret_entry = entry_of(walk, WALK_SKIPPED);
    ret_entry->skip = skip;
    return ASSAY_OK;
}

static status give_fault(const struct walk *walk, struct fault fault, struct walk_entry *ret_entry)
{
    *ret_entry = entry_of(walk, WALK_ERROR);
    ret_entry->error_number = fault.error_number;
    ret_entry->detail = fault.detail;
    return ASSAY_OK;
}

/* ---- what is asked of a name, then of a file ------------------------------------------------- */

static struct view path_view(const struct walk *walk)
{
    return (struct view){walk->path.data, walk->path.size};
}

static struct view relative_path(const struct walk *walk)
{
    return view_sub(path_view(walk), walk->relative, walk->path.size);
}

static bool parent_is_included(const struct walk *walk)
{
    const struct level *top = levels_top(&walk->levels);
    return top && top->included;
}

/* Whether a name of this type (S_IFMT bits) is passed over. */
static bool is_passed_over(const struct walk *walk, mode_t type, enum walk_skip *ret_skip)
{
    for (size_t i = 0; i < sizeof(skipped_types) / sizeof(skipped_types[0]); i++) {
        if (skipped_types[i].type == type) {
            *ret_skip = skipped_types[i].skip;
            return true;
        }
    }
    bool is_root_directory = S_ISDIR(type) && walk->levels.count == 0;
    if (is_root_directory || !selection_excludes(&walk->selection, relative_path(walk),
                                                 S_ISDIR(type), parent_is_included(walk)))
        return false;
    *ret_skip = WALK_SKIP_EXCLUDED;
    return true;
}

/* Whether the file is on a file system that the walk stays out of. A root was named, so only what
 * is no storage at all is refused. */
static bool is_out_of_bounds(const struct walk *walk, const struct found *found,
                             enum walk_skip *ret_skip)
{
    const struct level *top = levels_top(&walk->levels);
    if (top && found->stat.st_dev == top->device)
        return false;
    bool stays = top && walk->selection.options->one_file_system;
    *ret_skip = stays ? WALK_SKIP_MOUNT : WALK_SKIP_FILESYSTEM;
    /* A server that is gone is not asked about a directory that is not to be entered anyway. */
    if (stays && S_ISDIR(found->stat.st_mode))
        return true;
    enum filesystem_kind kind;
    if (!filesystem_kind_of(found->fd, &kind))
        return stays;
    if (stays)
        return kind != FILESYSTEM_OVERLAY;
    return kind == FILESYSTEM_PSEUDO || (top && kind == FILESYSTEM_NETWORK);
}

static bool is_file_passed_over(const struct walk *walk, const struct stat *stat,
                                enum walk_skip *ret_skip)
{
    if (stat->st_nlink > 1 && idset_has(&walk->given, stat))
        *ret_skip = WALK_SKIP_HARDLINK;
    else if (selection_is_elsewhere(&walk->selection, path_view(walk)))
        *ret_skip = WALK_SKIP_SHARD;
    else if (selection_is_older(&walk->selection, stat))
        *ret_skip = WALK_SKIP_OLDER;
    else
        return false;
    return true;
}

/* ---- one file, one directory ----------------------------------------------------------------- */

static status visit_file(struct walk *walk, struct found *found, struct walk_entry *ret_entry)
{
    enum walk_skip skip;
    if (is_file_passed_over(walk, &found->stat, &skip))
        return give_skip(walk, skip, ret_entry);
    uint64_t most = walk->selection.options->max_file_size;
    if (most && (uint64_t)found->stat.st_size > most) {
        *ret_entry = entry_of(walk, WALK_TOO_LARGE);
        ret_entry->stat = found->stat;
        return ASSAY_OK;
    }
    cleanup(fd_cleanup) int fd = -1;
    struct fault fault = {NULL, 0};
    if (!walk->selection.options->count_only)
        fault = open_file(found, walk->proc_fd, &fd);
    if (fault.detail)
        return give_fault(walk, fault, ret_entry);
    /* Only what is given counts: a name that is passed over must not hide another. */
    if (found->stat.st_nlink > 1)
        TRY(idset_add(&walk->given, &found->stat));
    *ret_entry = entry_of(walk, WALK_FILE);
    ret_entry->stat = found->stat;
    ret_entry->fd = walk->given_fd = steal_fd(&fd);
    return ASSAY_OK;
}

static status visit_directory(struct walk *walk, const struct found *found,
                              struct walk_entry *ret_entry)
{
    if (levels_has(&walk->levels, &found->stat))
        return give_skip(walk, WALK_SKIP_LOOP, ret_entry);
    cleanup(fd_cleanup) int fd = -1;
    struct fault fault = open_directory(found->fd, &fd);
    if (fault.detail)
        return give_fault(walk, fault, ret_entry);
    bool included = selection_includes_directory(&walk->selection, relative_path(walk),
                                                 parent_is_included(walk));
    TRY(levels_push(&walk->levels, &fd, &found->stat, walk->path.size));
    levels_top(&walk->levels)->included = included;
    return ASSAY_END;
}

static status visit(struct walk *walk, struct found *found, struct walk_entry *ret_entry)
{
    enum walk_skip skip;
    if (is_out_of_bounds(walk, found, &skip))
        return give_skip(walk, skip, ret_entry);
    if (S_ISDIR(found->stat.st_mode))
        return visit_directory(walk, found, ret_entry);
    if (S_ISREG(found->stat.st_mode))
        return visit_file(walk, found, ret_entry);
    struct fault fault = {"it is neither a file nor a directory", 0};
    return give_fault(walk, fault, ret_entry);
}

/* ---- the root, and the names in a directory -------------------------------------------------- */

static status visit_root(struct walk *walk, struct walk_entry *ret_entry)
{
    walk->root_waits = false;
    cleanup(fd_cleanup) int parent = -1;
    cleanup(found_cleanup) struct found found = {.fd = -1};
    struct fault fault = {"a path cannot hold a NUL byte", EINVAL};
    if (!memchr(walk->root.data, 0, walk->root.size))
        fault = open_locate_root(&walk->root, &found, &parent);
    if (!fault.detail)
        fault = open_place(&found);
    if (fault.detail)
        return give_fault(walk, fault, ret_entry);
    enum walk_skip skip;
    if (is_passed_over(walk, found.stat.st_mode & S_IFMT, &skip))
        return give_skip(walk, skip, ret_entry);
    if (S_ISDIR(found.stat.st_mode))
        walk->relative = walk->path.size + (walk->path.data[walk->path.size - 1] != '/');
    return visit(walk, &found, ret_entry);
}

static status visit_name(struct walk *walk, int parent, const struct dirent *name,
                         struct walk_entry *ret_entry)
{
    /* The type in the directory saves opening what is passed over anyway. It is not believed when
     * something is to be opened. */
    enum walk_skip skip;
    mode_t type = DTTOIF((mode_t)name->d_type);
    if (type && is_passed_over(walk, type, &skip))
        return give_skip(walk, skip, ret_entry);
    cleanup(found_cleanup) struct found found = {.place = {parent, name->d_name, false}, .fd = -1};
    struct fault fault = open_place(&found);
    if (fault.detail)
        return give_fault(walk, fault, ret_entry);
    mode_t true_type = found.stat.st_mode & S_IFMT;
    if (true_type != type && is_passed_over(walk, true_type, &skip))
        return give_skip(walk, skip, ret_entry);
    return visit(walk, &found, ret_entry);
}

static status append_name(struct buffer *path, const char *name)
{
    size_t size = strlen(name);
    TRY(buffer_reserve(path, size + 1));
    if (path->data[path->size - 1] != '/')
        TRY(buffer_append(path, "/", 1));
    return buffer_append(path, name, size);
}

static status leave_directory(struct walk *walk, struct walk_entry *ret_entry)
{
    size_t lost_size;
    if (!levels_pop(&walk->levels, (struct assay_bytes){walk->path.data, walk->path.size},
                    &lost_size))
        return ASSAY_END;
    walk->path.size = lost_size;
    struct fault fault = {"it could not be entered again on the way up: the rest of it "
                          "was not looked at",
                          0};
    return give_fault(walk, fault, ret_entry);
}

static status read_directory(struct walk *walk, struct walk_entry *ret_entry)
{
    struct level *top = levels_top(&walk->levels);
    walk->path.size = top->path_size;
    if (top->done)
        return leave_directory(walk, ret_entry);
    if (top->changed) {
        top->changed = false;
        struct fault fault = {"it changed while the walk was far below it, and names in it may "
                              "have been missed",
                              0};
        return give_fault(walk, fault, ret_entry);
    }
    errno = 0;
    const struct dirent *name = readdir(top->dir);
    if (!name) {
        top->done = true;
        struct fault fault = {"it cannot be read to its end", errno};
        return errno ? give_fault(walk, fault, ret_entry) : ASSAY_END;
    }
    if (strcmp(name->d_name, ".") == 0 || strcmp(name->d_name, "..") == 0)
        return ASSAY_END;
    TRY(append_name(&walk->path, name->d_name));
    return visit_name(walk, dirfd(top->dir), name, ret_entry);
}

/* ---- the contract ---------------------------------------------------------------------------- */

const char *walk_skip_name(enum walk_skip skip)
{
    return (size_t)skip < WALK_SKIP_COUNT ? skip_names[skip] : "unknown";
}

/* A part of what the process may open: files that were given are held by the caller. */
static size_t directories_to_hold(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur / 4 < LEAST_OPEN)
        return LEAST_OPEN;
    return limit.rlim_cur / 4 < MOST_OPEN ? (size_t)limit.rlim_cur / 4 : MOST_OPEN;
}

status walk_new(const struct walk_options *options, struct error *error, struct walk **ret_walk)
{
    cleanup(walk_free_cleanup) struct walk *walk = calloc(1, sizeof(*walk));
    if (!walk)
        return ASSAY_ERR_NOMEM;
    walk->proc_fd = -1;
    walk->given_fd = -1;
    TRY(selection_init(&walk->selection, options, error));
    walk->proc_fd = open_proc();
    walk->levels.most_open = directories_to_hold();
    uint64_t seed = 0;
    /* Without a seed it is all still right, only slower for who knows how to make it so. */
    if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
        seed = 0;
    walk->levels.seed = walk->given.seed = seed;
    *ret_walk = steal_pointer(walk);
    return ASSAY_OK;
}

void walk_free(struct walk *walk)
{
    if (!walk)
        return;
    levels_release(&walk->levels);
    idset_release(&walk->given);
    selection_release(&walk->selection);
    buffer_release(&walk->root);
    buffer_release(&walk->path);
    fd_cleanup(&walk->proc_fd);
    free(walk);
}

static size_t without_trailing_slashes(struct assay_bytes path)
{
    size_t size = path.size;
    while (size > 1 && path.data[size - 1] == '/')
        size--;
    return size;
}

/* Where the last name begins. */
static size_t base_offset(const struct buffer *path)
{
    const uint8_t *slash = path->size ? memrchr(path->data, '/', path->size) : NULL;
    return slash ? (size_t)(slash - path->data) + 1 : 0;
}

status walk_start(struct walk *walk, struct assay_bytes root)
{
    levels_clear(&walk->levels);
    walk->root_waits = false;
    walk->root.size = 0;
    walk->path.size = 0;
    TRY(buffer_append(&walk->root, root.data, root.size));
    TRY(buffer_terminate(&walk->root));
    TRY(buffer_reserve(&walk->path, root.size));
    TRY(buffer_append(&walk->path, root.data, without_trailing_slashes(root)));
    walk->relative = base_offset(&walk->path);
    walk->root_waits = true;
    return ASSAY_OK;
}

status walk_next(struct walk *walk, struct walk_entry *ret_entry)
{
    if (walk->given_fd >= 0 && ret_entry->fd == walk->given_fd)
        close(steal_fd(&ret_entry->fd));
    walk->given_fd = -1;
    status why = ASSAY_END;
    while (why == ASSAY_END && (walk->root_waits || walk->levels.count > 0))
        why = walk->root_waits ? visit_root(walk, ret_entry) : read_directory(walk, ret_entry);
    return why;
}
