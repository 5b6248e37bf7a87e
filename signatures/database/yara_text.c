#include "signatures/database/yara_text.h"

#include <string.h>

static status write_string_byte(struct buffer *out, uint8_t b)
{
    if (b == '"' || b == '\\')
        return buffer_append_format(out, "\\%c", b);
    if (b < ' ' || b == 127)
        return buffer_append_format(out, "\\x%02x", b);
    return buffer_append(out, &b, 1);
}

status yara_string(struct buffer *out, struct view bytes)
{
    TRY(buffer_append_text(out, "\""));
    for (uint64_t i = 0; i < bytes.size; i++)
        TRY(write_string_byte(out, bytes.data[i]));
    return buffer_append_text(out, "\"");
}

status yara_meta(struct buffer *out, const char *name, struct view bytes)
{
    TRY(buffer_append_format(out, "    %s = ", name));
    TRY(yara_string(out, bytes));
    return buffer_append_text(out, "\n");
}

status yara_regex_byte(struct buffer *out, unsigned b)
{
    bool word = (b >= '0' && b <= '9') || (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z');
    if (word || (b > ' ' && b < 127 && strchr("_ %,:;<=>@#&~!'\"`", (int)b)) || b == ' ')
        return buffer_append_format(out, "%c", (int)b);
    if (b > ' ' && b < 127)
        return buffer_append_format(out, "\\%c", (int)b);
    return buffer_append_format(out, "\\x%02x", b);
}

static status write_ranges(struct buffer *out, const struct byte_set *set)
{
    for (unsigned first = 0; first < 256; first++) {
        if (!byte_set_has(set, first))
            continue;
        unsigned last = first;
        while (last < 255 && byte_set_has(set, last + 1))
            last++;
        TRY(yara_regex_byte(out, first));
        if (last > first + 1)
            TRY(buffer_append_text(out, "-"));
        if (last > first)
            TRY(yara_regex_byte(out, last));
        first = last;
    }
    return ASSAY_OK;
}

status yara_regex_class(struct buffer *out, struct byte_set set)
{
    /* The shorter of what it takes and what it does not take. */
    bool negated = byte_set_count(&set) > 128;
    if (negated)
        byte_set_negate(&set);
    TRY(buffer_append_text(out, negated ? "[^" : "["));
    TRY(write_ranges(out, &set));
    return buffer_append_text(out, "]");
}
