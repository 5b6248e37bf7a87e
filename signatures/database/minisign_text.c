#include "signatures/database/minisign_text.h"

#include <sodium.h>

static status refuse(const struct minisign_text *text, const char *why)
{
    return error_set(text->error, ASSAY_ERR_CORRUPT, "not a minisign %s: %s", text->what, why);
}

status minisign_text_open(struct view text, const char *what, struct error *error,
                          struct minisign_text *ret_text)
{
    *ret_text = (struct minisign_text){.rest = text, .what = what, .error = error};
    if (text.size == 0)
        return refuse(ret_text, "it is empty");
    if (text.size > MINISIGN_TEXT_MAX)
        return refuse(ret_text, "it is too long");
    /* minisign takes it for the end of a line, and what it would not see shall not count here. */
    if (memchr(text.data, 0, text.size))
        return refuse(ret_text, "it has a NUL byte");
    return ASSAY_OK;
}

/* The next line without its end, which the last one need not have. */
static struct assay_bytes take_line(struct minisign_text *text)
{
    struct view rest = text->rest;
    const uint8_t *newline = rest.size > 0 ? memchr(rest.data, '\n', rest.size) : NULL;
    size_t size = newline ? (size_t)(newline - rest.data) : rest.size;
    text->rest = view_sub(rest, size + (newline != NULL), UINT64_MAX);
    if (newline && size > 0 && rest.data[size - 1] == '\r')
        size--;
    return (struct assay_bytes){rest.data, size};
}

status minisign_text_comment(struct minisign_text *text, const char *prefix,
                             struct assay_bytes *ret_comment)
{
    struct assay_bytes line = take_line(text);
    size_t size = strlen(prefix);
    if (line.size < size || memcmp(line.data, prefix, size) != 0)
        return error_set(text->error, ASSAY_ERR_CORRUPT,
                         "not a minisign %s: no line that begins with '%s'", text->what, prefix);
    *ret_comment = (struct assay_bytes){line.data + size, line.size - size};
    return ASSAY_OK;
}

/* libsodium 1.0.18 takes each of the others for a '/'. */
static bool is_ascii(struct assay_bytes line)
{
    uint8_t all = 0;
    for (size_t i = 0; i < line.size; i++)
        all |= line.data[i];
    return all < 0x80;
}

status minisign_text_bytes(struct minisign_text *text, uint8_t *ret_bytes, size_t size)
{
    struct assay_bytes line = take_line(text);
    if (line.size != (size + 2) / 3 * 4)
        return refuse(text, "its base64 has another length");
    size_t got = 0;
    const char *end = NULL;
    int decoded = sodium_base642bin(ret_bytes, size, (const char *)line.data, line.size, NULL, &got,
                                    &end, sodium_base64_VARIANT_ORIGINAL);
    if (!is_ascii(line) || decoded != 0 || got != size ||
        end != (const char *)line.data + line.size)
        return refuse(text, "its base64 is wrong");
    return ASSAY_OK;
}

status minisign_text_end(const struct minisign_text *text)
{
    return text->rest.size == 0 ? ASSAY_OK : refuse(text, "something follows its end");
}
