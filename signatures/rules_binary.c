#include "signatures/rules_binary.h"

#include "base/map.h"
#include "base/write.h"
#include "signatures/engine.h"
#include "signatures/rules_front.h"
#include "signatures/ruleset.h"

#include <errno.h>
#include <openssl/evp.h>
#include <sys/mman.h>

/* ---- writing --------------------------------------------------------------------------------- */

/* libyara writes a few bytes at a time; they are gathered, summed and written. */
struct writer {
    int fd;
    EVP_MD_CTX *sum;
    uint64_t size; /* bytes so far */
    status failed;
    int error; /* errno, when writing failed */
    size_t held;
    uint8_t bytes[64 << 10];
};

static void writer_free(struct writer *writer)
{
    if (writer == NULL)
        return;
    EVP_MD_CTX_free(writer->sum);
    free(writer);
}
DEFINE_CLEANUP(struct writer, writer_free);

static status writer_new(int fd, struct writer **ret_writer)
{
    cleanup(writer_free_cleanup) struct writer *writer = calloc(1, sizeof(*writer));
    if (writer == NULL)
        return ASSAY_ERR_NOMEM;
    writer->fd = fd;
    writer->sum = EVP_MD_CTX_new();
    if (writer->sum == NULL)
        return ASSAY_ERR_NOMEM;
    if (EVP_DigestInit_ex(writer->sum, EVP_sha256(), NULL) != 1)
        return ASSAY_ERR_ENGINE;
    *ret_writer = steal_pointer(writer);
    return ASSAY_OK;
}

static void write_held(struct writer *writer)
{
    if (writer->failed >= 0)
        writer->failed = write_all(writer->fd, (struct view){writer->bytes, writer->held});
    if (writer->failed == ASSAY_ERR_IO && writer->error == 0)
        writer->error = errno;
    writer->held = 0;
}

static void put(struct writer *writer, const uint8_t *bytes, size_t size)
{
    if (writer->failed < 0)
        return;
    if (EVP_DigestUpdate(writer->sum, bytes, size) != 1)
        writer->failed = ASSAY_ERR_ENGINE;
    writer->size += size;
    while (size > 0) {
        size_t room = sizeof(writer->bytes) - writer->held;
        size_t taken = size < room ? size : room;
        memcpy(writer->bytes + writer->held, bytes, taken);
        writer->held += taken;
        bytes += taken;
        size -= taken;
        if (writer->held == sizeof(writer->bytes))
            write_held(writer);
    }
}

/* While it writes, libyara has offsets where the rules have pointers, and leaves them when it is told
 * that writing failed. So it is not told. */
static size_t on_write(const void *bytes, size_t size, size_t count, void *context)
{
    put(context, bytes, size * count);
    return count;
}

static void put_trailer(struct writer *writer, uint64_t size)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(size >> (8 * i));
    put(writer, bytes, sizeof(bytes));
    uint8_t sum[EVP_MAX_MD_SIZE];
    if (EVP_DigestFinal_ex(writer->sum, sum, NULL) != 1 ||
        EVP_DigestInit_ex(writer->sum, EVP_sha256(), NULL) != 1)
        writer->failed = ASSAY_ERR_ENGINE;
    put(writer, sum, RULES_FRONT_SUM);
    write_held(writer);
}

status rules_write(const struct assay_rules *rules, const uint8_t key[RULES_BINARY_KEY], int out)
{
    if (rules->part_count != 1)
        return ASSAY_ERR_ARGUMENT;
    const struct rules_part *part = &rules->parts[0];
    cleanup(buffer_release) struct buffer front = {NULL, 0, 0};
    TRY(rules_front_make(&front, key, part->databases, part->namespace_count));
    cleanup(writer_free_cleanup) struct writer *writer = NULL;
    TRY(writer_new(out, &writer));

    put(writer, front.data, front.size);
    YR_STREAM stream = {.user_data = writer, .write = on_write};
    int code = yr_rules_save_stream(part->yara, &stream);
    if (code != ERROR_SUCCESS)
        return engine_status(code);
    put_trailer(writer, writer->size - front.size);
    errno = writer->error;
    return writer->failed;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* fread's contract: whole things only. */
static size_t on_read(void *bytes, size_t size, size_t count, void *context)
{
    struct view *rest = context;
    size_t wanted;
    if (__builtin_mul_overflow(size, count, &wanted) || !view_has(*rest, 0, wanted) || wanted == 0)
        return 0;
    memcpy(bytes, rest->data, wanted);
    *rest = view_sub(*rest, wanted, UINT64_MAX);
    return count;
}

static status read_part(const struct rules_front *front, struct rules_part *part)
{
    TRY(rules_part_open(part, front->database_count));
    struct view databases = front->databases;
    struct assay_bytes database;
    while (rules_front_next(&databases, &database))
        TRY(rules_part_add_database(part, database));
    struct view rest = front->rules;
    YR_STREAM stream = {.user_data = &rest, .read = on_read};
    int code = yr_rules_load_stream(&stream, &part->yara);
    if (code == ERROR_SUCCESS)
        return ASSAY_OK;
    part->yara = NULL;
    return code == ERROR_INSUFFICIENT_MEMORY ? ASSAY_ERR_NOMEM : ASSAY_ERR_CORRUPT;
}

static status read_file(struct view file, const uint8_t key[RULES_BINARY_KEY],
                        struct assay_rules **ret_rules)
{
    struct rules_front front;
    TRY(rules_front_read(file, key, &front));
    cleanup(rules_part_release) struct rules_part part = {.is_open = false};
    cleanup(rules_free_cleanup) struct assay_rules *rules = NULL;
    TRY(read_part(&front, &part));
    TRY(rules_new(&rules));
    TRY(ruleset_add_part(rules, &part));
    *ret_rules = steal_pointer(rules);
    return ASSAY_OK;
}

status rules_read(int fd, const uint8_t key[RULES_BINARY_KEY], struct assay_rules **ret_rules)
{
    cleanup(map_release) struct view file = {NULL, 0};
    TRY(map_file(fd, MAP_POPULATE, &file));
    return read_file(file, key, ret_rules);
}
