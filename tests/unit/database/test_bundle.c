/* A database in one file: there is one form of it, and nothing else is taken for it. */
#include "signatures/database/bundle.h"
#include "signatures/database/bundle_seal.h"

#include "bundles.h"

#include <sys/stat.h>

#include "unpack/tool.h"

/* ---- writing --------------------------------------------------------------------------------- */

START_TEST(what_is_written_is_read)
{
    struct sample sample;
    sample_make(&sample);
    int asdb cleanup(fd_cleanup) = sample_write(&sample);
    struct buffer packed cleanup(buffer_release) = bytes_of(asdb);
    struct buffer tar cleanup(buffer_release) = {0};
    struct error error = {""};
    ck_assert_msg(expand(buffer_view(&packed), &error, &tar) == ASSAY_OK, "%s", error.text);
    struct bundle *bundle cleanup(bundle_free_cleanup) = NULL;
    ck_assert_msg(bundle_open(buffer_view(&tar), &error, &bundle) == ASSAY_OK, "%s", error.text);
    assert_same(bundle_manifest(bundle), buffer_view(&sample.manifest_text));
    size_t count;
    const struct view *signatures = bundle_signatures(bundle, &count);
    ck_assert_uint_eq(count, 2);
    assert_same(signatures[0], view_of("one"));
    assert_same(signatures[1], view_of("two"));
    const struct bundle_file *files = bundle_files(bundle, &count);
    ck_assert_uint_eq(count, SAMPLE_COUNT);
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        ck_assert_str_eq(files[i].name, sample_files[i].name);
        assert_same(files[i].bytes, view_of(sample_files[i].text));
    }
    ck_assert_int_eq(bundle_check(bundle, &sample.manifest, &error), ASSAY_OK);
    sample_release(&sample);
}
END_TEST

START_TEST(the_same_files_make_the_same_bytes)
{
    struct sample sample;
    sample_make(&sample);
    int first cleanup(fd_cleanup) = sample_write(&sample);
    struct bundle_file file = sample.files[0];
    sample.files[0] = sample.files[3];
    sample.files[3] = file;
    /* Other memory, another umask. */
    uint8_t *elsewhere = malloc(file.bytes.size);
    memcpy(elsewhere, file.bytes.data, file.bytes.size);
    sample.files[3].bytes.data = elsewhere;
    mode_t mask = umask(0);
    int second cleanup(fd_cleanup) = sample_write(&sample);
    umask(mask);
    free(elsewhere);
    struct buffer left cleanup(buffer_release) = bytes_of(first);
    struct buffer right cleanup(buffer_release) = bytes_of(second);
    assert_same(buffer_view(&left), buffer_view(&right));
    sample_release(&sample);
}
END_TEST

START_TEST(what_is_no_database_is_not_written)
{
    static const struct view none = {NULL, 0};
    static const struct view signatures[BUNDLE_SIGNATURES_MAX + 1];
    static const struct bundle_file twice[] = {{"a", {NULL, 0}}, {"a", {NULL, 0}}};
    static const struct bundle_file outside = {"../a", {NULL, 0}};
    static const struct bundle_file own = {"manifest.json", {NULL, 0}};
    static const struct bundle_file large = {"a", {NULL, MANIFEST_SIZE_MAX + 1}};
    static const struct bundle_file together[] = {
        {"a", {NULL, MANIFEST_SIZE_MAX}}, {"b", {NULL, MANIFEST_SIZE_MAX}}, {"c", {NULL, 1}}};
    static const struct view long_signature = {NULL, BUNDLE_SIGNATURE_MAX + 1};
    int fd = memfd_create("bundle", MFD_CLOEXEC);
    ck_assert_int_eq(bundle_write(fd, none, NULL, 0, twice, 2, NULL), ASSAY_ERR_ARGUMENT);
    ck_assert_int_eq(bundle_write(fd, none, NULL, 0, &outside, 1, NULL), ASSAY_ERR_ARGUMENT);
    ck_assert_int_eq(bundle_write(fd, none, NULL, 0, &own, 1, NULL), ASSAY_ERR_ARGUMENT);
    ck_assert_int_eq(bundle_write(fd, none, NULL, 0, &large, 1, NULL), ASSAY_ERR_ARGUMENT);
    ck_assert_int_eq(bundle_write(fd, none, NULL, 0, together, 3, NULL), ASSAY_ERR_ARGUMENT);
    ck_assert_int_eq(bundle_write(fd, none, signatures, 9, NULL, 0, NULL), ASSAY_ERR_ARGUMENT);
    ck_assert_int_eq(bundle_write(fd, none, &long_signature, 1, NULL, 0, NULL), ASSAY_ERR_ARGUMENT);
    struct stat written;
    ck_assert_int_eq(fstat(fd, &written), 0);
    ck_assert_int_eq(written.st_size, 0);
    close(fd);
}
END_TEST

START_TEST(a_full_disk_is_told)
{
    struct sample sample;
    sample_make(&sample);
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    struct error error = {""};
    ck_assert_int_eq(bundle_write(full, buffer_view(&sample.manifest_text), NULL, 0, sample.files,
                                  SAMPLE_COUNT, &error),
                     ASSAY_ERR_IO);
    ck_assert_ptr_nonnull(strstr(error.text, "No space left"));
    int asdb cleanup(fd_cleanup) = sample_write(&sample);
    ck_assert_int_eq(lseek(asdb, 0, SEEK_SET), 0);
    ck_assert_int_eq(bundle_expand(asdb, full, &error), ASSAY_ERR_IO);
    ck_assert_ptr_nonnull(strstr(error.text, "No space left"));
    close(full);
    sample_release(&sample);
}
END_TEST

/* ---- other programs -------------------------------------------------------------------------- */

static void copy_to(int fd, const char *name)
{
    struct buffer bytes cleanup(buffer_release) = bytes_of(fd);
    tool_write(name, buffer_view(&bytes), 0);
}

static void write_parts(const struct sample *sample)
{
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        const char *name = sample->files[i].name;
        const char *slash = strrchr(name, '/');
        char directory[MANIFEST_PATH_MAX];
        snprintf(directory, sizeof(directory), "%.*s", slash ? (int)(slash - name) : 1,
                 slash ? name : ".");
        TOOL_RUN("mkdir", "-p", directory);
        tool_write(name, sample->files[i].bytes, 0);
    }
    tool_write("manifest.json", buffer_view(&sample->manifest_text), 0);
    tool_write("manifest.json.minisig", sample->signatures[0], 0);
    tool_write("manifest.json.minisig.2", sample->signatures[1], 0);
}

/* GNU tar, told to forget whose the files are, makes the same archive of them. */
START_TEST(the_archive_is_what_tar_makes_of_the_files)
{
    char directory[32];
    struct sample sample;
    tool_enter(directory);
    sample_make(&sample);
    int asdb cleanup(fd_cleanup) = sample_write(&sample);
    copy_to(asdb, "x.tar.zst");
    TOOL_RUN("zstd", "-q", "-d", "x.tar.zst");
    write_parts(&sample);
    TOOL_RUN("tar", "-cf", "other.tar", "-b1", "--format=ustar", "--owner=0", "--group=0",
             "--numeric-owner", "--mtime=@0", "--mode=0644", "--no-recursion", "manifest.json",
             "manifest.json.minisig", "manifest.json.minisig.2", sample_files[0].name,
             sample_files[1].name, sample_files[2].name, sample_files[3].name);
    TOOL_RUN("cmp", "x.tar", "other.tar");
    sample_release(&sample);
    tool_leave(directory);
}
END_TEST

START_TEST(tar_and_minisign_take_it)
{
    char directory[32];
    struct sample sample;
    tool_enter(directory);
    sample_make(&sample);
    tool_write("manifest.json", buffer_view(&sample.manifest_text), 0);
    TOOL_RUN("minisign", "-G", "-W", "-f", "-p", "key.pub", "-s", "key");
    TOOL_RUN("minisign", "-S", "-H", "-s", "key", "-m", "manifest.json");
    struct buffer signature cleanup(buffer_release) = tool_read("manifest.json.minisig");
    sample.signatures[0] = buffer_view(&signature);
    sample.signature_count = 1;
    int asdb cleanup(fd_cleanup) = sample_write(&sample);
    copy_to(asdb, "x.asdb");
    TOOL_RUN("mkdir", "new");
    TOOL_RUN("tar", "--zstd", "-tf", "x.asdb");
    TOOL_RUN("tar", "--zstd", "-xf", "x.asdb", "-C", "new");
    TOOL_RUN("minisign", "-V", "-H", "-p", "key.pub", "-m", "new/manifest.json");
    struct buffer file cleanup(buffer_release) = tool_read("new/hashes/all.hashes");
    assert_same(buffer_view(&file), view_of(sample_files[2].text));
    sample_release(&sample);
    tool_leave(directory);
}
END_TEST

/* Another writer, which knows the description only: tests/corpus/bundles.py. */
START_TEST(a_bundle_of_somebody_else_is_taken)
{
    static const char seeds[] = TESTS_DIRECTORY "/corpus/seeds.py";
    char directory[32];
    tool_enter(directory);
    TOOL_RUN("env", "PYTHONDONTWRITEBYTECODE=1", "python3", seeds, "bundle_expand", ".");
    struct buffer asdb cleanup(buffer_release) = tool_read("all");
    struct buffer tar cleanup(buffer_release) = {0};
    struct error error = {""};
    ck_assert_msg(expand(buffer_view(&asdb), &error, &tar) == ASSAY_OK, "%s", error.text);
    ck_assert_msg(check_tar(buffer_view(&tar), &error) == ASSAY_OK, "%s", error.text);
    tool_leave(directory);
}
END_TEST

/* ---- damage ---------------------------------------------------------------------------------- */

/* A bundle, and the tar in it. */
struct packed {
    struct buffer asdb, tar;
};

static struct packed packed_sample(void)
{
    struct sample sample;
    sample_make(&sample);
    int fd cleanup(fd_cleanup) = sample_write(&sample);
    struct packed packed = {.asdb = bytes_of(fd)};
    ck_assert_int_eq(expand(buffer_view(&packed.asdb), NULL, &packed.tar), ASSAY_OK);
    sample_release(&sample);
    return packed;
}

static void packed_release(struct packed *packed)
{
    buffer_release(&packed->asdb);
    buffer_release(&packed->tar);
}

/* True when these bytes are taken for a database, which can only be the one that they were. */
static bool is_accepted(struct view asdb, struct view tar)
{
    struct buffer other cleanup(buffer_release) = {0};
    struct error error = {""};
    if (expand(asdb, &error, &other) != ASSAY_OK || check_tar(buffer_view(&other), &error) < 0) {
        ck_assert_str_ne(error.text, "");
        return false;
    }
    assert_same(buffer_view(&other), tar);
    return true;
}

/* The same each time: a generator of Knuth's. */
static uint64_t next_number(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

#define FLIPS 10000

/* Some bits of the zstd layer say nothing, such as how large a window is reserved: the seal has them. */
START_TEST(no_flipped_bit_is_accepted)
{
    struct packed packed cleanup(packed_release) = packed_sample();
    struct view asdb = buffer_view(&packed.asdb);
    uint64_t state = 1;
    for (unsigned i = 0; i < FLIPS; i++) {
        uint64_t bit = next_number(&state) % (asdb.size * 8);
        packed.asdb.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ck_assert(!is_accepted(asdb, buffer_view(&packed.tar)));
        packed.asdb.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    ck_assert(is_accepted(asdb, buffer_view(&packed.tar)));
}
END_TEST

/* What the check sum of the zstd layer does not see, the tar and the digests have to. Signatures are
 * looked at by others. */
START_TEST(no_flipped_bit_of_the_archive_is_accepted)
{
    struct packed packed cleanup(packed_release) = packed_sample();
    struct sample sample;
    sample_make(&sample);
    uint64_t state = 2;
    for (unsigned i = 0; i < FLIPS; i++) {
        uint64_t bit = next_number(&state) % (packed.tar.size * 8);
        packed.tar.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        struct bundle *bundle = NULL;
        status opened = bundle_open(buffer_view(&packed.tar), NULL, &bundle);
        if (opened == ASSAY_OK) {
            size_t count;
            const struct view *signatures = bundle_signatures(bundle, &count);
            bool same_manifest = view_starts(bundle_manifest(bundle), 0, sample.manifest_text.data,
                                             sample.manifest_text.size);
            bool same_signatures =
                view_starts(signatures[0], 0, "one", 3) && view_starts(signatures[1], 0, "two", 3);
            ck_assert(!same_manifest || !same_signatures ||
                      bundle_check(bundle, &sample.manifest, NULL) == ASSAY_ERR_CORRUPT);
        }
        bundle_free(bundle);
        packed.tar.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    sample_release(&sample);
}
END_TEST

START_TEST(cut_anywhere_it_is_refused)
{
    struct packed packed cleanup(packed_release) = packed_sample();
    struct view asdb = buffer_view(&packed.asdb);
    struct view tar = buffer_view(&packed.tar);
    struct error error = {""};
    for (uint64_t size = 0; size < asdb.size; size++) {
        struct buffer unused;
        ck_assert_int_eq(expand(view_sub(asdb, 0, size), &error, &unused), ASSAY_ERR_TRUNCATED);
    }
    for (uint64_t size = 0; size < tar.size; size++) {
        struct bundle *bundle = NULL;
        ck_assert_int_eq(bundle_open(view_sub(tar, 0, size), &error, &bundle), ASSAY_ERR_TRUNCATED);
    }
}
END_TEST

/* ---- other forms of the zstd layer ----------------------------------------------------------- */

/* Packs the tar with zstd's own program, as frames of the given sizes (0: the rest). */
static struct buffer packed_by(struct view tar, const char *option, const size_t *sizes,
                               size_t count)
{
    struct buffer all = {0};
    char directory[32];
    tool_enter(directory);
    for (size_t i = 0; i < count; i++) {
        struct view part = view_sub(tar, 0, sizes[i] ? sizes[i] : UINT64_MAX);
        tar = view_sub(tar, part.size, UINT64_MAX);
        tool_write("part", part, 0);
        TOOL_RUN("zstd", "-q", "-f", option, "part");
        struct buffer frame cleanup(buffer_release) = tool_read("part.zst");
        ck_assert_int_eq(buffer_append(&all, frame.data, frame.size), ASSAY_OK);
        TOOL_RUN("rm", "part");
    }
    uint8_t seal[BUNDLE_SEAL_SIZE] = BUNDLE_SEAL_HEAD;
    crypto_hash_sha256(seal + BUNDLE_SEAL_HEAD_SIZE, all.data, all.size);
    ck_assert_int_eq(buffer_append(&all, seal, sizeof(seal)), ASSAY_OK);
    tool_leave(directory);
    return all;
}

START_TEST(frames_are_two_and_have_a_check_sum)
{
    static const struct {
        const char *option;
        size_t sizes[3], count;
        status wanted;
    } rows[] = {
        {"-3", {1024, 0}, 2, ASSAY_OK},
        {"--ultra", {1024, 0}, 2, ASSAY_OK},
        {"--no-check", {1024, 0}, 2, ASSAY_ERR_CORRUPT},
        {"-3", {0}, 1, ASSAY_ERR_CORRUPT},
        {"-3", {1024, 1024, 0}, 3, ASSAY_ERR_CORRUPT},
    };
    struct packed packed cleanup(packed_release) = packed_sample();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buffer asdb cleanup(buffer_release) =
            packed_by(buffer_view(&packed.tar), rows[i].option, rows[i].sizes, rows[i].count);
        struct buffer tar cleanup(buffer_release) = {0};
        struct error error = {""};
        status expanded = expand(buffer_view(&asdb), &error, &tar);
        ck_assert_msg(expanded == rows[i].wanted, "%zu: %d: %s", i, expanded, error.text);
        if (expanded == ASSAY_OK)
            assert_same(buffer_view(&tar), buffer_view(&packed.tar));
    }
}
END_TEST

/* An asdb with something before it, between its frames or behind it. */
static status expand_with(struct view asdb, size_t at, const void *bytes, size_t size)
{
    struct buffer other cleanup(buffer_release) = {0};
    struct buffer tar cleanup(buffer_release) = {0};
    ck_assert_int_eq(buffer_append(&other, asdb.data, at), ASSAY_OK);
    ck_assert_int_eq(buffer_append(&other, bytes, size), ASSAY_OK);
    ck_assert_int_eq(buffer_append(&other, asdb.data + at, asdb.size - at), ASSAY_OK);
    return expand(buffer_view(&other), NULL, &tar);
}

START_TEST(nothing_else_is_in_the_file)
{
    static const uint8_t skippable[] = {0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 'x'};
    static const uint8_t empty[] = {0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58, 1,
                                    0,    0,    0x99, 0xe9, 0xd8, 0x51};
    struct packed packed cleanup(packed_release) = packed_sample();
    struct view asdb = buffer_view(&packed.asdb);
    size_t second = asdb.size - 1;
    while (second > 0 && !view_starts(asdb, second, empty, 4))
        second--;
    ck_assert_uint_gt(second, 0);
    const size_t places[] = {0, second, asdb.size};
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(expand_with(asdb, places[i], "", 0), ASSAY_OK);
        ck_assert_int_eq(expand_with(asdb, places[i], "", 1), ASSAY_ERR_CORRUPT);
        ck_assert_int_eq(expand_with(asdb, places[i], skippable, 9), ASSAY_ERR_CORRUPT);
        ck_assert_int_eq(expand_with(asdb, places[i], empty, sizeof(empty)), ASSAY_ERR_CORRUPT);
    }
}
END_TEST

/* A frame whose window is larger than what a reader has to have. */
START_TEST(the_window_is_bounded)
{
    static const uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0x04, (27 - 10) << 3, 3, 0, 0, 'x'};
    struct error error = {""};
    struct buffer tar;
    ck_assert_int_eq(expand((struct view){frame, sizeof(frame)}, &error, &tar), ASSAY_ERR_LIMIT);
    ck_assert_ptr_nonnull(strstr(error.text, "64 MiB"));
}
END_TEST

/* ---- other members --------------------------------------------------------------------------- */

/* A tar of the sample's members: '0' to '3' are its files, 'm' the manifest, 's' a signature and
 * 't' another, 'e' an empty file that nobody named. */
static struct buffer tar_of(const char *members)
{
    struct sample sample;
    sample_make(&sample);
    static const struct view signature[] = {{(const uint8_t *)"one", 3}, {(const uint8_t *)"2", 1}};
    struct bundle_file extra = {"extra", {NULL, 0}};
    int fd cleanup(fd_cleanup) = memfd_create("bundle", MFD_CLOEXEC);
    struct buffer all = {0};
    for (const char *member = members; *member; member++) {
        /* Each out of a bundle that has it, whose manifest and end are cut off. */
        const struct bundle_file *file =
            *member >= '0' && *member <= '3' ? &sample.files[*member - '0'] : &extra;
        size_t signatures = *member == 't' ? 2 : *member == 's';
        bool is_file = file != &extra || *member == 'e';
        ck_assert_int_eq(ftruncate(fd, 0), 0);
        ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
        ck_assert_int_eq(bundle_write(fd, buffer_view(&sample.manifest_text), signature, signatures,
                                      file, is_file, NULL),
                         ASSAY_OK);
        struct buffer asdb cleanup(buffer_release) = bytes_of(fd);
        struct buffer tar cleanup(buffer_release) = {0};
        ck_assert_int_eq(expand(buffer_view(&asdb), NULL, &tar), ASSAY_OK);
        uint64_t head = 512 + (sample.manifest_text.size + 511) / 512 * 512;
        struct view body = view_sub(buffer_view(&tar), 0, tar.size - 1024);
        body = *member == 'm' ? body : view_sub(body, head, UINT64_MAX);
        if (*member == 't')
            body = view_sub(body, 1024, UINT64_MAX);
        ck_assert_int_eq(buffer_append(&all, body.data, body.size), ASSAY_OK);
    }
    uint8_t end[1024] = {0};
    ck_assert_int_eq(buffer_append(&all, end, sizeof(end)), ASSAY_OK);
    sample_release(&sample);
    return all;
}

START_TEST(members_are_those_of_the_manifest_in_their_order)
{
    static const struct {
        const char *members;
        const char *words; /* NULL: it is a database */
    } rows[] = {
        {"m0123", NULL},
        {"ms0123", NULL},
        {"mst0123", NULL},
        {"", "begin with a manifest"},
        {"0123", "begin with a manifest"},
        {"sm0123", "begin with a manifest"},
        {"mm0123", "must not have, or not there: manifest.json"},
        {"m0123m", "must not have, or not there: manifest.json"},
        {"mt0123", "must not have, or not there: manifest.json.minisig.2"},
        {"mss0123", "must not have, or not there: manifest.json.minisig"},
        {"mts0123", "must not have, or not there: manifest.json.minisig"},
        {"m0123s", "must not have, or not there: manifest.json.minisig"},
        {"m012", "lacks a file of its manifest: long/"},
        {"m123", "lacks a file of its manifest: a.yar"},
        {"m", "lacks a file of its manifest: a.yar"},
        {"m0132", "not sorted"},
        {"m1023", "not sorted"},
        {"m00123", "twice: a.yar"},
        {"m01e23", "does not name: extra"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buffer tar cleanup(buffer_release) = tar_of(rows[i].members);
        struct error error = {""};
        status checked = check_tar(buffer_view(&tar), &error);
        if (rows[i].words == NULL)
            ck_assert_msg(checked == ASSAY_OK, "%s: %s", rows[i].members, error.text);
        else
            ck_assert_msg(checked == ASSAY_ERR_CORRUPT && strstr(error.text, rows[i].words),
                          "%s: %d: %s", rows[i].members, checked, error.text);
    }
}
END_TEST

START_TEST(a_file_behind_the_last_of_the_manifest_is_found)
{
    struct packed packed cleanup(packed_release) = packed_sample();
    struct bundle *bundle cleanup(bundle_free_cleanup) = NULL;
    struct sample sample;
    struct error error = {""};
    sample_make(&sample);
    ck_assert_int_eq(bundle_open(buffer_view(&packed.tar), NULL, &bundle), ASSAY_OK);
    sample.manifest.file_count--;
    ck_assert_int_eq(bundle_check(bundle, &sample.manifest, &error), ASSAY_ERR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(error.text, "does not name: long/"));
    sample.manifest.file_count++;
    sample.manifest.files[0].sha256[31] ^= 1;
    ck_assert_int_eq(bundle_check(bundle, &sample.manifest, &error), ASSAY_ERR_CORRUPT);
    ck_assert_ptr_nonnull(strstr(error.text, "another a.yar"));
    sample_release(&sample);
}
END_TEST

START_TEST(headers_have_one_form)
{
    /* Offsets into the header of a.yar, and what stands there instead: each is still a tar. */
    static const struct {
        size_t offset;
        const char *bytes;
    } rows[] = {
        {100, "0000755"}, {108, "0000001"}, {116, "0000001"}, {136, "00000000001"},
        {156, "5"},       {156, "2"},       {156, "L"},       {157, "x"},
        {265, "root"},    {297, "root"},    {500, "x"},       {124, "         33"},
    };
    struct packed packed cleanup(packed_release) = packed_sample();
    struct bundle *bundle = NULL;
    uint64_t at = 0;
    while (!view_starts(buffer_view(&packed.tar), at, "a.yar", 6))
        at += 512;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buffer tar cleanup(buffer_release) = {0};
        ck_assert_int_eq(buffer_append(&tar, packed.tar.data, packed.tar.size), ASSAY_OK);
        memcpy(tar.data + at + rows[i].offset, rows[i].bytes, strlen(rows[i].bytes));
        unsigned sum = 0;
        memset(tar.data + at + 148, ' ', 8);
        for (size_t j = 0; j < 512; j++)
            sum += tar.data[at + j];
        snprintf((char *)tar.data + at + 148, 7, "%06o", sum);
        ck_assert_int_eq(bundle_open(buffer_view(&tar), NULL, &bundle), ASSAY_ERR_CORRUPT);
    }
}
END_TEST

UNIT_MAIN("bundle", what_is_written_is_read, the_same_files_make_the_same_bytes,
          what_is_no_database_is_not_written, a_full_disk_is_told,
          the_archive_is_what_tar_makes_of_the_files, tar_and_minisign_take_it,
          a_bundle_of_somebody_else_is_taken, no_flipped_bit_is_accepted,
          no_flipped_bit_of_the_archive_is_accepted, cut_anywhere_it_is_refused,
          frames_are_two_and_have_a_check_sum, nothing_else_is_in_the_file, the_window_is_bounded,
          members_are_those_of_the_manifest_in_their_order,
          a_file_behind_the_last_of_the_manifest_is_found, headers_have_one_form)
