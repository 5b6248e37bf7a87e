#include "signatures/ruleset.h"

#include "signatures/engine.h"
#include "signatures/hash_set.h"

#include <string.h>

/* ---- parts ----------------------------------------------------------------------------------- */

status rules_part_open(struct rules_part *part, size_t namespaces)
{
    TRY(engine_open());
    part->is_open = true;
    part->databases = calloc(namespaces + 1, sizeof(*part->databases));
    return part->databases != NULL ? ASSAY_OK : ASSAY_ERR_NOMEM;
}

void rules_part_release(struct rules_part *part)
{
    if (part->yara != NULL)
        yr_rules_destroy(part->yara);
    for (size_t i = 0; i < part->namespace_count; i++)
        free(part->databases[i]);
    free(part->databases);
    if (part->is_open)
        engine_close();
    *part = (struct rules_part){.is_open = false};
}

status rules_part_add_database(struct rules_part *part, struct assay_bytes database)
{
    char *copy = calloc(1, database.size + 1);
    if (copy == NULL)
        return ASSAY_ERR_NOMEM;
    if (database.size > 0)
        memcpy(copy, database.data, database.size);
    part->databases[part->namespace_count++] = copy;
    return ASSAY_OK;
}

const char *rules_part_database(const struct rules_part *part, const YR_RULE *rule)
{
    return rule->ns->idx < part->namespace_count ? part->databases[rule->ns->idx] : "";
}

/* ---- rules ----------------------------------------------------------------------------------- */

/* Makes room for so many more. */
static status reserve_parts(struct assay_rules *rules, size_t more)
{
    struct rules_part *grown =
        reallocarray(rules->parts, rules->part_count + more + 1, sizeof(*grown));
    if (grown == NULL)
        return ASSAY_ERR_NOMEM;
    rules->parts = grown;
    return ASSAY_OK;
}

static status reserve_hashes(struct assay_rules *rules, size_t more)
{
    struct ruleset_hashes *grown =
        reallocarray(rules->hashes, rules->hashes_count + more + 1, sizeof(*grown));
    if (grown == NULL)
        return ASSAY_ERR_NOMEM;
    rules->hashes = grown;
    return ASSAY_OK;
}

status ruleset_add_part(struct assay_rules *rules, struct rules_part *part)
{
    TRY(reserve_parts(rules, 1));
    rules->parts[rules->part_count++] = *part;
    *part = (struct rules_part){.is_open = false};
    return ASSAY_OK;
}

status rules_new(struct assay_rules **ret_rules)
{
    struct assay_rules *rules = calloc(1, sizeof(*rules));
    if (rules == NULL)
        return ASSAY_ERR_NOMEM;
    *ret_rules = rules;
    return ASSAY_OK;
}

status rules_join(struct assay_rules *rules, struct assay_rules *more)
{
    TRY(reserve_parts(rules, more->part_count));
    TRY(reserve_hashes(rules, more->hashes_count));
    for (size_t i = 0; i < more->part_count; i++)
        rules->parts[rules->part_count++] = more->parts[i];
    for (size_t i = 0; i < more->hashes_count; i++)
        rules->hashes[rules->hashes_count++] = more->hashes[i];
    more->part_count = 0;
    more->hashes_count = 0;
    rules_free(more);
    return ASSAY_OK;
}

size_t rules_count(const struct assay_rules *rules)
{
    size_t count = 0;
    for (size_t i = 0; i < rules->part_count; i++)
        count += rules->parts[i].yara->num_rules;
    return count;
}

status rules_add_hashes(struct assay_rules *rules, struct hash_set *set, const char *database)
{
    TRY(reserve_hashes(rules, 1));
    char *name = strdup(database);
    if (name == NULL)
        return ASSAY_ERR_NOMEM;
    rules->hashes[rules->hashes_count++] = (struct ruleset_hashes){set, name};
    return ASSAY_OK;
}

static void free_hashes(struct assay_rules *rules)
{
    for (size_t i = 0; i < rules->hashes_count; i++) {
        hash_set_free(rules->hashes[i].set);
        free(rules->hashes[i].database);
    }
    free(rules->hashes);
}

void rules_free(struct assay_rules *rules)
{
    if (rules == NULL)
        return;
    for (size_t i = 0; i < rules->part_count; i++)
        rules_part_release(&rules->parts[i]);
    free(rules->parts);
    free_hashes(rules);
    free(rules);
}

const char *rules_engine_version(void)
{
    return YR_VERSION;
}
