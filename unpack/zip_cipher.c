#include "unpack/zip_cipher.h"

#define WINDOW (4 * (uint64_t)ZIP_CIPHER_STEP)
#define LOW    (WINDOW / 2)

status zip_cipher_begin(struct zip_cipher *cipher, const struct zip_key *key, struct view member,
                        uint64_t claimed, uint64_t memory)
{
    uint64_t around = (uint64_t)key->front + key->back;
    cipher->key = *key;
    cipher->known = claimed > around ? claimed - around : 0;
    /* Sizes that are too small are not believed, as long as there are bytes: see refill. */
    cipher->sealed =
        view_sub(member, key->front, member.size == claimed ? cipher->known : UINT64_MAX);
    uint64_t window = cipher->sealed.size < WINDOW ? cipher->sealed.size : WINDOW;
    if (window > memory)
        return ASSAY_ERR_CODEC_MEMORY;
    TRY(buffer_reserve(&cipher->window, (size_t)window));
    return key->is_aes ? zip_aes_new(&key->aes, &cipher->aes) : ASSAY_OK;
}

status zip_cipher_refill(struct zip_cipher *cipher, struct view *ready)
{
    /* What lies behind the member is only needed when the member goes on there. */
    uint64_t size = cipher->known;
    if (size == 0 && ready->size == 0)
        size = WINDOW;
    if (ready->size >= LOW || size == 0 || cipher->sealed.size == 0)
        return ASSAY_OK;
    if (size > WINDOW - ready->size)
        size = WINDOW - ready->size;
    struct view piece = view_sub(cipher->sealed, 0, size);
    uint8_t *bytes = cipher->window.data + ready->size;
    if (ready->size > 0)
        memmove(cipher->window.data, ready->data, ready->size);
    memcpy(bytes, piece.data, piece.size);
    if (cipher->aes)
        TRY(zip_aes_decrypt(cipher->aes, bytes, piece.size));
    else
        zipcrypto_decrypt(&cipher->key.zipcrypto, bytes, piece.size);
    cipher->known -= cipher->known < piece.size ? cipher->known : piece.size;
    cipher->sealed = view_sub(cipher->sealed, piece.size, UINT64_MAX);
    *ready = (struct view){cipher->window.data, ready->size + piece.size};
    return ASSAY_OK;
}

void zip_cipher_release(struct zip_cipher *cipher)
{
    zip_aes_free(cipher->aes);
    buffer_release(&cipher->window);
    *cipher = (struct zip_cipher){.aes = NULL};
}

/* ---- stored ---------------------------------------------------------------------------------- */

/* No state: something has to be pointed to. */
static status start(uint64_t memory, struct error *error, struct codec_state **ret_state)
{
    (void)memory;
    (void)error;
    *ret_state = NULL;
    return ASSAY_OK;
}

static status step(struct codec_state *state, struct view *input, uint8_t *bytes, size_t size,
                   size_t *written)
{
    (void)state;
    if (input->size == 0)
        return ASSAY_END;
    *written = input->size < size ? (size_t)input->size : size;
    memcpy(bytes, input->data, *written);
    *input = view_sub(*input, *written, UINT64_MAX);
    return ASSAY_OK;
}

static void stop(struct codec_state *state)
{
    (void)state;
}

const struct codec zip_codec_stored = {"stored", start, step, stop};
