#include "unpack/cpio_header.h"

#include "base/bytes.h"

static const struct cpio_form forms[] = {
    {"070701", 6, 110, 4, CPIO_HEXADECIMAL, {14, 8}, {94, 8}, {54, 8}, {0, 0}},
    {"070702", 6, 110, 4, CPIO_HEXADECIMAL, {14, 8}, {94, 8}, {54, 8}, {102, 8}},
    {"070707", 6, 76, 1, CPIO_OCTAL, {18, 6}, {59, 6}, {65, 11}, {0, 0}},
    {"\xc7\x71", 2, 26, 2, CPIO_LITTLE_ENDIAN, {6, 2}, {20, 2}, {22, 4}, {0, 0}},
    {"\x71\xc7", 2, 26, 2, CPIO_BIG_ENDIAN, {6, 2}, {20, 2}, {22, 4}, {0, 0}},
    {"07070X", 6, 14, 4, CPIO_HEXADECIMAL, {0, 0}, {0, 0}, {0, 0}, {0, 0}},
};

static bool is_binary(const struct cpio_form *form)
{
    return form->numbers == CPIO_LITTLE_ENDIAN || form->numbers == CPIO_BIG_ENDIAN;
}

/* The value of a digit; 16 for what is none. */
static unsigned digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - (unsigned)'0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - (unsigned)'a' + 10 : 16;
}

/* Digits and nothing else. At most 11 of them are ever used as a number. */
static bool parse_digits(struct view text, unsigned base, uint64_t *ret_value)
{
    uint64_t value = 0;
    for (uint64_t i = 0; i < text.size; i++) {
        unsigned next = digit(text.data[i]);
        if (next >= base)
            return false;
        value = value * base + next;
    }
    *ret_value = value;
    return text.size > 0;
}

/* Binary numbers are of 16 bits; of two the upper stands first, in either byte order. */
static bool parse_binary(struct view bytes, bool big_endian, uint64_t *ret_value)
{
    uint64_t value = 0;
    for (uint64_t i = 0; i < bytes.size; i += 2) {
        uint16_t word;
        if (big_endian ? !bytes_u16be(bytes, i, &word) : !bytes_u16le(bytes, i, &word))
            return false;
        value = value << 16 | word;
    }
    *ret_value = value;
    return true;
}

static bool parse(const struct cpio_form *form, struct view header, struct cpio_field field,
                  uint64_t *ret_value)
{
    struct view bytes = view_sub(header, field.at, field.size);
    *ret_value = 0;
    if (field.size == 0)
        return true;
    if (is_binary(form))
        return parse_binary(bytes, form->numbers == CPIO_BIG_ENDIAN, ret_value);
    return parse_digits(bytes, form->numbers == CPIO_OCTAL ? 8 : 16, ret_value);
}

static const struct cpio_form *find_form(struct view input, uint64_t offset)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (view_starts(input, offset, forms[i].magic, forms[i].magic_size) &&
            view_has(input, offset, forms[i].header_size))
            return &forms[i];
    return NULL;
}

bool cpio_is_trailer(struct view input, uint64_t offset, const struct cpio_header *header)
{
    return header->name_size >= sizeof(CPIO_TRAILER) &&
           view_starts(input, offset + header->form->header_size, CPIO_TRAILER,
                       sizeof(CPIO_TRAILER));
}

/* A name of a sane length that ends with a NUL, and does not begin with one. */
static bool has_sound_name(struct view input, uint64_t offset, const struct cpio_header *header)
{
    struct view name = view_sub(input, offset + header->form->header_size, header->name_size);
    return header->name_size > 1 && header->name_size <= CPIO_NAME_MAX &&
           name.size == header->name_size && name.data[0] != 0 && name.data[name.size - 1] == 0;
}

/* One of the seven kinds of file. The trailer is none. */
static bool has_sound_type(struct view input, uint64_t offset, const struct cpio_header *header)
{
    static const uint16_t types =
        1U << 1 | 1U << 2 | 1U << 4 | 1U << 6 | 1U << 8 | 1U << 10 | 1U << 12;
    return types >> cpio_file_type(header) & 1 || cpio_is_trailer(input, offset, header);
}

bool cpio_header_is_sound(struct view input, uint64_t offset)
{
    struct cpio_header header;
    const struct cpio_form *form = find_form(input, offset);
    if (!form || !cpio_header_read(input, offset, &header))
        return false;
    if (cpio_is_stripped(form))
        return view_starts(input, offset + form->header_size, "\0\0", 2);
    uint64_t number;
    struct view fields =
        view_sub(input, offset + form->magic_size, (uint64_t)form->header_size - form->magic_size);
    if (!is_binary(form) && !parse_digits(fields, form->numbers == CPIO_OCTAL ? 8 : 16, &number))
        return false;
    return has_sound_name(input, offset, &header) && has_sound_type(input, offset, &header);
}

bool cpio_header_read(struct view input, uint64_t offset, struct cpio_header *ret_header)
{
    const struct cpio_form *form = find_form(input, offset);
    if (!form)
        return false;
    struct view bytes = view_sub(input, offset, form->header_size);
    uint64_t mode, sum;
    struct cpio_header header = {.form = form};
    if (!parse(form, bytes, form->mode, &mode) || !parse(form, bytes, form->sum, &sum) ||
        !parse(form, bytes, form->name_size, &header.name_size) ||
        !parse(form, bytes, form->size, &header.size))
        return false;
    header.mode = (uint32_t)mode;
    header.sum = (uint32_t)sum;
    uint64_t number;
    if (cpio_is_stripped(form) && !parse_digits(view_sub(bytes, form->magic_size, 8), 16, &number))
        return false;
    /* Two bytes of magic are little: there, the name must be sound as well. */
    if (is_binary(form) &&
        !(has_sound_name(input, offset, &header) && has_sound_type(input, offset, &header)))
        return false;
    *ret_header = header;
    return true;
}

uint64_t cpio_find_header(struct view input, uint64_t offset, const struct cpio_form *form)
{
    const char *magic = is_binary(form) ? form->magic : "07070";
    size_t magic_size = strlen(magic);
    for (;; offset++) {
        struct view rest = view_sub(input, offset, UINT64_MAX);
        const uint8_t *found = rest.size ? memmem(rest.data, rest.size, magic, magic_size) : NULL;
        if (!found)
            return input.size;
        offset += (uint64_t)(found - rest.data);
        if (cpio_header_is_sound(input, offset))
            return offset;
    }
}
