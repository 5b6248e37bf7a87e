/* What stands between libarchive and the readers over it: how it gets the bytes, and how members are
 * left that nobody wants to the end. */
#include "pack.h"
#include "pull.h"

#include <stdio.h>

static void append(struct buffer *out, const void *bytes, size_t size)
{
    ck_assert_int_eq(buffer_append(out, bytes, size), ASSAY_OK);
}

/* ---- archives longer than what is copied of their end ---------------------------------------- */

static void append_ar_member(struct buffer *out, char name, size_t size)
{
    char head[64];
    int length = snprintf(head, sizeof(head),
                          "%c/              0           0     0     100644  %-10zu`\n", name, size);
    append(out, head, (size_t)length);
    memset(pack_room(out, size), name, size);
    out->size += size;
}

START_TEST(test_long_archives_come_whole)
{
    static const size_t sizes[] = {2, 1000, 65536 - 60, 65536, 65538, 200000};
    enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };
    for (size_t i = 0; i < SIZES; i++) {
        for (size_t j = 0; j < SIZES; j++) {
            struct buffer packed = {0};
            append(&packed, "!<arch>\n", 8);
            append_ar_member(&packed, 'a', sizes[i]);
            append_ar_member(&packed, 'b', sizes[j]);
            struct pulled pulled = pull("ar", buffer_view(&packed));
            ck_assert_int_eq(pulled.ended, ASSAY_END);
            ck_assert_uint_eq(pulled.notes, 0);
            ck_assert_str_eq((char *)pulled.names.data, "a\nb\n");
            ck_assert_uint_eq(pulled.bytes.size, sizes[i] + sizes[j]);
            for (size_t at = 0; at < pulled.bytes.size; at++)
                if (pulled.bytes.data[at] != (at < sizes[i] ? 'a' : 'b'))
                    ck_abort_msg("byte %zu is wrong", at);
            pulled_release(&pulled);
            buffer_release(&packed);
        }
    }
}
END_TEST

/* ---- members that are left ------------------------------------------------------------------ */

/* A RAR 5 block: CRC, size, body; sizes are below 128. */
static void append_rar5(struct buffer *out, const void *body, size_t size)
{
    struct buffer block = {0};
    uint8_t size_byte = (uint8_t)size;
    append(&block, &size_byte, 1);
    append(&block, body, size);
    pack_number(out, (uint32_t)crc32(0, block.data, (uInt)block.size));
    append(out, block.data, block.size);
    buffer_release(&block);
}

/* A stored file of one character; or one that is said to be compressed, which it is not. */
static void append_rar5_file(struct buffer *out, char content, bool is_damaged)
{
    struct buffer body = {0};
    append(&body, "\2\2\1\4\1\0", 6);
    pack_number(&body, (uint32_t)crc32(0, (const Bytef *)&content, 1));
    append(&body, is_damaged ? "\x80\3" : "\x80\0", 2);
    append(&body, "\1\1n", 3); /* Unix; a name */
    append_rar5(out, body.data, body.size);
    append(out, &content, 1);
    buffer_release(&body);
}

/* So many files, the letters of the alphabet over and over. Each second one may be damaged. */
static struct buffer make_rar5(size_t count, bool is_damaged)
{
    struct buffer out = {0};
    append(&out, "Rar!\x1a\x07\1\0", 8);
    append_rar5(&out, "\1\0\0", 3);
    for (size_t i = 0; i < count; i++)
        append_rar5_file(&out, (char)('a' + i % 26), is_damaged && i % 2 == 1);
    append_rar5(&out, "\5\0\0", 3);
    return out;
}

/* Reads a byte of each member at `every` and nothing of the others. How many members there were. */
static size_t leave_members(struct view packed, size_t every, status *ret_ended)
{
    const struct unpacker *u = pull_row("rar5");
    struct pulled pulled = {.last_read = ASSAY_END};
    struct unpack_env env = {.codec_memory = 64 << 20, .note = pull_note, .note_context = &pulled};
    struct unpack_stream *stream;
    struct unpack_member member;
    size_t members = 0;
    ck_assert_int_eq(u->open(packed, &env, &stream), ASSAY_OK);
    while ((*ret_ended = u->next(stream, &member)) == ASSAY_OK) {
        uint8_t byte = 0;
        size_t got = 0;
        if (members % every == 0) {
            ck_assert_int_eq(u->read(stream, &byte, 1, &got), ASSAY_OK);
            ck_assert_int_eq(byte, 'a' + (int)(members % 26));
        }
        members++;
    }
    u->close(stream);
    pulled_release(&pulled);
    return members;
}

START_TEST(test_members_may_be_left)
{
    struct buffer packed = make_rar5(40, false);
    for (size_t every = 1; every < 5; every++) {
        status ended;
        ck_assert_uint_eq(leave_members(buffer_view(&packed), every, &ended), 40);
        ck_assert_int_eq(ended, ASSAY_END);
    }
    buffer_release(&packed);
}
END_TEST

START_TEST(test_behind_damaged_members_the_others_follow)
{
    struct buffer packed = make_rar5(40, true);
    struct pulled pulled = pull("rar5", buffer_view(&packed));
    ck_assert_uint_eq(pulled.members, 40);
    ck_assert_uint_eq(pulled.bytes.size, 20);
    ck_assert_int_lt(pulled.last_read, 0);
    ck_assert_int_eq(pulled.ended, ASSAY_END);
    pulled_release(&pulled);
    buffer_release(&packed);
}
END_TEST

/* Each costs a way over all headers before it. */
START_TEST(test_very_many_damaged_members_are_too_many)
{
    struct buffer packed = make_rar5(1000, true);
    struct pulled pulled = pull("rar5", buffer_view(&packed));
    ck_assert_int_eq(pulled.ended, ASSAY_ERR_CORRUPT);
    ck_assert_uint_gt(pulled.members, 100);
    ck_assert_uint_lt(pulled.members, 200);
    ck_assert_str_eq(pulled.error, "too many damaged members");
    pulled_release(&pulled);
    buffer_release(&packed);
}
END_TEST

UNIT_MAIN("libarchive", test_long_archives_come_whole, test_members_may_be_left,
          test_behind_damaged_members_the_others_follow,
          test_very_many_damaged_members_are_too_many)
