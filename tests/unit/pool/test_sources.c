/* Rule sources as the zygote takes them in. */
#include "pool/sources.h"
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static int source_file(const char *text, size_t size)
{
    int fd = memfd_create("source", MFD_CLOEXEC);
    ck_assert_int_eq((int)write(fd, text, size), (int)size);
    return fd;
}

START_TEST(texts_are_read_whole_whatever_the_offset)
{
    static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 200000};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char *expected = malloc(sizes[i] + 1);
        memset(expected, 'a' + (int)i, sizes[i]);
        int fd = source_file(expected, sizes[i]);
        char *text;
        size_t size;
        ck_assert_int_eq(sources_read_text(fd, &text, &size), ASSAY_OK);
        ck_assert_uint_eq(size, sizes[i]);
        ck_assert(memcmp(text, expected, size) == 0 && text[size] == 0);
        free(text);
        free(expected);
        close(fd);
    }
}
END_TEST

START_TEST(endless_and_unreadable_sources_are_refused)
{
    char *text = NULL;
    size_t size = 77;
    int endless = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    int directory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_eq(sources_read_text(endless, &text, &size), ASSAY_ERR_LIMIT);
    ck_assert_int_eq(sources_read_text(directory, &text, &size), ASSAY_ERR_IO);
    ck_assert_int_eq(sources_read_text(-1, &text, &size), ASSAY_ERR_IO);
    ck_assert_ptr_null(text);
    ck_assert_uint_eq(size, 77);
    close(endless);
    close(directory);
}
END_TEST

START_TEST(sources_keep_order_and_outlive_their_files)
{
    struct sources sources = {0};
    char name[16], text[64];
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof(name), "source-%d", i);
        int size = snprintf(text, sizeof(text), "rule r%d { condition: false }", i);
        int fd = source_file(text, (size_t)size);
        struct wire_source source = {name, "database"};
        ck_assert_int_eq(sources_add(&sources, &source, fd), ASSAY_OK);
        close(fd);
    }
    ck_assert_uint_eq(sources.count, 100);
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof(name), "source-%d", i);
        snprintf(text, sizeof(text), "rule r%d { condition: false }", i);
        ck_assert_str_eq(sources.list[i].name, name);
        ck_assert_str_eq(sources.list[i].database, "database");
        ck_assert_str_eq(sources.list[i].text, text);
        ck_assert_uint_eq(sources.list[i].size, strlen(text));
    }
    ck_assert_int_eq(sources_add(&sources, &(struct wire_source){"bad", ""}, -1), ASSAY_ERR_IO);
    ck_assert_uint_eq(sources.count, 100);
    sources_release(&sources);
    ck_assert_uint_eq(sources.count, 0);
}
END_TEST

START_TEST(builtin_sources_are_borrowed)
{
    struct sources sources = {0};
    int fd = source_file("rule a { condition: false }", 27);
    ck_assert_int_eq(sources_add(&sources, &(struct wire_source){"a", "b"}, fd), ASSAY_OK);
    ck_assert_int_eq(sources_add_builtin(&sources), ASSAY_OK);
    ck_assert_uint_gt(sources.count, 1);
    ck_assert_str_eq(sources.list[sources.count - 1].database, "builtin");
    sources_release(&sources);
    close(fd);
}
END_TEST

UNIT_MAIN("sources", texts_are_read_whole_whatever_the_offset,
          endless_and_unreadable_sources_are_refused, sources_keep_order_and_outlive_their_files,
          builtin_sources_are_borrowed)
