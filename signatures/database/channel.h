/*
 * channel: the index of a channel, NAME.channel: which bundle is the newest. A short text, signed
 * beside it as NAME.channel.minisig; nothing of it is believed before that signature was checked.
 * These lines and no other byte, each ended by a newline:
 *
 *     assay-channel 1
 *     name NAME
 *     serial NUMBER
 *     size BYTES
 *     sha256 64 HEXADECIMAL DIGITS
 *     file NAME-SERIAL.asdb
 *
 * Numbers are decimal, at least 1, without leading zeros; digits of the digest are lower case. One
 * index has one text. The file lies beside the index, and its name follows from the lines above: no
 * index can point anywhere else.
 */
#ifndef DATABASE_CHANNEL_H
#define DATABASE_CHANNEL_H

#include "base/buffer.h"
#include "signatures/database/manifest.h"

#define CHANNEL_INDEX_BYTES_MAX 4096
/* NAME, "-", 20 digits, ".asdb" and a NUL. */
#define CHANNEL_INDEX_FILE_MAX (MANIFEST_NAME_MAX + 27)

struct channel_index {
    char name[MANIFEST_NAME_MAX + 1]; /* of the database; see manifest_name_is_safe */
    uint64_t serial;                  /* of the newest bundle */
    uint64_t size;                    /* of its file, in bytes */
    uint8_t sha256[32];               /* of its file */
};

/* Errors: ASSAY_ERR_UNSUPPORTED (a format of later versions), ASSAY_ERR_CORRUPT; error says which
 * line it is. */
CHECKED status channel_index_parse(struct view text, struct error *error,
                                   struct channel_index *ret_index);
/* Appends the text. Errors: ASSAY_ERR_ARGUMENT (a value that no index may have), ASSAY_ERR_NOMEM.
 */
CHECKED status channel_index_write(const struct channel_index *index, struct buffer *out);

/* The name of the bundle's file. The index came from channel_index_parse, or could be written. */
void channel_index_file(const struct channel_index *index, char ret_name[CHANNEL_INDEX_FILE_MAX]);

#endif
