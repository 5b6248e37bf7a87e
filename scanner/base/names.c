#include "names.h"

#include <string.h>

#ifndef ASSAY_VERSION
#error "the build defines ASSAY_VERSION"
#endif

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const char *const verdict_names[] = {
    [ASSAY_CLEAN] = "clean",
    [ASSAY_INCOMPLETE] = "incomplete",
    [ASSAY_ERROR] = "error",
    [ASSAY_MATCH] = "match",
};

static const char *const reason_names[ASSAY_REASON_COUNT] = {
    [ASSAY_REASON_DEPTH] = "depth",
    [ASSAY_REASON_EXPANDED_BYTES] = "expanded-bytes",
    [ASSAY_REASON_RATIO] = "ratio",
    [ASSAY_REASON_MEMBER_BYTES] = "member-bytes",
    [ASSAY_REASON_MEMBERS] = "members",
    [ASSAY_REASON_CODEC_MEMORY] = "codec-memory",
    [ASSAY_REASON_MEMORY] = "memory",
    [ASSAY_REASON_TIME] = "time",
    [ASSAY_REASON_ENCRYPTED] = "encrypted",
    [ASSAY_REASON_CORRUPT] = "corrupt",
    [ASSAY_REASON_TRUNCATED] = "truncated",
    [ASSAY_REASON_UNSUPPORTED] = "unsupported",
    [ASSAY_REASON_MISSING_VOLUME] = "missing-volume",
    [ASSAY_REASON_CRASH] = "crash",
    [ASSAY_REASON_CHANGED] = "changed",
    [ASSAY_REASON_UNREADABLE] = "unreadable",
    [ASSAY_REASON_DB] = "db",
    [ASSAY_REASON_FILE_SIZE] = "file-size",
    [ASSAY_REASON_MATCHES] = "matches",
    [ASSAY_REASON_ENGINE] = "engine",
};

static const char *const severity_names[ASSAY_SEVERITY_COUNT] = {
    [ASSAY_INFO] = "info", [ASSAY_LOW] = "low",           [ASSAY_MEDIUM] = "medium",
    [ASSAY_HIGH] = "high", [ASSAY_CRITICAL] = "critical",
};

static const char *name_at(const char *const *names, size_t count, size_t index)
{
    return index < count ? names[index] : "unknown";
}

static bool index_of(const char *const *names, size_t count, const char *word, size_t size,
                     size_t *ret_index)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(names[i]) == size && memcmp(names[i], word, size) == 0) {
            *ret_index = i;
            return true;
        }
    }
    return false;
}

const char *assay_verdict_name(enum assay_verdict verdict)
{
    return name_at(verdict_names, COUNT_OF(verdict_names), (size_t)verdict);
}

const char *assay_reason_name(enum assay_reason reason)
{
    return name_at(reason_names, COUNT_OF(reason_names), (size_t)reason);
}

const char *assay_severity_name(enum assay_severity severity)
{
    return name_at(severity_names, COUNT_OF(severity_names), (size_t)severity);
}

const char *assay_version(void)
{
    return ASSAY_VERSION;
}

bool reason_from_name(const char *word, size_t size, enum assay_reason *ret_reason)
{
    size_t index;
    if (!index_of(reason_names, COUNT_OF(reason_names), word, size, &index))
        return false;
    *ret_reason = (enum assay_reason)index;
    return true;
}

bool severity_from_name(const char *word, size_t size, enum assay_severity *ret_severity)
{
    size_t index;
    if (!index_of(severity_names, COUNT_OF(severity_names), word, size, &index))
        return false;
    *ret_severity = (enum assay_severity)index;
    return true;
}
