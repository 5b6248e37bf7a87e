/* Whatever the source: rules lie in it one behind the other, and each can be asked for its metas. */
#include "signatures/rule_text.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const uint8_t *last_end = data;
    struct rule_text rule;
    struct assay_bytes value;
    size_t at = 0;
    int line = 1, last_line = 1;
    while (rule_text_next(text, size, &at, &line, &rule)) {
        const uint8_t *end = rule.text.data + rule.text.size;
        check(rule.text.data >= last_end && end <= data + size && at <= size);
        check(rule.name.size > 0 && rule.name.data > rule.text.data);
        check(rule.name.data + rule.name.size <= end);
        check(rule.line >= last_line && rule.line <= line);
        if (rule_text_meta(&rule, "description", &value))
            check(value.data >= rule.text.data && value.data + value.size <= end);
        last_end = end;
        last_line = rule.line;
    }
    return 0;
}
