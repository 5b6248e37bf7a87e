/* task: a file on its way through the pool, and lists of them. */
#ifndef POOL_TASK_H
#define POOL_TASK_H

#include "pool/pool.h"

struct task {
    struct task *next;
    uint64_t id;
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

#endif
