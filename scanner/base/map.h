/* map: a whole file as a view. Who can write to the file can change what is seen. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "status.h"
#include "view.h"

/* Maps an open file for reading; `flags` are more of mmap's, such as MAP_POPULATE. The offset of the
 * descriptor moves. Errors: ASSAY_ERR_CORRUPT (it is empty), ASSAY_ERR_NOMEM, ASSAY_ERR_IO (errno). */
CHECKED status map_file(int fd, int flags, struct view *ret_file);
/* An empty view is allowed; it is empty afterwards. */
void map_release(struct view *file);

#endif
