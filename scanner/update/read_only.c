#include "update/read_only.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Rights over files that each version of Landlock can take away: the lowest bits, from the first
 * version on. Debian 12's headers name those of the second. */
static const unsigned rights[] = {13, 14, 15};

/* Configuration of the resolver and of TLS, certificates, and libraries that the C library loads
 * only when a name is resolved. */
static const char *const readable[] = {"/etc", "/usr", "/lib", "/lib64", "/run/systemd/resolve"};

static status allow_reading(int ruleset, const char *path)
{
    int fd cleanup(fd_cleanup) = open(path, O_PATH | O_CLOEXEC | O_DIRECTORY);
    if (fd < 0)
        return ASSAY_OK; /* this system has no such place */
    struct landlock_path_beneath_attr rule = {
        .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
        .parent_fd = fd,
    };
    long added = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    return added == 0 ? ASSAY_OK : ASSAY_ERR_UNSUPPORTED;
}

status read_only_enter(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi <= 0)
        return ASSAY_ERR_UNSUPPORTED;
    size_t known = sizeof(rights) / sizeof(rights[0]);
    size_t row = (size_t)abi < known ? (size_t)abi : known;
    struct landlock_ruleset_attr taken = {
        .handled_access_fs = (UINT64_C(1) << rights[row - 1]) - 1,
    };
    int ruleset cleanup(fd_cleanup) =
        (int)syscall(SYS_landlock_create_ruleset, &taken, sizeof(taken), 0);
    if (ruleset < 0)
        return ASSAY_ERR_UNSUPPORTED;
    for (size_t i = 0; i < sizeof(readable) / sizeof(readable[0]); i++)
        TRY(allow_reading(ruleset, readable[i]));
    return syscall(SYS_landlock_restrict_self, ruleset, 0) == 0 ? ASSAY_OK : ASSAY_ERR_UNSUPPORTED;
}
