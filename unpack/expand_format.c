#include "unpack/expand_format.h"

#include "base/bytes.h"

bool expand_parse_szdd(struct view input, struct expand_header *ret_header)
{
    struct expand_header header = {.kind = EXPAND_SZDD, .mode = 'A', .has_length = true};
    if (view_starts(input, 0, EXPAND_QBASIC_MAGIC, EXPAND_MAGIC_SIZE)) {
        header.kind = EXPAND_QBASIC;
        header.data = EXPAND_MAGIC_SIZE;
    } else {
        header.data = EXPAND_MAGIC_SIZE + 2; /* the mode, and a letter of the file's name */
        if (!bytes_u8(input, EXPAND_MAGIC_SIZE, &header.mode))
            return false;
    }
    if (!bytes_u32le(input, header.data, &header.length))
        return false;
    header.data += sizeof(header.length);
    *ret_header = header;
    return true;
}

/* Appends a string of at most `most` bytes, its NUL included. */
static bool append_name(struct view input, uint64_t *offset, size_t most,
                        struct expand_header *header)
{
    uint8_t byte = 1;
    for (size_t i = 0; i < most && byte != 0; i++) {
        if (!bytes_u8(input, (*offset)++, &byte))
            return false;
        if (byte != 0)
            header->name[header->name_length++] = (char)byte;
    }
    return byte == 0;
}

/* The optional fields, in the order of their flags. False when they are not what they should be. */
static bool parse_kwaj_options(struct view input, struct expand_header *header)
{
    enum { LENGTH = 1, UNKNOWN = 2, SKIPPED = 4, NAME = 8, EXTENSION = 16, TEXT = 32, ALL = 63 };
    uint64_t at = EXPAND_KWAJ_SIZE;
    uint16_t skipped = 0;
    header->has_length = (header->flags & LENGTH) && bytes_u32le(input, at, &header->length);
    at += header->flags & LENGTH ? 4 : 0;
    at += header->flags & UNKNOWN ? 2 : 0;
    if ((header->flags & SKIPPED) && !bytes_u16le(input, at, &skipped))
        return false;
    at += header->flags & SKIPPED ? 2u + skipped : 0;
    if ((header->flags & NAME) && !append_name(input, &at, 9, header))
        return false;
    if (header->flags & EXTENSION) {
        header->name[header->name_length++] = '.';
        if (!append_name(input, &at, 4, header))
            return false;
    }
    return at <= header->data && !(header->flags & ~ALL);
}

bool expand_parse_kwaj(struct view input, struct expand_header *ret_header)
{
    struct expand_header header = {.kind = EXPAND_KWAJ};
    uint16_t data;
    if (!bytes_u16le(input, 8, &header.method) || !bytes_u16le(input, 10, &data) ||
        !bytes_u16le(input, 12, &header.flags))
        return false;
    header.data = data;
    header.is_sane = data >= EXPAND_KWAJ_SIZE && parse_kwaj_options(input, &header);
    *ret_header = header;
    return true;
}

bool expand_is_szdd(struct view input)
{
    return view_starts(input, 0, EXPAND_SZDD_MAGIC, EXPAND_MAGIC_SIZE) ||
           view_starts(input, 0, EXPAND_QBASIC_MAGIC, EXPAND_MAGIC_SIZE);
}

bool expand_is_kwaj(struct view input)
{
    return view_starts(input, 0, EXPAND_KWAJ_MAGIC, EXPAND_MAGIC_SIZE);
}

/* ---- where they end ------------------------------------------------------------------------- */

/* Of LZSS that decodes to so many bytes: eight items behind a byte of flags, each a byte or a match
 * of 3 to 18. */
static uint64_t find_lzss_end(struct view data, uint64_t length)
{
    uint64_t at = 0, decoded = 0;
    while (decoded < length && at < data.size) {
        unsigned flags = data.data[at++];
        for (int i = 0; i < 8 && decoded < length && at < data.size; i++, flags >>= 1) {
            bool is_match = !(flags & 1);
            uint8_t second = 0;
            if (is_match && !bytes_u8(data, at + 1, &second))
                return data.size;
            decoded += is_match ? (second & 0x0fu) + 3u : 1u;
            at += is_match ? 2 : 1;
        }
    }
    return at;
}

static bool has_end(const struct expand_header *header)
{
    return header->has_length && (header->kind != EXPAND_KWAJ || header->method <= KWAJ_LZSS);
}

uint64_t expand_find_end(struct view input, const struct expand_header *header)
{
    struct view data = view_sub(input, header->data, UINT64_MAX);
    if (!has_end(header) || header->data > input.size)
        return input.size;
    if (header->kind == EXPAND_KWAJ && header->method != KWAJ_LZSS)
        return header->data + view_sub(data, 0, header->length).size;
    return header->data + find_lzss_end(data, header->length);
}

bool expand_szdd_is_genuine(struct view input)
{
    enum { EXPANSION_MAX = 9 };
    struct expand_header header;
    return expand_is_szdd(input) && expand_parse_szdd(input, &header) && header.mode == 'A' &&
           header.length > 0 && header.length / EXPANSION_MAX < input.size;
}

/* Without a known end it would swallow whatever follows. */
bool expand_kwaj_is_genuine(struct view input)
{
    struct expand_header header;
    return expand_is_kwaj(input) && expand_parse_kwaj(input, &header) && header.is_sane &&
           has_end(&header);
}
