/* string_maker: definitions of strings for rules, made of the numbers it is given, each with bytes that it
 * is meant to match (most do). Shared with the fuzz target. */
#ifndef TESTS_STRING_MAKER_H
#define TESTS_STRING_MAKER_H

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/encode.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#define MAKER_TEXT_MAX 4000
#define MAKER_DEPTH    3

struct maker {
    struct view numbers;
    size_t at;
    unsigned depth;
    char text[MAKER_TEXT_MAX]; /* the definition: "..." ascii wide */
    size_t text_size;
    uint8_t sample[MAKER_TEXT_MAX];
    size_t sample_size;
};

/* 0 when there are no more. */
static inline unsigned maker_next(struct maker *maker, unsigned below)
{
    return maker->at < maker->numbers.size ? maker->numbers.data[maker->at++] % below : 0;
}

__attribute__((format(printf, 2, 3))) static inline void maker_say(struct maker *maker,
                                                                   const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    size_t room = sizeof(maker->text) - maker->text_size;
    int size = vsnprintf(maker->text + maker->text_size, room, format, arguments);
    va_end(arguments);
    maker->text_size += size < 0 || (size_t)size >= room ? 0 : (size_t)size;
}

static inline void maker_put(struct maker *maker, unsigned byte)
{
    if (maker->sample_size < sizeof(maker->sample))
        maker->sample[maker->sample_size++] = (uint8_t)byte;
}

/* Few different ones, so that strings and data meet by chance too. */
static inline unsigned maker_byte(struct maker *maker)
{
    static const uint8_t bytes[] = "abcdefghXYZ019 _\\/.\0\1\x7f\xff\xc3kK@[`{";
    return bytes[maker_next(maker, sizeof(bytes) - 1)];
}

/* ---- "text" ----------------------------------------------------------------------------------- */

static inline void maker_interleave(struct maker *maker)
{
    uint8_t plain[MAKER_TEXT_MAX];
    size_t size = maker->sample_size;
    memcpy(plain, maker->sample, size);
    maker->sample_size = 0;
    for (size_t i = 0; i < size; i++) {
        maker_put(maker, plain[i]);
        maker_put(maker, 0);
    }
}

static inline void maker_change_case(struct maker *maker)
{
    for (size_t i = 0; i < maker->sample_size; i++)
        if (isalpha(maker->sample[i]) && maker_next(maker, 2))
            maker->sample[i] ^= 0x20;
}

static inline void maker_xor(struct maker *maker)
{
    unsigned least = maker_next(maker, 256), most = least + maker_next(maker, 256 - least);
    unsigned key = least + maker_next(maker, most - least + 1);
    if (maker_next(maker, 2)) {
        maker_say(maker, " xor");
    } else {
        maker_say(maker, " xor(%u-%u)", least, most);
    }
    for (size_t i = 0; i < maker->sample_size; i++)
        maker->sample[i] ^= (uint8_t)key;
}

static inline void maker_base64(struct maker *maker, unsigned kinds)
{
    struct buffer plain = {NULL, 0, 0}, coded = {NULL, 0, 0};
    for (unsigned i = maker_next(maker, 3); i > 0; i--)
        (void)!buffer_append(&plain, "#", 1);
    (void)!buffer_append(&plain, maker->sample, maker->sample_size);
    (void)!buffer_append(&plain, "tail", maker_next(maker, 4));
    (void)!encode_base64(&coded, (struct assay_bytes){plain.data, plain.size});
    maker->sample_size = 0;
    for (size_t i = 0; i < coded.size; i++)
        maker_put(maker, coded.data[i]);
    buffer_release(&plain);
    buffer_release(&coded);
    maker_say(maker, "%s%s", kinds & 1 ? " base64" : "", kinds & 2 ? " base64wide" : "");
    if (kinds == 2 || (kinds == 3 && maker_next(maker, 2)))
        maker_interleave(maker);
}

/* ascii, wide, both or neither; the sample is one of them. */
static inline void maker_width(struct maker *maker)
{
    static const char *const words[] = {"", " ascii", " wide", " wide ascii"};
    unsigned width = maker_next(maker, 4);
    maker_say(maker, "%s", words[width]);
    if (width == 2 || (width == 3 && maker_next(maker, 2)))
        maker_interleave(maker);
}

static inline void maker_text(struct maker *maker)
{
    unsigned size = 1 + maker_next(maker, maker_next(maker, 4) ? 14 : 80);
    unsigned kind = maker_next(maker, 5);
    bool same = maker_next(maker, 8) == 1;
    unsigned byte = maker_byte(maker);
    size += kind == 3 && size < 3 ? 3 : 0;
    maker_say(maker, "\"");
    for (unsigned i = 0; i < size; i++) {
        byte = same ? byte : maker_byte(maker);
        maker_say(maker, "\\x%02x", byte);
        maker_put(maker, byte);
    }
    maker_say(maker, "\"");
    maker_width(maker);
    if (kind == 1) {
        maker_say(maker, " nocase");
        maker_change_case(maker);
    } else if (kind == 2) {
        maker_xor(maker);
    } else if (kind == 3) {
        maker_base64(maker, 1 + maker_next(maker, 3));
    }
    if (kind != 3 && maker_next(maker, 4) == 1)
        maker_say(maker, " fullword");
}

/* ---- { hexadecimal } -------------------------------------------------------------------------- */

static inline void maker_hex_byte(struct maker *maker)
{
    unsigned kind = maker_next(maker, 12), byte = maker_byte(maker);
    if (kind == 1)
        maker_say(maker, " %X?", byte >> 4);
    else if (kind == 2)
        maker_say(maker, " ?%X", byte & 15);
    else if (kind == 3)
        maker_say(maker, " ??");
    else
        maker_say(maker, " %02X", byte);
    maker_put(maker, kind == 1 || kind == 2 ? byte ^ (kind == 1 ? 5 : 0x50) : byte);
}

static inline void maker_hex_jump(struct maker *maker)
{
    static const unsigned gaps[] = {0, 1, 2, 5, 30, 150, 250, 400};
    unsigned least = gaps[maker_next(maker, 8)], most = gaps[maker_next(maker, 8)];
    if (least > most)
        least = most;
    if (maker_next(maker, 6) == 1)
        maker_say(maker, " [%u-]", least);
    else
        maker_say(maker, " [%u-%u]", least, most);
    for (unsigned i = 0; i < least; i++)
        maker_put(maker, 'j');
}

/* Only one of the ways stays in the sample. */
static inline void maker_choose(struct maker *maker, const char *between,
                                void (*way)(struct maker *maker))
{
    unsigned ways = 1 + maker_next(maker, 4), taken = maker_next(maker, 6) % ways;
    uint8_t kept[MAKER_TEXT_MAX];
    size_t before = maker->sample_size, size = 0;
    for (unsigned i = 0; i < ways; i++) {
        maker_say(maker, "%s", i ? between : "(");
        way(maker);
        if (i == taken) {
            size = maker->sample_size - before;
            memcpy(kept, maker->sample + before, size);
        }
        maker->sample_size = before;
    }
    memcpy(maker->sample + before, kept, size);
    maker->sample_size = before + size;
    maker_say(maker, ")");
}

static inline void maker_hex(struct maker *maker)
{
    unsigned tokens = maker_next(maker, maker->depth ? 4 : 9);
    maker_say(maker, " %02X", 'h');
    maker_put(maker, 'h');
    maker->depth++;
    for (unsigned i = 0; i < tokens; i++) {
        unsigned kind = maker_next(maker, 8);
        if (kind == 1 && maker->depth < MAKER_DEPTH)
            maker_choose(maker, " | ", maker_hex);
        else if (kind == 2 && maker->depth == 1)
            maker_hex_jump(maker);
        maker_hex_byte(maker);
    }
    maker_say(maker, " %02X", 'x');
    maker_put(maker, 'x');
    maker->depth--;
}

/* ---- /regular expression/ --------------------------------------------------------------------- */

static inline void maker_char(struct maker *maker)
{
    unsigned byte = maker_byte(maker);
    maker_say(maker, "\\x%02x", byte);
    maker_put(maker, byte);
}

static inline void maker_class(struct maker *maker)
{
    static const struct {
        const char *text;
        uint8_t byte;
    } classes[] = {{".", 'q'},        {"[a-c]", 'b'}, {"[^ab]", 'c'}, {"\\w", 'z'},
                   {"\\d", '7'},      {"\\s", ' '},   {"\\W", '-'},   {"[kK]", 'K'},
                   {"[Xx]", 'x'},     {"[g]", 'g'},   {"\\D", 'd'},   {"[^\\x00]", 0xff},
                   {"[\\xc3]", 0xc3}, {"[@`]", '`'},  {"[^Aa]", 'b'}};
    unsigned kind = maker_next(maker, sizeof(classes) / sizeof(*classes));
    maker_say(maker, "%s", classes[kind].text);
    maker_put(maker, classes[kind].byte);
}

static inline void maker_quantify(struct maker *maker, size_t before)
{
    static const struct {
        const char *text;
        unsigned least, more;
    } quantifiers[] = {{"?", 0, 2},      {"*", 0, 4},     {"+", 1, 3},     {"*?", 0, 3},
                       {"+?", 1, 3},     {"{2}", 2, 1},   {"{3}", 3, 1},   {"{0,2}", 0, 3},
                       {"{1,3}", 1, 3},  {"{2,5}", 2, 4}, {"{4,}", 4, 2},  {",", 1, 1},
                       {"{2,3}?", 2, 2}, {"{0,}", 0, 3},  {"{17}", 17, 1}, {"??", 0, 2}};
    unsigned kind = maker_next(maker, 16);
    unsigned times = quantifiers[kind].least + maker_next(maker, quantifiers[kind].more);
    maker_say(maker, "%s", quantifiers[kind].text);
    if (quantifiers[kind].text[0] == ',') {
        maker_put(maker, ',');
        return;
    }
    size_t end = maker->sample_size;
    maker->sample_size = before;
    for (unsigned i = 0; i < times && maker->sample_size + end - before < sizeof(maker->sample);
         i++)
        maker->sample_size += end - before;
    for (size_t i = end; i < maker->sample_size; i++)
        maker->sample[i] = maker->sample[i - (end - before)];
}

static inline void maker_regexp(struct maker *maker)
{
    unsigned parts = 1 + maker_next(maker, maker->depth ? 4 : 12);
    maker->depth++;
    for (unsigned i = 0; i < parts && maker->text_size < MAKER_TEXT_MAX / 2; i++) {
        size_t before = maker->sample_size;
        unsigned kind = maker_next(maker, 16);
        if (kind == 1)
            maker_class(maker);
        else if (kind < 4 && kind > 1 && maker->depth < MAKER_DEPTH)
            maker_choose(maker, "|", maker_regexp);
        else if (kind == 4)
            maker_say(maker, "%s", maker_next(maker, 2) ? "\\b" : "\\B");
        else if (kind == 5)
            maker_say(maker, ".{%u,%u}", maker_next(maker, 3), 3 + maker_next(maker, 250) * 2);
        else
            maker_char(maker);
        if (kind != 4 && kind != 5 && maker_next(maker, kind < 4 ? 3 : 8) == 1)
            maker_quantify(maker, before);
        for (unsigned k = 0; k < 2 && kind == 5; k++)
            maker_put(maker, 'g');
    }
    maker->depth--;
}

static inline void maker_expression(struct maker *maker)
{
    static const char *const flags[] = {"", "i", "s", "is"};
    unsigned flag = maker_next(maker, 4);
    maker_say(maker, "/%s", maker_next(maker, 16) == 1 ? "^" : "");
    maker_regexp(maker);
    maker_say(maker, "%s/%s", maker_next(maker, 16) == 1 ? "$" : "", flags[flag]);
    if (flag & 1)
        maker_change_case(maker);
    if (!(flag & 1) && maker_next(maker, 4) == 1) {
        maker_say(maker, " nocase");
        maker_change_case(maker);
    }
    maker_width(maker);
    if (maker_next(maker, 6) == 1)
        maker_say(maker, " fullword");
}

/* ---- all of them ------------------------------------------------------------------------------ */

/* A definition and its sample, in place of the last. */
static inline void maker_string(struct maker *maker)
{
    maker->text_size = maker->sample_size = maker->depth = 0;
    maker->text[0] = '\0';
    unsigned kind = maker_next(maker, 3);
    if (kind == 0) {
        maker_text(maker);
    } else if (kind == 1) {
        maker_say(maker, "{");
        maker_hex(maker);
        maker_say(maker, " }");
    } else {
        maker_expression(maker);
    }
}

#endif
