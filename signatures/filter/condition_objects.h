/* condition_objects: what is known about modules and formats without libyara. */
#ifndef FILTER_CONDITION_OBJECTS_H
#define FILTER_CONDITION_OBJECTS_H

#include "base/view.h"

/* Whether the module tells nothing of objects that are not of its format; an enum condition_module. */
bool condition_module_find(const char *name, uint32_t *ret_module);
/* Whether a module's field is defined for them nevertheless. */
bool condition_module_tells(const char *field);

/* May be of the format; when false, it is certainly not. */
bool condition_is_portable(struct view view);
bool condition_is_linkable(struct view view);
/* Whether an executable has no signatures. When false, it may have some. */
bool condition_is_unsigned(struct view view);

#endif
