/*
 * libarchive: one reader over libarchive for the containers it reads well. Each row enables exactly
 * one format and no filter: libarchive's filters run programs, and its own guessing claims files
 * that are nothing of the kind.
 */
#ifndef UNPACK_LIBARCHIVE_H
#define UNPACK_LIBARCHIVE_H

#include "unpack/unpacker.h"

struct archive;

struct libarchive_format {
    int (*enable)(struct archive *); /* one of archive_read_support_format_* */
    /* Where the container ends; may lie behind it when it is cut. `reached` is what libarchive has
     * read of it after the last member, 1 to its size. Notes what shows that more was there once:
     * libarchive takes many a cut for the end. */
    uint64_t (*find_end)(struct view container, uint64_t reached, struct unpack_env *env);
};

/* Starts reading. What stands behind the end is given as a residue, unless the container is
 * embedded. Errors as struct unpacker's open. */
CHECKED status libarchive_open(const struct libarchive_format *format, struct view input,
                               struct unpack_env *env, struct unpack_stream **ret_stream);

/* The rest of a struct unpacker. */
CHECKED status libarchive_next(struct unpack_stream *stream, struct unpack_member *ret_member);
CHECKED status libarchive_read(struct unpack_stream *stream, uint8_t *bytes, size_t size,
                               size_t *ret_size);
void libarchive_close(struct unpack_stream *stream);

#endif
