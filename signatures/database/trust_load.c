#include "signatures/database/files_at.h"
#include "signatures/database/safe_open.h"
#include "signatures/database/trust_state.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS     "keys"
#define INI      "trust.ini"
#define KEY_FILE ".pub"

struct names {
    char *list[TRUST_KEYS_MAX];
    size_t count;
};

static void names_release(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->list[i]);
}

static int by_name(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

void trust_free(struct trust *trust)
{
    if (!trust)
        return;
    for (size_t i = 0; i < trust->count; i++)
        free(trust->keys[i].path);
    for (size_t i = 0; i < trust->directory_count; i++) {
        trust_ini_release(&trust->inis[i]);
        free(trust->directories[i]);
    }
    free(trust->inis);
    free(trust->directories);
    free(trust);
}

/* ---- trust.ini ------------------------------------------------------------------------------- */

static status load_ini(int directory, const char *path, struct error *error, struct trust_ini *ini)
{
    struct buffer text cleanup(buffer_release) = {NULL, 0, 0};
    char shown[PATH_MAX];
    struct error why = {""};
    status read = safe_read_file(directory, path, INI, TRUST_INI_MAX, &why, &text);
    if (read == ASSAY_ERR_IO && errno == ENOENT)
        return ASSAY_OK;
    if (read < 0)
        return error_set(error, read, "%s", why.text);
    snprintf(shown, sizeof(shown), "%.4000s/" INI, path);
    return trust_ini_parse(buffer_view(&text), shown, error, ini);
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* Whether the key is there already. Two that share only half of what they are must not count as two,
 * nor one of them for the other. */
static status find_double(const struct trust *trust, const struct trusted_key *key,
                          struct error *error, bool *ret_found)
{
    *ret_found = false;
    for (size_t i = 0; i < trust->count; i++) {
        const struct trusted_key *other = &trust->keys[i];
        bool same_id = memcmp(other->key.id, key->key.id, sizeof(key->key.id)) == 0;
        bool same_key = memcmp(other->key.key, key->key.key, sizeof(key->key.key)) == 0;
        if (same_id != same_key)
            return error_set(error, ASSAY_ERR_CORRUPT,
                             "%.100s and %.100s are one key with two %s: remove the wrong one",
                             other->path, key->path, same_key ? "ids" : "contents");
        if (same_id) {
            *ret_found = true;
            return ASSAY_OK;
        }
    }
    return ASSAY_OK;
}

static status too_many_keys(const char *path, struct error *error)
{
    return error_set(error, ASSAY_ERR_CORRUPT,
                     "%.150s: more than %d keys: remove those that nobody signs with", path,
                     TRUST_KEYS_MAX);
}

static status load_key(int directory, const char *path, const char *name, struct error *error,
                       struct trust *trust)
{
    struct buffer text cleanup(buffer_release) = {NULL, 0, 0};
    char *shown cleanup(free_cleanup) = NULL;
    struct trusted_key key = {.path = NULL};
    struct error why = {""};
    bool found;
    TRY(safe_read_file(directory, path, name, MINISIGN_TEXT_MAX, error, &text));
    if (asprintf(&shown, "%s/%s", path, name) < 0) {
        shown = NULL;
        return ASSAY_ERR_NOMEM;
    }
    status parsed = minisign_parse_public_key(buffer_view(&text), &why, &key.key);
    if (parsed < 0)
        return error_set(error, parsed, "%.150s: %s", shown, why.text);
    key.path = shown;
    minisign_id_text(key.key.id, key.id);
    TRY(find_double(trust, &key, error, &found));
    if (found)
        return ASSAY_OK;
    if (trust->count == TRUST_KEYS_MAX)
        return too_many_keys(path, error);
    trust->keys[trust->count] = key;
    trust->keys[trust->count++].path = steal_pointer(shown);
    return ASSAY_OK;
}

static bool is_key_file(const char *name)
{
    size_t size = strlen(name);
    size_t end = sizeof(KEY_FILE) - 1;
    return name[0] != '.' && size > end && strcmp(name + size - end, KEY_FILE) == 0;
}

/* Sorted, so that what is said does not depend on the file system. */
static status list_keys(int directory, const char *path, struct error *error, struct names *names)
{
    DIR *entries cleanup(entries_cleanup) = open_entries(directory);
    for (const char *entry; (entry = next_entry(entries));) {
        if (!is_key_file(entry))
            continue;
        if (names->count == TRUST_KEYS_MAX)
            return too_many_keys(path, error);
        char *name = strdup(entry);
        if (!name)
            return ASSAY_ERR_NOMEM;
        names->list[names->count++] = name;
    }
    if (errno != 0)
        return error_set(error, ASSAY_ERR_IO, "%.150s: %s", path, strerror(errno));
    qsort(names->list, names->count, sizeof(names->list[0]), by_name);
    return ASSAY_OK;
}

/* ---- directories ----------------------------------------------------------------------------- */

/* Opens one that may be missing: then *ret_fd is -1. One that is missing does no harm, wherever it
 * would lie. */
static status open_directory(const char *path, struct error *error, int *ret_fd)
{
    struct error why = {""};
    *ret_fd = -1;
    status opened = safe_open_directory(path, &why, ret_fd);
    if (opened >= 0 || (opened == ASSAY_ERR_IO && errno == ENOENT))
        return ASSAY_OK;
    if (opened == ASSAY_ERR_ARGUMENT && faccessat(AT_FDCWD, path, F_OK, 0) < 0 && errno == ENOENT)
        return ASSAY_OK;
    return error_set(error, opened, "%s", why.text);
}

static status load_keys(const char *path, struct error *error, struct trust *trust)
{
    struct names names cleanup(names_release) = {.count = 0};
    int fd cleanup(fd_cleanup) = -1;
    TRY(open_directory(path, error, &fd));
    if (fd < 0)
        return ASSAY_OK;
    TRY(list_keys(fd, path, error, &names));
    for (size_t i = 0; i < names.count; i++)
        TRY(load_key(fd, path, names.list[i], error, trust));
    return ASSAY_OK;
}

static status load_directory(const char *path, struct error *error, struct trust *trust)
{
    struct trust_ini *ini = &trust->inis[trust->directory_count];
    trust->directories[trust->directory_count] = strdup(path);
    if (!trust->directories[trust->directory_count++])
        return ASSAY_ERR_NOMEM;
    int fd cleanup(fd_cleanup) = -1;
    TRY(open_directory(path, error, &fd));
    if (fd < 0)
        return ASSAY_OK;
    TRY(load_ini(fd, path, error, ini));
    if (ini->required > trust->required)
        trust->required = ini->required;
    char *keys cleanup(free_cleanup) = NULL;
    if (asprintf(&keys, "%s/" KEYS, path) < 0) {
        keys = NULL;
        return ASSAY_ERR_NOMEM;
    }
    return load_keys(keys, error, trust);
}

/* The limit of a key that is misspelt would be no limit. */
static status check_sections(const struct trust *trust, struct error *error)
{
    for (size_t i = 0; i < trust->directory_count; i++) {
        const struct trust_ini *ini = &trust->inis[i];
        for (size_t k = 0; k < ini->count; k++) {
            size_t at = 0;
            while (at < trust->count && strcmp(trust->keys[at].id, ini->limits[k].id) != 0)
                at++;
            if (at == trust->count)
                return error_set(error, ASSAY_ERR_CORRUPT,
                                 "%.120s/" INI " has a section for key %s, which is in no " KEYS
                                 "/: correct the id, or remove the section",
                                 trust->directories[i], ini->limits[k].id);
        }
    }
    return ASSAY_OK;
}

status trust_load(const char *const *directories, size_t count, struct error *error,
                  struct trust **ret_trust)
{
    struct trust *trust cleanup(trust_free_cleanup) = calloc(1, sizeof(*trust));
    if (!trust)
        return ASSAY_ERR_NOMEM;
    trust->required = 1;
    trust->inis = calloc(count + 1, sizeof(*trust->inis));
    trust->directories = calloc(count + 1, sizeof(*trust->directories));
    if (!trust->inis || !trust->directories)
        return ASSAY_ERR_NOMEM;
    for (size_t i = 0; i < count; i++)
        TRY(load_directory(directories[i], error, trust));
    TRY(check_sections(trust, error));
    *ret_trust = steal_pointer(trust);
    return ASSAY_OK;
}
