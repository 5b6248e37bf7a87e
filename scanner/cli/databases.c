#include "cli/databases.h"

#include "cli/db/compile.h"
#include "cli/db/installed.h"
#include "cli/db/opened.h"
#include "cli/say.h"
#include "cli/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

struct entry {
    struct store *store; /* borrowed; NULL: a bundle of its own */
    struct installed installed;
    struct opened opened; /* unpacked when it is needed */
    bool is_uncompiled;   /* no compiled rules were kept, or none that are of use */
};

struct databases {
    struct databases_options options;
    struct places places;
    struct store *stores[2];
    size_t store_count;
    struct entry *entries;
    struct report_database *described;
    size_t count;
};

static void entry_release(struct entry *entry)
{
    installed_release(&entry->installed);
    opened_release(&entry->opened);
}

void databases_free(struct databases *databases)
{
    if (!databases)
        return;
    for (size_t i = 0; i < databases->count; i++)
        entry_release(&databases->entries[i]);
    for (size_t i = 0; i < databases->store_count; i++)
        store_close(databases->stores[i]);
    places_release(&databases->places);
    free(databases->entries);
    free(databases->described);
    free(databases);
}

/* ---- finding --------------------------------------------------------------------------------- */

static struct entry *find_name(const struct databases *databases, const char *name)
{
    for (size_t i = 0; i < databases->count; i++) {
        if (strcmp(databases->entries[i].installed.manifest.name, name) == 0)
            return &databases->entries[i];
    }
    return NULL;
}

static status add_entry(struct databases *databases, struct entry *entry)
{
    struct entry *entries =
        reallocarray(databases->entries, databases->count + 1, sizeof(*entries));
    if (!entries) {
        entry_release(entry);
        return ASSAY_ERR_NOMEM;
    }
    databases->entries = entries;
    entries[databases->count++] = *entry;
    return ASSAY_OK;
}

/* What a user installed stands for the machine's of the same name. */
static status add_version(struct databases *databases, struct store *store,
                          const struct store_version *version, struct error *error)
{
    struct entry entry = {.store = store, .opened = OPENED_NONE};
    if (!version->is_current || find_name(databases, version->name))
        return ASSAY_OK;
    TRY(installed_read(store, version, error, &entry.installed));
    return add_entry(databases, &entry);
}

static status add_store(struct databases *databases, const char *path, struct error *error)
{
    struct store_version *versions cleanup(free_cleanup) = NULL;
    size_t count = 0;
    struct store **store = &databases->stores[databases->store_count];
    errno = 0;
    status opened = store_open(path, false, error, store);
    if (opened == ASSAY_ERR_IO && errno == ENOENT)
        return ASSAY_OK;
    TRY(opened);
    databases->store_count++;
    TRY(store_list(*store, error, &versions, &count));
    for (size_t i = 0; i < count; i++)
        TRY(add_version(databases, *store, &versions[i], error));
    return ASSAY_OK;
}

static status add_bundle(struct databases *databases, const char *path, struct error *error)
{
    struct trust *trust cleanup(trust_free_cleanup) = NULL;
    struct entry entry = {.opened = OPENED_NONE};
    TRY(trust_load((const char *const *)databases->places.trust, databases->places.trust_count,
                   error, &trust));
    struct error why = {""};
    status read = opened_read(
        path, trust, databases->options.allow_unsigned ? OPENED_UNSIGNED_TOO : OPENED_SIGNED_ONLY,
        &why, &entry.opened);
    if (read == ASSAY_ERR_ARGUMENT && !databases->options.allow_unsigned)
        return error_set(error, read, "%.190s; --allow-unsigned uses it all the same", why.text);
    if (read < 0)
        return error_set(error, read, "%s", why.text);
    status described = installed_describe(bundle_manifest(entry.opened.bundle),
                                          (const char(*)[MINISIGN_ID_TEXT])entry.opened.signers.ids,
                                          entry.opened.signers.count, (int64_t)time(NULL), error,
                                          &entry.installed);
    if (described < 0) {
        entry_release(&entry);
        return described;
    }
    return add_entry(databases, &entry);
}

static status find_all(struct databases *databases, struct error *error)
{
    const char *named = databases->options.database;
    struct stat stat;
    if (named && fstatat(AT_FDCWD, named, &stat, 0) < 0)
        return error_set(error, ASSAY_ERR_IO, "there is no database at %.150s: %s", named,
                         strerror(errno));
    bool is_bundle = named && !S_ISDIR(stat.st_mode);
    TRY(places_find(is_bundle ? NULL : named, databases->options.trust, &databases->places));
    if (is_bundle)
        return add_bundle(databases, named, error);
    for (size_t i = 0; i < databases->places.store_count; i++)
        TRY(add_store(databases, databases->places.stores[i], error));
    if (named && databases->count == 0)
        return error_set(
            error, ASSAY_ERR_ARGUMENT,
            "no database is installed in %.120s: `assay db install --store` does that; "
            "for a directory of rules use --rules",
            named);
    return ASSAY_OK;
}

/* ---- age ------------------------------------------------------------------------------------- */

static bool is_stale(const struct databases *databases, const struct installed *installed)
{
    uint64_t most = databases->options.max_age;
    return installed->has_expired || (most > 0 && (uint64_t)installed->age_days > most);
}

static status judge_age(const struct databases *databases, const struct installed *installed,
                        struct error *error)
{
    if (!is_stale(databases, installed))
        return ASSAY_OK;
    struct error words;
    status stale = error_set(
        &words, ASSAY_ERR_ARGUMENT,
        "database %s, serial %llu, is too old: %lld days%s. Run `assay db update`",
        installed->manifest.name, (unsigned long long)installed->manifest.serial,
        (long long)installed->age_days, installed->has_expired ? ", and it has expired" : "");
    if (databases->options.require_fresh)
        return error_set(error, stale, "%s", words.text);
    say("%s", words.text);
    return ASSAY_OK;
}

static status judge_ages(const struct databases *databases, struct error *error)
{
    if (databases->count == 0 && databases->options.require_fresh)
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "no database is installed, and how old the built-in rules are is not "
                         "known: install one, or leave --require-fresh out");
    for (size_t i = 0; i < databases->count; i++)
        TRY(judge_age(databases, &databases->entries[i].installed, error));
    return ASSAY_OK;
}

static status describe(struct databases *databases)
{
    databases->described = calloc(databases->count + 1, sizeof(*databases->described));
    if (!databases->described)
        return ASSAY_ERR_NOMEM;
    for (size_t i = 0; i < databases->count; i++) {
        const struct installed *installed = &databases->entries[i].installed;
        const uint64_t *hashes = installed->manifest.hashes;
        databases->described[i] = (struct report_database){
            .name = installed->manifest.name,
            .version = installed->created,
            .serial = installed->manifest.serial,
            .digest = installed->digest_text,
            .trust = installed->trust,
            .age_days = installed->age_days,
            .rules = (int64_t)installed->manifest.rules,
            .hashes = (int64_t)(hashes[0] + hashes[1] + hashes[2]),
            .is_stale = is_stale(databases, installed),
        };
    }
    return ASSAY_OK;
}

status databases_find(const struct databases_options *options, struct error *error,
                      struct databases **ret_databases)
{
    struct databases *databases cleanup(databases_free_cleanup) = calloc(1, sizeof(*databases));
    if (!databases)
        return ASSAY_ERR_NOMEM;
    databases->options = *options;
    TRY(find_all(databases, error));
    TRY(judge_ages(databases, error));
    TRY(describe(databases));
    *ret_databases = steal_pointer(databases);
    return ASSAY_OK;
}

size_t databases_count(const struct databases *databases)
{
    return databases->count;
}

const struct report_database *databases_describe(const struct databases *databases,
                                                 size_t *ret_count)
{
    *ret_count = databases->count;
    return databases->described;
}

struct report_database databases_builtin(const char *digest, uint64_t rules)
{
    return (struct report_database){
        .name = "builtin",
        .version = assay_version(),
        .digest = digest,
        .trust = "builtin",
        .age_days = -1,
        .rules = (int64_t)rules,
    };
}

/* ---- loading --------------------------------------------------------------------------------- */

/* Unpacks the bundle. In a store that only root or this user can write it was verified when it came;
 * that it is still the same is checked all the same. */
static status unpack(struct entry *entry, struct error *error)
{
    int fd cleanup(fd_cleanup) = -1;
    const struct manifest *manifest = &entry->installed.manifest;
    if (entry->opened.fd >= 0)
        return ASSAY_OK;
    TRY(store_open_file(entry->store, &entry->installed.version, STORE_BUNDLE, error, &fd));
    TRY(opened_read_fd(fd, manifest->name, NULL, OPENED_UNSIGNED_TOO, error, &entry->opened));
    if (memcmp(entry->opened.digest, entry->installed.digest, sizeof(entry->opened.digest)) != 0)
        return error_set(error, ASSAY_ERR_CORRUPT,
                         "the bundle of database %s is another than the one that was installed. "
                         "Install it again",
                         manifest->name);
    return ASSAY_OK;
}

/* Keeps what was compiled, for the next scan, if this user may. */
static void keep_compiled(struct entry *entry, struct pool *pool)
{
    struct error ignored;
    const struct store_version *version = &entry->installed.version;
    int fd cleanup(fd_cleanup) = -1;
    if (!entry->store || store_new_file(entry->store, version, &ignored, &fd) < 0 ||
        pool_save_rules(pool, entry->installed.digest, fd, &ignored) < 0)
        return;
    status kept = store_replace_file(entry->store, version, STORE_RULES, fd, &ignored);
    (void)kept; /* without it the next scan compiles again */
}

static status compile_rules(struct entry *entry, struct pool *pool,
                            const struct pool_compile *compile, struct error *error,
                            uint64_t *ret_rules)
{
    TRY(unpack(entry, error));
    size_t count;
    const struct bundle_file *files = bundle_files(entry->opened.bundle, &count);
    struct compile_files sources = {entry->installed.manifest.name, files, count};
    TRY(compile_sources(pool, &sources, compile, error, ret_rules));
    keep_compiled(entry, pool);
    return ASSAY_OK;
}

/* ASSAY_END: what was kept is of no use: the rules have to be compiled, before others are loaded. */
static status load_compiled(struct entry *entry, struct pool *pool, struct error *error,
                            uint64_t *rules)
{
    const struct store_version *version = &entry->installed.version;
    uint64_t loaded_rules = 0;
    int fd cleanup(fd_cleanup) = -1;
    status loaded = store_open_file(entry->store, version, STORE_RULES, error, &fd);
    if (loaded >= 0)
        loaded = pool_load_rules(pool, entry->installed.digest, fd, error, &loaded_rules);
    entry->is_uncompiled = loaded < 0 && loaded != ASSAY_ERR_CANCELLED;
    *rules += loaded_rules;
    return entry->is_uncompiled ? ASSAY_END : loaded;
}

/* An index of the bundle's list, made for this scan alone. */
static status index_hashes(struct entry *entry, struct error *error, int *ret_fd)
{
    int fd cleanup(fd_cleanup) = spool_open_unnamed();
    if (fd < 0)
        return error_set(error, ASSAY_ERR_IO, "there is no room for an index of hashes: %s",
                         strerror(errno));
    TRY(unpack(entry, error));
    size_t count;
    const struct bundle_file *files = bundle_files(entry->opened.bundle, &count);
    for (size_t i = 0; i < count; i++) {
        if (manifest_path_is_hashes(files[i].name))
            TRY(compile_hashes(files[i].bytes, fd, error));
    }
    *ret_fd = steal_fd(&fd);
    return ASSAY_OK;
}

static status load_hashes(struct entry *entry, struct pool *pool, struct error *error)
{
    const struct manifest *manifest = &entry->installed.manifest;
    uint64_t count;
    int fd cleanup(fd_cleanup) = -1;
    if (manifest->hashes[0] + manifest->hashes[1] + manifest->hashes[2] == 0)
        return ASSAY_OK;
    if (entry->store && store_open_file(entry->store, &entry->installed.version, STORE_HASHES,
                                        error, &fd) == ASSAY_OK) {
        status added = pool_add_hashes(pool, manifest->name, fd, error, &count);
        if (added != ASSAY_ERR_CORRUPT)
            return added;
        say("the hash index of database %s is damaged, and is made anew for this scan; install the "
            "database again",
            manifest->name);
        close(steal_fd(&fd));
    }
    TRY(index_hashes(entry, error, &fd));
    return pool_add_hashes(pool, manifest->name, fd, error, &count);
}

/* Sources first, so that what is compiled from them can be kept apart from the rest. */
static status load_rules(struct databases *databases, struct pool *pool,
                         const struct pool_compile *compile, struct error *error, uint64_t *rules)
{
    for (size_t i = 0; i < databases->count; i++) {
        struct entry *entry = &databases->entries[i];
        uint64_t compiled = 0;
        entry->is_uncompiled = entry->is_uncompiled || !entry->store;
        if (entry->is_uncompiled && entry->installed.manifest.rules > 0)
            TRY(compile_rules(entry, pool, compile, error, &compiled));
        *rules += compiled;
    }
    for (size_t i = 0; i < databases->count; i++) {
        struct entry *entry = &databases->entries[i];
        status loaded = ASSAY_OK;
        if (!entry->is_uncompiled && entry->installed.manifest.rules > 0)
            loaded = load_compiled(entry, pool, error, rules);
        if (loaded != ASSAY_OK)
            return loaded;
    }
    return ASSAY_OK;
}

status databases_load(struct databases *databases, struct pool *pool,
                      const struct pool_compile *compile, struct error *error, uint64_t *rules)
{
    status loaded = load_rules(databases, pool, compile, error, rules);
    for (size_t i = 0; i < databases->count && loaded == ASSAY_OK; i++) {
        loaded = load_hashes(&databases->entries[i], pool, error);
        opened_release(&databases->entries[i].opened);
    }
    return loaded;
}
