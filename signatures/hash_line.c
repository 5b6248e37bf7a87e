#include "base/names.h"
#include "base/text.h"
#include "signatures/hash_set.h"

static const struct {
    const char *name;
    size_t bytes;
} kinds[HASH_KINDS] = {
    [HASH_MD5] = {"md5", 16},
    [HASH_SHA1] = {"sha1", 20},
    [HASH_SHA256] = {"sha256", 32},
};

size_t hash_bytes(enum hash_kind kind)
{
    return kinds[kind].bytes;
}

const char *hash_name(enum hash_kind kind)
{
    return kinds[kind].name;
}

/* Takes the field before the next tab, or the rest, off the front of the line. */
static struct view take_field(struct view *line, bool *ret_more)
{
    const uint8_t *tab = line->size > 0 ? memchr(line->data, '\t', (size_t)line->size) : NULL;
    uint64_t size = tab != NULL ? (uint64_t)(tab - line->data) : line->size;
    struct view field = view_sub(*line, 0, size);
    *line = tab != NULL ? view_sub(*line, size + 1, line->size) : (struct view){NULL, 0};
    *ret_more = tab != NULL;
    return field;
}

static bool digit_of(uint8_t c, uint8_t *ret_value)
{
    if (c >= '0' && c <= '9')
        *ret_value = (uint8_t)(c - '0');
    else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
        *ret_value = (uint8_t)((c | 0x20) - 'a' + 10);
    else
        return false;
    return true;
}

static bool parse_digest(struct view field, struct hash_line *line)
{
    for (int kind = 0; kind < HASH_KINDS; kind++) {
        if (field.size != 2 * kinds[kind].bytes)
            continue;
        line->kind = (enum hash_kind)kind;
        for (size_t i = 0; i < kinds[kind].bytes; i++) {
            uint8_t high, low;
            if (!digit_of(field.data[2 * i], &high) || !digit_of(field.data[2 * i + 1], &low))
                return false;
            line->digest[i] = (uint8_t)(high << 4 | low);
        }
        return true;
    }
    return false;
}

static bool parse_size(struct view field, struct hash_line *line)
{
    line->has_size = !(field.size == 1 && field.data[0] == '*');
    line->size = 0;
    if (!line->has_size)
        return true;
    for (size_t i = 0; i < field.size; i++) {
        if (field.data[i] < '0' || field.data[i] > '9' ||
            __builtin_mul_overflow(line->size, 10, &line->size) ||
            __builtin_add_overflow(line->size, field.data[i] - '0', &line->size))
            return false;
    }
    return field.size > 0;
}

static bool parse_name(struct view field, struct hash_line *line)
{
    line->name = (struct assay_bytes){field.data, (size_t)field.size};
    return field.size > 0 && field.size <= HASH_NAME_MAX && text_is_plain(line->name);
}

bool hash_line_parse(struct view line, struct hash_line *ret_line)
{
    struct hash_line made = {.kind = HASH_MD5};
    bool more, ends;
    if (!parse_digest(take_field(&line, &more), &made) || !more)
        return false;
    if (!parse_size(take_field(&line, &more), &made) || !more)
        return false;
    if (!parse_name(take_field(&line, &more), &made) || !more)
        return false;
    struct view severity = take_field(&line, &ends);
    if (ends || severity.size == 0 ||
        !severity_from_name((const char *)severity.data, (size_t)severity.size, &made.severity))
        return false;
    *ret_line = made;
    return true;
}
