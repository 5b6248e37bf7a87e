/*
 * import_kind: what the kinds of import.h share. A kind goes over the lines of its file, takes what
 * it can, and says of each other line why not.
 */
#ifndef DATABASE_IMPORT_KIND_H
#define DATABASE_IMPORT_KIND_H

#include "signatures/database/hash_gather.h"
#include "signatures/database/import.h"

/* A file of which more lines cannot be taken is of another kind. */
#define IMPORT_SKIPS_MAX 100000

struct importer {
    struct source_set *set; /* borrowed */
    struct hash_gather hashes;
    uint64_t counts[HASH_KINDS]; /* after importer_finish */
};

struct import_file {
    struct importer *importer;
    const char *name;
    struct view text;
    struct error *error;
    uint64_t at;            /* bytes of text that were given as lines */
    int64_t line;           /* the last one given, from 1 */
    uint64_t taken;         /* lines */
    uint64_t skipped;       /* lines */
    int64_t first_skipped;  /* its line */
    char first_reason[128]; /* cut to fit */
};

/* The next line, without its end and the blanks around it; false at the end of the file. */
bool import_next_line(struct import_file *file, struct view *ret_line);
/* A line that says nothing: empty, or a comment. */
static inline bool import_is_idle(struct view line)
{
    return line.size == 0 || line.data[0] == '#';
}

/* The current line is left out. Errors: ASSAY_ERR_NOMEM, ASSAY_ERR_CORRUPT (far too many are). */
CHECKED status import_skip(struct import_file *file, const char *reason);
/* It is left out because a line before it is the same. */
CHECKED status import_skip_double(struct import_file *file, int64_t line);
/* The current line is this hash. Its name is made one that a list may have. */
CHECKED status import_take_hash(struct import_file *file, struct hash_line *line);
/* Adds what was translated as a source called as the file, with `ending` behind it. The text is
 * taken over. Nothing when it is empty. */
CHECKED status import_add_source(struct import_file *file, const char *ending, struct buffer *text);

/* Reads a whole number of decimal digits. False when it is none, or above 2^32. */
CHECKED bool import_number(struct view text, uint64_t *ret_number);
/* Decodes pairs of hexadecimal digits; there is room for half as many bytes. */
CHECKED bool import_hex(struct view text, uint8_t *ret_bytes);
CHECKED bool import_hash_kind(uint64_t digits, enum hash_kind *ret_kind);
/* Takes the field before the next `separator`, or the rest, off the front of *rest. False when there
 * is none left. */
CHECKED bool import_field(struct view *rest, char separator, struct view *ret_field);
bool import_ends(struct view text, const char *ending);

/* One row of the table in import.c each. */
status import_yara(struct import_file *file);
status import_loki(struct import_file *file);
status import_hashes(struct import_file *file);
status import_clamav(struct import_file *file);

#endif
