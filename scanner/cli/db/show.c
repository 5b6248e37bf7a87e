/* assay db show: one rule as it stands in its database, and since when. */
#include "base/text.h"
#include "cli/db/named.h"
#include "cli/db/verbs.h"
#include "cli/option_kinds.h"
#include "cli/options.h"
#include "signatures/database/store.h"
#include "signatures/hash_set.h"
#include "signatures/rule_text.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct show {
    const char *store;    /* option */
    const char *database; /* option */
    const char *wanted;
    struct places places;
    size_t found;
};

static const struct option_row rows[] = {
    {"db", 'd', "DATABASE", "look into this one: a bundle, a serial, NAME:SERIAL, NAME or builtin",
     option_set_text, offsetof(struct show, database), true},
    {"store", 0, "DIR", "where databases are kept (default: where scans look)", option_set_text,
     offsetof(struct show, store), false},
};

static const struct option_table table = {
    .verb = "db show",
    .operands = "RULE",
    .summary = "Prints a rule as its author wrote it, or the entries of hash lists with that\n"
               "name, and since which of the versions that are here it is there.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
};

/* Rules have comments and texts of strangers in them: lines stay, all else is escaped. */
static status print_text(struct assay_bytes text)
{
    struct buffer shown cleanup(buffer_release) = {NULL, 0, 0};
    struct view rest = {text.data, text.size}, line;
    while (view_next_line(&rest, &line)) {
        shown.size = 0;
        for (size_t i = 0; i < line.size; i++) {
            uint8_t byte = line.data[i];
            bool plain = byte == '\t' || (byte >= 0x20 && byte < 0x7f);
            TRY(plain ? buffer_append(&shown, &byte, 1)
                      : text_escape(&shown, (struct assay_bytes){&byte, 1}));
        }
        TRY(buffer_terminate(&shown));
        printf("    %s\n", (const char *)shown.data);
    }
    return ASSAY_OK;
}

static bool is_wanted(const struct show *show, struct assay_bytes name)
{
    return name.size == strlen(show->wanted) && memcmp(name.data, show->wanted, name.size) == 0;
}

/* ---- rules ----------------------------------------------------------------------------------- */

static bool find_rule(const struct show *show, const struct bundle_file *file,
                      struct rule_text *ret_rule)
{
    size_t at = 0;
    int line = 1;
    while (rule_text_next((const char *)file->bytes.data, file->bytes.size, &at, &line, ret_rule)) {
        if (is_wanted(show, ret_rule->name))
            return true;
    }
    return false;
}

static bool has_rule(const struct show *show, const struct named *named, const char *file)
{
    struct rule_text rule;
    for (size_t i = 0; i < named->count; i++) {
        if (strcmp(named->files[i].name, file) == 0)
            return find_rule(show, &named->files[i], &rule);
    }
    return false;
}

/* Of the versions of this name that are here, the oldest from which on the file has the rule. */
static status find_since(const struct show *show, const struct named *named,
                         const struct bundle_file *file, uint64_t *ret_serial)
{
    const char *name = named->opened.manifest.name;
    *ret_serial = named->opened.manifest.serial;
    for (size_t i = 0; i < show->places.store_count; i++) {
        struct store *store cleanup(store_close_cleanup) = NULL;
        struct store_version *versions cleanup(free_cleanup) = NULL;
        struct error ignored = {""};
        size_t count = 0;
        if (store_open(show->places.stores[i], false, &ignored, &store) < 0 ||
            store_list(store, &ignored, &versions, &count) < 0)
            continue;
        for (size_t k = count; k-- > 0;) {
            struct named older cleanup(named_release) = NAMED_NONE;
            char text[MANIFEST_NAME_MAX + 32];
            if (strcmp(versions[k].name, name) != 0 || versions[k].serial >= *ret_serial)
                continue;
            snprintf(text, sizeof(text), "%s:%llu", name, (unsigned long long)versions[k].serial);
            TRY(named_open(&show->places, text, &ignored, &older));
            if (!has_rule(show, &older, file->name))
                return ASSAY_OK;
            *ret_serial = versions[k].serial;
        }
    }
    return ASSAY_OK;
}

static status show_rules(struct show *show, const struct named *named,
                         const struct bundle_file *file)
{
    size_t at = 0;
    int line = 1;
    struct rule_text rule;
    while (rule_text_next((const char *)file->bytes.data, file->bytes.size, &at, &line, &rule)) {
        if (!is_wanted(show, rule.name))
            continue;
        printf("%s, %s:%d\n", named->label, file->name, rule.line);
        TRY(print_text(rule.text));
        show->found++;
        if (named->opened.fd < 0)
            continue;
        uint64_t since;
        TRY(find_since(show, named, file, &since));
        printf("  in every version that is here since serial %llu\n", (unsigned long long)since);
    }
    return ASSAY_OK;
}

/* ---- hashes ---------------------------------------------------------------------------------- */

static void show_hashes(struct show *show, const struct named *named,
                        const struct bundle_file *file)
{
    struct view rest = file->bytes, line;
    while (view_next_line(&rest, &line)) {
        struct hash_line entry;
        if (!hash_line_parse(line, &entry) || !is_wanted(show, entry.name))
            continue;
        printf("%s, %s: %s %.*s, %s\n", named->label, file->name, hash_name(entry.kind),
               (int)(2 * hash_bytes(entry.kind)), (const char *)line.data,
               assay_severity_name(entry.severity));
        show->found++;
    }
}

static status look(void *context, const struct named *named)
{
    struct show *show = context;
    for (size_t i = 0; i < named->count; i++) {
        if (manifest_path_is_rules(named->files[i].name))
            TRY(show_rules(show, named, &named->files[i]));
        else if (manifest_path_is_hashes(named->files[i].name))
            show_hashes(show, named, &named->files[i]);
    }
    return ASSAY_OK;
}

static status run(struct show *show, struct error *error)
{
    TRY(places_find(show->store, NULL, &show->places));
    if (show->database) {
        struct named named cleanup(named_release) = NAMED_NONE;
        TRY(named_open(&show->places, show->database, error, &named));
        TRY(look(show, &named));
    } else {
        TRY(named_each(&show->places, error, look, show));
    }
    if (show->found == 0)
        return error_set(error, ASSAY_ERR_ARGUMENT,
                         "there is no rule or hash called '%.100s' in what scans use here",
                         show->wanted);
    return ASSAY_OK;
}

int db_show(int argc, char **argv)
{
    struct show show = {.store = NULL};
    struct option_values *values = NULL;
    struct error error = {""};
    int first = argc;
    status done = options_read(&table, &show, argc, argv, &error, &values, &first);
    if (done == ASSAY_OK && argc - first != 1)
        done = error_set(&error, ASSAY_ERR_ARGUMENT, "name one rule");
    if (done == ASSAY_OK) {
        show.wanted = argv[first];
        done = run(&show, &error);
    }
    int code = db_exit(done, &error);
    places_release(&show.places);
    option_values_free(values);
    return code;
}
