/* Who changes a store, and what those leave who die while they do. */
#include "base/clock.h"
#include "signatures/database/store_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define WAIT_SECONDS 5
#define NAP          (CLOCK_SECOND / 50)

static void nap(void)
{
    const struct timespec moment = {.tv_nsec = (long)NAP};
    nanosleep(&moment, NULL);
}

/* The lock is nobody else's business, even when the store is everybody's: who can open it can hold
 * it. */
static int open_lock(const struct store *store)
{
    return openat(store->directory, STORE_LOCK, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
}

/* False: somebody removed it meanwhile, and others lock another file of its name. */
static bool is_in_place(int lock)
{
    struct stat file;
    return fstat(lock, &file) == 0 && file.st_nlink > 0;
}

static status wait_for(const struct store *store, struct error *error, int *ret_lock)
{
    uint64_t end = clock_nanoseconds() + WAIT_SECONDS * CLOCK_SECOND;
    for (;;) {
        cleanup(fd_cleanup) int lock = open_lock(store);
        if (lock < 0)
            return store_fail(store, STORE_LOCK, "opened", error);
        bool held = flock(lock, LOCK_EX | LOCK_NB) == 0;
        if (held && is_in_place(lock)) {
            *ret_lock = steal_fd(&lock);
            return ASSAY_OK;
        }
        if (!held && errno != EWOULDBLOCK && errno != EINTR)
            return store_fail(store, STORE_LOCK, "locked", error);
        if (clock_nanoseconds() >= end)
            break;
        nap();
    }
    errno = EWOULDBLOCK;
    return error_set(error, ASSAY_ERR_IO,
                     "another process changes %.90s: wait until it is done. `fuser '%.90s/lock'` "
                     "says which one it is",
                     store->path, store->path);
}

/* A file that is there may have been made by hand, or by who was killed before its mode was set. */
static void mend_mode(int lock)
{
    struct stat file;
    if (fstat(lock, &file) == 0 && (file.st_mode & 07777) != 0600)
        (void)fchmod(lock, 0600);
}

status store_lock(struct store *store, struct error *error, int *ret_lock)
{
    int lock = -1;
    TRY(wait_for(store, error, &lock));
    mend_mode(lock);
    store_sweep(store, "");
    cleanup(entries_cleanup) DIR *entries = open_entries(store->directory);
    for (const char *name; (name = next_entry(entries));) {
        if (manifest_name_is_safe(name))
            store_sweep(store, name);
    }
    *ret_lock = lock;
    return ASSAY_OK;
}

void store_unlock(int *lock)
{
    if (*lock < 0)
        return;
    /* Closing would not end it while a process that was forked meanwhile has the descriptor too. */
    (void)flock(*lock, LOCK_UN);
    fd_cleanup(lock);
    *lock = -1;
}

void store_sweep(struct store *store, const char *name)
{
    cleanup(fd_cleanup) int fd = open_directory_at(store->directory, name[0] ? name : ".");
    if (fd < 0)
        return;
    cleanup(entries_cleanup) DIR *entries = open_entries(fd);
    for (const char *entry; (entry = next_entry(entries));) {
        if (is_temporary(entry))
            remove_at(fd, entry);
    }
}
