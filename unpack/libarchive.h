/*
 * libarchive: one reader over libarchive for the containers it reads well. Each row enables exactly
 * one format and no filter: libarchive's filters run programs, and its own guessing claims files that
 * are nothing of the kind.
 */
#ifndef UNPACK_LIBARCHIVE_H
#define UNPACK_LIBARCHIVE_H

#include "unpack/unpacker.h"

struct archive;

/* Starts reading. `enable` is one of archive_read_support_format_*; `name` is for messages. Errors
 * as struct unpacker's open. */
CHECKED status libarchive_open(int (*enable)(struct archive *), struct view input,
                               struct unpack_env *env, struct unpack_stream **ret_stream);

/* The rest of a struct unpacker. */
CHECKED status libarchive_next(struct unpack_stream *stream, struct unpack_member *ret_member);
CHECKED status libarchive_read(struct unpack_stream *stream, uint8_t *bytes, size_t size,
                               size_t *ret_size);
void libarchive_close(struct unpack_stream *stream);

#endif
