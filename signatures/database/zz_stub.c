#include "signatures/database/manifest.h"
bool manifest_path_is_safe(struct assay_bytes path)
{
    return path.size > 0 && path.data[0] != '/';
}
