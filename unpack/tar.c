/*
 * tar: v7, ustar, GNU and pax archives, one behind the other too. Members lie in the input as they
 * are, so nothing is copied. Of sparse files the stored parts are given and holes are not filled.
 *
 * What no header accounts for is given as well, as <residue@OFFSET>: tools differ in how they read
 * a damaged archive, and what one of them would extract must have been looked at.
 */
#include "unpack/residue.h"
#include "unpack/stored.h"
#include "unpack/tar_header.h"
#include "unpack/tar_pax.h"

#include <stdlib.h>

#define NAME_MAX_SHOWN  65535 /* of a long name; there may be as many bytes as anybody likes */
#define IDENTIFY_BLOCKS 8     /* a damaged front is skipped when a header stands this near */

struct unpack_stream {
    struct view input;
    struct unpack_env *env;
    struct stored_notes notes;
    uint64_t at;           /* what lies before is done with */
    uint64_t padding;      /* at + padding is where the next header may stand */
    struct tar_pax global; /* holds for all members that follow */
    struct tar_pax pax;    /* holds for the next one */
    bool is_announced;     /* a header that says something about the next one was the last */
    bool is_open;          /* a member was the last, so there has to be a mark of the end */
    struct tar_header header;
    struct residue residue;
};

static unsigned tar_identify(struct view input)
{
    unsigned strength = tar_strength(tar_block(input, 0));
    for (uint64_t i = 1; i < IDENTIFY_BLOCKS && strength == 0; i++) {
        struct view block = tar_block(input, i * TAR_BLOCK);
        if (tar_has_magic(block))
            strength = tar_strength(block);
    }
    return strength;
}

static bool tar_is_genuine(struct view input)
{
    struct view block = tar_block(input, 0);
    return tar_has_magic(block) && tar_checks(block);
}

static status tar_open(struct view input, struct unpack_env *env, struct unpack_stream **ret_stream)
{
    struct unpack_stream *stream = calloc(1, sizeof(*stream));
    if (!stream)
        return ASSAY_ERR_NOMEM;
    stream->input = input;
    stream->env = env;
    stream->notes.env = env;
    *ret_stream = stream;
    return ASSAY_OK;
}

/* The first block from `offset` on that may be a header; the end of the input when there is none.
 * A damaged one still ends the bytes before it, unless only sound ones are wanted. */
static uint64_t find_header(struct view input, uint64_t offset, bool sound)
{
    for (; view_has(input, offset, TAR_BLOCK); offset += TAR_BLOCK) {
        struct view block = tar_block(input, offset);
        if (tar_checks(block) || (!sound && tar_has_magic(block)))
            return offset;
    }
    return input.size;
}

/* Steps over a block that is no header, and all behind it up to the next. True when a member was
 * given for that. The damaged header itself stays out of it, so that what was meant as a member
 * begins where it should. */
static bool skip_damage(struct unpack_stream *stream, struct unpack_member *ret_member)
{
    struct view input = stream->input;
    uint64_t from = stream->at;
    if (tar_has_magic(tar_block(input, from)))
        from += TAR_BLOCK;
    stream->at = find_header(input, from, false);
    stream->pax = stream->global;
    stream->is_announced = stream->is_open = false;
    stored_note(&stream->notes, ASSAY_ERR_CORRUPT, "bytes that no header accounts for");
    /* Nothing of the input is a tar: it must not be found in itself again and again. */
    if (from == 0 && stream->at == input.size)
        return false;
    return residue_give(&stream->residue, stream->input, from, stream->at, ret_member);
}

/* Bytes of a member that claims more than there are: up to the next sound header, so that damage
 * to one size does not swallow the rest. A header right at the front is a nested tar and stays
 * whole. */
static uint64_t cut_member(struct unpack_stream *stream, uint64_t data)
{
    stored_note(&stream->notes, ASSAY_ERR_TRUNCATED, "a member is longer than the archive");
    if (tar_checks(tar_block(stream->input, data)))
        return stream->input.size - data;
    return find_header(stream->input, data, true) - data;
}

/* Old GNU sparse: further blocks of the map lie between header and data. */
static uint64_t skip_sparse_map(struct view input, uint64_t data)
{
    bool more = true;
    while (more && view_has(input, data, TAR_BLOCK)) {
        more = input.data[data + 504] != 0;
        data += TAR_BLOCK;
    }
    return data;
}

/* Links, devices and directories: some programs write a size without bytes behind it. */
static bool has_no_data(struct unpack_stream *stream, uint64_t data)
{
    uint8_t type = stream->header.type;
    struct view block = tar_block(stream->input, data);
    return type >= '1' && type <= '6' && (tar_checks(block) || bytes_are_zero(block));
}

/* Moves past `size` bytes at `data` and their padding. */
static void step_over(struct unpack_stream *stream, uint64_t data, uint64_t size)
{
    uint64_t left = stream->input.size - data - size;
    uint64_t padding = (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;
    stream->at = data + size;
    stream->padding = padding < left ? padding : left;
}

static struct assay_bytes member_name(const struct unpack_stream *stream)
{
    struct assay_bytes name = {stream->header.name, stream->header.name_size};
    if (stream->pax.has_path)
        name = stream->pax.path;
    if (name.size > NAME_MAX_SHOWN)
        name.size = NAME_MAX_SHOWN;
    return name;
}

/* A member whose bytes begin at `data`. False when there are none. */
static bool take_member(struct unpack_stream *stream, uint64_t data,
                        struct unpack_member *ret_member)
{
    struct tar_header *header = &stream->header;
    struct tar_pax pax = stream->pax;
    uint64_t size = pax.has_size ? pax.size : header->size;
    if (header->type == 'S' && header->is_extended)
        data = skip_sparse_map(stream->input, data);
    if (has_no_data(stream, data))
        size = 0;
    if (size > stream->input.size - data)
        size = cut_member(stream, data);
    if (header->type == 'M')
        stored_note(&stream->notes, ASSAY_ERR_MISSING_VOLUME, "a member begins in another volume");
    step_over(stream, data, size);

    struct view stored = view_sub(stream->input, data, size);
    if (pax.sparse_map)
        stored = view_sub(stored, tar_sparse_map_size(stored), stored.size);
    bool given = stored_give(member_name(stream), stored, ret_member);
    stream->pax = stream->global;
    stream->is_announced = false;
    return given;
}

/* Headers that say something about the next one. False when this is none of those, or its body is
 * not all there: then it is a member like any other. */
static bool take_extension(struct unpack_stream *stream, uint64_t data)
{
    struct tar_header *header = &stream->header;
    if (!header->type || !strchr("LKxXg", header->type) ||
        !view_has(stream->input, data, header->size))
        return false;
    struct view body = view_sub(stream->input, data, header->size);
    step_over(stream, data, header->size);
    stream->is_announced = stream->is_announced || header->type != 'g';
    if (header->type == 'L') {
        size_t length = body.size ? strnlen((const char *)body.data, body.size) : 0;
        stream->pax.path = (struct assay_bytes){body.data, length};
        stream->pax.has_path = length > 0;
    } else if (header->type != 'K') {
        bool global = header->type == 'g';
        status parsed = tar_pax_parse(body, global ? &stream->global : &stream->pax);
        if (parsed < 0)
            stored_note(&stream->notes, parsed, "a pax header is malformed");
        if (global)
            stream->pax = stream->global;
    }
    return true;
}

/* Reads the header at `at`. True when it led to a member with bytes. */
static bool take_header(struct unpack_stream *stream, struct unpack_member *ret_member)
{
    tar_header_parse(tar_block(stream->input, stream->at), &stream->header);
    stream->is_open = true;
    uint64_t data = stream->at + TAR_BLOCK;
    if (!stream->header.has_size) {
        stored_note(&stream->notes, ASSAY_ERR_CORRUPT, "a member's size is no number");
        stream->header.size = 0;
    }
    return !take_extension(stream, data) && take_member(stream, data, ret_member);
}

static status tar_next(struct unpack_stream *stream, struct unpack_member *ret_member)
{
    while (stream->at < stream->input.size) {
        uint64_t from = stream->at;
        if (stream->padding > 0) {
            stream->at += stream->padding;
            stream->padding = 0;
            if (residue_give(&stream->residue, stream->input, from, stream->at, ret_member))
                return ASSAY_OK;
            continue;
        }
        struct view block = view_sub(stream->input, from, TAR_BLOCK);
        if (bytes_are_zero(block)) {
            stream->is_open = false;
            stream->at += block.size;
            continue;
        }
        /* In the middle of something the archive ends where it does not go on. */
        if (stream->env->is_embedded && !tar_checks(block)) {
            stream->env->covers_to = from;
            return ASSAY_END;
        }
        bool given =
            tar_checks(block) ? take_header(stream, ret_member) : skip_damage(stream, ret_member);
        if (given)
            return ASSAY_OK;
    }
    if (stream->is_announced)
        stored_note(&stream->notes, ASSAY_ERR_TRUNCATED,
                    "the archive ends before a member that is announced");
    /* Two blocks of zeros; all writers keep to it, though some write only one. */
    else if (stream->is_open)
        stored_note(&stream->notes, ASSAY_ERR_TRUNCATED, "the archive has no mark of its end");
    return ASSAY_END;
}

static void tar_close(struct unpack_stream *stream)
{
    free(stream);
}

const struct unpacker unpack_tar = {
    .name = "tar",
    .identify = tar_identify,
    .open = tar_open,
    .next = tar_next,
    .read = stored_read,
    .close = tar_close,
    .magics = {UNPACK_MAGIC("ustar", 257)},
    .is_genuine = tar_is_genuine,
};
