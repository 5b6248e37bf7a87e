#include "cli/db/opened.h"

#include "base/encode.h"
#include "base/map.h"
#include "cli/spool.h"
#include "pool/confined.h"
#include "signatures/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define EXPAND_MEMORY  (UINT64_C(1) << 30)
#define EXPAND_SECONDS 600

void opened_release(struct opened *opened)
{
    bundle_free(opened->bundle);
    manifest_release(&opened->manifest);
    map_release(&opened->tar);
    fd_cleanup(&opened->fd);
    *opened = OPENED_NONE;
}

static status expand(int fd, struct opened *opened, struct error *error)
{
    struct confined_bounds bounds = {
        .memory = EXPAND_MEMORY, .output = BUNDLE_BYTES_MAX, .seconds = EXPAND_SECONDS};
    opened->fd = spool_open_unnamed();
    if (opened->fd < 0)
        return error_set(error, ASSAY_ERR_IO,
                         "there is no room to unpack it: %s; set TMPDIR to a directory with space",
                         strerror(errno));
    if (lseek(fd, 0, SEEK_SET) < 0)
        return error_set(error, ASSAY_ERR_IO, "it cannot be read: %s", strerror(errno));
    TRY(confined_run(bundle_expand, fd, opened->fd, &bounds, error));
    status mapped = map_file(opened->fd, 0, &opened->tar);
    if (mapped < 0)
        return error_set(error, mapped, "what is in it cannot be mapped: %s",
                         mapped == ASSAY_ERR_CORRUPT ? "it is empty" : strerror(errno));
    return bundle_open(opened->tar, error, &opened->bundle);
}

static status judge(struct opened *opened, const struct trust *trust, enum opened_trust required,
                    struct error *error)
{
    size_t count;
    const struct view *signatures = bundle_signatures(opened->bundle, &count);
    if (!trust)
        return ASSAY_OK;
    struct error why = {""};
    status verified = trust_verify(trust, bundle_manifest(opened->bundle), signatures, count, &why,
                                   &opened->signers);
    bool is_unsigned = verified == ASSAY_ERR_ARGUMENT;
    if (is_unsigned)
        opened->signers.count = 0;
    if (verified >= 0 || (is_unsigned && required == OPENED_UNSIGNED_TOO))
        return ASSAY_OK;
    return error_set(error, verified, "%s", why.text);
}

static status name_digest(struct opened *opened)
{
    struct buffer text cleanup(buffer_release) = {NULL, 0, 0};
    TRY(digest_sha256(bundle_manifest(opened->bundle), opened->digest));
    TRY(encode_hex(&text, (struct assay_bytes){opened->digest, sizeof(opened->digest)}));
    memcpy(opened->digest_text, text.data, text.size);
    opened->digest_text[text.size] = 0;
    return ASSAY_OK;
}

static status open_parts(int fd, const struct trust *trust, enum opened_trust required,
                         struct opened *opened, struct error *error)
{
    TRY(expand(fd, opened, error));
    TRY(judge(opened, trust, required, error));
    TRY(manifest_parse(bundle_manifest(opened->bundle), error, &opened->manifest));
    /* With too few signatures, or of a key that is for other databases, it counts as unsigned. */
    if (opened->signers.count > 0) {
        status allowed = trust_allows(trust, &opened->signers, opened->manifest.name, error);
        if (allowed < 0 && required == OPENED_SIGNED_ONLY)
            return allowed;
        if (allowed < 0)
            opened->signers.count = 0;
    }
    TRY(bundle_check(opened->bundle, &opened->manifest, error));
    return name_digest(opened);
}

status opened_read_fd(int fd, const char *label, const struct trust *trust,
                      enum opened_trust required, struct error *error, struct opened *ret_opened)
{
    struct opened opened cleanup(opened_release) = OPENED_NONE;
    struct error why = {""};
    status read = open_parts(fd, trust, required, &opened, &why);
    if (read < 0)
        return error_set(error, read, "%.100s: %s", label,
                         why.text[0] ? why.text : assay_status_text((enum assay_status)read));
    *ret_opened = opened;
    opened = OPENED_NONE;
    return ASSAY_OK;
}

status opened_read(const char *path, const struct trust *trust, enum opened_trust required,
                   struct error *error, struct opened *ret_opened)
{
    int fd cleanup(fd_cleanup) = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat stat;
    if (fd < 0 || fstat(fd, &stat) < 0)
        return error_set(error, ASSAY_ERR_IO, "%.150s: %s", path, strerror(errno));
    if (!S_ISREG(stat.st_mode))
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "%.150s is no file: name a bundle (NAME-SERIAL.asdb)", path);
    return opened_read_fd(fd, path, trust, required, error, ret_opened);
}

status opened_trust_text(const struct opened *opened, struct buffer *out)
{
    if (opened->signers.count == 0)
        return buffer_append_text(out, "unsigned");
    for (size_t i = 0; i < opened->signers.count; i++)
        TRY(buffer_append_format(out, "%s%s", i == 0 ? "signed by " : ", ",
                                 opened->signers.ids[i]));
    return ASSAY_OK;
}
