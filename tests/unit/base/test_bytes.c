#include "base/bytes.h"
#include "unit.h"

static const uint8_t data[] = {1, 2, 3, 4, 5, 6, 7, 8, 0xff};
static const struct view all = {data, sizeof(data)};

START_TEST(both_byte_orders)
{
    uint8_t one;
    uint16_t two;
    uint32_t four;
    uint64_t eight;
    ck_assert(bytes_u8(all, 8, &one) && one == 0xff);
    ck_assert(bytes_u16le(all, 0, &two) && two == 0x0201);
    ck_assert(bytes_u16be(all, 0, &two) && two == 0x0102);
    ck_assert(bytes_u16le(all, 7, &two) && two == 0xff08);
    ck_assert(bytes_u32le(all, 0, &four) && four == 0x04030201);
    ck_assert(bytes_u32be(all, 0, &four) && four == 0x01020304);
    ck_assert(bytes_u32le(all, 5, &four) && four == 0xff080706);
    ck_assert(bytes_u64le(all, 0, &eight) && eight == UINT64_C(0x0807060504030201));
    ck_assert(bytes_u64be(all, 1, &eight) && eight == UINT64_C(0x02030405060708ff));
}
END_TEST

START_TEST(nothing_is_read_past_the_end)
{
    uint8_t one = 0xaa;
    uint32_t four = 0xaaaaaaaa;
    uint64_t eight = 0xaa;
    ck_assert(!bytes_u8(all, 9, &one));
    ck_assert(!bytes_u32le(all, 6, &four));
    ck_assert(!bytes_u64be(all, 2, &eight));
    ck_assert(!bytes_u64le(all, UINT64_MAX, &eight));
    ck_assert(!bytes_u64le(all, UINT64_MAX - 7, &eight));
    ck_assert(!bytes_u8((struct view){NULL, 0}, 0, &one));
    ck_assert_uint_eq(one, 0xaa);
    ck_assert_uint_eq(four, 0xaaaaaaaa);
    ck_assert_uint_eq(eight, 0xaa);
}
END_TEST

START_TEST(views_are_cut_to_fit)
{
    ck_assert(view_has(all, 9, 0) && !view_has(all, 10, 0));
    ck_assert(!view_has(all, 1, UINT64_MAX));
    struct view tail = view_sub(all, 7, UINT64_MAX);
    ck_assert(tail.data == data + 7 && tail.size == 2);
    ck_assert_uint_eq(view_sub(all, 9, 1).size, 0);
    ck_assert_uint_eq(view_sub(all, UINT64_MAX, UINT64_MAX).size, 0);
    ck_assert(view_starts(all, 2, "\3\4", 2));
    ck_assert(!view_starts(all, 8, "\xff\0", 2));
    ck_assert(!view_starts(all, 2, "\3\5", 2));
}
END_TEST

START_TEST(lines_are_taken_off)
{
    const char text[] = "one\n\ntwo\r\n\0\nlast";
    struct view rest = {(const uint8_t *)text, sizeof(text) - 1}, line;
    static const struct view lines[] = {{(const uint8_t *)"one", 3},
                                        {(const uint8_t *)"", 0},
                                        {(const uint8_t *)"two\r", 4},
                                        {(const uint8_t *)"\0", 1},
                                        {(const uint8_t *)"last", 4}};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        ck_assert(view_next_line(&rest, &line));
        ck_assert_uint_eq(line.size, lines[i].size);
        ck_assert(view_starts(line, 0, lines[i].data, lines[i].size));
    }
    ck_assert(!view_next_line(&rest, &line));
    rest = (struct view){(const uint8_t *)"x\n", 2};
    ck_assert(view_next_line(&rest, &line) && line.size == 1);
    ck_assert(!view_next_line(&rest, &line));
}
END_TEST

UNIT_MAIN("bytes", both_byte_orders, nothing_is_read_past_the_end, views_are_cut_to_fit,
          lines_are_taken_off)
