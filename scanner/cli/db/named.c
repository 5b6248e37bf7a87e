#include "cli/db/named.h"

#include "cli/units.h"
#include "signatures/database/store.h"
#include "signatures/rules.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

void named_release(struct named *named)
{
    opened_release(&named->opened);
    free(named->builtin);
    *named = NAMED_NONE;
}

static void use_opened(struct named *named)
{
    named->files = bundle_files(named->opened.bundle, &named->count);
    snprintf(named->label, sizeof(named->label), "%s %llu", named->opened.manifest.name,
             (unsigned long long)named->opened.manifest.serial);
}

static status open_builtin(struct named *named)
{
    const struct assay_source *sources;
    rules_builtin(&sources, &named->count);
    named->builtin = calloc(named->count + 1, sizeof(*named->builtin));
    if (!named->builtin)
        return ASSAY_ERR_NOMEM;
    for (size_t i = 0; i < named->count; i++)
        named->builtin[i] = (struct bundle_file){
            sources[i].name, {(const uint8_t *)sources[i].text, sources[i].size}};
    named->files = named->builtin;
    snprintf(named->label, sizeof(named->label), "builtin %s", assay_version());
    return ASSAY_OK;
}

static status open_version(struct store *store, const struct store_version *version,
                           struct error *error, struct named *named)
{
    int fd cleanup(fd_cleanup) = -1;
    TRY(store_open_file(store, version, STORE_BUNDLE, error, &fd));
    TRY(opened_read_fd(fd, version->name, NULL, OPENED_UNSIGNED_TOO, error, &named->opened));
    use_opened(named);
    return ASSAY_OK;
}

/* "57", "community:57" or "community". */
static bool is_meant(const struct store_version *version, const char *text)
{
    uint64_t serial;
    size_t name = strlen(version->name);
    if (units_parse_number(text, 1, UINT64_MAX, &serial))
        return serial == version->serial;
    if (strncmp(text, version->name, name) != 0)
        return false;
    if (text[name] == 0)
        return version->is_current;
    return text[name] == ':' && units_parse_number(text + name + 1, 1, UINT64_MAX, &serial) &&
           serial == version->serial;
}

/* The stores of the places that are there. ASSAY_END: this one is not. */
static status open_store(const char *path, struct error *error, struct store **ret_store)
{
    errno = 0;
    status opened = store_open(path, false, error, ret_store);
    return opened == ASSAY_ERR_IO && errno == ENOENT ? ASSAY_END : opened;
}

static status open_installed(const struct places *places, const char *text, struct error *error,
                             struct named *named)
{
    for (size_t i = 0; i < places->store_count; i++) {
        struct store *store cleanup(store_close_cleanup) = NULL;
        struct store_version *versions cleanup(free_cleanup) = NULL;
        size_t count = 0;
        status opened = open_store(places->stores[i], error, &store);
        if (opened == ASSAY_END)
            continue;
        TRY(opened);
        TRY(store_list(store, error, &versions, &count));
        for (size_t k = 0; k < count; k++) {
            if (is_meant(&versions[k], text))
                return open_version(store, &versions[k], error, named);
        }
    }
    return error_set(
        error, ASSAY_ERR_ARGUMENT,
        "'%.100s' is neither a bundle nor an installed database: write a path, a serial, "
        "NAME:SERIAL, NAME or builtin (`assay db list` shows what there is)",
        text);
}

status named_open(const struct places *places, const char *text, struct error *error,
                  struct named *ret_named)
{
    struct named named cleanup(named_release) = NAMED_NONE;
    struct stat stat;
    if (strcmp(text, "builtin") == 0) {
        TRY(open_builtin(&named));
    } else if (fstatat(AT_FDCWD, text, &stat, 0) == 0 &&
               (strchr(text, '/') || !S_ISDIR(stat.st_mode))) {
        TRY(opened_read(text, NULL, OPENED_UNSIGNED_TOO, error, &named.opened));
        use_opened(&named);
    } else {
        TRY(open_installed(places, text, error, &named));
    }
    *ret_named = named;
    named = NAMED_NONE;
    return ASSAY_OK;
}

static status look_into(struct store *store, struct error *error,
                        status (*look)(void *context, const struct named *named), void *context,
                        size_t *seen)
{
    struct store_version *versions cleanup(free_cleanup) = NULL;
    size_t count = 0;
    TRY(store_list(store, error, &versions, &count));
    for (size_t i = 0; i < count; i++) {
        struct named named cleanup(named_release) = NAMED_NONE;
        if (!versions[i].is_current)
            continue;
        TRY(open_version(store, &versions[i], error, &named));
        TRY(look(context, &named));
        ++*seen;
    }
    return ASSAY_OK;
}

status named_each(const struct places *places, struct error *error,
                  status (*look)(void *context, const struct named *named), void *context)
{
    size_t seen = 0;
    for (size_t i = 0; i < places->store_count; i++) {
        struct store *store cleanup(store_close_cleanup) = NULL;
        status opened = open_store(places->stores[i], error, &store);
        if (opened == ASSAY_END)
            continue;
        TRY(opened);
        TRY(look_into(store, error, look, context, &seen));
    }
    if (seen > 0)
        return ASSAY_OK;
    struct named named cleanup(named_release) = NAMED_NONE;
    TRY(open_builtin(&named));
    return look(context, &named);
}
