#include "signatures/database/clamav_where.h"

#include "base/cleanup.h"
#include "signatures/database/import_kind.h"

#define OFFSET_MAX  (UINT64_C(1) << 31)
#define SECTION_MAX 65535

/* What a program is to its module. */
static const struct program {
    const char *entry;    /* where in the file it starts to run */
    const char *sections; /* how many; %s below is the number of one */
    const char *section_begin, *section_size;
    enum clamav_module module;
} pe_program = {"pe.entry_point", "pe.number_of_sections", ".raw_data_offset", ".raw_data_size",
                CLAMAV_PE},
  elf_program = {"elf.entry_point", "elf.number_of_sections", ".offset", ".size", CLAMAV_ELF};

static const struct target {
    const char *number;
    const char *reason;    /* why it cannot be said; NULL: it can */
    const char *condition; /* what its files are known by */
    const struct program *program;
} targets[] = {
    {"0", NULL, "", NULL},
    {"1", NULL, "uint16(0) == 0x5a4d and ", &pe_program},
    {"2", "target 2: OLE2 files as ClamAV takes them apart", NULL, NULL},
    {"3", "target 3: HTML as ClamAV normalises it", NULL, NULL},
    {"4", "target 4: mail as ClamAV takes it apart", NULL, NULL},
    {"5", "target 5: what ClamAV takes for graphics", NULL, NULL},
    {"6", NULL, "uint32(0) == 0x464c457f and ", &elf_program},
    {"7", "target 7: text as ClamAV normalises it", NULL, NULL},
    {"9", NULL,
     "(uint32(0) == 0xfeedface or uint32(0) == 0xcefaedfe or uint32(0) == 0xfeedfacf or "
     "uint32(0) == 0xcffaedfe) and ",
     NULL},
    {"10", "target 10: PDF as ClamAV takes it apart", NULL, NULL},
    {"11", "target 11: Flash as ClamAV takes it apart", NULL, NULL},
    {"12", "target 12: what ClamAV takes for Java classes", NULL, NULL},
};

struct where {
    const struct program *program; /* NULL: the target has no entry point and no sections */
    struct view offset;
    uint64_t number;    /* what is added to the place */
    bool shifted;       /* it may be later, */
    uint64_t shift;     /* by so much */
    struct buffer *out; /* what has to hold besides */
    struct buffer place;
    struct buffer end; /* where the last place is, when that is not told by the shift */
    bool uses_module;
    const char *reason;
};

static status unsupported(struct where *where, const char *reason)
{
    where->reason = reason;
    return ASSAY_ERR_UNSUPPORTED;
}

static bool is(struct view text, const char *word)
{
    return text.size == strlen(word) && view_starts(text, 0, word, strlen(word));
}

static bool parse_number(struct view text, uint64_t most, uint64_t *ret_number)
{
    return import_number(text, ret_number) && *ret_number <= most;
}

static status take_absolute(struct where *where, struct view number)
{
    if (!parse_number(number, OFFSET_MAX, &where->number))
        return unsupported(where, "an offset that is not known");
    return buffer_append_format(&where->place, "%llu", (unsigned long long)where->number);
}

static status take_from_end(struct where *where, struct view number)
{
    if (!parse_number(number, OFFSET_MAX, &where->number))
        return unsupported(where, "an offset that is not known");
    unsigned long long back = where->number;
    TRY(buffer_append_format(where->out, "filesize >= %llu and ", back));
    return buffer_append_format(&where->place, "filesize - %llu", back);
}

/* What of a program is not there is undefined, and no condition with it is true. */
static status take_entry(struct where *where, struct view number)
{
    if (!where->program)
        return unsupported(where, "an entry point or a section of what has none");
    bool back = number.size > 0 && number.data[0] == '-';
    if (number.size == 0 || (!back && number.data[0] != '+') ||
        !parse_number(view_sub(number, 1, UINT64_MAX), OFFSET_MAX, &where->number))
        return unsupported(where, "an offset that is not known");
    where->uses_module = true;
    const char *entry = where->program->entry;
    unsigned long long distance = where->number;
    if (back)
        TRY(buffer_append_format(where->out, "%s >= %llu and ", entry, distance));
    return buffer_append_format(&where->place, "%s %c %llu", entry, back ? '-' : '+', distance);
}

static const char *prefix_of(const struct program *program)
{
    return program->module == CLAMAV_PE ? "pe" : "elf";
}

/* Sx+n, and SL+n, the last one. */
static status take_section(struct where *where, struct view rest)
{
    struct view section;
    uint64_t index = 0;
    if (!where->program)
        return unsupported(where, "an entry point or a section of what has none");
    if (!import_field(&rest, '+', &section) || !parse_number(rest, OFFSET_MAX, &where->number))
        return unsupported(where, "an offset that is not known");
    bool last = is(section, "L");
    if (!last && !parse_number(section, SECTION_MAX, &index))
        return unsupported(where, "an offset that is not known");
    where->uses_module = true;
    TRY(buffer_append_format(&where->place, "%s.sections[", prefix_of(where->program)));
    if (last)
        TRY(buffer_append_format(&where->place, "%s - 1", where->program->sections));
    else
        TRY(buffer_append_format(&where->place, "%llu", (unsigned long long)index));
    return buffer_append_format(&where->place, "]%s + %llu", where->program->section_begin,
                                (unsigned long long)where->number);
}

/* SEx: anywhere in a section; ClamAV counts its end in. */
static status take_whole_section(struct where *where, struct view number)
{
    uint64_t index;
    if (!where->program)
        return unsupported(where, "an entry point or a section of what has none");
    if (where->shifted || !parse_number(number, SECTION_MAX, &index))
        return unsupported(where, "an offset that is not known");
    where->uses_module = true;
    const char *prefix = prefix_of(where->program);
    const struct program *program = where->program;
    unsigned long long section = index;
    TRY(buffer_append_format(&where->place, "%s.sections[%llu]%s", prefix, section,
                             program->section_begin));
    return buffer_append_format(&where->end, "%s.sections[%llu]%s + %s.sections[%llu]%s", prefix,
                                section, program->section_begin, prefix, section,
                                program->section_size);
}

static status take_base(struct where *where, struct view base)
{
    static const struct {
        const char *prefix;
        status (*take)(struct where *where, struct view rest);
    } forms[] = {
        {"EOF-", take_from_end}, {"EP", take_entry},  {"SE", take_whole_section},
        {"S", take_section},     {"", take_absolute},
    };
    size_t i = 0;
    while (!view_starts(base, 0, forms[i].prefix, strlen(forms[i].prefix)))
        i++;
    return forms[i].take(where, view_sub(base, strlen(forms[i].prefix), UINT64_MAX));
}

static status write_match(struct where *where)
{
    struct buffer *out = where->out;
    const struct buffer *place = &where->place;
    bool range = where->shifted || where->end.size > 0;
    TRY(buffer_append_text(out, range ? "$a in (" : "$a at "));
    TRY(buffer_append(out, place->data, place->size));
    if (!range)
        return ASSAY_OK;
    TRY(buffer_append_text(out, ".."));
    if (where->end.size > 0) {
        TRY(buffer_append(out, where->end.data, where->end.size));
    } else {
        TRY(buffer_append(out, place->data, place->size));
        TRY(buffer_append_format(out, " + %llu", (unsigned long long)where->shift));
    }
    return buffer_append_text(out, ")");
}

static status translate(struct where *where)
{
    struct view base, rest = where->offset;
    if (is(where->offset, "*"))
        return buffer_append_text(where->out, "$a");
    if (!import_field(&rest, ',', &base))
        return unsupported(where, "an offset that is not known");
    where->shifted = rest.data != NULL;
    if (where->shifted && !parse_number(rest, OFFSET_MAX, &where->shift))
        return unsupported(where, "an offset that is not known");
    TRY(take_base(where, base));
    return write_match(where);
}

static const struct target *find_target(struct view number)
{
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        if (is(number, targets[i].number))
            return &targets[i];
    }
    return NULL;
}

status clamav_where_translate(struct view target, struct view offset, struct buffer *out,
                              enum clamav_module *ret_module, const char **ret_reason)
{
    const struct target *found = find_target(target);
    *ret_reason = found ? found->reason : "a target that is not known";
    if (*ret_reason)
        return ASSAY_ERR_UNSUPPORTED;
    TRY(buffer_append_text(out, found->condition));
    struct where where = {.program = found->program, .offset = offset, .out = out};
    status result = translate(&where);
    *ret_reason = where.reason;
    *ret_module = where.uses_module ? found->program->module : CLAMAV_NO_MODULE;
    buffer_release(&where.place);
    buffer_release(&where.end);
    return result;
}
