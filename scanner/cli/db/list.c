/* assay db list: what is installed. */
#include "cli/db/installed.h"
#include "cli/db/verbs.h"
#include "cli/option_kinds.h"
#include "cli/options.h"
#include "cli/places.h"
#include "cli/say.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>

struct list_options {
    const char *store;
};

static const struct option_row rows[] = {
    {"store", 0, "DIR", "look only there (default: where scans look)", option_set_text,
     offsetof(struct list_options, store), false},
};

static const struct option_table table = {
    .verb = "db list",
    .operands = "",
    .summary = "Lists the databases that are installed, with all versions that can be gone back\n"
               "to. A star marks the one in use.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
};

static void print_installed(const struct installed *installed)
{
    const struct manifest *manifest = &installed->manifest;
    uint64_t hashes = manifest->hashes[0] + manifest->hashes[1] + manifest->hashes[2];
    printf("%c %s, serial %llu, made %s (%lld day%s ago)%s: %llu rules, %llu hashes, %s\n",
           installed->version.is_current ? '*' : ' ', manifest->name,
           (unsigned long long)manifest->serial, installed->created, (long long)installed->age_days,
           installed->age_days == 1 ? "" : "s", installed->has_expired ? ", EXPIRED" : "",
           (unsigned long long)manifest->rules, (unsigned long long)hashes, installed->trust);
}

static status list_store(const char *path, struct error *error, size_t *found)
{
    struct store *store cleanup(store_close_cleanup) = NULL;
    struct store_version *versions cleanup(free_cleanup) = NULL;
    size_t count;
    errno = 0;
    status opened = store_open(path, false, error, &store);
    if (opened == ASSAY_ERR_IO && errno == ENOENT)
        return ASSAY_OK;
    TRY(opened);
    TRY(store_list(store, error, &versions, &count));
    if (count > 0)
        printf("%s\n", path);
    for (size_t i = 0; i < count; i++) {
        struct installed installed cleanup(installed_release) = {.created = NULL};
        struct error why = {""};
        if (installed_read(store, &versions[i], &why, &installed) >= 0)
            print_installed(&installed);
        else
            say("%s", why.text);
    }
    *found += count;
    return ASSAY_OK;
}

int db_list(int argc, char **argv)
{
    struct list_options options = {.store = NULL};
    struct option_values *values = NULL;
    struct error error = {""};
    struct places places cleanup(places_release) = {.store_count = 0};
    size_t found = 0;
    int first = argc;
    status done = options_read(&table, &options, argc, argv, &error, &values, &first);
    if (done == ASSAY_OK)
        done = places_find(options.store, NULL, &places);
    for (size_t i = 0; i < places.store_count && done == ASSAY_OK; i++)
        done = list_store(places.stores[i], &error, &found);
    if (done == ASSAY_OK && places.store_count > 0 && found == 0)
        printf("No database is installed: scans use the rules that are built in.\n");
    int code = db_exit(done, &error);
    option_values_free(values);
    return code;
}
