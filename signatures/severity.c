#include "signatures/severity.h"

#include "base/names.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *word;
    enum assay_severity severity;
} synonyms[] = {
    {"informational", ASSAY_INFO},
    {"warning", ASSAY_MEDIUM},
    {"moderate", ASSAY_MEDIUM},
    {"severe", ASSAY_HIGH},
};

static enum assay_severity severity_of_number(int64_t number)
{
    if (number < 0)
        return ASSAY_INFO;
    return number >= 80 ? ASSAY_CRITICAL : (enum assay_severity)(number / 20);
}

static bool severity_of_digits(const char *text, enum assay_severity *ret_severity)
{
    size_t sign = text[0] == '-' || text[0] == '+';
    size_t digits = strspn(text + sign, "0123456789");
    if (digits == 0 || text[sign + digits] != '\0')
        return false;
    /* strtoll stops at the end of its range, which is what is wanted of a number beyond it. */
    *ret_severity = severity_of_number(strtoll(text, NULL, 10));
    return true;
}

static bool severity_of_word(const char *word, enum assay_severity *ret_severity)
{
    for (int i = 0; i < ASSAY_SEVERITY_COUNT; i++) {
        if (strcasecmp(word, assay_severity_name((enum assay_severity)i)) == 0) {
            *ret_severity = (enum assay_severity)i;
            return true;
        }
    }
    for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++) {
        if (strcasecmp(word, synonyms[i].word) == 0) {
            *ret_severity = synonyms[i].severity;
            return true;
        }
    }
    return severity_of_digits(word, ret_severity);
}

static bool severity_of_meta(const struct assay_meta *meta, enum assay_severity *ret_severity)
{
    if (meta->type == ASSAY_META_STRING)
        return severity_of_word(meta->string, ret_severity);
    if (meta->type != ASSAY_META_INTEGER)
        return false;
    *ret_severity = severity_of_number(meta->integer);
    return true;
}

enum assay_severity severity_of(const struct assay_meta *metas, size_t count)
{
    static const char *const names[] = {"severity", "score", "threat_level"};
    enum assay_severity severity;
    for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++)
        for (size_t i = 0; i < count; i++)
            if (strcmp(metas[i].name, names[n]) == 0 && severity_of_meta(&metas[i], &severity))
                return severity;
    return ASSAY_HIGH;
}
