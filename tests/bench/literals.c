/* bench-literals LITERALS FILE...: what it costs to see which of many literals stand in some bytes.
 * LITERALS has a line for each: its bytes in hexadecimal, a blank, and 1 for any case or 0
 * (tests/bench/literals.py RULES... makes one from YARA rules). Sets are the first 100, 1,000, 10,000
 * and 50,000 of them.
 *
 * Prints MB/s of processor time (the best of some rounds) for each file, for noise and for zeros, by
 * each kernel, and by Hyperscan where that was there when this was built; what the set itself costs;
 * and nanoseconds for small views out of the first file. Not a test: build it with the release preset. */
#include "base/cleanup.h"
#include "signatures/filter/literal_kernel.h"

#include <stdio.h>
#include <time.h>

#ifdef HAVE_HYPERSCAN
#include <hs.h>
#endif

enum {
    ROUNDS = 3,
    LITERALS_MOST = 50000,
    SUBJECTS_MOST = 16,
    SUBJECT_MOST = 64 << 20,
    MADE = 32 << 20, /* noise and zeros */
};

struct subject {
    const char *name;
    struct view view;
};

static struct {
    struct literal literals[LITERALS_MOST];
    size_t count;
    struct subject subjects[SUBJECTS_MOST];
    size_t subject_count;
    uint64_t found[LITERALS_MOST / 64 + 1];
} all;

/* One way of doing it; `scan` sets bits of all.found. */
struct contender {
    const char *name;
    const void *context;
    void (*scan)(const void *context, struct view view);
};

static void require(bool holds, const char *what)
{
    if (holds)
        return;
    perror(what);
    exit(1);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* ---- what is measured ------------------------------------------------------------------------- */

static void read_literals(const char *path)
{
    FILE *file = fopen(path, "re");
    char line[128];
    require(file != NULL, path);
    while (all.count < LITERALS_MOST && fgets(line, sizeof(line), file) != NULL) {
        size_t size = strcspn(line, " ") / 2;
        uint8_t *bytes = calloc(size + 1, 1);
        require(bytes != NULL, "calloc");
        for (size_t i = 0; i < size; i++) {
            char digits[3] = {line[2 * i], line[2 * i + 1], '\0'};
            bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
        }
        all.literals[all.count++] = (struct literal){{bytes, size}, line[2 * size + 1] == '1'};
    }
    (void)fclose(file);
}

static void add_subject(const char *name, uint8_t *bytes, size_t size)
{
    require(bytes != NULL, name);
    all.subjects[all.subject_count++] = (struct subject){name, {bytes, size}};
}

static void read_subject(const char *path)
{
    FILE *file = fopen(path, "re");
    uint8_t *bytes = malloc(SUBJECT_MOST);
    const char *slash = strrchr(path, '/');
    require(file != NULL && bytes != NULL, path);
    add_subject(slash ? slash + 1 : path, bytes, fread(bytes, 1, SUBJECT_MOST, file));
    (void)fclose(file);
}

static uint8_t *make_noise(void)
{
    uint8_t *bytes = malloc(MADE);
    uint64_t state = 1;
    for (size_t i = 0; bytes != NULL && i < MADE; i++) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        bytes[i] = (uint8_t)(state >> 56);
    }
    return bytes;
}

/* ---- the contenders --------------------------------------------------------------------------- */

static void scan_portably(const void *context, struct view view)
{
    literal_set_scan_by(&literal_kernel_portable, context, view, all.found);
}

static void scan_quickly(const void *context, struct view view)
{
    literal_set_scan(context, view, all.found);
}

#ifdef HAVE_HYPERSCAN
struct hyperscan {
    hs_database_t *database;
    hs_scratch_t *scratch;
};

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                    void *context)
{
    (void)from, (void)to, (void)flags, (void)context;
    all.found[id / 64] |= UINT64_C(1) << id % 64;
    return 0;
}

static void scan_by_hyperscan(const void *context, struct view view)
{
    const struct hyperscan *hyperscan = context;
    hs_scan(hyperscan->database, (const char *)view.data, (unsigned)view.size, 0,
            hyperscan->scratch, on_match, NULL);
}

static void make_hyperscan(size_t count, struct hyperscan *ret_hyperscan)
{
    static const char *texts[LITERALS_MOST];
    static unsigned flags[LITERALS_MOST], ids[LITERALS_MOST];
    static size_t sizes[LITERALS_MOST];
    hs_compile_error_t *error = NULL;
    char *bytes;
    size_t size, scratch_size;
    for (size_t i = 0; i < count; i++) {
        texts[i] = (const char *)all.literals[i].bytes.data;
        sizes[i] = (size_t)all.literals[i].bytes.size;
        ids[i] = (unsigned)i;
        flags[i] = HS_FLAG_SINGLEMATCH | (all.literals[i].any_case ? HS_FLAG_CASELESS : 0);
    }
    double start = now();
    require(hs_compile_lit_multi(texts, flags, ids, sizes, (unsigned)count, HS_MODE_BLOCK, NULL,
                                 &ret_hyperscan->database, &error) == HS_SUCCESS,
            "hs_compile_lit_multi");
    double made = now() - start;
    hs_serialize_database(ret_hyperscan->database, &bytes, &size);
    hs_free_database(ret_hyperscan->database);
    start = now();
    hs_deserialize_database(bytes, size, &ret_hyperscan->database);
    double loaded = now() - start;
    hs_alloc_scratch(ret_hyperscan->database, &ret_hyperscan->scratch);
    hs_scratch_size(ret_hyperscan->scratch, &scratch_size);
    printf("Hyperscan: %zu KiB, made in %.0f ms, loaded in %.0f us, %zu KiB for each scanner\n",
           size >> 10, made * 1e3, loaded * 1e6, scratch_size >> 10);
    free(bytes);
}
#endif

/* ---- tables ----------------------------------------------------------------------------------- */

static double best_seconds(const struct contender *contender, struct view view)
{
    double best = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        memset(all.found, 0, sizeof(all.found));
        double start = now();
        contender->scan(contender->context, view);
        double took = now() - start;
        best = took < best ? took : best;
    }
    return best;
}

static size_t count_found(void)
{
    size_t count = 0;
    for (size_t i = 0; i < sizeof(all.found) / sizeof(all.found[0]); i++)
        count += (size_t)__builtin_popcountll(all.found[i]);
    return count;
}

static void print_speeds(const struct contender *contenders, size_t count)
{
    printf("\n| MB/s |");
    for (size_t i = 0; i < all.subject_count; i++)
        printf(" %s |", all.subjects[i].name);
    printf("\n|---|");
    for (size_t i = 0; i < all.subject_count; i++)
        printf("---:|");
    for (size_t c = 0; c < count; c++) {
        printf("\n| %s |", contenders[c].name);
        for (size_t i = 0; i < all.subject_count; i++) {
            struct view view = all.subjects[i].view;
            double seconds = best_seconds(&contenders[c], view);
            printf(" %.0f (%zu) |", (double)view.size / seconds / 1e6, count_found());
        }
    }
    printf("\n");
}

/* Views of one size in a row, as small files are: nothing is known of one when the next comes. */
static double nanoseconds_each(const struct contender *contender, uint64_t size)
{
    struct view whole = all.subjects[0].view;
    uint64_t views = whole.size / size < 2000 ? whole.size / size : 2000;
    double best = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        double start = now();
        for (uint64_t i = 0; i < views; i++) {
            memset(all.found, 0, sizeof(all.found));
            contender->scan(contender->context, view_sub(whole, i * size, size));
        }
        double took = (now() - start) / (double)views;
        best = took < best ? took : best;
    }
    return best * 1e9;
}

static void print_small(const struct contender *contenders, size_t count)
{
    static const uint64_t sizes[] = {512, 4096, 16384};
    printf("\n| ns for | 0.5 KiB | 4 KiB | 16 KiB |\n|---|---:|---:|---:|\n");
    for (size_t c = 0; c < count; c++) {
        printf("| %s |", contenders[c].name);
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
            printf(" %.0f |", nanoseconds_each(&contenders[c], sizes[i]));
        printf("\n");
    }
}

static void measure(size_t count)
{
    cleanup(buffer_release) struct buffer written = {NULL, 0, 0};
    struct literal_set set;
    printf("\n## %zu literals\n\n", count);
    double start = now();
    require(literal_set_write(all.literals, count, &written) == ASSAY_OK, "literal_set_write");
    printf("own: %zu KiB, made in %.0f ms\n", written.size >> 10, (now() - start) * 1e3);
    require(literal_set_open(buffer_view(&written), &set) == ASSAY_OK, "literal_set_open");
    struct contender contenders[] = {
        {"portable", &set, scan_portably},
        {"quickest", &set, scan_quickly},
        {"Hyperscan", NULL, NULL},
    };
    size_t contender_count = 2;
#ifdef HAVE_HYPERSCAN
    struct hyperscan hyperscan = {NULL, NULL};
    make_hyperscan(count, &hyperscan);
    contenders[contender_count++] = (struct contender){"Hyperscan", &hyperscan, scan_by_hyperscan};
#endif
    print_speeds(contenders, contender_count);
    print_small(contenders, contender_count);
#ifdef HAVE_HYPERSCAN
    hs_free_scratch(hyperscan.scratch);
    hs_free_database(hyperscan.database);
#endif
}

int main(int argument_count, char **arguments)
{
    static const size_t counts[] = {100, 1000, 10000, 50000};
    if (argument_count < 3 || argument_count - 2 > SUBJECTS_MOST - 2) {
        fprintf(stderr, "usage: bench-literals LITERALS FILE...\n");
        return 2;
    }
    read_literals(arguments[1]);
    for (int i = 2; i < argument_count; i++)
        read_subject(arguments[i]);
    add_subject("noise", make_noise(), MADE);
    add_subject("zeros", calloc(MADE, 1), MADE);
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        if (i == 0 || counts[i - 1] < all.count)
            measure(counts[i] < all.count ? counts[i] : all.count);
    return 0;
}
