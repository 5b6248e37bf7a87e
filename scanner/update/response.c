#include "update/response.h"

#include <strings.h>

#define NUMBER_MAX ((uint64_t)INT64_MAX)

static bool is_digit(struct view text, uint64_t at)
{
    return at < text.size && text.data[at] >= '0' && text.data[at] <= '9';
}

static bool take_number(struct view *text, uint64_t *ret_number)
{
    uint64_t number = 0, at = 0;
    for (; is_digit(*text, at); at++) {
        unsigned digit = text->data[at] - (unsigned)'0';
        if (number > (NUMBER_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *text = view_sub(*text, at, text->size);
    *ret_number = number;
    return at > 0;
}

static bool take_text(struct view *text, const char *word)
{
    if (!view_starts(*text, 0, word, strlen(word)))
        return false;
    *text = view_sub(*text, strlen(word), text->size);
    return true;
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static struct view trim(struct view text)
{
    while (text.size && is_blank(text.data[text.size - 1]))
        text.size--;
    while (text.size && is_blank(text.data[0]))
        text = view_sub(text, 1, text.size);
    return text;
}

/* "bytes 100-199/200", or an asterisk for the part. Without the total, nobody could tell whether the
 * part is the end of the file. */
static enum response_range parse_range(struct view text, struct response *response)
{
    text = trim(text);
    if (!take_text(&text, "bytes "))
        return RANGE_UNCERTAIN;
    if (take_text(&text, "*/"))
        return take_number(&text, &response->total) && text.size == 0 ? RANGE_NO_PART
                                                                      : RANGE_UNCERTAIN;
    if (!take_number(&text, &response->first) || !take_text(&text, "-") ||
        !take_number(&text, &response->last) || !take_text(&text, "/") ||
        !take_number(&text, &response->total) || text.size)
        return RANGE_UNCERTAIN;
    bool lies_inside = response->first <= response->last && response->last < response->total;
    return lies_inside ? RANGE_PART : RANGE_UNCERTAIN;
}

void response_take_line(struct response *response, struct view line)
{
    static const char name[] = "content-range:";
    size_t size = sizeof(name) - 1;
    if (take_text(&line, "HTTP/")) {
        *response = (struct response){.status = 0};
        const uint8_t *blank = line.size ? memchr(line.data, ' ', line.size) : NULL;
        uint64_t code = 0;
        line = view_sub(line, blank ? (uint64_t)(blank - line.data) + 1 : line.size, line.size);
        if (take_number(&line, &code) && code < 1000)
            response->status = (unsigned)code;
    } else if (line.size >= size && strncasecmp((const char *)line.data, name, size) == 0) {
        enum response_range range = parse_range(view_sub(line, size, line.size), response);
        response->range = response->range == RANGE_NONE ? range : RANGE_UNCERTAIN;
    }
}

const char *response_status_words(unsigned code)
{
    static const struct {
        unsigned code;
        const char *words;
    } known[] = {
        {401, " (wants a password)"},
        {403, " (forbidden)"},
        {404, " (not found)"},
        {407, " (proxy password)"},
        {410, " (gone)"},
        {429, " (too many requests)"},
        {451, " (for legal reasons)"},
        {500, " (server error)"},
        {502, " (bad gateway)"},
        {503, " (unavailable)"},
        {504, " (gateway timeout)"},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (known[i].code == code)
            return known[i].words;
    }
    return "";
}
