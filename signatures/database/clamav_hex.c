#include "signatures/database/clamav_hex.h"

#include "signatures/database/import_kind.h"

/* libyara cuts a string at gaps that are longer, and looks for the pieces. */
#define GAP_IN_PIECE 200
#define GAP_MAX      1000000000
/* Of what libyara takes and follows in one piece; it has 4096, 10000, 1024 and 128. */
#define PIECE_BYTES_MAX 4000
#define BYTES_MAX       9000
#define STATES_MAX      512
#define SPLITS_MAX      96

struct gap {
    uint64_t least, most;
    bool endless;
};

struct hex {
    struct view text;
    uint64_t at;
    struct buffer *out;
    const char *reason;
    uint64_t bytes; /* of all pieces */
    bool after_gap;
    struct {
        uint64_t most;   /* bytes it can be long */
        uint64_t states; /* that differ because of gaps and alternatives */
        uint64_t splits;
        bool varies; /* in length */
        bool firm;   /* two fixed bytes that differ follow one another */
        int last;    /* fixed byte; -1: none */
    } piece;
};

static status unsupported(struct hex *hex, const char *reason)
{
    hex->reason = reason;
    return ASSAY_ERR_UNSUPPORTED;
}

static int peek(const struct hex *hex, uint64_t ahead)
{
    return view_has(hex->text, hex->at, ahead + 1) ? hex->text.data[hex->at + ahead] : -1;
}

static void begin_piece(struct hex *hex)
{
    memset(&hex->piece, 0, sizeof(hex->piece));
    hex->piece.last = -1;
}

static status end_piece(struct hex *hex)
{
    if (!hex->piece.firm)
        return unsupported(hex, "a part without two different fixed bytes in a row");
    if (hex->piece.most > PIECE_BYTES_MAX)
        return unsupported(hex, "a part that is too long for libyara");
    if (hex->piece.splits > 0 && hex->piece.states > STATES_MAX)
        return unsupported(hex, "too many alternatives and gaps for libyara");
    if (hex->piece.splits > SPLITS_MAX)
        return unsupported(hex, "too many alternatives for libyara");
    return ASSAY_OK;
}

static bool is_nibble(int c)
{
    return c == '?' || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

/* Two digits of which either may be a question mark; *ret_byte is -1 then. */
static status read_byte(struct hex *hex, char ret_digits[3], int *ret_byte)
{
    struct view pair = view_sub(hex->text, hex->at, 2);
    uint8_t byte;
    if (!is_nibble(peek(hex, 0)) || !is_nibble(peek(hex, 1)))
        return unsupported(hex, "a character that is no hexadecimal digit, or half a byte");
    memcpy(ret_digits, pair.data, 2);
    ret_digits[2] = 0;
    *ret_byte = import_hex(pair, &byte) ? byte : -1;
    hex->at += 2;
    if (++hex->bytes > BYTES_MAX)
        return unsupported(hex, "it is too long for libyara");
    return ASSAY_OK;
}

static status take_byte(struct hex *hex)
{
    char digits[3];
    int byte;
    TRY(read_byte(hex, digits, &byte));
    hex->piece.firm |= byte >= 0 && hex->piece.last >= 0 && byte != hex->piece.last;
    hex->piece.last = byte;
    hex->piece.most++;
    hex->after_gap = false;
    return buffer_append_format(hex->out, "%s ", digits);
}

/* From behind its bracket to the closing one. */
static bool read_until(struct hex *hex, char closing, struct view *ret_inside)
{
    struct view rest = view_sub(hex->text, hex->at, UINT64_MAX);
    const uint8_t *end = rest.size > 0 ? memchr(rest.data, closing, (size_t)rest.size) : NULL;
    if (!end)
        return false;
    *ret_inside = view_sub(rest, 0, (uint64_t)(end - rest.data));
    hex->at += ret_inside->size + 1;
    return true;
}

/* n, -n, n- or n-m. */
static bool parse_gap(struct view text, struct gap *ret_gap)
{
    struct view least, most = text;
    struct gap gap = {.endless = false};
    if (!import_field(&most, '-', &least) || (least.size > 0 && !import_number(least, &gap.least)))
        return false;
    if (!most.data) {
        gap.most = gap.least;
        *ret_gap = gap;
        return least.size > 0;
    }
    gap.endless = most.size == 0;
    if (!gap.endless && !import_number(most, &gap.most))
        return false;
    *ret_gap = gap;
    return (least.size > 0 || most.size > 0) && (gap.endless || gap.least <= gap.most);
}

static status write_gap(struct hex *hex, const struct gap *gap)
{
    unsigned long long least = gap->least, most = gap->most;
    if (gap->endless && least == 0)
        return buffer_append_text(hex->out, "[-] ");
    if (gap->endless)
        return buffer_append_format(hex->out, "[%llu-] ", least);
    if (least == most)
        return buffer_append_format(hex->out, "[%llu] ", least);
    return buffer_append_format(hex->out, "[%llu-%llu] ", least, most);
}

static status take_gap(struct hex *hex, const struct gap *gap)
{
    if (hex->bytes == 0 || hex->at == hex->text.size)
        return unsupported(hex, "it begins or ends with a gap");
    if (hex->after_gap)
        return unsupported(hex, "two gaps in a row");
    if (gap->least > GAP_MAX || gap->most > GAP_MAX)
        return unsupported(hex, "a gap that is too long for libyara");
    hex->piece.last = -1;
    if (!gap->endless && gap->most == 0)
        return ASSAY_OK;
    hex->after_gap = true;
    TRY(write_gap(hex, gap));
    if (!gap->endless && gap->most <= GAP_IN_PIECE) {
        hex->piece.most += gap->most;
        hex->piece.states += gap->most - gap->least;
        hex->piece.varies |= gap->most > gap->least;
        return ASSAY_OK;
    }
    /* Of each place libyara knows the shortest piece only, which is enough when a gap may be longer. */
    if (hex->piece.varies && !gap->endless)
        return unsupported(hex, "a long gap with an end behind a part whose length varies");
    TRY(end_piece(hex));
    begin_piece(hex);
    return ASSAY_OK;
}

static status take_braces(struct hex *hex)
{
    struct view inside;
    struct gap gap;
    hex->at++;
    if (!read_until(hex, '}', &inside) || !parse_gap(inside, &gap))
        return unsupported(hex, "a gap that is no {n}, {-n}, {n-} or {n-m}");
    return take_gap(hex, &gap);
}

static status take_star(struct hex *hex)
{
    hex->at++;
    return take_gap(hex, &(struct gap){.endless = true});
}

/* One alternative, to the bar or the parenthesis. */
static status take_alternative(struct hex *hex, uint64_t *ret_bytes)
{
    char digits[3];
    int byte;
    uint64_t bytes = 0;
    do {
        TRY(read_byte(hex, digits, &byte));
        TRY(buffer_append_format(hex->out, "%s ", digits));
        bytes++;
    } while (peek(hex, 0) != '|' && peek(hex, 0) != ')');
    *ret_bytes = bytes;
    return ASSAY_OK;
}

static status take_alternatives(struct hex *hex)
{
    uint64_t bytes, least = UINT64_MAX, most = 0;
    int c = peek(hex, 1);
    if (c == 'B' || c == 'L' || c == 'W')
        return unsupported(hex, "(B), (L) and (W), which YARA does not have");
    TRY(buffer_append_text(hex->out, "( "));
    do {
        hex->at++; /* the parenthesis or the bar */
        TRY(take_alternative(hex, &bytes));
        least = bytes < least ? bytes : least;
        most = bytes > most ? bytes : most;
        hex->piece.states += bytes;
        hex->piece.splits++;
        if (peek(hex, 0) == '|')
            TRY(buffer_append_text(hex->out, "| "));
    } while (peek(hex, 0) == '|');
    hex->at++;
    hex->piece.most += most;
    hex->piece.varies |= most > least;
    hex->piece.last = -1;
    hex->after_gap = false;
    return buffer_append_text(hex->out, ") ");
}

/* What is left of the 256 bytes, by halves where all of a half is. */
static status write_rest(struct hex *hex, const bool excluded[256])
{
    const char *before = "( ";
    for (unsigned high = 0; high < 256; high += 16) {
        bool whole = true;
        for (unsigned low = 0; low < 16; low++)
            whole &= !excluded[high + low];
        for (unsigned low = 0; low < 16; low++) {
            if (excluded[high + low] || (whole && low > 0))
                continue;
            TRY(buffer_append_format(hex->out, whole ? "%s%x? " : "%s%02x ", before,
                                     whole ? high / 16 : high + low));
            before = "| ";
            hex->piece.states++;
            hex->piece.splits++;
        }
    }
    return buffer_append_text(hex->out, ") ");
}

/* !(aa|bb): a byte that is neither. */
static status take_negation(struct hex *hex)
{
    bool excluded[256] = {false};
    char digits[3];
    int byte, c = peek(hex, 2);
    if (peek(hex, 1) != '(' || c == 'B' || c == 'L' || c == 'W')
        return unsupported(hex, "a negation of something that is not bytes");
    hex->at++;
    do {
        hex->at++;
        TRY(read_byte(hex, digits, &byte));
        if (byte < 0 || (peek(hex, 0) != '|' && peek(hex, 0) != ')'))
            return unsupported(hex, "a negation of something that is not single bytes");
        excluded[byte] = true;
    } while (peek(hex, 0) == '|');
    hex->at++;
    hex->piece.most++;
    hex->piece.last = -1;
    hex->after_gap = false;
    return write_rest(hex, excluded);
}

static status take_bracket(struct hex *hex)
{
    return unsupported(hex, "a byte that is anchored in a range, [n-m]");
}

static status take_next(struct hex *hex)
{
    static const struct {
        char sign;
        status (*take)(struct hex *hex);
    } signs[] = {
        {'{', take_braces},   {'*', take_star},    {'(', take_alternatives},
        {'!', take_negation}, {'[', take_bracket},
    };
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        if (peek(hex, 0) == signs[i].sign)
            return signs[i].take(hex);
    }
    return take_byte(hex);
}

static status translate(struct hex *hex)
{
    begin_piece(hex);
    TRY(buffer_append_text(hex->out, "{ "));
    while (hex->at < hex->text.size)
        TRY(take_next(hex));
    TRY(end_piece(hex));
    return buffer_append_text(hex->out, "}");
}

status clamav_hex_translate(struct view text, struct buffer *out, const char **ret_reason)
{
    struct hex hex = {.text = text, .out = out};
    status result = translate(&hex);
    *ret_reason = hex.reason;
    return result;
}
