#include "signatures/database/yara_text.h"

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
