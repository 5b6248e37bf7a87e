/* Any text as a manifest. What is taken is written again as it was, but for keys nobody knows. */
#include "signatures/database/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static void look_at(const struct manifest *manifest)
{
    check(manifest_name_is_safe(manifest->name));
    check(manifest->serial > 0 && manifest->serial <= MANIFEST_NUMBER_MAX);
    (void)manifest_needs_newer(manifest, "0.1.0");
    for (size_t i = 0; i < manifest->file_count; i++)
        check(manifest_find(manifest, manifest->files[i].name) == &manifest->files[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct manifest manifest = {.name = NULL}, again = {.name = NULL};
    struct buffer text = {NULL, 0, 0}, twice = {NULL, 0, 0};
    struct error error = {""};
    status parsed = manifest_parse((struct view){data, size}, &error, &manifest);
    check(parsed == ASSAY_OK || parsed == ASSAY_ERR_CORRUPT || parsed == ASSAY_ERR_UNSUPPORTED);
    check((parsed == ASSAY_OK) == (error.text[0] == 0));
    if (parsed == ASSAY_OK) {
        look_at(&manifest);
        check(manifest_write(&manifest, NULL, &text) == ASSAY_OK);
        check(text.size <= size);
        check(manifest_parse(buffer_view(&text), &error, &again) == ASSAY_OK);
        check(manifest_write(&again, NULL, &twice) == ASSAY_OK);
        check(twice.size == text.size && memcmp(twice.data, text.data, text.size) == 0);
    }
    manifest_release(&manifest);
    manifest_release(&again);
    buffer_release(&text);
    buffer_release(&twice);
    return 0;
}
