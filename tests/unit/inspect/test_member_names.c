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

START_TEST(equal_names_are_numbered_from_one)
{
    struct member_names names = {0};
    ck_assert_uint_eq(count(&names, "a", 1), 1);
    ck_assert_uint_eq(count(&names, "a", 1), 2);
    ck_assert_uint_eq(count(&names, "b", 1), 1);
    ck_assert_uint_eq(count(&names, "a", 1), 3);
    member_names_release(&names);
}
END_TEST

START_TEST(names_are_bytes)
{
    struct member_names names = {0};
    ck_assert_uint_eq(count(&names, NULL, 0), 1);
    ck_assert_uint_eq(count(&names, "", 0), 2);
    ck_assert_uint_eq(count(&names, "\0", 1), 1);
    ck_assert_uint_eq(count(&names, "a\0b", 3), 1);
    ck_assert_uint_eq(count(&names, "a\0c", 3), 1);
    ck_assert_uint_eq(count(&names, "a", 1), 1);
    ck_assert_uint_eq(count(&names, "A", 1), 1);
    ck_assert_uint_eq(count(&names, "a\0b", 3), 2);
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

UNIT_MAIN("member_names", equal_names_are_numbered_from_one, names_are_bytes,
          counts_survive_growing, release_forgets)
