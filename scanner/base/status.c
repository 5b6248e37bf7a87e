#include "status.h"

#include <stdarg.h>
#include <stdio.h>

status error_set(struct error *error, status why, const char *format, ...)
{
    if (!error)
        return why;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof(error->text), format, arguments);
    va_end(arguments);
    return why;
}

/* Indexed by the negated status. */
static const struct {
    const char *text;
    enum assay_reason reason;
} statuses[] = {
    [ASSAY_OK] = {"success", ASSAY_REASON_ENGINE},
    [-ASSAY_ERR_NOMEM] = {"out of memory", ASSAY_REASON_MEMORY},
    [-ASSAY_ERR_IO] = {"input or output failed", ASSAY_REASON_UNREADABLE},
    [-ASSAY_ERR_ARGUMENT] = {"invalid argument", ASSAY_REASON_ENGINE},
    [-ASSAY_ERR_RULES] = {"the rules do not compile", ASSAY_REASON_DB},
    [-ASSAY_ERR_ENGINE] = {"the rule engine gave up", ASSAY_REASON_ENGINE},
    [-ASSAY_ERR_CANCELLED] = {"cancelled", ASSAY_REASON_ENGINE},
    [-ASSAY_ERR_CORRUPT] = {"corrupt data", ASSAY_REASON_CORRUPT},
    [-ASSAY_ERR_TRUNCATED] = {"the data end early", ASSAY_REASON_TRUNCATED},
    [-ASSAY_ERR_UNSUPPORTED] = {"not supported", ASSAY_REASON_UNSUPPORTED},
    [-ASSAY_ERR_ENCRYPTED] = {"needs a password that is not known", ASSAY_REASON_ENCRYPTED},
    [-ASSAY_ERR_MISSING_VOLUME] = {"continues in another volume", ASSAY_REASON_MISSING_VOLUME},
    [-ASSAY_ERR_CODEC_MEMORY] = {"decoding needs too much memory", ASSAY_REASON_CODEC_MEMORY},
    [-ASSAY_ERR_LIMIT] = {"a bound is used up", ASSAY_REASON_ENGINE},
    [-ASSAY_ERR_TIME] = {"the time allowed is used up", ASSAY_REASON_TIME},
    [-ASSAY_ERR_CHANGED] = {"the file changed while it was read", ASSAY_REASON_CHANGED},
};

enum assay_reason reason_of_status(status why)
{
    size_t index = (size_t) - (long long)why;
    if (why >= 0 || index >= sizeof(statuses) / sizeof(statuses[0]))
        return ASSAY_REASON_ENGINE;
    return statuses[index].reason;
}

const char *assay_status_text(enum assay_status why)
{
    size_t index = (size_t) - (long long)why;
    if (why == ASSAY_END)
        return "nothing more";
    if (index >= sizeof(statuses) / sizeof(statuses[0]))
        return "unknown status";
    return statuses[index].text;
}
