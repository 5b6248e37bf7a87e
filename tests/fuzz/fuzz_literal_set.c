/*
 * Input: how many bytes of a written set are damaged (0: none), that many times where (two bytes) and
 * with what; how many literals there are, each as its size and whether it is any_case, then its
 * bytes; the rest is the view. What a whole set finds is compared with a plain search, what a damaged
 * one finds is left to the sanitizers.
 */
#include "base/cleanup.h"
#include "signatures/filter/literal_kernel.h"

#define LITERALS_MOST 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static struct view take(struct view *rest, uint64_t size)
{
    struct view taken = view_sub(*rest, 0, size);
    rest->data += taken.size;
    rest->size -= taken.size;
    return taken;
}

static uint8_t take_byte(struct view *rest)
{
    struct view byte = take(rest, 1);
    return byte.size == 1 ? byte.data[0] : 0;
}

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + 32) : byte;
}

static bool stands(const struct literal *literal, struct view view)
{
    for (uint64_t at = 0; at + literal->bytes.size <= view.size; at++) {
        uint64_t same = 0;
        for (; same < literal->bytes.size; same++) {
            uint8_t byte = view.data[at + same];
            if ((literal->any_case ? lower(byte) : byte) != literal->bytes.data[same])
                break;
        }
        if (same == literal->bytes.size)
            return true;
    }
    return false;
}

struct input {
    struct literal literals[LITERALS_MOST];
    uint8_t bytes[LITERALS_MOST][LITERAL_MAX];
    size_t count;
    struct view view;
};

static void read_literals(struct view *rest, struct input *input)
{
    size_t count = take_byte(rest) % LITERALS_MOST;
    for (input->count = 0; input->count < count; input->count++) {
        uint8_t head = take_byte(rest), *to = input->bytes[input->count];
        bool any_case = head >= 128;
        struct view bytes = take(rest, head % 31 + LITERAL_MIN);
        if (bytes.size < LITERAL_MIN)
            break;
        for (uint64_t i = 0; i < bytes.size; i++)
            to[i] = any_case ? lower(bytes.data[i]) : bytes.data[i];
        input->literals[input->count] = (struct literal){{to, bytes.size}, any_case};
    }
    input->view = *rest;
}

static void compare(const struct input *input, const struct literal_set *set)
{
    uint64_t quick[LITERALS_MOST / 64] = {0}, portable[LITERALS_MOST / 64] = {0};
    literal_set_scan(set, input->view, quick);
    literal_set_scan_by(&literal_kernel_portable, set, input->view, portable);
    check(quick[0] == portable[0]);
    for (size_t i = 0; i < input->count; i++)
        check((quick[0] >> i & 1) == stands(&input->literals[i], input->view));
    check(input->count == 0 ? quick[0] == 0 : quick[0] >> (input->count - 1) <= 1);
}

static void damage(struct buffer *written, struct view damages)
{
    while (damages.size >= 3) {
        size_t at = (size_t)take_byte(&damages) << 8;
        at |= take_byte(&damages);
        written->data[at % written->size] = take_byte(&damages);
    }
}

static void scan_damaged(const struct input *input, struct view written)
{
    struct literal_set set;
    if (literal_set_open(written, &set) < 0 || set.count > 1 << 20)
        return;
    cleanup(free_cleanup) uint64_t *found = calloc(set.count / 64 + 1, sizeof(*found));
    check(found != NULL);
    literal_set_scan(&set, input->view, found);
    literal_set_scan_by(&literal_kernel_portable, &set, input->view, found);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct input input;
    cleanup(buffer_release) struct buffer written = {NULL, 0, 0};
    struct literal_set set;
    struct view rest = {data, size};
    struct view damages = take(&rest, take_byte(&rest) % 32 * UINT64_C(3));
    read_literals(&rest, &input);
    check(literal_set_write(input.literals, input.count, &written) == ASSAY_OK);
    check(literal_set_open(buffer_view(&written), &set) == ASSAY_OK && set.count == input.count);
    if (damages.size == 0) {
        compare(&input, &set);
        return 0;
    }
    damage(&written, damages);
    /* Exactly as large as it is, so that what is beyond it is seen. */
    cleanup(free_cleanup) uint8_t *exact = malloc(written.size);
    check(exact != NULL);
    memcpy(exact, written.data, written.size);
    scan_damaged(&input, (struct view){exact, written.size});
    return 0;
}
