#include "signatures/database/import_kind.h"
status import_clamav(struct import_file *file)
{
    return import_skip(file, "not yet");
}
