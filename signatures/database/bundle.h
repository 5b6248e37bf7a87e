/*
 * bundle: NAME-SERIAL.asdb, a database in one file: a tar archive, packed with zstd. Members are in
 * this order, and nothing else is in it:
 *
 *     manifest.json
 *     manifest.json.minisig      none or one signature, which stock minisign verifies ...
 *     manifest.json.minisig.2    ... and further ones, up to .8
 *     the files of the manifest, sorted by name
 *
 * The same files make the same bytes: every header has the same owner, mode and time. Reading is
 * strict: a header that is not, byte for byte, what writing makes of its name and size is an error. So
 * there is one tar for each database. The zstd layer is two frames, the first of which ends behind the
 * signatures; how it is packed says nothing, and nobody vouches for it: a bundle that was packed in
 * another way, or damaged where it makes no difference, is the same database.
 */
#ifndef DATABASE_BUNDLE_H
#define DATABASE_BUNDLE_H

#include "signatures/database/manifest.h"

#define BUNDLE_SIGNATURES_MAX 8
#define BUNDLE_SIGNATURE_MAX  (16U << 10)          /* bytes of one */
#define BUNDLE_BYTES_MAX      (UINT64_C(16) << 30) /* unpacked */

struct bundle_file {
    const char *name;
    struct view bytes;
};

/* Writes a bundle from what stands in it. files: those of the manifest, in any order; whether they
 * are what it says is not looked at. The same bytes each time, for the same libzstd. Errors:
 * ASSAY_ERR_IO (errno), ASSAY_ERR_NOMEM, ASSAY_ERR_ARGUMENT. */
CHECKED status bundle_write(int out, struct view manifest, const struct view *signatures,
                            size_t signature_count, const struct bundle_file *files, size_t count,
                            struct error *error);

/* Unpacks the zstd layer of the open file `in`, from where it stands, and writes the tar to `out`, to
 * which nothing else need be possible than write(2). What was written before an error is worth
 * nothing. The only part of reading that decodes anything: it is made for a process that can do
 * nothing else (pool/confined.h), and takes less than 128 MiB. Errors: ASSAY_ERR_CORRUPT,
 * _TRUNCATED, _LIMIT, _IO, _NOMEM. */
CHECKED status bundle_expand(int in, int out, struct error *error);

struct bundle; /* an unpacked one */

/* Borrows the tar until bundle_free. Errors: ASSAY_ERR_CORRUPT, ASSAY_ERR_TRUNCATED,
 * ASSAY_ERR_NOMEM. */
CHECKED status bundle_open(struct view tar, struct error *error, struct bundle **ret_bundle);
void bundle_free(struct bundle *bundle);
DEFINE_CLEANUP(struct bundle, bundle_free);

struct view bundle_manifest(const struct bundle *bundle);
const struct view *bundle_signatures(const struct bundle *bundle, size_t *ret_count);
/* The other members, in their order. */
const struct bundle_file *bundle_files(const struct bundle *bundle, size_t *ret_count);

/* That the members are those of the manifest, with its sizes and digests, none more and none less.
 * Errors: ASSAY_ERR_CORRUPT (error names the file). */
CHECKED status bundle_check(const struct bundle *bundle, const struct manifest *manifest,
                            struct error *error);

#endif
