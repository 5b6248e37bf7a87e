#include "signatures/ruleset.h"

#include "signatures/engine.h"
#include "signatures/hash_set.h"

const char *ruleset_database(const struct assay_rules *rules, const YR_RULE *rule)
{
    return rule->ns->idx < rules->namespace_count ? rules->databases[rule->ns->idx] : "";
}

const char *rules_engine_version(void)
{
    return YR_VERSION;
}

size_t rules_count(const struct assay_rules *rules)
{
    return rules->yara->num_rules;
}

status rules_add_hashes(struct assay_rules *rules, struct hash_set *set, const char *database)
{
    struct ruleset_hashes *grown =
        reallocarray(rules->hashes, rules->hashes_count + 1, sizeof(*grown));
    if (grown == NULL)
        return ASSAY_ERR_NOMEM;
    rules->hashes = grown;
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
    if (rules->yara != NULL)
        yr_rules_destroy(rules->yara);
    for (size_t i = 0; i < rules->namespace_count; i++)
        free(rules->databases[i]);
    free(rules->databases);
    free_hashes(rules);
    free(rules);
    engine_close();
}
