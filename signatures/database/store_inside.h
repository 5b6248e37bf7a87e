/*
 * store_inside: what the parts of the store share. Everything goes through open directories: no path
 * is resolved twice, and no symbolic link is followed but the one that `current` is read as.
 */
#ifndef DATABASE_STORE_INSIDE_H
#define DATABASE_STORE_INSIDE_H

#include "signatures/database/files_at.h"
#include "signatures/database/safe_open.h"
#include "signatures/database/store.h"
#include "signatures/database/store_state.h"

#define STORE_LOCK    "lock"
#define STORE_STATE   "state.json"
#define STORE_CURRENT "current"

/* What is being made or unmade, and is removed by whoever has the lock next: ".stage-" and 16 digits. */
#define TEMPORARY_NAME 32
enum temporary {
    TEMPORARY_STAGE,
    TEMPORARY_STATE,
    TEMPORARY_CURRENT,
    TEMPORARY_OLD, /* a version that goes */
    TEMPORARY_NEW, /* a file in a version */
};

struct store {
    const char *path;
    int directory;
    mode_t directory_mode, file_mode; /* everybody's business when it is root's */
    /* The version whose files were opened last: they are to be of the same directory. */
    struct store_version version;
    int version_fd;
};

/* ---- words ------------------------------------------------------------------------------------ */

/* ASSAY_ERR_IO for errno, which stays: `part` of the store "cannot be WHAT". */
status store_fail(const struct store *store, const char *part, const char *what,
                  struct error *error);

/* ---- names of what is temporary ------------------------------------------------------------------ */

void temporary_name(enum temporary kind, char ret_name[TEMPORARY_NAME]);
/* Names that begin with a dot and are not ours are left alone: the directory may have been one of
 * somebody's own before. */
bool is_temporary(const char *name);

/* ---- the lock --------------------------------------------------------------------------------- */

/* Errors: ASSAY_ERR_IO. Removes what dead processes left. -1 is no lock. */
CHECKED status store_lock(struct store *store, struct error *error, int *ret_lock);
void store_unlock(int *lock);
/* Of one name, or "" for the store itself. Needs the lock. */
void store_sweep(struct store *store, const char *name);

/* ---- versions --------------------------------------------------------------------------------- */

#define SERIAL_TEXT 21 /* digits of 64 bits, and a NUL */
void serial_text(uint64_t serial, char ret_text[SERIAL_TEXT]);
/* False unless serial_text writes it so. */
bool parse_serial(const char *text, uint64_t *ret_serial);

/* The directory of a name, and that of a version in it. Errors: ASSAY_ERR_IO (errno),
 * ASSAY_ERR_ARGUMENT (not safe). */
CHECKED status store_enter_name(const struct store *store, const char *name, struct error *error,
                                int *ret_fd);
CHECKED status store_enter_version(const struct store *store, int name_fd,
                                   const struct store_version *version, struct error *error,
                                   int *ret_fd);
/* NAME/SERIAL/FILE, or without FILE when it is NULL, as words about it begin. */
#define PART_TEXT (MANIFEST_NAME_MAX + SERIAL_TEXT + 32)
void store_part_text(const struct store_version *version, const char *file,
                     char ret_text[PART_TEXT]);
/* The whole path of a version's directory, for words. */
#define VERSION_PATH 4096
void store_version_path(const struct store *store, const struct store_version *version,
                        char ret_path[VERSION_PATH]);
/* Its directory was replaced or may be gone. */
void store_forget_version(struct store *store);
/* Where `current` leads to in the open directory of a name; 0: nowhere. */
uint64_t current_at(int name_fd);
/* The versions of one name, sorted; appended. */
struct version_list {
    struct store_version *versions;
    size_t count;
};
void version_list_cleanup(struct version_list *list);
CHECKED status store_list_name(const struct store *store, const char *name, struct error *error,
                               struct version_list *list);

/* ---- what was seen ---------------------------------------------------------------------------- */

/* `ret_exists` (may be NULL): state.json itself was read. */
CHECKED status store_load_state(struct store *store, struct error *error, struct state *ret_state,
                                bool *ret_exists);
/* Makes it durable, in one step. Needs the lock. */
CHECKED status store_save_state(struct store *store, const struct state *state,
                                struct error *error);
/* As store_check_serial, against this state. */
CHECKED status state_check_serial(const struct state *state, const char *name, uint64_t serial,
                                  const char *const *keys, size_t key_count, struct error *error);

/* ---- switching -------------------------------------------------------------------------------- */

/* From one state and version to another. Needs the lock. */
struct store_change {
    struct store *store;
    const char *name;
    int name_fd;
    uint64_t serial;            /* becomes current */
    const char *stage;          /* the directory that becomes its version; NULL: it is there */
    const struct state *old;    /* what was seen before ... */
    const struct state *raised; /* ... never less than before: while it happens ... */
    const struct state *wanted; /* ... and afterwards */
    bool had_state;
    uint64_t old_serial; /* 0: none */
    /* What was done so far. */
    bool saved, placed, exchanged, switched, lowered;
};
/* All of it, or nothing. */
CHECKED status store_change_make(struct store_change *change, struct error *error);
/* Removes versions of the name until `keep` are left, the newest and the current among them. */
void store_prune(struct store *store, const char *name, unsigned keep);

#endif
