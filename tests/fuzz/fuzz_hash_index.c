/* Any bytes, as a list of hashes. When it is one, all that it says is found in its index. */
#include "signatures/hash_set.h"

#include <string.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        __builtin_trap();
}

struct wanted {
    const struct hash_line *line;
    bool found;
};

static int on_hit(void *context, const struct hash_hit *hit)
{
    struct wanted *wanted = context;
    const struct hash_line *line = wanted->line;
    wanted->found =
        wanted->found || (hit->name.size == line->name.size && hit->severity == line->severity &&
                          memcmp(hit->name.data, line->name.data, hit->name.size) == 0);
    return 0;
}

static void check_line(const struct hash_set *set, struct view text)
{
    struct hash_line line;
    check(hash_line_parse(text, &line));
    check(line.name.data > text.data && line.name.data + line.name.size < text.data + text.size);
    struct wanted wanted = {&line, false};
    uint64_t size = line.has_size ? line.size : 12345;
    check(hash_set_wants(set, line.kind, size));
    check(hash_set_find(set, line.kind, line.digest, size, on_hit, &wanted) == 0 && wanted.found);
}

static void check_lines(const struct hash_set *set, struct view list)
{
    uint64_t lines = 0, entries = 0;
    while (list.size > 0) {
        const uint8_t *newline = memchr(list.data, '\n', list.size);
        check(newline != NULL);
        uint64_t size = (uint64_t)(newline - list.data);
        check_line(set, view_sub(list, 0, size));
        list = view_sub(list, size + 1, list.size);
        lines++;
    }
    for (int kind = 0; kind < HASH_KINDS; kind++)
        entries += hash_set_count(set, (enum hash_kind)kind);
    check(lines == entries);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error error = {""};
    struct hash_set *set = NULL;
    struct hash_line line;
    int in = memfd_create("list", MFD_CLOEXEC), out = memfd_create("index", MFD_CLOEXEC);
    check(in >= 0 && out >= 0 && write(in, data, size) == (ssize_t)size);
    (void)hash_line_parse((struct view){data, size}, &line);
    status written = hash_index_write(in, out, &error);
    check(written == ASSAY_OK || (written == ASSAY_ERR_CORRUPT && error.text[0] != '\0'));
    if (written == ASSAY_OK) {
        check(hash_set_open(out, &set) == ASSAY_OK);
        check_lines(set, (struct view){data, size});
    }
    hash_set_free(set);
    close(in);
    close(out);
    return 0;
}
