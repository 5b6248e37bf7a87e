#include "signatures/database/hash_gather.h"

#include <stdlib.h>
#include <string.h>

#define SIZE_DIGITS     20 /* of the largest size */
#define LINE_OVERHEAD   (SIZE_DIGITS + sizeof("\t\t\tcritical\n"))
#define FIRST_CAPACITY  256
#define SEVERITY_OFFSET 0 /* behind the digest */
#define SIZED_OFFSET    1
#define SIZE_OFFSET     2
#define NAME_OFFSET     10 /* its size, then it */

static status grow(struct hash_gather_part *part)
{
    if (part->count < part->capacity)
        return ASSAY_OK;
    size_t capacity = part->capacity > 0 ? part->capacity + part->capacity / 2 : FIRST_CAPACITY;
    struct hash_gather_place *places = reallocarray(part->places, capacity, sizeof(*places));
    if (!places)
        return ASSAY_ERR_NOMEM;
    part->places = places;
    part->capacity = capacity;
    return ASSAY_OK;
}

/* The order of its bytes is that of numbers. */
static uint64_t prefix_of(const uint8_t *digest)
{
    uint64_t prefix = 0;
    for (size_t i = 0; i < sizeof(prefix); i++)
        prefix = prefix << 8 | digest[i];
    return prefix;
}

status hash_gather_add(struct hash_gather *gather, const struct hash_line *line)
{
    struct hash_gather_part *part = &gather->parts[line->kind];
    size_t digest = hash_bytes(line->kind);
    if (line->name.size > HASH_NAME_MAX)
        return ASSAY_ERR_ARGUMENT;
    TRY(grow(part));
    TRY(buffer_reserve(&part->entries, digest + NAME_OFFSET + 1 + line->name.size));
    uint8_t *entry = part->entries.data + part->entries.size;
    memcpy(entry, line->digest, digest);
    entry[digest + SEVERITY_OFFSET] = (uint8_t)line->severity;
    entry[digest + SIZED_OFFSET] = line->has_size;
    memcpy(entry + digest + SIZE_OFFSET, &line->size, sizeof(line->size));
    entry[digest + NAME_OFFSET] = (uint8_t)line->name.size;
    memcpy(entry + digest + NAME_OFFSET + 1, line->name.data, line->name.size);
    part->places[part->count++] =
        (struct hash_gather_place){prefix_of(line->digest), part->entries.size};
    part->entries.size += digest + NAME_OFFSET + 1 + line->name.size;
    part->text_bytes += 2 * digest + LINE_OVERHEAD + line->name.size;
    return ASSAY_OK;
}

static struct hash_line entry_of(const struct hash_gather_part *part, size_t digest,
                                 const struct hash_gather_place *place)
{
    const uint8_t *entry = part->entries.data + place->at;
    struct hash_line line = {
        .severity = (enum assay_severity)entry[digest + SEVERITY_OFFSET],
        .has_size = entry[digest + SIZED_OFFSET] != 0,
        .name = {entry + digest + NAME_OFFSET + 1, entry[digest + NAME_OFFSET]},
    };
    memcpy(line.digest, entry, digest);
    memcpy(&line.size, entry + digest + SIZE_OFFSET, sizeof(line.size));
    return line;
}

static int compare_numbers(uint64_t left, uint64_t right)
{
    return (left > right) - (left < right);
}

/* Of what makes two entries the same. */
static int compare_lines(const struct hash_line *left, const struct hash_line *right, size_t digest)
{
    int order = memcmp(left->digest, right->digest, digest);
    if (order == 0)
        order = (int)left->has_size - (int)right->has_size;
    if (order == 0)
        order = compare_numbers(left->size, right->size);
    if (order != 0)
        return order;
    size_t shorter = left->name.size < right->name.size ? left->name.size : right->name.size;
    order = memcmp(left->name.data, right->name.data, shorter);
    return order != 0 ? order : compare_numbers(left->name.size, right->name.size);
}

struct comparison {
    const struct hash_gather_part *part;
    size_t digest; /* bytes */
};

static int compare_places(const void *left, const void *right, void *context)
{
    const struct hash_gather_place *a = left, *b = right;
    if (a->prefix != b->prefix)
        return compare_numbers(a->prefix, b->prefix);
    const struct comparison *comparison = context;
    struct hash_line x = entry_of(comparison->part, comparison->digest, a);
    struct hash_line y = entry_of(comparison->part, comparison->digest, b);
    int order = compare_lines(&x, &y, comparison->digest);
    return order != 0 ? order : (int)y.severity - (int)x.severity;
}

static size_t write_hex(uint8_t *out, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        out[2 * i] = (uint8_t) "0123456789abcdef"[bytes[i] >> 4];
        out[2 * i + 1] = (uint8_t) "0123456789abcdef"[bytes[i] & 15];
    }
    return 2 * size;
}

static size_t write_number(uint8_t *out, uint64_t number)
{
    uint8_t digits[SIZE_DIGITS];
    size_t count = 0;
    do
        digits[count++] = (uint8_t)('0' + number % 10);
    while ((number /= 10) > 0);
    for (size_t i = 0; i < count; i++)
        out[i] = digits[count - 1 - i];
    return count;
}

/* There is room for it. */
static void write_line(const struct hash_line *line, size_t digest, struct buffer *out)
{
    uint8_t *at = out->data + out->size;
    at += write_hex(at, line->digest, digest);
    *at++ = '\t';
    if (line->has_size)
        at += write_number(at, line->size);
    else
        *at++ = '*';
    *at++ = '\t';
    memcpy(at, line->name.data, line->name.size);
    at += line->name.size;
    *at++ = '\t';
    const char *severity = assay_severity_name(line->severity);
    at = mempcpy(at, severity, strlen(severity));
    *at++ = '\n';
    out->size = (size_t)(at - out->data);
}

static status write_part(struct hash_gather_part *part, size_t digest, struct buffer *out,
                         uint64_t *ret_count)
{
    *ret_count = 0;
    if (part->count == 0)
        return ASSAY_OK;
    if (part->text_bytes > SIZE_MAX)
        return ASSAY_ERR_NOMEM;
    TRY(buffer_reserve(out, (size_t)part->text_bytes));
    struct comparison comparison = {part, digest};
    qsort_r(part->places, part->count, sizeof(*part->places), compare_places, &comparison);
    struct hash_line last = {.size = 0};
    for (size_t i = 0; i < part->count; i++) {
        struct hash_line line = entry_of(part, digest, &part->places[i]);
        if (i > 0 && compare_lines(&line, &last, digest) == 0)
            continue;
        write_line(&line, digest, out);
        ++*ret_count;
        last = line;
    }
    return ASSAY_OK;
}

static void release_part(struct hash_gather_part *part)
{
    buffer_release(&part->entries);
    free(part->places);
    *part = (struct hash_gather_part){.count = 0};
}

status hash_gather_write(struct hash_gather *gather, struct buffer *out,
                         uint64_t ret_counts[HASH_KINDS])
{
    for (int kind = 0; kind < HASH_KINDS; kind++) {
        TRY(write_part(&gather->parts[kind], hash_bytes((enum hash_kind)kind), out,
                       &ret_counts[kind]));
        release_part(&gather->parts[kind]);
    }
    return ASSAY_OK;
}

void hash_gather_release(struct hash_gather *gather)
{
    for (int kind = 0; kind < HASH_KINDS; kind++)
        release_part(&gather->parts[kind]);
}
