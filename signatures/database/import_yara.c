#include "signatures/database/import_kind.h"

/* As they are: whether they compile is found out where a compiler may die. */
status import_yara(struct import_file *file)
{
    struct source_file *source;
    TRY(source_set_add(file->importer->set, file->name, file->error, &source));
    TRY(buffer_append(&source->text, file->text.data, (size_t)file->text.size));
    file->taken++;
    return ASSAY_OK;
}
