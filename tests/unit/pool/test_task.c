/* Lists of files on their way. */
#include "pool/task.h"
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static struct task *task_of(uint64_t id, off_t size)
{
    struct stat stat = {.st_size = size};
    struct pool_file file = {.fd = memfd_create("task", MFD_CLOEXEC),
                             .path = {(const uint8_t *)"a\0b", 3},
                             .owner = "somebody",
                             .stat = &stat};
    struct task *task;
    ck_assert_int_eq(task_new(&file, id, &task), ASSAY_OK);
    return task;
}

static void append(struct task_list *list, uint64_t from, uint64_t to)
{
    for (uint64_t id = from; id <= to; id++)
        task_list_append(list, task_of(id, (off_t)id));
}

/* Takes all, which are these. */
static void expect(struct task_list *list, const char *ids)
{
    ck_assert_uint_eq(list->count, strlen(ids));
    for (const char *id = ids; *id; id++) {
        struct task *task = task_list_take(list);
        ck_assert_uint_eq(task->id, (uint64_t)(*id - '0'));
        task_free(task);
    }
    ck_assert_ptr_null(task_list_take(list));
    ck_assert_ptr_null(list->first);
    ck_assert_ptr_null(list->last);
    ck_assert_uint_eq(list->bytes, 0);
}

START_TEST(a_task_keeps_its_own_copy_and_closes_its_file)
{
    struct stat stat = {.st_size = 12};
    char path[] = "path", owner[] = "owner";
    int fd = memfd_create("task", MFD_CLOEXEC);
    struct pool_file file = {
        .fd = fd, .path = {(const uint8_t *)path, 4}, .owner = owner, .stat = &stat};
    struct task *task;
    ck_assert_int_eq(task_new(&file, 9, &task), ASSAY_OK);
    memset(path, 'x', 4);
    memset(owner, 'x', 5);
    ck_assert_uint_eq(task->id, 9);
    ck_assert_uint_eq(task_bytes(task), 12);
    ck_assert_uint_eq(task_path(task).size, 4);
    ck_assert_mem_eq(task_path(task).data, "path", 4);
    ck_assert_str_eq(task->owner, "owner");
    ck_assert(!task->matched);
    ck_assert_int_ge(fcntl(fd, F_GETFD), 0);
    task_free(task);
    ck_assert_int_lt(fcntl(fd, F_GETFD), 0);
    task_free(NULL);
}
END_TEST

START_TEST(first_in_is_first_out)
{
    struct task_list list = {0};
    ck_assert_ptr_null(task_list_take(&list));
    append(&list, 1, 3);
    ck_assert_uint_eq(list.bytes, 6);
    task_free(task_list_take(&list));
    ck_assert_uint_eq(list.bytes, 5);
    append(&list, 4, 4);
    expect(&list, "234");
    append(&list, 5, 5);
    expect(&list, "5");
}
END_TEST

START_TEST(what_is_put_back_comes_first)
{
    struct task_list list = {0}, back = {0};
    append(&list, 4, 5);
    append(&back, 1, 3);
    task_list_put_back(&list, &back);
    ck_assert_uint_eq(list.bytes, 15);
    ck_assert_uint_eq(back.count, 0);
    ck_assert_ptr_null(back.first);
    append(&list, 6, 6);
    expect(&list, "123456");

    task_list_put_back(&list, &back);
    expect(&list, "");
    append(&back, 1, 1);
    task_list_put_back(&list, &back);
    expect(&list, "1");
    append(&list, 2, 2);
    task_list_put_back(&list, &back);
    expect(&list, "2");
}
END_TEST

START_TEST(release_empties_a_list)
{
    struct task_list list = {0};
    append(&list, 1, 9);
    task_list_release(&list);
    expect(&list, "");
    append(&list, 1, 1);
    task_list_release(&list);
}
END_TEST

START_TEST(shares_are_one_file)
{
    struct task_list list = {0}, others;
    append(&list, 1, 1);
    struct task *first = list.first;
    ck_assert_int_eq(task_share(first, 3, 7, &others), ASSAY_OK);
    ck_assert_uint_eq(others.count, 2);
    ck_assert_uint_eq(first->share, 0);
    ck_assert_uint_eq(others.first->share, 1);
    ck_assert_uint_eq(others.first->id, 7);
    ck_assert_uint_eq(others.last->share, 2);
    ck_assert_uint_eq(others.last->id, 8);
    ck_assert_int_ne(others.first->fd, first->fd);
    ck_assert_uint_eq(task_bytes(others.last), task_bytes(first));

    /* In any order: the counts are those of the first, the verdict is the worst. */
    struct assay_result result = {ASSAY_INCOMPLETE, 5, 50};
    struct task *second = task_list_take(&others);
    ck_assert(!task_finish(second, &result));
    task_free(second);
    result = (struct assay_result){ASSAY_CLEAN, 6, 60};
    ck_assert(!task_finish(first, &result));
    task_free(task_list_take(&list));
    result = (struct assay_result){ASSAY_MATCH, 7, 70};
    ck_assert(task_finish(others.first, &result));
    ck_assert_int_eq(result.verdict, ASSAY_MATCH);
    ck_assert_uint_eq(result.objects, 6);
    ck_assert_uint_eq(result.expanded_bytes, 60);
    task_list_release(&others);
}
END_TEST

UNIT_MAIN("task", a_task_keeps_its_own_copy_and_closes_its_file, first_in_is_first_out,
          what_is_put_back_comes_first, release_empties_a_list, shares_are_one_file)
