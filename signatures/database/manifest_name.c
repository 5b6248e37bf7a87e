#include <string.h>
#include <time.h>

#include "signatures/database/manifest.h"

#define TIME_LAST INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool manifest_name_is_safe(const char *name)
{
    size_t length = strnlen(name, MANIFEST_NAME_MAX + 1);
    if (length == 0 || length > MANIFEST_NAME_MAX || !is_word(name[0]))
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!is_word(name[i]) && !strchr("._-", name[i]))
            return false;
    }
    return true;
}

static bool is_step(const uint8_t *part, size_t size)
{
    return size == 0 || (size == 1 && part[0] == '.') ||
           (size == 2 && part[0] == '.' && part[1] == '.');
}

bool manifest_path_is_safe(struct assay_bytes path)
{
    size_t part = 0; /* where it begins */
    if (path.size == 0 || path.size > MANIFEST_PATH_MAX)
        return false;
    if (path.data[0] == ' ' || path.data[path.size - 1] == ' ')
        return false;
    for (size_t i = 0; i < path.size; i++) {
        uint8_t c = path.data[i];
        if (c < ' ' || c > '~' || c == '\\' || c == '"' || c == '\'')
            return false;
        if (c != '/')
            continue;
        if (is_step(path.data + part, i - part))
            return false;
        part = i + 1;
    }
    return !is_step(path.data + part, path.size - part);
}

void manifest_time_text(int64_t seconds, char ret_text[MANIFEST_TIME])
{
    struct tm parts = {0};
    time_t when = seconds < 0 ? 0 : seconds > TIME_LAST ? TIME_LAST : seconds;
    gmtime_r(&when, &parts);
    strftime(ret_text, MANIFEST_TIME, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

/* The two digits there; what is no digit makes a time that is written differently. */
static int two(const char *text)
{
    return (text[0] - '0') * 10 + (text[1] - '0');
}

bool manifest_parse_time(const char *text, int64_t *ret_seconds)
{
    char again[MANIFEST_TIME];
    if (strnlen(text, MANIFEST_TIME) != MANIFEST_TIME - 1)
        return false;
    struct tm parts = {
        .tm_year = two(text) * 100 + two(text + 2) - 1900,
        .tm_mon = two(text + 5) - 1,
        .tm_mday = two(text + 8),
        .tm_hour = two(text + 11),
        .tm_min = two(text + 14),
        .tm_sec = two(text + 17),
    };
    int64_t seconds = timegm(&parts);
    manifest_time_text(seconds, again);
    if (memcmp(again, text, MANIFEST_TIME) != 0)
        return false;
    *ret_seconds = seconds;
    return true;
}
