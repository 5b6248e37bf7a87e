#include "cli/units.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

struct unit {
    const char *suffix;
    uint64_t factor;
};

/* A number that may have a fraction, times the unit its suffix names. */
static bool parse_with_unit(const char *text, const struct unit *units, size_t count,
                            uint64_t *ret_value)
{
    if (!isdigit((unsigned char)text[0]))
        return false;
    char *end;
    errno = 0;
    double number = strtod(text, &end);
    if (errno || !isfinite(number) || strpbrk(text, "xXpP") != NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        double value = number * (double)units[i].factor;
        if (strcasecmp(end, units[i].suffix) != 0 || value >= 0x1p63)
            continue;
        *ret_value = (uint64_t)value;
        return true;
    }
    return false;
}

bool units_parse_size(const char *text, uint64_t *ret_bytes)
{
    static const struct unit units[] = {
        {"", 1},
        {"b", 1},
        {"k", UINT64_C(1) << 10},
        {"kb", UINT64_C(1) << 10},
        {"kib", UINT64_C(1) << 10},
        {"m", UINT64_C(1) << 20},
        {"mb", UINT64_C(1) << 20},
        {"mib", UINT64_C(1) << 20},
        {"g", UINT64_C(1) << 30},
        {"gb", UINT64_C(1) << 30},
        {"gib", UINT64_C(1) << 30},
        {"t", UINT64_C(1) << 40},
        {"tb", UINT64_C(1) << 40},
        {"tib", UINT64_C(1) << 40},
    };
    return parse_with_unit(text, units, COUNT_OF(units), ret_bytes);
}

bool units_parse_seconds(const char *text, uint64_t *ret_seconds)
{
    static const struct unit units[] = {
        {"", 1}, {"s", 1}, {"m", 60}, {"min", 60}, {"h", 3600}, {"d", 86400}, {"w", 604800},
    };
    return parse_with_unit(text, units, COUNT_OF(units), ret_seconds);
}

bool units_parse_number(const char *text, uint64_t minimum, uint64_t maximum, uint64_t *ret_number)
{
    if (!isdigit((unsigned char)text[0]))
        return false;
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (errno || *end || number < minimum || number > maximum)
        return false;
    *ret_number = number;
    return true;
}

static bool parse_calendar(const char *text, struct timespec *ret_time)
{
    static const char *const formats[] = {"%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S",
                                          "%Y-%m-%d %H:%M:%S"};
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        struct tm parts = {.tm_isdst = -1};
        const char *end = strptime(text, formats[i], &parts);
        if (!end || (strcmp(end, "") != 0 && strcmp(end, "Z") != 0))
            continue;
        struct tm as_utc = parts;
        time_t seconds = timegm(&as_utc);
        if (as_utc.tm_mday != parts.tm_mday)
            return false; /* the 30th of February, taken for the 2nd of March */
        if (*end == 0)
            seconds = mktime(&parts);
        if (seconds == (time_t)-1)
            return false;
        *ret_time = (struct timespec){.tv_sec = seconds};
        return true;
    }
    return false;
}

bool units_parse_time(const char *text, time_t now, struct timespec *ret_time)
{
    uint64_t number;
    if (text[0] == '@' && units_parse_number(text + 1, 0, INT64_MAX, &number)) {
        *ret_time = (struct timespec){.tv_sec = (time_t)number};
        return true;
    }
    if (parse_calendar(text, ret_time))
        return true;
    /* A bare number could mean too many things. */
    bool has_unit = text[0] && isalpha((unsigned char)text[strlen(text) - 1]);
    if (!has_unit || !units_parse_seconds(text, &number) || number > (uint64_t)now)
        return false;
    *ret_time = (struct timespec){.tv_sec = now - (time_t)number};
    return true;
}
