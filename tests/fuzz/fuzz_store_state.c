/* Any bytes as the state of a store. What is taken is written as it was read. */
#include "base/cleanup.h"
#include "signatures/database/store_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cleanup(state_release) struct state state = {.marks = NULL};
    cleanup(state_release) struct state again = {.marks = NULL};
    cleanup(buffer_release) struct buffer text = {NULL, 0, 0};
    struct error error = {.text = ""};
    status parsed = state_parse((struct view){data, size}, &error, &state);
    check(parsed == ASSAY_OK || parsed == ASSAY_ERR_CORRUPT || parsed == ASSAY_ERR_UNSUPPORTED);
    if (parsed != ASSAY_OK) {
        check(error.text[0] != 0);
        return 0;
    }
    for (size_t i = 0; i < state.count; i++) {
        const struct state_mark *mark = &state.marks[i];
        check(mark->serial >= 1 && mark->serial <= SERIAL_MAX);
        check(state_get(&state, mark->name, mark->key) == mark->serial);
    }
    check(state_write(&state, &text) == ASSAY_OK);
    check(state_parse(buffer_view(&text), NULL, &again) == ASSAY_OK);
    check(state_is_same(&state, &again));
    return 0;
}
