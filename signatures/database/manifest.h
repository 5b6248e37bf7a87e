/*
 * manifest: what a database says about itself, as manifest.json: canonical JSON (keys sorted, two
 * blanks a level, ASCII, a newline at the end), so that the same database has the same digest.
 * docs/database-format.md describes each field.
 */
#ifndef DATABASE_MANIFEST_H
#define DATABASE_MANIFEST_H

#include "base/buffer.h"
#include "base/cleanup.h"

#define MANIFEST_FORMAT      1
#define MANIFEST_NAME_MAX    64   /* bytes of a database's name: letters, digits, . _ - */
#define MANIFEST_PATH_MAX    256  /* what a ustar header has room for; see manifest_path_split */
#define MANIFEST_TEXT_MAX    4096 /* bytes of a description, a licence, a reason, ... */
#define MANIFEST_FILES_MAX   100000
#define MANIFEST_SKIPPED_MAX 200000
#define MANIFEST_BYTES_MAX   (64U << 20)
#define MANIFEST_SIZE_MAX    UINT64_C(077777777777)    /* of a file: 8 GiB - 1, as in tar */
#define MANIFEST_NUMBER_MAX  ((UINT64_C(1) << 53) - 1) /* what every reader of JSON can hold */

/* One file of the bundle. Its kind is told by how its name ends: .yar and .yara are sources, each a
 * namespace of its own; .hashes is the hash list, of which there is at most one; others are carried
 * along. */
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
    uint64_t serial;             /* 1 to MANIFEST_NUMBER_MAX; only grows */
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

/* Strict: another format number (ASSAY_ERR_UNSUPPORTED), text that is not canonical, an unknown kind
 * of value, a name that is not safe, unsorted or doubled files are errors; unknown keys are not.
 * Errors: ASSAY_ERR_CORRUPT, ASSAY_ERR_NOMEM. The struct is all zero before; manifest_release frees
 * what it has, also after an error. */
CHECKED status manifest_parse(struct view text, struct error *error, struct manifest *ret_manifest);
/* Appends what manifest_parse takes. Sorts files. Texts may be NULL, which is empty. Errors:
 * ASSAY_ERR_NOMEM, ASSAY_ERR_ARGUMENT (a value that cannot be written, such as a name that is not
 * UTF-8). */
CHECKED status manifest_write(struct manifest *manifest, struct error *error, struct buffer *out);
void manifest_release(struct manifest *manifest);

/* Whether the database wants an assay that is newer than this version, "0.1.0". */
bool manifest_needs_newer(const struct manifest *manifest, const char *version);

/* A relative path of parts that are neither empty nor "." nor "..", printable ASCII without
 * backslash, quotes and blanks at its ends; not one of the names that the bundle itself needs
 * ("manifest.json" and what begins with "manifest.json."); and one that manifest_path_split takes. */
bool manifest_path_is_safe(struct assay_bytes path);
/* How a path lies in a ustar header: up to 100 bytes as the name; a longer one is cut at the last
 * slash that leaves at most 155 bytes before it, and at most 100 have to be behind it. False when
 * there is none. ret_prefix: bytes before that slash, 0 when there is no prefix. */
CHECKED bool manifest_path_split(struct assay_bytes path, size_t *ret_prefix);
/* Letters, digits, ".", "_" and "-", the first a letter or a digit; and not what a store has for
 * itself, or the built-in rules are called. */
bool manifest_name_is_safe(const char *name);
/* A version as in min_engine: one to four numbers with dots between. */
bool manifest_version_is_safe(const char *version);
/* What a file is, by how its name ends: a source of rules (.yar, .yara), or the list of hashes
 * (.hashes). */
bool manifest_path_is_rules(const char *path);
bool manifest_path_is_hashes(const char *path);
/* The file of this name; NULL. */
const struct manifest_file *manifest_find(const struct manifest *manifest, const char *name);

/* "2026-11-25T12:00:00Z" and back; the years 1970 to 9999, and what lies outside is the nearest that
 * does not. */
#define MANIFEST_TIME     21
#define MANIFEST_TIME_MAX INT64_C(253402300799)
void manifest_time_text(int64_t seconds, char ret_text[MANIFEST_TIME]);
CHECKED bool manifest_parse_time(const char *text, int64_t *ret_seconds);

#endif
