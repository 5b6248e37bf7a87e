/* Any bytes, read as a zip file. */
#include "drain.h"

extern const struct unpacker unpack_zip;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    drain(&unpack_zip, data, size, true);
    return 0;
}
