#include "cli/db/installing.h"

#include "base/write.h"
#include "cli/db/compile.h"
#include "cli/db/opened.h"
#include "cli/db/trial.h"
#include "cli/option_kinds.h"
#include "cli/say.h"
#include "cli/spool.h"
#include "signatures/database/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct installing {
    const struct installing_options *options;
    struct places places;
    struct trust *trust;
    struct store *store;
    struct opened opened;
    struct error *error;
};

static void installing_release(struct installing *this)
{
    opened_release(&this->opened);
    store_close(this->store);
    trust_free(this->trust);
    places_release(&this->places);
}

status installing_set_keep(void *field, const char *value, struct error *error)
{
    return option_number(value, 1, 1000, error, field);
}

/* ---- may it be installed? -------------------------------------------------------------------- */

static size_t list_keys(const struct installing *this, const char *keys[TRUST_KEYS_MAX])
{
    const struct trust_signers *signers = &this->opened.signers;
    for (size_t i = 0; i < signers->count; i++)
        keys[i] = signers->ids[i];
    return signers->count;
}

static status check_serial(struct installing *this)
{
    const struct manifest *manifest = &this->opened.manifest;
    const char *keys[TRUST_KEYS_MAX];
    size_t count = list_keys(this, keys);
    if (this->options->allow_rollback)
        return ASSAY_OK;
    return store_check_serial(this->store, manifest->name, manifest->serial, keys, count,
                              this->error);
}

static void warn_of_age(struct installing *this)
{
    const struct manifest *manifest = &this->opened.manifest;
    int64_t now;
    struct error ignored = {""};
    if (store_now(this->store, &ignored, &now) < 0 || manifest->expires == 0 ||
        now <= manifest->expires)
        return;
    char text[MANIFEST_TIME];
    manifest_time_text(manifest->expires, text);
    say("%s expired at %s: there should be a newer one", manifest->name, text);
}

/* Otherwise an index could bring what nobody asked for, or the same one again and again. */
static status check_promise(const struct installing *this)
{
    const struct manifest *manifest = &this->opened.manifest;
    const struct channel_index *promised = this->options->promised;
    if (!promised ||
        (strcmp(promised->name, manifest->name) == 0 && promised->serial == manifest->serial))
        return ASSAY_OK;
    return error_set(
        this->error, ASSAY_ERR_CORRUPT,
        "the channel promises %s, serial %llu, and the bundle is %s, serial %llu: tell "
        "its publisher",
        promised->name, (unsigned long long)promised->serial, manifest->name,
        (unsigned long long)manifest->serial);
}

/* A serial has one content: whoever signs two is not to be believed. ASSAY_END: it is this very
 * database that is in use. */
static status compare_with_current(struct installing *this)
{
    const struct manifest *manifest = &this->opened.manifest;
    struct store_version version = {.serial = manifest->serial};
    snprintf(version.name, sizeof(version.name), "%s", manifest->name);
    uint64_t current = 0;
    status found = store_current(this->store, manifest->name, this->error, &current);
    TRY(found);
    int fd cleanup(fd_cleanup) = -1;
    struct error ignored;
    if (store_open_file(this->store, &version, STORE_MANIFEST, &ignored, &fd) < 0)
        return ASSAY_OK;
    struct buffer text cleanup(buffer_release) = {NULL, 0, 0};
    if (buffer_append_file(&text, fd, MANIFEST_BYTES_MAX) < 0)
        return ASSAY_OK;
    struct view ours = bundle_manifest(this->opened.bundle);
    if (text.size != ours.size || memcmp(text.data, ours.data, text.size) != 0)
        return error_set(this->error, ASSAY_ERR_CORRUPT,
                         "serial %llu of %s is here already with another content; a publisher must "
                         "give each version a serial of its own",
                         (unsigned long long)manifest->serial, manifest->name);
    return found == ASSAY_OK && current == manifest->serial ? ASSAY_END : ASSAY_OK;
}

static status open_everything(struct installing *this, int fd, const char *label)
{
    const struct installing_options *options = this->options;
    TRY(places_find(options->store, options->trust, &this->places));
    if (!this->places.own_store)
        return error_set(this->error, ASSAY_ERR_ARGUMENT,
                         "there is no place to install to: set HOME, or name one with --store");
    TRY(trust_load((const char *const *)this->places.trust, this->places.trust_count, this->error,
                   &this->trust));
    TRY(opened_read_fd(fd, label, this->trust,
                       options->allow_unsigned ? OPENED_UNSIGNED_TOO : OPENED_SIGNED_ONLY,
                       this->error, &this->opened));
    if (manifest_needs_newer(&this->opened.manifest, ASSAY_VERSION))
        return error_set(this->error, ASSAY_ERR_UNSUPPORTED,
                         "%.100s needs assay %.30s, and this is %s: update assay first", label,
                         this->opened.manifest.min_engine, ASSAY_VERSION);
    return store_open(this->places.own_store, true, this->error, &this->store);
}

/* ---- making it ------------------------------------------------------------------------------- */

static status stage_bytes(struct installing *this, struct store_stage *stage, const char *name,
                          struct view bytes)
{
    int fd cleanup(fd_cleanup) = -1;
    TRY(store_stage_create(stage, name, this->error, &fd));
    if (write_all(fd, bytes) < 0)
        return error_set(this->error, ASSAY_ERR_IO, "%s cannot be written: %s", name,
                         strerror(errno));
    return ASSAY_OK;
}

static status copy_file(int source, int target)
{
    uint8_t bytes[65536];
    for (uint64_t at = 0;;) {
        ssize_t got = pread(source, bytes, sizeof(bytes), (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? ASSAY_ERR_IO : ASSAY_OK;
        TRY(write_all_at(target, (struct view){bytes, (uint64_t)got}, at));
        at += (uint64_t)got;
    }
}

static status stage_bundle(struct installing *this, struct store_stage *stage, int source)
{
    int fd cleanup(fd_cleanup) = -1;
    TRY(store_stage_create(stage, STORE_BUNDLE, this->error, &fd));
    if (copy_file(source, fd) < 0)
        return error_set(this->error, ASSAY_ERR_IO, "the bundle cannot be kept: %s",
                         strerror(errno));
    return ASSAY_OK;
}

static status stage_hashes(struct installing *this, struct store_stage *stage, struct trial *trial)
{
    size_t count;
    const struct bundle_file *files = bundle_files(this->opened.bundle, &count);
    for (size_t i = 0; i < count; i++) {
        int fd cleanup(fd_cleanup) = -1;
        if (!manifest_path_is_hashes(files[i].name))
            continue;
        TRY(store_stage_create(stage, STORE_HASHES, this->error, &fd));
        TRY(compile_hashes(files[i].bytes, fd, this->error));
        TRY(trial_add_hashes(trial, fd, this->error));
    }
    return ASSAY_OK;
}

static status stage_rules(struct installing *this, struct store_stage *stage, struct trial *trial)
{
    size_t count;
    const struct bundle_file *files = bundle_files(this->opened.bundle, &count);
    uint64_t rules;
    int fd cleanup(fd_cleanup) = -1;
    TRY(trial_compile(trial, files, count, this->error, &rules));
    if (rules == 0)
        return ASSAY_OK;
    TRY(store_stage_create(stage, STORE_RULES, this->error, &fd));
    return trial_save(trial, this->opened.digest, fd, this->error);
}

static status stage_all(struct installing *this, struct store_stage *stage, int fd)
{
    struct trial_options options = {.database = this->opened.manifest.name};
    struct trial *trial cleanup(trial_free_cleanup) = NULL;
    TRY(trial_new(&options, this->error, &trial));
    TRY(stage_rules(this, stage, trial));
    TRY(stage_hashes(this, stage, trial));
    TRY(trial_self_test(trial, this->error));
    TRY(stage_bundle(this, stage, fd));
    return stage_bytes(this, stage, STORE_MANIFEST, bundle_manifest(this->opened.bundle));
}

static status install(struct installing *this, int fd)
{
    const struct manifest *manifest = &this->opened.manifest;
    const char *keys[TRUST_KEYS_MAX];
    struct store_install install = {
        .created = manifest->created,
        .keys = keys,
        .key_count = list_keys(this, keys),
        .keep = (unsigned)this->options->keep,
        .allow_rollback = this->options->allow_rollback,
    };
    struct store_stage *stage cleanup(store_stage_free_cleanup) = NULL;
    TRY(store_stage_new(this->store, manifest->name, manifest->serial, this->error, &stage));
    TRY(stage_all(this, stage, fd));
    return store_stage_commit(steal_pointer(stage), &install, this->error);
}

static status print_result(const struct installing *this, const char *what)
{
    const struct manifest *manifest = &this->opened.manifest;
    struct buffer trust cleanup(buffer_release) = {NULL, 0, 0};
    TRY(opened_trust_text(&this->opened, &trust));
    TRY(buffer_terminate(&trust));
    uint64_t hashes = manifest->hashes[0] + manifest->hashes[1] + manifest->hashes[2];
    printf("%s, serial %llu, %s: %llu rules, %llu hashes, %s\n", manifest->name,
           (unsigned long long)manifest->serial, what, (unsigned long long)manifest->rules,
           (unsigned long long)hashes, (const char *)trust.data);
    return ASSAY_OK;
}

status installing_run(const struct installing_options *options, int fd, const char *label,
                      struct error *error)
{
    struct installing this cleanup(installing_release) = {
        .options = options, .opened = OPENED_NONE, .error = error};
    /* What is checked must not change until it is installed, whoever can still write to the file. */
    int copy cleanup(fd_cleanup) = spool_open_unnamed();
    if (copy < 0 || copy_file(fd, copy) < 0)
        return error_set(
            error, ASSAY_ERR_IO,
            "there is no room to copy %.100s: %s; set TMPDIR to a directory with space", label,
            strerror(errno));
    TRY(open_everything(&this, copy, label));
    TRY(check_promise(&this));
    TRY(check_serial(&this));
    warn_of_age(&this);
    status compared = compare_with_current(&this);
    TRY(compared);
    if (compared == ASSAY_END)
        return print_result(&this, "is in use already");
    TRY(install(&this, copy));
    return print_result(&this, "is in use now");
}
