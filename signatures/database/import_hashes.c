#include "signatures/database/import_kind.h"

/* Lists of our own, in any order, with comments. */
status import_hashes(struct import_file *file)
{
    struct view text;
    while (import_next_line(file, &text)) {
        struct hash_line line;
        if (import_is_idle(text))
            continue;
        if (hash_line_parse(text, &line))
            TRY(import_take_hash(file, &line));
        else
            TRY(import_skip(file, "is not HEX, SIZE or *, NAME and SEVERITY with tabs between"));
    }
    return ASSAY_OK;
}
