#include "signatures/ruleset.h"

#include "signatures/engine.h"

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

void rules_free(struct assay_rules *rules)
{
    if (rules == NULL)
        return;
    if (rules->yara != NULL)
        yr_rules_destroy(rules->yara);
    for (size_t i = 0; i < rules->namespace_count; i++)
        free(rules->databases[i]);
    free(rules->databases);
    free(rules);
    engine_close();
}
