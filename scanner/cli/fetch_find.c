/* Where assay-update is. */
#include "base/updater.h"
#include "cli/fetch_program.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static bool may_be_started(const char *path, uid_t owner)
{
    struct stat file;
    if (stat(path, &file) < 0 || !S_ISREG(file.st_mode) || access(path, X_OK) < 0)
        return false;
    bool trusted = file.st_uid == 0 || file.st_uid == geteuid() || file.st_uid == owner;
    return trusted && !(file.st_mode & S_IWOTH);
}

status fetch_find_program(const char *directory, uid_t owner, struct error *error,
                          char ret_path[PATH_MAX])
{
    const struct {
        const char *start, *way;
    } places[] = {
        {directory, ASSAY_UPDATE_FROM_PROGRAM "/" UPDATER_PROGRAM},
        {directory, UPDATER_PROGRAM},
        {ASSAY_UPDATE_DIRECTORY, UPDATER_PROGRAM},
    };
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (!places[i].start)
            continue;
        int size = snprintf(ret_path, PATH_MAX, "%s/%s", places[i].start, places[i].way);
        if (size > 0 && size < PATH_MAX && may_be_started(ret_path, owner))
            return ASSAY_OK;
    }
    return error_set(error, ASSAY_ERR_IO,
                     UPDATER_PROGRAM " is not where it is installed (" ASSAY_UPDATE_DIRECTORY
                                     "): install assay again, or update from a file");
}
