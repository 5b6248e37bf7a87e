/* The containers that libarchive reads: made by its own writers, by 7z, or by hand where nothing in
 * Debian writes them. */
#include "pack.h"
#include "pull.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>

#define PAYLOAD "payload of the first file\n"
#define SECOND  "second\n"

static void append(struct buffer *out, const void *bytes, size_t size)
{
    ck_assert_int_eq(buffer_append(out, bytes, size), ASSAY_OK);
}

static void append_u16(struct buffer *out, unsigned number)
{
    uint8_t bytes[] = {(uint8_t)number, (uint8_t)(number >> 8)};
    append(out, bytes, sizeof(bytes));
}

/* ---- by libarchive's writers ---------------------------------------------------------------- */

static void write_entry(struct archive *archive, const char *name, mode_t mode, const char *text)
{
    struct archive_entry *entry = archive_entry_new();
    archive_entry_set_pathname(entry, name);
    archive_entry_set_mode(entry, mode);
    archive_entry_set_size(entry, (int64_t)strlen(text));
    ck_assert_int_eq(archive_write_header(archive, entry), ARCHIVE_OK);
    if (*text)
        ck_assert_int_eq(archive_write_data(archive, text, strlen(text)), (la_ssize_t)strlen(text));
    archive_entry_free(entry);
}

static struct buffer write_archive(int (*set_format)(struct archive *), bool has_folder)
{
    struct buffer out = {0};
    size_t most = 65536, used = 0;
    struct archive *archive = archive_write_new();
    ck_assert_ptr_nonnull(archive);
    ck_assert_int_eq(set_format(archive), ARCHIVE_OK);
    ck_assert_int_eq(archive_write_set_bytes_per_block(archive, 1), ARCHIVE_OK);
    ck_assert_int_eq(archive_write_open_memory(archive, pack_room(&out, most), most, &used),
                     ARCHIVE_OK);
    if (has_folder)
        write_entry(archive, "folder", S_IFDIR | 0755, "");
    write_entry(archive, "first.txt", S_IFREG | 0644, PAYLOAD);
    write_entry(archive, "second.txt", S_IFREG | 0644, SECOND);
    ck_assert_int_eq(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
    out.size = used;
    return out;
}

/* ---- by hand: what is stored, not compressed ------------------------------------------------ */

/* LHA, level 0, method -lh0-. */
static void append_lha(struct buffer *out, const char *name, const char *text)
{
    struct buffer head = {0};
    append(&head, "-lh0-", 5);
    pack_number(&head, (uint32_t)strlen(text));
    pack_number(&head, (uint32_t)strlen(text));
    append(&head, "\0\0\x21\x58\x20\0", 6);
    uint8_t name_size = (uint8_t)strlen(name), sum = 0;
    append(&head, &name_size, 1);
    append(&head, name, name_size);
    uint16_t crc = 0;
    for (const char *c = text; *c; c++) {
        crc ^= (uint8_t)*c;
        for (int bit = 0; bit < 8; bit++)
            crc = (uint16_t)(crc & 1 ? crc >> 1 ^ 0xa001 : crc >> 1);
    }
    append_u16(&head, crc);
    for (size_t i = 0; i < head.size; i++)
        sum = (uint8_t)(sum + head.data[i]);
    uint8_t begin[] = {(uint8_t)head.size, sum};
    append(out, begin, sizeof(begin));
    append(out, head.data, head.size);
    append(out, text, strlen(text));
    buffer_release(&head);
}

static struct buffer make_lha(void)
{
    struct buffer out = {0};
    append_lha(&out, "first.txt", PAYLOAD);
    append_lha(&out, "second.txt", SECOND);
    append(&out, "", 1);
    return out;
}

/* A RAR 4 block: CRC of what follows, type, flags, size, body. */
static void append_rar(struct buffer *out, uint8_t type, unsigned flags, const struct buffer *body)
{
    struct buffer block = {0};
    append(&block, &type, 1);
    append_u16(&block, flags);
    append_u16(&block, (unsigned)(7 + body->size));
    append(&block, body->data ? body->data : (const uint8_t *)"", body->size);
    append_u16(out, (unsigned)crc32(0, block.data, (uInt)block.size) & 0xffff);
    append(out, block.data, block.size);
    buffer_release(&block);
}

static void append_rar_file(struct buffer *out, const char *name, const char *text)
{
    struct buffer body = {0};
    pack_number(&body, (uint32_t)strlen(text));
    pack_number(&body, (uint32_t)strlen(text));
    append(&body, "\3", 1);
    pack_number(&body, (uint32_t)crc32(0, (const Bytef *)text, (uInt)strlen(text)));
    append(&body, "\0\0\x21\x58\x14\x30", 6);
    append_u16(&body, (unsigned)strlen(name));
    pack_number(&body, 0100644);
    append(&body, name, strlen(name));
    append_rar(out, 0x74, 0x8000, &body);
    append(out, text, strlen(text));
    buffer_release(&body);
}

static struct buffer make_rar(unsigned main_flags)
{
    struct buffer out = {0}, reserved = {0}, none = {0};
    append(&out, "Rar!\x1a\x07\0", 7);
    append(&reserved, "\0\0\0\0\0\0", 6);
    append_rar(&out, 0x73, main_flags, &reserved);
    append_rar_file(&out, "first.txt", PAYLOAD);
    append_rar_file(&out, "second.txt", SECOND);
    append_rar(&out, 0x7b, 0x4000, &none);
    buffer_release(&reserved);
    return out;
}

/* A RAR 5 block: CRC, then size and body; every number here fits in seven bits. */
static void append_rar5(struct buffer *out, const void *body, size_t size)
{
    struct buffer block = {0};
    uint8_t size_byte = (uint8_t)size;
    append(&block, &size_byte, 1);
    append(&block, body, size);
    pack_number(out, (uint32_t)crc32(0, block.data, (uInt)block.size));
    append(out, block.data, block.size);
    buffer_release(&block);
}

static void append_rar5_file(struct buffer *out, const char *name, const char *text)
{
    struct buffer body = {0};
    uint8_t size = (uint8_t)strlen(text), name_size = (uint8_t)strlen(name);
    uint8_t head[] = {2, 2, size, 4, size, 0};
    append(&body, head, sizeof(head));
    pack_number(&body, (uint32_t)crc32(0, (const Bytef *)text, size));
    append(&body, "\0\1", 2); /* stored; Unix */
    append(&body, &name_size, 1);
    append(&body, name, name_size);
    append_rar5(out, body.data, body.size);
    append(out, text, size);
    buffer_release(&body);
}

static struct buffer make_rar5(char archive_flags)
{
    struct buffer out = {0};
    char head[] = {1, 0, archive_flags};
    append(&out, "Rar!\x1a\x07\1\0", 8);
    append_rar5(&out, head, sizeof(head));
    append_rar5_file(&out, "first.txt", PAYLOAD);
    append_rar5_file(&out, "second.txt", SECOND);
    append_rar5(&out, "\5\0\0", 3);
    return out;
}

/* ---- tests ---------------------------------------------------------------------------------- */

static const struct sample {
    const char *row;
    int (*set_format)(struct archive *); /* NULL: by hand */
    bool has_folder;
    bool has_end; /* so that a cut is noticed wherever it is */
} samples[] = {
    {"7z", archive_write_set_format_7zip, true, true},
    {"lha", NULL, false, true},
    {"rar", NULL, false, false},
    {"rar5", NULL, false, true},
};
enum { SAMPLES = sizeof(samples) / sizeof(samples[0]) };

static struct buffer make(const struct sample *sample)
{
    if (sample->set_format)
        return write_archive(sample->set_format, sample->has_folder);
    if (strcmp(sample->row, "lha") == 0)
        return make_lha();
    return strcmp(sample->row, "rar") == 0 ? make_rar(0) : make_rar5(0);
}

START_TEST(test_whole)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        struct buffer packed = make(&samples[i]);
        const struct unpacker *u = pull_row(samples[i].row);
        ck_assert_msg(u->identify(buffer_view(&packed)) > 0, "%s", u->name);
        for (size_t step = 1; step < 100000; step *= 99) {
            struct pulled pulled = pull_with(u, buffer_view(&packed), step, 64 << 20);
            ck_assert_msg(pulled.opened == ASSAY_OK, "%s: %s", u->name, pulled.error);
            ck_assert_msg(pulled.ended == ASSAY_END, "%s: %s", u->name, pulled.error);
            ck_assert_msg(pulled.last_read == ASSAY_END, "%s: %s", u->name, pulled.error);
            ck_assert_uint_eq(pulled.notes, 0);
            ck_assert_msg(memmem(pulled.bytes.data, pulled.bytes.size, PAYLOAD, strlen(PAYLOAD)),
                          "%s", u->name);
            ck_assert_ptr_nonnull(strstr((char *)pulled.names.data, "first.txt"));
            ck_assert_ptr_nonnull(strstr((char *)pulled.names.data, "second.txt"));
            ck_assert_ptr_null(strstr((char *)pulled.names.data, "folder"));
            pulled_release(&pulled);
        }
        buffer_release(&packed);
    }
}
END_TEST

START_TEST(test_truncated_anywhere)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        struct buffer packed = make(&samples[i]);
        const struct unpacker *u = pull_row(samples[i].row);
        for (size_t size = 0; size < packed.size; size++) {
            struct view cut = view_sub(buffer_view(&packed), 0, size);
            if (!u->identify(cut))
                continue;
            struct pulled pulled = pull_with(u, cut, 64, 64 << 20);
            bool is_whole = pulled.opened == ASSAY_OK && pulled.ended == ASSAY_END &&
                            pulled.last_read == ASSAY_END && !pulled.notes;
            bool has_both = memmem(pulled.bytes.data ? (void *)pulled.bytes.data : "",
                                   pulled.bytes.size, SECOND, strlen(SECOND));
            ck_assert_msg(!is_whole || has_both || !samples[i].has_end,
                          "%s cut to %zu of %zu goes unnoticed", u->name, size, packed.size);
            pulled_release(&pulled);
        }
        buffer_release(&packed);
    }
}
END_TEST

/* The members are all there, but not the end: libarchive takes that for the end. */
START_TEST(test_end_is_missing)
{
    struct buffer packed[] = {make_lha(), make_rar5(0), make_rar5(0), make_rar(0)};
    static const char *const names[] = {"lha", "rar5", "rar5", "rar"};
    packed[0].size -= 1;
    packed[1].size -= 8;
    packed[2].size -= 1;
    packed[3].size -= 5;
    for (size_t i = 0; i < sizeof(packed) / sizeof(packed[0]); i++) {
        struct pulled pulled = pull(names[i], buffer_view(&packed[i]));
        ck_assert_ptr_nonnull(memmem(pulled.bytes.data, pulled.bytes.size, SECOND, strlen(SECOND)));
        ck_assert_msg(pulled.notes == 1, "%s: %u", names[i], pulled.notes);
        ck_assert_int_eq(pulled.last_note, ASSAY_ERR_TRUNCATED);
        ck_assert_int_eq(pulled.ended, ASSAY_END);
        pulled_release(&pulled);
        buffer_release(&packed[i]);
    }
}
END_TEST

/* What stands behind an archive is given, without the zeros between; zeros alone are nothing. */
START_TEST(test_behind_the_end)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        const struct unpacker *u = pull_row(samples[i].row);
        struct buffer packed = make(&samples[i]);
        append(&packed, "\0\0\0\0\0\0\0\0", 8);
        struct pulled alone = pull(u->name, buffer_view(&packed));
        ck_assert_msg(alone.members == 2, "%s: %zu", u->name, alone.members);
        char name[64];
        snprintf(name, sizeof(name), "second.txt\n<residue@%zu>\n", packed.size);
        append(&packed, "stands behind", 13);
        struct pulled pulled = pull(u->name, buffer_view(&packed));
        ck_assert_msg(pulled.members == 3, "%s: %zu", u->name, pulled.members);
        ck_assert_uint_eq(pulled.notes, 0);
        ck_assert_int_eq(pulled.ended, ASSAY_END);
        ck_assert_msg(strstr((char *)pulled.names.data, name), "%s: %s", name,
                      (char *)pulled.names.data);
        ck_assert_mem_eq(pulled.bytes.data + pulled.bytes.size - 13, "stands behind", 13);
        pulled_release(&alone);
        pulled_release(&pulled);
        buffer_release(&packed);
    }
}
END_TEST

/* Nothing may crash, and the contract of reading holds (pull.h asserts it). */
START_TEST(test_corrupt_anywhere)
{
    for (size_t i = 0; i < SAMPLES; i++) {
        struct buffer packed = make(&samples[i]);
        const struct unpacker *u = pull_row(samples[i].row);
        for (size_t at = 0; at < packed.size; at++) {
            packed.data[at] ^= 0xff;
            if (u->identify(buffer_view(&packed))) {
                struct pulled pulled = pull_with(u, buffer_view(&packed), 4096, 64 << 20);
                pulled_release(&pulled);
            }
            packed.data[at] ^= 0xff;
        }
        buffer_release(&packed);
    }
}
END_TEST

START_TEST(test_volumes)
{
    struct buffer packed[] = {make_rar(0x0101), make_rar5(1)};
    static const char *const names[] = {"rar", "rar5"};
    for (size_t i = 0; i < 2; i++) {
        const struct unpacker *u = pull_row(names[i]);
        struct pulled pulled = pull_with(u, buffer_view(&packed[i]), 64, 64 << 20);
        ck_assert_msg(pulled.notes >= 1 || pulled.opened == ASSAY_ERR_MISSING_VOLUME, "%s",
                      names[i]);
        pulled_release(&pulled);
        buffer_release(&packed[i]);
    }
}
END_TEST

START_TEST(test_encrypted_headers)
{
    struct buffer rar = make_rar(0x0080), rar5 = {0};
    append(&rar5, "Rar!\x1a\x07\1\0", 8);
    append_rar5(&rar5,
                "\4\0\0\0\x0f"
                "0123456789abcdef",
                21);
    struct pulled old = pull("rar", buffer_view(&rar));
    struct pulled new = pull("rar5", buffer_view(&rar5));
    ck_assert_int_eq(old.opened, ASSAY_ERR_ENCRYPTED);
    ck_assert_int_eq(new.opened, ASSAY_ERR_ENCRYPTED);
    pulled_release(&old);
    pulled_release(&new);
    buffer_release(&rar);
    buffer_release(&rar5);
}
END_TEST

/* In the middle of something: what is one is known, and a damaged head is taken for chance. */
START_TEST(test_genuine)
{
    struct buffer archives[] = {make(&samples[0]), make_rar(0), make_rar5(0)};
    static const char *const names[] = {"7z", "rar", "rar5"};
    static const size_t damaged[] = {20, 15, 13}; /* bytes that the head's check sum is over */
    for (size_t i = 0; i < 3; i++) {
        const struct unpacker *row = pull_row(names[i]);
        ck_assert_msg(row->is_genuine(buffer_view(&archives[i])), "%s", names[i]);
        archives[i].data[damaged[i]] ^= 1;
        ck_assert_msg(!row->is_genuine(buffer_view(&archives[i])), "%s", names[i]);
        buffer_release(&archives[i]);
    }
}
END_TEST

static void run(char *const arguments[])
{
    extern char **environ;
    posix_spawn_file_actions_t quiet;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t child;
    int result;
    ck_assert_int_eq(posix_spawnp(&child, arguments[0], &quiet, NULL, arguments, environ), 0);
    ck_assert_int_eq(waitpid(child, &result, 0), child);
    ck_assert_msg(WIFEXITED(result) && WEXITSTATUS(result) == 0, "%s failed", arguments[0]);
    posix_spawn_file_actions_destroy(&quiet);
}

static struct buffer read_file(const char *path)
{
    struct buffer out = {0};
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    out.size = fread(pack_room(&out, 65536), 1, 65536, file);
    fclose(file);
    return out;
}

/* What 7z makes in a folder of its own: with a password, of data or of names too. */
static struct buffer run_7z(char *option, char *name)
{
    char folder[] = "/tmp/assay-unit-XXXXXX", archive[64], file[64];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(archive, sizeof(archive), "%s/x.7z", folder);
    snprintf(file, sizeof(file), "%s/%s", folder, name);
    FILE *out = fopen(file, "wb");
    ck_assert_ptr_nonnull(out);
    fputs(PAYLOAD, out);
    fclose(out);
    char seven[] = "7z", add[] = "a", password[] = "-psecret";
    bool is_encrypted = strncmp(option, "-mhe", 4) == 0;
    run((char *[]){seven, add, archive, file, option, is_encrypted ? password : NULL, NULL});
    struct buffer packed = read_file(archive);
    unlink(file);
    unlink(archive);
    rmdir(folder);
    return packed;
}

START_TEST(test_7z)
{
    char data_only[] = "-mhe=off", names_too[] = "-mhe=on", plain[] = "-mx0";
    char name[] = "x.txt", foreign[] = "\xd0\xbf.txt";
    struct buffer packed = run_7z(data_only, name);
    struct pulled pulled = pull("7z", buffer_view(&packed));
    ck_assert_int_eq(pulled.last_read, ASSAY_ERR_ENCRYPTED);
    ck_assert_uint_eq(pulled.members, 1);
    pulled_release(&pulled);
    buffer_release(&packed);

    packed = run_7z(names_too, name);
    pulled = pull("7z", buffer_view(&packed));
    ck_assert_int_eq(pulled.ended, ASSAY_ERR_ENCRYPTED);
    pulled_release(&pulled);
    buffer_release(&packed);

    /* Whatever the locale makes of its name, the member is read and nothing is wrong with it. */
    packed = run_7z(plain, foreign);
    pulled = pull("7z", buffer_view(&packed));
    ck_assert_uint_eq(pulled.members, 1);
    ck_assert_uint_eq(pulled.notes, 0);
    ck_assert_int_eq(pulled.last_read, ASSAY_END);
    ck_assert_int_eq(pulled.ended, ASSAY_END);
    ck_assert_uint_eq(pulled.bytes.size, strlen(PAYLOAD));
    pulled_release(&pulled);
    buffer_release(&packed);
}
END_TEST

/* The check sum is an error after the bytes. (libarchive does not check that of a stored member of
 * a RAR archive.) */
START_TEST(test_bad_check_sum)
{
    char store[] = "-mx0", name[] = "x.txt";
    struct buffer packed[] = {make_lha(), run_7z(store, name)};
    static const char *const names[] = {"lha", "7z"};
    for (size_t i = 0; i < 2; i++) {
        uint8_t *payload = memmem(packed[i].data, packed[i].size, PAYLOAD, strlen(PAYLOAD));
        ck_assert_ptr_nonnull(payload);
        payload[0] = 'P';
        struct pulled pulled = pull(names[i], buffer_view(&packed[i]));
        ck_assert_msg(pulled.last_read == ASSAY_ERR_CORRUPT, "%s: %d", names[i], pulled.last_read);
        ck_assert_int_eq(pulled.ended, ASSAY_END);
        ck_assert_uint_ge(pulled.bytes.size, strlen(PAYLOAD));
        ck_assert_mem_eq(pulled.bytes.data, payload, strlen(PAYLOAD));
        pulled_release(&pulled);
        buffer_release(&packed[i]);
    }
}
END_TEST

UNIT_MAIN("containers", test_whole, test_truncated_anywhere, test_end_is_missing,
          test_behind_the_end, test_corrupt_anywhere, test_volumes, test_encrypted_headers,
          test_genuine, test_7z, test_bad_check_sum)
