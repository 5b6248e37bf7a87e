/* What stands around compiled rules. libyara is not asked: its reader is not made for such bytes, and
 * the check sum is to keep them from it. The input is what follows the key, without the check sum. */
#include "signatures/digest.h"
#include "signatures/rules_front.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t key[RULES_BINARY_KEY] = {1};

static void check(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void check_inside(struct view file, struct view part)
{
    check(part.size == 0 ||
          (part.data >= file.data && view_has(file, (uint64_t)(part.data - file.data), part.size)));
}

/* What was taken for whole is as the front says. */
static void check_front(struct view file, const struct rules_front *front)
{
    struct view rest = front->databases;
    struct assay_bytes database;
    uint32_t count = 0;
    check_inside(file, front->databases);
    check_inside(file, front->rules);
    for (; rules_front_next(&rest, &database); count++)
        check_inside(file, (struct view){database.data, database.size});
    check(count == front->database_count && rest.size == 0);
    check(front->databases.size + front->rules.size + RULES_FRONT_TRAILER < file.size);
}

static status read_front(const struct buffer *file)
{
    struct rules_front front;
    status read = rules_front_read(buffer_view(file), key, &front);
    check(read == ASSAY_OK || read == ASSAY_ERR_CORRUPT);
    if (read == ASSAY_OK)
        check_front(buffer_view(file), &front);
    return read;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cleanup(buffer_release) struct buffer file = {NULL, 0, 0};
    uint8_t sum[RULES_FRONT_SUM] = {0};
    check(buffer_append(&file, data, size) == ASSAY_OK);
    check(read_front(&file) == ASSAY_ERR_CORRUPT);

    check(rules_front_make(&file, key, NULL, 0) == ASSAY_OK);
    file.size -= sizeof(uint32_t); /* how many databases there are is for the input to say */
    check(buffer_append(&file, data, size) == ASSAY_OK);
    size_t summed = file.size;
    check(buffer_append(&file, sum, sizeof(sum)) == ASSAY_OK);
    check(read_front(&file) == ASSAY_ERR_CORRUPT);

    check(digest_sha256((struct view){file.data, summed}, file.data + summed) == ASSAY_OK);
    status read = read_front(&file);
    (void)read;
    return 0;
}
