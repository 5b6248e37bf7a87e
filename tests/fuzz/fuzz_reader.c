/* Any bytes, read by the reader of the registry that is called READER (a string), even when it does
 * not know them. */
#include "drain.h"
#include "mend.h"

#include <locale.h>
#include <stdio.h>

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

static const struct unpacker *reader;
static mend_function *mend;

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count, (void)arguments;
    size_t rows;
    const struct unpacker *const *registry = unpack_registry(&rows);
    for (size_t i = 0; i < rows; i++)
        if (strcmp(registry[i]->name, READER) == 0)
            reader = registry[i];
    if (!reader) {
        fputs("no reader is called " READER "\n", stderr);
        abort();
    }
    mend = mend_of(READER);
    setlocale(LC_CTYPE, "C.UTF-8"); /* as workers do */
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    drain_identify(reader, (struct view){data, size});
    drain(reader, data, size);
    return 0;
}

/* Most mutations break a check sum or the magic, and then nothing behind it is seen. Three of four
 * are mended; what is kept as an input is the mended one. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    size = LLVMFuzzerMutate(data, size, most);
    if (mend && seed % 4 != 0)
        mend(data, size);
    return size;
}
