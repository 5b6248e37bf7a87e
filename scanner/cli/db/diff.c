/* assay db diff: what the scanner looks for in one version and not, or otherwise, in another. */
#include "cli/db/named.h"
#include "cli/db/verbs.h"
#include "cli/option_kinds.h"
#include "cli/options.h"
#include "signatures/hash_set.h"
#include "signatures/rule_text.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct diff_options {
    const char *store;
};

static const struct option_row rows[] = {
    {"store", 0, "DIR", "where databases are kept (default: where scans look)", option_set_text,
     offsetof(struct diff_options, store), false},
};

static const struct option_table table = {
    .verb = "db diff",
    .operands = "OLD NEW",
    .summary = "Shows what two databases differ in, a line for each rule or hash: + it is new,\n"
               "- it is gone, ~ its text is another. Each is a bundle, a serial, NAME:SERIAL,\n"
               "NAME or builtin.",
    .rows = rows,
    .count = sizeof(rows) / sizeof(rows[0]),
};

/* One thing that is looked for. */
struct entry {
    const char *file;
    struct assay_bytes name; /* what it is called */
    struct assay_bytes key;  /* what makes it this one: a rule's name, a hash's digest */
    struct assay_bytes text; /* what may have changed */
};

struct entries {
    struct entry *items;
    size_t count, room;
};

static void entries_release(struct entries *entries)
{
    free(entries->items);
}

static status add(struct entries *entries, const struct entry *entry)
{
    if (entries->count == entries->room) {
        size_t room = entries->room ? entries->room * 2 : 1024;
        struct entry *items = reallocarray(entries->items, room, sizeof(*items));
        if (!items)
            return ASSAY_ERR_NOMEM;
        entries->items = items;
        entries->room = room;
    }
    entries->items[entries->count++] = *entry;
    return ASSAY_OK;
}

static status add_rules(struct entries *entries, const struct bundle_file *file)
{
    size_t at = 0;
    int line = 1;
    struct rule_text rule;
    while (rule_text_next((const char *)file->bytes.data, file->bytes.size, &at, &line, &rule)) {
        struct entry entry = {file->name, rule.name, rule.name, rule.text};
        TRY(add(entries, &entry));
    }
    return ASSAY_OK;
}

/* The same digest may stand there with several sizes and names: all of the line tells them apart. */
static status add_hashes(struct entries *entries, const struct bundle_file *file)
{
    struct view rest = file->bytes, line;
    while (view_next_line(&rest, &line)) {
        struct assay_bytes bytes = {line.data, line.size};
        struct hash_line parsed;
        if (!hash_line_parse(line, &parsed))
            continue;
        struct entry entry = {file->name, parsed.name, bytes, bytes};
        TRY(add(entries, &entry));
    }
    return ASSAY_OK;
}

static int compare_bytes(struct assay_bytes left, struct assay_bytes right)
{
    size_t size = left.size < right.size ? left.size : right.size;
    int order = size ? memcmp(left.data, right.data, size) : 0;
    return order ? order : (left.size > right.size) - (left.size < right.size);
}

static int compare_keys(const struct entry *left, const struct entry *right)
{
    int order = strcmp(left->file, right->file);
    return order ? order : compare_bytes(left->key, right->key);
}

static int by_key(const void *left, const void *right)
{
    return compare_keys(left, right);
}

static status list_entries(const struct named *named, struct entries *entries)
{
    for (size_t i = 0; i < named->count; i++) {
        if (manifest_path_is_rules(named->files[i].name))
            TRY(add_rules(entries, &named->files[i]));
        else if (manifest_path_is_hashes(named->files[i].name))
            TRY(add_hashes(entries, &named->files[i]));
    }
    if (entries->count > 1)
        qsort(entries->items, entries->count, sizeof(*entries->items), by_key);
    return ASSAY_OK;
}

static void print_entry(char sign, const struct entry *entry)
{
    printf("%c %.*s (%s)\n", sign, (int)entry->name.size, (const char *)entry->name.data,
           entry->file);
}

static void print_differences(const struct entries *old, const struct entries *new)
{
    size_t added = 0, removed = 0, changed = 0;
    size_t i = 0, k = 0;
    while (i < old->count || k < new->count) {
        int order = i == old->count   ? 1
                    : k == new->count ? -1
                                      : compare_keys(&old->items[i], &new->items[k]);
        if (order < 0) {
            print_entry('-', &old->items[i++]);
            removed++;
        } else if (order > 0) {
            print_entry('+', &new->items[k++]);
            added++;
        } else {
            bool same = compare_bytes(old->items[i].text, new->items[k].text) == 0;
            if (!same)
                print_entry('~', &new->items[k]);
            changed += !same;
            i++;
            k++;
        }
    }
    printf("%zu added, %zu removed, %zu changed\n", added, removed, changed);
}

static status run(const struct diff_options *options, const char *old_name, const char *new_name,
                  struct error *error)
{
    struct places places cleanup(places_release) = {.store_count = 0};
    struct named old cleanup(named_release) = NAMED_NONE;
    struct named new cleanup(named_release) = NAMED_NONE;
    struct entries old_entries cleanup(entries_release) = {NULL, 0, 0};
    struct entries new_entries cleanup(entries_release) = {NULL, 0, 0};
    TRY(places_find(options->store, NULL, &places));
    TRY(named_open(&places, old_name, error, &old));
    TRY(named_open(&places, new_name, error, &new));
    TRY(list_entries(&old, &old_entries));
    TRY(list_entries(&new, &new_entries));
    printf("%s -> %s\n", old.label, new.label);
    print_differences(&old_entries, &new_entries);
    return ASSAY_OK;
}

int db_diff(int argc, char **argv)
{
    struct diff_options options = {.store = NULL};
    struct option_values *values = NULL;
    struct error error = {""};
    int first = argc;
    status done = options_read(&table, &options, argc, argv, &error, &values, &first);
    if (done == ASSAY_OK && argc - first != 2)
        done = error_set(&error, ASSAY_ERR_ARGUMENT, "name two databases: the old one and the new");
    if (done == ASSAY_OK)
        done = run(&options, argv[first], argv[first + 1], &error);
    int code = db_exit(done, &error);
    option_values_free(values);
    return code;
}
