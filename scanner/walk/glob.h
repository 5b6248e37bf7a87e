/*
 * glob: patterns for --include and --exclude, in the manner of gitignore(5).
 *
 *     a pattern with a slash in front or within is anchored: it is matched against the whole path
 *     below the root; without one, against the last name of it, at any depth
 *     *   any bytes but a slash            ?      one byte but a slash
 *     [abx-z] [!a] [^a]  one byte          \x     x itself
 *     **  as a whole name: any number of directories, none included; at the end: everything inside
 *     a slash at the end: directories only
 *
 * Names are bytes, without regard to locale or case. A pattern matches a whole name or path, never
 * a part. Work is at most size of pattern times size of path.
 *
 * Refused, since it would match nothing or not what was meant: an empty pattern, an empty name, "."
 * or "..", an unclosed bracket, an empty range, [:class:], a backslash with nothing behind it, and
 * negation by a "!" in front.
 */
#ifndef WALK_GLOB_H
#define WALK_GLOB_H

#include "base/cleanup.h"
#include "base/status.h"
#include "base/view.h"

struct glob {
    struct view pattern; /* without the slashes in front and behind; borrowed */
    bool anchored;
    bool directories_only;
};

/* Compiles one pattern. text is borrowed as long as the glob is used. Errors: ASSAY_ERR_ARGUMENT
 * (error says what is wrong with it). */
CHECKED status glob_compile(const char *text, struct error *error, struct glob *ret_glob);

/* path is relative to the root, without slashes in front or behind. */
bool glob_match(const struct glob *glob, struct view path, bool is_directory);

/* Several patterns, any of which may match. Zeroed, it is empty. */
struct glob_list {
    struct glob *globs;
    size_t count;
};

/* Fills an empty list. texts are borrowed. Errors: ASSAY_ERR_NOMEM, ASSAY_ERR_ARGUMENT. */
CHECKED status glob_list_compile(struct glob_list *list, const char *const *texts, size_t count,
                                 struct error *error);
bool glob_list_match(const struct glob_list *list, struct view path, bool is_directory);
void glob_list_release(struct glob_list *list);

#endif
