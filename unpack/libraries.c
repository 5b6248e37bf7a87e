#include "unpack/libraries.h"

#include "unpack/zip_aes.h"

#include <archive.h>
#include <bzlib.h>
#include <lz4.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

status unpack_warm_up(void)
{
    static const uint8_t salt[16];
    uint8_t bytes[16 + ZIP_AES_CODE_SIZE] = {0};
    for (unsigned strength = 1; strength <= ZIP_AES_STRENGTH_MAX; strength++) {
        struct zip_aes_key key;
        struct zip_aes *aes;
        TRY(zip_aes_derive((struct assay_bytes){salt, sizeof(salt)}, salt, strength, &key));
        TRY(zip_aes_new(&key, &aes));
        status decrypted = zip_aes_decrypt(aes, bytes, 16);
        zip_aes_free(aes);
        TRY(decrypted);
        zip_aes_is_authentic(&key, (struct view){bytes, sizeof(bytes)}, 0, 16);
    }
    return ASSAY_OK;
}

void unpack_libraries(struct unpack_library ret_libraries[UNPACK_LIBRARY_COUNT])
{
    ret_libraries[0] =
        (struct unpack_library){"libarchive", archive_version_string() + sizeof("libarchive")};
    ret_libraries[1] = (struct unpack_library){"libmspack", MSPACK_VERSION};
    ret_libraries[2] = (struct unpack_library){"zlib", zlibVersion()};
    ret_libraries[3] = (struct unpack_library){"liblzma", lzma_version_string()};
    ret_libraries[4] = (struct unpack_library){"libbz2", BZ2_bzlibVersion()};
    ret_libraries[5] = (struct unpack_library){"libzstd", ZSTD_versionString()};
    ret_libraries[6] = (struct unpack_library){"liblz4", LZ4_versionString()};
}
