/*
 * manifest: what a database says about itself, as manifest.json: canonical JSON (keys sorted, two
 * blanks a level, ASCII, a newline at the end), so that the same database has the same digest.
 * docs/database-format.md describes each field.
 */
#ifndef DATABASE_MANIFEST_H
#define DATABASE_MANIFEST_H

#include "base/buffer.h"
#include "base/cleanup.h"

#define MANIFEST_FORMAT    1
#define MANIFEST_NAME_MAX  64 /* bytes of a database's name: letters, digits, . _ - */
#define MANIFEST_PATH_MAX  512
#define MANIFEST_FILES_MAX 100000
#define MANIFEST_BYTES_MAX (64u << 20)

/* One file of the bundle. Its kind is told by how its name ends: .yar and .yara are sources, each a
 * namespace of its own; .hashes are hash lists; others are carried along. */
struct manifest_file {
    char *name; /* see manifest_path_is_safe */
    uint64_t size;
    uint8_t sha256[32];
};

/* A source that was left out, or a line that could not be translated. */
struct manifest_skip {
    char *name;   /* the file it stood in, as the publisher had it */
    int64_t line; /* 0: all of it */
    char *reason;
};

struct manifest {
    char *name;
    char *description;
    char *licence;
    uint64_t serial;             /* at least 1; only grows */
    int64_t created;             /* seconds since 1970 */
    int64_t expires;             /* 0: never */
    char *min_engine;            /* version of assay, "0.1.0" */
    uint64_t rules;              /* how many compile */
    uint64_t hashes[3];          /* md5, sha1, sha256 */
    struct manifest_file *files; /* sorted by name */
    size_t file_count;
    struct manifest_skip *skipped; /* in the order of the build */
    size_t skipped_count;
};

/* Strict: another format number (ASSAY_ERR_UNSUPPORTED), an unknown kind of value, a name that is
 * not safe, unsorted or doubled files are errors; unknown keys are not. Errors: ASSAY_ERR_CORRUPT,
 * ASSAY_ERR_NOMEM. The struct is all zero before; manifest_release frees what it has. */
CHECKED status manifest_parse(struct view text, struct error *error, struct manifest *ret_manifest);
/* Appends. Sorts files. Errors: ASSAY_ERR_NOMEM, ASSAY_ERR_ARGUMENT (a value that cannot be
 * written, such as a name that is not UTF-8). */
CHECKED status manifest_write(struct manifest *manifest, struct error *error, struct buffer *out);
void manifest_release(struct manifest *manifest);

/* A relative path of parts that are neither empty nor "." nor "..", printable ASCII without
 * backslash, quotes and blanks at its ends; at most MANIFEST_PATH_MAX bytes. */
bool manifest_path_is_safe(struct assay_bytes path);
/* Begins with a letter or a digit. */
bool manifest_name_is_safe(const char *name);
/* The file of this name; NULL. */
const struct manifest_file *manifest_find(const struct manifest *manifest, const char *name);

/* "2026-11-25T12:00:00Z" and back. Times are of the years 1970 to 9999: others are cut to fit, and are
 * not parsed. */
#define MANIFEST_TIME 21
void manifest_time_text(int64_t seconds, char ret_text[MANIFEST_TIME]);
CHECKED bool manifest_parse_time(const char *text, int64_t *ret_seconds);

#endif
