/*
 * store: installed databases in a directory (/var/lib/assay; for a user $XDG_DATA_HOME/assay):
 *
 *     DIR/lock                       held by who changes the store
 *     DIR/state.json                 the highest serial seen of each name and key, and the newest time
 *                                    that was ever signed
 *     DIR/NAME/SERIAL/bundle.asdb    as it came
 *     DIR/NAME/SERIAL/...            what was made of it when it was installed: STORE_* below
 *     DIR/NAME/current               a symbolic link to SERIAL, which is switched in one step
 *
 * At any moment, whatever is killed, `current` leads to a whole database, the old or the new one. A
 * store that somebody other than root and this user can write to is refused. docs/store.md says what
 * each part is for, and what happens when one of them is lost.
 */
#ifndef DATABASE_STORE_H
#define DATABASE_STORE_H

#include "signatures/database/manifest.h"

#define STORE_BUNDLE   "bundle.asdb"
#define STORE_MANIFEST "manifest.json"
#define STORE_RULES    "rules.bin" /* compiled; may be missing or of another version */
#define STORE_HASHES   "hashes.bin"
/* What committing adds. */
#define STORE_TRUST "trust"     /* the ids of the keys that signed, a line each; may be empty */
#define STORE_SEEN  "seen.json" /* state.json as this installation left it: a spare */

struct store;

/* Opens what there is; with `create`, makes the directory, and those above it that are missing. `path`
 * is borrowed until store_close. Errors: ASSAY_ERR_IO (errno; ENOENT: there is none),
 * ASSAY_ERR_ARGUMENT (it is not safe; error says why and what to do), ASSAY_ERR_NOMEM. */
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
/* The current version of a name. ASSAY_END: there is none. Errors: ASSAY_ERR_IO, ASSAY_ERR_CORRUPT
 * (`current` is no link to a version), ASSAY_ERR_ARGUMENT (the name is none, or not safe). */
CHECKED status store_current(struct store *store, const char *name, struct error *error,
                             uint64_t *ret_serial);
/* Opens a file of a version, read-only. Those that are opened one after the other belong together,
 * even when the version is replaced meanwhile. Errors: ASSAY_ERR_IO (errno; ENOENT: it has none),
 * ASSAY_ERR_ARGUMENT (it is not safe). */
CHECKED status store_open_file(struct store *store, const struct store_version *version,
                               const char *file, struct error *error, int *ret_fd);

/* What can be made again when it is of no use any more, such as STORE_RULES: a nameless file beside
 * those of a version, open for reading and writing, which is closed or made `file` of the version, in
 * one step. Nobody waits for it, and it is not synced. Errors: ASSAY_ERR_IO (errno), as whoever may
 * only read the store finds out; ASSAY_ERR_ARGUMENT. */
CHECKED status store_new_file(struct store *store, const struct store_version *version,
                              struct error *error, int *ret_fd);
CHECKED status store_replace_file(struct store *store, const struct store_version *version,
                                  const char *file, int fd, struct error *error);

/* ---- changing it: each holds the lock from its beginning to its end ---------------------------- */

struct store_stage; /* a version being made, which nobody sees yet */

/* Waits for the lock, some seconds. What dead processes left in the store is removed first. Errors:
 * ASSAY_ERR_IO (another process changes the store; ENOSPC, ...), ASSAY_ERR_ARGUMENT (no such name or
 * serial can be). */
CHECKED status store_stage_new(struct store *store, const char *name, uint64_t serial,
                               struct error *error, struct store_stage **ret_stage);
/* A new, empty file of it, open for reading and writing; the caller closes it. */
CHECKED status store_stage_create(struct store_stage *stage, const char *file, struct error *error,
                                  int *ret_fd);
struct store_install {
    int64_t
        created; /* of the manifest: when it was signed, no time below it is believed any more */
    const char *const *keys; /* ids that signed it: their highest serial becomes this one */
    size_t key_count;        /* 0: unsigned */
    unsigned keep;           /* versions of this name that stay, the new one included */
    bool allow_rollback;     /* also when a higher serial was seen */
};
/* Makes everything durable, then switches. A version of the same serial that is there is replaced.
 * The stage is over, also after an error, and then the store is as it was. Errors: ASSAY_ERR_IO
 * (errno), ASSAY_ERR_ARGUMENT (store_check_serial), ASSAY_ERR_CORRUPT (see store_highest),
 * ASSAY_ERR_NOMEM. */
CHECKED status store_stage_commit(struct store_stage *stage, const struct store_install *install,
                                  struct error *error);
/* Gives it up. NULL is allowed. */
void store_stage_free(struct store_stage *stage);
DEFINE_CLEANUP(struct store_stage, store_stage_free);

/* Switches to a kept version; serial 0: the one before the current. From then on its serial counts
 * as the highest seen, so that updates go on from there. Errors: ASSAY_ERR_ARGUMENT (there is no such
 * version; error lists those there are), and those of store_stage_commit. */
CHECKED status store_rollback(struct store *store, const char *name, uint64_t serial,
                              struct error *error, uint64_t *ret_serial);

/* ---- what was seen ----------------------------------------------------------------------------- */

/* Errors of all: ASSAY_ERR_IO, ASSAY_ERR_NOMEM, ASSAY_ERR_CORRUPT (what was seen is lost; error says
 * what to do). */

/* The highest serial of this name that this key signed, or "" for unsigned ones; 0: none. */
CHECKED status store_highest(struct store *store, const char *name, const char *key,
                             struct error *error, uint64_t *ret_serial);
/* That none of these keys (none: as unsigned) is known to have signed a higher serial. Committing
 * asks again, when nobody else can change the answer. Errors: ASSAY_ERR_ARGUMENT (error says what to
 * do). */
CHECKED status store_check_serial(struct store *store, const char *name, uint64_t serial,
                                  const char *const *keys, size_t key_count, struct error *error);
/* The clock, but never before the newest time that was signed. */
CHECKED status store_now(struct store *store, struct error *error, int64_t *ret_seconds);

#endif
