/* cab_directory: the folders and files of a cabinet, as its entries tell them. */
#ifndef UNPACK_CAB_DIRECTORY_H
#define UNPACK_CAB_DIRECTORY_H

#include "unpack/cab_format.h"

struct cab_directory {
    struct cab_header header;
    struct cab_folder *folders; /* owned */
    size_t folder_count;
    struct solid_file *files; /* owned; sorted; names are borrowed from the input */
    size_t file_count;
    uint64_t folders_end, files_end; /* behind the entries */
};

/* Reads all that is there; what is odd is noted. Errors: ASSAY_ERR_TRUNCATED (the header),
 * ASSAY_ERR_NOMEM. */
CHECKED status cab_directory_load(struct view input, struct unpack_env *env,
                                  struct cab_directory *ret_directory);
void cab_directory_release(struct cab_directory *directory);

#endif
