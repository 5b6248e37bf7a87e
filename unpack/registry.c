#include "unpack/unpacker.h"

extern const struct unpacker unpack_gzip, unpack_zlib, unpack_bzip2, unpack_xz, unpack_lzma,
    unpack_zstd, unpack_lz4, unpack_lzip, unpack_compress;
extern const struct unpacker unpack_zip, unpack_tar, unpack_ar, unpack_cpio, unpack_rpm,
    unpack_warc, unpack_cab, unpack_chm, unpack_szdd, unpack_kwaj;
extern const struct unpacker unpack_7z, unpack_rar, unpack_rar5, unpack_lha;
extern const struct unpacker unpack_unsupported;

static const struct unpacker *const registry[] = {
    /* codecs: one member each */
    &unpack_gzip,
    &unpack_zlib,
    &unpack_bzip2,
    &unpack_xz,
    &unpack_lzma,
    &unpack_zstd,
    &unpack_lz4,
    &unpack_lzip,
    &unpack_compress,
    /* containers read by our own code */
    &unpack_zip,
    &unpack_tar,
    &unpack_ar,
    &unpack_cpio,
    &unpack_rpm,
    &unpack_warc,
    &unpack_cab,
    &unpack_chm,
    &unpack_szdd,
    &unpack_kwaj,
    /* containers read by libarchive */
    &unpack_7z,
    &unpack_rar,
    &unpack_rar5,
    &unpack_lha,
    /* formats that are known, and not read */
    &unpack_unsupported,
};

const struct unpacker *const *unpack_registry(size_t *ret_count)
{
    *ret_count = sizeof(registry) / sizeof(registry[0]);
    return registry;
}
