/*
 * unsupported: containers that are known and cannot be read yet. They are claimed so that what is
 * inside them is said to be unseen. A row that is right by accident makes a harmless file
 * incomplete, so short magics come with a further test.
 */
#include "base/bytes.h"
#include "unpack/unpacker.h"

struct known {
    const char *name;
    int64_t offset; /* negative: from the end */
    const char *magic;
    uint8_t magic_size;
    bool (*also)(struct view input); /* NULL: the magic is enough */
};

static bool is_digit(struct view input, uint64_t offset)
{
    uint8_t byte;
    return bytes_u8(input, offset, &byte) && byte >= '0' && byte <= '9';
}

static bool is_pdf(struct view input)
{
    return is_digit(input, 5) && view_starts(input, 6, ".", 1);
}

/* A basic header of a sane size, which holds a first header of a sane size. */
static bool is_arj(struct view input)
{
    uint16_t size;
    uint8_t first, type;
    if (!bytes_u16le(input, 2, &size) || !bytes_u8(input, 4, &first) || !bytes_u8(input, 10, &type))
        return false;
    return size >= 30 && size <= 2600 && first >= 30 && first <= size && type == 2;
}

static bool is_zpaq(struct view input)
{
    uint8_t level, type;
    return bytes_u8(input, 3, &level) && (level == 1 || level == 2) && bytes_u8(input, 4, &type) &&
           type == 1;
}

static bool is_old_rar(struct view input)
{
    uint16_t size;
    return bytes_u16le(input, 4, &size) && size >= 7 && input.size > size;
}

/* The super block at 1024: counts that are not 0, blocks of 1 to 64 KiB, a known state and
 * revision. */
static bool is_ext(struct view input)
{
    uint32_t inodes, blocks, log_block, revision;
    uint16_t state;
    if (!bytes_u32le(input, 1024, &inodes) || !bytes_u32le(input, 1028, &blocks) ||
        !bytes_u32le(input, 1048, &log_block) || !bytes_u16le(input, 1082, &state) ||
        !bytes_u32le(input, 1100, &revision))
        return false;
    return inodes > 0 && blocks > 0 && log_block <= 6 && state <= 7 && revision <= 1;
}

/* A boot sector: jump, sector size, power-of-two clusters, reserved sectors, FATs, media byte. */
static bool is_fat(struct view input)
{
    uint8_t jump, cluster, fats, media;
    uint16_t sector, reserved;
    if (!bytes_u8(input, 0, &jump) || !bytes_u16le(input, 11, &sector) ||
        !bytes_u8(input, 13, &cluster) || !bytes_u16le(input, 14, &reserved) ||
        !bytes_u8(input, 16, &fats) || !bytes_u8(input, 21, &media))
        return false;
    bool has_sector = sector == 512 || sector == 1024 || sector == 2048 || sector == 4096;
    bool has_cluster = cluster != 0 && (cluster & (cluster - 1)) == 0;
    return (jump == 0xeb || jump == 0xe9) && has_sector && has_cluster && reserved > 0 &&
           (fats == 1 || fats == 2) && (media == 0xf0 || media >= 0xf8);
}

/* The directory and the end of the file lie where they can. */
static bool is_hlp(struct view input)
{
    uint32_t directory, size;
    return bytes_u32le(input, 4, &directory) && bytes_u32le(input, 12, &size) && directory >= 16 &&
           directory < size && size <= input.size;
}

#define MAGIC(text) text, sizeof(text) - 1

static const struct known table[] = {
    {"ISO 9660 images", 32769, MAGIC("CD001"), NULL},
    {"UDF images", 32769, MAGIC("BEA01"), NULL},
    {"squashfs images", 0, MAGIC("hsqs"), NULL},
    {"squashfs images", 0, MAGIC("sqsh"), NULL},
    {"Apple disk images", -512, MAGIC("koly\0\0\0\4"), NULL},
    {"WIM images", 0, MAGIC("MSWIM\0\0\0"), NULL},
    {"ACE archives", 7, MAGIC("**ACE**"), NULL},
    {"ARJ archives", 0, MAGIC("\x60\xea"), is_arj},
    {"xar archives", 0, MAGIC("xar!\0\x1c"), NULL},
    {"Windows help files", 0, MAGIC("?_\3\0"), is_hlp},
    {"lzop files", 0, MAGIC("\x89LZO\0\r\n\x1a\n"), NULL},
    {"lrzip files", 0, MAGIC("LRZI\0"), NULL},
    {"zpaq archives", 0, MAGIC("zPQ"), is_zpaq},
    {"zpaq archives", 0, MAGIC("7kSt\xa0\x31\x83\xd3\x8c\xb2\x28\xb0\xd3zPQ"), NULL},
    {"RAR 1.4 archives", 0, MAGIC("RE~^"), is_old_rar},
    {"StuffIt archives", 0, MAGIC("StuffIt (c)"), NULL},
    {"StuffIt archives", 10, MAGIC("rLau"), NULL},
    {"ALZip archives", 0, MAGIC("ALZ\1"), NULL},
    {"EGG archives", 0, MAGIC("EGGA\0\1"), NULL},
    {"ZOO archives", 20, MAGIC("\xdc\xa7\xc4\xfd"), NULL},
    {"qcow2 images", 0, MAGIC("QFI\xfb"), NULL},
    {"VMDK images", 0, MAGIC("KDMV"), NULL},
    {"VMDK images", 0, MAGIC("COWD"), NULL},
    {"VHD images", 0, MAGIC("conectix"), NULL},
    {"VHD images", -512, MAGIC("conectix"), NULL},
    {"VHDX images", 0, MAGIC("vhdxfile"), NULL},
    {"VirtualBox images", 64, MAGIC("\x7f\x10\xda\xbe"), NULL},
    {"LUKS volumes", 0, MAGIC("LUKS\xba\xbe"), NULL},
    {"ext2/3/4 images", 1080, MAGIC("\x53\xef"), is_ext},
    {"FAT images", 510, MAGIC("\x55\xaa"), is_fat},
    {"NTFS images", 3, MAGIC("NTFS    "), NULL},
    {"exFAT images", 3, MAGIC("EXFAT   "), NULL},
    {"XFS images", 0, MAGIC("XFSB\0\0"), NULL},
    {"btrfs images", 65600, MAGIC("_BHRfS_M"), NULL},
    {"GPT disk images", 512, MAGIC("EFI PART"), NULL},
    {"cramfs images", 0, MAGIC("\x45\x3d\xcd\x28"), NULL},
    {"cramfs images", 16, MAGIC("Compressed ROMFS"), NULL},
    {"romfs images", 0, MAGIC("-rom1fs-"), NULL},
    {"EROFS images", 1024, MAGIC("\xe2\xe1\xf5\xe0"), NULL},
    {"PDF documents", 0, MAGIC("%PDF-"), is_pdf},
    {"OLE2 documents", 0, MAGIC("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), NULL},
    {"OneNote documents", 0,
     MAGIC("\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3"), NULL},
    {"Outlook folders", 0, MAGIC("!BDN"), NULL},
    {"thin ar archives", 0, MAGIC("!<thin>\n"), NULL},
};

static bool matches(const struct known *known, struct view input)
{
    uint64_t offset = (uint64_t)known->offset;
    if (known->offset < 0) {
        uint64_t back = (uint64_t)-known->offset;
        if (input.size < back)
            return false;
        offset = input.size - back;
    }
    return view_starts(input, offset, known->magic, known->magic_size) &&
           (!known->also || known->also(input));
}

static const struct known *find_known(struct view input)
{
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (matches(&table[i], input))
            return &table[i];
    return NULL;
}

static unsigned identify(struct view input)
{
    const struct known *known = find_known(input);
    return known ? known->magic_size * 8u : 0;
}

static status open_nothing(struct view input, struct unpack_env *env,
                           struct unpack_stream **ret_stream)
{
    (void)ret_stream;
    const struct known *known = find_known(input);
    return error_set(&env->error, ASSAY_ERR_UNSUPPORTED, "%s are not opened yet",
                     known ? known->name : "such files");
}

/* Never called: open never succeeds. */
static status next_nothing(struct unpack_stream *stream, struct unpack_member *ret_member)
{
    (void)stream;
    (void)ret_member;
    return ASSAY_END;
}

static status read_nothing(struct unpack_stream *stream, uint8_t *bytes, size_t size,
                           size_t *ret_size)
{
    (void)stream;
    (void)bytes;
    (void)size;
    (void)ret_size;
    return ASSAY_END;
}

static void close_nothing(struct unpack_stream *stream)
{
    (void)stream;
}

extern const struct unpacker unpack_unsupported;
const struct unpacker unpack_unsupported = {
    .name = "unsupported",
    .identify = identify,
    .open = open_nothing,
    .next = next_nothing,
    .read = read_nothing,
    .close = close_nothing,
};
