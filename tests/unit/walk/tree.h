/* tree: what the units of the walk share: a directory of their own, and a walk noted down. */
#ifndef TESTS_UNIT_WALK_TREE_H
#define TESTS_UNIT_WALK_TREE_H

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/text.h"
#include "unit.h"
#include "walk/walk.h"

static inline void tree_enter_below(const char *parent, char name[64])
{
    snprintf(name, 64, "%s/assay-walk-XXXXXX", parent);
    ck_assert_ptr_nonnull(mkdtemp(name));
    ck_assert_int_eq(chdir(name), 0);
}

/* A fresh directory, made the current one, so that roots are short: "." or a name in it. */
static inline void tree_enter(char name[64])
{
    tree_enter_below("/var/tmp", name);
}

static inline int tree_remove_one(const char *path, const struct stat *stat, int type,
                                  struct FTW *where)
{
    (void)stat;
    (void)type;
    (void)where;
    return remove(path);
}

static inline void tree_leave(const char *name)
{
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(nftw(name, tree_remove_one, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT), 0);
}

static inline void make_file(const char *path, const char *content)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    ck_assert_msg(fd >= 0, "%s: %s", path, strerror(errno));
    ck_assert_int_eq(write(fd, content, strlen(content)), (ssize_t)strlen(content));
    close(fd);
}

static inline void make_directory(const char *path)
{
    ck_assert_msg(mkdir(path, 0755) == 0, "%s: %s", path, strerror(errno));
}

static inline struct walk *new_walk(const struct walk_options *options)
{
    struct walk *walk = NULL;
    struct error error = {""};
    ck_assert_msg(walk_new(options, &error, &walk) == ASSAY_OK, "%s", error.text);
    return walk;
}

/* One line an entry: "file PATH CONTENT", "skip WORD PATH", "large PATH", "error ERRNO PATH"; a "!"
 * in front marks a root. */
static inline void note_entry(struct buffer *out, struct walk_entry *entry)
{
    static const char *const kinds[] = {"file", "large", "skip", "error"};
    status why = buffer_append_format(out, "%s%s ", entry->is_root ? "!" : "", kinds[entry->kind]);
    if (entry->kind == WALK_SKIPPED)
        why |= buffer_append_format(out, "%s ", walk_skip_name(entry->skip));
    if (entry->kind == WALK_ERROR)
        why |= buffer_append_format(
            out, "%s ", entry->error_number ? strerrorname_np(entry->error_number) : "-");
    why |= text_escape(out, entry->path);
    if (entry->kind == WALK_FILE) {
        char content[32] = "";
        ck_assert_int_ge(entry->fd, 0);
        ck_assert_int_ge(read(entry->fd, content, sizeof(content) - 1), 0);
        why |= buffer_append_format(out, " %s", content);
    } else {
        ck_assert_int_eq(entry->fd, -1);
    }
    why |= buffer_append_text(out, "\n");
    ck_assert_int_eq(why, ASSAY_OK);
}

static inline int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The lines in order, since directories have none. */
static inline char *sort_lines(char *text)
{
    static char *lines[1000];
    size_t count = 0;
    char *sorted = calloc(1, strlen(text) + 1);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        lines[count++] = line;
    if (count)
        qsort(lines, count, sizeof(lines[0]), compare_lines);
    for (size_t i = 0, at = 0; i < count; i++)
        at += (size_t)sprintf(sorted + at, "%s\n", lines[i]);
    return sorted;
}

static inline char *walk_root(struct walk *walk, const char *root)
{
    struct buffer out = {NULL, 0, 0};
    struct walk_entry entry;
    status why;
    ck_assert_int_eq(walk_start(walk, text_bytes(root)), ASSAY_OK);
    while ((why = walk_next(walk, &entry)) == ASSAY_OK)
        note_entry(&out, &entry);
    ck_assert_int_eq(why, ASSAY_END);
    ck_assert_int_eq(walk_next(walk, &entry), ASSAY_END);
    ck_assert_int_eq(buffer_terminate(&out), ASSAY_OK);
    char *sorted = sort_lines((char *)out.data);
    buffer_release(&out);
    return sorted;
}

/* What a walk of the root gives, as sorted lines, is `want`. */
static inline void check_walk(const struct walk_options *options, const char *root,
                              const char *want)
{
    struct walk *walk = new_walk(options);
    char *have = walk_root(walk, root);
    ck_assert_str_eq(have, want);
    free(have);
    walk_free(walk);
}

static inline size_t count_open_fds(void)
{
    size_t count = 0;
    for (int fd = 0; fd < 1024; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

#endif
