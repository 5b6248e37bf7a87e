#include "unpack/libraries.h"

#include <archive.h>
#include <bzlib.h>
#include <lz4.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

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
