#include "signatures/file_out.h"
#include "signatures/hash_format.h"
#include "signatures/hash_list.h"
#include "signatures/hash_names.h"

#include <errno.h>
#include <string.h>

/* Entries of a bucket, and bits of the filter for an entry, that are aimed at. */
#define BUCKET_ENTRIES 64
#define FILTER_BITS    16

#define COUNTS      (UINT32_C(1) << HASH_BUCKET_BITS_MAX)
#define FILTER_SIZE (HASH_BLOCK << HASH_FILTER_BITS_MAX)

/* The tables of the section that is written are made as large as they get, and folded in the end. */
struct index_writer {
    struct hash_list list;
    struct file_out out;
    struct hash_names *names;
    struct hash_tail tail;
    size_t kind; /* of the section that is written */
    uint32_t counts[COUNTS];
    uint8_t filter[FILTER_SIZE];
};

static void index_writer_free(struct index_writer *writer)
{
    if (writer == NULL)
        return;
    hash_names_free(writer->names);
    free(writer);
}
DEFINE_CLEANUP(struct index_writer, index_writer_free);

/* ---- the tables of a section ------------------------------------------------------------------ */

/* The least number of bits, up to `most`, so that 2^bits times `each` is `count` or more. */
static unsigned bits_for(uint64_t count, uint64_t each, unsigned most)
{
    unsigned bits = 0;
    while (bits < most && each << bits < count)
        bits++;
    return bits;
}

static status write_buckets(struct index_writer *writer, struct hash_section *section)
{
    unsigned bits = bits_for(section->count, BUCKET_ENTRIES, HASH_BUCKET_BITS_MAX);
    size_t fold = (size_t)1 << (HASH_BUCKET_BITS_MAX - bits);
    uint32_t before = 0;
    section->buckets = writer->out.size;
    section->bucket_bits = bits;
    for (size_t i = 0; i < COUNTS; i++) {
        if (i % fold == 0)
            TRY(file_out_put_u32(&writer->out, before));
        before += writer->counts[i];
    }
    return file_out_put_u32(&writer->out, before);
}

static status write_filter(struct index_writer *writer, struct hash_section *section)
{
    unsigned bits = bits_for(section->count, HASH_BLOCK * 8 / FILTER_BITS, HASH_FILTER_BITS_MAX);
    size_t size = (size_t)HASH_BLOCK << bits;
    for (size_t i = size; i < FILTER_SIZE; i++)
        writer->filter[i % size] |= writer->filter[i];
    section->filter = writer->out.size;
    section->filter_bits = bits;
    return file_out_put(&writer->out, writer->filter, size);
}

static status end_section(struct index_writer *writer)
{
    struct hash_section *section = &writer->tail.sections[writer->kind++];
    if (section->count == 0)
        return ASSAY_OK;
    TRY(file_out_pad(&writer->out, HASH_FORMAT_ALIGN));
    TRY(write_buckets(writer, section));
    TRY(file_out_pad(&writer->out, HASH_FORMAT_ALIGN));
    if (section->unsized == 0)
        TRY(write_filter(writer, section));
    memset(writer->counts, 0, sizeof(writer->counts));
    memset(writer->filter, 0, sizeof(writer->filter));
    return file_out_pad(&writer->out, HASH_FORMAT_ALIGN);
}

/* ---- entries ---------------------------------------------------------------------------------- */

static void note(struct index_writer *writer, const struct hash_line *line)
{
    struct hash_section *section = &writer->tail.sections[line->kind];
    if (section->count++ == 0)
        section->entries = writer->out.size;
    section->unsized += !line->has_size;
    writer->counts[hash_bucket(line->digest, HASH_BUCKET_BITS_MAX)]++;
    struct hash_probe probe = hash_probe_of(line->size);
    uint8_t *block =
        writer->filter + (size_t)(probe.block & ((1U << HASH_FILTER_BITS_MAX) - 1)) * HASH_BLOCK;
    for (size_t i = 0; i < 3; i++)
        block[probe.bits[i] / 8] |= (uint8_t)(1U << probe.bits[i] % 8);
}

static status put_entry(struct index_writer *writer, const struct hash_line *line)
{
    bool is_new;
    uint64_t name = hash_names_place(writer->names, line->name, &is_new);
    uint64_t size = line->has_size ? line->size : HASH_SIZE_UNKNOWN;
    TRY(file_out_put(&writer->out, line->digest, hash_bytes(line->kind)));
    TRY(file_out_put_u32(&writer->out, (uint32_t)name));
    return file_out_put_u64(&writer->out, (uint64_t)line->severity << 56 | size);
}

/* What the format has no room for. */
static status check_room(const struct index_writer *writer, const struct hash_line *line,
                         struct error *error)
{
    const char *words = NULL;
    if (line->has_size && line->size >= HASH_SIZE_UNKNOWN)
        words = "has a size that no file has";
    else if (writer->tail.sections[line->kind].count == UINT32_MAX)
        words = "is one too many of its kind";
    else if (hash_names_size(writer->names) > UINT32_MAX)
        words = "is behind more than 4 GiB of names";
    return words == NULL ? ASSAY_OK
                         : error_set(error, ASSAY_ERR_CORRUPT, "line %llu of the hashes %s",
                                     (unsigned long long)writer->list.number, words);
}

static status write_sections(struct index_writer *writer, struct error *error)
{
    struct hash_line line;
    status more;
    while ((more = hash_list_next(&writer->list, error, &line)) == ASSAY_OK) {
        TRY(check_room(writer, &line, error));
        while (writer->kind < line.kind)
            TRY(end_section(writer));
        note(writer, &line);
        TRY(put_entry(writer, &line));
    }
    TRY(more);
    while (writer->kind < HASH_KINDS)
        TRY(end_section(writer));
    return ASSAY_OK;
}

/* ---- names ------------------------------------------------------------------------------------ */

/* The same names in the same order get the same places as they got for the entries. */
static status write_names(struct index_writer *writer, struct error *error)
{
    struct hash_line line;
    status more;
    uint64_t lines = writer->list.number;
    writer->tail.names = writer->out.size;
    writer->tail.names_size = hash_names_size(writer->names);
    hash_names_free(steal_pointer(writer->names));
    TRY(hash_names_new(&writer->names));
    hash_list_start(&writer->list, writer->list.fd);
    while ((more = hash_list_next(&writer->list, error, &line)) == ASSAY_OK) {
        bool is_new;
        hash_names_place(writer->names, line.name, &is_new);
        uint8_t size = (uint8_t)line.name.size;
        if (!is_new)
            continue;
        TRY(file_out_put(&writer->out, &size, 1));
        TRY(file_out_put(&writer->out, line.name.data, size));
    }
    TRY(more);
    if (writer->list.number != lines || hash_names_size(writer->names) != writer->tail.names_size)
        return error_set(error, ASSAY_ERR_CORRUPT, "the list of hashes changed while it was read");
    return file_out_pad(&writer->out, HASH_FORMAT_ALIGN);
}

/* ---- the file --------------------------------------------------------------------------------- */

static status write_front(struct index_writer *writer)
{
    static const uint8_t zeros[HASH_FORMAT_FRONT - sizeof(uint64_t)] = {0};
    TRY(file_out_put_u64(&writer->out, HASH_FORMAT_MAGIC));
    return file_out_put(&writer->out, zeros, sizeof(zeros));
}

static status write_tail(struct index_writer *writer)
{
    const uint64_t *words = (const uint64_t *)(const void *)&writer->tail;
    writer->tail.magic = HASH_FORMAT_MAGIC;
    writer->tail.file_size = writer->out.size + sizeof(writer->tail);
    for (size_t i = 0; i < sizeof(writer->tail) / sizeof(*words); i++)
        TRY(file_out_put_u64(&writer->out, words[i]));
    return file_out_flush(&writer->out);
}

static status write_index(struct index_writer *writer, struct error *error)
{
    TRY(write_front(writer));
    TRY(write_sections(writer, error));
    TRY(write_names(writer, error));
    return write_tail(writer);
}

status hash_index_write(int in, int out, struct error *error)
{
    struct error words = {""};
    cleanup(index_writer_free_cleanup) struct index_writer *writer = calloc(1, sizeof(*writer));
    if (writer == NULL || hash_names_new(&writer->names) < 0)
        return error_set(error, ASSAY_ERR_NOMEM, "no memory to make the index of the hashes");
    hash_list_start(&writer->list, in);
    writer->out.fd = out;
    status written = write_index(writer, &words);
    if (written >= 0)
        return ASSAY_OK;
    if (words.text[0] == '\0')
        return error_set(error, written, "the index of the hashes cannot be written: %s",
                         strerror(errno));
    return error_set(error, written, "%s", words.text);
}
