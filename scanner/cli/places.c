#include "cli/places.h"

#include <stdlib.h>
#include <string.h>

/* DIRECTORY/assay, DIRECTORY being what the variable says or else a place below the home. NULL in
 * *ret_path when there is neither. */
static status user_place(const char *variable, const char *below_home, char **ret_path)
{
    struct buffer path cleanup(buffer_release) = {NULL, 0, 0};
    const char *base = getenv(variable);
    const char *home = getenv("HOME");
    *ret_path = NULL;
    if (base && base[0] == '/')
        TRY(buffer_append_format(&path, "%s/assay", base));
    else if (home && home[0] == '/')
        TRY(buffer_append_format(&path, "%s/%s/assay", home, below_home));
    else
        return ASSAY_OK;
    TRY(buffer_terminate(&path));
    *ret_path = (char *)steal_pointer(path.data);
    return ASSAY_OK;
}

static status add(char *list[2], size_t *count, const char *path)
{
    list[*count] = strdup(path);
    if (!list[*count])
        return ASSAY_ERR_NOMEM;
    ++*count;
    return ASSAY_OK;
}

static status find_stores(const char *store, struct places *places)
{
    if (store) {
        TRY(add(places->stores, &places->store_count, store));
        places->own_store = places->stores[0];
        return ASSAY_OK;
    }
    if (geteuid() != 0) {
        TRY(user_place("XDG_DATA_HOME", ".local/share", &places->stores[0]));
        places->store_count = places->stores[0] ? 1 : 0;
        places->own_store = places->stores[0];
    }
    TRY(add(places->stores, &places->store_count, PLACES_SYSTEM_STORE));
    if (geteuid() == 0)
        places->own_store = places->stores[0];
    return ASSAY_OK;
}

static status find_trust(const char *trust, struct places *places)
{
    if (trust)
        return add(places->trust, &places->trust_count, trust);
    TRY(add(places->trust, &places->trust_count, PLACES_SYSTEM_TRUST));
    if (geteuid() == 0)
        return ASSAY_OK;
    TRY(user_place("XDG_CONFIG_HOME", ".config", &places->trust[1]));
    places->trust_count += places->trust[1] ? 1 : 0;
    return ASSAY_OK;
}

status places_find(const char *store, const char *trust, struct places *ret_places)
{
    struct places places cleanup(places_release) = {.store_count = 0};
    TRY(find_stores(store, &places));
    TRY(find_trust(trust, &places));
    *ret_places = places;
    places = (struct places){.store_count = 0};
    return ASSAY_OK;
}

void places_release(struct places *places)
{
    for (size_t i = 0; i < 2; i++) {
        free(places->stores[i]);
        free(places->trust[i]);
    }
    *places = (struct places){.store_count = 0};
}
