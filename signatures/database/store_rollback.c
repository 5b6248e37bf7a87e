/* Back to a version that is still there, and which of them stay. */
#include "signatures/database/store_inside.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define TRUST_BYTES_MAX 4096

/* ---- which version ---------------------------------------------------------------------------- */

/* ASSAY_ERR_ARGUMENT, and which there are; the newest first, as many as there is room for. */
static status no_such(const char *name, uint64_t serial, const struct version_list *list,
                      struct error *error)
{
    cleanup(buffer_release) struct buffer words = {NULL, 0, 0};
    status said = ASSAY_OK;
    for (size_t i = list->count; i > 0 && words.size < 100 && said == ASSAY_OK; i--) {
        const struct store_version *version = &list->versions[i - 1];
        said = buffer_append_format(&words, "%s%llu%s", words.size ? ", " : "",
                                    (unsigned long long)version->serial,
                                    version->is_current ? " (current)" : "");
    }
    if (said < 0 || buffer_terminate(&words) < 0)
        return error_set(error, ASSAY_ERR_NOMEM, "out of memory");
    if (list->count == 0)
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "no version of '%.64s' is installed: use `assay db install`", name);
    if (serial == 0)
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "'%.64s' has no version before the current one; it has %s", name,
                         (const char *)words.data);
    return error_set(error, ASSAY_ERR_ARGUMENT, "'%.64s' has no version %llu; it has %s", name,
                     (unsigned long long)serial, (const char *)words.data);
}

/* serial 0: the newest before the current, or when none is current, the newest. */
static const struct store_version *choose(const struct version_list *list, uint64_t serial)
{
    const struct store_version *before = NULL;
    for (size_t i = 0; i < list->count; i++) {
        const struct store_version *version = &list->versions[i];
        if (serial == 0 && version->is_current)
            return before;
        if (version->serial == serial)
            return version;
        before = version;
    }
    return serial == 0 ? before : NULL;
}

/* ---- what is seen then ------------------------------------------------------------------------ */

/* The keys that signed it have signed nothing higher, from now on. */
static status see_keys(struct state *state, const struct store_version *version,
                       const struct buffer *trust)
{
    char key[STATE_KEY_MAX + 1];
    struct view rest = buffer_view(trust), line;
    if (rest.size == 0)
        return state_set(state, version->name, "", version->serial);
    while (view_next_line(&rest, &line)) {
        if (line.size == 0 || line.size > STATE_KEY_MAX)
            return ASSAY_ERR_CORRUPT;
        memcpy(key, line.data, line.size);
        key[line.size] = 0;
        if (strlen(key) != line.size || !state_key_is_safe(key))
            return ASSAY_ERR_CORRUPT;
        TRY(state_set(state, version->name, key, version->serial));
    }
    return ASSAY_OK;
}

static void lower_others(struct state *state, const struct store_version *version)
{
    for (size_t i = 0; i < state->count; i++) {
        struct state_mark *mark = &state->marks[i];
        if (strcmp(mark->name, version->name) == 0 && mark->serial > version->serial)
            mark->serial = version->serial;
    }
}

static status read_trust(const struct store *store, int name_fd,
                         const struct store_version *version, struct error *error,
                         struct buffer *trust)
{
    char path[VERSION_PATH], part[PART_TEXT];
    cleanup(fd_cleanup) int fd = -1;
    store_version_path(store, version, path);
    store_part_text(version, STORE_TRUST, part);
    TRY(store_enter_version(store, name_fd, version, error, &fd));
    status got = safe_read_file(fd, path, STORE_TRUST, TRUST_BYTES_MAX, error, trust);
    return got == ASSAY_ERR_IO ? store_fail(store, part, "read", error) : got;
}

static status see(const struct state *old, const struct store_version *version,
                  const struct buffer *trust, struct state *wanted, struct state *raised)
{
    TRY(state_raise(wanted, old));
    lower_others(wanted, version);
    TRY(see_keys(wanted, version, trust));
    TRY(state_raise(raised, old));
    return state_raise(raised, wanted);
}

/* ---- doing it --------------------------------------------------------------------------------- */

static status switch_to(struct store *store, int name_fd, const struct store_version *version,
                        struct error *error)
{
    cleanup(buffer_release) struct buffer trust = {NULL, 0, 0};
    cleanup(state_release) struct state old = {.marks = NULL};
    cleanup(state_release) struct state raised = {.marks = NULL};
    cleanup(state_release) struct state wanted = {.marks = NULL};
    struct store_change change = {
        .store = store,
        .name = version->name,
        .name_fd = name_fd,
        .serial = version->serial,
        .old = &old,
        .raised = &raised,
        .wanted = &wanted,
        .old_serial = current_at(name_fd),
    };
    TRY(read_trust(store, name_fd, version, error, &trust));
    TRY(store_load_state(store, error, &old, &change.had_state));
    status seen = see(&old, version, &trust, &wanted, &raised);
    if (seen < 0)
        return error_set(error, seen, "%.64s/%llu/" STORE_TRUST ": %s", version->name,
                         (unsigned long long)version->serial,
                         seen == ASSAY_ERR_NOMEM ? "out of memory" : "it is no list of keys");
    return store_change_make(&change, error);
}

static status roll_back(struct store *store, const char *name, uint64_t serial, struct error *error,
                        uint64_t *ret_serial)
{
    cleanup(version_list_cleanup) struct version_list list = {.count = 0};
    cleanup(fd_cleanup) int name_fd = -1;
    TRY(store_list_name(store, name, error, &list));
    const struct store_version *version = choose(&list, serial);
    if (!version)
        return no_such(name, serial, &list, error);
    TRY(store_enter_name(store, name, error, &name_fd));
    TRY(switch_to(store, name_fd, version, error));
    *ret_serial = version->serial;
    return ASSAY_OK;
}

status store_rollback(struct store *store, const char *name, uint64_t serial, struct error *error,
                      uint64_t *ret_serial)
{
    int lock = -1;
    if (!manifest_name_is_safe(name))
        return error_set(error, ASSAY_ERR_ARGUMENT, "'%.100s' is no name of a database", name);
    TRY(store_lock(store, error, &lock));
    status rolled = roll_back(store, name, serial, error, ret_serial);
    int why = errno;
    store_unlock(&lock);
    errno = why;
    return rolled;
}

/* ---- which stay ------------------------------------------------------------------------------- */

void store_prune(struct store *store, const char *name, unsigned keep)
{
    unsigned kept = 1; /* the current */
    cleanup(version_list_cleanup) struct version_list list = {.count = 0};
    cleanup(fd_cleanup) int name_fd = -1;
    if (store_list_name(store, name, NULL, &list) < 0 ||
        store_enter_name(store, name, NULL, &name_fd) < 0)
        return;
    for (size_t i = list.count; i > 0; i--) {
        char serial[SERIAL_TEXT], temporary[TEMPORARY_NAME];
        const struct store_version *version = &list.versions[i - 1];
        if (version->is_current || kept++ < keep)
            continue;
        serial_text(version->serial, serial);
        temporary_name(TEMPORARY_OLD, temporary);
        /* Out of the list in one step; what is removed in many is no version any more. */
        (void)renameat(name_fd, serial, name_fd, temporary);
    }
    if (sync_fd(name_fd) == 0)
        store_sweep(store, name);
}
