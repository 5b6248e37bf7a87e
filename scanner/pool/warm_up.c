#include "pool/warm_up.h"

#include "inspect/libraries.h"

#include <iconv.h>
#include <locale.h>
#include <time.h>

/* Character sets that libarchive converts member names from. A set that this system lacks costs the
 * names in it, not the members. Not closed again: that would unload them. */
static void load_character_sets(void)
{
    static const char *const sets[] = {"UTF-16LE", "UTF-16BE",  "CP437",     "CP932",
                                       "CP1252",   "SHIFT_JIS", "ISO-8859-1"};
    for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
        iconv_t loaded = iconv_open("UTF-8", sets[i]);
        (void)loaded;
    }
}

status warm_up(void)
{
    /* Names are bytes to us; libarchive needs a character set to give names that are UTF-16. */
    setlocale(LC_CTYPE, "C.UTF-8");
    tzset();
    load_character_sets();
    return inspect_warm_up();
}
