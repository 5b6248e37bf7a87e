#include "unpack/passwords.h"

static const uint8_t customary[] = {'i', 'n', 'f', 'e', 'c', 't', 'e', 'd'};

size_t unpack_password_count(const struct unpack_env *env)
{
    return env->password_count + 1;
}

struct assay_bytes unpack_password_at(const struct unpack_env *env, size_t index)
{
    if (index == 0)
        return (struct assay_bytes){customary, sizeof(customary)};
    return env->passwords[index - 1];
}
