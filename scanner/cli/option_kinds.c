#include "cli/option_kinds.h"

#include "cli/units.h"

#include <stdlib.h>
#include <string.h>

status option_set_flag(void *field, const char *value, struct error *error)
{
    static const struct {
        const char *word;
        bool means;
    } words[] = {{"yes", true}, {"true", true},   {"on", true},   {"1", true},
                 {"no", false}, {"false", false}, {"off", false}, {"0", false}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i].word, value) == 0) {
            *(bool *)field = words[i].means;
            return ASSAY_OK;
        }
    }
    return error_set(error, ASSAY_ERR_ARGUMENT, "'%.80s' is neither yes nor no", value);
}

status option_set_text(void *field, const char *value, struct error *error)
{
    (void)error;
    *(const char **)field = value;
    return ASSAY_OK;
}

status option_set_size(void *field, const char *value, struct error *error)
{
    if (units_parse_size(value, field))
        return ASSAY_OK;
    return error_set(error, ASSAY_ERR_ARGUMENT, "'%.80s' is no size; write 4096, 64K, 1.5G", value);
}

status option_add_text(void *field, const char *value, struct error *error)
{
    (void)error;
    struct text_list *list = field;
    const char **items = reallocarray(list->items, list->count + 1, sizeof(*items));
    if (!items)
        return ASSAY_ERR_NOMEM;
    list->items = items;
    list->items[list->count++] = value;
    return ASSAY_OK;
}

status option_number(const char *value, uint64_t minimum, uint64_t maximum, struct error *error,
                     uint64_t *ret_number)
{
    if (units_parse_number(value, minimum, maximum, ret_number))
        return ASSAY_OK;
    return error_set(error, ASSAY_ERR_ARGUMENT, "'%.80s' is no whole number from %llu to %llu",
                     value, (unsigned long long)minimum, (unsigned long long)maximum);
}
