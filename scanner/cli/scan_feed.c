#include "cli/scan.h"
#include "cli/spool.h"

#include <unistd.h>

/* Entries of the walk between two looks at what the workers say. */
#define ENTRIES_A_TURN 256

static status submit(struct scan *scan, struct assay_bytes path, int fd, const struct stat *stat)
{
    struct pool_file file = {
        .fd = fd,
        .path = path,
        .owner = owners_name(&scan->owners, stat->st_uid),
        .stat = stat,
    };
    return pool_submit(scan->pool, &file, &scan->error);
}

static void pass_over(struct scan *scan, struct assay_bytes path, enum walk_skip skip)
{
    tally_skipped(&scan->tally, skip);
    scan_emit(scan, &(struct report_event){
                        .type = REPORT_SKIPPED, .path = path, .detail = walk_skip_name(skip)});
}

static status take_file(struct scan *scan, struct walk_entry *entry)
{
    if (!report_is_writing(scan->report, &entry->stat))
        return submit(scan, entry->path, steal_fd(&entry->fd), &entry->stat);
    pass_over(scan, entry->path, WALK_SKIP_REPORT);
    return ASSAY_OK;
}

static status take_entry(struct scan *scan, struct walk_entry *entry)
{
    switch (entry->kind) {
    case WALK_FILE:
        return take_file(scan, entry);
    case WALK_TOO_LARGE:
        scan_emit_not_scanned(scan, entry);
        break;
    case WALK_SKIPPED:
        pass_over(scan, entry->path, entry->skip);
        break;
    case WALK_ERROR:
        if (entry->is_root)
            scan->tally.unusable = true;
        scan_emit_error(scan, entry->path, entry->error_number, entry->detail);
        break;
    }
    return ASSAY_OK;
}

static status take_standard_input(struct scan *scan, struct assay_bytes path)
{
    int fd;
    struct stat stat;
    struct error error = {""};
    status spooled = spool_input(STDIN_FILENO, scan->options.walk.max_file_size, scan->stop_fd,
                                 &error, &fd, &stat);
    if (spooled == ASSAY_ERR_LIMIT) {
        scan_emit_not_scanned(scan, &(struct walk_entry){.path = path});
        return ASSAY_OK;
    }
    if (spooled == ASSAY_ERR_CANCELLED)
        return error_set(&scan->error, spooled, "standard input was still being read");
    if (spooled < 0) {
        scan->tally.unusable = true;
        scan_emit_error(scan, path, 0, error.text);
        return ASSAY_OK;
    }
    return submit(scan, path, fd, &stat);
}

static status start_next_root(struct scan *scan)
{
    struct assay_bytes path;
    status next = roots_next(scan->roots, scan->stop_fd, &scan->error, &path);
    if (next != ASSAY_OK) {
        scan->walked = next == ASSAY_END;
        return next < 0 ? next : ASSAY_OK;
    }
    if (path.size == 1 && path.data[0] == '-')
        return take_standard_input(scan, path);
    TRY(walk_start(scan->walk, path));
    scan->in_root = true;
    return ASSAY_OK;
}

/* One step of the walk. */
static status step(struct scan *scan)
{
    if (!scan->in_root)
        return start_next_root(scan);
    status next = walk_next(scan->walk, &scan->entry);
    if (next == ASSAY_OK)
        return take_entry(scan, &scan->entry);
    scan->in_root = false;
    return next < 0 ? next : ASSAY_OK;
}

status scan_feed(struct scan *scan)
{
    scan->starved = false;
    for (unsigned i = 0; i < ENTRIES_A_TURN && !scan->walked && pool_has_room(scan->pool); i++) {
        /* A list that comes slowly must not hold back what the workers say. */
        scan->starved =
            !scan->in_root && !pool_is_idle(scan->pool) && roots_would_wait(scan->roots);
        if (scan->starved)
            break;
        TRY(step(scan));
    }
    return ASSAY_OK;
}
