/*
 * select: which files of a tree the user asked for. Names and times only; nothing is opened.
 */
#ifndef WALK_SELECT_H
#define WALK_SELECT_H

#include "walk/glob.h"
#include "walk/walk.h"

struct selection {
    struct glob_list includes;
    struct glob_list excludes;
    const struct walk_options *options; /* borrowed */
};

/* Fills a zeroed selection. Errors: ASSAY_ERR_NOMEM, ASSAY_ERR_ARGUMENT. */
CHECKED status selection_init(struct selection *selection, const struct walk_options *options,
                              struct error *error);
void selection_release(struct selection *selection);

/* Whether everything below a directory is included: by the directory's own path (relative to the
 * root), or since its parent was. */
bool selection_includes_directory(const struct selection *selection, struct view path,
                                  bool parent_included);

/* Whether --exclude or --include passes over this name. path is relative to the root. */
bool selection_excludes(const struct selection *selection, struct view path, bool is_directory,
                        bool parent_included);

/* Whether a file of this path (as displayed) belongs to another part of --shard. Stable from run to
 * run and from machine to machine. */
bool selection_is_elsewhere(const struct selection *selection, struct view path);

/* Whether --newer-than passes over it. The time of change counts as well as that of modification,
 * since only the latter can be set at will. */
bool selection_is_older(const struct selection *selection, const struct stat *stat);

#endif
