"""Writers of Microsoft's formats, for which Debian has no tools, or none that makes what must not be:
cabinets, compiled help (CHM), and the files of COMPRESS.EXE (SZDD, KWAJ).

LZX is written in blocks that are not compressed, which is all that a test of a reader needs.

microsoft.py DIRECTORY writes samples there for unit tests, and beside each what is in it.
"""

import collections
import pathlib
import struct
import sys
import zlib

BLOCK = 32768
STORED, MSZIP, QUANTUM, LZX = 0, 1, 2, 15 << 8 | 3  # folders' types; LZX with the smallest window
FROM_PREVIOUS, INTO_NEXT, THROUGH = 0xFFFD, 0xFFFE, 0xFFFF  # files' folders


def pieces(content, size=BLOCK):
    return [content[at : at + size] for at in range(0, len(content), size)]


# ---- compression -----------------------------------------------------------------------------


def mszip_of(content):
    """(block, size decoded) pairs. Each block is deflate, and sees the one before."""
    before = b""
    for piece in pieces(content):
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15, 9, 0, before)
        yield b"CK" + deflate.compress(piece) + deflate.flush(), len(piece)
        before = piece


def bits_of(fields, unit=8):
    """(value, bits) pairs, the highest bit first, in units that are bytes or little-endian words."""
    text = "".join(f"{value:0{bits}b}" for value, bits in fields)
    text += "0" * (-len(text) % unit)
    return b"".join(
        int(text[at : at + unit], 2).to_bytes(unit // 8, "little")
        for at in range(0, len(text), unit)
    )


def lzx_of(content, reset_always=False):
    """(frame, size decoded) pairs. A stream begins with a bit of its own, after each reset too."""
    for number, piece in enumerate(pieces(content)):
        head = [(0, 1)] if number == 0 or reset_always else []
        head += [(3, 3), (len(piece), 24)]  # not compressed
        realign = b"\0" * (len(piece) % 2)
        yield bits_of(head, 16) + struct.pack("<3I", 1, 1, 1) + piece + realign, len(piece)


def stored_of(content):
    return [(piece, len(piece)) for piece in pieces(content)]


CODERS = {STORED: stored_of, MSZIP: mszip_of, LZX: lzx_of}


def lzss_of(content, begin):
    """Flags before each eight items: a byte, or a match of 3 to 18 in a window of 4096."""
    out, at = b"", 0
    while at < len(content):
        flags, items = 0, b""
        for bit in range(8):
            if at == len(content):
                break
            size, found = 2, -1
            while size < 18 and at + size < len(content):
                earlier = content.rfind(content[at : at + size + 1], max(0, at - 4000), at)
                if earlier < 0:
                    break
                size, found = size + 1, earlier
            if found < 0:
                flags |= 1 << bit
                items += content[at : at + 1]
                at += 1
            else:
                place = (found + begin) & 4095
                items += bytes([place & 255, place >> 8 << 4 | size - 3])
                at += size
        out += bytes([flags]) + items
    return out


def lzh_of(content):
    """Literals only, with codes that all have the same length."""
    fields = [(0, 4)] * 6
    for run in pieces(content, 32):
        fields += [(0, 4), (len(run) - 1, 5)] + [(byte, 8) for byte in run]
    return bits_of(fields)


# ---- cabinets --------------------------------------------------------------------------------

# type: as above. files: (name, offset, size) or, for those that are in several cabinets, (name,
# offset, size, mark). blocks: (data, size decoded) pairs.
Folder = collections.namedtuple("Folder", "type files blocks")


def folder(files, kind=MSZIP):
    """A folder of (name, content) pairs."""
    content, entries = b"", []
    for name, data in files:
        entries.append((name, len(content), len(data)))
        content += data
    return Folder(kind, entries, list(CODERS[kind](content)))


def check_sum(data, value=0):
    whole = len(data) & ~3
    for (word,) in struct.iter_unpack("<I", data[:whole]):
        value ^= word
    return value ^ int.from_bytes(data[whole:], "big")


def cab_block(data, decoded, reserved=b""):
    sizes = struct.pack("<HH", len(data), decoded)
    value = check_sum(sizes, check_sum(data))
    return struct.pack("<I", value) + sizes + reserved + data


def cab_of(folders, previous=(), following=(), reserved=None):
    """previous, following: names of the cabinet and of the disk. reserved: bytes for the header,
    each folder, each block."""
    names = b"".join(name.encode() + b"\0" for name in (*previous, *following))
    flags = (1 if previous else 0) | (2 if following else 0) | (4 if reserved else 0)
    in_header, in_folder, in_block = reserved or (b"", b"", b"")
    head = struct.pack("<HBB", len(in_header), len(in_folder), len(in_block)) if reserved else b""
    head += in_header + names
    files = b""
    for index, each in enumerate(folders):
        for name, offset, size, *mark in each.files:
            place = mark[0] if mark else index
            files += struct.pack("<IIHHHH", size, offset, place, 0x5821, 0, 0x20)
            files += name.encode() + b"\0"
    files_at = 36 + len(head) + len(folders) * (8 + len(in_folder))
    entries = data = b""
    for each in folders:
        at = files_at + len(files) + len(data)
        entries += struct.pack("<IHH", at, len(each.blocks), each.type) + in_folder
        data += b"".join(cab_block(*block, in_block) for block in each.blocks)
    size = files_at + len(files) + len(data)
    count = sum(len(each.files) for each in folders)
    return (
        struct.pack("<4s5IBB", b"MSCF", 0, size, 0, files_at, 0, 3, 1)
        + struct.pack("<5H", len(folders), count, flags, 1, 1 if previous else 0)
        + head + entries + files + data
    )  # fmt: skip


def cab_set(files, at):
    """Two cabinets, the second of which begins `at` bytes into the one stored folder."""
    whole = folder(files, STORED)
    content = b"".join(data for _, data in files)
    sets = ([], [])
    for name, offset, size in whole.files:
        through = offset < at < offset + size
        if offset < at:
            sets[0].append((name, offset, size, *([INTO_NEXT] if through else [])))
        if offset + size > at:
            sets[1].append((name, offset, size, *([FROM_PREVIOUS] if through else [])))
    first = Folder(STORED, sets[0], [(content[:at], 0)])
    second = Folder(STORED, sets[1], [(content[at:], len(content))])
    return cab_of([first], following=("2.cab", "")), cab_of([second], previous=("1.cab", ""))


# ---- compiled help ---------------------------------------------------------------------------

STORAGE = "::DataSpace/Storage/MSCompressed/"
TABLE = STORAGE + "Transform/{7FC28940-9D31-11D0-9B27-00A0C91E9C7C}/InstanceData/ResetTable"
GUIDS = bytes.fromhex("10fd017caa7bd0119e0c00a0c922e6ec11fd017caa7bd0119e0c00a0c922e6ec")
CHUNK = 4096


def number_of(value):
    """Seven bits a byte, the highest first."""
    out = bytes([value & 127])
    while value >= 128:
        value >>= 7
        out = bytes([value & 127 | 128]) + out
    return out


def chm_chunk(entries):
    """Of (name, section, offset, size)."""
    out = struct.pack("<4sIIii", b"PMGL", 0, 0, -1, -1)
    for name, section, offset, size in entries:
        out += number_of(len(name)) + name.encode()
        out += number_of(section) + number_of(offset) + number_of(size)
    return out.ljust(CHUNK - 2, b"\0") + struct.pack("<H", len(entries))


def compressed_section(content):
    """The stored files that make it up; LZX that begins anew with each frame."""
    padded = content + b"\0" * (-len(content) % BLOCK)
    frames = [frame for frame, _ in lzx_of(padded, reset_always=True)]
    packed, offsets = b"".join(frames), []
    for number in range(len(frames)):
        offsets.append(sum(map(len, frames[:number])))
    table = struct.pack("<5I", 2, len(frames), 8, 40, len(content)) + b"\0" * 4
    table += struct.pack("<QQ", len(packed), BLOCK)
    return [
        (STORAGE + "ControlData", struct.pack("<I4s5I", 6, b"LZXC", 2, 1, 1, 0, 0)),
        (STORAGE + "SpanInfo", struct.pack("<Q", len(content))),
        (TABLE, table + b"".join(struct.pack("<Q", offset) for offset in offsets)),
        (STORAGE + "Content", packed),
    ]


def chm_of(stored, compressed=(), more_entries=()):
    """Of (name, content) pairs. more_entries are added as they are."""
    packed = b"".join(content for _, content in compressed)
    section, entries, at = b"", [], 0
    for name, content in (*stored, *(compressed_section(packed) if compressed else ())):
        entries.append((name, 0, len(section), len(content)))
        section += content
    for name, content in compressed:
        entries.append((name, 1, at, len(content)))
        at += len(content)
    chunk = chm_chunk([*entries, *more_entries])
    content_at = 0x60 + 0x18 + 0x54 + len(chunk)
    head = struct.pack("<4s5I", b"ITSF", 3, 0x60, 1, 0, 0x409) + GUIDS
    head += struct.pack("<5Q", 0x60, 0x18, 0x78, 0x54 + len(chunk), content_at)
    facts = struct.pack("<IIQII", 0x1FE, 0, content_at + len(section), 0, 0)
    listing = struct.pack("<4s9i", b"ITSP", 1, 0x54, 10, CHUNK, 2, 1, -1, 0, 0)
    listing += struct.pack("<iII", -1, 1, 0x409) + b"\0" * 16 + struct.pack("<4i", 0x54, -1, -1, -1)
    return head + facts + listing + chunk + section


# ---- COMPRESS.EXE ----------------------------------------------------------------------------


def szdd_of(content, qbasic=False):
    size = struct.pack("<I", len(content))
    if qbasic:
        return b"SZ \x88\xf0\x27\x33\xd1" + size + lzss_of(content, 4096 - 18)
    return b"SZDD\x88\xf0\x27\x33A_" + size + lzss_of(content, 4096 - 16)


def kwaj_mszip(content):
    blocks = [data for data, _ in mszip_of(content)]
    return b"".join(struct.pack("<H", len(data)) + data for data in blocks) + b"\0\0"


KWAJ_METHODS = {
    "stored": bytes,
    "inverted": lambda content: bytes(255 - byte for byte in content),
    "lzss": lambda content: lzss_of(content, 4096 - 18),
    "lzh": lzh_of,
    "mszip": kwaj_mszip,
}


def kwaj_of(content, method, name="", extension=""):
    options = struct.pack("<I", len(content))
    flags = 1
    if name:
        flags |= 8
        options += name.encode() + b"\0"
    if extension:
        flags |= 16
        options += extension.encode() + b"\0"
    head = b"KWAJ\x88\xf0\x27\xd1"
    head += struct.pack("<3H", list(KWAJ_METHODS).index(method), 14 + len(options), flags)
    return head + options + KWAJ_METHODS[method](content)


# ---- samples for unit tests ------------------------------------------------------------------


def samples():
    """(name of the container, its bytes, what must come out of it in one piece)."""
    text = b"".join(b"%d\n" % (n * n) for n in range(9000))  # of several blocks
    files = [("first.txt", b"payload of the first file\n"), ("second.txt", text), ("third", b"3")]
    content = b"".join(data for _, data in files)
    for name, kind in (("stored", STORED), ("mszip", MSZIP), ("lzx", LZX)):
        yield f"{name}.cab", cab_of([folder(files, kind)]), content
    two = [folder(files[:1], LZX), folder(files[1:], STORED)]
    yield "reserved.cab", cab_of(two, reserved=(b"header", b"folder", b"block")), content
    yield "stored.chm", chm_of(files), content
    yield "compressed.chm", chm_of([("/stored", b"x")], files), content
    yield "normal.szdd", szdd_of(content), content
    yield "qbasic.szdd", szdd_of(content, qbasic=True), content
    for method in KWAJ_METHODS:
        yield f"{method}.kwaj", kwaj_of(content, method, "NAME", "EXT"), content


def main(directory):
    for name, container, content in samples():
        (pathlib.Path(directory) / name).write_bytes(container)
        (pathlib.Path(directory) / f"{name}.out").write_bytes(content)


if __name__ == "__main__":
    main(sys.argv[1])
