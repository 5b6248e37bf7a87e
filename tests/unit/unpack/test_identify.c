/* Ordinary bytes are claimed by nobody: a wrong claim makes a harmless file incomplete. */
#include "pull.h"

#include <stdio.h>

static void expect_nobody(const char *what, struct view input)
{
    size_t count;
    const struct unpacker *const *rows = unpack_registry(&count);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(rows[i]->identify(input) == 0, "%s is claimed by %s", what, rows[i]->name);
}

START_TEST(ordinary_texts_are_claimed_by_nobody)
{
    static const char *const texts[] = {
        "",
        "x",
        "x^2 + y^2 = z^2, as everybody knows who went to school and listened there for an hour\n",
        "#!/bin/sh\nexec true\n",
        "BZh1 is how a bzip2 file begins\n",
        "PK\n",
        "Rar! is short for Roshal's archive\n",
        "0707 is a number\n",
        "WARC/ing\n",
        "!<architecture>\n",
        "  -lh- in the third column\n",
        "<html><body>x\x9c</body></html>\n",
        "LZIP, LZMA and MSCF are words\n",
        "LZIPPER\n",
        "070701 is a number, and so is 070707, as everybody knows who counts in octal digits: both "
        "are as good as 070702, though not everybody would say so\n",
        "\x1f\x9d\x9f\xff\xff",
        "\x1f\x9d\x90 is a magic, too\n",
        "%PDF is a word too\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        expect_nobody(texts[i], (struct view){(const uint8_t *)texts[i], strlen(texts[i])});
}
END_TEST

START_TEST(constant_bytes_are_claimed_by_nobody)
{
    static uint8_t bytes[70000];
    for (int value = 0; value < 256; value++) {
        memset(bytes, value, sizeof(bytes));
        expect_nobody("a run of one byte", (struct view){bytes, sizeof(bytes)});
        expect_nobody("a short run of one byte", (struct view){bytes, 40});
    }
}
END_TEST

/* Every head of the weak formats, with random bytes behind it. */
START_TEST(random_bytes_are_claimed_by_nobody)
{
    static uint8_t bytes[2048];
    uint32_t state = 1;
    for (int round = 0; round < 20000; round++) {
        for (size_t i = 0; i < sizeof(bytes); i += 1 + i / 32) {
            state = state * 1664525 + 1013904223;
            bytes[i] = (uint8_t)(state >> 24);
        }
        bytes[0] = (uint8_t)(round % 255 + 1);
        expect_nobody("noise", (struct view){bytes, sizeof(bytes)});
    }
}
END_TEST

START_TEST(a_program_is_claimed_by_nobody)
{
    FILE *file = fopen("/proc/self/exe", "rb");
    ck_assert_ptr_nonnull(file);
    struct buffer bytes = {0};
    size_t got;
    do {
        ck_assert_int_eq(buffer_reserve(&bytes, 65536), ASSAY_OK);
        got = fread(bytes.data + bytes.size, 1, 65536, file);
        bytes.size += got;
    } while (got > 0);
    fclose(file);
    ck_assert(view_starts(buffer_view(&bytes), 0,
                          "\x7f"
                          "ELF",
                          4));
    expect_nobody("this program", buffer_view(&bytes));
    buffer_release(&bytes);
}
END_TEST

START_TEST(rows_are_whole)
{
    size_t count;
    const struct unpacker *const *rows = unpack_registry(&count);
    for (size_t i = 0; i < count; i++) {
        ck_assert(rows[i]->identify && rows[i]->open && rows[i]->next && rows[i]->read);
        ck_assert(rows[i]->close);
        for (size_t j = 0; j < i; j++)
            ck_assert_str_ne(rows[i]->name, rows[j]->name);
    }
}
END_TEST

UNIT_MAIN("identify", ordinary_texts_are_claimed_by_nobody, constant_bytes_are_claimed_by_nobody,
          random_bytes_are_claimed_by_nobody, a_program_is_claimed_by_nobody, rows_are_whole)
