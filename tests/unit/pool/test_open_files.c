/* A pool takes no more descriptors than leave the others enough. */
#include "pool/open_files.h"
#include "unit.h"

START_TEST(there_is_always_one_worker_with_one_file)
{
    for (uint64_t limit = 0; limit < 100; limit++) {
        struct open_files most = open_files_share(limit, 64);
        ck_assert_uint_ge(most.workers, 1);
        ck_assert_uint_ge(most.tasks, 1);
    }
}
END_TEST

START_TEST(half_of_all_is_left_to_others)
{
    for (uint64_t limit = 16; limit < 5000; limit++) {
        struct open_files most = open_files_share(limit, 1024);
        ck_assert_uint_le(2 * most.workers + most.tasks, limit / 2);
        ck_assert_uint_ge(most.tasks, most.workers);
    }
}
END_TEST

START_TEST(no_more_workers_than_are_wanted)
{
    ck_assert_uint_eq(open_files_share(1024, 1).workers, 1);
    ck_assert_uint_eq(open_files_share(1024, 64).workers, 64);
    ck_assert_uint_eq(open_files_share(UINT64_MAX, 1024).workers, 1024);
    ck_assert_uint_lt(open_files_share(1024, 1024).workers, 1024);
}
END_TEST

UNIT_MAIN("open_files", there_is_always_one_worker_with_one_file, half_of_all_is_left_to_others,
          no_more_workers_than_are_wanted)
