/*
 * expand_format: the headers of SZDD and KWAJ files, and where such files end. Neither has a document
 * by its maker; see the comments in libmspack's <mspack.h> and what others have found out.
 */
#ifndef UNPACK_EXPAND_FORMAT_H
#define UNPACK_EXPAND_FORMAT_H

#include "base/status.h"
#include "base/view.h"

#define EXPAND_SZDD_MAGIC   "SZDD\x88\xf0\x27\x33"
#define EXPAND_QBASIC_MAGIC "SZ \x88\xf0\x27\x33\xd1"
#define EXPAND_KWAJ_MAGIC   "KWAJ\x88\xf0\x27\xd1"
#define EXPAND_MAGIC_SIZE   8

enum { EXPAND_KWAJ_SIZE = EXPAND_MAGIC_SIZE + 6 };

enum expand_kind {
    EXPAND_SZDD,
    EXPAND_QBASIC, /* as QBasic 4.5 has it */
    EXPAND_KWAJ,
};

enum kwaj_method {
    KWAJ_STORED,
    KWAJ_INVERTED,
    KWAJ_LZSS, /* as EXPAND_QBASIC */
    KWAJ_LZH,
    KWAJ_MSZIP,
};

struct expand_header {
    enum expand_kind kind;
    uint64_t data;   /* where the compressed data begin */
    bool has_length; /* the size of the file is told: */
    uint32_t length; /* it */
    uint8_t mode;    /* SZDD: how it is compressed; 'A' is all there is */
    uint16_t method; /* KWAJ */
    uint16_t flags;  /* KWAJ */
    bool is_sane;    /* KWAJ: so are the optional fields */
    char name[16];   /* KWAJ; may be empty */
    size_t name_length;
};

bool expand_is_szdd(struct view input);
bool expand_is_kwaj(struct view input);

/* False when the header is cut short. */
CHECKED bool expand_parse_szdd(struct view input, struct expand_header *ret_header);
CHECKED bool expand_parse_kwaj(struct view input, struct expand_header *ret_header);

/* As unpacker->is_genuine. */
bool expand_szdd_is_genuine(struct view input);
bool expand_kwaj_is_genuine(struct view input);

/* Where it ends; the end of the input when that cannot be told, or lies behind it. */
uint64_t expand_find_end(struct view input, const struct expand_header *header);

#endif
