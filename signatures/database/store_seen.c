/*
 * What was seen, as the store keeps it. When state.json is lost or damaged while there are versions,
 * it is made again of the seen.json of each: the highest of all. So nothing that was seen when one of
 * the kept versions was installed is forgotten; what was lowered on purpose may be high again.
 */
#include "base/write.h"
#include "signatures/database/store_inside.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* Errors: ASSAY_ERR_IO (errno), ASSAY_ERR_CORRUPT, ASSAY_ERR_UNSUPPORTED, ASSAY_ERR_NOMEM. */
static status read_state(int directory, const char *path, const char *name, struct error *error,
                         struct state *ret_state)
{
    cleanup(buffer_release) struct buffer text = {NULL, 0, 0};
    TRY(safe_read_file(directory, path, name, STATE_BYTES_MAX, error, &text));
    return state_parse(buffer_view(&text), error, ret_state);
}

/* What the version's spare knows. */
static status add_spare(struct store *store, const struct store_version *version,
                        struct error *error, struct state *state)
{
    char path[VERSION_PATH];
    cleanup(fd_cleanup) int name_fd = -1;
    cleanup(fd_cleanup) int fd = -1;
    cleanup(state_release) struct state seen = {.marks = NULL};
    store_version_path(store, version, path);
    TRY(store_enter_name(store, version->name, error, &name_fd));
    TRY(store_enter_version(store, name_fd, version, error, &fd));
    status got = read_state(fd, path, STORE_SEEN, error, &seen);
    if (got == ASSAY_ERR_NOMEM || got == ASSAY_ERR_ARGUMENT)
        return got;
    if (got < 0)
        return error_set(
            error, ASSAY_ERR_CORRUPT,
            "%.60s: state.json is lost, and so is its spare in %.60s/%llu: which serials "
            "this machine has had is not known. Remove that version and install it "
            "anew",
            store->path, version->name, (unsigned long long)version->serial);
    return state_raise(state, &seen);
}

static status rebuild(struct store *store, struct error *error, struct state *state)
{
    cleanup(version_list_cleanup) struct version_list list = {.count = 0};
    TRY(store_list(store, error, &list.versions, &list.count));
    for (size_t i = 0; i < list.count; i++)
        TRY(add_spare(store, &list.versions[i], error, state));
    return ASSAY_OK;
}

status store_load_state(struct store *store, struct error *error, struct state *ret_state,
                        bool *ret_exists)
{
    struct error why = {.text = ""};
    status got = read_state(store->directory, store->path, STORE_STATE, &why, ret_state);
    if (ret_exists)
        *ret_exists = got == ASSAY_OK;
    if (got == ASSAY_ERR_IO && errno != ENOENT)
        return store_fail(store, STORE_STATE, "read", error);
    if (got == ASSAY_ERR_ARGUMENT)
        return error_set(error, got, "%s", why.text);
    if (got == ASSAY_ERR_UNSUPPORTED)
        return error_set(error, got, "%.70s/" STORE_STATE ": %.150s", store->path, why.text);
    if (got == ASSAY_ERR_IO || got == ASSAY_ERR_CORRUPT) {
        state_release(ret_state);
        got = rebuild(store, error, ret_state);
    }
    return got == ASSAY_ERR_NOMEM ? error_set(error, got, "out of memory") : got;
}

/* Under its temporary name, whole. */
static int write_temporary(struct store *store, const char *name, struct view text)
{
    cleanup(fd_cleanup) int fd = create_file_at(store->directory, name, store->file_mode);
    return fd >= 0 && write_all(fd, text) >= 0 ? sync_fd(fd) : -1;
}

status store_save_state(struct store *store, const struct state *state, struct error *error)
{
    char temporary[TEMPORARY_NAME];
    cleanup(buffer_release) struct buffer text = {NULL, 0, 0};
    if (state_write(state, &text) < 0)
        return error_set(error, ASSAY_ERR_NOMEM, "out of memory");
    temporary_name(TEMPORARY_STATE, temporary);
    if (write_temporary(store, temporary, buffer_view(&text)) != 0 ||
        renameat(store->directory, temporary, store->directory, STORE_STATE) != 0 ||
        sync_fd(store->directory) != 0) {
        status failed = store_fail(store, STORE_STATE, "written", error);
        int why = errno;
        remove_at(store->directory, temporary);
        errno = why;
        return failed;
    }
    return ASSAY_OK;
}

/* ---- questions -------------------------------------------------------------------------------- */

status state_check_serial(const struct state *state, const char *name, uint64_t serial,
                          const char *const *keys, size_t key_count, struct error *error)
{
    uint64_t highest = key_count == 0 ? state_get(state, name, "") : 0;
    for (size_t i = 0; i < key_count; i++) {
        uint64_t seen = state_get(state, name, keys[i]);
        if (seen > highest)
            highest = seen;
    }
    if (serial >= highest)
        return ASSAY_OK;
    return error_set(error, ASSAY_ERR_ARGUMENT,
                     "database serial %llu is older than %llu, which this machine has had; use "
                     "`assay db rollback` if that is what you want",
                     (unsigned long long)serial, (unsigned long long)highest);
}

status store_check_serial(struct store *store, const char *name, uint64_t serial,
                          const char *const *keys, size_t key_count, struct error *error)
{
    cleanup(state_release) struct state state = {.marks = NULL};
    TRY(store_load_state(store, error, &state, NULL));
    return state_check_serial(&state, name, serial, keys, key_count, error);
}

status store_highest(struct store *store, const char *name, const char *key, struct error *error,
                     uint64_t *ret_serial)
{
    cleanup(state_release) struct state state = {.marks = NULL};
    TRY(store_load_state(store, error, &state, NULL));
    *ret_serial = state_get(&state, name, key);
    return ASSAY_OK;
}

status store_now(struct store *store, struct error *error, int64_t *ret_seconds)
{
    cleanup(state_release) struct state state = {.marks = NULL};
    TRY(store_load_state(store, error, &state, NULL));
    int64_t now = time(NULL);
    *ret_seconds = now > state.newest ? now : state.newest;
    return ASSAY_OK;
}
