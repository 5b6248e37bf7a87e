#include "unpack/tar_pax.h"

#include "unpack/tar_header.h"

/* Decimal digits from *at on, up to `end`, which is stepped over. */
static bool parse_decimal(struct view text, uint64_t *at, uint8_t end, uint64_t *ret_value)
{
    uint64_t value = 0;
    uint64_t i = *at;
    for (; i < text.size && text.data[i] >= '0' && text.data[i] <= '9'; i++) {
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(text.data[i] - '0'), &value))
            value = UINT64_MAX;
    }
    if (i == *at || i >= text.size || text.data[i] != end)
        return false;
    *at = i + 1;
    *ret_value = value;
    return true;
}

static bool is_key(struct view key, const char *name)
{
    return key.size == strlen(name) && memcmp(key.data, name, key.size) == 0;
}

static void take_record(struct view key, struct view value, struct tar_pax *pax)
{
    bool sparse_name = is_key(key, "GNU.sparse.name");
    if (sparse_name || (is_key(key, "path") && !pax->path_is_sparse)) {
        pax->has_path = true;
        pax->path_is_sparse = sparse_name;
        pax->path = (struct assay_bytes){value.data, (size_t)value.size};
        return;
    }
    if (is_key(key, "GNU.sparse.major")) {
        pax->sparse_map = view_starts(value, 0, "1", 1);
        return;
    }
    /* The newline behind the value ends the number. */
    uint64_t at = 0;
    struct view line = {value.data, value.size + 1};
    if (is_key(key, "size"))
        pax->has_size = parse_decimal(line, &at, '\n', &pax->size);
}

status tar_pax_parse(struct view body, struct tar_pax *pax)
{
    uint64_t at = 0;
    while (at < body.size && body.data[at] != 0) {
        uint64_t start = at;
        uint64_t length;
        if (!parse_decimal(body, &at, ' ', &length) || !view_has(body, start, length) ||
            length <= at - start || body.data[start + length - 1] != '\n')
            return ASSAY_ERR_CORRUPT;
        struct view record = view_sub(body, at, start + length - 1 - at);
        const uint8_t *equals = record.size ? memchr(record.data, '=', record.size) : NULL;
        if (!equals)
            return ASSAY_ERR_CORRUPT;
        uint64_t key_size = (uint64_t)(equals - record.data);
        take_record(view_sub(record, 0, key_size),
                    (struct view){equals + 1, record.size - key_size - 1}, pax);
        at = start + length;
    }
    return ASSAY_OK;
}

uint64_t tar_sparse_map_size(struct view data)
{
    uint64_t at = 0;
    uint64_t count;
    if (!parse_decimal(data, &at, '\n', &count) || count > data.size)
        return 0;
    for (uint64_t i = 0; i < 2 * count; i++) {
        uint64_t number;
        if (!parse_decimal(data, &at, '\n', &number))
            return 0;
    }
    uint64_t padded = (at + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
    return padded <= data.size ? padded : 0;
}
