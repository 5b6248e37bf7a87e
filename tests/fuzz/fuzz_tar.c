/* Any bytes, read as a tar archive. */
#include "drain.h"

extern const struct unpacker unpack_tar;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    drain(&unpack_tar, data, size, true);
    return 0;
}
