/*
 * hash_set: known files by their digests: md5, sha1 and sha256, with sizes where they are known. An
 * index in a file that is mapped, not loaded: looking something up touches a few pages of it, whether
 * it has ten entries or ten million.
 *
 * The index is made from lists of lines HEX TAB SIZE|* TAB NAME TAB SEVERITY, sorted (shorter digests
 * first, then by digest, size and name) and without doubles.
 */
#ifndef SIGNATURES_HASH_SET_H
#define SIGNATURES_HASH_SET_H

#include "base/cleanup.h"
#include "base/view.h"
#include "signatures/rules.h"

enum hash_kind { HASH_MD5, HASH_SHA1, HASH_SHA256, HASH_KINDS };

#define HASH_BYTES_MAX 32
#define HASH_NAME_MAX  255 /* bytes of a name, of which it has one at least */

/* Bytes of a digest; its name: "sha1". */
size_t hash_bytes(enum hash_kind kind);
const char *hash_name(enum hash_kind kind);

/* One line of a list. */
struct hash_line {
    enum hash_kind kind;
    uint8_t digest[HASH_BYTES_MAX];
    bool has_size;
    uint64_t size;           /* bytes of the file */
    struct assay_bytes name; /* borrowed; UTF-8 that needs no escaping (base/text.h) */
    enum assay_severity severity;
};
/* `line` without its newline. False when it is none. */
CHECKED bool hash_line_parse(struct view line, struct hash_line *ret_line);

/* Makes an index from a list in the regular file `in`, whatever its offset, and writes it to `out`
 * from front to back. Memory does not grow with the list. Made for a process that can do nothing
 * else. After an error, what was written is no index. Errors: ASSAY_ERR_CORRUPT (error names the
 * line), ASSAY_ERR_IO, ASSAY_ERR_NOMEM. */
CHECKED status hash_index_write(int in, int out, struct error *error);

struct hash_set; /* an index, mapped; immutable */

/* Maps the file; the fd may be closed then. Whatever is in it, looking something up stays inside. Only
 * its end is read, so damage elsewhere is not noticed. A file that is truncated later raises SIGBUS.
 * Errors: ASSAY_ERR_CORRUPT, ASSAY_ERR_IO, ASSAY_ERR_NOMEM. */
CHECKED status hash_set_open(int fd, struct hash_set **ret_set);
void hash_set_free(struct hash_set *set);
DEFINE_CLEANUP(struct hash_set, hash_set_free);

uint64_t hash_set_count(const struct hash_set *set, enum hash_kind kind);
/* True when an object of this size can be among those of this kind: otherwise it need not be
 * hashed. */
bool hash_set_wants(const struct hash_set *set, enum hash_kind kind, uint64_t size);

/* An entry that an object has. */
struct hash_hit {
    enum hash_kind kind;
    struct assay_bytes name; /* borrowed from the set */
    enum assay_severity severity;
};
/* Calls on_hit for each entry with this digest and, where it has one, this size. Nonzero from on_hit
 * ends it, and is returned. */
int hash_set_find(const struct hash_set *set, enum hash_kind kind, const uint8_t *digest,
                  uint64_t size, int (*on_hit)(void *context, const struct hash_hit *hit),
                  void *context);

#endif
