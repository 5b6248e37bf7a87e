/*
 * stream: the reader of a file that is nothing but compressed streams of one codec, one after the
 * other. It gives one member: the bytes of all of them.
 *
 * Zeros between and behind streams are padding. Anything else there is said (env->note) and stepped
 * over, as is a damaged stream, up to the next place where a stream begins; a damaged stream makes
 * the last read fail, after all bytes. In the middle of other data (is_embedded) the file ends
 * where no stream follows, and what it covers is known once it was read.
 */
#ifndef UNPACK_STREAM_H
#define UNPACK_STREAM_H

#include "unpack/codec.h"

struct stream_format {
    const char *member; /* the name of what is inside: "<gz>" */
    const struct codec *codec;
    /* True when a stream begins at the front of the view. */
    bool (*starts)(struct view input);
    /* What every stream begins with, to search for it in the middle; size 0 when it is too little
     * to be searched for. */
    const char *magic;
    size_t magic_size;
    /* Frames that hold nothing may stand between (and are stepped over). */
    bool has_skippable_frames;
};

CHECKED status stream_open(const struct stream_format *format, struct view input,
                           struct unpack_env *env, struct unpack_stream **ret_stream);

/* The rest of a struct unpacker. */
CHECKED status stream_next(struct unpack_stream *stream, struct unpack_member *ret_member);
CHECKED status stream_read(struct unpack_stream *stream, uint8_t *bytes, size_t size,
                           size_t *ret_size);
void stream_close(struct unpack_stream *stream);

#endif
