#include "walk/filesystem.h"

#include <linux/magic.h>
#include <stdint.h>
#include <sys/statfs.h>

/* statfs(2) and the file systems' own sources have the numbers that linux/magic.h lacks. */
static const struct {
    uint32_t magic;
    enum filesystem_kind kind;
} known[] = {
    {PROC_SUPER_MAGIC, FILESYSTEM_PSEUDO},
    {SYSFS_MAGIC, FILESYSTEM_PSEUDO},
    {CGROUP_SUPER_MAGIC, FILESYSTEM_PSEUDO},
    {CGROUP2_SUPER_MAGIC, FILESYSTEM_PSEUDO},
    {DEVPTS_SUPER_MAGIC, FILESYSTEM_PSEUDO},
    {DEBUGFS_MAGIC, FILESYSTEM_PSEUDO},
    {TRACEFS_MAGIC, FILESYSTEM_PSEUDO},
    {SECURITYFS_MAGIC, FILESYSTEM_PSEUDO},
    {SELINUX_MAGIC, FILESYSTEM_PSEUDO},
    {SMACK_MAGIC, FILESYSTEM_PSEUDO},
    {AAFS_MAGIC, FILESYSTEM_PSEUDO},
    {PSTOREFS_MAGIC, FILESYSTEM_PSEUDO},
    {EFIVARFS_MAGIC, FILESYSTEM_PSEUDO},
    {BPF_FS_MAGIC, FILESYSTEM_PSEUDO},
    {BINFMTFS_MAGIC, FILESYSTEM_PSEUDO},
    {BINDERFS_SUPER_MAGIC, FILESYSTEM_PSEUDO},
    {AUTOFS_SUPER_MAGIC, FILESYSTEM_PSEUDO},
    {HUGETLBFS_MAGIC, FILESYSTEM_PSEUDO},
    {RDTGROUP_SUPER_MAGIC, FILESYSTEM_PSEUDO},
    {NSFS_MAGIC, FILESYSTEM_PSEUDO},
    {0x62656570, FILESYSTEM_PSEUDO}, /* configfs */
    {0x65735543, FILESYSTEM_PSEUDO}, /* fusectl */
    {0x19800202, FILESYSTEM_PSEUDO}, /* mqueue */
    {0x67596969, FILESYSTEM_PSEUDO}, /* rpc_pipefs */
    {0x6e667364, FILESYSTEM_PSEUDO}, /* nfsd */
    {NFS_SUPER_MAGIC, FILESYSTEM_NETWORK},
    {SMB_SUPER_MAGIC, FILESYSTEM_NETWORK},
    {0xff534d42, FILESYSTEM_NETWORK}, /* cifs */
    {0xfe534d42, FILESYSTEM_NETWORK}, /* smb2 */
    {NCP_SUPER_MAGIC, FILESYSTEM_NETWORK},
    {AFS_SUPER_MAGIC, FILESYSTEM_NETWORK},
    {AFS_FS_MAGIC, FILESYSTEM_NETWORK},
    {CODA_SUPER_MAGIC, FILESYSTEM_NETWORK},
    {V9FS_MAGIC, FILESYSTEM_NETWORK},
    {0x00c36400, FILESYSTEM_NETWORK}, /* ceph */
    {0x0bd00bd0, FILESYSTEM_NETWORK}, /* lustre */
    {OVERLAYFS_SUPER_MAGIC, FILESYSTEM_OVERLAY},
};

bool filesystem_kind_of(int fd, enum filesystem_kind *ret_kind)
{
    struct statfs about;
    if (fstatfs(fd, &about) != 0)
        return false;
    /* f_type is signed, and extends its sign for the numbers of smb. */
    uint32_t magic = (uint32_t)about.f_type;
    enum filesystem_kind kind = FILESYSTEM_STORAGE;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (known[i].magic == magic)
            kind = known[i].kind;
    }
    *ret_kind = kind;
    return true;
}
