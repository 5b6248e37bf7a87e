#include "cli/db/publish.h"

#include "base/map.h"
#include "base/write.h"
#include "cli/db/opened.h"
#include "report/replace.h"
#include "signatures/database/channel.h"
#include "signatures/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SIGNED_BYTES_MAX (64u << 20)

static status write_whole(const char *path, struct view bytes, struct error *error)
{
    struct replacement replacement cleanup(replacement_end) = REPLACEMENT_NONE;
    int fd cleanup(fd_cleanup) = -1;
    status done = replacement_begin(path, &replacement, &fd);
    if (done >= 0)
        done = write_all(fd, bytes);
    if (done >= 0)
        done = replacement_finish(&replacement, fd);
    if (done < 0)
        return error_set(error, done, "%.150s cannot be written: %s", path, strerror(errno));
    return ASSAY_OK;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static status write_signature(const char *path, struct view bytes,
                              const struct minisign_secret_key *key, struct error *error)
{
    struct buffer target cleanup(buffer_release) = {NULL, 0, 0};
    struct buffer text cleanup(buffer_release) = {NULL, 0, 0};
    char comment[256];
    snprintf(comment, sizeof(comment), "timestamp:%lld, file:%.150s", (long long)time(NULL),
             base_name(path));
    TRY(minisign_sign(key, bytes, comment, &text));
    TRY(buffer_append_format(&target, "%s.minisig", path));
    TRY(buffer_terminate(&target));
    return write_whole((const char *)target.data, buffer_view(&text), error);
}

status publish_signature(const char *path, const struct minisign_secret_key *key,
                         struct error *error)
{
    int fd cleanup(fd_cleanup) = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct buffer bytes cleanup(buffer_release) = {NULL, 0, 0};
    if (fd < 0 || buffer_append_file(&bytes, fd, SIGNED_BYTES_MAX) < 0)
        return error_set(error, ASSAY_ERR_IO, "%.150s cannot be read: %s", path,
                         fd < 0 ? strerror(errno) : "it is no file, or larger than 64 MiB");
    TRY(write_signature(path, buffer_view(&bytes), key, error));
    printf("%s.minisig: written\n", path);
    return ASSAY_OK;
}

/* ---- channels -------------------------------------------------------------------------------- */

static status map_bundle(const char *path, struct error *error, struct view *ret_bytes)
{
    int fd cleanup(fd_cleanup) = open(path, O_RDONLY | O_CLOEXEC);
    status mapped = fd < 0 ? ASSAY_ERR_IO : map_file(fd, 0, ret_bytes);
    if (mapped < 0)
        return error_set(error, mapped, "%.150s: %s", path, strerror(errno));
    return ASSAY_OK;
}

/* Machines that had a serial do not go back to a lower one, so that publishing it would be in vain. */
static status check_older(const char *path, const struct channel_index *index, struct error *error)
{
    int fd cleanup(fd_cleanup) = open(path, O_RDONLY | O_CLOEXEC);
    struct buffer text cleanup(buffer_release) = {NULL, 0, 0};
    struct channel_index old;
    if (fd < 0 && errno == ENOENT)
        return ASSAY_OK;
    if (fd < 0 || buffer_append_file(&text, fd, CHANNEL_INDEX_BYTES_MAX) < 0)
        return error_set(error, ASSAY_ERR_IO, "%.150s cannot be read: %s", path, strerror(errno));
    TRY(channel_index_parse(buffer_view(&text), error, &old));
    if (old.serial > index->serial)
        return error_set(
            error, ASSAY_ERR_ARGUMENT,
            "the channel has serial %llu already, which is newer than %llu; build with "
            "a higher --serial",
            (unsigned long long)old.serial, (unsigned long long)index->serial);
    return ASSAY_OK;
}

static status path_in(struct buffer *path, const char *directory, const char *name, const char *end)
{
    path->size = 0;
    TRY(buffer_append_format(path, "%s/%s%s", directory, name, end));
    return buffer_terminate(path);
}

status publish_bundle(const char *path, const char *directory,
                      const struct minisign_secret_key *key, struct error *error)
{
    struct opened opened cleanup(opened_release) = OPENED_NONE;
    struct view bytes cleanup(map_release) = {NULL, 0};
    struct buffer target cleanup(buffer_release) = {NULL, 0, 0};
    struct buffer text cleanup(buffer_release) = {NULL, 0, 0};
    char file[CHANNEL_INDEX_FILE_MAX];
    TRY(opened_read(path, NULL, OPENED_UNSIGNED_TOO, error, &opened));
    TRY(map_bundle(path, error, &bytes));
    struct channel_index index = {.serial = opened.manifest.serial, .size = bytes.size};
    snprintf(index.name, sizeof(index.name), "%s", opened.manifest.name);
    TRY(digest_sha256(bytes, index.sha256));
    TRY(channel_index_write(&index, &text));
    channel_index_file(&index, file);
    TRY(path_in(&target, directory, index.name, ".channel"));
    TRY(check_older((const char *)target.data, &index, error));
    TRY(path_in(&target, directory, file, ""));
    TRY(write_whole((const char *)target.data, bytes, error));
    TRY(path_in(&target, directory, index.name, ".channel"));
    TRY(write_signature((const char *)target.data, buffer_view(&text), key, error));
    TRY(write_whole((const char *)target.data, buffer_view(&text), error));
    printf("%s: %s is the newest now\n", (const char *)target.data, file);
    return ASSAY_OK;
}
