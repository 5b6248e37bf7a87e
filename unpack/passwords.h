/* passwords: which passwords are tried on encrypted members, and in which order. */
#ifndef UNPACK_PASSWORDS_H
#define UNPACK_PASSWORDS_H

#include "unpack/unpacker.h"

/* At least 1. */
size_t unpack_password_count(const struct unpack_env *env);

/* The first is what people who exchange malware customarily encrypt it with, then come the
 * caller's. */
struct assay_bytes unpack_password_at(const struct unpack_env *env, size_t index);

#endif
