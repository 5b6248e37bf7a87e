#include "cli/db/compile.h"

#include "base/write.h"
#include "cli/spool.h"
#include "pool/confined.h"
#include "pool/sources.h"
#include "signatures/hash_set.h"
#include "signatures/include.h"

#include <errno.h>
#include <sys/mman.h>

#define MEMORY_FILE_MAX (UINT64_C(16) << 20)

#define INDEX_MEMORY  (UINT64_C(1) << 30)
#define INDEX_BYTES   (UINT64_C(64) << 30)
#define INDEX_SECONDS 3600

status compile_as_file(struct view bytes, int *ret_fd)
{
    int fd cleanup(fd_cleanup) =
        bytes.size > MEMORY_FILE_MAX ? spool_open_unnamed() : memfd_create("bytes", MFD_CLOEXEC);
    if (fd < 0)
        return ASSAY_ERR_IO;
    TRY(write_all_at(fd, bytes, 0));
    *ret_fd = steal_fd(&fd);
    return ASSAY_OK;
}

static int open_include(void *context, const char *name, const char *from)
{
    const struct compile_files *files = context;
    char *resolved cleanup(free_cleanup) = NULL;
    if (include_resolve(from, name, &resolved) < 0)
        return -1;
    for (size_t i = 0; i < files->count; i++) {
        int fd = -1;
        if (strcmp(files->files[i].name, resolved) == 0)
            return compile_as_file(files->files[i].bytes, &fd) < 0 ? -1 : fd;
    }
    return -1;
}

static status refuse_large(const struct bundle_file *file, const struct pool_compile *compile,
                           struct error *error)
{
    struct error words;
    status refused = error_set(&words, ASSAY_ERR_RULES, "%.150s is too large: over %u MiB",
                               file->name, (unsigned)(SOURCE_BYTES_MAX >> 20));
    if (compile->on_loss)
        compile->on_loss(compile->diagnostic_context, file->name, words.text);
    return error_set(error, refused, "%s", words.text);
}

static status send_sources(struct pool *pool, const struct compile_files *files,
                           const struct pool_compile *compile, struct error *error,
                           size_t *ret_sent)
{
    *ret_sent = 0;
    for (size_t i = 0; i < files->count; i++) {
        const struct bundle_file *file = &files->files[i];
        if (!manifest_path_is_rules(file->name))
            continue;
        if (file->bytes.size > SOURCE_BYTES_MAX)
            return refuse_large(file, compile, error);
        int fd cleanup(fd_cleanup) = -1;
        status sent = compile_as_file(file->bytes, &fd);
        if (sent >= 0)
            sent = pool_add_source(pool, file->name, files->database, fd);
        if (sent < 0)
            return error_set(error, sent, "%.150s could not be handed to the compiler: %s",
                             file->name,
                             sent == ASSAY_ERR_IO ? strerror(errno)
                                                  : assay_status_text((enum assay_status)sent));
        ++*ret_sent;
    }
    return ASSAY_OK;
}

status compile_sources(struct pool *pool, const struct compile_files *files,
                       const struct pool_compile *compile, struct error *error, uint64_t *ret_rules)
{
    size_t sent;
    struct compile_files borrowed = *files;
    struct pool_compile with_includes = *compile;
    with_includes.open_include = open_include;
    with_includes.include_context = &borrowed;
    with_includes.seconds = COMPILE_SECONDS;
    TRY(send_sources(pool, files, compile, error, &sent));
    *ret_rules = 0;
    return sent > 0 ? pool_compile(pool, &with_includes, error, ret_rules) : ASSAY_OK;
}

status compile_hashes(struct view list, int out, struct error *error)
{
    struct confined_bounds bounds = {
        .memory = INDEX_MEMORY, .output = INDEX_BYTES, .seconds = INDEX_SECONDS};
    int fd cleanup(fd_cleanup) = -1;
    status made = compile_as_file(list, &fd);
    if (made < 0)
        return error_set(error, made, "there is no room for the hash list: %s", strerror(errno));
    return confined_run(hash_index_write, fd, out, &bounds, error);
}
