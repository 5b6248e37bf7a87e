/* sources: the rule sources that the zygote has been given, until they are compiled. */
#ifndef POOL_SOURCES_H
#define POOL_SOURCES_H

#include "pool/wire.h"

/* A source larger than this is refused: no rule file is. */
#define SOURCE_BYTES_MAX (64U << 20)

struct sources {
    struct assay_source *list;
    struct source_memory *memory; /* what of the list is ours */
    size_t count;
    size_t room;
};

/* Reads the whole file, whatever its offset. *ret_text is malloc'ed and NUL-terminated; the size
 * excludes the terminator. Errors: ASSAY_ERR_IO, _NOMEM, _LIMIT. */
CHECKED status sources_read_text(int fd, char **ret_text, size_t *ret_size);

/* Errors: as sources_read_text. */
CHECKED status sources_add(struct sources *sources, const struct wire_source *source, int fd);
/* The rules that are part of the program. Errors: ASSAY_ERR_NOMEM. */
CHECKED status sources_add_builtin(struct sources *sources);
void sources_release(struct sources *sources);

#endif
