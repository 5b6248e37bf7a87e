/* Which names may stand in a manifest. */
#include "signatures/database/manifest.h"

#include <string.h>

/* The fields of a ustar header (POSIX.1-2017, pax, "ustar Interchange Format"). */
#define USTAR_NAME   100
#define USTAR_PREFIX 155

bool manifest_path_split(struct assay_bytes path, size_t *ret_prefix)
{
    if (path.size <= USTAR_NAME) {
        *ret_prefix = 0;
        return true;
    }
    size_t slash = path.size - 1 < USTAR_PREFIX ? path.size - 1 : USTAR_PREFIX;
    while (slash > 0 && path.data[slash] != '/')
        slash--;
    size_t rest = path.size - slash - 1;
    if (slash == 0 || rest == 0 || rest > USTAR_NAME)
        return false;
    *ret_prefix = slash;
    return true;
}

/* What the bundle calls its own members. */
static bool is_reserved(struct assay_bytes path)
{
    static const char manifest[] = "manifest.json";
    size_t size = sizeof(manifest) - 1;
    return path.size >= size && memcmp(path.data, manifest, size) == 0 &&
           (path.size == size || path.data[size] == '.');
}

static bool part_is_safe(const uint8_t *part, size_t size)
{
    if (size == 0 || (size == 1 && part[0] == '.') || (size == 2 && memcmp(part, "..", 2) == 0))
        return false;
    for (size_t i = 0; i < size; i++) {
        if (part[i] < ' ' || part[i] > '~' || strchr("\\\"'`", part[i]))
            return false;
    }
    return true;
}

bool manifest_path_is_safe(struct assay_bytes path)
{
    size_t unused;
    if (path.size == 0 || path.size > MANIFEST_PATH_MAX || is_reserved(path) ||
        path.data[0] == ' ' || path.data[path.size - 1] == ' ' ||
        !manifest_path_split(path, &unused))
        return false;
    size_t begin = 0;
    while (begin <= path.size) {
        const uint8_t *part = path.data + begin;
        const uint8_t *slash = begin < path.size ? memchr(part, '/', path.size - begin) : NULL;
        size_t size = slash ? (size_t)(slash - part) : path.size - begin;
        if (!part_is_safe(part, size))
            return false;
        begin += size + 1;
    }
    return true;
}

static bool ends_with(const char *path, const char *end)
{
    size_t size = strlen(path), tail = strlen(end);
    return size > tail && strcmp(path + size - tail, end) == 0;
}

bool manifest_path_is_rules(const char *path)
{
    return ends_with(path, ".yar") || ends_with(path, ".yara");
}

bool manifest_path_is_hashes(const char *path)
{
    return ends_with(path, ".hashes");
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* What the program calls its own rules, and what stores call their own files. */
static bool is_taken(const char *name)
{
    static const char *const taken[] = {"builtin", "lock", "state.json"};
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        if (strcmp(taken[i], name) == 0)
            return true;
    }
    return false;
}

bool manifest_name_is_safe(const char *name)
{
    size_t size = strnlen(name, MANIFEST_NAME_MAX + 1);
    if (size == 0 || size > MANIFEST_NAME_MAX || !(is_letter(name[0]) || is_digit(name[0])))
        return false;
    for (size_t i = 0; i < size; i++) {
        if (!is_letter(name[i]) && !is_digit(name[i]) && !strchr("._-", name[i]))
            return false;
    }
    return !is_taken(name);
}

bool manifest_version_is_safe(const char *version)
{
    for (unsigned numbers = 0; numbers < 4; numbers++) {
        size_t digits = 0;
        while (digits <= 9 && is_digit(version[digits]))
            digits++;
        if (digits == 0 || digits > 9 || (digits > 1 && version[0] == '0'))
            return false;
        if (version[digits] == 0)
            return true;
        if (version[digits] != '.')
            return false;
        version += digits + 1;
    }
    return false;
}
