#include "signatures/digest.h"

#include <openssl/evp.h>

status digest_sha256(struct view view, uint8_t ret_digest[32])
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    const void *data = view.data != NULL ? (const void *)view.data : "";
    if (view.size > SIZE_MAX ||
        EVP_Digest(data, (size_t)view.size, digest, &size, EVP_sha256(), NULL) != 1 || size != 32)
        return ASSAY_ERR_ENGINE;
    memcpy(ret_digest, digest, 32);
    return ASSAY_OK;
}
