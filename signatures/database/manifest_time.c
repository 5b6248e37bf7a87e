/* Times as RFC 3339 writes them, always in UTC and to the second. */
#include "signatures/database/manifest.h"

#include <string.h>
#include <time.h>

void manifest_time_text(int64_t seconds, char ret_text[MANIFEST_TIME])
{
    if (seconds < 0)
        seconds = 0;
    if (seconds > MANIFEST_TIME_MAX)
        seconds = MANIFEST_TIME_MAX;
    time_t when = (time_t)seconds;
    struct tm parts = {.tm_mday = 1};
    gmtime_r(&when, &parts);
    strftime(ret_text, MANIFEST_TIME, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

/* Two or four digits, which the pattern has checked. */
static int number(const char *digits, size_t count)
{
    int value = 0;
    for (size_t i = 0; i < count; i++)
        value = value * 10 + (digits[i] - '0');
    return value;
}

bool manifest_parse_time(const char *text, int64_t *ret_seconds)
{
    static const char pattern[] = "0000-00-00T00:00:00Z";
    if (strnlen(text, MANIFEST_TIME) != sizeof(pattern) - 1)
        return false;
    for (size_t i = 0; i < sizeof(pattern) - 1; i++) {
        bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (pattern[i] == '0' ? !is_digit : text[i] != pattern[i])
            return false;
    }
    struct tm parts = {
        .tm_year = number(text, 4) - 1900,
        .tm_mon = number(text + 5, 2) - 1,
        .tm_mday = number(text + 8, 2),
        .tm_hour = number(text + 11, 2),
        .tm_min = number(text + 14, 2),
        .tm_sec = number(text + 17, 2),
    };
    int64_t seconds = (int64_t)timegm(&parts);
    /* The 30th of February, or a 25th hour, is another time when it is written again. */
    char again[MANIFEST_TIME];
    manifest_time_text(seconds, again);
    if (memcmp(again, text, MANIFEST_TIME) != 0)
        return false;
    *ret_seconds = seconds;
    return true;
}
