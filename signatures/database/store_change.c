/*
 * From one current version to another, in steps that each leave the store whole:
 *
 *     1. what was seen is raised      killed here: the old version is current, and nothing older than
 *                                     the new one is taken any more; the new one still is
 *     2. the stage becomes SERIAL     killed here: a version more is kept
 *     3. `current` is switched        killed here: an older version that was asked for is current; if
 *                                     what was seen is to be lowered, doing it again does that
 *     4. what was seen is lowered     only when an older version was asked for
 *
 * So at no moment is an older database taken than the machine has had, unless it was asked for. Each
 * step is durable before the next. A step that fails is undone with those before it.
 */
#include "signatures/database/store_inside.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static status fail(const struct store_change *change, const char *what, struct error *error)
{
    return store_fail(change->store, change->name, what, error);
}

/* The stage takes the place of a version of the same serial, which is then in the stage's: in one
 * step, because `current` may lead to it. */
static status exchange(struct store_change *change, const char *serial, struct error *error)
{
    if (renameat2(change->name_fd, change->stage, change->name_fd, serial, RENAME_EXCHANGE) == 0) {
        change->exchanged = true;
        return ASSAY_OK;
    }
    if (errno == EINVAL)
        return error_set(error, ASSAY_ERR_IO,
                         "%.60s: this file system cannot exchange two directories: roll back to "
                         "another version and remove %.60s/%s to install it again",
                         change->store->path, change->name, serial);
    return fail(change, "changed", error);
}

static status place(struct store_change *change, struct error *error)
{
    char serial[SERIAL_TEXT];
    if (!change->stage)
        return ASSAY_OK;
    serial_text(change->serial, serial);
    if (renameat(change->name_fd, change->stage, change->name_fd, serial) == 0)
        change->placed = true;
    else if (errno == ENOTEMPTY || errno == EEXIST)
        TRY(exchange(change, serial, error));
    else
        return fail(change, "changed", error);
    return sync_fd(change->name_fd) == 0 ? ASSAY_OK : fail(change, "synced", error);
}

/* 0, or -1 and errno. */
static int point_at(int name_fd, uint64_t serial)
{
    char target[SERIAL_TEXT], temporary[TEMPORARY_NAME];
    serial_text(serial, target);
    temporary_name(TEMPORARY_CURRENT, temporary);
    if (symlinkat(target, name_fd, temporary) != 0)
        return -1;
    if (renameat(name_fd, temporary, name_fd, STORE_CURRENT) == 0)
        return 0;
    int why = errno;
    unlinkat(name_fd, temporary, 0);
    errno = why;
    return -1;
}

static status switch_over(struct store_change *change, struct error *error)
{
    if (change->old_serial == change->serial)
        return ASSAY_OK;
    if (point_at(change->name_fd, change->serial) != 0)
        return fail(change, "switched", error);
    change->switched = true;
    return sync_fd(change->name_fd) == 0 ? ASSAY_OK : fail(change, "synced", error);
}

/* That it failed does not mean that it was not done: so what is to be undone is noted before. */
static status make(struct store_change *change, struct error *error)
{
    change->saved = !change->had_state || !state_is_same(change->old, change->raised);
    if (change->saved)
        TRY(store_save_state(change->store, change->raised, error));
    TRY(place(change, error));
    TRY(switch_over(change, error));
    change->lowered = !state_is_same(change->raised, change->wanted);
    return change->lowered ? store_save_state(change->store, change->wanted, error) : ASSAY_OK;
}

/* ---- undoing ---------------------------------------------------------------------------------- */

static int switch_back(const struct store_change *change)
{
    if (change->old_serial > 0)
        return point_at(change->name_fd, change->old_serial);
    return unlinkat(change->name_fd, STORE_CURRENT, 0);
}

static int take_away(const struct store_change *change)
{
    char serial[SERIAL_TEXT];
    serial_text(change->serial, serial);
    return renameat2(change->name_fd, serial, change->name_fd, change->stage,
                     change->exchanged ? RENAME_EXCHANGE : 0);
}

/* In the other order: what was seen is raised again before the switch, and is what it was only when
 * everything else is. */
static int undo(struct store_change *change)
{
    struct store *store = change->store;
    if (change->lowered && store_save_state(store, change->raised, NULL) < 0)
        return -1;
    if (change->switched && switch_back(change) != 0)
        return -1;
    if ((change->placed || change->exchanged) && take_away(change) != 0)
        return -1;
    if ((change->switched || change->placed || change->exchanged) && sync_fd(change->name_fd) != 0)
        return -1;
    if (!change->saved)
        return 0;
    if (change->had_state)
        return store_save_state(store, change->old, NULL) < 0 ? -1 : 0;
    remove_at(store->directory, STORE_STATE);
    return sync_fd(store->directory);
}

status store_change_make(struct store_change *change, struct error *error)
{
    status made = make(change, error);
    if (made == ASSAY_OK)
        return ASSAY_OK;
    int why = errno;
    (void)undo(change); /* if that fails as well, what there is is whole all the same */
    errno = why;
    return made;
}
