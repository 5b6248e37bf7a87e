/* Which literals stand in a view: what a plain search says, by every kernel. */
#include "unit.h"

#include "base/cleanup.h"
#include "signatures/filter/literal_kernel.h"

#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 4096, PAGE = 4096 };

static struct {
    struct literal literals[MOST];
    uint8_t bytes[MOST][LITERAL_MAX];
    size_t count;
    struct buffer written;
    struct literal_set set;
    uint32_t state;
} made;

static uint32_t any(uint32_t below)
{
    made.state = made.state * 1664525 + 1013904223;
    return (uint32_t)((uint64_t)(made.state >> 4) * below >> 28);
}

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte + 32) : byte;
}

static void add(const void *bytes, size_t size, bool any_case)
{
    uint8_t *to = made.bytes[made.count];
    ck_assert_uint_lt(made.count, MOST);
    for (size_t i = 0; i < size; i++)
        to[i] = any_case ? lower(((const uint8_t *)bytes)[i]) : ((const uint8_t *)bytes)[i];
    made.literals[made.count++] = (struct literal){{to, size}, any_case};
}

#define ADD(text, any_case) add(text, sizeof(text) - 1, any_case)

static void write_set(void)
{
    buffer_release(&made.written);
    ck_assert_int_eq(literal_set_write(made.literals, made.count, &made.written), ASSAY_OK);
    ck_assert_int_eq(literal_set_open(buffer_view(&made.written), &made.set), ASSAY_OK);
    ck_assert_uint_eq(made.set.count, made.count);
}

static void start(void)
{
    made.count = 0;
    made.state = 1;
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

static bool is_set(const uint64_t *found, size_t n)
{
    return (found[n / 64] >> n % 64 & 1) != 0;
}

/* Returns how many stand there. */
static size_t compare_with(const struct literal_kernel *kernel, struct view view)
{
    uint64_t found[MOST / 64 + 1] = {0};
    size_t count = 0;
    found[(made.count + 63) / 64] = UINT64_C(0x5a5a5a5a5a5a5a5a);
    if (kernel == NULL)
        literal_set_scan(&made.set, view, found);
    else
        literal_set_scan_by(kernel, &made.set, view, found);
    for (size_t i = 0; i < made.count; i++) {
        ck_assert_msg(is_set(found, i) == stands(&made.literals[i], view),
                      "literal %zu of %zu bytes in %zu bytes by %s", i,
                      (size_t)made.literals[i].bytes.size, (size_t)view.size,
                      kernel == NULL ? "the quickest" : kernel->name);
        count += is_set(found, i);
    }
    ck_assert_uint_eq(found[(made.count + 63) / 64], UINT64_C(0x5a5a5a5a5a5a5a5a));
    return count;
}

static size_t compare(const void *data, size_t size)
{
    struct view view = {data, size};
    size_t count = compare_with(&literal_kernel_portable, view);
    ck_assert_uint_eq(compare_with(NULL, view), count);
    return count;
}

/* Bytes that are few, so that much is alike; some of them differ by what folding drops. */
static void fill(uint8_t *bytes, size_t size, uint32_t letters)
{
    static const uint8_t alphabet[] = "aAb\0 \xff@`[{B\x01k\xe0\xc0zZ_";
    for (size_t i = 0; i < size; i++)
        bytes[i] = alphabet[any(letters)];
}

static void add_random(size_t count, uint32_t letters, size_t longest)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[LITERAL_MAX];
        size_t size = LITERAL_MIN + any((uint32_t)(longest - LITERAL_MIN + 1));
        fill(bytes, size, letters);
        add(bytes, size, any(3) == 0);
    }
}

START_TEST(random_sets_in_random_data)
{
    uint8_t data[700];
    size_t found = 0;
    start();
    for (uint32_t round = 0; round < 150; round++) {
        uint32_t letters = 2 + any(17);
        made.count = 0;
        add_random(1 + any(60), letters, round % 2 ? LITERAL_MAX : 8);
        write_set();
        fill(data, sizeof(data), letters);
        size_t begin = any(64);
        found += compare(data + begin, any((uint32_t)(sizeof(data) - begin)));
    }
    ck_assert_uint_gt(found, 300);
}

/* Each literal somewhere, whole or with one byte that is another. */
START_TEST(near_misses)
{
    static uint8_t data[3 * LITERAL_BLOCK];
    start();
    for (int round = 0; round < 6; round++) {
        made.count = 0;
        add_random(300, 18, LITERAL_MAX);
        write_set();
        fill(data, sizeof(data), 18);
        for (size_t i = 0; i < made.count; i++) {
            struct view bytes = made.literals[i].bytes;
            uint8_t *to = data + any((uint32_t)(sizeof(data) - bytes.size));
            memcpy(to, bytes.data, bytes.size);
            if (i % 2)
                to[any((uint32_t)bytes.size)] ^= (uint8_t)(1U << any(8));
        }
        ck_assert_uint_gt(compare(data, sizeof(data)), 50);
    }
}

START_TEST(every_size_at_every_place)
{
    static uint8_t data[2 * LITERAL_BLOCK + 64];
    start();
    for (uint8_t size = LITERAL_MIN; size <= LITERAL_MAX; size++) {
        uint8_t bytes[LITERAL_MAX];
        for (uint8_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)('a' + (size * 7 + i * 3) % 26);
        made.count = 0;
        add(bytes, size, size % 2);
        write_set();
        for (size_t at = 0; at + size <= sizeof(data); at++) {
            bool is_far = at > 40 && (at + 40 < LITERAL_BLOCK || at > LITERAL_BLOCK + 8) &&
                          at + 40 < sizeof(data);
            if (is_far)
                continue;
            memset(data, '.', sizeof(data));
            memcpy(data + at, bytes, size);
            for (size_t end = at + size; end <= at + size + 1 && end <= sizeof(data); end++)
                ck_assert_uint_eq(compare(data, end), 1);
            ck_assert_uint_eq(compare(data, at + size - 1), 0);
            ck_assert_uint_eq(compare(data + at, size), 1);
            ck_assert_uint_eq(compare(data + at + 1, sizeof(data) - at - 1), 0);
        }
    }
}

START_TEST(letters_in_either_case_and_nothing_else)
{
    start();
    ADD("abcdefghijklmnopqrstuvwxyz", true);
    ADD("Mixed", false);
    ADD("mixed", true);
    ADD("[]^_", true);
    ADD("@`{|", true);
    ADD("\xe0\xe1", true);
    ADD("\xe0\xe1", false);
    write_set();
    ck_assert_uint_eq(compare("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 26), 1);
    ck_assert_uint_eq(compare("aBcDeFgHiJkLmNoPqRsTuVwXyZ", 26), 1);
    ck_assert_uint_eq(compare("Mixed", 5), 2);
    ck_assert_uint_eq(compare("mixed MIXED", 11), 1);
    ck_assert_uint_eq(compare("[]^_", 4), 1);
    ck_assert_uint_eq(compare("{}~\x7f", 4), 0);
    ck_assert_uint_eq(compare("`@[\\", 4), 0);
    ck_assert_uint_eq(compare("\xc0\xc1", 2), 0);
    ck_assert_uint_eq(compare("\xe0\xe1", 2), 2);
}

START_TEST(prefixes_overlaps_and_equals)
{
    static const char text[] = "abcdefghijklmnopqrstuvwxyzABCDEF";
    start();
    for (size_t size = LITERAL_MIN; size <= LITERAL_MAX; size++)
        for (int any_case = 0; any_case < 2; any_case++)
            add(text, size, any_case);
    for (size_t at = 1; at + LITERAL_MIN <= LITERAL_MAX; at++)
        add(text + at, LITERAL_MAX - at, false);
    for (int again = 0; again < 100; again++)
        ADD("defghijk", false);
    write_set();
    ck_assert_uint_eq(compare(text, 32), made.count);
    ck_assert_uint_eq(compare("xabcabcdabcdefabcdefghijk", 25), 20 + 100);
    ck_assert_uint_eq(compare("ABCDEFGHIJKL", 12), 11 + 5);
}

START_TEST(nothing_in_nothing)
{
    start();
    write_set();
    ck_assert_uint_eq(compare(NULL, 0), 0);
    ck_assert_uint_eq(compare("text", 4), 0);
    ADD("\0\0", false);
    ADD("\0\0\0\0\0", false);
    ADD("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", false);
    write_set();
    ck_assert_uint_eq(compare(NULL, 0), 0);
    ck_assert_uint_eq(compare("\0", 1), 0);
    ck_assert_uint_eq(compare("\0\0", 2), 1);
    ck_assert_uint_eq(compare("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 10), 0);
    ck_assert_uint_eq(compare("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 11), 1);
}

START_TEST(sizes_that_are_none)
{
    static const uint8_t bytes[LITERAL_MAX + 1] = {0};
    cleanup(buffer_release) struct buffer out = {NULL, 0, 0};
    ck_assert_int_eq(buffer_append_text(&out, "before"), ASSAY_OK);
    for (size_t size = 0; size <= LITERAL_MAX + 1; size++) {
        struct literal literals[] = {{{bytes, 2}, false}, {{bytes, size}, false}};
        bool is_good = size >= LITERAL_MIN && size <= LITERAL_MAX;
        ck_assert_int_eq(literal_set_write(literals, 2, &out),
                         is_good ? ASSAY_OK : ASSAY_ERR_ARGUMENT);
        ck_assert(is_good == (out.size > 6));
        out.size = 6;
    }
}

/* Long runs of one byte are left out, except for what is at their ends. */
START_TEST(runs)
{
    static uint8_t data[8 * LITERAL_BLOCK];
    static const uint8_t run[LITERAL_MAX] = {0};
    uint8_t before[LITERAL_MAX] = {0}, behind[LITERAL_MAX] = {0};
    before[0] = 'x';
    behind[LITERAL_MAX - 1] = 'y';
    start();
    for (size_t size = LITERAL_MIN; size <= LITERAL_MAX; size++) {
        add(run, size, false);
        add(before, size, false);
        add(behind + LITERAL_MAX - size, size, false);
    }
    write_set();
    for (size_t shift = 0; shift <= 96; shift += 5) {
        ck_assert_uint_eq(compare(data, sizeof(data) - shift), 31);
        size_t ends[] = {LITERAL_BLOCK - 48 + shift, 6 * LITERAL_BLOCK - 48 + shift};
        data[ends[0]] = 'x';
        ck_assert_uint_eq(compare(data, sizeof(data)), 62);
        data[ends[1]] = 'y';
        ck_assert_uint_eq(compare(data, sizeof(data)), 93);
        data[ends[0]] = data[ends[1]] = 0;
    }
}

START_TEST(nothing_is_read_beyond_the_view)
{
    uint8_t *map = mmap(NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(map, MAP_FAILED);
    ck_assert_int_eq(mprotect(map + PAGE, PAGE, PROT_READ | PROT_WRITE), 0);
    start();
    for (uint32_t letters = 2; letters <= 18; letters += 8) {
        made.count = 0;
        add_random(100, letters, LITERAL_MAX);
        write_set();
        fill(map + PAGE, PAGE, letters);
        for (size_t size = 0; size <= 120; size++) {
            compare(map + 2 * PAGE - size, size);
            compare(map + PAGE, size);
        }
        compare(map + PAGE, PAGE);
    }
    ck_assert_int_eq(munmap(map, 3 * PAGE), 0);
}

START_TEST(bits_stay)
{
    uint64_t found[1] = {0};
    start();
    ADD("first", false);
    ADD("second", false);
    ADD("third", false);
    write_set();
    literal_set_scan(&made.set, (struct view){(const uint8_t *)"a first", 7}, found);
    ck_assert_uint_eq(found[0], 1);
    literal_set_scan(&made.set, (struct view){(const uint8_t *)"a third and first", 17}, found);
    ck_assert_uint_eq(found[0], 5);
}

/* ---- a hundred thousand literals that are much alike ------------------------------------------- */

enum { ALIKE = 100000, ALIKE_SIZE = 20, ALIKE_DATA = 1 << 20 };

/* Looks for them in some data that repeats `unit`, behind which stands the last one. Comparing with
 * each of them would take hours. */
static void find_alike(const struct literal *literals, struct view unit, size_t first_found)
{
    cleanup(buffer_release) struct buffer out = {NULL, 0, 0};
    cleanup(free_cleanup) uint8_t *data = malloc(ALIKE_DATA);
    cleanup(free_cleanup) uint64_t *found = calloc(ALIKE / 64 + 1, sizeof(*found));
    struct literal_set set;
    const struct view last = literals[ALIKE - 1].bytes;
    ck_assert(data != NULL && found != NULL);
    for (size_t i = 0; i < ALIKE_DATA; i++)
        data[i] = unit.data[i % unit.size];
    memcpy(data + ALIKE_DATA - last.size, last.data, last.size);
    ck_assert_int_eq(literal_set_write(literals, ALIKE, &out), ASSAY_OK);
    ck_assert_int_eq(literal_set_open(buffer_view(&out), &set), ASSAY_OK);
    clock_t before = clock();
    literal_set_scan(&set, (struct view){data, ALIKE_DATA}, found);
    ck_assert_int_lt(clock() - before, 10 * CLOCKS_PER_SEC);
    for (size_t i = 0; i < ALIKE; i++)
        ck_assert(is_set(found, i) == (i >= first_found));
}

START_TEST(many_that_end_otherwise_and_many_equal)
{
    cleanup(free_cleanup) struct literal *literals = calloc(ALIKE, sizeof(*literals));
    cleanup(free_cleanup) uint8_t *bytes = calloc(ALIKE, ALIKE_SIZE);
    ck_assert(literals != NULL && bytes != NULL);
    for (uint32_t size = 5; size <= 16; size += 11) {
        for (uint32_t i = 0; i < ALIKE; i++) {
            uint8_t *to = bytes + (size_t)ALIKE_SIZE * i;
            uint32_t digits = i < ALIKE / 2 ? i : ALIKE;
            memset(to, 'A', size);
            memcpy(to + size - 3, &digits, 3);
            literals[i] = (struct literal){{to, size}, false};
        }
        find_alike(literals, (struct view){(const uint8_t *)"A", 1}, ALIKE / 2);
    }
}

START_TEST(many_that_differ_in_case)
{
    static const char letters[] = "abcdefghijklmnopqrst";
    cleanup(free_cleanup) struct literal *literals = calloc(ALIKE, sizeof(*literals));
    cleanup(free_cleanup) uint8_t *bytes = calloc(ALIKE, ALIKE_SIZE);
    ck_assert(literals != NULL && bytes != NULL);
    for (size_t i = 0; i < ALIKE; i++) {
        uint8_t *to = bytes + ALIKE_SIZE * i;
        for (size_t j = 0; j < ALIKE_SIZE; j++)
            to[j] = (uint8_t)(letters[j] - (j < 17 && (i >> j & 1) ? 32 : 0));
        literals[i] = (struct literal){{to, ALIKE_SIZE}, false};
    }
    find_alike(literals, (struct view){(const uint8_t *)"ABCDEFGHIJKLMNOPQrst", ALIKE_SIZE},
               ALIKE - 1);
}

/* Whatever the tables say: the sanitizers look on. */
START_TEST(damaged_sets)
{
    static uint8_t data[LITERAL_BLOCK + 100];
    struct literal_set set;
    size_t opened = 0;
    start();
    add_random(200, 6, LITERAL_MAX);
    write_set();
    fill(data, sizeof(data), 6);
    struct view whole = buffer_view(&made.written);
    for (uint64_t size = 0; size < whole.size; size += 1 + size / 16)
        ck_assert_int_eq(literal_set_open(view_sub(whole, 0, size), &set), ASSAY_ERR_CORRUPT);
    ck_assert_int_eq(literal_set_open(view_sub(whole, 1, whole.size), &set), ASSAY_ERR_CORRUPT);
    for (int round = 0; round < 2000; round++) {
        uint64_t found[MOST / 64 + 1] = {0};
        cleanup(free_cleanup) uint8_t *copy = malloc(made.written.size);
        ck_assert_ptr_nonnull(copy);
        memcpy(copy, made.written.data, made.written.size);
        for (uint32_t i = any(20) + 1; i > 0; i--)
            copy[any((uint32_t)(round % 4 ? made.written.size : 128))] = (uint8_t)any(256);
        if (literal_set_open((struct view){copy, made.written.size}, &set) < 0 || set.count > MOST)
            continue;
        opened++;
        literal_set_scan(&set, (struct view){data, sizeof(data)}, found);
        literal_set_scan_by(&literal_kernel_portable, &set, (struct view){data, sizeof(data)},
                            found);
    }
    ck_assert_uint_gt(opened, 1000);
}

UNIT_MAIN("literal_set", random_sets_in_random_data, near_misses, every_size_at_every_place,
          letters_in_either_case_and_nothing_else, prefixes_overlaps_and_equals, nothing_in_nothing,
          sizes_that_are_none, runs, nothing_is_read_beyond_the_view, bits_stay,
          many_that_end_otherwise_and_many_equal, many_that_differ_in_case, damaged_sets)
