/*
 * sources: what a database is built from: files with a name and bytes, and what was left out of
 * them. Collected in memory, by whoever walks the publisher's directories.
 */
#ifndef DATABASE_SOURCES_H
#define DATABASE_SOURCES_H

#include "base/buffer.h"
#include "base/cleanup.h"
#include "signatures/database/manifest.h"

struct source_file {
    char *name; /* in the bundle */
    struct buffer text;
};

struct source_set {
    struct source_file *files;
    size_t count;
    struct manifest_skip *skipped;
    size_t skipped_count;
};

/* Errors of all: ASSAY_ERR_NOMEM; a name twice, or one that is not safe: ASSAY_ERR_ARGUMENT. The
 * pointer is good until the next call. */
CHECKED status source_set_add(struct source_set *set, const char *name, struct error *error,
                              struct source_file **ret_file);
CHECKED status source_set_skip(struct source_set *set, const char *name, int64_t line,
                               const char *reason);
/* Takes a file out again, which is then skipped. */
CHECKED status source_set_drop(struct source_set *set, const char *name, int64_t line,
                               const char *reason);
/* Sorts files by name. */
void source_set_sort(struct source_set *set);
void source_set_release(struct source_set *set);

#endif
