#include "unpack/zip_zipcrypto.h"

#include <zlib.h>

/* Each byte makes keys of which the next depends, so they are kept where the compiler sees that
 * nothing else changes them. */
static void update(const z_crc_t *table, uint32_t keys[3], uint8_t byte)
{
    keys[0] = (uint32_t)(table[(keys[0] ^ byte) & 0xff] ^ keys[0] >> 8);
    keys[1] = (keys[1] + (keys[0] & 0xff)) * 134775813 + 1;
    keys[2] = (uint32_t)(table[(keys[2] ^ keys[1] >> 24) & 0xff] ^ keys[2] >> 8);
}

void zipcrypto_start(struct zipcrypto *state, struct assay_bytes password)
{
    const z_crc_t *table = get_crc_table();
    uint32_t keys[3] = {0x12345678, 0x23456789, 0x34567890};
    for (size_t i = 0; i < password.size; i++)
        update(table, keys, password.data[i]);
    *state = (struct zipcrypto){{keys[0], keys[1], keys[2]}};
}

void zipcrypto_decrypt(struct zipcrypto *state, uint8_t *bytes, size_t size)
{
    const z_crc_t *table = get_crc_table();
    uint32_t keys[3] = {state->keys[0], state->keys[1], state->keys[2]};
    for (size_t i = 0; i < size; i++) {
        uint32_t mixed = (keys[2] & 0xffff) | 2;
        bytes[i] ^= (uint8_t)(mixed * (mixed ^ 1) >> 8);
        update(table, keys, bytes[i]);
    }
    *state = (struct zipcrypto){{keys[0], keys[1], keys[2]}};
}
