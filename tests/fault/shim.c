/* Preloaded into the program by test_library_faults.py: one call of one function of a library goes
 * wrong, in the way that bugs of parsers do.
 *
 *   SHIM_FUNCTION  the function's name
 *   SHIM_CALL      which of its calls, from 1, counted in each process
 *   SHIM_FAULT     crash, exit, loop or memory
 */
#include <archive.h>
#include <bzlib.h>
#include <dlfcn.h>
#include <lz4frame.h>
#include <lzma.h>
#include <mspack.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#define EXPORTED __attribute__((visibility("default")))

enum { MEBIBYTE = 1 << 20 };

static const char *chosen, *fault;
static unsigned long wanted, calls;

static void crash(void)
{
    volatile int *volatile nowhere = NULL;
    *nowhere = 1;
}

static void end_well(void)
{
    exit(0);
}

static void turn_in_a_circle(void)
{
    for (volatile unsigned turns = 0;; turns++)
        ;
}

static void use_all_memory(void)
{
    for (void *more; (more = malloc(MEBIBYTE));)
        memset(more, 1, MEBIBYTE);
    abort();
}

__attribute__((constructor)) static void configure(void)
{
    const char *call = getenv("SHIM_CALL");
    chosen = getenv("SHIM_FUNCTION");
    fault = getenv("SHIM_FAULT");
    wanted = call ? strtoul(call, NULL, 10) : 0;
}

static void perhaps_fail(const char *function)
{
    static const struct {
        const char *fault;
        void (*happens)(void);
    } table[] = {
        {"crash", crash},
        {"exit", end_well},
        {"loop", turn_in_a_circle},
        {"memory", use_all_memory},
    };
    if (!chosen || !fault || strcmp(chosen, function) != 0 || ++calls != wanted)
        return;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (strcmp(fault, table[i].fault) == 0)
            table[i].happens();
}

/* The real one, or nothing can go on. */
static void *next_of(const char *function)
{
    void *next = dlsym(RTLD_NEXT, function);
    if (!next) {
        fprintf(stderr, "no library has %s\n", function);
        abort();
    }
    return next;
}

/* TYPE NAME PARAMETERS of a library, which passes ARGUMENTS on. */
#define SHIM(TYPE, NAME, PARAMETERS, ARGUMENTS)                                                    \
    EXPORTED TYPE NAME PARAMETERS                                                                  \
    {                                                                                              \
        perhaps_fail(#NAME);                                                                       \
        TYPE(*next) PARAMETERS;                                                                    \
        *(void **)&next = next_of(#NAME);                                                          \
        return next ARGUMENTS;                                                                     \
    }

SHIM(int, inflate, (z_streamp stream, int flush), (stream, flush))
SHIM(int, BZ2_bzDecompress, (bz_stream * stream), (stream))
SHIM(lzma_ret, lzma_code, (lzma_stream * stream, lzma_action action), (stream, action))
SHIM(size_t, ZSTD_decompressStream,
     (ZSTD_DStream * stream, ZSTD_outBuffer *output, ZSTD_inBuffer *input), (stream, output, input))
SHIM(size_t, LZ4F_decompress,
     (LZ4F_dctx * context, void *to, size_t *to_size, const void *from, size_t *from_size,
      const LZ4F_decompressOptions_t *options),
     (context, to, to_size, from, from_size, options))
SHIM(int, archive_read_data_block,
     (struct archive * archive, const void **block, size_t *size, la_int64_t *offset),
     (archive, block, size, offset))
SHIM(struct msszdd_decompressor *, mspack_create_szdd_decompressor, (struct mspack_system * system),
     (system))
