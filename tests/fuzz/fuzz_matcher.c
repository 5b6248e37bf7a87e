/* Hostile bytes through a small ruleset that has libyara's parsers and every kind of string look
 * at them, and through the event that comes of it. */
#include "signatures/digest.h"
#include "signatures/filetype.h"
#include "signatures/matcher.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char text[] =
    "import \"pe\" import \"elf\" import \"dotnet\" import \"math\" import \"hash\"\n"
    "rule portable : a b { meta: score = 50 condition: pe.is_pe and pe.number_of_sections > 0 }\n"
    "rule imports { condition: pe.imports(\"kernel32.dll\") }\n"
    "rule linkable { condition: elf.number_of_sections > 0 }\n"
    "rule net { condition: dotnet.number_of_streams > 0 }\n"
    "rule numbers { condition: math.entropy(0, filesize) > 7.0 or "
    "hash.md5(0, filesize) == \"\" }\n"
    "rule texts { strings: $a = \"MZ\" $b = \"this\" wide nocase $c = { 50 4B [2-40] 00 } "
    "$d = /a+b{1,9}c?/ $e = \"key\" xor $f = \"base\" base64 condition: any of them }\n"
    "rule types { condition: filetype == \"EXE\" or filesize == 0 }\n";

struct seen {
    struct view view;
    size_t matches;
};

static void check(bool holds)
{
    if (!holds)
        __builtin_trap();
}

static int on_match(void *context, struct assay_match *match)
{
    struct seen *seen = context;
    seen->matches++;
    check(match->severity < ASSAY_SEVERITY_COUNT && match->string_count <= 256);
    for (size_t i = 0; i < match->string_count; i++) {
        const struct assay_string_match *string = &match->strings[i];
        check(view_has(seen->view, string->offset, string->length));
        check(string->data.size <= ASSAY_STRING_DATA_MAX && string->data.size <= string->length);
        check(view_starts(seen->view, string->offset, string->data.data, string->data.size));
    }
    return 0;
}

static void on_incomplete(void *context, enum assay_reason reason, const char *detail)
{
    (void)context;
    check(reason < ASSAY_REASON_COUNT && detail[0] != '\0');
}

/* Compiled once, and kept for the life of the process. */
static struct matcher *the_matcher(void)
{
    static struct assay_rules *rules;
    static struct matcher *matcher;
    const struct assay_source source = {"fuzz", "fuzz", text, sizeof(text) - 1};
    const struct rules_input input = {.sources = &source, .count = 1};
    if (matcher == NULL)
        check(rules_compile(&input, &rules) == ASSAY_OK &&
              matcher_new(rules, &matcher) == ASSAY_OK);
    return matcher;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen seen = {{data, size}, 0};
    const struct matcher_events events = {on_match, on_incomplete, &seen};
    const struct matcher_variables variables = {"", "", "", filetype_of(seen.view), ""};
    uint8_t digest[32];
    check(digest_sha256(seen.view, digest) == ASSAY_OK);
    status result = matcher_scan(the_matcher(), seen.view, &variables, 5, &events, NULL);
    check(result == ASSAY_OK || result == ASSAY_ERR_TIME || result == ASSAY_ERR_ENGINE);
    check(size > 0 || seen.matches > 0);
    return 0;
}
