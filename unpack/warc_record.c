#include "unpack/warc_record.h"

#include <strings.h>

#define MAGIC "WARC/"

enum { MAGIC_SIZE = sizeof(MAGIC) - 1, VERSION_MAX = 8, DIGITS_MAX = 18 };

/* A version, such as 1.0 or 0.17, and the end of the line. */
bool warc_is_record(struct view input, uint64_t offset)
{
    if (!view_starts(input, offset, MAGIC, MAGIC_SIZE))
        return false;
    struct view version = view_sub(input, offset + MAGIC_SIZE, VERSION_MAX);
    unsigned dots = 0, digits = 0;
    for (uint64_t i = 0; i < version.size; i++) {
        uint8_t c = version.data[i];
        if (c == '\r' || c == '\n')
            return dots == 1 && digits >= 2;
        dots += c == '.';
        digits += c >= '0' && c <= '9';
        if (dots + digits != i + 1)
            return false;
    }
    return false;
}

uint64_t warc_find_record(struct view input, uint64_t offset)
{
    for (;; offset++) {
        struct view rest = view_sub(input, offset, UINT64_MAX);
        const uint8_t *found = rest.size ? memmem(rest.data, rest.size, MAGIC, MAGIC_SIZE) : NULL;
        if (!found)
            return input.size;
        offset += (uint64_t)(found - rest.data);
        bool begins_line = offset == 0 || input.data[offset - 1] == '\n';
        if (begins_line && warc_is_record(input, offset))
            return offset;
    }
}

/* The line at *offset, without its end, behind which *offset is moved. False when no end is left. */
static bool take_line(struct view input, uint64_t *offset, struct view *ret_line)
{
    struct view rest = view_sub(input, *offset, UINT64_MAX);
    const uint8_t *end = rest.size ? memchr(rest.data, '\n', rest.size) : NULL;
    uint64_t size = end ? (uint64_t)(end - rest.data) : rest.size;
    *offset += end ? size + 1 : size;
    if (size > 0 && rest.data[size - 1] == '\r')
        size--;
    *ret_line = view_sub(rest, 0, size);
    return end;
}

bool warc_skip_fields(struct view input, uint64_t *offset)
{
    struct view line;
    while (!warc_is_record(input, *offset) && take_line(input, offset, &line))
        if (line.size == 0)
            return true;
    return false;
}

static struct view trim(struct view text)
{
    while (text.size > 0 && (text.data[0] == ' ' || text.data[0] == '\t'))
        text = view_sub(text, 1, UINT64_MAX);
    while (text.size > 0 && (text.data[text.size - 1] == ' ' || text.data[text.size - 1] == '\t'))
        text.size--;
    return text;
}

static bool equals(struct view text, const char *word)
{
    size_t size = strlen(word);
    return text.size == size && strncasecmp((const char *)text.data, word, size) == 0;
}

struct view warc_field(struct view fields, const char *name)
{
    size_t size = strlen(name);
    uint64_t offset = 0;
    struct view line;
    bool more = fields.size > 0;
    while (more) {
        more = take_line(fields, &offset, &line);
        if (line.size > size && line.data[size] == ':' && equals(view_sub(line, 0, size), name))
            return trim(view_sub(line, size + 1, UINT64_MAX));
    }
    return (struct view){NULL, 0};
}

bool warc_has_word(struct view value, const char *word)
{
    while (value.size > 0) {
        const uint8_t *comma = memchr(value.data, ',', value.size);
        uint64_t size = comma ? (uint64_t)(comma - value.data) : value.size;
        if (equals(trim(view_sub(value, 0, size)), word))
            return true;
        value = view_sub(value, size + 1, UINT64_MAX);
    }
    return false;
}

static bool parse_size(struct view text, uint64_t *ret_size)
{
    uint64_t size = 0;
    for (uint64_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || i == DIGITS_MAX)
            return false;
        size = size * 10 + (uint64_t)(text.data[i] - '0');
    }
    *ret_size = size;
    return text.size > 0;
}

bool warc_read_record(struct view input, uint64_t offset, struct warc_record *ret_record)
{
    struct view line;
    struct warc_record record = {.size = 0};
    if (!take_line(input, &offset, &line))
        return false;
    record.block = offset;
    if (!warc_skip_fields(input, &record.block))
        return false;
    record.fields = view_sub(input, offset, record.block - offset);
    record.has_size = parse_size(warc_field(record.fields, "Content-Length"), &record.size);
    *ret_record = record;
    return true;
}
