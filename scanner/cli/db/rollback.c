/* assay db rollback: back to a version that is still here. */
#include "cli/db/verbs.h"
#include "cli/option_kinds.h"
#include "cli/options.h"
#include "cli/places.h"
#include "cli/units.h"
#include "signatures/database/store.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct rollback_options {
    const char *store;
    const char *name;
};

static const struct option_row rows[] = {
    {"store", 0, "DIR",
     "where databases are kept (default: /var/lib/assay; a user's own if not root)",
     option_set_text, offsetof(struct rollback_options, store), false},
    {"name", 0, "NAME", "the database, when several are installed", option_set_text,
     offsetof(struct rollback_options, name), true},
};

static const struct option_table table = {
    .verb = "db rollback",
    .operands = "[SERIAL]",
    .summary = "Uses an older version of a database again: that of a serial, or the one before\n"
               "the present one. The next update takes what is newer again.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
};

/* The only database there is, unless one was named. */
static status choose(struct store *store, const char *wanted, struct error *error,
                     char ret_name[MANIFEST_NAME_MAX + 1])
{
    struct store_version *versions cleanup(free_cleanup) = NULL;
    size_t count;
    TRY(store_list(store, error, &versions, &count));
    if (!wanted && count == 0)
        return error_set(error, ASSAY_ERR_ARGUMENT, "no database is installed");
    for (size_t i = 1; !wanted && i < count; i++) {
        if (strcmp(versions[i].name, versions[0].name) != 0)
            return error_set(error, ASSAY_ERR_ARGUMENT,
                             "several databases are installed; say which with --name, such as "
                             "--name %s",
                             versions[0].name);
    }
    snprintf(ret_name, MANIFEST_NAME_MAX + 1, "%s", wanted ? wanted : versions[0].name);
    return ASSAY_OK;
}

static status run(const struct rollback_options *options, const char *operand, struct error *error)
{
    struct places places cleanup(places_release) = {.store_count = 0};
    struct store *store cleanup(store_close_cleanup) = NULL;
    char name[MANIFEST_NAME_MAX + 1];
    uint64_t wanted = 0, serial;
    if (operand && !units_parse_number(operand, 1, UINT64_MAX, &wanted))
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "'%.80s' is no serial; `assay db list` shows "
                         "those that are here",
                         operand);
    TRY(places_find(options->store, NULL, &places));
    if (!places.own_store)
        return error_set(error, ASSAY_ERR_ARGUMENT, "no database is installed");
    TRY(store_open(places.own_store, false, error, &store));
    TRY(choose(store, options->name, error, name));
    TRY(store_rollback(store, name, wanted, error, &serial));
    printf("%s, serial %llu, is in use now\n", name, (unsigned long long)serial);
    return ASSAY_OK;
}

int db_rollback(int argc, char **argv)
{
    struct rollback_options options = {.store = NULL};
    struct option_values *values = NULL;
    struct error error = {""};
    int first = argc;
    status done = options_read(&table, &options, argc, argv, &error, &values, &first);
    if (done == ASSAY_OK && argc - first > 1)
        done = error_set(&error, ASSAY_ERR_ARGUMENT, "one serial, please");
    if (done == ASSAY_OK)
        done = run(&options, first < argc ? argv[first] : NULL, &error);
    int code = db_exit(done, &error);
    option_values_free(values);
    return code;
}
