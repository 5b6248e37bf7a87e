#include "signatures/hash_set.h"

#include "base/bytes.h"
#include "base/map.h"
#include "signatures/hash_format.h"

#include <endian.h>
#include <sys/mman.h>

/* A kind of hashes; its views are as long as the format wants them. */
struct section {
    struct view entries, buckets;
    struct view filter; /* empty when not all entries have a size */
    uint64_t count;
    unsigned bucket_bits;
    uint32_t filter_mask;
};

struct hash_set {
    struct view file; /* mapped */
    struct view names;
    struct section sections[HASH_KINDS];
};

/* ---- opening ---------------------------------------------------------------------------------- */

static bool read_tail(struct view file, struct hash_tail *ret_tail)
{
    uint64_t front;
    if (file.size < HASH_FORMAT_FRONT + sizeof(*ret_tail) || !bytes_u64le(file, 0, &front))
        return false;
    memcpy(ret_tail, file.data + file.size - sizeof(*ret_tail), sizeof(*ret_tail));
    uint64_t *words = (uint64_t *)(void *)ret_tail;
    for (size_t i = 0; i < sizeof(*ret_tail) / sizeof(*words); i++)
        words[i] = le64toh(words[i]);
    return front == HASH_FORMAT_MAGIC && ret_tail->magic == HASH_FORMAT_MAGIC &&
           ret_tail->file_size == file.size;
}

/* The part of the file that is `count` times `each` bytes long. */
static bool take_part(struct view file, uint64_t offset, uint64_t count, uint64_t each,
                      struct view *ret_part)
{
    uint64_t size;
    if (__builtin_mul_overflow(count, each, &size) || !view_has(file, offset, size))
        return false;
    *ret_part = view_sub(file, offset, size);
    return true;
}

static bool take_section(struct view file, enum hash_kind kind, const struct hash_section *from,
                         struct section *ret_section)
{
    struct section *section = ret_section;
    section->count = from->count;
    if (from->count == 0)
        return true;
    if (from->count > UINT32_MAX || from->unsized > from->count ||
        from->bucket_bits > HASH_BUCKET_BITS_MAX || from->filter_bits > HASH_FILTER_BITS_MAX)
        return false;
    section->bucket_bits = (unsigned)from->bucket_bits;
    section->filter_mask = (UINT32_C(1) << from->filter_bits) - 1;
    return take_part(file, from->entries, from->count, hash_entry_bytes(kind), &section->entries) &&
           take_part(file, from->buckets, (UINT64_C(1) << from->bucket_bits) + 1, sizeof(uint32_t),
                     &section->buckets) &&
           (from->unsized > 0 || take_part(file, from->filter, UINT64_C(1) << from->filter_bits,
                                           HASH_BLOCK, &section->filter));
}

static bool take_parts(struct hash_set *set)
{
    struct hash_tail tail;
    bool whole = read_tail(set->file, &tail) &&
                 take_part(set->file, tail.names, tail.names_size, 1, &set->names);
    for (int kind = 0; kind < HASH_KINDS && whole; kind++)
        whole = take_section(set->file, (enum hash_kind)kind, &tail.sections[kind],
                             &set->sections[kind]);
    return whole;
}

status hash_set_open(int fd, struct hash_set **ret_set)
{
    cleanup(hash_set_free_cleanup) struct hash_set *set = calloc(1, sizeof(*set));
    if (set == NULL)
        return ASSAY_ERR_NOMEM;
    TRY(map_file(fd, 0, &set->file));
    /* What is looked up is everywhere; reading ahead would load what nobody asks for. */
    (void)madvise((void *)(uintptr_t)set->file.data, (size_t)set->file.size, MADV_RANDOM);
    if (!take_parts(set))
        return ASSAY_ERR_CORRUPT;
    *ret_set = steal_pointer(set);
    return ASSAY_OK;
}

void hash_set_free(struct hash_set *set)
{
    if (set == NULL)
        return;
    map_release(&set->file);
    free(set);
}

/* ---- looking up ------------------------------------------------------------------------------- */

uint64_t hash_set_count(const struct hash_set *set, enum hash_kind kind)
{
    return set->sections[kind].count;
}

bool hash_set_wants(const struct hash_set *set, enum hash_kind kind, uint64_t size)
{
    const struct section *section = &set->sections[kind];
    if (section->count == 0 || section->filter.size == 0)
        return section->count > 0;
    struct hash_probe probe = hash_probe_of(size);
    const uint8_t *block =
        section->filter.data + (size_t)(probe.block & section->filter_mask) * HASH_BLOCK;
    bool wants = true;
    for (size_t i = 0; i < 3; i++)
        wants = wants && (block[probe.bits[i] / 8] >> probe.bits[i] % 8 & 1) != 0;
    return wants;
}

/* The entries among which a digest is, as far as the file can be believed. */
static void find_bucket(const struct section *section, const uint8_t *digest, uint64_t *ret_first,
                        uint64_t *ret_end)
{
    uint64_t offset = (uint64_t)hash_bucket(digest, section->bucket_bits) * sizeof(uint32_t);
    uint32_t first, end;
    if (!bytes_u32le(section->buckets, offset, &first) ||
        !bytes_u32le(section->buckets, offset + sizeof(uint32_t), &end) || end > section->count)
        first = end = 0;
    *ret_first = first;
    *ret_end = end;
}

/* The first entry from `first` on that is not below the digest; `end` when there is none. */
static uint64_t find_first(const struct section *section, enum hash_kind kind,
                           const uint8_t *digest, uint64_t first, uint64_t end)
{
    size_t size = hash_bytes(kind), entry = hash_entry_bytes(kind);
    while (first < end) {
        uint64_t middle = first + (end - first) / 2;
        if (memcmp(section->entries.data + middle * entry, digest, size) < 0)
            first = middle + 1;
        else
            end = middle;
    }
    return first;
}

/* A match must not be lost with its name. */
static struct assay_bytes name_at(const struct hash_set *set, uint64_t offset)
{
    uint8_t size;
    if (!bytes_u8(set->names, offset, &size) || size == 0 ||
        !view_has(set->names, offset + 1, size))
        return (struct assay_bytes){(const uint8_t *)"(unnamed)", 9};
    return (struct assay_bytes){set->names.data + offset + 1, size};
}

/* False when the object has another size than the entry. */
static bool read_hit(const struct hash_set *set, enum hash_kind kind, struct view entry,
                     uint64_t size, struct hash_hit *ret_hit)
{
    uint32_t name;
    uint64_t sized;
    if (!bytes_u32le(entry, hash_entry_name(kind), &name) ||
        !bytes_u64le(entry, hash_entry_size(kind), &sized))
        return false;
    uint64_t known = sized & HASH_SIZE_UNKNOWN;
    if (known != HASH_SIZE_UNKNOWN && known != size)
        return false;
    uint8_t severity = (uint8_t)(sized >> 56);
    *ret_hit = (struct hash_hit){
        .kind = kind,
        .name = name_at(set, name),
        .severity = severity < ASSAY_SEVERITY_COUNT ? (enum assay_severity)severity : ASSAY_HIGH,
    };
    return true;
}

int hash_set_find(const struct hash_set *set, enum hash_kind kind, const uint8_t *digest,
                  uint64_t size, int (*on_hit)(void *context, const struct hash_hit *hit),
                  void *context)
{
    const struct section *section = &set->sections[kind];
    uint64_t first, end;
    size_t bytes = hash_entry_bytes(kind);
    if (section->count == 0)
        return 0;
    find_bucket(section, digest, &first, &end);
    for (uint64_t i = find_first(section, kind, digest, first, end); i < end; i++) {
        struct view entry = view_sub(section->entries, i * bytes, bytes);
        struct hash_hit hit;
        if (!view_starts(entry, 0, digest, hash_bytes(kind)))
            break;
        if (!read_hit(set, kind, entry, size, &hit))
            continue;
        int stop = on_hit(context, &hit);
        if (stop != 0)
            return stop;
    }
    return 0;
}
