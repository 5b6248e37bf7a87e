#include "signatures/database/python_regex.h"
#include "signatures/database/yara_text.h"

/* VARIABLE OPERATOR "bytes ENDING" */
static status write_search(const struct python_regex *regex, const char *variable,
                           const char *operator, const char * ending, struct buffer *out)
{
    cleanup(buffer_release) struct buffer bytes = {NULL, 0, 0};
    TRY(buffer_append(&bytes, regex->literal.data, regex->literal.size));
    TRY(buffer_append_text(&bytes, ending));
    TRY(buffer_append_format(out, "%s %s%s ", variable, regex->nocase ? "i" : "", operator));
    return yara_string(out, buffer_view(&bytes));
}

/* Looking for bytes is a hundred times quicker than an expression: it is asked only about a text
 * that has those it cannot do without. */
status python_regex_condition(const struct python_regex *regex, const char *variable,
                              struct buffer *out)
{
    if (regex->only_literal && regex->at_end) {
        TRY(buffer_append_text(out, "("));
        TRY(write_search(regex, variable, "endswith", "", out));
        TRY(buffer_append_text(out, " or "));
        TRY(write_search(regex, variable, "endswith", "\n", out));
        return buffer_append_text(out, ")");
    }
    if (regex->literal.size > 0)
        TRY(write_search(regex, variable, "contains", "", out));
    if (regex->only_literal)
        return ASSAY_OK;
    TRY(buffer_append_format(out, "%s%s matches /", regex->literal.size > 0 ? " and " : "",
                             variable));
    TRY(buffer_append(out, regex->pattern.data, regex->pattern.size));
    return buffer_append_text(out, regex->nocase ? "/i" : "/");
}
