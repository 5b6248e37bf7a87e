#include "update/drop_privileges.h"

#include "base/updater.h"
#include "update/read_only.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWN_USER  "_assay"
#define NOBODY    65534
#define FILES_MAX 65536U /* descriptors that are closed one by one, where the kernel is old */

static status fail(struct error *error, const char *what)
{
    return error_set(error, ASSAY_ERR_IO, "cannot give up %s: %s; start it as an ordinary user",
                     what, strerror(errno));
}

static void find_user(uid_t *ret_user, gid_t *ret_group)
{
    char room[4096];
    struct passwd entry, *found = NULL;
    *ret_user = NOBODY;
    *ret_group = NOBODY;
    if (getpwnam_r(OWN_USER, &entry, room, sizeof(room), &found) != 0 || !found)
        return;
    if (found->pw_uid == 0 || found->pw_gid == 0)
        return;
    *ret_user = found->pw_uid;
    *ret_group = found->pw_gid;
}

static status drop_user(struct error *error)
{
    uid_t user;
    gid_t group;
    if (geteuid() != 0 && getuid() != 0)
        return ASSAY_OK;
    find_user(&user, &group);
    if (setgroups(0, NULL) < 0 || setresgid(group, group, group) < 0 ||
        setresuid(user, user, user) < 0)
        return fail(error, "the rights of root");
    if (setuid(0) == 0 || getuid() != user || geteuid() != user || getegid() != group) {
        errno = EPERM;
        return fail(error, "the rights of root");
    }
    return ASSAY_OK;
}

/* Never raises one. */
static status lower_limit(int resource, rlim_t bound)
{
    struct rlimit limit;
    if (getrlimit((__rlimit_resource_t)resource, &limit) < 0)
        return ASSAY_ERR_IO;
    rlim_t lowered = bound < limit.rlim_max ? bound : limit.rlim_max;
    limit = (struct rlimit){.rlim_cur = lowered, .rlim_max = lowered};
    return setrlimit((__rlimit_resource_t)resource, &limit) < 0 ? ASSAY_ERR_IO : ASSAY_OK;
}

static void close_others(void)
{
    if (close_range(UPDATER_TARGET_FD + 1, ~0U, 0) == 0)
        return;
    for (unsigned fd = UPDATER_TARGET_FD + 1; fd < FILES_MAX; fd++)
        close((int)fd);
}

status drop_privileges(uint64_t max_bytes, struct error *error)
{
    umask(077);
    TRY(drop_user(error));
    close_others();
    if (lower_limit(RLIMIT_CORE, 0) < 0 || lower_limit(RLIMIT_FSIZE, max_bytes) < 0)
        return fail(error, "large files");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return fail(error, "new rights");
    /* Whoever started it may die; a change of the user would forget this. */
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    status entered = read_only_enter();
    return entered == ASSAY_ERR_UNSUPPORTED ? ASSAY_OK : entered; /* the other layers have to do */
}
