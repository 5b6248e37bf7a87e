#include "unpack/zip_identify.h"

#include "base/bytes.h"
#include "unpack/probe.h"
#include "unpack/zip_method.h"
#include "unpack/zip_walk.h"

/* A file that only ends with an archive is found when nothing stands behind the end record: a
 * search would have to look through the last 64 KiB of every file. The sweep finds the others. */
unsigned zip_identify(struct view input)
{
    if (view_starts(input, 0, "PK00PK\3\4", 8) || view_starts(input, 0, "PK\7\10PK\3\4", 8))
        return 64;
    if (zip_signature_at(input, 0) == ZIP_LOCAL)
        return 32;
    struct zip_end end;
    if (input.size < ZIP_END_SIZE || !zip_parse_end(input, input.size - ZIP_END_SIZE, &end))
        return 0;
    bool without_comment = view_starts(input, input.size - 2, "\0\0", 2);
    return without_comment && end.size <= end.front ? 48 : 0;
}

/* A header as programs write it: a version that exists, no flag without a meaning, a name that can
 * be read. */
static bool is_usual(struct view input, const struct zip_record *record)
{
    enum { VERSION_MAX = 63, NAME_MAX_USUAL = 4096, FLAGS_WITHOUT_MEANING = 0xd780 };
    uint8_t version;
    if (!bytes_u8(input, 4, &version) || version > VERSION_MAX ||
        (record->flags & FLAGS_WITHOUT_MEANING) || record->name.size > NAME_MAX_USUAL)
        return false;
    for (size_t i = 0; i < record->name.size; i++) {
        if (record->name.data[i] < ' ' || record->name.data[i] == 0x7f)
            return false;
    }
    return record->name.size > 0;
}

/* Some of the data decode, or all of them if they are few. */
static bool decodes(struct view input, const struct zip_record *record)
{
    enum { MEMORY = 2 * 1024 * 1024 };
    const struct codec *codec = zip_method_codec(record->method);
    struct view data = view_sub(input, record->end, UINT64_MAX);
    uint64_t allowance = 512;
    struct zip_trial trial;
    return codec && !(record->flags & ZIP_ENCRYPTED) &&
           (probe(codec, data) ||
            (zip_method_try(record->method, MEMORY, data, &allowance, &trial) &&
             trial.unpacked > 0));
}

/* A program that writes zip files has headers in it, too, but no data behind them. */
bool zip_is_genuine(struct view input)
{
    struct zip_record record;
    if (!zip_parse_local(input, 0, &record) || !zip_method_is_known(record.method))
        return false;
    bool usual = is_usual(input, &record);
    bool untold = (record.flags & ZIP_DESCRIPTOR) && record.crc == 0 && record.packed == 0 &&
                  record.unpacked == 0;
    bool followed = record.packed < input.size - record.end &&
                    zip_signature_at(input, record.end + record.packed) != ZIP_NONE;
    if (usual && (followed || untold))
        return true;
    return (usual || followed) && decodes(input, &record);
}
