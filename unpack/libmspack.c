#include "unpack/libmspack.h"

#include "unpack/solid.h"

#include <stdlib.h>

_Static_assert(sizeof(off_t) == 8, "the library was built with offsets of 64 bits");

#define READ_COST 64 /* of one call, however few the bytes */

/* What the library holds for an open file. */
struct open_file {
    struct mspack_file base; /* the first, so that its address is that of the whole */
    struct libmspack *io;
    uint64_t at;
};

static struct open_file *open_file_of(struct mspack_file *file)
{
    return (struct open_file *)(void *)file;
}

/* ---- struct mspack_system ------------------------------------------------------------------- */

static struct mspack_file *open_file(struct mspack_system *system, const char *name, int mode)
{
    (void)name;
    (void)mode;
    struct open_file *file = calloc(1, sizeof(*file));
    if (!file)
        return NULL;
    file->io = (struct libmspack *)(void *)system;
    return &file->base;
}

static void close_file(struct mspack_file *base)
{
    free(open_file_of(base));
}

/* The bytes of one part of what there is to read that lie in [at, at + size). */
static void copy_part(struct view part, uint64_t begin, uint64_t at, uint8_t *bytes, size_t size)
{
    uint64_t from = at > begin ? at - begin : 0;
    uint64_t ahead = begin > at ? begin - at : 0;
    if (ahead >= size)
        return;
    struct view wanted = view_sub(part, from, size - ahead);
    if (wanted.size > 0)
        memcpy(bytes + ahead, wanted.data, wanted.size);
}

static uint64_t readable(const struct libmspack *io)
{
    return io->head_size + io->body.size + io->zeros;
}

/* The library may go on with a file that it has closed and forgotten. */
static int read_file(struct mspack_file *base, void *buffer, int bytes)
{
    struct open_file *file = open_file_of(base);
    if (!file || bytes < 0)
        return -1;
    struct libmspack *io = file->io;
    uint64_t end = readable(io);
    uint64_t left = file->at < end ? end - file->at : 0;
    size_t size = left < (unsigned)bytes ? (size_t)left : (size_t)bytes;
    if (io->allowance && !solid_spend(io->allowance, READ_COST + size))
        return -1;
    memset(buffer, 0, size);
    copy_part((struct view){io->head, io->head_size}, 0, file->at, buffer, size);
    copy_part(io->body, io->head_size, file->at, buffer, size);
    file->at += size;
    return (int)size;
}

static int write_file(struct mspack_file *base, void *buffer, int bytes)
{
    if (!base || bytes < 0)
        return -1;
    struct libmspack *io = open_file_of(base)->io;
    uint64_t room = io->most > io->out.size ? io->most - io->out.size : 0;
    io->is_full = io->is_full || room < (unsigned)bytes;
    size_t size = room < (unsigned)bytes ? (size_t)room : (size_t)bytes;
    return buffer_append(&io->out, buffer, size) == ASSAY_OK ? (int)size : -1;
}

static int seek_file(struct mspack_file *base, off_t offset, int mode)
{
    struct open_file *file = open_file_of(base);
    if (!file)
        return -1;
    uint64_t end = readable(file->io);
    uint64_t from = mode == MSPACK_SYS_SEEK_START ? 0
                    : mode == MSPACK_SYS_SEEK_CUR ? file->at
                                                  : end;
    int64_t at;
    if (__builtin_add_overflow((int64_t)from, offset, &at) || at < 0 || (uint64_t)at > end)
        return -1;
    file->at = (uint64_t)at;
    return 0;
}

static off_t tell_file(struct mspack_file *base)
{
    return base ? (off_t)open_file_of(base)->at : 0;
}

/* Not every message comes with a file, so that nobody can tell whose it is. */
__attribute__((format(printf, 2, 3))) static void take_message(struct mspack_file *file,
                                                               const char *format, ...)
{
    (void)file;
    (void)format;
}

/* Zeroed: what a damaged stream takes from before its beginning is then always the same. */
static void *allocate(struct mspack_system *system, size_t bytes)
{
    (void)system;
    return calloc(1, bytes);
}

static void copy_bytes(void *source, void *target, size_t bytes)
{
    memcpy(target, source, bytes);
}

/* ---- setting up ----------------------------------------------------------------------------- */

void libmspack_init(struct libmspack *io)
{
    *io = (struct libmspack){
        .system = {.open = open_file,
                   .close = close_file,
                   .read = read_file,
                   .write = write_file,
                   .seek = seek_file,
                   .tell = tell_file,
                   .message = take_message,
                   .alloc = allocate,
                   .free = free,
                   .copy = copy_bytes},
    };
}

void libmspack_release(struct libmspack *io)
{
    buffer_release(&io->out);
}

void libmspack_put(struct libmspack *io, const void *bytes, size_t size)
{
    if (size > sizeof(io->head) - io->head_size)
        return; /* heads are made up here, and are not that long */
    memcpy(io->head + io->head_size, bytes, size);
    io->head_size += size;
}

void libmspack_put16(struct libmspack *io, uint32_t number)
{
    uint8_t bytes[] = {(uint8_t)number, (uint8_t)(number >> 8)};
    libmspack_put(io, bytes, sizeof(bytes));
}

void libmspack_put32(struct libmspack *io, uint32_t number)
{
    libmspack_put16(io, number);
    libmspack_put16(io, number >> 16);
}

void libmspack_put64(struct libmspack *io, uint64_t number)
{
    libmspack_put32(io, (uint32_t)number);
    libmspack_put32(io, (uint32_t)(number >> 32));
}

void libmspack_expect(struct libmspack *io, uint64_t most)
{
    io->out.size = 0;
    io->most = most;
    io->is_full = false;
}

status libmspack_explain(int failure, struct error *error)
{
    switch (failure) {
    case MSPACK_ERR_NOMEMORY:
    case MSPACK_ERR_WRITE: /* only memory is written to */
        return error_set(error, ASSAY_ERR_NOMEM, "no memory for a decoder");
    case MSPACK_ERR_READ:
    case MSPACK_ERR_SEEK:
        return error_set(error, ASSAY_ERR_TRUNCATED, "the compressed data end too soon");
    default:
        return error_set(error, ASSAY_ERR_CORRUPT, "damaged compressed data");
    }
}
