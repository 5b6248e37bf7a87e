/*
 * import-files KIND FILE... DIRECTORY: what an import makes of files, for tests: each source as a file
 * in the directory, and what was skipped on standard output, as NAME TAB LINE TAB REASON.
 */
#include "signatures/database/import.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

static int fail(const char *what, const struct error *error)
{
    fprintf(stderr, "%s: %s\n", what, error->text);
    return EXIT_FAILURE;
}

static status add_file(struct importer *importer, const char *kind, const char *path,
                       struct error *error)
{
    cleanup(buffer_release) struct buffer text = {NULL, 0, 0};
    cleanup(fd_cleanup) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_set(error, ASSAY_ERR_IO, "cannot be opened");
    TRY(buffer_append_file(&text, fd, SIZE_MAX / 2));
    const char *slash = strrchr(path, '/');
    return importer_add(importer, kind, slash ? slash + 1 : path, buffer_view(&text), error);
}

static status write_source(const char *directory, const struct source_file *source)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", directory, source->name);
    for (char *slash = strchr(path + strlen(directory) + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = 0;
        (void)mkdir(path, 0777);
        *slash = '/';
    }
    FILE *out = fopen(path, "w");
    if (!out)
        return ASSAY_ERR_IO;
    size_t written = fwrite(source->text.data, 1, source->text.size, out);
    return fclose(out) == 0 && written == source->text.size ? ASSAY_OK : ASSAY_ERR_IO;
}

static void say_skipped(const struct source_set *set)
{
    for (size_t i = 0; i < set->skipped_count; i++)
        printf("%s\t%lld\t%s\n", set->skipped[i].name, (long long)set->skipped[i].line,
               set->skipped[i].reason);
}

int main(int count, char **arguments)
{
    cleanup(source_set_release) struct source_set set = {.count = 0};
    cleanup(importer_free_cleanup) struct importer *importer = NULL;
    struct error error = {""};
    if (count < 4 || importer_new(&set, &importer) < 0)
        return EXIT_FAILURE;
    for (int i = 2; i < count - 1; i++) {
        if (add_file(importer, arguments[1], arguments[i], &error) < 0)
            return fail(arguments[i], &error);
    }
    if (importer_finish(importer, &error) < 0)
        return fail("finish", &error);
    for (size_t i = 0; i < set.count; i++) {
        if (write_source(arguments[count - 1], &set.files[i]) < 0)
            return fail(set.files[i].name, &error);
    }
    say_skipped(&set);
    return EXIT_SUCCESS;
}
