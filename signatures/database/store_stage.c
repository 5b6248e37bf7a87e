/* A version being made, and how it becomes current. */
#include "base/write.h"
#include "signatures/database/store_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct store_stage {
    struct store *store;
    char name[MANIFEST_NAME_MAX + 1];
    uint64_t serial;
    int lock;
    int name_fd;
    bool made_name;                 /* there was no directory of this name */
    char directory[TEMPORARY_NAME]; /* in it; "": not made */
    int fd;
};

/* ---- making ----------------------------------------------------------------------------------- */

static status open_name(struct store_stage *stage, struct error *error)
{
    struct store *store = stage->store;
    cleanup(fd_cleanup) int made =
        create_directory_at(store->directory, stage->name, store->directory_mode);
    stage->made_name = made >= 0;
    if (made < 0 && errno != EEXIST)
        return store_fail(store, stage->name, "made", error);
    TRY(store_enter_name(store, stage->name, error, &stage->name_fd));
    /* Who made it may have been killed before its mode was set. */
    return fchmod(stage->name_fd, store->directory_mode) == 0
               ? ASSAY_OK
               : store_fail(store, stage->name, "changed", error);
}

status store_stage_new(struct store *store, const char *name, uint64_t serial, struct error *error,
                       struct store_stage **ret_stage)
{
    if (!manifest_name_is_safe(name))
        return error_set(error, ASSAY_ERR_ARGUMENT, "a database cannot be called '%.100s'", name);
    if (serial == 0 || serial > SERIAL_MAX)
        return error_set(error, ASSAY_ERR_ARGUMENT, "%llu is no serial: it is 1 to %llu",
                         (unsigned long long)serial, (unsigned long long)SERIAL_MAX);
    cleanup(store_stage_free_cleanup) struct store_stage *stage = calloc(1, sizeof(*stage));
    if (!stage)
        return error_set(error, ASSAY_ERR_NOMEM, "out of memory");
    *stage =
        (struct store_stage){.store = store, .serial = serial, .lock = -1, .name_fd = -1, .fd = -1};
    memcpy(stage->name, name, strlen(name));
    TRY(store_lock(store, error, &stage->lock));
    TRY(open_name(stage, error));
    temporary_name(TEMPORARY_STAGE, stage->directory);
    stage->fd = create_directory_at(stage->name_fd, stage->directory, store->directory_mode);
    if (stage->fd < 0)
        return store_fail(store, name, "written to", error);
    *ret_stage = steal_pointer(stage);
    return ASSAY_OK;
}

void store_stage_free(struct store_stage *stage)
{
    if (!stage)
        return;
    int why = errno; /* of what failed, for the caller */
    if (stage->name_fd >= 0 && stage->directory[0])
        remove_at(stage->name_fd, stage->directory);
    if (stage->made_name) /* not when there is a version in it now */
        unlinkat(stage->store->directory, stage->name, AT_REMOVEDIR);
    store_unlock(&stage->lock);
    fd_cleanup(&stage->fd);
    fd_cleanup(&stage->name_fd);
    free(stage);
    errno = why;
}

status store_stage_create(struct store_stage *stage, const char *file, struct error *error,
                          int *ret_fd)
{
    if (!manifest_name_is_safe(file))
        return error_set(error, ASSAY_ERR_ARGUMENT, "'%.100s' is no file of a database", file);
    int fd = create_file_at(stage->fd, file, stage->store->file_mode);
    if (fd < 0)
        return store_fail(stage->store, file, "made", error);
    *ret_fd = fd;
    return ASSAY_OK;
}

/* ---- committing ------------------------------------------------------------------------------- */

static status check(const struct store_install *install, struct error *error)
{
    char text[MANIFEST_TIME];
    int64_t again;
    manifest_time_text(install->created, text);
    if (!manifest_parse_time(text, &again) || again != install->created)
        return error_set(error, ASSAY_ERR_ARGUMENT, "the database is of no time that can be");
    for (size_t i = 0; i < install->key_count; i++) {
        if (!install->keys[i][0] || !state_key_is_safe(install->keys[i]))
            return error_set(error, ASSAY_ERR_ARGUMENT, "'%.100s' is no key", install->keys[i]);
    }
    return ASSAY_OK;
}

/* What is seen with it. Nobody vouches for the time of what is not signed. */
static status see(const struct store_stage *stage, const struct store_install *install,
                  struct state *state)
{
    if (install->key_count == 0)
        return state_set(state, stage->name, "", stage->serial);
    if (install->created > state->newest)
        state->newest = install->created;
    for (size_t i = 0; i < install->key_count; i++)
        TRY(state_set(state, stage->name, install->keys[i], stage->serial));
    return ASSAY_OK;
}

static status add_file(struct store_stage *stage, const char *name, struct view bytes,
                       struct error *error)
{
    cleanup(fd_cleanup) int fd = -1;
    TRY(store_stage_create(stage, name, error, &fd));
    return write_all(fd, bytes) >= 0 ? ASSAY_OK : store_fail(stage->store, name, "written", error);
}

/* What committing adds, and everything onto the disk. */
static status finish_files(struct store_stage *stage, const struct store_install *install,
                           const struct state *seen, struct error *error)
{
    cleanup(buffer_release) struct buffer trust = {NULL, 0, 0};
    cleanup(buffer_release) struct buffer spare = {NULL, 0, 0};
    status written = state_write(seen, &spare);
    for (size_t i = 0; i < install->key_count && written == ASSAY_OK; i++)
        written = buffer_append_format(&trust, "%s\n", install->keys[i]);
    if (written < 0)
        return error_set(error, written, "out of memory");
    TRY(add_file(stage, STORE_TRUST, buffer_view(&trust), error));
    TRY(add_file(stage, STORE_SEEN, buffer_view(&spare), error));
    return sync_directory(stage->fd) == 0 ? ASSAY_OK
                                          : store_fail(stage->store, stage->name, "synced", error);
}

static status see_all(const struct store_stage *stage, const struct store_install *install,
                      const struct state *old, struct state *wanted, struct state *raised,
                      struct error *error)
{
    status seen = state_raise(wanted, old);
    if (seen == ASSAY_OK)
        seen = see(stage, install, wanted);
    if (seen == ASSAY_OK)
        seen = state_raise(raised, old);
    if (seen == ASSAY_OK)
        seen = state_raise(raised, wanted);
    if (seen == ASSAY_ERR_LIMIT)
        return error_set(error, seen, "%.90s knows more names and keys than it can: %d",
                         stage->store->path, STATE_MARKS_MAX);
    return seen < 0 ? error_set(error, seen, "out of memory") : ASSAY_OK;
}

static status commit(struct store_stage *stage, const struct store_install *install,
                     struct error *error)
{
    cleanup(state_release) struct state old = {.marks = NULL};
    cleanup(state_release) struct state raised = {.marks = NULL};
    cleanup(state_release) struct state wanted = {.marks = NULL};
    struct store_change change = {
        .store = stage->store,
        .name = stage->name,
        .name_fd = stage->name_fd,
        .serial = stage->serial,
        .stage = stage->directory,
        .old = &old,
        .raised = &raised,
        .wanted = &wanted,
        .old_serial = current_at(stage->name_fd),
    };
    TRY(check(install, error));
    TRY(store_load_state(stage->store, error, &old, &change.had_state));
    if (!install->allow_rollback)
        TRY(state_check_serial(&old, stage->name, stage->serial, install->keys, install->key_count,
                               error));
    TRY(see_all(stage, install, &old, &wanted, &raised, error));
    TRY(finish_files(stage, install, &wanted, error));
    TRY(store_change_make(&change, error));
    store_forget_version(stage->store);
    store_prune(stage->store, stage->name, install->keep);
    return ASSAY_OK;
}

status store_stage_commit(struct store_stage *stage, const struct store_install *install,
                          struct error *error)
{
    status committed = commit(stage, install, error);
    store_stage_free(stage);
    return committed;
}
