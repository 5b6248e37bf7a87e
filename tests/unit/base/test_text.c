#include "base/cleanup.h"
#include "base/text.h"
#include "unit.h"

static void expect_escape(const void *raw, size_t size, const char *expected)
{
    cleanup(buffer_release) struct buffer out = {0};
    struct assay_bytes bytes = {raw, size};
    ck_assert_int_eq(text_escape(&out, bytes), ASSAY_OK);
    ck_assert_int_eq(buffer_terminate(&out), ASSAY_OK);
    ck_assert_uint_eq(out.size, strlen(expected));
    ck_assert_str_eq((const char *)out.data, expected);
    bool same = out.size == size && memcmp(out.data, raw, size) == 0;
    ck_assert_int_eq(text_is_plain(bytes), same);
}

START_TEST(names_people_use_stay_as_they_are)
{
    static const char *const plain[] = {
        "a.txt",
        "with space",
        "gr\xc3\xbc\xc3\x9f.zip",
        "\xe6\x97\xa5\xe6\x9c\xac",
        "a!b",
        "!",
        "a/b",
        "\xf0\x9f\x98\x80",
        "<gz>",
        "<residue@4096>",
        "#2",
    };
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
        expect_escape(plain[i], strlen(plain[i]), plain[i]);
}
END_TEST

START_TEST(what_drives_a_terminal_or_forges_a_line_is_escaped)
{
    static const struct {
        const char *raw, *escaped;
    } cases[] = {
        {"a\nb", "a\\x0ab"},
        {"\r\t\x1b[2J", "\\x0d\\x09\\x1b[2J"},
        {"\x7f", "\\x7f"},
        {"back\\slash", "back\\\\slash"},
        {"\\x41", "\\\\x41"},
        {"\xc2\x9b", "\\u{9b}"}, /* CSI as one character */
        {"\xe2\x80\xae"
         "fdp.exe",
         "\\u{202e}fdp.exe"},          /* right-to-left override */
        {"\xe2\x80\xa8", "\\u{2028}"}, /* line separator */
        {"\xef\xbb\xbf", "\\u{feff}"},
        {"\xf3\xa0\x81\x81", "\\u{e0041}"}, /* invisible tag */
        {"\xf0\x93\x90\xb0", "\\u{13430}"},
        {"a!/b", "a\\x21/b"},
        {"a!!/b", "a!\\x21/b"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_escape(cases[i].raw, strlen(cases[i].raw), cases[i].escaped);
}
END_TEST

START_TEST(bytes_that_are_not_utf8_are_escaped_one_by_one)
{
    static const struct {
        const char *raw, *escaped;
    } cases[] = {
        {"\xff", "\\xff"},
        {"\x80z", "\\x80z"},
        {"\xc3", "\\xc3"},                            /* cut */
        {"\xe2\x82", "\\xe2\\x82"},                   /* cut */
        {"\xc0\xaf", "\\xc0\\xaf"},                   /* overlong "/" */
        {"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},          /* the same, longer */
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},          /* surrogate */
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, /* beyond U+10FFFF */
        {"\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80"},
        {"\xc3(", "\\xc3("},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        expect_escape(cases[i].raw, strlen(cases[i].raw), cases[i].escaped);
    expect_escape("a\0b", 3, "a\\x00b");
    expect_escape("", 0, "");
    ck_assert(text_is_plain((struct assay_bytes){NULL, 0}));
}
END_TEST

/* Undoes text_escape, by the rules of its header. */
static size_t unescape(const uint8_t *text, size_t size, uint8_t *out)
{
    size_t done = 0;
    for (size_t i = 0; i < size;) {
        if (text[i] != '\\') {
            out[done++] = text[i++];
        } else if (text[i + 1] == '\\') {
            out[done++] = '\\';
            i += 2;
        } else {
            char digits[3] = {(char)text[i + 2], (char)text[i + 3], 0};
            ck_assert_int_eq(text[i + 1], 'x');
            out[done++] = (uint8_t)strtoul(digits, NULL, 16);
            i += 4;
        }
    }
    return done;
}

START_TEST(every_pair_of_bytes_comes_back)
{
    cleanup(buffer_release) struct buffer out = {0};
    for (unsigned pair = 0; pair < 0x10000; pair++) {
        const uint8_t raw[2] = {(uint8_t)(pair >> 8), (uint8_t)pair};
        uint8_t back[8];
        if (raw[0] == 0xc2 && (raw[1] < 0xa0 || raw[1] == 0xad))
            continue; /* valid and unsafe: \u{...}, tested above */
        out.size = 0;
        ck_assert_int_eq(text_escape(&out, (struct assay_bytes){raw, 2}), ASSAY_OK);
        bool safe = true;
        for (size_t i = 0; i < out.size; i++)
            safe = safe && out.data[i] >= 0x20 && out.data[i] != 0x7f;
        ck_assert_msg(safe, "%04x", pair);
        if (raw[0] == 0xcd && raw[1] == 0x8f)
            continue; /* combining grapheme joiner */
        if (raw[0] == 0xd8 && raw[1] == 0x9c)
            continue; /* Arabic letter mark */
        ck_assert_uint_eq(unescape(out.data, out.size, back), 2);
        ck_assert_mem_eq(back, raw, 2);
    }
}
END_TEST

START_TEST(object_names_tell_steps_from_names)
{
    const struct assay_member members[] = {
        {text_bytes("inner!/x.tar"), 1}, {text_bytes("/bin/x"), 2}, {text_bytes(""), 0}};
    const struct assay_object object = {.members = members, .member_count = 3};
    cleanup(buffer_release) struct buffer out = {0};
    ck_assert_int_eq(text_object_name(&out, text_bytes("a\n.zip"), &object), ASSAY_OK);
    ck_assert_int_eq(buffer_terminate(&out), ASSAY_OK);
    ck_assert_str_eq((const char *)out.data, "a\\x0a.zip!/inner\\x21/x.tar!//bin/x#2!/");
}
END_TEST

UNIT_MAIN("text", names_people_use_stay_as_they_are,
          what_drives_a_terminal_or_forges_a_line_is_escaped,
          bytes_that_are_not_utf8_are_escaped_one_by_one, every_pair_of_bytes_comes_back,
          object_names_tell_steps_from_names)
