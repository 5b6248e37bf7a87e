/*
 * store: installed databases in a directory (/var/lib/assay; for a user $XDG_DATA_HOME/assay):
 *
 *     DIR/lock
 *     DIR/state.json                 the highest serial seen of each name and key, and the newest time
 *                                    that was ever signed
 *     DIR/NAME/SERIAL/bundle.asdb    as it came
 *     DIR/NAME/SERIAL/...            what was made of it when it was installed: STORE_* below
 *     DIR/NAME/current               a symbolic link to SERIAL, which is switched in one step
 *
 * At any moment, whatever is killed, `current` leads to a whole database, the old or the new one. A
 * store that somebody other than root and this user can write to is refused.
 */
#ifndef DATABASE_STORE_H
#define DATABASE_STORE_H

#include "signatures/database/manifest.h"

#define STORE_BUNDLE   "bundle.asdb"
#define STORE_MANIFEST "manifest.json"
#define STORE_TRUST    "trust"     /* the ids of the keys that signed, a line each; may be empty */
#define STORE_RULES    "rules.bin" /* compiled; may be missing or of another version */
#define STORE_HASHES   "hashes.bin"

struct store;

/* Opens what there is; with `create`, makes the directory. `path` is borrowed until store_close.
 * Errors: ASSAY_ERR_IO (errno; ENOENT: there is none), ASSAY_ERR_ARGUMENT (it is not safe; error
 * says why and what to do). */
CHECKED status store_open(const char *path, bool create, struct error *error,
                          struct store **ret_store);
void store_close(struct store *store);
DEFINE_CLEANUP(struct store, store_close);

/* One version of a database. */
struct store_version {
    char name[MANIFEST_NAME_MAX + 1];
    uint64_t serial;
    bool is_current;
};

/* All versions, sorted by name and serial; malloc'ed. What is half made is not listed. */
CHECKED status store_list(struct store *store, struct error *error,
                          struct store_version **ret_versions, size_t *ret_count);
/* The current version of a name. ASSAY_END: there is none. */
CHECKED status store_current(struct store *store, const char *name, struct error *error,
                             uint64_t *ret_serial);
/* Opens a file of a version, read-only. Errors: ASSAY_ERR_IO (errno). */
CHECKED status store_open_file(struct store *store, const struct store_version *version,
                               const char *file, int *ret_fd);

/* ---- changing it: each holds the lock from its beginning to its end ---------------------------- */

struct store_stage; /* a version being made, which nobody sees yet */

/* Errors: ASSAY_ERR_IO (another process changes the store; ENOSPC, ...). */
CHECKED status store_stage_new(struct store *store, const char *name, uint64_t serial,
                               struct error *error, struct store_stage **ret_stage);
/* A new, empty file of it, open for reading and writing; the caller closes it. */
CHECKED status store_stage_create(struct store_stage *stage, const char *file, struct error *error,
                                  int *ret_fd);
struct store_install {
    int64_t created;         /* of the manifest: no time below it is believed any more */
    const char *const *keys; /* ids that signed it: their highest serial becomes this one */
    size_t key_count;
    unsigned keep; /* versions of this name that stay, the new one included */
};
/* Makes everything durable, then switches. A version of the same serial that is there is replaced.
 * The stage is over, also after an error, and then the store is as it was. */
CHECKED status store_stage_commit(struct store_stage *stage, const struct store_install *install,
                                  struct error *error);
/* Gives it up. NULL is allowed. */
void store_stage_free(struct store_stage *stage);
DEFINE_CLEANUP(struct store_stage, store_stage_free);

/* Replaces one file of a version that is there, such as what was made of it by another version of the
 * program: makes it with store_stage_create, then puts it in its place. Errors: as for installing; a
 * store that this user cannot write is one. */
CHECKED status store_replace_begin(struct store *store, const struct store_version *version,
                                   struct error *error, struct store_stage **ret_stage);
CHECKED status store_replace_finish(struct store_stage *stage, const char *file,
                                    struct error *error);

/* Switches to a kept version; serial 0: the one before the current. From then on its serial counts
 * as the highest seen, so that updates go on from there. Errors: ASSAY_ERR_ARGUMENT (there is no such
 * version; error lists those there are). */
CHECKED status store_rollback(struct store *store, const char *name, uint64_t serial,
                              struct error *error, uint64_t *ret_serial);

/* ---- what was seen ----------------------------------------------------------------------------- */

/* The highest serial of this name that this key signed, or "" for unsigned ones; 0: none. */
CHECKED status store_highest(struct store *store, const char *name, const char *key,
                             struct error *error, uint64_t *ret_serial);
/* The clock, but never before the newest time that was signed. */
CHECKED status store_now(struct store *store, struct error *error, int64_t *ret_seconds);

#endif
