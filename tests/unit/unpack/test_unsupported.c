/* Containers that are known and cannot be read: they are said, and ordinary bytes are not taken for
 * them. */
#include "pull.h"

enum { IMAGE_SIZE = 70000 };

static const struct sample {
    const char *says;
    size_t offset;
    const char *bytes;
    size_t size;
} samples[] = {
#define BYTES(text) text, sizeof(text) - 1
    {"ISO 9660 images", 32769, BYTES("CD001")},
    {"squashfs images", 0, BYTES("hsqs")},
    {"Apple disk images", IMAGE_SIZE - 512, BYTES("koly\0\0\0\4")},
    {"WIM images", 0, BYTES("MSWIM\0\0\0")},
    {"ACE archives", 7, BYTES("**ACE**")},
    {"ARJ archives", 0, BYTES("\x60\xea\x28\0\x1e\x0b\1\0\x10\0\2")},
    {"xar archives", 0, BYTES("xar!\0\x1c\0\1")},
    {"Windows help files", 0, BYTES("?_\3\0\x10\0\0\0\xff\xff\xff\xff\0\1\0\0")},
    {"lzop files", 0, BYTES("\x89LZO\0\r\n\x1a\n")},
    {"qcow2 images", 0, BYTES("QFI\xfb\0\0\0\3")},
    {"VMDK images", 0, BYTES("KDMV\1\0\0\0")},
    {"VHD images", 0, BYTES("conectix")},
    {"VHD images", IMAGE_SIZE - 512, BYTES("conectix")},
    {"VHDX images", 0, BYTES("vhdxfile")},
    {"LUKS volumes", 0, BYTES("LUKS\xba\xbe\0\2")},
    {"PDF documents", 0, BYTES("%PDF-1.7\n")},
    {"OLE2 documents", 0, BYTES("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")},
    {"Outlook folders", 0, BYTES("!BDN")},
    {"zpaq archives", 0, BYTES("zPQ\2\1")},
    {"OneNote documents", 0,
     BYTES("\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3")},
    {"thin ar archives", 0, BYTES("!<thin>\n")},
};

static uint8_t image[IMAGE_SIZE];

static void expect_said(const char *what)
{
    struct view input = {image, sizeof(image)};
    ck_assert_msg(pull_row("unsupported")->identify(input) > 0, "%s", what);
    struct pulled pulled = pull("unsupported", input);
    ck_assert_int_eq(pulled.opened, ASSAY_ERR_UNSUPPORTED);
    ck_assert_msg(strncmp(pulled.error, what, strlen(what)) == 0, "%s: %s", what, pulled.error);
    ck_assert_ptr_nonnull(strstr(pulled.error, "are not opened yet"));
    pulled_release(&pulled);
}

/* A copy for each size, so that a sanitizer sees a read past the end. */
static void cut_anywhere(void)
{
    for (size_t size = 0; size < 64; size++) {
        uint8_t *copy = malloc(size + !size);
        ck_assert_ptr_nonnull(copy);
        memcpy(copy, image, size);
        (void)pull_row("unsupported")->identify((struct view){copy, size});
        free(copy);
    }
}

START_TEST(every_magic_is_said)
{
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        memset(image, 0, sizeof(image));
        memcpy(image + samples[i].offset, samples[i].bytes, samples[i].size);
        expect_said(samples[i].says);
        cut_anywhere();
        image[samples[i].offset] ^= 0x20;
        struct view changed = {image, sizeof(image)};
        ck_assert_uint_eq(pull_row("unsupported")->identify(changed), 0);
    }
}
END_TEST

START_TEST(images_of_file_systems_are_said)
{
    memset(image, 0, sizeof(image));
    memcpy(image + 1080, "\x53\xef\1\0", 4);
    struct view input = {image, sizeof(image)};
    ck_assert_uint_eq(pull_row("unsupported")->identify(input), 0); /* no inodes, no blocks */
    image[1024] = image[1028] = 100;
    expect_said("ext2/3/4 images");

    memset(image, 0, sizeof(image));
    memcpy(image + 510, "\x55\xaa", 2);
    ck_assert_uint_eq(pull_row("unsupported")->identify(input), 0);
    memcpy(image, "\xeb\x3c\x90mkfs.fat\0\2\4\1\0\2\0\2\0\xa0\xf8", 22);
    expect_said("FAT images");
}
END_TEST

/* Two bytes of magic, and nothing else that fits. */
START_TEST(a_magic_alone_is_not_enough)
{
    static const struct {
        const char *bytes;
        size_t size;
    } harmless[] = {
        {BYTES("\x60\xea\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")},
        {BYTES("zPQR")},
        {BYTES("%PDF-file")},
        {BYTES("RE~^")},
    };
    for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
        struct view input = {(const uint8_t *)harmless[i].bytes, harmless[i].size};
        ck_assert_msg(pull_row("unsupported")->identify(input) == 0, "%s", harmless[i].bytes);
    }
}
END_TEST

UNIT_MAIN("unsupported", every_magic_is_said, images_of_file_systems_are_said,
          a_magic_alone_is_not_enough)
