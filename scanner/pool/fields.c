#include "pool/fields.h"

status field_put_u32(struct buffer *out, uint32_t value)
{
    return buffer_append(out, &value, sizeof(value));
}

status field_put_u64(struct buffer *out, uint64_t value)
{
    return buffer_append(out, &value, sizeof(value));
}

status field_put_bytes(struct buffer *out, struct assay_bytes bytes)
{
    if (bytes.size > UINT32_MAX)
        return ASSAY_ERR_ARGUMENT;
    TRY(field_put_u32(out, (uint32_t)bytes.size));
    return buffer_append(out, bytes.data, bytes.size);
}

/* The terminator is sent too, so that the receiver can use the text where it lies. */
status field_put_text(struct buffer *out, const char *text)
{
    const char *given = text ? text : "";
    return field_put_bytes(out, (struct assay_bytes){(const uint8_t *)given, strlen(given) + 1});
}

static bool take(struct field_reader *reader, void *value, size_t size)
{
    memset(value, 0, size);
    if (reader->failed || !view_has(reader->payload, reader->at, size)) {
        reader->failed = true;
        return false;
    }
    memcpy(value, reader->payload.data + reader->at, size);
    reader->at += size;
    return true;
}

uint32_t field_u32(struct field_reader *reader)
{
    uint32_t value;
    take(reader, &value, sizeof(value));
    return value;
}

uint64_t field_u64(struct field_reader *reader)
{
    uint64_t value;
    take(reader, &value, sizeof(value));
    return value;
}

struct assay_bytes field_bytes(struct field_reader *reader)
{
    uint32_t size = field_u32(reader);
    if (reader->failed || !view_has(reader->payload, reader->at, size)) {
        reader->failed = true;
        return (struct assay_bytes){NULL, 0};
    }
    struct assay_bytes bytes = {reader->payload.data + reader->at, size};
    reader->at += size;
    return bytes;
}

const char *field_text(struct field_reader *reader)
{
    struct assay_bytes bytes = field_bytes(reader);
    if (bytes.size == 0 || bytes.data[bytes.size - 1] != 0) {
        reader->failed = true;
        return "";
    }
    return (const char *)bytes.data;
}

uint32_t field_below(struct field_reader *reader, uint32_t end)
{
    uint32_t value = field_u32(reader);
    if (value < end)
        return value;
    reader->failed = true;
    return 0;
}

uint32_t field_count(struct field_reader *reader, uint32_t each)
{
    uint32_t count = field_u32(reader);
    if (!reader->failed && count <= (reader->payload.size - reader->at) / each)
        return count;
    reader->failed = true;
    return 0;
}

status field_finish(const struct field_reader *reader)
{
    bool whole = !reader->failed && reader->at == reader->payload.size;
    return whole ? ASSAY_OK : ASSAY_ERR_CORRUPT;
}
