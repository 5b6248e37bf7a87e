#include "signatures/engine_build.h"

#include <elf.h>
#include <link.h>
#include <yara.h>

/* elf(5): a note's name and descriptor are padded to words. */
static uint64_t padded(uint64_t size)
{
    return (size + 3) & ~UINT64_C(3);
}

static struct view find_in_notes(struct view notes)
{
    for (uint64_t at = 0; view_has(notes, at, sizeof(ElfW(Nhdr)));) {
        ElfW(Nhdr) note;
        memcpy(&note, notes.data + at, sizeof(note));
        uint64_t name = at + sizeof(note);
        uint64_t descriptor = name + padded(note.n_namesz);
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof("GNU") &&
            view_starts(notes, name, "GNU", sizeof("GNU")) &&
            view_has(notes, descriptor, note.n_descsz))
            return view_sub(notes, descriptor, note.n_descsz);
        at = descriptor + padded(note.n_descsz);
    }
    return (struct view){NULL, 0};
}

static bool contains(const struct dl_phdr_info *object, uintptr_t address)
{
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        uintptr_t begin = object->dlpi_addr + segment->p_vaddr;
        if (segment->p_type == PT_LOAD && address >= begin && address - begin < segment->p_memsz)
            return true;
    }
    return false;
}

/* Nonzero ends the search. */
static int visit(struct dl_phdr_info *object, size_t size, void *context)
{
    struct view *found = context;
    (void)size;
    if (!contains(object, (uintptr_t)yr_initialize))
        return 0;
    for (int i = 0; i < object->dlpi_phnum && found->size == 0; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        uintptr_t begin = object->dlpi_addr + segment->p_vaddr;
        if (segment->p_type == PT_NOTE)
            *found = find_in_notes((struct view){(const uint8_t *)begin, segment->p_memsz});
    }
    return 1;
}

struct view engine_build_id(void)
{
    struct view found = {NULL, 0};
    dl_iterate_phdr(visit, &found);
    return found;
}
