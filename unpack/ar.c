/*
 * ar: static libraries, Debian packages. A magic, then members: a header of 60 bytes and the bytes
 * as they are, filled up to an even size. All are given, tables of symbols and of names as well.
 *
 * An archive has no end of its own: where no header stands, one is looked for, and what lies between
 * is given as <residue@OFFSET>.
 *
 * Sources: System V and BSD ar(5), GNU binutils' <ar.h>, deb(5).
 */
#include "base/bytes.h"
#include "unpack/residue.h"
#include "unpack/stored.h"

#include <stdlib.h>

#define MAGIC      "!<arch>\n"
#define HEADER_END "`\n"

enum {
    MAGIC_SIZE = sizeof(MAGIC) - 1,
    HEADER_SIZE = 60,
    NAME_SIZE = 16,
    SIZE_AT = 48,
    SIZE_SIZE = 10,
    END_AT = 58,
    LEFT_OVER_MAX = 2, /* newlines and the like behind the last member */
};

struct unpack_stream {
    struct view input;
    struct unpack_env *env;
    struct stored_notes notes;
    uint64_t at;                     /* what lies before is done with */
    struct view long_names;          /* the last table of them */
    uint64_t hidden_from, hidden_to; /* bytes behind the end of a name, still to be given */
    struct residue residue;
};

/* Digits between blanks. At most as many as a name has, so that the value cannot overflow. */
static bool parse_decimal(struct view text, uint64_t *ret_value)
{
    uint64_t i = 0, value = 0;
    while (i < text.size && text.data[i] == ' ')
        i++;
    uint64_t first = i;
    for (; i < text.size && text.data[i] >= '0' && text.data[i] <= '9'; i++)
        value = value * 10 + (uint64_t)(text.data[i] - '0');
    uint64_t end = i;
    while (i < text.size && text.data[i] == ' ')
        i++;
    *ret_value = value;
    return end > first && i == text.size;
}

static bool parse_size(struct view input, uint64_t at, uint64_t *ret_size)
{
    return parse_decimal(view_sub(input, at + SIZE_AT, SIZE_SIZE), ret_size);
}

static bool has_end(struct view input, uint64_t at)
{
    return view_starts(input, at + END_AT, HEADER_END, 2);
}

/* Numbers that stand at the left of their fields, so that a header is none a few bytes off. All but
 * the size may be missing. */
static bool has_sound_fields(struct view input, uint64_t at)
{
    static const uint8_t sizes[] = {12, 6, 6, 8, SIZE_SIZE}; /* date, owner, group, mode, size */
    uint64_t field = at + NAME_SIZE, size;
    if (!view_has(input, at, HEADER_SIZE))
        return false;
    for (size_t i = 0; i < sizeof(sizes); field += sizes[i++]) {
        bool in_number = true;
        for (uint64_t j = 0; j < sizes[i]; j++) {
            uint8_t c = input.data[field + j];
            bool is_digit = (c >= '0' && c <= '9') || (c == '-' && j == 0);
            if (is_digit ? !in_number : c != ' ')
                return false;
            in_number = is_digit;
        }
    }
    return parse_size(input, at, &size);
}

static bool is_magic(struct view input, uint64_t at)
{
    return view_starts(input, at, MAGIC, MAGIC_SIZE);
}

/* Where the archive goes on: a byte of padding may stand before a header,
 * or be missing. Half of the header will do. */
static bool find_expected(struct view input, uint64_t at, bool (*is_sign)(struct view, uint64_t),
                          uint64_t *ret_at)
{
    *ret_at = is_sign(input, at) ? at : at + 1;
    return is_sign(input, *ret_at);
}

static bool find_expected_header(struct view input, uint64_t at, uint64_t *ret_at)
{
    return find_expected(input, at, has_end, ret_at) ||
           find_expected(input, at, has_sound_fields, ret_at);
}

/* The next sound header at or behind `offset`; the size of the input when there is none. */
static uint64_t find_header(struct view input, uint64_t offset)
{
    for (;;) {
        struct view rest = view_sub(input, offset + END_AT, UINT64_MAX);
        const uint8_t *found = rest.size ? memmem(rest.data, rest.size, HEADER_END, 2) : NULL;
        if (!found)
            return input.size;
        offset += (uint64_t)(found - rest.data);
        if (has_sound_fields(input, offset))
            return offset;
        offset++;
    }
}

static unsigned ar_identify(struct view input)
{
    return is_magic(input, 0) ? MAGIC_SIZE * 8 : 0;
}

static bool ar_is_genuine(struct view input)
{
    return is_magic(input, 0) && has_end(input, MAGIC_SIZE) && has_sound_fields(input, MAGIC_SIZE);
}

static status ar_open(struct view input, struct unpack_env *env, struct unpack_stream **ret_stream)
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

/* Of a member whose size is no number, or more than there is: the bytes up to the next sound header,
 * so that damage to one size does not swallow the rest. An archive in the archive stays whole. */
static uint64_t cut_member(struct view input, uint64_t data)
{
    return is_magic(input, data) ? input.size - data : find_header(input, data) - data;
}

/* GNU: the name stands in a table, ended by a slash and a newline, or, from Microsoft, by NUL. */
static struct view long_name(struct view table, uint64_t offset)
{
    struct view rest = view_sub(table, offset, STORED_NAME_MAX);
    const uint8_t *end = rest.size ? memchr(rest.data, '\n', rest.size) : NULL;
    return end ? view_sub(rest, 0, (uint64_t)(end - rest.data)) : rest;
}

/* Takes a name that BSD put in front of the member's bytes off them. */
static bool take_bsd_name(struct unpack_stream *stream, uint64_t size, struct view *bytes,
                          struct view *ret_name)
{
    if (size > bytes->size || size > STORED_NAME_MAX) {
        stored_note(&stream->notes, ASSAY_ERR_CORRUPT, "a name is longer than its member");
        return false;
    }
    uint64_t from = (uint64_t)(bytes->data - stream->input.data);
    *ret_name = view_sub(*bytes, 0, size);
    *bytes = view_sub(*bytes, size, UINT64_MAX);
    stream->hidden_from = from + stored_name(*ret_name).size;
    stream->hidden_to = from + size;
    return true;
}

static struct assay_bytes take_name(struct unpack_stream *stream, struct view field,
                                    struct view *bytes)
{
    uint64_t number;
    struct view name = field;
    if (view_starts(field, 0, "#1/", 3) && parse_decimal(view_sub(field, 3, NAME_SIZE), &number) &&
        number > 0 && take_bsd_name(stream, number, bytes, &name))
        return stored_name(name);
    if (view_starts(field, 0, "// ", 3))
        stream->long_names = *bytes;
    else if (view_starts(field, 0, "/", 1) &&
             parse_decimal(view_sub(field, 1, NAME_SIZE), &number) &&
             number < stream->long_names.size)
        name = long_name(stream->long_names, number);
    while (name.size > 1 && name.data[name.size - 1] == ' ')
        name.size--;
    if (name.size > 1 && name.data[0] != '/' && name.data[name.size - 1] == '/')
        name.size--;
    return stored_name(name);
}

/* The member whose header stands at `at`. False when it has no bytes. */
static bool take_member(struct unpack_stream *stream, uint64_t at, struct unpack_member *ret_member)
{
    struct view input = stream->input;
    uint64_t data = at + HEADER_SIZE, size;
    bool has_size = parse_size(input, at, &size);
    if (!has_size || !has_end(input, at))
        stored_note(&stream->notes, ASSAY_ERR_CORRUPT, "a header is damaged");
    if (has_size && size > input.size - data)
        stored_note(&stream->notes, ASSAY_ERR_TRUNCATED, "a member is longer than the archive");
    if (!has_size || size > input.size - data)
        size = cut_member(input, data);
    stream->at = data + size;
    struct view bytes = view_sub(input, data, size);
    struct assay_bytes name = take_name(stream, view_sub(input, at, NAME_SIZE), &bytes);
    return stored_give(name, bytes, ret_member);
}

static bool is_left_over(struct view rest)
{
    return rest.size <= LEFT_OVER_MAX || bytes_are_zero(rest);
}

/* Steps over what is no header, up to the next. True when a member was given for it. */
static bool skip_damage(struct unpack_stream *stream, struct unpack_member *ret_member)
{
    uint64_t from = stream->at;
    struct view rest = view_sub(stream->input, from, UINT64_MAX);
    stream->at = find_header(stream->input, from);
    if (is_left_over(rest))
        return false;
    if (rest.size < HEADER_SIZE)
        stored_note(&stream->notes, ASSAY_ERR_TRUNCATED, "the last header is cut short");
    else
        stored_note(&stream->notes, ASSAY_ERR_CORRUPT, "bytes that no header accounts for");
    return residue_give(&stream->residue, stream->input, from, stream->at, ret_member);
}

static bool take_hidden(struct unpack_stream *stream, struct unpack_member *ret_member)
{
    uint64_t from = stream->hidden_from;
    stream->hidden_from = stream->hidden_to;
    return residue_give(&stream->residue, stream->input, from, stream->hidden_to, ret_member);
}

static status ar_next(struct unpack_stream *stream, struct unpack_member *ret_member)
{
    struct view input = stream->input;
    for (;;) {
        if (take_hidden(stream, ret_member))
            return ASSAY_OK;
        uint64_t at;
        bool given = false;
        if (find_expected(input, stream->at, is_magic, &at)) {
            stream->at = at + MAGIC_SIZE;
            stream->long_names = (struct view){NULL, 0};
        } else if (find_expected_header(input, stream->at, &at)) {
            given = take_member(stream, at, ret_member);
        } else if (stream->at == input.size || stream->env->is_embedded) {
            break;
        } else {
            given = skip_damage(stream, ret_member);
        }
        if (given)
            return ASSAY_OK;
    }
    stream->env->covers_to = stream->at;
    return ASSAY_END;
}

static void ar_close(struct unpack_stream *stream)
{
    free(stream);
}

const struct unpacker unpack_ar = {
    .name = "ar",
    .identify = ar_identify,
    .open = ar_open,
    .next = ar_next,
    .read = stored_read,
    .close = ar_close,
    .magics = {UNPACK_MAGIC(MAGIC, 0)},
    .is_genuine = ar_is_genuine,
};
