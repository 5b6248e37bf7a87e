/*
 * A file that is imported, as KIND and called NAME. What comes out must be what is promised: a sorted
 * list of hashes that can be read, and rules of which libyara takes every one.
 */
#include "signatures/database/import.h"

#include "signatures/hash_set.h"
#include "signatures/rule_text.h"
#include "signatures/rules.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void check_hashes(const struct importer *importer, struct view text)
{
    uint64_t counts[HASH_KINDS], seen[HASH_KINDS] = {0, 0, 0};
    struct hash_line line, last = {.kind = HASH_MD5};
    bool first = true;
    while (text.size > 0) {
        const uint8_t *end = memchr(text.data, '\n', (size_t)text.size);
        check(end != NULL);
        check(hash_line_parse((struct view){text.data, (uint64_t)(end - text.data)}, &line));
        check(first || line.kind > last.kind ||
              (line.kind == last.kind &&
               memcmp(line.digest, last.digest, hash_bytes(line.kind)) >= 0));
        seen[line.kind]++;
        last = line;
        first = false;
        text = view_sub(text, (uint64_t)(end - text.data) + 1, UINT64_MAX);
    }
    importer_count_hashes(importer, counts);
    check(memcmp(counts, seen, sizeof(seen)) == 0);
}

static void check_rules(const struct source_file *file)
{
    const struct assay_source source = {file->name, "fuzz", (const char *)file->text.data,
                                        file->text.size};
    const struct rules_input input = {.sources = &source, .count = 1};
    cleanup(rules_free_cleanup) struct assay_rules *rules = NULL;
    struct rule_text rule;
    size_t at = 0, count = 0;
    int line = 1;
    check(rules_compile(&input, &rules) == ASSAY_OK);
    while (rule_text_next(source.text, source.size, &at, &line, &rule))
        count++;
    check(count == rules_count(rules));
}

static bool ends(const char *name, const char *ending)
{
    size_t size = strlen(name), more = strlen(ending);
    return size >= more && strcmp(name + size - more, ending) == 0;
}

static void check_files(const struct importer *importer, const struct source_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        if (ends(set->files[i].name, ".hashes"))
            check_hashes(importer, buffer_view(&set->files[i].text));
        else if (strcmp(KIND, "yara") != 0)
            check_rules(&set->files[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cleanup(source_set_release) struct source_set set = {.count = 0};
    cleanup(importer_free_cleanup) struct importer *importer = NULL;
    struct error error;
    check(importer_new(&set, &importer) == ASSAY_OK);
    status added = importer_add(importer, KIND, NAME, (struct view){data, size}, &error);
    check(added == ASSAY_OK || added == ASSAY_ERR_CORRUPT);
    check(importer_finish(importer, &error) == ASSAY_OK);
    check_files(importer, &set);
    return 0;
}
