#include "signatures/rules_front.h"

#include "base/bytes.h"
#include "base/encode.h"
#include "signatures/digest.h"
#include "signatures/engine_build.h"

#if defined(__x86_64__)
#define MACHINE "x86_64"
#elif defined(__aarch64__)
#define MACHINE "aarch64"
#elif defined(__riscv)
#define MACHINE "riscv"
#elif defined(__powerpc__)
#define MACHINE "powerpc"
#elif defined(__s390__)
#define MACHINE "s390"
#elif defined(__i386__)
#define MACHINE "x86"
#elif defined(__arm__)
#define MACHINE "arm"
#else
#define MACHINE "another machine"
#endif

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define BYTE_ORDER_WORDS "little-endian"
#else
#define BYTE_ORDER_WORDS "big-endian"
#endif

/* Whoever changes what the compiler is given (external variables, what a namespace is) counts the
 * form on. */
static status put_identity(struct buffer *out)
{
    struct view build = engine_build_id();
    TRY(buffer_append_text(out, "assay compiled rules, form 1\n"
                                "assay " ASSAY_VERSION "\n"));
    TRY(buffer_append_format(out, "libyara %s ", rules_engine_version()));
    TRY(encode_hex(out, (struct assay_bytes){build.data, (size_t)build.size}));
    return buffer_append_format(out, "\n%s, %s, %zu bits\n\n", MACHINE, BYTE_ORDER_WORDS,
                                sizeof(void *) * 8);
}

/* ---- writing --------------------------------------------------------------------------------- */

static status put_u32(struct buffer *out, size_t value)
{
    if (value > UINT32_MAX)
        return ASSAY_ERR_LIMIT;
    const uint8_t bytes[] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
                             (uint8_t)(value >> 24)};
    return buffer_append(out, bytes, sizeof(bytes));
}

status rules_front_make(struct buffer *out, const uint8_t key[RULES_BINARY_KEY],
                        char *const *databases, size_t count)
{
    out->size = 0;
    TRY(put_identity(out));
    TRY(buffer_append(out, key, RULES_BINARY_KEY));
    TRY(put_u32(out, count));
    for (size_t i = 0; i < count; i++) {
        TRY(put_u32(out, strlen(databases[i])));
        TRY(buffer_append_text(out, databases[i]));
    }
    return ASSAY_OK;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Cuts off what is this program's and this key's; false when it is another's. */
static status skip_identity(struct view *rest, const uint8_t key[RULES_BINARY_KEY])
{
    cleanup(buffer_release) struct buffer identity = {NULL, 0, 0};
    TRY(put_identity(&identity));
    TRY(buffer_append(&identity, key, RULES_BINARY_KEY));
    if (!view_starts(*rest, 0, identity.data, identity.size))
        return ASSAY_ERR_CORRUPT;
    *rest = view_sub(*rest, identity.size, UINT64_MAX);
    return ASSAY_OK;
}

/* Checks the sum of the file that `rest` is the end of, and cuts it off. */
static status skip_sum(struct view file, struct view *rest)
{
    if (rest->size < RULES_FRONT_SUM)
        return ASSAY_ERR_CORRUPT;
    uint8_t sum[RULES_FRONT_SUM];
    uint64_t summed = file.size - RULES_FRONT_SUM;
    TRY(digest_sha256(view_sub(file, 0, summed), sum));
    if (!view_starts(file, summed, sum, sizeof(sum)))
        return ASSAY_ERR_CORRUPT;
    rest->size -= RULES_FRONT_SUM;
    return ASSAY_OK;
}

bool rules_front_next(struct view *databases, struct assay_bytes *ret_database)
{
    uint32_t size;
    if (!bytes_u32le(*databases, 0, &size) || !view_has(*databases, sizeof(size), size))
        return false;
    struct view bytes = view_sub(*databases, sizeof(size), size);
    *ret_database = (struct assay_bytes){bytes.data, (size_t)bytes.size};
    *databases = view_sub(*databases, sizeof(size) + (uint64_t)size, UINT64_MAX);
    return true;
}

/* The databases and the rules behind them, which have to be as many bytes as stands there. */
static status read_body(struct view body, struct rules_front *ret_front)
{
    struct rules_front front;
    if (!bytes_u32le(body, 0, &front.database_count))
        return ASSAY_ERR_CORRUPT;
    front.databases = view_sub(body, sizeof(uint32_t), UINT64_MAX);
    front.rules = front.databases;
    for (uint32_t i = 0; i < front.database_count; i++) {
        struct assay_bytes database;
        if (!rules_front_next(&front.rules, &database))
            return ASSAY_ERR_CORRUPT;
    }
    uint64_t size;
    front.databases.size -= front.rules.size;
    if (front.rules.size < sizeof(size))
        return ASSAY_ERR_CORRUPT;
    front.rules.size -= sizeof(size);
    if (!bytes_u64le(body, body.size - sizeof(size), &size) || size != front.rules.size)
        return ASSAY_ERR_CORRUPT;
    *ret_front = front;
    return ASSAY_OK;
}

status rules_front_read(struct view file, const uint8_t key[RULES_BINARY_KEY],
                        struct rules_front *ret_front)
{
    struct view rest = file;
    TRY(skip_identity(&rest, key));
    TRY(skip_sum(file, &rest));
    return read_body(rest, ret_front);
}
