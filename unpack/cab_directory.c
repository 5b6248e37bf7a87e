#include "unpack/cab_directory.h"

#include <stdlib.h>

enum { FOLDER_SIZE = 8, FILE_SIZE_MIN = 17 };

void cab_directory_release(struct cab_directory *directory)
{
    free(directory->folders);
    free(directory->files);
    *directory = (struct cab_directory){.folders = NULL};
}

static void note(struct unpack_env *env, status why, const char *detail)
{
    env->note(env->note_context, why, detail);
}

static void load_folders(struct view input, struct unpack_env *env, struct cab_directory *directory)
{
    const struct cab_header *header = &directory->header;
    uint64_t at = header->folders;
    while (directory->folder_count < header->folder_count &&
           cab_parse_folder(input, at, &directory->folders[directory->folder_count])) {
        directory->folder_count++;
        at += FOLDER_SIZE + header->folder_reserved;
    }
    directory->folders_end = at;
    if (directory->folder_count < header->folder_count)
        note(env, ASSAY_ERR_TRUNCATED, "the list of folders is cut short");
}

/* The index of a folder, or one of the marks of a file that several cabinets share. */
static bool place_file(struct cab_directory *directory, struct solid_file *file)
{
    size_t count = directory->folder_count;
    uint32_t mark = file->stream;
    if (count > 0 && mark >= CAB_FILE_FROM_PREVIOUS) {
        file->stream = mark == CAB_FILE_FROM_PREVIOUS ? 0 : (uint32_t)(count - 1);
        file->ended = ASSAY_ERR_MISSING_VOLUME;
        if (mark != CAB_FILE_INTO_NEXT)
            directory->folders[0].from_previous = true;
        if (mark != CAB_FILE_FROM_PREVIOUS)
            directory->folders[count - 1].into_next = true;
    }
    return file->stream < count;
}

static void load_files(struct view input, struct unpack_env *env, struct cab_directory *directory)
{
    uint64_t at = directory->header.files;
    unsigned read = 0, lost = 0;
    while (read < directory->header.file_count) {
        struct solid_file file;
        if (!cab_parse_file(input, &at, &file))
            break;
        read++;
        if (place_file(directory, &file))
            directory->files[directory->file_count++] = file;
        else
            lost++;
    }
    directory->files_end = at;
    if (read < directory->header.file_count)
        note(env, at + FILE_SIZE_MIN > input.size ? ASSAY_ERR_TRUNCATED : ASSAY_ERR_CORRUPT,
             "the list of files is cut short");
    if (lost > 0)
        note(env, ASSAY_ERR_CORRUPT, "files that are in no folder");
    solid_sort(directory->files, directory->file_count);
}

status cab_directory_load(struct view input, struct unpack_env *env,
                          struct cab_directory *ret_directory)
{
    struct cab_directory directory = {.folders = NULL};
    if (!cab_parse_header(input, &directory.header))
        return error_set(&env->error, ASSAY_ERR_TRUNCATED, "the header is cut short");
    /* At most 65,535 of each; one more, so that there is something to allocate. */
    directory.folders = calloc(directory.header.folder_count + 1u, sizeof(*directory.folders));
    directory.files = calloc(directory.header.file_count + 1u, sizeof(*directory.files));
    if (!directory.folders || !directory.files) {
        cab_directory_release(&directory);
        return error_set(&env->error, ASSAY_ERR_NOMEM, "no memory for a list of files");
    }
    load_folders(input, env, &directory);
    load_files(input, env, &directory);
    *ret_directory = directory;
    return ASSAY_OK;
}
