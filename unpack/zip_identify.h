/* zip_identify: how zip archives are known, at the front of a file, at its end, and elsewhere. */
#ifndef UNPACK_ZIP_IDENTIFY_H
#define UNPACK_ZIP_IDENTIFY_H

#include "base/view.h"

/* As struct unpacker's functions of these names. */
unsigned zip_identify(struct view input);
bool zip_is_genuine(struct view input);

#endif
