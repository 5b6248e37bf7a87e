#include "cli/db/channel.h"

#include "base/encode.h"
#include "base/map.h"
#include "cli/fetch.h"
#include "cli/spool.h"
#include "signatures/database/bundle.h"
#include "signatures/database/channel.h"
#include "signatures/database/files_at.h"
#include "signatures/database/store.h"
#include "signatures/database/trust.h"
#include "signatures/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define INDEX_SECONDS   60
#define BUNDLE_SECONDS  UINT64_C(86400)
#define LOW_SPEED       1024
#define PARTIAL         ".download-%s-" /* of a database, and then the digest */
#define DIGEST_TEXT     64
#define SIGNATURE_BYTES 4096

struct update {
    const struct installing_options *options;
    const char *url;
    const char *ca_file;
    struct places places;
    struct channel_index index;
    struct error *error;
};

static void update_release(struct update *update)
{
    places_release(&update->places);
}

bool channel_is_url(const char *text)
{
    return strncmp(text, "https://", 8) == 0 || strncmp(text, "file:", 5) == 0 ||
           strncmp(text, "http://", 7) == 0;
}

static bool is_index(const char *url)
{
    size_t size = strlen(url);
    return size > 8 && strcmp(url + size - 8, ".channel") == 0;
}

static struct fetch_options fetch_options_of(const struct update *update, uint64_t bytes,
                                             uint64_t seconds)
{
    return (struct fetch_options){.max_bytes = bytes,
                                  .timeout = seconds,
                                  .low_speed = LOW_SPEED,
                                  .ca_file = update->ca_file,
                                  .stop = -1};
}

/* ---- the index ------------------------------------------------------------------------------- */

static status fetch_text(struct update *update, const char *url, size_t most, struct buffer *text)
{
    int fd cleanup(fd_cleanup) = spool_open_unnamed();
    struct fetch_options options = fetch_options_of(update, most, INDEX_SECONDS);
    if (fd < 0)
        return error_set(update->error, ASSAY_ERR_IO, "no temporary file: %s", strerror(errno));
    TRY(fetch(&options, url, fd, update->error));
    return buffer_append_file(text, fd, most);
}

/* Nothing of it is looked at before it is known who signed it. */
static status read_index(struct update *update)
{
    struct trust *trust cleanup(trust_free_cleanup) = NULL;
    struct buffer text cleanup(buffer_release) = {NULL, 0, 0};
    struct buffer signature cleanup(buffer_release) = {NULL, 0, 0};
    struct buffer url cleanup(buffer_release) = {NULL, 0, 0};
    struct trust_signers signers;
    TRY(trust_load((const char *const *)update->places.trust, update->places.trust_count,
                   update->error, &trust));
    TRY(buffer_append_format(&url, "%s.minisig", update->url));
    TRY(buffer_terminate(&url));
    TRY(fetch_text(update, update->url, CHANNEL_INDEX_BYTES_MAX, &text));
    TRY(fetch_text(update, (const char *)url.data, SIGNATURE_BYTES, &signature));
    struct view signatures[] = {buffer_view(&signature)};
    struct error why = {""};
    status verified = trust_verify(trust, buffer_view(&text), signatures, 1, &why, &signers);
    if (verified < 0)
        return error_set(update->error, verified, "the index of the channel: %s", why.text);
    TRY(channel_index_parse(buffer_view(&text), update->error, &update->index));
    return trust_allows_index(trust, &signers, update->index.name, update->error);
}

/* ASSAY_END: what the channel offers is in use already. */
static status compare(struct update *update)
{
    struct store *store cleanup(store_close_cleanup) = NULL;
    uint64_t current;
    TRY(store_open(update->places.own_store, true, update->error, &store));
    status found = store_current(store, update->index.name, update->error, &current);
    TRY(found);
    if (found == ASSAY_END || current < update->index.serial)
        return ASSAY_OK;
    if (current > update->index.serial && update->options->allow_rollback)
        return ASSAY_OK;
    if (current > update->index.serial)
        return error_set(
            update->error, ASSAY_ERR_ARGUMENT,
            "offers serial %llu of %s, and %llu is in use: it is behind, or somebody replays "
            "an old index. --allow-rollback takes it",
            (unsigned long long)update->index.serial, update->index.name,
            (unsigned long long)current);
    printf("%s, serial %llu, is in use already\n", update->index.name, (unsigned long long)current);
    return ASSAY_END;
}

/* ---- the bundle ------------------------------------------------------------------------------ */

/* Not what another process is fetching just now. */
static void remove_partial(int store, const char *name)
{
    int fd cleanup(fd_cleanup) =
        openat(store, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0)
        unlinkat(store, name, 0);
}

/* What was begun of this database and is not wanted any more; kept NULL: all of it. */
static void remove_partials(const struct update *update, int store, const char *kept)
{
    char prefix[MANIFEST_NAME_MAX + sizeof(PARTIAL)];
    size_t size = (size_t)snprintf(prefix, sizeof(prefix), PARTIAL, update->index.name);
    DIR *entries cleanup(entries_cleanup) = open_entries(store);
    for (const char *name; (name = next_entry(entries));) {
        if (strncmp(name, prefix, size) == 0 && strlen(name) == size + DIGEST_TEXT &&
            (!kept || strcmp(name, kept) != 0))
            remove_partial(store, name);
    }
}

static status open_own_store(const struct update *update, int *ret_fd)
{
    *ret_fd = open(update->places.own_store, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*ret_fd < 0)
        return error_set(update->error, ASSAY_ERR_IO, "%.150s: %s", update->places.own_store,
                         strerror(errno));
    return ASSAY_OK;
}

/* An update that was killed in its last moments may have left something. */
static status tidy(const struct update *update)
{
    int store cleanup(fd_cleanup) = -1;
    TRY(open_own_store(update, &store));
    remove_partials(update, store, NULL);
    return ASSAY_OK;
}

/* The file that a download goes to, with what an earlier one left in it. */
static status open_partial(struct update *update, int store, const char *name, int *ret_fd)
{
    int fd cleanup(fd_cleanup) =
        openat(store, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_set(update->error, ASSAY_ERR_IO, "%.100s/%s cannot be written: %s",
                         update->places.own_store, name, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return error_set(update->error, ASSAY_ERR_IO,
                         "another update is fetching the same bundle; wait for it");
    *ret_fd = steal_fd(&fd);
    return ASSAY_OK;
}

static status check_digest(struct update *update, int fd)
{
    uint8_t digest[32] = {0};
    struct view bytes cleanup(map_release) = {NULL, 0};
    if (map_file(fd, 0, &bytes) >= 0 && bytes.size == update->index.size &&
        digest_sha256(bytes, digest) >= 0 &&
        memcmp(digest, update->index.sha256, sizeof(digest)) == 0)
        return ASSAY_OK;
    if (ftruncate(fd, 0) < 0)
        return ASSAY_ERR_IO;
    return error_set(update->error, ASSAY_ERR_CORRUPT,
                     "what came is not the bundle that the channel promises; it was thrown away. "
                     "Try again, and tell the publisher if it stays so");
}

static status fetch_bundle(struct update *update, const char *file, int fd)
{
    struct buffer url cleanup(buffer_release) = {NULL, 0, 0};
    const char *slash = strrchr(update->url, '/');
    struct stat stat;
    TRY(buffer_append(&url, update->url, slash ? (size_t)(slash + 1 - update->url) : 0));
    TRY(buffer_append_text(&url, file));
    TRY(buffer_terminate(&url));
    struct fetch_options options = fetch_options_of(update, update->index.size, BUNDLE_SECONDS);
    if (fstat(fd, &stat) < 0 || (uint64_t)stat.st_size != update->index.size)
        TRY(fetch(&options, (const char *)url.data, fd, update->error));
    return check_digest(update, fd);
}

static status install_newest(struct update *update)
{
    char file[CHANNEL_INDEX_FILE_MAX];
    struct buffer name cleanup(buffer_release) = {NULL, 0, 0};
    struct assay_bytes digest = {update->index.sha256, sizeof(update->index.sha256)};
    channel_index_file(&update->index, file);
    TRY(buffer_append_format(&name, PARTIAL, update->index.name));
    TRY(encode_hex(&name, digest));
    TRY(buffer_terminate(&name));
    const char *partial = (const char *)name.data;
    int store cleanup(fd_cleanup) = -1;
    int fd cleanup(fd_cleanup) = -1;
    TRY(open_own_store(update, &store));
    remove_partials(update, store, partial);
    TRY(open_partial(update, store, partial, &fd));
    TRY(fetch_bundle(update, file, fd));
    struct installing_options options = *update->options;
    options.promised = &update->index;
    status installed = installing_run(&options, fd, file, update->error);
    unlinkat(store, partial, 0); /* it is whole: what is wrong with it stays wrong */
    return installed;
}

/* A bundle at an address of its own, without a channel. */
static status install_single(struct update *update)
{
    int fd cleanup(fd_cleanup) = spool_open_unnamed();
    struct fetch_options options = fetch_options_of(update, BUNDLE_BYTES_MAX, BUNDLE_SECONDS);
    if (fd < 0)
        return error_set(update->error, ASSAY_ERR_IO, "no temporary file: %s", strerror(errno));
    TRY(fetch(&options, update->url, fd, update->error));
    return installing_run(update->options, fd, update->url, update->error);
}

status channel_install(const struct installing_options *options, const char *url,
                       const char *ca_file, struct error *error)
{
    struct update update cleanup(update_release) = {
        .options = options, .url = url, .ca_file = ca_file, .error = error};
    TRY(places_find(options->store, options->trust, &update.places));
    if (!update.places.own_store)
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "there is no place to install to: set HOME, or name one with --store");
    if (!is_index(url))
        return install_single(&update);
    TRY(read_index(&update));
    status compared = compare(&update);
    TRY(compared);
    return compared == ASSAY_END ? tidy(&update) : install_newest(&update);
}
