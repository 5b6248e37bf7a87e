#include "signatures/rules_binary.h"

#include "base/map.h"
#include "signatures/engine.h"
#include "signatures/file_out.h"
#include "signatures/rules_front.h"
#include "signatures/ruleset.h"

#include <endian.h>
#include <errno.h>
#include <openssl/evp.h>
#include <sys/mman.h>

/* ---- writing --------------------------------------------------------------------------------- */

/* libyara writes a few bytes at a time; they are summed, gathered and written. */
struct writer {
    struct file_out out;
    EVP_MD_CTX *sum;
    status failed;
    int error; /* errno, when writing failed */
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
    writer->out.fd = fd;
    writer->sum = EVP_MD_CTX_new();
    if (writer->sum == NULL)
        return ASSAY_ERR_NOMEM;
    if (EVP_DigestInit_ex(writer->sum, EVP_sha256(), NULL) != 1)
        return ASSAY_ERR_ENGINE;
    *ret_writer = steal_pointer(writer);
    return ASSAY_OK;
}

/* Only the first failure counts. */
static void note(struct writer *writer, status done)
{
    if (writer->failed < 0 || done >= 0)
        return;
    writer->failed = done;
    writer->error = done == ASSAY_ERR_IO ? errno : 0;
}

static void put(struct writer *writer, const void *bytes, size_t size)
{
    if (writer->failed < 0)
        return;
    if (EVP_DigestUpdate(writer->sum, bytes, size) != 1)
        note(writer, ASSAY_ERR_ENGINE);
    note(writer, file_out_put(&writer->out, bytes, size));
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
    size = htole64(size);
    put(writer, &size, sizeof(size));
    uint8_t sum[EVP_MAX_MD_SIZE];
    if (EVP_DigestFinal_ex(writer->sum, sum, NULL) != 1 ||
        EVP_DigestInit_ex(writer->sum, EVP_sha256(), NULL) != 1)
        note(writer, ASSAY_ERR_ENGINE);
    put(writer, sum, RULES_FRONT_SUM);
    if (writer->failed >= 0)
        note(writer, file_out_flush(&writer->out));
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
    put_trailer(writer, writer->out.size - front.size);
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
