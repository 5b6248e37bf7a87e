#include "signatures/database/channel.h"

#include "base/encode.h"

#include <stdio.h>

#define FORMAT_LINE "assay-channel 1\n"
#define NUMBER_MAX  ((uint64_t)INT64_MAX) /* JSON has no larger ones, and manifests are JSON */

/* Takes the value of the next line, which has to be "KEY VALUE\n". */
static status take_line(struct view *rest, const char *key, struct error *error,
                        struct view *ret_value)
{
    size_t size = strlen(key);
    const uint8_t *end = rest->size ? memchr(rest->data, '\n', rest->size) : NULL;
    uint64_t line = end ? (uint64_t)(end - rest->data) : 0;
    if (line <= size || !view_starts(*rest, 0, key, size) || rest->data[size] != ' ')
        return error_set(error, ASSAY_ERR_CORRUPT,
                         "the channel index has no line '%s' where it belongs; tell its publisher",
                         key);
    *ret_value = view_sub(*rest, size + 1, line - size - 1);
    *rest = view_sub(*rest, line + 1, rest->size);
    return ASSAY_OK;
}

static bool is_number(uint64_t number)
{
    return number >= 1 && number <= NUMBER_MAX;
}

/* One text for each number, so that an index has one as well. */
static bool parse_number(struct view text, uint64_t *ret_number)
{
    uint64_t number = 0;
    if (text.size == 0 || text.data[0] == '0')
        return false;
    for (uint64_t i = 0; i < text.size; i++) {
        unsigned digit = text.data[i] - (unsigned)'0';
        if (digit > 9 || number > (NUMBER_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *ret_number = number;
    return true;
}

static bool parse_name(struct view text, char ret_name[MANIFEST_NAME_MAX + 1])
{
    if (text.size > MANIFEST_NAME_MAX || memchr(text.data, 0, text.size))
        return false;
    memcpy(ret_name, text.data, text.size);
    ret_name[text.size] = 0;
    return manifest_name_is_safe(ret_name);
}

static int digit_of(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static bool parse_digest(struct view text, uint8_t ret_digest[32])
{
    if (text.size != 64)
        return false;
    for (size_t i = 0; i < 32; i++) {
        int high = digit_of(text.data[2 * i]);
        int low = digit_of(text.data[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret_digest[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static bool parse_file(struct view text, const struct channel_index *index)
{
    char name[CHANNEL_INDEX_FILE_MAX];
    channel_index_file(index, name);
    return text.size == strlen(name) && memcmp(text.data, name, text.size) == 0;
}

static status refuse(struct error *error, const char *key)
{
    return error_set(error, ASSAY_ERR_CORRUPT,
                     "the line '%s' of the channel index is not what it must be; tell its "
                     "publisher",
                     key);
}

static status parse_lines(struct view rest, struct error *error, struct channel_index *index)
{
    struct view value = {NULL, 0};
    TRY(take_line(&rest, "name", error, &value));
    if (!parse_name(value, index->name))
        return refuse(error, "name");
    TRY(take_line(&rest, "serial", error, &value));
    if (!parse_number(value, &index->serial))
        return refuse(error, "serial");
    TRY(take_line(&rest, "size", error, &value));
    if (!parse_number(value, &index->size))
        return refuse(error, "size");
    TRY(take_line(&rest, "sha256", error, &value));
    if (!parse_digest(value, index->sha256))
        return refuse(error, "sha256");
    TRY(take_line(&rest, "file", error, &value));
    if (!parse_file(value, index))
        return refuse(error, "file");
    if (rest.size)
        return error_set(error, ASSAY_ERR_CORRUPT,
                         "the channel index goes on behind its last line; tell its publisher");
    return ASSAY_OK;
}

status channel_index_parse(struct view text, struct error *error, struct channel_index *ret_index)
{
    if (text.size > CHANNEL_INDEX_BYTES_MAX)
        return error_set(error, ASSAY_ERR_CORRUPT,
                         "the channel index is longer than the %d bytes one may have; check its "
                         "address",
                         CHANNEL_INDEX_BYTES_MAX);
    if (!view_starts(text, 0, FORMAT_LINE, strlen(FORMAT_LINE))) {
        if (view_starts(text, 0, "assay-channel ", 14))
            return error_set(error, ASSAY_ERR_UNSUPPORTED,
                             "the channel index has a format that this version does not know; "
                             "install a newer assay");
        return error_set(error, ASSAY_ERR_CORRUPT,
                         "this is not a channel index; check its address");
    }
    struct channel_index index = {.serial = 0};
    TRY(parse_lines(view_sub(text, strlen(FORMAT_LINE), text.size), error, &index));
    *ret_index = index;
    return ASSAY_OK;
}

void channel_index_file(const struct channel_index *index, char ret_name[CHANNEL_INDEX_FILE_MAX])
{
    snprintf(ret_name, CHANNEL_INDEX_FILE_MAX, "%s-%llu.asdb", index->name,
             (unsigned long long)index->serial);
}

status channel_index_write(const struct channel_index *index, struct buffer *out)
{
    if (!memchr(index->name, 0, sizeof(index->name)) || !manifest_name_is_safe(index->name) ||
        !is_number(index->serial) || !is_number(index->size))
        return ASSAY_ERR_ARGUMENT;
    char file[CHANNEL_INDEX_FILE_MAX];
    channel_index_file(index, file);
    TRY(buffer_append_format(out, FORMAT_LINE "name %s\nserial %llu\nsize %llu\nsha256 ",
                             index->name, (unsigned long long)index->serial,
                             (unsigned long long)index->size));
    TRY(encode_hex(out, (struct assay_bytes){index->sha256, sizeof(index->sha256)}));
    return buffer_append_format(out, "\nfile %s\n", file);
}
