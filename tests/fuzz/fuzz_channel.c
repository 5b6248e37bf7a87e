/* Any bytes as the index of a channel. What is taken has exactly this text, and names its file. */
#include "signatures/database/channel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct channel_index index;
    struct error error = {""};
    struct buffer text = {NULL, 0, 0};
    char file[CHANNEL_INDEX_FILE_MAX];
    if (channel_index_parse((struct view){data, size}, &error, &index) < 0) {
        check(error.text[0] != 0);
        return 0;
    }
    check(channel_index_write(&index, &text) == ASSAY_OK);
    check(text.size == size && memcmp(text.data, data, size) == 0);
    channel_index_file(&index, file);
    check(!strchr(file, '/'));
    buffer_release(&text);
    return 0;
}
