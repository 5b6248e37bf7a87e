#include "inspect/variables.h"

#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* The last dot of the last component, or the end when there is none. A leading dot makes a hidden
 * file, no extension. */
static const char *extension_of(const char *filename)
{
    const char *dot = strrchr(filename, '.');
    return dot && dot != filename ? dot : filename + strlen(filename);
}

status object_name_set(struct object_name *name, struct assay_bytes path)
{
    name->path.size = 0;
    name->extension.size = 0;
    name->filename = 0;
    TRY(buffer_append(&name->path, path.data, path.size));
    TRY(buffer_terminate(&name->path));

    /* Archives made on Windows have backslashes. */
    const char *text = (const char *)name->path.data;
    for (const char *c = text; *c; c++) {
        if (*c == '/' || *c == '\\')
            name->filename = (size_t)(c - text) + 1;
    }
    const char *extension = extension_of(text + name->filename);
    TRY(buffer_append_text(&name->extension, extension));
    TRY(buffer_terminate(&name->extension));
    for (char *c = (char *)name->extension.data; *c; c++)
        *c = lower(*c);
    return ASSAY_OK;
}

status object_name_of_member(struct object_name *name, const struct object_name *parent,
                             struct assay_bytes member)
{
    bool derived = member.size > 1 && member.data[0] == '<' && member.data[member.size - 1] == '>';
    if (!derived)
        return object_name_set(name, member);
    const char *path = (const char *)parent->path.data;
    const char *end = extension_of(path + parent->filename);
    return object_name_set(name, (struct assay_bytes){parent->path.data, (size_t)(end - path)});
}

void object_name_variables(const struct object_name *name, struct matcher_variables *variables)
{
    variables->filepath = (const char *)name->path.data;
    variables->filename = variables->filepath + name->filename;
    variables->extension = (const char *)name->extension.data;
}

void object_name_release(struct object_name *name)
{
    buffer_release(&name->path);
    buffer_release(&name->extension);
}
