#include "pool/task.h"

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
