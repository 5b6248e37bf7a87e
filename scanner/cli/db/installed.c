#include "cli/db/installed.h"

#include "base/encode.h"
#include "signatures/database/trust.h"
#include "signatures/digest.h"

#include <string.h>

#define DAY             86400
#define TRUST_BYTES_MAX 4096 /* of 64 lines */

void installed_release(struct installed *installed)
{
    manifest_release(&installed->manifest);
    free(installed->created);
    free(installed->trust);
    *installed = (struct installed){.created = NULL};
}

/* ---- one part each --------------------------------------------------------------------------- */

static status describe_digest(struct installed *installed, struct view manifest)
{
    struct buffer text cleanup(buffer_release) = {NULL, 0, 0};
    TRY(digest_sha256(manifest, installed->digest));
    TRY(encode_hex(&text, (struct assay_bytes){installed->digest, sizeof(installed->digest)}));
    memcpy(installed->digest_text, text.data, text.size);
    installed->digest_text[text.size] = 0;
    return ASSAY_OK;
}

static status describe_trust(struct installed *installed, const char (*ids)[MINISIGN_ID_TEXT],
                             size_t count)
{
    struct buffer text cleanup(buffer_release) = {NULL, 0, 0};
    TRY(buffer_append_text(&text, count > 0 ? "signed" : "unsigned"));
    for (size_t i = 0; i < count; i++)
        TRY(buffer_append_format(&text, "%c%s", i == 0 ? ':' : ',', ids[i]));
    TRY(buffer_terminate(&text));
    installed->trust = (char *)steal_pointer(text.data);
    return ASSAY_OK;
}

static status describe_age(struct installed *installed, int64_t now)
{
    const struct manifest *manifest = &installed->manifest;
    char created[MANIFEST_TIME];
    manifest_time_text(manifest->created, created);
    installed->created = strdup(created);
    installed->age_days = now > manifest->created ? (now - manifest->created) / DAY : 0;
    installed->has_expired = manifest->expires != 0 && now > manifest->expires;
    return installed->created ? ASSAY_OK : ASSAY_ERR_NOMEM;
}

status installed_describe(struct view manifest, const char (*ids)[MINISIGN_ID_TEXT], size_t count,
                          int64_t now, struct error *error, struct installed *ret_installed)
{
    struct installed installed cleanup(installed_release) = {.created = NULL};
    TRY(manifest_parse(manifest, error, &installed.manifest));
    TRY(describe_digest(&installed, manifest));
    TRY(describe_trust(&installed, ids, count));
    TRY(describe_age(&installed, now));
    *ret_installed = installed;
    installed = (struct installed){.created = NULL};
    return ASSAY_OK;
}

/* ---- from a store ---------------------------------------------------------------------------- */

static status read_part(struct store *store, const struct store_version *version, const char *file,
                        size_t most, struct error *error, struct buffer *text)
{
    int fd cleanup(fd_cleanup) = -1;
    TRY(store_open_file(store, version, file, error, &fd));
    TRY(buffer_append_file(text, fd, most));
    return buffer_terminate(text);
}

/* The ids of the keys, a line each, which were written when it was installed. */
static size_t split_ids(const char *text, char ids[TRUST_KEYS_MAX][MINISIGN_ID_TEXT])
{
    size_t count = 0;
    while (count < TRUST_KEYS_MAX && strlen(text) >= 17 && text[16] == '\n') {
        memcpy(ids[count], text, 16);
        ids[count++][16] = 0;
        text += 17;
    }
    return count;
}

status installed_read(struct store *store, const struct store_version *version, struct error *error,
                      struct installed *ret_installed)
{
    struct buffer manifest cleanup(buffer_release) = {NULL, 0, 0};
    struct buffer trust cleanup(buffer_release) = {NULL, 0, 0};
    char ids[TRUST_KEYS_MAX][MINISIGN_ID_TEXT];
    int64_t now;
    struct error why = {""};
    status read = read_part(store, version, STORE_MANIFEST, MANIFEST_BYTES_MAX, &why, &manifest);
    if (read >= 0)
        read = read_part(store, version, STORE_TRUST, TRUST_BYTES_MAX, &why, &trust);
    if (read == ASSAY_ERR_ARGUMENT) /* it is not safe, and has the words for that */
        return error_set(error, read, "%s", why.text);
    if (read < 0)
        return error_set(error, read,
                         "database %s, serial %llu, is damaged: a part of it cannot be read. "
                         "Install it again",
                         version->name, (unsigned long long)version->serial);
    TRY(store_now(store, error, &now));
    size_t count = split_ids((const char *)trust.data, ids);
    TRY(installed_describe(buffer_view(&manifest), (const char(*)[MINISIGN_ID_TEXT])ids, count, now,
                           error, ret_installed));
    ret_installed->version = *version;
    return ASSAY_OK;
}
