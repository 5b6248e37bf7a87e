/* The sweep: what stands in the middle of other data is found at every offset, and chance is not. */
#include "unpack/sweep.h"

#include "unpack/pack.h"

static struct sweep_keys *keys;
static uint64_t tries;

static void start(void)
{
    ck_assert_int_eq(sweep_keys_new(&keys), ASSAY_OK);
    tries = 1000;
}

static void finish(void)
{
    sweep_keys_free(keys);
    keys = NULL;
}

/* The head of a 7z archive without anything in it: magic, version, CRC of what follows. */
static struct buffer seven_zip_head(void)
{
    struct buffer head = {0};
    uint8_t sizes[20] = {0};
    ck_assert_int_eq(buffer_append(&head, "7z\xbc\xaf\x27\x1c\0\4", 8), ASSAY_OK);
    pack_number(&head, (uint32_t)crc32(0, sizes, sizeof(sizes)));
    ck_assert_int_eq(buffer_append(&head, sizes, sizeof(sizes)), ASSAY_OK);
    return head;
}

/* `inner` at an offset of text that has no magic in it. */
static struct buffer buried(struct view inner, size_t offset, size_t behind)
{
    struct buffer bytes = {0};
    for (size_t i = 0; i < offset; i++)
        ck_assert_int_eq(buffer_append(&bytes, "x", 1), ASSAY_OK);
    ck_assert_int_eq(buffer_append(&bytes, inner.data, inner.size), ASSAY_OK);
    for (size_t i = 0; i < behind; i++)
        ck_assert_int_eq(buffer_append(&bytes, "y", 1), ASSAY_OK);
    return bytes;
}

START_TEST(every_offset_is_looked_at)
{
    start();
    struct buffer head = seven_zip_head();
    for (size_t offset = 1; offset < 70; offset++) {
        for (size_t behind = 0; behind < 3; behind++) {
            struct buffer bytes = buried(buffer_view(&head), offset, behind);
            uint64_t at = 1;
            struct sweep_hit hit;
            ck_assert_int_eq(sweep_next(keys, buffer_view(&bytes), &at, bytes.size, &tries, &hit),
                             ASSAY_OK);
            ck_assert_str_eq(hit.reader->name, "7z");
            ck_assert_uint_eq(hit.offset, offset);
            ck_assert_uint_eq(at, offset);
            at++;
            ck_assert_int_eq(sweep_next(keys, buffer_view(&bytes), &at, bytes.size, &tries, &hit),
                             ASSAY_END);
            ck_assert_uint_eq(at, bytes.size);
            buffer_release(&bytes);
        }
    }
    ck_assert_uint_eq(tries, 1000);
    buffer_release(&head);
    finish();
}
END_TEST

START_TEST(a_magic_may_stand_behind_where_its_format_begins)
{
    start();
    /* A tar header: the magic at 257, and a check sum. */
    uint8_t header[512] = "name";
    memcpy(header + 257, "ustar", 6);
    memset(header + 148, ' ', 8);
    unsigned sum = 0;
    for (size_t i = 0; i < sizeof(header); i++)
        sum += header[i];
    char octal[8];
    snprintf(octal, sizeof(octal), "%06o", sum);
    memcpy(header + 148, octal, 7);
    for (size_t offset = 1; offset < 4; offset++) {
        struct buffer bytes = buried((struct view){header, sizeof(header)}, offset, 9);
        struct sweep_hit hit;
        uint64_t at = 1;
        /* Also when what is asked for ends between the two. */
        ck_assert_int_eq(sweep_next(keys, buffer_view(&bytes), &at, offset + 1, &tries, &hit),
                         ASSAY_OK);
        ck_assert_str_eq(hit.reader->name, "tar");
        ck_assert_uint_eq(hit.offset, offset);
        /* But nothing that begins before or behind what is asked for. */
        at = 1;
        ck_assert_int_eq(sweep_next(keys, buffer_view(&bytes), &at, offset, &tries, &hit),
                         ASSAY_END);
        at = offset + 1;
        ck_assert_int_eq(sweep_next(keys, buffer_view(&bytes), &at, bytes.size, &tries, &hit),
                         ASSAY_END);
        buffer_release(&bytes);
    }
    finish();
}
END_TEST

START_TEST(chance_costs_a_try_each)
{
    start();
    struct buffer bytes = {0};
    for (int i = 0; i < 50; i++)
        ck_assert_int_eq(buffer_append_text(&bytes, "PK\3\4 is no archive "), ASSAY_OK);
    uint64_t at = 1;
    struct sweep_hit hit;
    tries = 60;
    ck_assert_int_eq(sweep_next(keys, buffer_view(&bytes), &at, bytes.size, &tries, &hit),
                     ASSAY_END);
    ck_assert_uint_eq(tries, 60 - 49); /* the first begins at 0, which was not asked for */
    at = 1;
    tries = 10;
    ck_assert_int_eq(sweep_next(keys, buffer_view(&bytes), &at, bytes.size, &tries, &hit),
                     ASSAY_ERR_LIMIT);
    ck_assert_uint_eq(tries, 0);
    ck_assert_uint_lt(at, bytes.size);
    buffer_release(&bytes);
    finish();
}
END_TEST

START_TEST(nothing_is_read_outside_of_tiny_inputs)
{
    start();
    static const uint8_t bytes[] = "PK\3\4PK\3\4";
    for (size_t size = 0; size < sizeof(bytes); size++) {
        uint8_t *exact = malloc(size ? size : 1); /* so that a sanitizer sees a step too far */
        ck_assert_ptr_nonnull(exact);
        memcpy(exact, bytes, size);
        for (uint64_t from = 0; from <= size; from++) {
            uint64_t at = from;
            struct sweep_hit hit;
            ck_assert_int_eq(sweep_next(keys, (struct view){exact, size}, &at, size, &tries, &hit),
                             ASSAY_END);
        }
        free(exact);
    }
    finish();
}
END_TEST

START_TEST(every_format_that_is_looked_for_can_be_told_from_chance)
{
    size_t count;
    const struct unpacker *const *rows = unpack_registry(&count);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < UNPACK_MAGICS_MAX && rows[i]->magics[j].bytes; j++) {
            const struct unpack_magic *magic = &rows[i]->magics[j];
            ck_assert_uint_ge(magic->size, 3);
            ck_assert_uint_le(magic->offset, 512);
            ck_assert_ptr_nonnull(rows[i]->is_genuine);
            /* The magic alone, as in a table of magics. */
            uint8_t bytes[600] = {0};
            memcpy(bytes + magic->offset, magic->bytes, magic->size);
            ck_assert_msg(!rows[i]->is_genuine((struct view){bytes, sizeof(bytes)}), "%s",
                          rows[i]->name);
        }
    }
}
END_TEST

UNIT_MAIN("sweep", every_offset_is_looked_at, a_magic_may_stand_behind_where_its_format_begins,
          chance_costs_a_try_each, nothing_is_read_outside_of_tiny_inputs,
          every_format_that_is_looked_for_can_be_told_from_chance)
