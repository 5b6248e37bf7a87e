#include "human.h"

#include <stdio.h>

status human_number(struct buffer *out, uint64_t value)
{
    char digits[24];
    int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)value);
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            TRY(buffer_append_text(out, ","));
        TRY(buffer_append(out, &digits[i], 1));
    }
    return ASSAY_OK;
}

status human_count(struct buffer *out, uint64_t value, const char *one, const char *many)
{
    TRY(human_number(out, value));
    return buffer_append_format(out, " %s", value == 1 ? one : many);
}

status human_bytes(struct buffer *out, uint64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 1024)
        return human_count(out, bytes, "byte", "bytes");
    double value = (double)bytes / 1024;
    size_t unit = 0;
    /* 1023.95 and more would be shown as 1024.0. */
    while (value >= 1023.95 && unit + 1 < sizeof(units) / sizeof(units[0])) {
        value /= 1024;
        unit++;
    }
    return buffer_append_format(out, "%.1f %s", value, units[unit]);
}

status human_duration(struct buffer *out, double seconds)
{
    if (!(seconds > 0))
        seconds = 0;
    if (seconds < 59.95)
        return buffer_append_format(out, "%.1f s", seconds);
    if (seconds > 1e12)
        seconds = 1e12;
    uint64_t whole = (uint64_t)(seconds + 0.5);
    if (whole < 3600)
        return buffer_append_format(out, "%u min %u s", (unsigned)(whole / 60),
                                    (unsigned)(whole % 60));
    TRY(human_number(out, whole / 3600));
    return buffer_append_format(out, " h %u min", (unsigned)(whole % 3600 / 60));
}
