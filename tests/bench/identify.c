/* bench-identify [FILE...]: what it costs to ask every reader whether it knows some bytes. Each file
 * that is scanned pays this, and each member of each archive.
 *
 * Prints nanoseconds for all readers together (a median of many rounds) for some kinds of bytes: in
 * memory, as a mapped file, and as one that was mapped just now, where the first look at a page costs
 * a fault. Then a row for each of the slowest readers. Not a test: build it with the release preset. */
#include "unpack/unpacker.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    ROUNDS = 201,
    CALLS = 100, /* in a round, so that the clock does not count */
    SLOWEST = 10,
    READERS_MAX = 64,
    MEBIBYTE = 1 << 20,
};

struct subject {
    const char *name;
    struct view view;
    int fd;
};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), compare);
    return values[count / 2];
}

/* Nanoseconds for readers `from` to `to`. */
static double measure(struct view view, size_t from, size_t to)
{
    static volatile unsigned sum;
    double rounds[ROUNDS];
    size_t count;
    const struct unpacker *const *readers = unpack_registry(&count);
    for (size_t round = 0; round < ROUNDS; round++) {
        double start = now();
        for (size_t call = 0; call < CALLS; call++)
            for (size_t i = from; i < to; i++)
                sum += readers[i]->identify(view);
        rounds[round] = (now() - start) / CALLS;
    }
    return median(rounds, ROUNDS);
}

/* As above for all readers, with every page looked at for the first time. */
static double measure_faults(int fd, size_t size)
{
    static volatile unsigned sum;
    double rounds[ROUNDS];
    size_t count;
    const struct unpacker *const *readers = unpack_registry(&count);
    for (size_t round = 0; round < ROUNDS; round++) {
        void *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (map == MAP_FAILED)
            return 0;
        double start = now();
        for (size_t i = 0; i < count; i++)
            sum += readers[i]->identify((struct view){map, size});
        rounds[round] = now() - start;
        munmap(map, size);
    }
    return median(rounds, ROUNDS);
}

static int make_file(struct view view)
{
    int fd = memfd_create("subject", MFD_CLOEXEC);
    if (fd < 0 || write(fd, view.data, view.size) != (ssize_t)view.size) {
        perror("memfd_create");
        exit(1);
    }
    return fd;
}

static struct subject of_bytes(const char *name, const uint8_t *bytes, size_t size)
{
    struct view view = {bytes, size};
    return (struct subject){name, view, make_file(view)};
}

static struct subject of_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat stat;
    if (fd < 0 || fstat(fd, &stat) < 0 || stat.st_size == 0) {
        perror(path);
        exit(1);
    }
    size_t size = (size_t)stat.st_size;
    uint8_t *bytes = malloc(size);
    if (!bytes || read(fd, bytes, size) != (ssize_t)size) {
        perror(path);
        exit(1);
    }
    return (struct subject){path, {bytes, size}, fd};
}

static void fill_with_noise(uint8_t *bytes, size_t size)
{
    uint32_t state = 1;
    for (size_t i = 0; i < size; i++) {
        state = state * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(state >> 24);
    }
}

static void print_totals(const struct subject *subjects, size_t count)
{
    size_t readers;
    unpack_registry(&readers);
    printf("| bytes | size | in memory | mapped | mapped just now |\n|---|---:|---:|---:|---:|\n");
    for (size_t i = 0; i < count; i++) {
        const struct subject *subject = &subjects[i];
        void *map = mmap(NULL, subject->view.size, PROT_READ, MAP_PRIVATE, subject->fd, 0);
        if (map == MAP_FAILED)
            continue;
        struct view mapped = {map, subject->view.size};
        printf("| %s | %llu | %.0f | %.0f | %.0f |\n", subject->name,
               (unsigned long long)mapped.size, measure(subject->view, 0, readers),
               measure(mapped, 0, readers), measure_faults(subject->fd, mapped.size));
        munmap(map, mapped.size);
    }
}

static void print_slowest(const struct subject *subjects, size_t count)
{
    struct row {
        double worst; /* first, so that compare() sorts rows */
        size_t reader;
    } rows[READERS_MAX] = {{0, 0}};
    size_t readers;
    const struct unpacker *const *registry = unpack_registry(&readers);
    for (size_t i = 0; i < readers && i < READERS_MAX; i++) {
        rows[i].reader = i;
        for (size_t j = 0; j < count; j++) {
            double cost = measure(subjects[j].view, i, i + 1);
            rows[i].worst = cost > rows[i].worst ? cost : rows[i].worst;
        }
    }
    qsort(rows, readers < READERS_MAX ? readers : READERS_MAX, sizeof(rows[0]), compare);
    printf("\n| reader |");
    for (size_t j = 0; j < count; j++)
        printf(" %s |", subjects[j].name);
    printf("\n|---|");
    for (size_t j = 0; j < count; j++)
        printf("---:|");
    for (size_t i = 0; i < SLOWEST && i < readers; i++) {
        size_t reader = rows[readers - 1 - i].reader;
        printf("\n| %s |", registry[reader]->name);
        for (size_t j = 0; j < count; j++)
            printf(" %.0f |", measure(subjects[j].view, reader, reader + 1));
    }
    printf("\n");
}

int main(int argument_count, char **arguments)
{
    static uint8_t text[8192], noise[MEBIBYTE], picture[MEBIBYTE], photo[MEBIBYTE];
    static const char line[] = "An ordinary line of an ordinary text.\n";
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (uint8_t)line[i % (sizeof(line) - 1)];
    fill_with_noise(noise, sizeof(noise));
    memcpy(picture, noise, sizeof(picture));
    memcpy(photo, noise, sizeof(photo));
    memcpy(picture, "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", 16);
    memcpy(photo, "\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0", 20);
    struct subject subjects[16] = {
        of_file("/bin/ls"),
        of_bytes("text", text, sizeof(text)),
        of_bytes("noise", noise, sizeof(noise)),
        of_bytes("PNG", picture, sizeof(picture)),
        of_bytes("JPEG", photo, sizeof(photo)),
    };
    size_t count = 5;
    for (int i = 1; i < argument_count && count < sizeof(subjects) / sizeof(subjects[0]); i++)
        subjects[count++] = of_file(arguments[i]);
    print_totals(subjects, count);
    print_slowest(subjects, count);
    return 0;
}
