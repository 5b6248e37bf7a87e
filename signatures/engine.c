#include "signatures/engine.h"

#include <string.h>
#include <yara.h>

/* libyara copies this much of every match, of which there can be a million for each string. The
 * bytes for an event come from the view, so that none of its copies is ever read. */
#define MATCH_DATA_COPIED 0

static const struct {
    const char *words;
    status status; /* 0: ASSAY_ERR_ENGINE */
} errors[] = {
    [ERROR_INSUFFICIENT_MEMORY] = {"not enough memory", ASSAY_ERR_NOMEM},
    [ERROR_COULD_NOT_OPEN_FILE] = {"could not open a file", 0},
    [ERROR_COULD_NOT_MAP_FILE] = {"could not read the bytes", 0},
    [ERROR_INVALID_FILE] = {"invalid compiled rules", 0},
    [ERROR_CORRUPT_FILE] = {"corrupt compiled rules", 0},
    [ERROR_UNSUPPORTED_FILE_VERSION] = {"compiled rules of another version", 0},
    [ERROR_INVALID_REGULAR_EXPRESSION] = {"invalid regular expression", 0},
    [ERROR_INVALID_HEX_STRING] = {"invalid hex string", 0},
    [ERROR_LOOP_NESTING_LIMIT_EXCEEDED] = {"loops nested too deep", 0},
    [ERROR_EXEC_STACK_OVERFLOW] = {"the condition needs too much stack", 0},
    [ERROR_SCAN_TIMEOUT] = {"the time allowed is used up", ASSAY_ERR_TIME},
    [ERROR_TOO_MANY_SCAN_THREADS] = {"too many threads", 0},
    [ERROR_CALLBACK_ERROR] = {"a module is not allowed", 0},
    [ERROR_INVALID_ARGUMENT] = {"invalid argument", 0},
    [ERROR_TOO_MANY_MATCHES] = {"too many matches", 0},
    [ERROR_INTERNAL_FATAL_ERROR] = {"internal error", 0},
    [ERROR_REGULAR_EXPRESSION_TOO_LARGE] = {"regular expression too large", 0},
    [ERROR_TOO_MANY_RE_FIBERS] = {"a regular expression has too many ways to match", 0},
    [ERROR_REGULAR_EXPRESSION_TOO_COMPLEX] = {"regular expression too complex", 0},
    [ERROR_TOO_MANY_STRINGS] = {"too many strings", 0},
    [ERROR_INTEGER_OVERFLOW] = {"integer overflow", 0},
    [ERROR_INVALID_MODULE_DATA] = {"invalid module data", 0},
    [ERROR_BLOCK_NOT_READY] = {"a block is not ready", 0},
};

static const char *const modules[] = {
    "console", "dotnet", "elf", "hash", "math", "pe", "string", "time",
};

status engine_open(void)
{
    int code = yr_initialize();
    if (code != ERROR_SUCCESS)
        return engine_status(code);
    uint32_t copied;
    if (yr_get_configuration_uint32(YR_CONFIG_MAX_MATCH_DATA, &copied) == ERROR_SUCCESS &&
        copied == MATCH_DATA_COPIED)
        return ASSAY_OK;
    code = yr_set_configuration_uint32(YR_CONFIG_MAX_MATCH_DATA, MATCH_DATA_COPIED);
    if (code == ERROR_SUCCESS)
        return ASSAY_OK;
    engine_close();
    return engine_status(code);
}

void engine_close(void)
{
    yr_finalize();
}

static bool known(int code)
{
    return code > 0 && (size_t)code < sizeof(errors) / sizeof(errors[0]) && errors[code].words;
}

status engine_status(int code)
{
    return known(code) && errors[code].status != 0 ? errors[code].status : ASSAY_ERR_ENGINE;
}

const char *engine_words(int code)
{
    return known(code) ? errors[code].words : "unknown error";
}

bool engine_allows_module(const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
        if (strlen(modules[i]) == size && memcmp(modules[i], name, size) == 0)
            return true;
    return false;
}
