/* task: a file on its way through the pool, and lists of them. */
#ifndef POOL_TASK_H
#define POOL_TASK_H

#include "pool/pool.h"

/* A file that several workers look at together, each a share of it. */
struct task_group {
    uint32_t shares;
    uint32_t left;              /* not done yet */
    struct assay_result result; /* of those that are */
    bool failed;                /* a worker was lost over it, and that was told */
    bool late;                  /* that its time is used up was told */
};

struct task {
    struct task *next;
    uint64_t id;
    uint32_t share;
    struct task_group *group; /* shared by its shares; NULL: one worker does it alone */
    int fd;
    struct stat stat;
    char *owner;
    size_t path_size;
    bool matched; /* a match was told: whatever happens now, the verdict is that */
    uint8_t path[];
};

static inline struct assay_bytes task_path(const struct task *task)
{
    return (struct assay_bytes){task->path, task->path_size};
}

static inline uint64_t task_bytes(const struct task *task)
{
    return (uint64_t)task->stat.st_size;
}

/* Takes file->fd, also on failure. Errors: ASSAY_ERR_NOMEM. */
CHECKED status task_new(const struct pool_file *file, uint64_t id, struct task **ret_task);
void task_free(struct task *task);

/* First in, first out. */
struct task_list {
    struct task *first;
    struct task *last;
    size_t count;
    uint64_t bytes; /* of all files in it */
};

void task_list_append(struct task_list *list, struct task *task);
/* NULL when the list is empty. */
struct task *task_list_take(struct task_list *list);
/* Puts all of `tasks` in front, in their order, and empties it. */
void task_list_put_back(struct task_list *list, struct task_list *tasks);
void task_list_release(struct task_list *list);

/* Makes a task that nobody has begun the first of so many shares, at least 2, and adds the others
 * to the list, with ids from `id` on. Errors: ASSAY_ERR_NOMEM, ASSAY_ERR_IO (no further fd): it is
 * as it was. */
CHECKED status task_share(struct task *task, uint32_t shares, uint64_t id,
                          struct task_list *ret_others);

/* A share is done: true when it was the last, and *result is then that of the file. For a task that
 * is done alone always true. */
bool task_finish(struct task *task, struct assay_result *result);

#endif
