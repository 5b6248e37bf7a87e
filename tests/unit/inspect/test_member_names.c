/* Names counted, from none to a hundred thousand. */
#include "inspect/member_names.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

static uint32_t count(struct member_names *names, const void *name, size_t size)
{
    uint32_t occurrence = 0;
    struct assay_bytes bytes = {name, size};
    if (member_names_count(names, bytes, &occurrence) != ASSAY_OK)
        ck_abort_msg("no memory");
    return occurrence;
}

START_TEST(equal_bytes_are_numbered_from_one)
{
    static const struct {
        const char *name;
        size_t size;
        uint32_t occurrence;
    } rows[] = {
        {"a", 1, 1},  {"a", 1, 2}, {"b", 1, 1},    {"a", 1, 3},    {NULL, 0, 1},   {"", 0, 2},
        {"\0", 1, 1}, {"A", 1, 1}, {"a\0b", 3, 1}, {"a\0c", 3, 1}, {"a\0b", 3, 2}, {"a", 1, 4},
    };
    struct member_names names = {0};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        ck_assert_msg(count(&names, rows[i].name, rows[i].size) == rows[i].occurrence, "row %zu",
                      i);
    member_names_release(&names);
}
END_TEST

START_TEST(counts_survive_growing)
{
    struct member_names names = {0};
    char name[32];
    for (uint32_t round = 1; round <= 2; round++) {
        for (int i = 0; i < 100000; i++) {
            int size = snprintf(name, sizeof(name), "dir/member-%d", i);
            if (count(&names, name, (size_t)size) != round)
                ck_abort_msg("%s is not number %u", name, round);
        }
    }
    ck_assert_uint_eq(names.used, 100000);
    ck_assert_uint_ge(names.capacity, 2 * names.used);
    member_names_release(&names);
}
END_TEST

START_TEST(release_forgets)
{
    struct member_names names = {0};
    ck_assert_uint_eq(count(&names, "a", 1), 1);
    member_names_release(&names);
    ck_assert_ptr_null(names.slots);
    ck_assert_uint_eq(names.capacity, 0);
    ck_assert_uint_eq(count(&names, "a", 1), 1);
    member_names_release(&names);
    member_names_release(&names);
}
END_TEST

UNIT_MAIN("member_names", equal_bytes_are_numbered_from_one, counts_survive_growing,
          release_forgets)
