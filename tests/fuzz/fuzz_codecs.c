/* Bare codecs: any bytes, through every codec whose reader claims them. The first byte chooses one
 * codec that gets the rest in any case. */
#include "drain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"gzip", "zlib", "bzip2", "xz", "lzma", "zstd", "lz4"};
    enum { NAMES = sizeof(names) / sizeof(names[0]) };
    size_t count;
    const struct unpacker *const *rows = unpack_registry(&count);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < NAMES; j++)
            if (strcmp(rows[i]->name, names[j]) == 0)
                drain(rows[i], data + (size > 0), size - (size > 0), size > 0 && data[0] == j);
    return 0;
}
