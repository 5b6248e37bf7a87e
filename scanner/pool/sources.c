#include "pool/sources.h"

#include "signatures/rules.h"

struct source_memory {
    char *name;
    char *database;
    char *text;
};

status sources_read_text(int fd, char **ret_text, size_t *ret_size)
{
    struct buffer text cleanup(buffer_release) = {NULL, 0, 0};
    TRY(buffer_append_file(&text, fd, SOURCE_BYTES_MAX));
    TRY(buffer_terminate(&text));
    *ret_size = text.size;
    *ret_text = (char *)steal_pointer(text.data);
    return ASSAY_OK;
}

static status reserve(struct sources *sources)
{
    if (sources->count < sources->room)
        return ASSAY_OK;
    size_t room = sources->room ? sources->room * 2 : 16;
    struct assay_source *list = reallocarray(sources->list, room, sizeof(*list));
    if (!list)
        return ASSAY_ERR_NOMEM;
    sources->list = list;
    struct source_memory *memory = reallocarray(sources->memory, room, sizeof(*memory));
    if (!memory)
        return ASSAY_ERR_NOMEM;
    sources->memory = memory;
    sources->room = room;
    return ASSAY_OK;
}

static void release_memory(struct source_memory *memory)
{
    free(memory->name);
    free(memory->database);
    free(memory->text);
}

status sources_add(struct sources *sources, const struct wire_source *source, int fd)
{
    TRY(reserve(sources));
    struct source_memory memory = {strdup(source->name), strdup(source->database), NULL};
    size_t size = 0;
    status read = memory.name && memory.database ? sources_read_text(fd, &memory.text, &size)
                                                 : ASSAY_ERR_NOMEM;
    if (read < 0) {
        release_memory(&memory);
        return read;
    }
    sources->list[sources->count] = (struct assay_source){
        .name = memory.name, .database = memory.database, .text = memory.text, .size = size};
    sources->memory[sources->count++] = memory;
    return ASSAY_OK;
}

status sources_add_builtin(struct sources *sources)
{
    const struct assay_source *builtin;
    size_t count;
    rules_builtin(&builtin, &count);
    for (size_t i = 0; i < count; i++) {
        TRY(reserve(sources));
        sources->list[sources->count] = builtin[i];
        sources->memory[sources->count++] = (struct source_memory){NULL, NULL, NULL};
    }
    return ASSAY_OK;
}

void sources_release(struct sources *sources)
{
    for (size_t i = 0; i < sources->count; i++)
        release_memory(&sources->memory[i]);
    free(sources->list);
    free(sources->memory);
    *sources = (struct sources){NULL, NULL, 0, 0};
}
