#include "walk/idset.h"

#include "unit.h"

START_TEST(every_part_of_the_identity_counts)
{
    struct idset set = {.seed = 1};
    struct stat file = {.st_dev = 1, .st_ino = 2, .st_size = 3};
    file.st_mtim = (struct timespec){4, 5};
    file.st_ctim = (struct timespec){6, 7};
    ck_assert(!idset_has(&set, &file));
    ck_assert_int_eq(idset_add(&set, &file), ASSAY_OK);
    ck_assert(idset_has(&set, &file));

    struct stat others[7];
    for (size_t i = 0; i < 7; i++)
        others[i] = file;
    others[0].st_dev++;
    others[1].st_ino++;
    others[2].st_size++;
    others[3].st_mtim.tv_sec++;
    others[4].st_mtim.tv_nsec++;
    others[5].st_ctim.tv_sec++;
    others[6].st_ctim.tv_nsec++;
    for (size_t i = 0; i < 7; i++)
        ck_assert_msg(!idset_has(&set, &others[i]), "difference %zu", i);
    file.st_nlink = 9;
    file.st_atim.tv_sec = 10;
    ck_assert(idset_has(&set, &file));
    idset_release(&set);
    ck_assert(!idset_has(&set, &file));
}
END_TEST

START_TEST(many_are_told_apart)
{
    enum { COUNT = 200000 };
    struct idset set = {.seed = 0};
    for (unsigned i = 0; i < COUNT; i++) {
        struct stat file = {.st_dev = i % 3, .st_ino = i};
        ck_assert_int_eq(idset_add(&set, &file), ASSAY_OK);
        ck_assert_int_eq(idset_add(&set, &file), ASSAY_OK);
    }
    ck_assert_uint_eq(set.count, COUNT);
    for (unsigned i = 0; i < COUNT; i++) {
        struct stat file = {.st_dev = i % 3, .st_ino = i};
        struct stat other = {.st_dev = (i + 1) % 3, .st_ino = i};
        ck_assert(idset_has(&set, &file));
        ck_assert(!idset_has(&set, &other));
    }
    idset_release(&set);
}
END_TEST

UNIT_MAIN("walk-idset", every_part_of_the_identity_counts, many_are_told_apart)
