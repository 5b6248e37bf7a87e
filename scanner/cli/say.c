#include "cli/say.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

void say(const char *format, ...)
{
    char words[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof(words), format, arguments);
    va_end(arguments);

    struct buffer line cleanup(buffer_release) = {NULL, 0, 0};
    if (text_escape(&line, text_bytes(words)) < 0 || buffer_terminate(&line) < 0)
        return;
    fprintf(stderr, "assay: %s\n", (const char *)line.data);
}
