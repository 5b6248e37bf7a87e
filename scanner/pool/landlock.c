#include "pool/landlock.h"

#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

/* The ruleset as of ABI 6. Debian 12's headers know ABI 2 only; the kernel takes a longer struct
 * when it knows it, and a shorter one always. */
struct ruleset {
    uint64_t fs;
    uint64_t net;
    uint64_t scoped;
};

/* What each ABI can take away, by the number of its lowest bits. */
static const struct {
    unsigned fs_bits, net_bits, scope_bits;
    size_t size;
} abis[] = {
    {0, 0, 0, 0},   {13, 0, 0, 8}, {14, 0, 0, 8}, /* moving files between directories */
    {15, 0, 0, 8},                                /* truncation */
    {15, 2, 0, 16},                               /* TCP bind and connect */
    {16, 2, 0, 16},                               /* ioctl on devices */
    {16, 2, 2, 24},                               /* abstract sockets, signals */
};

static uint64_t low_bits(unsigned count)
{
    return (UINT64_C(1) << count) - 1;
}

status landlock_deny_all(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi <= 0)
        return ASSAY_ERR_UNSUPPORTED;
    size_t known = sizeof(abis) / sizeof(abis[0]) - 1;
    size_t row = (size_t)abi < known ? (size_t)abi : known;
    struct ruleset ruleset = {
        .fs = low_bits(abis[row].fs_bits),
        .net = low_bits(abis[row].net_bits),
        .scoped = low_bits(abis[row].scope_bits),
    };
    int fd cleanup(fd_cleanup) =
        (int)syscall(SYS_landlock_create_ruleset, &ruleset, abis[row].size, 0);
    if (fd < 0)
        return ASSAY_ERR_UNSUPPORTED;
    return syscall(SYS_landlock_restrict_self, fd, 0) == 0 ? ASSAY_OK : ASSAY_ERR_UNSUPPORTED;
}
