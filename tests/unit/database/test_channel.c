/* The index of a channel: one text for each, and nothing but that text. */
#include "signatures/database/channel.h"
#include "unit.h"

#include <stdio.h>

#define DIGEST "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1dfeff"
#define TEXT                                                                                       \
    "assay-channel 1\nname stable\nserial 57\nsize 123456\nsha256 " DIGEST "\nfile "               \
    "stable-57.asdb\n"

static struct channel_index stable(void)
{
    struct channel_index index = {.name = "stable", .serial = 57, .size = 123456};
    for (size_t i = 0; i < 30; i++)
        index.sha256[i] = (uint8_t)i;
    index.sha256[30] = 0xfe;
    index.sha256[31] = 0xff;
    return index;
}

static status parse(const char *text, struct error *error, struct channel_index *ret_index)
{
    return channel_index_parse((struct view){(const uint8_t *)text, strlen(text)}, error,
                               ret_index);
}

START_TEST(what_is_written_is_the_text_that_is_read)
{
    struct channel_index index = stable(), read;
    struct buffer out = {NULL, 0, 0};
    char file[CHANNEL_INDEX_FILE_MAX];
    ck_assert_int_eq(channel_index_write(&index, &out), ASSAY_OK);
    ck_assert_uint_eq(out.size, strlen(TEXT));
    ck_assert_mem_eq(out.data, TEXT, out.size);
    ck_assert_int_eq(channel_index_parse(buffer_view(&out), NULL, &read), ASSAY_OK);
    ck_assert_str_eq(read.name, "stable");
    ck_assert_uint_eq(read.serial, 57);
    ck_assert_uint_eq(read.size, 123456);
    ck_assert_mem_eq(read.sha256, index.sha256, 32);
    channel_index_file(&read, file);
    ck_assert_str_eq(file, "stable-57.asdb");
    buffer_release(&out);
}
END_TEST

START_TEST(the_longest_values_fit)
{
    struct channel_index index = {.serial = INT64_MAX, .size = INT64_MAX}, read;
    struct buffer out = {NULL, 0, 0};
    memset(index.name, 'n', MANIFEST_NAME_MAX);
    ck_assert_int_eq(channel_index_write(&index, &out), ASSAY_OK);
    ck_assert_uint_le(out.size, CHANNEL_INDEX_BYTES_MAX);
    ck_assert_int_eq(channel_index_parse(buffer_view(&out), NULL, &read), ASSAY_OK);
    ck_assert_mem_eq(&read.name, &index.name, sizeof(index.name));
    ck_assert_uint_eq(read.size, INT64_MAX);
    buffer_release(&out);
}
END_TEST

START_TEST(values_that_no_index_may_have_are_not_written)
{
    struct buffer out = {NULL, 0, 0};
    struct channel_index wrong[5];
    for (size_t i = 0; i < 5; i++)
        wrong[i] = stable();
    memcpy(wrong[0].name, "../x", 5);
    wrong[1].serial = 0;
    wrong[2].size = 0;
    wrong[3].serial = (uint64_t)INT64_MAX + 1;
    memset(wrong[4].name, 'n', sizeof(wrong[4].name)); /* without an end */
    for (size_t i = 0; i < 5; i++)
        ck_assert_int_eq(channel_index_write(&wrong[i], &out), ASSAY_ERR_ARGUMENT);
    ck_assert_uint_eq(out.size, 0);
    buffer_release(&out);
}
END_TEST

START_TEST(only_the_very_text_is_an_index)
{
    static const struct {
        const char *text, *words;
    } wrong[] = {
        {"", "not a channel index"},
        {"<html>\n", "not a channel index"},
        {"assay-channel 1", "does not know"},
        {"assay-channel 1\r\nname a\r\n", "does not know"},
        {"assay-channel 1\n", "'name'"},
        {"assay-channel 1\nname ", "'name'"},
        {"assay-channel 1\nname a b\n", "'name'"},
        {"assay-channel 1\nname ../x\n", "'name'"},
        {"assay-channel 1\nname \n", "'name'"},
        {"assay-channel 1\nserial 1\nname a\n", "'name'"},
        {"assay-channel 1\nname a\nserial 01\n", "'serial'"},
        {"assay-channel 1\nname a\nserial 0\n", "'serial'"},
        {"assay-channel 1\nname a\nserial +1\n", "'serial'"},
        {"assay-channel 1\nname a\nserial  1\n", "'serial'"},
        {"assay-channel 1\nname a\nserial 1 \n", "'serial'"},
        {"assay-channel 1\nname a\nserial 9223372036854775808\n", "'serial'"},
        {"assay-channel 1\nname a\nserial 18446744073709551617\n", "'serial'"},
        {"assay-channel 1\nname a\nserial 1\nsize -1\n", "'size'"},
        {"assay-channel 1\nname a\nserial 1\nsize 1\nsha256 ABCD\n", "'sha256'"},
        {"assay-channel 1\nname a\nserial 1\nsize 1\nsha256 0" DIGEST "\n", "'sha256'"},
        {"assay-channel 1\nname a\nserial 1\nsize 1\nsha256 " DIGEST "\nfile a.asdb\n", "'file'"},
        {"assay-channel 1\nname a\nserial 1\nsize 1\nsha256 " DIGEST "\nfile ../a-1.asdb\n",
         "'file'"},
        {"assay-channel 1\nname a\nserial 1\nsize 1\nsha256 " DIGEST "\nfile a-1.asdb", "'file'"},
        {TEXT "\n", "behind its last line"},
        {TEXT "more yes\n", "behind its last line"},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct channel_index index = {.serial = 99};
        struct error error = {""};
        ck_assert_int_lt(parse(wrong[i].text, &error, &index), 0);
        ck_assert_msg(strstr(error.text, wrong[i].words), "%zu: %s", i, error.text);
        ck_assert_uint_eq(index.serial, 99);
    }
}
END_TEST

START_TEST(a_later_format_is_told_from_damage)
{
    struct channel_index index;
    struct error error = {""};
    ck_assert_int_eq(parse("assay-channel 2\nanything", &error, &index), ASSAY_ERR_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(error.text, "newer assay"));
    ck_assert_int_eq(parse("assay-chanel 1\n", &error, &index), ASSAY_ERR_CORRUPT);
}
END_TEST

/* Whatever is accepted must be written again as it was. */
START_TEST(no_cut_and_no_flipped_bit_is_taken_for_the_same)
{
    struct channel_index index;
    uint8_t text[sizeof(TEXT) - 1];
    for (size_t size = 0; size < sizeof(text); size++)
        ck_assert_int_lt(
            channel_index_parse((struct view){(const uint8_t *)TEXT, size}, NULL, &index), 0);
    for (size_t bit = 0; bit < sizeof(text) * 8; bit++) {
        memcpy(text, TEXT, sizeof(text));
        text[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (channel_index_parse((struct view){text, sizeof(text)}, NULL, &index) < 0)
            continue;
        struct buffer out = {NULL, 0, 0};
        ck_assert_int_eq(channel_index_write(&index, &out), ASSAY_OK);
        ck_assert_uint_eq(out.size, sizeof(text));
        ck_assert_mem_eq(out.data, text, sizeof(text));
        buffer_release(&out);
    }
}
END_TEST

START_TEST(a_long_text_is_not_looked_at)
{
    struct channel_index index;
    struct error error = {""};
    static uint8_t text[CHANNEL_INDEX_BYTES_MAX + 1];
    memset(text, 'a', sizeof(text));
    memcpy(text, TEXT, strlen(TEXT));
    struct view view = {text, sizeof(text)};
    ck_assert_int_eq(channel_index_parse(view, &error, &index), ASSAY_ERR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(error.text, "longer"));
}
END_TEST

UNIT_MAIN("channel", what_is_written_is_the_text_that_is_read, the_longest_values_fit,
          values_that_no_index_may_have_are_not_written, only_the_very_text_is_an_index,
          a_later_format_is_told_from_damage, no_cut_and_no_flipped_bit_is_taken_for_the_same,
          a_long_text_is_not_looked_at)
