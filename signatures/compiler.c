#include "signatures/compiler.h"

#include "signatures/engine.h"
#include "signatures/source_text.h"

#include <stdio.h>

/* libyara's lexer counts in int, and holds a second copy. */
#define SOURCE_SIZE_MAX ((size_t)256 << 20)
/* Includes that one source may cause: they can double with each level. */
#define INCLUDES_MAX 4096

/* A text being compiled: the source itself, or a file on the way of includes. */
struct text {
    const char *name;
    char *text; /* owned, terminated; NULL when unused */
    size_t size;
};

struct compiler {
    const struct rules_input *input;
    struct includes *includes;
    YR_COMPILER *yara; /* NULL after an error */
    struct text source;
    struct text included[YR_MAX_INCLUDE_DEPTH]; /* by libyara's depth; names are owned */
    size_t include_count;
    bool nomem;
};

/* ---- diagnostics ---------------------------------------------------------------------------- */

static void say(const struct compiler *compiler, const struct assay_diagnostic *diagnostic)
{
    if (compiler->input->on_diagnostic != NULL)
        compiler->input->on_diagnostic(compiler->input->diagnostic_context, diagnostic);
}

static void say_error(const struct compiler *compiler, const char *source, int line,
                      const char *message)
{
    say(compiler, &(struct assay_diagnostic){true, source, line, "", message});
}

/* Copies the name of the rule around the line, cut to fit. */
static bool rule_at(const struct text *text, int line, size_t capacity, char ret[])
{
    struct source_token name;
    if (text->text == NULL || !source_rule_at(text->text, text->size, line, &name))
        return false;
    size_t size = name.size < capacity - 1 ? name.size : capacity - 1;
    memcpy(ret, name.text, size);
    ret[size] = '\0';
    return true;
}

static const struct text *text_at(const struct compiler *compiler, int depth)
{
    return depth > 0 && depth <= YR_MAX_INCLUDE_DEPTH ? &compiler->included[depth - 1]
                                                      : &compiler->source;
}

/*
 * The text that libyara speaks of. After an error inside an included file it no longer notices
 * where that file ends, so from then on its word is only believed when the rule stands there.
 */
static const struct text *text_with(const struct compiler *compiler, int line, const char *rule)
{
    int depth = compiler->yara->file_name_stack_ptr;
    char found[256];
    for (int i = depth; i > 0 && compiler->yara->errors > 1; i--)
        if (rule_at(text_at(compiler, i), line, sizeof(found), found) && strcmp(found, rule) == 0)
            return text_at(compiler, i);
    return text_at(compiler, compiler->yara->errors > 1 ? 0 : depth);
}

static void on_yara_message(int level, const char *file, int line, const YR_RULE *rule,
                            const char *message, void *context)
{
    struct compiler *compiler = context;
    (void)file; /* as it stood in the include statement */
    const char *name = rule != NULL ? rule->identifier : NULL;
    const struct text *text = text_at(compiler, compiler->yara->file_name_stack_ptr);
    char around[256] = "";
    if (name != NULL)
        text = text_with(compiler, line, name);
    else if (rule_at(text, line, sizeof(around), around))
        name = around;
    say(compiler, &(struct assay_diagnostic){
                      .is_error = level == YARA_ERROR_LEVEL_ERROR,
                      .source = text->name != NULL ? text->name : compiler->source.name,
                      .line = line,
                      .rule = name != NULL ? name : "",
                      .message = message,
                  });
}

/* ---- texts ---------------------------------------------------------------------------------- */

static void release_included(struct text *text)
{
    free((char *)text->name);
    free(text->text);
    *text = (struct text){NULL, NULL, 0};
}

static void release_texts(struct compiler *compiler)
{
    for (size_t i = 0; i < YR_MAX_INCLUDE_DEPTH; i++)
        release_included(&compiler->included[i]);
    free(compiler->source.text);
    compiler->source = (struct text){NULL, NULL, 0};
}

/* Behind a byte order mark, which editors put there and libyara refuses. */
static const char *skip_mark(const struct text *text)
{
    return text->size >= 3 && memcmp(text->text, "\xEF\xBB\xBF", 3) == 0 ? text->text + 3
                                                                         : text->text;
}

/* libyara would take a NUL for the end and lose the rules behind it without a word. */
static bool is_compilable(const struct compiler *compiler, const char *name, const char *text,
                          size_t size)
{
    if (size > SOURCE_SIZE_MAX) {
        say_error(compiler, name, 0, "the source is larger than 256 MiB");
        return false;
    }
    const char *nul = size > 0 ? memchr(text, '\0', size) : NULL;
    if (nul == NULL)
        return true;
    int line = 1;
    for (const char *c = text; c < nul; c++)
        line += *c == '\n';
    say_error(compiler, name, line, "the source contains a NUL byte");
    return false;
}

/* The line of the import in a text. */
static bool find_import(const struct text *text, const char *module, size_t size, int *ret_line)
{
    if (text->text == NULL)
        return false;
    struct source_text source = source_text_of(text->text, text->size);
    struct source_token name;
    while (source_next_statement(&source, "import", &name)) {
        char plain[64];
        if (source_unescape(name.text, name.size, plain, sizeof(plain)) == size &&
            memcmp(plain, module, size) == 0) {
            *ret_line = name.line;
            return true;
        }
    }
    return false;
}

static void refuse_import(struct compiler *compiler, const char *module, size_t size)
{
    const struct text *text = &compiler->source;
    int line = 0;
    bool found = find_import(text, module, size, &line);
    for (size_t i = 0; i < YR_MAX_INCLUDE_DEPTH && !found; i++) {
        found = find_import(&compiler->included[i], module, size, &line);
        text = found ? &compiler->included[i] : text;
    }
    char message[128];
    snprintf(message, sizeof(message), "module \"%.*s\" is not available",
             size < 64 ? (int)size : 64, module);
    say_error(compiler, text->name, line, message);
}

/* False when the namespace imports what it may not. All names of its own are modules; the external
 * variables have no namespace, which yr_hash_table_iterate does not survive. */
static bool check_imports(struct compiler *compiler, const char *name_space)
{
    const YR_HASH_TABLE *table = compiler->yara->objects_table;
    bool allowed = true;
    for (int i = 0; i < table->size; i++) {
        for (const YR_HASH_TABLE_ENTRY *entry = table->buckets[i]; entry; entry = entry->next) {
            if (entry->ns == NULL || strcmp(entry->ns, name_space) != 0 ||
                engine_allows_module(entry->key, entry->key_length))
                continue;
            refuse_import(compiler, entry->key, entry->key_length);
            allowed = false;
        }
    }
    return allowed;
}

/* ---- includes ------------------------------------------------------------------------------- */

static const char *name_at(const struct compiler *compiler, int depth)
{
    const char *name = depth > 0 ? compiler->included[depth - 1].name : NULL;
    return name != NULL ? name : compiler->source.name;
}

/* The resolved name of an include, unless it must not be followed. */
static char *name_included(struct compiler *compiler, int depth, const char *name)
{
    const char *from = name_at(compiler, depth);
    char *resolved = NULL;
    if (include_resolve(from, name, &resolved) < 0) {
        compiler->nomem = true;
        return NULL;
    }
    bool circle = false;
    for (int i = 0; i <= depth; i++)
        circle = circle || strcmp(resolved, name_at(compiler, i)) == 0;
    if (!circle && ++compiler->include_count <= INCLUDES_MAX)
        return resolved;
    say_error(compiler, from, 0, circle ? "a file includes itself" : "too many includes");
    free(resolved);
    return NULL;
}

/* The text of an include, terminated, unless libyara must not see it. */
static char *read_included(struct compiler *compiler, const char *resolved, const char *name,
                           const char *from, size_t *ret_size)
{
    size_t size = 0;
    cleanup(free_cleanup) char *text =
        compiler->input->include(compiler->input->include_context, name, from, &size);
    if (text == NULL || !is_compilable(compiler, resolved, text, size))
        return NULL;
    char *grown = realloc(text, size + 1);
    if (grown == NULL) {
        compiler->nomem = true;
        return NULL;
    }
    text = grown;
    text[size] = '\0';
    *ret_size = size;
    return steal_pointer(text);
}

static const char *on_include(const char *name, const char *calling_file, const char *name_space,
                              void *context)
{
    struct compiler *compiler = context;
    (void)calling_file;
    (void)name_space;
    int depth = compiler->yara->file_name_stack_ptr;
    if (depth < 0 || depth >= YR_MAX_INCLUDE_DEPTH)
        return ""; /* libyara says that it is too deep */
    cleanup(free_cleanup) char *resolved = name_included(compiler, depth, name);
    if (resolved == NULL)
        return NULL;
    size_t size;
    char *text = read_included(compiler, resolved, name, name_at(compiler, depth), &size);
    if (text == NULL)
        return NULL;
    includes_mark(compiler->includes, resolved, text, size);
    struct text *slot = &compiler->included[depth];
    release_included(slot);
    *slot = (struct text){steal_pointer(resolved), text, size};
    return skip_mark(slot);
}

/* The texts are kept for the diagnostics; see text_at. */
static void on_include_done(const char *text, void *context)
{
    (void)text;
    (void)context;
}

/* ---- the compiler --------------------------------------------------------------------------- */

static void discard(struct compiler *compiler)
{
    if (compiler->yara != NULL)
        yr_compiler_destroy(compiler->yara);
    compiler->yara = NULL;
}

static status define_variables(YR_COMPILER *yara)
{
    static const char *const names[] = {"filename", "filepath", "extension", "filetype", "owner"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        int code = yr_compiler_define_string_variable(yara, names[i], "");
        if (code != ERROR_SUCCESS)
            return engine_status(code);
    }
    return ASSAY_OK;
}

static status begin(struct compiler *compiler)
{
    if (compiler->yara != NULL)
        return ASSAY_OK;
    int code = yr_compiler_create(&compiler->yara);
    if (code != ERROR_SUCCESS) {
        compiler->yara = NULL;
        return engine_status(code);
    }
    yr_compiler_set_callback(compiler->yara, on_yara_message, compiler);
    yr_compiler_set_include_callback(compiler->yara,
                                     compiler->input->include != NULL ? on_include : NULL,
                                     on_include_done, compiler);
    return define_variables(compiler->yara);
}

status compiler_new(const struct rules_input *input, struct includes *includes,
                    struct compiler **ret_compiler)
{
    cleanup(compiler_free_cleanup) struct compiler *compiler = calloc(1, sizeof(*compiler));
    if (compiler == NULL)
        return ASSAY_ERR_NOMEM;
    compiler->input = input;
    compiler->includes = includes;
    TRY(begin(compiler));
    *ret_compiler = steal_pointer(compiler);
    return ASSAY_OK;
}

void compiler_free(struct compiler *compiler)
{
    if (compiler == NULL)
        return;
    discard(compiler);
    release_texts(compiler);
    free(compiler);
}

/* What libyara made of the source whose compilation ended with `errors`. */
static status conclude(struct compiler *compiler, int errors, const char *name_space)
{
    if (compiler->nomem || (errors > 0 && compiler->yara->last_error == ERROR_INSUFFICIENT_MEMORY))
        return ASSAY_ERR_NOMEM;
    if (errors > 0 || !check_imports(compiler, name_space))
        return ASSAY_ERR_RULES;
    return ASSAY_OK;
}

status compiler_add(struct compiler *compiler, const struct assay_source *source,
                    const char *name_space)
{
    if (!is_compilable(compiler, source->name, source->text, source->size))
        return ASSAY_ERR_RULES;
    TRY(begin(compiler));
    release_texts(compiler);
    char *text = malloc(source->size + 1);
    if (text == NULL)
        return ASSAY_ERR_NOMEM;
    if (source->size > 0)
        memcpy(text, source->text, source->size);
    text[source->size] = '\0';
    compiler->source = (struct text){source->name, text, source->size};
    compiler->include_count = 0;
    int errors = yr_compiler_add_string(compiler->yara, skip_mark(&compiler->source), name_space);
    status result = conclude(compiler, errors, name_space);
    if (errors > 0)
        discard(compiler);
    return result;
}

status compiler_finish(struct compiler *compiler, YR_RULES **ret_rules)
{
    if (compiler->yara == NULL)
        return ASSAY_ERR_RULES;
    int code = yr_compiler_get_rules(compiler->yara, ret_rules);
    return code == ERROR_SUCCESS ? ASSAY_OK : engine_status(code);
}
