/* Every reader, on whatever it claims: our glue around libarchive and the table of formats that are
 * known and not read. */
#include "drain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t count;
    const struct unpacker *const *rows = unpack_registry(&count);
    for (size_t i = 0; i < count; i++)
        drain(rows[i], data, size, false);
    return 0;
}
