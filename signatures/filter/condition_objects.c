/* What is known about modules without asking them: nothing of a module's own is defined when the
 * object is not of its format, but for its constants; and an executable without a table of
 * certificates has no signatures. Formats: Microsoft, "PE Format"; System V ABI, "ELF Header". */
#include "signatures/filter/condition_objects.h"
#include "base/bytes.h"

#include "signatures/filter/condition_machine.h"

bool condition_module_find(const char *name, uint32_t *ret_module)
{
    static const char *const names[MODULE_COUNT] = {
        [MODULE_PE] = "pe", [MODULE_ELF] = "elf", [MODULE_DOTNET] = "dotnet"};
    for (uint32_t i = 0; i < MODULE_COUNT; i++) {
        if (strcmp(name, names[i]) == 0) {
            *ret_module = i;
            return true;
        }
    }
    return false;
}

bool condition_module_tells(const char *field)
{
    bool is_constant = field[0] >= 'A' && field[0] <= 'Z';
    return is_constant || strcmp(field, "is_pe") == 0;
}

bool condition_is_portable(struct view view)
{
    return view_starts(view, 0, "MZ", 2);
}

bool condition_is_linkable(struct view view)
{
    return view_starts(view, 0, "\177ELF", 4);
}

/* The offset of the entry for certificates in the table of directories; false when it is not there. */
static bool find_certificates(struct view view, uint64_t *ret_offset)
{
    uint32_t header;
    uint16_t magic;
    if (!bytes_u32le(view, 0x3c, &header) || !bytes_u16le(view, header + UINT64_C(24), &magic))
        return false;
    *ret_offset = header + UINT64_C(24) + (magic == 0x20b ? 112 : 96) + UINT64_C(8) * 4;
    return true;
}

bool condition_is_unsigned(struct view view)
{
    uint64_t offset;
    uint32_t certificates;
    return find_certificates(view, &offset) && bytes_u32le(view, offset, &certificates) &&
           certificates == 0;
}

void run_module(struct machine *machine, uint32_t operand)
{
    machine_push(machine,
                 (struct value){.kind = machine->is_other[operand] ? VALUE_NOTHING : VALUE_ANY});
}

void run_forget(struct machine *machine, uint32_t operand)
{
    (void)operand;
    *machine_top(machine) = value_any();
}

void run_field(struct machine *machine, uint32_t operand)
{
    (void)operand;
    struct value *top = machine_top(machine);
    bool is_undefined = top->kind == VALUE_NOTHING || top->kind == VALUE_UNDEFINED;
    *top = is_undefined ? value_undefined() : value_any();
}

void run_signatures(struct machine *machine, uint32_t operand)
{
    (void)operand;
    bool has_none = machine->is_other[MODULE_PE] || machine->is_unsigned;
    machine_push(machine, (struct value){.kind = has_none ? VALUE_NOTHING : VALUE_ANY});
}

/* Of an executable that libyara cannot read the number is undefined. */
void run_signature_count(struct machine *machine, uint32_t operand)
{
    (void)operand;
    if (machine->is_other[MODULE_PE])
        machine_push(machine, value_undefined());
    else
        machine_push(machine, machine->is_unsigned ? value_range(0, 0, true) : value_any());
}

void run_entrypoint(struct machine *machine, uint32_t operand)
{
    (void)operand;
    bool has_none = machine->is_other[MODULE_PE] && machine->is_other[MODULE_ELF];
    machine_push(machine, has_none ? value_undefined() : value_any());
}
