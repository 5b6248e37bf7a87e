#include "cli/rule_files.h"

#include "base/buffer.h"
#include "cli/say.h"
#include "cli/source_digest.h"
#include "pool/sources.h"
#include "signatures/rules.h"
#include "walk/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>

/* One --rules. */
struct operand {
    const char *path;
    char *root;  /* the directory that includes may not leave: the operand, or the one it is in */
    int root_fd; /* -1: none */
    struct source_digest sources;
    char digest[SOURCE_DIGEST_HEX];
};

struct rule_files {
    struct operand *operands;
    struct report_database *databases;
    size_t count;
    struct pool *pool;
    struct buffer text; /* of the source at hand */
};

void rule_files_free(struct rule_files *files)
{
    if (!files)
        return;
    for (size_t i = 0; i < files->count; i++) {
        free(files->operands[i].root);
        fd_cleanup(&files->operands[i].root_fd);
        source_digest_release(&files->operands[i].sources);
    }
    free(files->operands);
    free(files->databases);
    buffer_release(&files->text);
    free(files);
}

/* The source's name is its path as a person would type it; the digest's is relative to the operand,
 * so that it does not depend on where the rules are. */
static status send_source(struct rule_files *files, struct operand *operand, const char *path,
                          int fd, struct error *error)
{
    const char *name = path;
    size_t root = strlen(operand->root);
    if (strncmp(path, operand->root, root) == 0)
        name += root + (path[root] == '/');
    files->text.size = 0;
    status read = buffer_append_file(&files->text, fd, SOURCE_BYTES_MAX);
    if (read == ASSAY_ERR_LIMIT)
        return error_set(error, read, "the rules in %.150s are too large: over 64 MiB", path);
    if (read < 0)
        return error_set(error, read, "the rules in %.150s cannot be read: %s", path,
                         strerror(errno));
    TRY(source_digest_add(&operand->sources, name, buffer_view(&files->text)));
    status sent = pool_add_source(files->pool, path, operand->path, fd);
    return sent < 0 ? error_set(error, sent, "the rules in %.150s were refused", path) : sent;
}

/* strndup() by way of bytes: what is copied from need not end in a NUL. */
static char *text_of(struct assay_bytes bytes)
{
    char *text = malloc(bytes.size + 1);
    if (text) {
        memcpy(text, bytes.data, bytes.size);
        text[bytes.size] = 0;
    }
    return text;
}

/* What the walk could not give is a rule lost, unless nobody would take it for one. */
static status send_entry(struct rule_files *files, struct operand *operand,
                         struct walk_entry *entry, struct error *error)
{
    char *path cleanup(free_cleanup) = text_of(entry->path);
    if (!path)
        return ASSAY_ERR_NOMEM;
    if (entry->kind == WALK_FILE) {
        int fd cleanup(fd_cleanup) = steal_fd(&entry->fd);
        return send_source(files, operand, path, fd, error);
    }
    if (entry->kind == WALK_ERROR)
        return error_set(error, ASSAY_ERR_IO, "the rules in %.120s cannot be read: %s%s%s", path,
                         entry->detail, entry->error_number ? ": " : "",
                         entry->error_number ? strerror(entry->error_number) : "");
    const char *dot = strrchr(path, '.');
    if (entry->skip == WALK_SKIP_SYMLINK && dot &&
        (strcmp(dot, ".yar") == 0 || strcmp(dot, ".yara") == 0))
        say("%s is a symbolic link and was not read: name it with a --rules of its own", path);
    return ASSAY_OK;
}

static status send_operand(struct rule_files *files, struct operand *operand, bool is_directory,
                           struct error *error)
{
    static const char *const rule_globs[] = {"*.yar", "*.yara"};
    struct walk_options options = {
        .includes = is_directory ? rule_globs : NULL,
        .include_count = is_directory ? 2 : 0,
    };
    struct walk *walk cleanup(walk_free_cleanup) = NULL;
    TRY(walk_new(&options, error, &walk));
    struct assay_bytes path = {(const uint8_t *)operand->path, strlen(operand->path)};
    TRY(walk_start(walk, path));
    struct walk_entry entry = {.fd = -1};
    status step;
    while ((step = walk_next(walk, &entry)) == ASSAY_OK)
        TRY(send_entry(files, operand, &entry, error));
    TRY(step);
    if (operand->sources.count == 0)
        return error_set(error, ASSAY_ERR_IO, "there are no rules (*.yar, *.yara) in %.150s",
                         operand->path);
    return source_digest_finish(&operand->sources, operand->digest);
}

/* The directory part of a path; "." when it has none. */
static char *directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return strdup(".");
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

/* Without the slashes at its end, as the walk gives it. */
static char *trimmed(const char *path)
{
    size_t size = strlen(path);
    while (size > 1 && path[size - 1] == '/')
        size--;
    return strndup(path, size);
}

static status add_operand(struct rule_files *files, const char *path, struct error *error)
{
    struct operand *operand = &files->operands[files->count];
    *operand = (struct operand){.path = path, .root_fd = -1};
    files->count++;
    struct stat stat;
    if (fstatat(AT_FDCWD, path, &stat, 0) < 0)
        return error_set(error, ASSAY_ERR_IO, "there are no rules at %.150s: %s", path,
                         strerror(errno));
    operand->root = S_ISDIR(stat.st_mode) ? trimmed(path) : directory_of(path);
    if (!operand->root)
        return ASSAY_ERR_NOMEM;
    operand->root_fd = open(operand->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    TRY(send_operand(files, operand, S_ISDIR(stat.st_mode), error));
    files->databases[files->count - 1] = (struct report_database){
        .name = operand->path,
        .version = "",
        .digest = operand->digest,
        .trust = "unsigned",
        .age_days = -1,
        .rules = -1,
    };
    return ASSAY_OK;
}

status rule_files_send(const struct text_list *operands, struct pool *pool, struct error *error,
                       struct rule_files **ret_files)
{
    struct rule_files *files cleanup(rule_files_free_cleanup) = calloc(1, sizeof(*files));
    if (!files)
        return ASSAY_ERR_NOMEM;
    files->pool = pool;
    files->operands = calloc(operands->count, sizeof(*files->operands));
    files->databases = calloc(operands->count, sizeof(*files->databases));
    if (!files->operands || !files->databases)
        return ASSAY_ERR_NOMEM;
    for (size_t i = 0; i < operands->count; i++)
        TRY(add_operand(files, operands->items[i], error));
    *ret_files = steal_pointer(files);
    return ASSAY_OK;
}

void rule_files_count_rules(struct rule_files *files, uint64_t rules)
{
    if (files->count == 1)
        files->databases[0].rules = (int64_t)rules;
}

const struct report_database *rule_files_databases(const struct rule_files *files,
                                                   size_t *ret_count)
{
    *ret_count = files->count;
    return files->databases;
}

/* ---- includes -------------------------------------------------------------------------------- */

/* The part of `from` below the root; NULL when it is not below it. */
static const char *below_root(const struct operand *operand, const char *from)
{
    if (strcmp(operand->root, ".") == 0 && from[0] != '/')
        return from;
    size_t size = strlen(operand->root);
    if (strncmp(from, operand->root, size) != 0)
        return NULL;
    if (operand->root[size - 1] == '/')
        return from + size;
    return from[size] == '/' ? from + size + 1 : NULL;
}

/* The kernel keeps the path below the root, whatever dots and links are in it. */
static int open_below(int root_fd, const char *path)
{
    struct open_how how = {
        .flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    int fd cleanup(fd_cleanup) = (int)syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
    struct stat stat;
    if (fd < 0 || fstat(fd, &stat) < 0 || !S_ISREG(stat.st_mode))
        return -1;
    return steal_fd(&fd);
}

int rule_files_open_include(void *context, const char *name, const char *from)
{
    const struct rule_files *files = context;
    for (size_t i = 0; i < files->count; i++) {
        const struct operand *operand = &files->operands[i];
        const char *including = below_root(operand, from);
        if (!including || operand->root_fd < 0)
            continue;
        char *directory cleanup(free_cleanup) = directory_of(including);
        struct buffer path cleanup(buffer_release) = {NULL, 0, 0};
        if (!directory || buffer_append_format(&path, "%s/%s", directory, name) < 0)
            return -1;
        int fd = open_below(operand->root_fd, (const char *)path.data);
        if (fd >= 0)
            return fd;
    }
    return -1;
}

status rule_files_builtin_digest(char ret_hex[SOURCE_DIGEST_HEX])
{
    struct source_digest digest cleanup(source_digest_release) = {NULL, 0};
    const struct assay_source *sources;
    size_t count;
    rules_builtin(&sources, &count);
    for (size_t i = 0; i < count; i++) {
        struct view text = {(const uint8_t *)sources[i].text, sources[i].size};
        TRY(source_digest_add(&digest, sources[i].name, text));
    }
    return source_digest_finish(&digest, ret_hex);
}
