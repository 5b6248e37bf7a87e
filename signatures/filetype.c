#include "signatures/filetype.h"

#include <stdbool.h>
#include <strings.h>

struct magic {
    uint32_t offset;
    uint8_t size;
    bool folded; /* compare as ASCII letters of any case */
    const char *bytes;
    const char *word;
};

/* clang-format off */
#define MAGIC(offset, bytes, word) {offset, sizeof(bytes) - 1, false, bytes, word}
#define TEXT(bytes, word) {0, sizeof(bytes) - 1, true, bytes, word}
/* clang-format on */

/* The first that fits counts, so a longer magic stands before its own beginning. */
static const struct magic magics[] = {
    MAGIC(0, "MZ", "EXE"),
    MAGIC(0,
          "\x7f"
          "ELF",
          "ELF"),
    MAGIC(0, "\xfe\xed\xfa\xce", "MACH-O"),
    MAGIC(0, "\xfe\xed\xfa\xcf", "MACH-O"),
    MAGIC(0, "\xce\xfa\xed\xfe", "MACH-O"),
    MAGIC(0, "\xcf\xfa\xed\xfe", "MACH-O"),
    MAGIC(0, "MDMP", "MDMP"),
    MAGIC(0, "%PDF", "PDF"),
    MAGIC(0, "{\\rt", "RTF"),
    MAGIC(0, "GIF8", "GIF"),
    MAGIC(0, "\xff\xd8\xff", "JPEG"),
    MAGIC(0, "\x89PNG\r\n\x1a\n", "PNG"),
    MAGIC(0, "PK\x03\x04", "ZIP"),
    MAGIC(0, "PK\x05\x06", "ZIP"),
    MAGIC(0, "PK\x07\x08", "ZIP"),
    MAGIC(0, "Rar!\x1a\x07", "RAR"),
    MAGIC(0, "7z\xbc\xaf\x27\x1c", "7Zip"),
    MAGIC(0, "\x1f\x8b\x08", "GZIP"),
    MAGIC(0, "BZh", "BZip2"),
    MAGIC(0,
          "\xfd"
          "7zXZ\0",
          "XZ"),
    MAGIC(0, "MSCF", "CAB"),
    MAGIC(0, "\x60\xea", "ARJ"),
    MAGIC(257, "ustar", "TAR"),
    MAGIC(0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "OLE"),
    MAGIC(0, "\x4c\0\0\0\x01\x14\x02\0", "LNK"),
    MAGIC(0, "FWS", "SWF"),
    MAGIC(0, "CWS", "SWF"),
    MAGIC(0, "ZWS", "SWF"),
    MAGIC(0, "ElfFile\0", "EVTX"),
    MAGIC(0, "0\0\0\0LfLe", "EVT"),
    MAGIC(0, "regf", "Registry Hive"),
    MAGIC(0, "conectix", "VHD"),
    MAGIC(0, "KDM", "VMDK"),
    MAGIC(0, "\xd4\xc3\xb2\xa1", "WINPCAP"),
    MAGIC(0, "\xa1\xb2\xc3\xd4", "LIBPCAP"),
    TEXT("<?php", "PHP"),
    TEXT("<?xml", "XML"),
    TEXT("<%@ page language=\"java\"", "JSP"),
    TEXT("<%@page language=\"java\"", "JSP"),
    TEXT("<%@ page import", "JSP"),
    TEXT("<%@page import", "JSP"),
    TEXT("<%@", "ASP"),
    TEXT("<%", "ASP"),
    TEXT("@echo ", "BATCH"),
    TEXT("function ", "VBS"),
    TEXT("dim ", "VBS"),
    TEXT("option explicit", "VBS"),
    TEXT("on error resume next", "VBS"),
};

static bool fits(struct view view, const struct magic *magic)
{
    if (!view_has(view, magic->offset, magic->size))
        return false;
    const char *bytes = (const char *)view.data + magic->offset;
    return magic->folded ? strncasecmp(bytes, magic->bytes, magic->size) == 0
                         : memcmp(bytes, magic->bytes, magic->size) == 0;
}

/* CA FE BA BE begins both Java classes and Mach-O files for several processors. The number behind
 * it is a version of 45 and more there, and a handful of processors here. */
static const char *cafebabe(struct view view)
{
    static const uint8_t magic[] = {0xca, 0xfe, 0xba, 0xbe, 0, 0, 0};
    bool is_fat =
        view_starts(view, 0, magic, sizeof(magic)) && view_has(view, 7, 1) && view.data[7] < 43;
    if (is_fat)
        return "MACH-O";
    return view_starts(view, 0, magic, 4) ? "Class" : NULL;
}

/* "#!" and the interpreter named on the rest of the line, which is looked at no further than a
 * kernel does. */
static const char *script(struct view view)
{
    if (!view_starts(view, 0, "#!", 2))
        return NULL;
    struct view line = view_sub(view, 0, 256);
    const uint8_t *end = memchr(line.data, '\n', (size_t)line.size);
    size_t size = end != NULL ? (size_t)(end - line.data) : (size_t)line.size;
    if (memmem(line.data, size, "python", 6) != NULL)
        return "Python";
    if (memmem(line.data, size, "php", 3) != NULL)
        return "PHP";
    return "UNIX SCRIPT";
}

const char *filetype_of(struct view view)
{
    for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
        if (fits(view, &magics[i]))
            return magics[i].word;
    const char *word = cafebabe(view);
    if (word == NULL)
        word = script(view);
    return word != NULL ? word : "";
}
