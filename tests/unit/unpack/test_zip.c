/* zip by real programs and by hand; with headers that disagree; damaged in every place. */
#include "pack.h"
#include "pull.h"
#include "tool.h"

/* One member of an archive built here. What the headers say follows from it unless told
 * otherwise. */
struct part {
    const char *name;
    const char *text;
    pack_fn *pack; /* NULL: stored */
    uint16_t method;
    uint16_t central_method; /* 0xffff: the same */
    uint16_t flags;
    uint32_t crc_error;       /* added to the CRC in both headers */
    uint32_t size_error;      /* added to the packed size in the local header */
    const char *central_name; /* NULL: the same */
    bool no_local_signature;
    bool no_central;
};
enum { SAME = 0xffff, MAX_PARTS = 4 };

static struct view text(const char *bytes)
{
    return (struct view){(const uint8_t *)bytes, strlen(bytes)};
}

static void put(struct buffer *out, const void *bytes, size_t size)
{
    ck_assert_int_eq(buffer_append(out, bytes, size), ASSAY_OK);
}

static void put_number(struct buffer *out, uint64_t number, size_t size)
{
    uint8_t bytes[16] = {0};
    for (size_t i = 0; i < size; i++, number >>= 8)
        bytes[i] = (uint8_t)number;
    put(out, bytes, size);
}

/* Many times the same, with one assertion for all. */
static void put_repeated(struct buffer *out, const struct buffer *bytes, size_t times)
{
    status result = buffer_reserve(out, bytes->size * times);
    for (size_t i = 0; i < times && result == ASSAY_OK; i++)
        result = buffer_append(out, bytes->data, bytes->size);
    ck_assert_int_eq(result, ASSAY_OK);
}

/* Flags to sizes: the part that both headers have. */
static void put_common(struct buffer *out, const struct part *part, uint16_t method, size_t packed)
{
    put_number(out, part->flags, 2);
    put_number(out, method, 2);
    put_number(out, 0, 4);
    bool later = part->flags & 8;
    size_t size = strlen(part->text);
    uLong crc = crc32(0, (const Bytef *)part->text, (uInt)size);
    put_number(out, later ? 0 : crc + part->crc_error, 4);
    put_number(out, later ? 0 : packed, 4);
    put_number(out, later ? 0 : size, 4);
}

static size_t put_local(struct buffer *out, const struct part *part)
{
    struct buffer packed = {0};
    if (part->pack)
        part->pack(&packed, text(part->text));
    else
        put(&packed, part->text, strlen(part->text));
    put(out, part->no_local_signature ? "XXXX" : "PK\3\4", 4);
    put_number(out, 20, 2);
    put_common(out, part, part->method, packed.size + part->size_error);
    put_number(out, strlen(part->name), 2);
    put_number(out, 0, 2);
    put(out, part->name, strlen(part->name));
    put(out, packed.data, packed.size);
    if (part->flags & 8) {
        put(out, "PK\7\10", 4);
        put_number(out, crc32(0, (const Bytef *)part->text, (uInt)strlen(part->text)), 4);
        put_number(out, packed.size, 4);
        put_number(out, strlen(part->text), 4);
    }
    size_t size = packed.size;
    buffer_release(&packed);
    return size;
}

static void put_central(struct buffer *out, const struct part *part, size_t packed, size_t offset)
{
    const char *name = part->central_name ? part->central_name : part->name;
    struct part plain = *part;
    plain.flags &= (uint16_t)~8;
    put(out, "PK\1\2", 4);
    put_number(out, 20 << 16 | 20, 4);
    put_common(out, &plain, part->central_method == SAME ? part->method : part->central_method,
               packed);
    put_number(out, strlen(name), 2);
    put_number(out, 0, 12);
    put_number(out, offset, 4);
    put(out, name, strlen(name));
}

static struct buffer make_zip(const struct part *parts, size_t count)
{
    struct buffer out = {0};
    size_t offsets[MAX_PARTS], packed[MAX_PARTS], listed = 0;
    for (size_t i = 0; i < count; i++) {
        offsets[i] = out.size;
        packed[i] = put_local(&out, &parts[i]);
    }
    size_t directory = out.size;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].no_central)
            continue;
        put_central(&out, &parts[i], packed[i], offsets[i]);
        listed++;
    }
    size_t size = out.size - directory;
    put(&out, "PK\5\6\0\0\0\0", 8);
    put_number(&out, listed << 16 | listed, 4);
    put_number(&out, size, 4);
    put_number(&out, directory, 4);
    put_number(&out, 0, 2);
    return out;
}

static struct part deflated(const char *name, const char *bytes)
{
    return (struct part){
        .name = name, .text = bytes, .pack = pack_deflate, .method = 8, .central_method = SAME};
}

static struct part stored(const char *name, const char *bytes)
{
    return (struct part){.name = name, .text = bytes, .central_method = SAME};
}

static bool contains(const struct buffer *bytes, const char *wanted)
{
    return bytes->size && memmem(bytes->data, bytes->size, wanted, strlen(wanted));
}

/* Reads it, and wants exactly these names and bytes. */
static void expect(const struct buffer *zip, const char *names, const char *bytes, status note)
{
    struct pulled pulled = pull("zip", buffer_view(zip));
    ck_assert_int_eq(pulled.opened, ASSAY_OK);
    ck_assert_int_eq(pulled.ended, ASSAY_END);
    ck_assert_str_eq((char *)pulled.names.data, names);
    ck_assert_msg(pulled_is(&pulled, text(bytes)), "%.*s", (int)pulled.bytes.size,
                  (char *)pulled.bytes.data);
    ck_assert_msg(pulled.last_read == ASSAY_END, "%s", pulled.error);
    ck_assert_int_eq(pulled.last_note, note);
    pulled_release(&pulled);
}

#define LONG_TEXT "one and one and one and one and one and one and one and one and one and one"

static const struct part three[] = {
    {.name = "a", .text = "first payload", .central_method = SAME},
    {.name = "b", .text = LONG_TEXT, .pack = pack_deflate, .method = 8, .central_method = SAME},
    {.name = "c",
     .text = "third payload",
     .pack = pack_deflate,
     .method = 8,
     .central_method = SAME},
};

START_TEST(archives_of_real_programs_are_read)
{
    static const char script[] =
        "import sys, zipfile\n"
        "class Pipe:\n" /* cannot seek, so descriptors are written */
        "    def __init__(self, name): self.file = open(name, 'wb')\n"
        "    def write(self, data): return self.file.write(data)\n"
        "    def flush(self): self.file.flush()\n"
        "for method in (0, 8, 12, 14):\n"
        "    for kind in 'file', 'pipe':\n"
        "        name = f'{method}-{kind}.zip'\n"
        "        out = name if kind == 'file' else Pipe(name)\n"
        "        with zipfile.ZipFile(out, 'w', method) as zip:\n"
        "            zip.mkdir('dir') if hasattr(zip, 'mkdir') else zip.writestr('dir/', b'')\n"
        "            with zip.open('big', 'w', force_zip64=True) as f: f.write(b'line\\n' * 9999)\n"
        "            zip.writestr('small', b'x')\n";
    static const char *const names[] = {"0-file.zip",  "0-pipe.zip",  "8-file.zip",  "8-pipe.zip",
                                        "12-file.zip", "12-pipe.zip", "14-file.zip", "14-pipe.zip"};
    char directory[32];
    tool_enter(directory);
    TOOL_RUN("python3", "-c", script);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct buffer zip = tool_read(names[i]);
        ck_assert_uint_eq(pull_row("zip")->identify(buffer_view(&zip)), 32);
        struct pulled pulled = pull("zip", buffer_view(&zip));
        ck_assert_msg(strstr((char *)pulled.names.data, "big\nsmall\n") != NULL, "%s", names[i]);
        ck_assert_msg(pulled.last_read == ASSAY_END, "%s: %s", names[i], pulled.error);
        ck_assert_uint_eq(pulled.bytes.size, 5 * 9999 + 1);
        ck_assert_uint_eq(pulled.notes, 0);
        pulled_release(&pulled);
        buffer_release(&zip);
    }
    tool_leave(directory);
}
END_TEST

START_TEST(other_methods_are_read_or_said)
{
    static const struct {
        pack_fn *pack;
        uint16_t method;
    } rows[] = {{pack_xz, 95}, {pack_zstd, 93}, {pack_zstd, 20}, {pack_bzip2, 12}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct part part = deflated("a", LONG_TEXT);
        part.pack = rows[i].pack;
        part.method = rows[i].method;
        struct buffer zip = make_zip(&part, 1);
        expect(&zip, "a\n", LONG_TEXT, 0);
        buffer_release(&zip);
    }
    struct part part = stored("a", "music, it says");
    part.method = 97;
    struct buffer zip = make_zip(&part, 1);
    struct pulled pulled = pull("zip", buffer_view(&zip));
    ck_assert_int_eq(pulled.last_read, ASSAY_ERR_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(pulled.error, "wavpack"));
    pulled_release(&pulled);
    buffer_release(&zip);
}
END_TEST

START_TEST(an_archive_behind_a_program_is_one)
{
    const struct unpacker *row = pull_row("zip");
    struct buffer zip = make_zip(three, 3), elf = {0};
    put(&elf,
        "\x7f"
        "ELF",
        4);
    ck_assert_uint_eq(row->identify(buffer_view(&elf)), 0);
    put(&elf, zip.data, zip.size);
    ck_assert_uint_gt(row->identify(buffer_view(&elf)), 32);
    expect(&elf, "a\nb\nc\n", "first payload" LONG_TEXT "third payload", 0);
    put(&elf, "!", 1);
    ck_assert_uint_eq(row->identify(buffer_view(&elf)), 0);
    ck_assert_uint_eq(row->identify((struct view){NULL, 0}), 0);
    buffer_release(&zip);
    buffer_release(&elf);
}
END_TEST

/* Two archives, one behind the other, then something else. */
START_TEST(joined_archives_and_what_is_behind_are_read)
{
    struct part first[2] = {stored("a", "one"), deflated("b", LONG_TEXT)};
    struct part second = stored("c", "two");
    first[0].no_local_signature = true; /* its directory is the first of two */
    struct buffer zip = make_zip(first, 2), other = make_zip(&second, 1);
    put(&zip, other.data, other.size);
    put(&zip, "behind", 6);
    char names[64];
    snprintf(names, sizeof(names), "a\nb\nc\n<residue@%zu>\n", zip.size - 6);
    expect(&zip, names, "one" LONG_TEXT "twobehind", ASSAY_ERR_CORRUPT);
    buffer_release(&zip);
    buffer_release(&other);
}
END_TEST

START_TEST(members_are_found_without_a_directory)
{
    struct buffer zip = make_zip(three, 3);
    zip.data[zip.size - 22] = 'X'; /* no end record */
    struct pulled pulled = pull("zip", buffer_view(&zip));
    ck_assert(contains(&pulled.bytes, "first payload" LONG_TEXT "third payload"));
    ck_assert_int_eq(pulled.last_note, ASSAY_ERR_TRUNCATED);
    pulled_release(&pulled);
    const uint8_t *directory = memmem(zip.data, zip.size, "PK\1\2", 4);
    zip.size = (size_t)(directory - zip.data);
    expect(&zip, "a\nb\nc\n", "first payload" LONG_TEXT "third payload", ASSAY_ERR_TRUNCATED);
    buffer_release(&zip);

    struct part parts[] = {stored("a", "listed"), deflated("b", "hidden")};
    parts[1].no_central = true;
    zip = make_zip(parts, 2);
    expect(&zip, "a\nb\n", "listedhidden", 0);
    buffer_release(&zip);
}
END_TEST

START_TEST(headers_that_disagree_hide_nothing_and_are_said)
{
    struct part part = deflated("local", LONG_TEXT);
    part.central_name = "central";
    struct buffer zip = make_zip(&part, 1);
    expect(&zip, "local\n", LONG_TEXT, ASSAY_ERR_CORRUPT);
    buffer_release(&zip);

    part = deflated("a", LONG_TEXT);
    part.central_method = 0;
    part.size_error = 0x70000000;
    zip = make_zip(&part, 1);
    expect(&zip, "a\n", LONG_TEXT, ASSAY_ERR_CORRUPT);
    buffer_release(&zip);

    part = stored("a", "as it is");
    part.method = 8;
    part.central_method = 0;
    zip = make_zip(&part, 1);
    struct pulled pulled = pull("zip", buffer_view(&zip));
    ck_assert(contains(&pulled.bytes, "as it is"));
    ck_assert_int_eq(pulled.last_note, ASSAY_ERR_CORRUPT);
    pulled_release(&pulled);
    buffer_release(&zip);
}
END_TEST

/* "Stored" by both headers, and deflated in truth; with and without a wrapping. */
START_TEST(what_is_secretly_deflated_is_inflated)
{
    pack_fn *const packs[] = {pack_deflate, pack_zlib};
    for (size_t i = 0; i < 2; i++) {
        struct part parts[] = {stored("a", LONG_TEXT), stored("b", "next")};
        parts[0].pack = packs[i];
        struct buffer zip = make_zip(parts, 2);
        expect(&zip, "a\nb\n", LONG_TEXT "next", 0);
        buffer_release(&zip);
    }
    struct part part = deflated("a", LONG_TEXT);
    part.pack = pack_zlib;
    struct buffer zip = make_zip(&part, 1);
    struct pulled pulled = pull("zip", buffer_view(&zip));
    ck_assert(contains(&pulled.bytes, LONG_TEXT));
    pulled_release(&pulled);
    buffer_release(&zip);
}
END_TEST

START_TEST(a_wrong_crc_is_said)
{
    for (int i = 0; i < 2; i++) {
        struct part parts[] = {i ? deflated("a", LONG_TEXT) : stored("a", LONG_TEXT),
                               stored("b", "next")};
        parts[0].crc_error = 1;
        struct buffer zip = make_zip(parts, 2);
        struct pulled pulled = pull("zip", buffer_view(&zip));
        ck_assert_str_eq((char *)pulled.names.data, "a\nb\n");
        ck_assert(pulled_is(&pulled, text(LONG_TEXT "next")));
        ck_assert_int_eq(i ? pulled.last_read : pulled.last_note, ASSAY_ERR_CORRUPT);
        pulled_release(&pulled);
        buffer_release(&zip);
    }
}
END_TEST

START_TEST(encrypted_members_are_said)
{
    char directory[32];
    tool_enter(directory);
    tool_write("a", text(LONG_TEXT), 0);
    TOOL_RUN("7z", "a", "-bso0", "-bd", "-tzip", "-pnot listed", "crypto.zip", "a");
    TOOL_RUN("7z", "a", "-bso0", "-bd", "-tzip", "-pnot listed", "-mem=AES256", "aes.zip", "a");
    const char *const names[] = {"crypto.zip", "aes.zip"};
    for (size_t i = 0; i < 2; i++) {
        struct buffer zip = tool_read(names[i]);
        struct pulled pulled = pull("zip", buffer_view(&zip));
        ck_assert_str_eq((char *)pulled.names.data, "a\n");
        ck_assert_int_eq(pulled.last_read, ASSAY_ERR_ENCRYPTED);
        ck_assert_uint_eq(pulled.bytes.size, 0);
        pulled_release(&pulled);
        buffer_release(&zip);
    }
    tool_leave(directory);
    /* The bit alone, which some programs ignore. */
    struct part parts[] = {deflated("a", LONG_TEXT), stored("b", "plain")};
    parts[0].flags = parts[1].flags = 1;
    struct buffer zip = make_zip(parts, 2);
    expect(&zip, "a\nb\n", LONG_TEXT "plain", 0);
    buffer_release(&zip);
}
END_TEST

START_TEST(a_missing_volume_is_said)
{
    struct buffer zip = make_zip(three, 3);
    zip.data[zip.size - 22 + 4] = 1;
    struct pulled pulled = pull("zip", buffer_view(&zip));
    ck_assert_int_eq(pulled.last_note, ASSAY_ERR_MISSING_VOLUME);
    ck_assert(contains(&pulled.bytes, "third payload"));
    pulled_release(&pulled);
    struct buffer first = {0};
    put(&first, "PK\7\10", 4);
    put(&first, zip.data, 44);
    pulled = pull("zip", buffer_view(&first));
    ck_assert_int_eq(pulled.last_note, ASSAY_ERR_MISSING_VOLUME);
    ck_assert(contains(&pulled.bytes, "first payload"));
    pulled_release(&pulled);
    buffer_release(&first);
    buffer_release(&zip);
}
END_TEST

/* Streamed, without a directory, and with a whole archive stored inside. */
START_TEST(members_with_descriptors_are_read)
{
    struct part parts[] = {stored("a", "first"), deflated("b", LONG_TEXT), stored("c", "third")};
    for (size_t i = 0; i < 3; i++) {
        parts[i].flags = 8;
        parts[i].no_central = true;
    }
    struct buffer zip = make_zip(parts, 3);
    expect(&zip, "a\nb\nc\n", "first" LONG_TEXT "third", 0);
    buffer_release(&zip);
}
END_TEST

START_TEST(hostile_counts_are_not_believed)
{
    enum { ENTRIES = 300000 };
    struct part part = stored("a", "once");
    struct buffer zip = {0}, entry = {0};
    size_t packed = put_local(&zip, &part);
    size_t directory = zip.size;
    put_central(&entry, &part, packed, 0);
    put_repeated(&zip, &entry, ENTRIES);
    size_t size = zip.size - directory;
    put(&zip, "PK\5\6\0\0\0\0\xff\xff\xff\xff", 12);
    put_number(&zip, size, 4);
    put_number(&zip, directory, 4);
    put_number(&zip, 0, 2);
    expect(&zip, "a\n", "once", 0);
    /* The same directory for many end records. */
    struct buffer end = {0};
    put(&end, zip.data + zip.size - 22, 22);
    put_repeated(&zip, &end, ENTRIES);
    expect(&zip, "a\n", "once", 0);
    buffer_release(&end);
    buffer_release(&entry);
    buffer_release(&zip);
}
END_TEST

START_TEST(a_cut_anywhere_keeps_what_is_before_it)
{
    struct buffer zip = make_zip(three, 3);
    const uint8_t *second = memmem(zip.data + 4, zip.size - 4, "PK\3\4", 4);
    size_t first_end = (size_t)(second - zip.data);
    for (size_t size = 0; size < zip.size; size++) {
        uint8_t *copy = malloc(size + !size);
        memcpy(copy, zip.data, size);
        struct pulled pulled = pull("zip", (struct view){copy, size});
        ck_assert_uint_gt(pulled.notes, 0);
        ck_assert(size < first_end || contains(&pulled.bytes, "first payload"));
        ck_assert(size < zip.size - 22 || contains(&pulled.bytes, LONG_TEXT "third payload"));
        pulled_release(&pulled);
        free(copy);
    }
    buffer_release(&zip);
}
END_TEST

/* Whatever byte is wrong, the other members come out. */
START_TEST(damage_anywhere_hides_no_other_member)
{
    static const uint8_t flips[] = {0x01, 0x08, 0x80, 0xff};
    struct buffer zip = make_zip(three, 3);
    size_t starts[4] = {0};
    for (size_t i = 1; i < 4; i++) {
        const uint8_t *from = zip.data + starts[i - 1] + 4;
        const uint8_t *next =
            memmem(from, zip.size - starts[i - 1] - 4, i < 3 ? "PK\3\4" : "PK\1\2", 4);
        starts[i] = (size_t)(next - zip.data);
    }
    for (size_t at = 0; at < zip.size * sizeof(flips); at++) {
        size_t place = at / sizeof(flips);
        zip.data[place] ^= flips[at % sizeof(flips)];
        struct pulled pulled = pull("zip", buffer_view(&zip));
        for (size_t i = 0; i < 3; i++) {
            bool hit = place >= starts[i] && place < starts[i + 1];
            ck_assert_msg(hit || contains(&pulled.bytes, three[i].text), "byte %zu", place);
        }
        pulled_release(&pulled);
        zip.data[place] ^= flips[at % sizeof(flips)];
    }
    buffer_release(&zip);
}
END_TEST

UNIT_MAIN("zip", archives_of_real_programs_are_read, other_methods_are_read_or_said,
          an_archive_behind_a_program_is_one, joined_archives_and_what_is_behind_are_read,
          members_are_found_without_a_directory, headers_that_disagree_hide_nothing_and_are_said,
          what_is_secretly_deflated_is_inflated, a_wrong_crc_is_said, encrypted_members_are_said,
          a_missing_volume_is_said, members_with_descriptors_are_read,
          hostile_counts_are_not_believed, a_cut_anywhere_keeps_what_is_before_it,
          damage_anywhere_hides_no_other_member)
