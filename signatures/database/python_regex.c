#include "signatures/database/python_regex.h"

#include "signatures/database/byte_set.h"
#include "signatures/database/python_token.h"
#include "signatures/database/yara_text.h"

#define DEPTH_MAX 16
/* libyara follows every state that a text can be in at once, gives up on more than a thousand, and
 * takes 128 branchings. */
#define STATES_MAX 512
#define SPLITS_MAX 96

/* What has been read: an atom, a branch, all of it. */
struct part {
    uint64_t least;  /* bytes that it takes at least */
    uint64_t states; /* of libyara's machine, at most */
    uint64_t splits;
    bool anchored; /* has ^, $ or \b in it */
    bool ended;    /* nothing may follow: it had a $ */
    bool word;     /* its last is one byte that is a letter, a digit or _ */
};

struct group {
    size_t begin; /* where its parenthesis is in the pattern */
    bool has_branches;
    struct part branches; /* those before this one */
    struct part branch;
    bool empty;   /* so is this branch, yet */
    bool waiting; /* for a byte of a word, behind \b */
};

struct translation {
    struct python_tokens tokens;
    struct python_regex *regex;
    struct group groups[DEPTH_MAX];
    size_t depth;      /* of the group that is open; 0 is all of it */
    struct buffer run; /* bytes that follow one another, outside of any group */
    const char *reason;
};

static status unsupported(struct translation *t, const char *reason)
{
    t->reason = reason;
    return ASSAY_ERR_UNSUPPORTED;
}

static struct group *open_group(struct translation *t)
{
    return &t->groups[t->depth];
}

static status end_run(struct translation *t)
{
    struct buffer *literal = &t->regex->literal;
    if (t->run.size > literal->size) {
        literal->size = 0;
        TRY(buffer_append(literal, t->run.data, t->run.size));
    }
    t->run.size = 0;
    return ASSAY_OK;
}

static status check_size(struct translation *t, const struct part *part)
{
    if (part->states > STATES_MAX || part->splits > SPLITS_MAX)
        return unsupported(t, "the expression is too large for libyara");
    return ASSAY_OK;
}

/* Puts what was written last behind the rest of the branch. */
static status add_part(struct translation *t, const struct part *part)
{
    struct group *group = open_group(t);
    struct part *branch = &group->branch;
    if (branch->ended)
        return unsupported(t, "something follows $");
    if (group->waiting && !(part->word && part->least > 0))
        return unsupported(t, "\\b is not next to a letter that is always there");
    group->waiting = false;
    group->empty = false;
    branch->least += part->least;
    branch->states += part->states;
    branch->splits += part->splits;
    branch->anchored |= part->anchored;
    branch->ended = part->ended;
    branch->word = part->word && part->least > 0;
    return check_size(t, branch);
}

static status end_branch(struct translation *t)
{
    struct group *group = open_group(t);
    if (group->empty)
        return unsupported(t, "an alternative is empty");
    if (group->waiting)
        return unsupported(t, "\\b is not next to a letter that is always there");
    struct part *all = &group->branches, *branch = &group->branch;
    all->least = !group->has_branches || branch->least < all->least ? branch->least : all->least;
    all->states += branch->states;
    all->splits += branch->splits + group->has_branches;
    all->anchored |= branch->anchored;
    all->ended |= branch->ended;
    group->has_branches = true;
    group->empty = true;
    *branch = (struct part){.least = 0};
    return check_size(t, all);
}

static uint64_t at_least(uint64_t number, uint64_t bound)
{
    return number < bound ? bound : number;
}

/* Writes the repetition behind the atom, which begins at `begin` of the pattern. */
static status write_repeat(struct translation *t, size_t begin, const struct python_repeat *repeat)
{
    struct buffer *pattern = &t->regex->pattern;
    unsigned long long least = repeat->least, most = repeat->most;
    if (repeat->endless && least <= 1)
        return buffer_append_text(pattern, least == 0 ? "*" : "+");
    if (!repeat->endless && least == most)
        return least == 1 ? ASSAY_OK : buffer_append_format(pattern, "{%llu}", least);
    if (!repeat->endless && least == 0 && most == 1)
        return buffer_append_text(pattern, "?");
    if (!repeat->endless)
        return buffer_append_format(pattern, "{%llu,%llu}", least, most);
    /* libyara would count without end; so it does not. */
    cleanup(buffer_release) struct buffer atom = {NULL, 0, 0};
    TRY(buffer_append(&atom, pattern->data + begin, pattern->size - begin));
    TRY(buffer_append_format(pattern, "{%llu}", least));
    TRY(buffer_append(pattern, atom.data, atom.size));
    return buffer_append_text(pattern, "*");
}

static status repeat_atom(struct translation *t, size_t begin, const struct python_repeat *repeat,
                          struct part *atom)
{
    if (atom->anchored)
        return unsupported(t, "an anchor is repeated");
    if (atom->least == 0)
        return unsupported(t, "what may be empty is repeated");
    if (!repeat->endless && repeat->most == 0)
        return unsupported(t, "something is repeated no times");
    uint64_t copies = repeat->endless ? repeat->least + 1 : repeat->most;
    if (copies > STATES_MAX)
        return unsupported(t, "the expression is too large for libyara");
    TRY(write_repeat(t, begin, repeat));
    atom->least *= repeat->least;
    atom->states *= at_least(copies, 2);
    /* libyara writes what is counted up to four times. */
    atom->splits = atom->splits * 5 + 4;
    return check_size(t, atom);
}

/* What follows an atom that was written: its repetition, then it is part of the branch. */
static status finish_atom(struct translation *t, size_t begin, struct part *atom)
{
    struct python_repeat repeat;
    TRY(python_read_repeat(&t->tokens, &repeat, &t->reason));
    if (repeat.is)
        TRY(repeat_atom(t, begin, &repeat, atom));
    return add_part(t, atom);
}

static status take_set(struct translation *t, const struct python_token *token)
{
    struct byte_set set = token->set;
    struct byte_set word;
    size_t begin = t->regex->pattern.size;
    if (t->regex->nocase)
        byte_set_fold(&set);
    if (token->negated)
        byte_set_negate(&set);
    unsigned count = byte_set_count(&set);
    if (count == 0 || count == 256)
        return unsupported(t, "a class takes every byte, or none");
    TRY(end_run(t));
    t->regex->only_literal = false;
    TRY(yara_regex_class(&t->regex->pattern, set));
    struct byte_set both = set;
    struct part atom = {.least = 1, .states = 1};
    atom.word = byte_set_of_escape('w', &word);
    byte_set_join(&both, &word);
    atom.word &= byte_set_count(&both) == byte_set_count(&word);
    return finish_atom(t, begin, &atom);
}

static bool is_word_byte(uint8_t b)
{
    struct byte_set word;
    return byte_set_of_escape('w', &word) && byte_set_has(&word, b);
}

/* A character, as one byte or several. */
static status take_literal(struct translation *t, const struct python_token *token)
{
    struct buffer *pattern = &t->regex->pattern;
    size_t begin = pattern->size;
    bool several = token->size > 1;
    if (several && t->regex->nocase)
        return unsupported(t, "a letter beyond ASCII without regard to case");
    bool repeated = python_repeat_follows(&t->tokens);
    if (several && repeated)
        TRY(buffer_append_text(pattern, "("));
    for (size_t i = 0; i < token->size; i++)
        TRY(yara_regex_byte(pattern, token->bytes[i]));
    if (several && repeated)
        TRY(buffer_append_text(pattern, ")"));
    if (t->depth == 0 && !repeated)
        TRY(buffer_append(&t->run, token->bytes, token->size));
    else
        TRY(end_run(t));
    t->regex->only_literal &= !repeated;
    struct part atom = {.least = token->size,
                        .states = token->size,
                        .word = !several && is_word_byte(token->bytes[0])};
    return finish_atom(t, begin, &atom);
}

/* At the ends of a text libyara always sees a boundary, so it has to have a letter beside it. */
static status take_boundary(struct translation *t, const struct python_token *token)
{
    struct group *group = open_group(t);
    (void)token;
    TRY(end_run(t));
    t->regex->only_literal = false;
    if (python_repeat_follows(&t->tokens))
        return unsupported(t, "an anchor is repeated");
    if (group->branch.ended || group->waiting)
        return unsupported(t, "\\b is not next to a letter that is always there");
    group->waiting = !group->branch.word;
    group->branch.anchored = true;
    group->empty = false;
    return buffer_append_text(&t->regex->pattern, "\\b");
}

static status take_anchor(struct translation *t, const struct python_token *token)
{
    bool end = token->kind == PYTHON_END;
    struct part atom = {.anchored = true, .ended = token->kind != PYTHON_BEGIN};
    TRY(end_run(t));
    if (python_repeat_follows(&t->tokens))
        return unsupported(t, "an anchor is repeated");
    t->regex->only_literal &= end && t->depth == 0;
    t->regex->at_end = t->regex->only_literal;
    /* Python's $ is also before a newline that ends the text. */
    atom.states = atom.splits = end;
    TRY(buffer_append_text(&t->regex->pattern, end ? "\\x0a?$" : atom.ended ? "$" : "^"));
    return add_part(t, &atom);
}

static status take_open(struct translation *t, const struct python_token *token)
{
    (void)token;
    struct group *group = open_group(t);
    TRY(end_run(t));
    t->regex->only_literal = false;
    if (group->branch.ended)
        return unsupported(t, "something follows $");
    if (t->depth + 1 == DEPTH_MAX)
        return unsupported(t, "groups are nested too deep");
    t->groups[++t->depth] = (struct group){.begin = t->regex->pattern.size, .empty = true};
    return buffer_append_text(&t->regex->pattern, "(");
}

static status take_close(struct translation *t, const struct python_token *token)
{
    (void)token;
    if (t->depth == 0)
        return unsupported(t, "it is no valid expression: a parenthesis too many");
    TRY(end_branch(t));
    struct part atom = open_group(t)->branches;
    size_t begin = open_group(t)->begin;
    t->depth--;
    TRY(buffer_append_text(&t->regex->pattern, ")"));
    return finish_atom(t, begin, &atom);
}

static status take_or(struct translation *t, const struct python_token *token)
{
    (void)token;
    TRY(end_run(t));
    TRY(end_branch(t));
    t->regex->only_literal = false;
    return buffer_append_text(&t->regex->pattern, "|");
}

static status take_token(struct translation *t, const struct python_token *token)
{
    static status (*const take[])(struct translation * t, const struct python_token *token) = {
        [PYTHON_LITERAL] = take_literal,
        [PYTHON_SET] = take_set,
        [PYTHON_OPEN] = take_open,
        [PYTHON_CLOSE] = take_close,
        [PYTHON_OR] = take_or,
        [PYTHON_BEGIN] = take_anchor,
        [PYTHON_END] = take_anchor,
        [PYTHON_VERY_END] = take_anchor,
        [PYTHON_BOUNDARY] = take_boundary,
    };
    return take[token->kind](t, token);
}

static status translate(struct translation *t)
{
    struct python_token token;
    t->regex->nocase = python_skip_ignorecase(&t->tokens);
    t->regex->only_literal = true;
    t->groups[0] = (struct group){.empty = true};
    for (;;) {
        status next = python_next(&t->tokens, &token, &t->reason);
        TRY(next);
        if (next == ASSAY_END)
            break;
        TRY(take_token(t, &token));
    }
    if (t->depth > 0)
        return unsupported(t, "it is no valid expression: a parenthesis is not closed");
    TRY(end_run(t));
    bool alternatives = t->groups[0].has_branches;
    TRY(end_branch(t));
    if (t->groups[0].branches.least == 0)
        return unsupported(t, "it finds something in every text");
    if (alternatives)
        t->regex->literal.size = 0;
    return ASSAY_OK;
}

status python_regex_translate(struct view text, struct python_regex *ret_regex,
                              const char **ret_reason)
{
    struct translation t = {.tokens = {.text = text}, .regex = ret_regex};
    status result = translate(&t);
    buffer_release(&t.run);
    *ret_reason = t.reason;
    return result;
}

void python_regex_release(struct python_regex *regex)
{
    buffer_release(&regex->pattern);
    buffer_release(&regex->literal);
}
