#include "pool/task.h"

#include <fcntl.h>
#include <string.h>

status task_new(const struct pool_file *file, uint64_t id, struct task **ret_task)
{
    int fd cleanup(fd_cleanup) = file->fd;
    struct task *task = malloc(sizeof(*task) + file->path.size);
    char *owner = strdup(file->owner);
    if (!task || !owner) {
        free(task);
        free(owner);
        return ASSAY_ERR_NOMEM;
    }
    *task = (struct task){
        .id = id,
        .fd = steal_fd(&fd),
        .stat = *file->stat,
        .owner = owner,
        .path_size = file->path.size,
    };
    if (file->path.size)
        memcpy(task->path, file->path.data, file->path.size);
    *ret_task = task;
    return ASSAY_OK;
}

void task_free(struct task *task)
{
    if (!task)
        return;
    fd_cleanup(&task->fd);
    if (task->group && --task->group->left == 0)
        free(task->group);
    free(task->owner);
    free(task);
}

void task_list_append(struct task_list *list, struct task *task)
{
    task->next = NULL;
    if (list->last)
        list->last->next = task;
    else
        list->first = task;
    list->last = task;
    list->count++;
    list->bytes += task_bytes(task);
}

struct task *task_list_take(struct task_list *list)
{
    struct task *task = list->first;
    if (!task)
        return NULL;
    list->first = task->next;
    if (!list->first)
        list->last = NULL;
    list->count--;
    list->bytes -= task_bytes(task);
    return task;
}

void task_list_put_back(struct task_list *list, struct task_list *tasks)
{
    struct task *task;
    while ((task = task_list_take(list)))
        task_list_append(tasks, task);
    *list = *tasks;
    *tasks = (struct task_list){NULL, NULL, 0, 0};
}

void task_list_release(struct task_list *list)
{
    struct task *task;
    while ((task = task_list_take(list)))
        task_free(task);
}

/* ---- shares ---------------------------------------------------------------------------------- */

static status add_share(const struct task *task, uint64_t id, struct task_list *others)
{
    int fd = fcntl(task->fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return ASSAY_ERR_IO;
    struct pool_file file = {
        .fd = fd, .path = task_path(task), .owner = task->owner, .stat = &task->stat};
    struct task *share;
    TRY(task_new(&file, id, &share));
    task_list_append(others, share);
    return ASSAY_OK;
}

status task_share(struct task *task, uint32_t shares, uint64_t id, struct task_list *ret_others)
{
    struct task_group *group = calloc(1, sizeof(*group));
    if (!group)
        return ASSAY_ERR_NOMEM;
    struct task_list others = {0};
    status added = ASSAY_OK;
    for (uint32_t i = 1; i < shares && added >= 0; i++)
        added = add_share(task, id++, &others);
    if (added < 0) {
        task_list_release(&others);
        free(group);
        return added;
    }
    group->shares = group->left = shares;
    task->group = group;
    uint32_t index = 1;
    for (struct task *share = others.first; share; share = share->next) {
        share->group = group;
        share->share = index++;
    }
    *ret_others = others;
    return ASSAY_OK;
}

bool task_finish(struct task *task, struct assay_result *result)
{
    struct task_group *group = task->group;
    if (!group)
        return true;
    if (group->result.verdict < result->verdict)
        group->result.verdict = result->verdict;
    if (task->share == 0) { /* each of them counts all that is in the file */
        group->result.objects = result->objects;
        group->result.expanded_bytes = result->expanded_bytes;
    }
    *result = group->result;
    return group->left == 1;
}
