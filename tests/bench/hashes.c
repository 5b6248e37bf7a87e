/* bench-hashes [ENTRIES [DIRECTORY]]: what known files cost, with so many of them (default ten million),
 * half MD5 and half SHA-256, each with a size, under 50,000 names. Their list and its index are nameless
 * files in DIRECTORY (default /var/tmp).
 *
 * Prints what making the index takes, what looking up takes in time, faults and memory, and what it
 * costs to hash objects, or to find that they need not be. Not a test: build it with the release
 * preset. */
#include "base/buffer.h"
#include "base/clock.h"
#include "base/encode.h"
#include "signatures/hash_match.h"
#include "signatures/hash_set.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    NAMES = 50000,
    FIRST_LOOKUPS = 1000,
    LOOKUPS = 1000000,
    MEBIBYTE = 1 << 20,
};

static void require(bool holds, const char *what)
{
    if (holds)
        return;
    perror(what);
    exit(1);
}

static double seconds_since(uint64_t start)
{
    return (double)(clock_nanoseconds() - start) / 1e9;
}

static uint64_t size_of(int fd)
{
    struct stat stat;
    require(fstat(fd, &stat) == 0, "fstat");
    return (uint64_t)stat.st_size;
}

/* A line of /proc/self/status, in KiB. */
static long memory(const char *name)
{
    char line[128];
    long value = 0;
    FILE *file = fopen("/proc/self/status", "re");
    require(file != NULL, "/proc/self/status");
    while (fgets(line, sizeof(line), file) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            value = strtol(line + strlen(name) + 1, NULL, 10);
    (void)fclose(file);
    return value;
}

/* ---- the list --------------------------------------------------------------------------------- */

/* Number `i` of `count` digests that are sorted, spread, and beyond that as if drawn. */
static void digest_at(uint64_t i, uint64_t count, uint8_t digest[HASH_BYTES_MAX])
{
    uint64_t state = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    uint64_t front = i * (UINT64_MAX / count);
    for (size_t k = 0; k < HASH_BYTES_MAX; k++) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        digest[k] = (uint8_t)((k < 8 ? front >> (56 - 8 * k) : state >> 56) & 0xff);
    }
}

/* Even, so that odd sizes are those that nobody has. */
static uint64_t object_size(uint64_t i)
{
    return 2 * (i * UINT64_C(2654435761) % 500000) + 512;
}

static void append_lines(int fd, enum hash_kind kind, uint64_t count)
{
    struct buffer text = {0};
    for (uint64_t i = 0; i < count; i++) {
        uint8_t digest[HASH_BYTES_MAX];
        digest_at(i, count, digest);
        require(encode_hex(&text, (struct assay_bytes){digest, hash_bytes(kind)}) == ASSAY_OK &&
                    buffer_append_format(&text, "\t%llu\tLinux.Trojan.Family-%llu\thigh\n",
                                         (unsigned long long)object_size(i),
                                         (unsigned long long)(i * 7919 % NAMES)) == ASSAY_OK,
                "memory");
        if (text.size < MEBIBYTE && i + 1 < count)
            continue;
        require(write(fd, text.data, text.size) == (ssize_t)text.size, "write");
        text.size = 0;
    }
    buffer_release(&text);
}

static struct hash_set *make_set(uint64_t count, const char *directory)
{
    int list = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    int index = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    require(list >= 0 && index >= 0, directory);
    append_lines(list, HASH_MD5, count / 2);
    append_lines(list, HASH_SHA256, count / 2);
    long before = memory("VmRSS");
    uint64_t start = clock_nanoseconds();
    struct error error = {""};
    require(hash_index_write(list, index, &error) == ASSAY_OK, error.text);
    printf("| making the index | %.1f s, %ld MiB of memory |\n", seconds_since(start),
           (memory("VmHWM") - before) / 1024);
    printf("| the list, its index | %.0f MB, %.0f MB |\n", (double)size_of(list) / 1e6,
           (double)size_of(index) / 1e6);

    struct hash_set *set;
    start = clock_nanoseconds();
    require(hash_set_open(index, &set) == ASSAY_OK, "hash_set_open");
    printf("| opening it | %.0f us |\n", seconds_since(start) * 1e6);
    close(list);
    close(index);
    return set;
}

/* ---- looking up ------------------------------------------------------------------------------- */

static int count_hit(void *context, const struct hash_hit *hit)
{
    (void)hit;
    ++*(uint64_t *)context;
    return 0;
}

/* Nanoseconds each for so many lookups all over the set, of what is in it or what is not. */
static double look_up(const struct hash_set *set, uint64_t lookups, bool known)
{
    uint64_t hits = 0, count = hash_set_count(set, HASH_SHA256);
    uint64_t start = clock_nanoseconds();
    for (uint64_t i = 0; i < lookups; i++) {
        uint64_t at = i * UINT64_C(2654435761) % count;
        uint8_t digest[HASH_BYTES_MAX];
        digest_at(at, count, digest);
        digest[HASH_BYTES_MAX - 1] ^= !known;
        require(hash_set_find(set, HASH_SHA256, digest, object_size(at), count_hit, &hits) == 0,
                "hash_set_find");
    }
    double each = seconds_since(start) * 1e9 / (double)lookups;
    require(hits == (known ? lookups : 0), "not the hits that there are");
    return each;
}

static double ask_sizes(const struct hash_set *set, uint64_t *ret_wrong)
{
    *ret_wrong = 0;
    uint64_t start = clock_nanoseconds();
    for (uint64_t i = 0; i < LOOKUPS; i++)
        *ret_wrong += hash_set_wants(set, HASH_SHA256, 2 * i + 1);
    return seconds_since(start) * 1e9 / LOOKUPS;
}

static void bench_lookups(const struct hash_set *set)
{
    struct rusage before, after;
    long file = memory("RssFile"), own = memory("RssAnon");
    getrusage(RUSAGE_SELF, &before);
    double first = look_up(set, FIRST_LOOKUPS, true);
    getrusage(RUSAGE_SELF, &after);
    printf("| the first %d lookups | %.0f ns each, %.1f faults each, %ld KiB more of the file, "
           "%ld KiB more of its own |\n",
           FIRST_LOOKUPS, first,
           (double)(after.ru_minflt - before.ru_minflt + after.ru_majflt - before.ru_majflt) /
               FIRST_LOOKUPS,
           memory("RssFile") - file, memory("RssAnon") - own);
    look_up(set, LOOKUPS, true);
    printf("| a lookup that finds | %.0f ns |\n", look_up(set, LOOKUPS, true));
    printf("| a lookup that does not | %.0f ns |\n", look_up(set, LOOKUPS, false));
    uint64_t wrong;
    double size = ask_sizes(set, &wrong);
    printf("| whether a size is wanted | %.0f ns, %.2f %% wrongly |\n", size,
           (double)wrong * 100 / LOOKUPS);
}

/* ---- hashing ---------------------------------------------------------------------------------- */

static int on_match(void *context, struct assay_match *match)
{
    (void)context;
    (void)match;
    return 0;
}

static void on_incomplete(void *context, enum assay_reason reason, const char *detail)
{
    (void)context;
    (void)reason;
    require(false, detail);
}

static struct assay_rules *make_rules(void)
{
    static const char text[] = "rule never { condition: false }";
    const struct assay_source source = {"bench", "bench", text, sizeof(text) - 1};
    const struct rules_input input = {.sources = &source, .count = 1};
    struct assay_rules *rules;
    require(rules_compile(&input, &rules) == ASSAY_OK, "rules");
    return rules;
}

/* Lists with a hash of no size, so that all objects are hashed. */
static struct hash_set *make_small_set(bool md5, bool sha1, bool sha256)
{
    char list[512];
    const int digits[] = {md5 ? 32 : 0, sha1 ? 40 : 0, sha256 ? 64 : 0};
    int used = 0;
    for (size_t i = 0; i < 3; i++)
        if (digits[i] > 0)
            used += snprintf(list + used, sizeof(list) - (size_t)used, "%0*d\t*\tn\tlow\n",
                             digits[i], 0);
    int in = memfd_create("list", MFD_CLOEXEC), out = memfd_create("index", MFD_CLOEXEC);
    struct hash_set *set;
    require(write(in, list, (size_t)used) == used && hash_index_write(in, out, NULL) == ASSAY_OK &&
                hash_set_open(out, &set) == ASSAY_OK,
            "small set");
    close(in);
    close(out);
    return set;
}

/* Nanoseconds for an object of `size` bytes. */
static double measure(struct hash_match *match, const uint8_t *bytes, uint64_t size)
{
    const struct matcher_events events = {on_match, on_incomplete, NULL};
    uint64_t rounds = 1 + (UINT64_C(128) << 20) / (size + 1024);
    uint64_t start = clock_nanoseconds();
    for (uint64_t i = 0; i < rounds; i++)
        require(hash_match_scan(match, (struct view){bytes, size}, start + 600 * CLOCK_SECOND,
                                &events, NULL) == ASSAY_OK,
                "hash_match_scan");
    return seconds_since(start) * 1e9 / (double)rounds;
}

static void bench_hashing(const char *name, struct hash_set *set, const uint8_t *bytes)
{
    static const uint64_t sizes[] = {1, 4097, 65537, 16 * MEBIBYTE + 1};
    struct assay_rules *rules = make_rules();
    struct hash_match *match;
    require((set == NULL || rules_add_hashes(rules, set, "bench") == ASSAY_OK) &&
                hash_match_new(rules, &match) == ASSAY_OK,
            "matcher");
    printf("| %s |", name);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        printf(" %.2f |", measure(match, bytes, sizes[i]) / 1e3);
    printf("\n");
    hash_match_free(match);
    rules_free(rules);
}

int main(int argument_count, char **arguments)
{
    uint64_t count = argument_count > 1 ? strtoull(arguments[1], NULL, 10) : 10000000;
    require(count >= 2, "so many entries");
    printf("| %llu known files | |\n|---|---|\n", (unsigned long long)count);
    struct hash_set *set = make_set(count, argument_count > 2 ? arguments[2] : "/var/tmp");
    bench_lookups(set);

    const size_t size = (size_t)17 * MEBIBYTE;
    uint8_t *bytes = malloc(size);
    require(bytes != NULL, "memory");
    memset(bytes, 'x', size);
    printf("\n| microseconds to hash, by bytes of the object | 1 | 4 KiB | 64 KiB | 16 MiB |\n"
           "|---|---:|---:|---:|---:|\n");
    bench_hashing("no hashes", NULL, bytes);
    bench_hashing("of sizes that nobody has", set, bytes);
    bench_hashing("md5", make_small_set(true, false, false), bytes);
    bench_hashing("sha1", make_small_set(false, true, false), bytes);
    bench_hashing("sha256", make_small_set(false, false, true), bytes);
    bench_hashing("md5, sha1 and sha256", make_small_set(true, true, true), bytes);
    free(bytes);
    return 0;
}
