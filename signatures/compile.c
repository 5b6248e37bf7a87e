#include "signatures/ruleset.h"

#include "base/text.h"
#include "signatures/compiler.h"

#include <search.h>
#include <stdio.h>
#include <string.h>

/* The names of namespaces in use: libc's balanced tree. */
struct name_set {
    void *root;
};

static void name_set_release(struct name_set *set)
{
    tdestroy(set->root, free);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Enters `name`, or "name#2", "name#3"... when it is taken. The text belongs to the set. */
static status name_set_enter(struct name_set *set, const char *name, const char **ret_name)
{
    size_t capacity = strlen(name) + sizeof("#18446744073709551615");
    cleanup(free_cleanup) char *text = malloc(capacity);
    if (text == NULL)
        return ASSAY_ERR_NOMEM;
    snprintf(text, capacity, "%s", name);
    for (size_t i = 2; tfind(text, &set->root, compare_names) != NULL; i++)
        snprintf(text, capacity, "%s#%zu", name, i);
    if (tsearch(text, &set->root, compare_names) == NULL)
        return ASSAY_ERR_NOMEM;
    *ret_name = steal_pointer(text);
    return ASSAY_OK;
}

static void announce(const struct rules_input *input, const char *name)
{
    if (input->on_source != NULL)
        input->on_source(input->source_context, name);
}

/* Compiles every source, also when one before it is broken. */
static status compile_sources(const struct rules_input *input, struct rules_part *part)
{
    announce(input, "");
    cleanup(includes_free_cleanup) struct includes *includes = NULL;
    TRY(includes_new(input->sources, input->count, &includes));
    cleanup(compiler_free_cleanup) struct compiler *compiler = NULL;
    TRY(compiler_new(input, includes, &compiler));
    cleanup(name_set_release) struct name_set names = {NULL};

    status result = ASSAY_OK;
    size_t index;
    while (includes_next(includes, &index)) {
        const struct assay_source *source = &input->sources[index];
        const char *name_space;
        TRY(name_set_enter(&names, source->name, &name_space));
        const char *database = source->database != NULL ? source->database : "";
        TRY(rules_part_add_database(part, text_bytes(database)));
        announce(input, source->name);
        status added = compiler_add(compiler, source, name_space);
        if (added < 0 && added != ASSAY_ERR_RULES)
            return added;
        if (added < 0)
            result = added;
    }
    TRY(result);
    announce(input, "");
    return compiler_finish(compiler, &part->yara);
}

static bool is_valid(const struct rules_input *input)
{
    if (input->sources == NULL || input->count == 0)
        return false;
    for (size_t i = 0; i < input->count; i++) {
        const struct assay_source *source = &input->sources[i];
        if (source->name == NULL || (source->text == NULL && source->size > 0))
            return false;
    }
    return true;
}

static status report_no_rules(const struct rules_input *input)
{
    if (input->on_diagnostic != NULL)
        input->on_diagnostic(input->diagnostic_context,
                             &(struct assay_diagnostic){true, input->sources[0].name, 0, "",
                                                        "there is no rule in the sources"});
    return ASSAY_ERR_RULES;
}

status rules_compile(const struct rules_input *input, struct assay_rules **ret_rules)
{
    if (!is_valid(input))
        return ASSAY_ERR_ARGUMENT;
    cleanup(rules_part_release) struct rules_part part = {.is_open = false};
    cleanup(rules_free_cleanup) struct assay_rules *rules = NULL;
    TRY(rules_part_open(&part, input->count));
    TRY(compile_sources(input, &part));
    if (part.yara->num_rules == 0)
        return report_no_rules(input);
    TRY(rules_new(&rules));
    TRY(ruleset_add_part(rules, &part));
    *ret_rules = steal_pointer(rules);
    return ASSAY_OK;
}
