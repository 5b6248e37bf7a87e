/*
 * walk: from roots to open files. Trusted code that sees names and stat, never content.
 *
 * An explicit stack of directory fds; no path is resolved twice, no symbolic link followed, no
 * length of path or depth of directory is too much. Order is that of the directories.
 */
#ifndef WALK_WALK_H
#define WALK_WALK_H

#include <sys/stat.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/status.h"

/* Why something was passed over on purpose. The names (walk_skip_name) are the keys of `skipped` in
 * the summary. */
enum walk_skip {
    WALK_SKIP_SYMLINK,
    WALK_SKIP_FIFO,
    WALK_SKIP_SOCKET,
    WALK_SKIP_DEVICE,     /* block and character devices */
    WALK_SKIP_HARDLINK,   /* another name of a file already given */
    WALK_SKIP_LOOP,       /* a directory that is its own ancestor */
    WALK_SKIP_FILESYSTEM, /* a pseudo or network file system below a root */
    WALK_SKIP_MOUNT,      /* another file system, with one_file_system */
    WALK_SKIP_EXCLUDED,   /* --exclude or not --include */
    WALK_SKIP_OLDER,      /* --newer-than */
    WALK_SKIP_SHARD,      /* belongs to another part of --shard */
    WALK_SKIP_REPORT,     /* a report of this very scan: found by the caller */
    WALK_SKIP_COUNT,
};
const char *walk_skip_name(enum walk_skip skip);

struct walk_options {
    bool count_only; /* files are given without being opened: their fd is -1 */
    bool one_file_system;
    uint64_t max_file_size; /* bytes; larger files are given as WALK_TOO_LARGE; 0 for no bound */
    /* With has_newer_than: files whose mtime and ctime are both older are skipped. */
    struct timespec newer_than;
    bool has_newer_than;
    const char *const *includes; /* gitignore-style, relative to the root: see walk/glob.h */
    size_t include_count;
    const char *const *excludes;
    size_t exclude_count;
    uint32_t shard_index; /* 1 to shard_count; this walk gives files of this part only */
    uint32_t shard_count; /* 0 or 1: all */
};

enum walk_kind {
    WALK_FILE,      /* a regular file, open for reading */
    WALK_TOO_LARGE, /* a regular file over max_file_size: not opened */
    WALK_SKIPPED,   /* passed over on purpose: see skip */
    WALK_ERROR,     /* could not be looked at: see error_number and detail */
};

struct walk_entry {
    enum walk_kind kind;
    /* The root as given, then the names below it; borrowed until the next call. */
    struct assay_bytes path;
    /* WALK_FILE: the caller takes it (steal_fd), or it is closed by the next walk_next that is
     * given the same struct. -1 for the other kinds. */
    int fd;
    struct stat stat;    /* WALK_FILE, WALK_TOO_LARGE */
    enum walk_skip skip; /* WALK_SKIPPED */
    int error_number;    /* WALK_ERROR: an errno, or 0 */
    const char *detail;  /* WALK_ERROR: an English clause; static or borrowed until the next call */
    bool is_root;        /* the entry is a root itself, so a WALK_ERROR is a missing root */
};

struct walk;

/* options is borrowed until walk_free. Errors: ASSAY_ERR_NOMEM, ASSAY_ERR_ARGUMENT (a bad glob:
 * error says which). */
CHECKED status walk_new(const struct walk_options *options, struct error *error,
                        struct walk **ret_walk);
void walk_free(struct walk *walk);
DEFINE_CLEANUP(struct walk, walk_free);

/* Starts a root: a file or directory, any bytes but NUL. The walk must be at its end (new, or
 * walk_next said ASSAY_END). A root that is a symbolic link is followed: it was named. What is
 * known of hard links is kept from root to root. Errors: ASSAY_ERR_NOMEM. */
CHECKED status walk_start(struct walk *walk, struct assay_bytes root);

/* Gives the next entry; ASSAY_END when the root is done. Nothing in the tree is an error of this
 * call: that is a WALK_ERROR entry. Errors: ASSAY_ERR_NOMEM. */
CHECKED status walk_next(struct walk *walk, struct walk_entry *ret_entry);

#endif
