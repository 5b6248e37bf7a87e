#include "base/text.h"
#include "signatures/database/import_kind.h"

#include <stdio.h>
#include <string.h>

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static struct view trim(struct view line)
{
    while (line.size > 0 && is_blank(line.data[line.size - 1]))
        line.size--;
    while (line.size > 0 && is_blank(line.data[0])) {
        line.data++;
        line.size--;
    }
    return line;
}

bool import_next_line(struct import_file *file, struct view *ret_line)
{
    struct view rest = view_sub(file->text, file->at, UINT64_MAX);
    struct view line;
    if (!view_next_line(&rest, &line))
        return false;
    file->at = file->text.size - rest.size;
    file->line++;
    *ret_line = trim(line);
    return true;
}

status import_skip(struct import_file *file, const char *reason)
{
    if (file->skipped++ == 0) {
        file->first_skipped = file->line;
        snprintf(file->first_reason, sizeof(file->first_reason), "%s", reason);
    }
    if (file->skipped > IMPORT_SKIPS_MAX)
        return error_set(file->error, ASSAY_ERR_CORRUPT,
                         "%.90s: more than %d lines cannot be taken, the first is line %lld: %s",
                         file->name, IMPORT_SKIPS_MAX, (long long)file->first_skipped,
                         file->first_reason);
    return source_set_skip(file->importer->set, file->name, file->line, reason);
}

status import_skip_double(struct import_file *file, int64_t line)
{
    char words[64];
    snprintf(words, sizeof(words), "line %lld says the same", (long long)line);
    return import_skip(file, words);
}

/* Makes an escaped name one without backslashes, which need no escaping then. */
static void strip_backslashes(struct buffer *name)
{
    size_t out = 0;
    for (size_t i = 0; i < name->size; i++) {
        uint8_t c = name->data[i];
        if (c == '\\' && i + 1 < name->size && name->data[i + 1] == '\\') {
            c = out > 0 && name->data[out - 1] == '!' ? '_' : '/';
            i++;
        } else if (c == '\\') {
            c = '?';
        }
        name->data[out++] = c;
    }
    name->size = out;
}

/* At most `most` bytes of it, and no part of a character. */
static size_t cut(struct assay_bytes name, size_t most)
{
    if (name.size <= most)
        return name.size;
    size_t size = most;
    while (size > 0 && (name.data[size] & 0xc0) == 0x80)
        size--;
    return size;
}

status import_take_hash(struct import_file *file, struct hash_line *line)
{
    cleanup(buffer_release) struct buffer name = {NULL, 0, 0};
    if (line->name.size == 0)
        line->name = text_bytes("unnamed");
    line->name.size = cut(line->name, HASH_NAME_MAX);
    if (!text_is_plain(line->name)) {
        TRY(text_escape(&name, line->name));
        strip_backslashes(&name);
        line->name = (struct assay_bytes){name.data, name.size};
        line->name.size = cut(line->name, HASH_NAME_MAX);
    }
    TRY(hash_gather_add(&file->importer->hashes, line));
    file->taken++;
    return ASSAY_OK;
}

status import_add_source(struct import_file *file, const char *ending, struct buffer *text)
{
    cleanup(buffer_release) struct buffer name = {NULL, 0, 0};
    if (text->size == 0)
        return ASSAY_OK;
    TRY(buffer_append_format(&name, "%s%s", file->name, ending));
    TRY(buffer_terminate(&name));
    struct source_file *source;
    TRY(source_set_add(file->importer->set, (const char *)name.data, file->error, &source));
    source->text = *text;
    *text = (struct buffer){NULL, 0, 0};
    return ASSAY_OK;
}

bool import_number(struct view text, uint64_t *ret_number)
{
    uint64_t number = 0;
    for (uint64_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        number = number * 10 + (uint64_t)(text.data[i] - '0');
        if (number > UINT64_C(1) << 32)
            return false;
    }
    *ret_number = number;
    return text.size > 0;
}

static int digit_of(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool import_hex(struct view text, uint8_t *ret_bytes)
{
    for (uint64_t i = 0; i + 1 < text.size; i += 2) {
        int high = digit_of(text.data[i]), low = digit_of(text.data[i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret_bytes[i / 2] = (uint8_t)(high * 16 + low);
    }
    return text.size % 2 == 0;
}

bool import_hash_kind(uint64_t digits, enum hash_kind *ret_kind)
{
    for (int kind = 0; kind < HASH_KINDS; kind++) {
        if (2 * hash_bytes((enum hash_kind)kind) == digits) {
            *ret_kind = (enum hash_kind)kind;
            return true;
        }
    }
    return false;
}

bool import_field(struct view *rest, char separator, struct view *ret_field)
{
    if (!rest->data)
        return false;
    const uint8_t *end = memchr(rest->data, separator, (size_t)rest->size);
    uint64_t size = end ? (uint64_t)(end - rest->data) : rest->size;
    *ret_field = (struct view){rest->data, size};
    *rest = end ? (struct view){end + 1, rest->size - size - 1} : (struct view){NULL, 0};
    return true;
}

bool import_ends(struct view text, const char *ending)
{
    size_t size = strlen(ending);
    return text.size >= size && view_starts(text, text.size - size, ending, size);
}
