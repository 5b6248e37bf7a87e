/* Any bytes as the packed form of a bundle. */
#include "signatures/database/bundle.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error error = {""};
    int in = memfd_create("asdb", MFD_CLOEXEC);
    int out = open("/dev/null", O_WRONLY | O_CLOEXEC);
    check(write(in, data, size) == (ssize_t)size);
    check(lseek(in, 0, SEEK_SET) == 0);
    status expanded = bundle_expand(in, out, &error);
    check(expanded <= ASSAY_OK && expanded != ASSAY_ERR_IO);
    check((expanded == ASSAY_OK) == (error.text[0] == 0));
    /* It was read to its end, or was found to be wrong before. */
    check(expanded != ASSAY_OK || lseek(in, 0, SEEK_CUR) == (off_t)size);
    close(in);
    close(out);
    return 0;
}
