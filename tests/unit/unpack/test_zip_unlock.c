/* Encrypted zip members: by real programs, with passwords known and not known, and damaged. */
#include "pull.h"
#include "tool.h"

#include "pack.h"

#define SECRET "a secret of \xff\t bytes"

static const struct assay_bytes list[] = {
    {(const uint8_t *)"wrong", 5},
    {(const uint8_t *)SECRET, sizeof(SECRET) - 1},
    {(const uint8_t *)"a secret of \xff\t byte", sizeof(SECRET) - 2},
};
enum { COUNT = sizeof(list) / sizeof(list[0]) };

static struct pulled pull_locked(struct view input, size_t passwords, size_t step)
{
    return pull_in(pull_row("zip"), input, step,
                   (struct unpack_env){.codec_memory = 64 << 20,
                                       .passwords = passwords ? list : NULL,
                                       .password_count = passwords});
}

/* Two files: one that compresses, longer than what is decrypted at a time, and a small one. */
static struct buffer write_files(void)
{
    struct buffer bytes = pack_sample(1 << 20);
    tool_write("big", buffer_view(&bytes), 0);
    tool_write("small", (struct view){(const uint8_t *)"a small payload", 15}, 0);
    ck_assert_int_eq(buffer_append(&bytes, "a small payload", 15), ASSAY_OK);
    return bytes;
}

static void expect_all(const char *name, struct view zip, struct view bytes, size_t passwords,
                       size_t step)
{
    struct pulled pulled = pull_locked(zip, passwords, step);
    ck_assert_msg(pulled.last_read == ASSAY_END, "%s: %s", name, pulled.error);
    ck_assert_msg(pulled_is(&pulled, bytes), "%s: %zu bytes", name, pulled.bytes.size);
    ck_assert_uint_eq(pulled.members, 2);
    ck_assert_msg(pulled.notes == 0, "%s", name);
    pulled_release(&pulled);
}

START_TEST(what_7z_encrypts_is_opened)
{
    static const char *const methods[] = {"-mm=Copy", "-mm=Deflate", "-mm=BZip2", "-mm=LZMA"};
    static const char *const ciphers[] = {"-mem=ZipCrypto", "-mem=AES128", "-mem=AES192",
                                          "-mem=AES256"};
    char directory[32];
    tool_enter(directory);
    struct buffer bytes = write_files();
    for (size_t i = 0; i < 16; i++) {
        char name[32];
        snprintf(name, sizeof(name), "%zu.zip", i);
        TOOL_RUN("7z", "a", "-bso0", "-bd", "-tzip", "-pinfected", methods[i / 4], ciphers[i % 4],
                 name, "big", "small");
        struct buffer zip = tool_read(name);
        expect_all(name, buffer_view(&zip), buffer_view(&bytes), 0, 100000);
        buffer_release(&zip);
    }
    buffer_release(&bytes);
    tool_leave(directory);
}
END_TEST

/* Through a pipe the CRC is not known when the check on the password is written. */
START_TEST(what_info_zip_encrypts_is_opened)
{
    static const char *const scripts[] = {
        "zip -q -P \"$1\" out.zip big small",
        "zip -q -0 -P \"$1\" out.zip big small",
        "zip -q -P \"$1\" - big small | cat >out.zip",
        "zip -q -0 -P \"$1\" - big small | cat >out.zip",
        "zip -q -0 -fd -P \"$1\" out.zip big small",
    };
    char directory[32];
    tool_enter(directory);
    struct buffer bytes = write_files();
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        TOOL_RUN("rm", "-f", "out.zip");
        TOOL_RUN("sh", "-c", scripts[i], "sh", SECRET);
        struct buffer zip = tool_read("out.zip");
        expect_all(scripts[i], buffer_view(&zip), buffer_view(&bytes), COUNT, 1 + i * 9999);
        buffer_release(&zip);
    }
    buffer_release(&bytes);
    tool_leave(directory);
}
END_TEST

START_TEST(each_member_may_have_its_own_password)
{
    static const char *const ciphers[] = {"-mem=ZipCrypto", "-mem=AES256"};
    char directory[32];
    tool_enter(directory);
    struct buffer bytes = write_files();
    for (size_t i = 0; i < 2; i++) {
        TOOL_RUN("rm", "-f", "out.zip");
        TOOL_RUN("7z", "a", "-bso0", "-bd", "-tzip", "-pwrong", ciphers[i], "out.zip", "big");
        TOOL_RUN("7z", "a", "-bso0", "-bd", "-tzip", "-pinfected", ciphers[1 - i], "out.zip",
                 "small");
        struct buffer zip = tool_read("out.zip");
        expect_all(ciphers[i], buffer_view(&zip), buffer_view(&bytes), COUNT, 4096);
        struct pulled pulled = pull_locked(buffer_view(&zip), 0, 4096);
        ck_assert_uint_eq(pulled.bytes.size, 15);
        ck_assert_int_eq(pulled.last_read, ASSAY_ERR_ENCRYPTED);
        ck_assert_ptr_nonnull(strstr(pulled.error, "--password-file"));
        pulled_release(&pulled);
        buffer_release(&zip);
    }
    buffer_release(&bytes);
    tool_leave(directory);
}
END_TEST

/* An archive of one file, in the current directory. */
static struct buffer encrypt(const char *file, const char *method, const char *cipher)
{
    TOOL_RUN("rm", "-f", "out.zip");
    TOOL_RUN("7z", "a", "-bso0", "-bd", "-tzip", "-pinfected", method, cipher, "out.zip", file);
    return tool_read("out.zip");
}

static size_t offset_of(const struct buffer *zip, const char *signature)
{
    const uint8_t *found = memmem(zip->data, zip->size, signature, 4);
    ck_assert_ptr_nonnull(found);
    return (size_t)(found - zip->data);
}

/* Where the data of the first member begin. */
static size_t data_of(const struct buffer *zip)
{
    return 30u + zip->data[26] + zip->data[28];
}

static void expect_one(const struct buffer *zip, struct view bytes, status last)
{
    struct pulled pulled = pull_locked(buffer_view(zip), COUNT, 4096);
    ck_assert_msg(pulled.last_read == last, "%d: %s", pulled.last_read, pulled.error);
    ck_assert_msg(pulled_is(&pulled, bytes), "%zu bytes", pulled.bytes.size);
    pulled_release(&pulled);
}

START_TEST(a_wrong_code_is_an_error_after_the_bytes)
{
    static const char *const methods[] = {"-mm=Copy", "-mm=Deflate"};
    char directory[32];
    tool_enter(directory);
    struct buffer bytes = write_files();
    struct view big = {bytes.data, 1 << 20};
    for (size_t i = 0; i < 2; i++) {
        struct buffer zip = encrypt("big", methods[i], "-mem=AES256");
        zip.data[offset_of(&zip, "PK\1\2") - 1] ^= 1;
        expect_one(&zip, big, ASSAY_ERR_CORRUPT);
        buffer_release(&zip);
    }
    buffer_release(&bytes);
    tool_leave(directory);
}
END_TEST

START_TEST(a_lying_verifier_opens_nothing_and_breaks_nothing)
{
    char directory[32];
    tool_enter(directory);
    struct buffer bytes = write_files();
    struct buffer zip = encrypt("small", "-mm=Copy", "-mem=AES128");
    zip.data[data_of(&zip) + 8] ^= 1;
    expect_one(&zip, (struct view){NULL, 0}, ASSAY_ERR_ENCRYPTED);
    zip.data[data_of(&zip) + 8] ^= 1;
    zip.data[data_of(&zip) + 10] ^= 1; /* the data now, of which the code is wrong then */
    expect_one(&zip, (struct view){(const uint8_t *)"` small payload", 15}, ASSAY_ERR_CORRUPT);
    buffer_release(&zip);
    buffer_release(&bytes);
    tool_leave(directory);
}
END_TEST

/* The password is right when much comes out before the damage. */
START_TEST(what_is_before_damage_comes_out)
{
    static const char *const ciphers[] = {"-mem=ZipCrypto", "-mem=AES192"};
    char directory[32];
    tool_enter(directory);
    struct buffer bytes = write_files();
    for (size_t i = 0; i < 2; i++) {
        struct buffer zip = encrypt("big", "-mm=Deflate", ciphers[i]);
        for (size_t k = 0; k < 2000; k++)
            zip.data[zip.size / 2 + k] ^= 0xa5;
        struct pulled pulled = pull_locked(buffer_view(&zip), COUNT, 4096);
        ck_assert_int_eq(pulled.last_read, ASSAY_ERR_CORRUPT);
        ck_assert_uint_gt(pulled.bytes.size, 400000);
        ck_assert_int_eq(memcmp(pulled.bytes.data, bytes.data, 400000), 0);
        pulled_release(&pulled);
        buffer_release(&zip);
    }
    buffer_release(&bytes);
    tool_leave(directory);
}
END_TEST

START_TEST(a_cut_anywhere_keeps_what_is_before_it)
{
    static const char *const methods[] = {"-mm=Copy", "-mm=Deflate", "-mm=LZMA"};
    static const char *const ciphers[] = {"-mem=ZipCrypto", "-mem=AES128"};
    char directory[32];
    tool_enter(directory);
    struct buffer bytes = pack_sample(600);
    tool_write("text", buffer_view(&bytes), 0);
    for (size_t i = 0; i < 6; i++) {
        struct buffer zip = encrypt("text", methods[i / 2], ciphers[i % 2]);
        size_t data = data_of(&zip), end = offset_of(&zip, "PK\1\2");
        for (size_t size = 0; size < zip.size; size++) {
            uint8_t *copy = malloc(size + !size);
            ck_assert_ptr_nonnull(copy);
            memcpy(copy, zip.data, size);
            struct pulled pulled = pull_locked((struct view){copy, size}, 0, 64);
            bool is_said = pulled.notes > 0 || pulled.last_read < 0;
            ck_assert_msg(is_said, "%s %zu: nothing is said", methods[i / 2], size);
            /* Behind a cut in the directory what is left of it follows. */
            size_t wanted = size < data + 150 ? 0 : size < end ? 1 : bytes.size;
            bool is_there = wanted == 0 || (pulled.bytes.size >= wanted &&
                                            memcmp(pulled.bytes.data, bytes.data, wanted) == 0);
            ck_assert_msg(is_there, "%s %s %zu of %zu: %s", methods[i / 2], ciphers[i % 2],
                          size - data, end - data, pulled.error);
            pulled_release(&pulled);
            free(copy);
        }
        buffer_release(&zip);
    }
    buffer_release(&bytes);
    tool_leave(directory);
}
END_TEST

/* Sizes, methods and the encrypted bit of either header lie; the other may be right. */
START_TEST(headers_that_lie_hide_nothing)
{
    static const struct {
        size_t place; /* in the local header; the central one has it 2 bytes later */
        uint8_t byte;
        bool is_central;
    } lies[] = {{6, 0, false}, {6, 0, true},    {18, 1, false}, {18, 200, true}, {20, 9, false},
                {20, 9, true}, {22, 77, false}, {22, 77, true}, {14, 5, false},  {8, 14, true}};
    char directory[32];
    tool_enter(directory);
    struct buffer bytes = write_files();
    for (size_t i = 0; i < 2 * sizeof(lies) / sizeof(lies[0]); i++) {
        struct buffer zip = encrypt("small", "-mm=Copy", i % 2 ? "-mem=AES128" : "-mem=ZipCrypto");
        size_t header = lies[i / 2].is_central ? offset_of(&zip, "PK\1\2") + 2 : 0;
        zip.data[header + lies[i / 2].place] = lies[i / 2].byte;
        struct pulled pulled = pull_locked(buffer_view(&zip), COUNT, 4096);
        bool is_there = pulled.bytes.size >= 15 &&
                        memmem(pulled.bytes.data, pulled.bytes.size, "a small payload", 15);
        ck_assert_msg(is_there, "lie %zu: %s", i, pulled.error);
        ck_assert_uint_gt(pulled.notes, 0);
        pulled_release(&pulled);
        buffer_release(&zip);
    }
    buffer_release(&bytes);
    tool_leave(directory);
}
END_TEST

START_TEST(other_encryption_is_said)
{
    char directory[32];
    tool_enter(directory);
    struct buffer bytes = write_files();
    struct buffer zip = encrypt("small", "-mm=Copy", "-mem=ZipCrypto");
    zip.data[6] |= 0x40;
    zip.data[offset_of(&zip, "PK\1\2") + 8] |= 0x40;
    expect_one(&zip, (struct view){NULL, 0}, ASSAY_ERR_ENCRYPTED);
    buffer_release(&zip);
    zip = encrypt("small", "-mm=Copy", "-mem=AES256");
    for (uint8_t *at = zip.data; (at = memmem(at, (size_t)(zip.data + zip.size - at), "AE\3", 3));)
        at[2] = 4; /* a strength that nobody has heard of */
    expect_one(&zip, (struct view){NULL, 0}, ASSAY_ERR_ENCRYPTED);
    buffer_release(&zip);
    buffer_release(&bytes);
    tool_leave(directory);
}
END_TEST

START_TEST(little_memory_is_said)
{
    char directory[32];
    tool_enter(directory);
    struct buffer bytes = write_files();
    struct buffer zip = encrypt("big", "-mm=Deflate", "-mem=AES256");
    struct pulled pulled = pull_with(pull_row("zip"), buffer_view(&zip), 4096, 1000);
    ck_assert_int_eq(pulled.last_read, ASSAY_ERR_CODEC_MEMORY);
    pulled_release(&pulled);
    buffer_release(&zip);
    buffer_release(&bytes);
    tool_leave(directory);
}
END_TEST

UNIT_MAIN("zip_unlock", what_7z_encrypts_is_opened, what_info_zip_encrypts_is_opened,
          each_member_may_have_its_own_password, a_wrong_code_is_an_error_after_the_bytes,
          a_lying_verifier_opens_nothing_and_breaks_nothing, what_is_before_damage_comes_out,
          a_cut_anywhere_keeps_what_is_before_it, headers_that_lie_hide_nothing,
          other_encryption_is_said, little_memory_is_said)
