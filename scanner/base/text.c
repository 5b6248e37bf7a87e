#include "text.h"

#include <stdio.h>

/* Code points that are valid UTF-8 but invisible, or change how the text around them is drawn. */
static const struct {
    uint32_t first, last;
} unsafe_ranges[] = {
    {0x0080, 0x009f},   /* C1 controls */
    {0x00ad, 0x00ad},   /* soft hyphen */
    {0x034f, 0x034f},   /* combining grapheme joiner */
    {0x061c, 0x061c},   /* Arabic letter mark */
    {0x115f, 0x1160},   /* Hangul fillers */
    {0x17b4, 0x17b5},   /* invisible Khmer vowels */
    {0x180b, 0x180f},   /* Mongolian selectors */
    {0x200b, 0x200f},   /* zero width and direction marks */
    {0x2028, 0x202e},   /* separators, embeddings, overrides */
    {0x2060, 0x206f},   /* word joiner, isolates, deprecated formats */
    {0x3164, 0x3164},   /* Hangul filler */
    {0xfe00, 0xfe0f},   /* variation selectors */
    {0xfeff, 0xfeff},   /* byte order mark */
    {0xffa0, 0xffa0},   /* halfwidth Hangul filler */
    {0xfff0, 0xfffb},   /* specials */
    {0xfffe, 0xffff},   /* not characters */
    {0x13430, 0x1343f}, /* hieroglyph formatting */
    {0x1bca0, 0x1bca3}, /* shorthand formatting */
    {0x1d173, 0x1d17a}, /* musical formatting */
    {0xe0000, 0xe0fff}, /* tags, more variation selectors */
};

static bool is_unsafe(uint32_t code)
{
    for (size_t i = 0; i < sizeof(unsafe_ranges) / sizeof(unsafe_ranges[0]); i++) {
        if (code >= unsafe_ranges[i].first && code <= unsafe_ranges[i].last)
            return true;
    }
    return false;
}

/* Lead bytes by their high bits; `minimum` refuses overlong forms. */
static const struct {
    uint8_t mask, bits, length;
    uint32_t minimum;
} leads[] = {
    {0x80, 0x00, 1, 0x00},
    {0xe0, 0xc0, 2, 0x80},
    {0xf0, 0xe0, 3, 0x800},
    {0xf8, 0xf0, 4, 0x10000},
};

/* Decodes one code point of well-formed UTF-8 (RFC 3629). Returns its length in bytes, 0 when the
 * bytes are not one. */
static size_t decode(const uint8_t *bytes, size_t size, uint32_t *ret_code)
{
    for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++) {
        if ((bytes[0] & leads[i].mask) != leads[i].bits)
            continue;
        size_t length = leads[i].length;
        if (length > size)
            return 0;
        uint32_t code = bytes[0] & (uint8_t)~leads[i].mask;
        for (size_t k = 1; k < length; k++) {
            if ((bytes[k] & 0xc0) != 0x80)
                return 0;
            code = code << 6 | (bytes[k] & 0x3f);
        }
        if (code < leads[i].minimum || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
            return 0;
        *ret_code = code;
        return length;
    }
    return 0;
}

/* Takes one piece of the input: how many bytes it is, and what stands for it when it cannot stand
 * for itself ("" when it can). */
static size_t take_piece(const uint8_t *bytes, size_t size, char ret_escape[16])
{
    uint32_t code;
    size_t length = decode(bytes, size, &code);
    ret_escape[0] = 0;
    if (length == 0 || code < 0x20 || code == 0x7f) {
        snprintf(ret_escape, 16, "\\x%02x", bytes[0]);
        return 1;
    }
    if (code == '\\')
        snprintf(ret_escape, 16, "\\\\");
    else if (code == '!' && size > 1 && bytes[1] == '/')
        snprintf(ret_escape, 16, "\\x21");
    else if (code > 0x7f && is_unsafe(code))
        snprintf(ret_escape, 16, "\\u{%x}", (unsigned)code);
    return length;
}

status text_escape(struct buffer *out, struct assay_bytes bytes)
{
    char escape[16];
    size_t plain = 0; /* start of the bytes that stand for themselves and are not yet appended */
    size_t at = 0;
    while (at < bytes.size) {
        size_t length = take_piece(bytes.data + at, bytes.size - at, escape);
        if (escape[0]) {
            TRY(buffer_append(out, bytes.data + plain, at - plain));
            TRY(buffer_append_text(out, escape));
            plain = at + length;
        }
        at += length;
    }
    if (plain == at)
        return ASSAY_OK;
    return buffer_append(out, bytes.data + plain, at - plain);
}

bool text_is_plain(struct assay_bytes bytes)
{
    char escape[16];
    size_t at = 0;
    while (at < bytes.size) {
        at += take_piece(bytes.data + at, bytes.size - at, escape);
        if (escape[0])
            return false;
    }
    return true;
}

status text_object_name(struct buffer *out, struct assay_bytes path,
                        const struct assay_object *object)
{
    TRY(text_escape(out, path));
    for (size_t i = 0; i < object->member_count; i++) {
        const struct assay_member *member = &object->members[i];
        TRY(buffer_append_text(out, "!/"));
        TRY(text_escape(out, member->name));
        if (member->occurrence > 1)
            TRY(buffer_append_format(out, "#%u", member->occurrence));
    }
    return ASSAY_OK;
}
