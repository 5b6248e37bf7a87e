/* The index of hashes: what is in it is found, and whatever is wrong with it does no harm. */
#include "hash_fixture.h"

#include "base/encode.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define MD5    "0123456789abcdef0123456789abcdef"
#define SHA1   "00112233445566778899aabbccddeeff00112233"
#define SHA256 "00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff"

static const char some_list[] = MD5 "\t10\tWorm.Ten\tcritical\n"
                                    "1" MD5 "1234567\t*\tTool\tinfo\n" SHA256
                                    "\t0\tEmpty\tlow\n" SHA256 "\t18446744073709550\tHuge\thigh\n"
                                    "f0ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff"
                                    "00ff\t7\tWorm.Ten\tmedium\n";

/* ---- looking up ------------------------------------------------------------------------------- */

struct found {
    size_t count, stop_after;
    char names[256];
    enum assay_severity severity;
};

static int on_hit(void *context, const struct hash_hit *hit)
{
    struct found *found = context;
    size_t used = strlen(found->names);
    snprintf(found->names + used, sizeof(found->names) - used, "%.*s ", (int)hit->name.size,
             (const char *)hit->name.data);
    found->severity = hit->severity;
    return ++found->count == found->stop_after ? 7 : 0;
}

static void digest_of(const char *hex, struct hash_line *ret_line)
{
    char line[128];
    snprintf(line, sizeof(line), "%s\t*\tn\tlow", hex);
    ck_assert(hash_line_parse((struct view){(const uint8_t *)line, strlen(line)}, ret_line));
}

static struct found find(const struct hash_set *set, const char *hex, uint64_t size)
{
    struct found found = {.count = 0};
    struct hash_line line;
    digest_of(hex, &line);
    ck_assert_int_eq(hash_set_find(set, line.kind, line.digest, size, on_hit, &found), 0);
    return found;
}

START_TEST(what_is_listed_is_found)
{
    cleanup(hash_set_free_cleanup) struct hash_set *set = hash_set_of(some_list);
    ck_assert_uint_eq(hash_set_count(set, HASH_MD5), 1);
    ck_assert_uint_eq(hash_set_count(set, HASH_SHA1), 1);
    ck_assert_uint_eq(hash_set_count(set, HASH_SHA256), 3);
    struct found found = find(set, MD5, 10);
    ck_assert_str_eq(found.names, "Worm.Ten ");
    ck_assert_int_eq(found.severity, ASSAY_CRITICAL);
    found = find(set, "1" MD5 "1234567", 123456);
    ck_assert_str_eq(found.names, "Tool ");
    ck_assert_int_eq(found.severity, ASSAY_INFO);
    ck_assert_str_eq(find(set, SHA256, 0).names, "Empty ");
    ck_assert_str_eq(find(set, SHA256, 18446744073709550).names, "Huge ");
}
END_TEST

START_TEST(what_is_not_listed_is_not_found)
{
    cleanup(hash_set_free_cleanup) struct hash_set *set = hash_set_of(some_list);
    ck_assert_uint_eq(find(set, MD5, 11).count, 0); /* another size */
    ck_assert_uint_eq(find(set, SHA256, 1).count, 0);
    ck_assert_uint_eq(find(set, SHA1, 10).count, 0);
    ck_assert_uint_eq(find(set, "0123456789abcdef0123456789abcdee", 10).count, 0);
    ck_assert_uint_eq(find(set, "0123456789abcdef0123456789abcdf0", 10).count, 0);
    ck_assert_uint_eq(find(set, "ffffffffffffffffffffffffffffffff", 10).count, 0);
    ck_assert_uint_eq(find(set, "00000000000000000000000000000000", 10).count, 0);
}
END_TEST

START_TEST(one_digest_can_have_many_names)
{
    cleanup(hash_set_free_cleanup) struct hash_set *set =
        hash_set_of(MD5 "\t*\ta\tlow\n" MD5 "\t*\tb\tlow\n" MD5 "\t5\ta\tlow\n" MD5
                        "\t5\tc\thigh\n" MD5 "\t6\td\tlow\n");
    ck_assert_str_eq(find(set, MD5, 5).names, "a b a c ");
    ck_assert_str_eq(find(set, MD5, 6).names, "a b d ");
    ck_assert_str_eq(find(set, MD5, 7).names, "a b ");
    struct found found = {.stop_after = 2};
    struct hash_line line;
    digest_of(MD5, &line);
    ck_assert_int_eq(hash_set_find(set, HASH_MD5, line.digest, 5, on_hit, &found), 7);
    ck_assert_str_eq(found.names, "a b ");
}
END_TEST

START_TEST(only_sizes_that_are_listed_are_wanted)
{
    cleanup(hash_set_free_cleanup) struct hash_set *set = hash_set_of(some_list);
    ck_assert(hash_set_wants(set, HASH_MD5, 10));
    ck_assert(hash_set_wants(set, HASH_SHA256, 0));
    ck_assert(hash_set_wants(set, HASH_SHA256, 7));
    size_t wrong = 0;
    for (uint64_t size = 100; size < 10100; size++) {
        ck_assert(hash_set_wants(set, HASH_SHA1, size)); /* one that has no size */
        wrong += hash_set_wants(set, HASH_SHA256, size);
    }
    ck_assert_uint_lt(wrong, 10);

    cleanup(hash_set_free_cleanup) struct hash_set *none = hash_set_of("");
    for (int kind = 0; kind < HASH_KINDS; kind++) {
        ck_assert(!hash_set_wants(none, (enum hash_kind)kind, 0));
        ck_assert_uint_eq(hash_set_count(none, (enum hash_kind)kind), 0);
    }
    ck_assert_uint_eq(find(none, MD5, 0).count, 0);
}
END_TEST

/* ---- many ------------------------------------------------------------------------------------- */

#define MANY 30000

/* Digests that are sorted and spread; behind the first bytes they are as if drawn. */
static void digest_at(size_t i, uint8_t digest[HASH_BYTES_MAX])
{
    uint64_t state = i * UINT64_C(0x9e3779b97f4a7c15);
    uint32_t front = (uint32_t)(i * (UINT32_MAX / MANY));
    for (size_t k = 0; k < HASH_BYTES_MAX; k++) {
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
        digest[k] = (uint8_t)(k < 4 ? front >> (24 - 8 * k) : state >> 56);
    }
}

static void append_many(struct buffer *list, enum hash_kind kind)
{
    for (size_t i = 0; i < MANY; i++) {
        uint8_t digest[HASH_BYTES_MAX];
        digest_at(i, digest);
        ck_assert_int_eq(encode_hex(list, (struct assay_bytes){digest, hash_bytes(kind)}),
                         ASSAY_OK);
        ck_assert_int_eq(
            buffer_append_format(list, "\t%zu\tFamily.%zu\tlow\n", i * 3, i % 3 ? i % 10 : i),
            ASSAY_OK);
    }
}

static void check_many(const struct hash_set *set, enum hash_kind kind)
{
    size_t wanted = 0;
    ck_assert_uint_eq(hash_set_count(set, kind), MANY);
    for (size_t i = 0; i < MANY; i++) {
        uint8_t digest[HASH_BYTES_MAX];
        char name[32];
        struct found found = {.count = 0};
        digest_at(i, digest);
        ck_assert(hash_set_wants(set, kind, i * 3));
        wanted += hash_set_wants(set, kind, i * 3 + 1);
        snprintf(name, sizeof(name), "Family.%zu ", i % 3 ? i % 10 : i);
        ck_assert_int_eq(hash_set_find(set, kind, digest, i * 3, on_hit, &found), 0);
        ck_assert_str_eq(found.names, name);
        digest[hash_bytes(kind) - 1] ^= 1;
        ck_assert_int_eq(hash_set_find(set, kind, digest, i * 3, on_hit, &found), 0);
        ck_assert_uint_eq(found.count, 1);
    }
    ck_assert_uint_lt(wanted, MANY / 50);
}

START_TEST(many_are_found)
{
    struct buffer list = {0};
    for (int kind = 0; kind < HASH_KINDS; kind++)
        append_many(&list, (enum hash_kind)kind);
    ck_assert_int_eq(buffer_terminate(&list), ASSAY_OK);
    cleanup(hash_set_free_cleanup) struct hash_set *set = hash_set_of((const char *)list.data);
    for (int kind = 0; kind < HASH_KINDS; kind++)
        check_many(set, (enum hash_kind)kind);
    buffer_release(&list);
}
END_TEST

START_TEST(names_that_repeat_are_kept_once)
{
    struct buffer once = {0}, each = {0};
    for (unsigned i = 0; i < 1000; i++) {
        const char *format = "%032x\t*\tA.rather.long.name.%u\tlow\n";
        ck_assert_int_eq(buffer_append_format(&once, format, i, i % 7), ASSAY_OK);
        ck_assert_int_eq(buffer_append_format(&each, format, i, i + 1000), ASSAY_OK);
    }
    ck_assert_int_eq(buffer_terminate(&once), ASSAY_OK);
    ck_assert_int_eq(buffer_terminate(&each), ASSAY_OK);
    struct buffer small = index_of((const char *)once.data);
    struct buffer large = index_of((const char *)each.data);
    ck_assert_uint_lt(small.size + 23700, large.size);
    buffer_release(&once);
    buffer_release(&each);
    buffer_release(&small);
    buffer_release(&large);
}
END_TEST

/* ---- lists ------------------------------------------------------------------------------------ */

START_TEST(a_list_that_is_wrong_names_its_line)
{
    char long_name[HASH_NAME_MAX + 64];
    snprintf(long_name, sizeof(long_name), MD5 "\t1\t%0256d\tlow\n", 1);
    const struct {
        const char *list, *words;
    } rows[] = {
        {"\n", "line 1 of the hashes is not HEX"},
        {MD5 "\t1\tn\tlow\nrubbish\n", "line 2 of the hashes is not HEX"},
        {MD5 " 1\tn\tlow\n", "is not HEX"},
        {"0" MD5 "\t1\tn\tlow\n", "is not HEX"},
        {"g123456789abcdef0123456789abcdef\t1\tn\tlow\n", "is not HEX"},
        {MD5 "\t-1\tn\tlow\n", "is not HEX"},
        {MD5 "\t\tn\tlow\n", "is not HEX"},
        {MD5 "\t18446744073709551616\tn\tlow\n", "is not HEX"},
        {MD5 "\t1\t\tlow\n", "is not HEX"},
        {MD5 "\t1\tn\x1b[2J\tlow\n", "is not HEX"},
        {MD5 "\t1\t\xff\tlow\n", "is not HEX"},
        {MD5 "\t1\tn\tbad\n", "is not HEX"},
        {MD5 "\t1\tn\n", "is not HEX"},
        {MD5 "\t1\tn\tlow\t\n", "is not HEX"},
        {MD5 "\t1\tn\tlow\r\n", "is not HEX"},
        {long_name, "is not HEX"},
        {MD5 "\t1\tn\tlow", "line 1 of the hashes does not end with a newline"},
        {MD5 "\t1\tn\tlow\n" MD5, "line 2 of the hashes does not end with a newline"},
        {"1" MD5 "1234567\t*\tn\tlow\n" MD5 "\t1\tn\tlow\n",
         "line 2 of the hashes is not in order"},
        {MD5 "\t1\tn\tlow\n01"
             "00000000000000000000000000000f"
             "\t1\tn\tlow\n",
         "line 2 of the hashes is not in order"},
        {MD5 "\t1\tn\tlow\n" MD5 "\t1\tn\thigh\n",
         "line 2 of the hashes says what the line before says"},
        {MD5 "\t*\tn\tlow\n" MD5 "\t*\tn\tlow\n", "line 2 of the hashes says what"},
        {MD5 "\t72057594037927935\tn\tlow\n", "line 1 of the hashes has a size that no file has"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct error error = {""};
        int out = memfd_of("", 0);
        ck_assert_int_eq(write_index_of(rows[i].list, out, &error), ASSAY_ERR_CORRUPT);
        ck_assert_msg(strstr(error.text, rows[i].words) != NULL, "row %zu: %s", i, error.text);
        close(out);
    }
}
END_TEST

START_TEST(a_line_without_an_end_is_refused)
{
    struct error error = {""};
    size_t size = 1 << 20;
    char *list = malloc(size);
    ck_assert_ptr_nonnull(list);
    memset(list, 'a', size - 1);
    list[size - 1] = '\0';
    int out = memfd_of("", 0);
    ck_assert_int_eq(write_index_of(list, out, &error), ASSAY_ERR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(error.text, "line 1 of the hashes is far too long"));
    free(list);
    close(out);
}
END_TEST

START_TEST(it_is_written_from_front_to_back)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    struct error error = {""};
    ck_assert_int_eq(write_index_of(some_list, ends[1], &error), ASSAY_OK);
    struct buffer index = index_of(some_list);
    uint8_t *got = malloc(index.size + 1);
    ck_assert_ptr_nonnull(got);
    ck_assert_int_eq(read(ends[0], got, index.size + 1), (ssize_t)index.size);
    ck_assert_mem_eq(got, index.data, index.size);
    free(got);
    buffer_release(&index);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

START_TEST(what_the_system_refuses_is_said)
{
    struct error error = {""};
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    ck_assert_int_eq(write_index_of(some_list, full, &error), ASSAY_ERR_IO);
    ck_assert_ptr_nonnull(strstr(error.text, "No space left on device"));
    ck_assert_int_eq(hash_index_write(-1, full, &error), ASSAY_ERR_IO);
    ck_assert_ptr_nonnull(strstr(error.text, "cannot be read: Bad file descriptor"));
    close(full);

    struct hash_set *set;
    ck_assert_int_eq(hash_set_open(-1, &set), ASSAY_ERR_IO);
    int directory = open("/", O_RDONLY | O_CLOEXEC);
    ck_assert_int_lt(hash_set_open(directory, &set), 0);
    close(directory);
}
END_TEST

/* ---- damage ----------------------------------------------------------------------------------- */

/* Looks up what is in the list and what is not; sanitizers watch. */
static void use(const struct hash_set *set)
{
    static const uint64_t sizes[] = {0, 1, 7, 10, UINT64_MAX};
    static const char *const digests[] = {MD5, "1" MD5 "1234567", SHA1, SHA256};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (int kind = 0; kind < HASH_KINDS; kind++)
            (void)hash_set_wants(set, (enum hash_kind)kind, sizes[i]);
        for (size_t k = 0; k < sizeof(digests) / sizeof(digests[0]); k++)
            find(set, digests[k], sizes[i]);
    }
}

START_TEST(a_file_that_is_cut_or_longer_is_refused)
{
    struct hash_set *set;
    struct buffer index = index_of(some_list);
    for (size_t size = 0; size < index.size; size++)
        ck_assert_int_eq(open_index((struct view){index.data, size}, &set), ASSAY_ERR_CORRUPT);
    ck_assert_int_eq(buffer_append(&index, "", 1), ASSAY_OK);
    ck_assert_int_eq(open_index(buffer_view(&index), &set), ASSAY_ERR_CORRUPT);
    buffer_release(&index);
}
END_TEST

START_TEST(damage_is_refused_or_does_no_harm)
{
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    struct buffer index = index_of(some_list);
    size_t opened = 0;
    for (size_t at = 0; at < index.size; at++) {
        uint8_t before = index.data[at];
        for (size_t i = 0; i < sizeof(values); i++) {
            cleanup(hash_set_free_cleanup) struct hash_set *set = NULL;
            index.data[at] = values[i];
            status result = open_index(buffer_view(&index), &set);
            ck_assert(result == ASSAY_OK || result == ASSAY_ERR_CORRUPT);
            if (result == ASSAY_OK)
                use(set);
            opened += result == ASSAY_OK;
        }
        index.data[at] = before;
    }
    ck_assert_uint_gt(opened, 1000);
    buffer_release(&index);
}
END_TEST

START_TEST(a_match_is_not_lost_with_its_name)
{
    struct buffer index = index_of(MD5 "\t*\tName\tlow\n");
    uint8_t *entry = memmem(index.data, index.size, "\x01\x23\x45\x67\x89", 5);
    ck_assert_ptr_nonnull(entry);
    memset(entry + 16, 0xff, 4); /* the name's offset */
    entry[27] = 200;             /* the severity */
    cleanup(hash_set_free_cleanup) struct hash_set *set = NULL;
    ck_assert_int_eq(open_index(buffer_view(&index), &set), ASSAY_OK);
    struct found found = find(set, MD5, 3);
    ck_assert_str_eq(found.names, "(unnamed) ");
    ck_assert_int_eq(found.severity, ASSAY_HIGH);
    buffer_release(&index);
}
END_TEST

UNIT_MAIN("hash_set", what_is_listed_is_found, what_is_not_listed_is_not_found,
          one_digest_can_have_many_names, only_sizes_that_are_listed_are_wanted, many_are_found,
          names_that_repeat_are_kept_once, a_list_that_is_wrong_names_its_line,
          a_line_without_an_end_is_refused, it_is_written_from_front_to_back,
          what_the_system_refuses_is_said, a_file_that_is_cut_or_longer_is_refused,
          damage_is_refused_or_does_no_harm, a_match_is_not_lost_with_its_name)
