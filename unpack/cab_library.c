#include "unpack/cab_folder.h"

#include "base/cleanup.h"

#include <stdlib.h>

struct cab_library {
    struct libmspack io;
    struct unpack_env *env;
    struct mscab_decompressor *decompressor;
    struct mscabd_cabinet *cabinet;
    uint64_t at, end; /* of what is decoded */
    uint64_t at_once; /* bytes asked for */
    status failure;   /* to be told behind the bytes that came before it */
    struct error reason;
};

/* At an error, bytes since the last write are lost. LZX writes each 32 KiB, whatever is asked for.
 * Quantum writes when it has what was asked for; with a window smaller than 32 KiB it must be asked
 * for no less, so that a match does not lie across the window's end and that of what was asked. */
static uint64_t bytes_at_once(const struct cab_folder *folder)
{
    enum { SMALL = 1024, WINDOW_BITS = 15 };
    bool is_fine = cab_method_of(folder) == CAB_QUANTUM && cab_window_bits(folder) >= WINDOW_BITS;
    return is_fine ? SMALL : CAB_BLOCK_MAX;
}

void cab_library_stop(struct cab_library *library)
{
    if (!library)
        return;
    if (library->cabinet)
        library->decompressor->close(library->decompressor, library->cabinet);
    mspack_destroy_cab_decompressor(library->decompressor);
    libmspack_release(&library->io);
    free(library);
}

DEFINE_CLEANUP(struct cab_library, cab_library_stop);

/* A cabinet of one folder and one file, whose blocks begin right behind it. */
static void put_head(struct libmspack *io, const struct cab_source *source)
{
    enum { FILES_AT = 36 + 4 + 8, HEAD_SIZE = FILES_AT + 16 + 2 };
    libmspack_put(io, "MSCF\0\0\0\0", 8);
    libmspack_put32(io, UINT32_MAX); /* the size of the cabinet */
    libmspack_put32(io, 0);
    libmspack_put32(io, FILES_AT);
    libmspack_put32(io, 0);
    libmspack_put(io, "\3\1\1\0\1\0", 6); /* version, one folder, one file */
    libmspack_put16(io, CAB_HAS_RESERVED);
    libmspack_put32(io, 0);
    libmspack_put32(io, (uint32_t)source->reserved << 24);
    libmspack_put32(io, HEAD_SIZE);
    libmspack_put16(io, source->survey.block_count);
    libmspack_put16(io, source->folder.type);
    libmspack_put(io, "\xff\xff\xff\x7f\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    libmspack_put(io, "f", 2);
    io->body = view_sub(source->input, source->folder.data, UINT64_MAX);
    io->zeros = source->survey.missing;
    io->allowance = source->allowance;
}

status cab_library_start(const struct cab_source *source, struct cab_library **ret_library)
{
    struct unpack_env *env = source->env;
    uint64_t needed = (UINT64_C(1) << cab_window_bits(&source->folder)) + LIBMSPACK_STATE_MAX;
    if (needed > env->codec_memory)
        return error_set(&env->error, ASSAY_ERR_CODEC_MEMORY, "a decoder needs %llu bytes",
                         (unsigned long long)needed);
    cleanup(cab_library_stop_cleanup) struct cab_library *library = calloc(1, sizeof(*library));
    if (!library)
        return error_set(&env->error, ASSAY_ERR_NOMEM, "no memory for a decoder");
    library->env = env;
    library->end = source->survey.decoded;
    library->at_once = bytes_at_once(&source->folder);
    libmspack_init(&library->io);
    put_head(&library->io, source);
    library->decompressor = mspack_create_cab_decompressor(&library->io.system);
    if (!library->decompressor)
        return error_set(&env->error, ASSAY_ERR_NOMEM, "no memory for a decoder");
    /* Wrong check sums and odd sizes of blocks are no reason to stop. */
    library->decompressor->set_param(library->decompressor, MSCABD_PARAM_SALVAGE, 1);
    library->cabinet = library->decompressor->open(library->decompressor, "");
    if (!library->cabinet)
        return libmspack_explain(library->decompressor->last_error(library->decompressor),
                                 &env->error);
    *ret_library = steal_pointer(library);
    return ASSAY_OK;
}

/* The library goes on where it stopped when it is asked for a file that begins there. */
status cab_library_next(struct cab_library *library, struct view *ret_bytes)
{
    struct libmspack *io = &library->io;
    uint64_t left = library->end - library->at;
    uint64_t wanted = left < library->at_once ? left : library->at_once;
    libmspack_expect(io, wanted);
    if (library->failure == ASSAY_OK && wanted > 0) {
        struct mscabd_file file = *library->cabinet->files;
        file.offset = (unsigned)library->at;
        file.length = (unsigned)wanted;
        int failure = library->decompressor->extract(library->decompressor, &file, "");
        library->failure =
            failure == MSPACK_ERR_OK ? ASSAY_OK : libmspack_explain(failure, &library->reason);
    }
    if (io->out.size == 0 && library->failure != ASSAY_OK) {
        library->env->error = library->reason;
        return library->failure;
    }
    library->at += io->out.size;
    *ret_bytes = buffer_view(&io->out);
    return ASSAY_OK;
}
