/*
 * zip_zipcrypto: the encryption that zip had first. Twelve bytes of noise, encrypted with the
 * member, stand before it; the last of them is a check on the password.
 *
 * Source: PKWARE APPNOTE.TXT 6.3.10, 6.1.
 */
#ifndef UNPACK_ZIP_ZIPCRYPTO_H
#define UNPACK_ZIP_ZIPCRYPTO_H

#include "assay.h"

#define ZIPCRYPTO_HEADER_SIZE 12

struct zipcrypto {
    uint32_t keys[3];
};

void zipcrypto_start(struct zipcrypto *state, struct assay_bytes password);

/* Decrypts the next bytes where they are. */
void zipcrypto_decrypt(struct zipcrypto *state, uint8_t *bytes, size_t size);

#endif
