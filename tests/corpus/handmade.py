"""Small files of formats that nothing in Debian writes, or not in this way.

SEEDS: {fuzz target: [(name, content)]}.
GREEDY: {name: (content, reasons)}; less than 400 bytes that make a library ask for far more memory
than there is, and what may be the reason why such a file is incomplete."""

import bz2
import lzma
import struct
import zlib

TEXT = b"a harmless payload, " * 20


def crc(data):
    return zlib.crc32(data)


# ---- RAR to 4: blocks of CRC, type, flags, size --------------------------------------------------


def rar_block(kind, flags, body):
    block = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", crc(block) & 0xFFFF) + block


def rar_file(name, packed, unpacked, method, flags=0x8000, mode=0o100644, claims=None):
    """Methods 0x30 (stored) to 0x35; in the flags, a dictionary of 64 KiB and no password. It claims
    to have so many packed bytes."""
    size = len(packed) if claims is None else claims
    head = struct.pack("<IIBIIBBHI", size, len(unpacked), 3, crc(unpacked), 0x58210000,
                       29, method, len(name), mode)  # fmt: skip
    return rar_block(0x74, flags, head + name) + packed


def rar_of(*files):
    return b"".join((
        b"Rar!\x1a\x07\0", rar_block(0x73, 0, bytes(6)), *files, rar_block(0x7B, 0x4000, b"")
    ))  # fmt: skip


# Blocks of bits that a decoder goes some way into: a table of code lengths for LZ, and the head of a
# PPMd block (flags, memory in MiB, first bytes of the range coder).
LZ_BITS = bytes([0x00, 0x88, 0x44, 0x33, 0x22, 0x55, 0x66]) + bytes(range(7, 200, 3)) * 2
PPMD_BITS = b"\xe3\x01\x00\x12\x34\x56" + TEXT[:60]

RARS = [
    ("stored", rar_of(rar_file(b"a.txt", TEXT, TEXT, 0x30), rar_file(b"b", b"b", b"b", 0x30))),
    ("lz", rar_of(rar_file(b"a.txt", LZ_BITS, TEXT, 0x33))),
    ("ppmd", rar_of(rar_file(b"a.txt", PPMD_BITS, TEXT, 0x35))),
    ("solid", rar_of(rar_file(b"a", LZ_BITS, TEXT, 0x33),
                     rar_file(b"b", LZ_BITS, TEXT, 0x33, 0x8010))),
    ("link", rar_of(rar_file(b"a", b"target", b"target", 0x30, mode=0o120777))),
]  # fmt: skip


# ---- RAR 5: blocks of CRC and numbers of 7 bits a byte -------------------------------------------


def number(value):
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def rar5_block(*numbers, tail=b""):
    body = b"".join(map(number, numbers)) + tail
    head = number(len(body)) + body
    return struct.pack("<I", crc(head)) + head


def rar5_file(name, packed, unpacked, method, extra=b""):
    """Methods 0 (stored) to 5, in bits 7 to 9 of the compression, above version and solid."""
    tail = struct.pack("<I", crc(unpacked)) + number(method << 7) + number(1)
    tail += number(len(name)) + name + extra
    numbers = (2, 0x2 | bool(extra), *([len(extra)] if extra else []), len(packed))
    return rar5_block(*numbers, 0x4, len(unpacked), 0o100644, tail=tail) + packed


def rar5_of(*files):
    return b"Rar!\x1a\x07\1\0" + rar5_block(1, 0, 0) + b"".join(files) + rar5_block(5, 0, 0)


def rar5_bits():
    """The head of a compressed block: flags, check sum, size; then the tables."""
    bits = bytes([0x12, 0x34, 0x56, 0x78]) * 20
    flags = 0xC0 | 0x08  # tables, the last block, two bytes of size
    size = struct.pack("<H", len(bits))
    check = 0x5A ^ flags ^ size[0] ^ size[1]
    return bytes([flags, check]) + size + bits


RAR5S = [
    ("stored", rar5_of(rar5_file(b"a.txt", TEXT, TEXT, 0), rar5_file(b"b", b"b", b"b", 0))),
    ("packed", rar5_of(rar5_file(b"a.txt", rar5_bits(), TEXT, 3))),
    ("hashed", rar5_of(rar5_file(b"a", TEXT, TEXT, 0, number(34) + number(2) + bytes(33)))),
    ("linked", rar5_of(rar5_file(b"a", b"", b"", 0, number(5) + number(5) + b"\1\0\1b"))),
]


# ---- LHA, levels 0 to 2 --------------------------------------------------------------------------


def lha_of(method, packed, unpacked, name=b"a.txt"):
    """Level 0: size of the header, sum of its bytes, then those."""
    head = method + struct.pack("<IIIBB", len(packed), len(unpacked), 0x58210000, 0x20, 0)
    head += bytes([len(name)]) + name + struct.pack("<H", 0)
    return bytes([len(head), sum(head) & 0xFF]) + head + packed


def lha_level_2(method, packed, unpacked, name=b"a.txt"):
    name_header = struct.pack("<HB", len(name) + 3, 1) + name
    size = 26 + len(name_header)
    head = struct.pack("<H", size) + method + struct.pack("<IIIBB", len(packed), len(unpacked),
                                                          1700000000, 0x20, 2)  # fmt: skip
    head += struct.pack("<HB", 0, ord("U")) + name_header + b"\0\0"
    return head[:size] + packed


LHAS = [
    ("stored", lha_of(b"-lh0-", TEXT, TEXT) + b"\0"),
    *((f"lh{n}", lha_of(b"-lh%d-" % n, LZ_BITS, TEXT) + b"\0") for n in (1, 4, 5, 6, 7)),
    ("level_2", lha_level_2(b"-lh0-", TEXT, TEXT) + b"\0"),
]


# ---- 7z: one file, one folder, one coder ---------------------------------------------------------


def seven_zip_of(method, properties, packed, unpacked):
    """Sizes below 128 are one byte; larger ones here take two."""

    def size(value):
        return bytes([value]) if value < 128 else bytes([0x80 | value >> 8, value & 0xFF])

    coder = bytes([0x20 * bool(properties) | len(method)]) + method
    if properties:
        coder += bytes([len(properties)]) + properties
    streams = b"\x06\0\1\x09" + size(len(packed)) + b"\0"
    streams += b"\x07\x0b\1\0\1" + coder + b"\x0c" + size(len(unpacked))
    streams += b"\x0a\1" + struct.pack("<I", crc(unpacked)) + b"\0\0"
    header = b"\1\4" + streams + b"\5\1\x11\5\0a\0\0\0\0\0"
    start = struct.pack("<QQI", len(packed), len(header), crc(header))
    return b"7z\xbc\xaf\x27\x1c\0\4" + struct.pack("<I", crc(start)) + start + packed + header


def raw_lzma(filters):
    return lzma.compress(TEXT, lzma.FORMAT_RAW, filters=[filters])


LZMA1 = raw_lzma({"id": lzma.FILTER_LZMA1, "dict_size": 4096})
LZMA2 = raw_lzma({"id": lzma.FILTER_LZMA2, "dict_size": 4096})
SEVEN_ZIPS = [
    ("copied", seven_zip_of(b"\0", b"", TEXT, TEXT)),
    ("lzma", seven_zip_of(b"\3\1\1", b"\x5d\0\x10\0\0", LZMA1, TEXT)),
    ("lzma2", seven_zip_of(b"\x21", b"\0", LZMA2, TEXT)),
    ("deflate", seven_zip_of(b"\4\1\x08", b"", zlib.compress(TEXT)[2:-4], TEXT)),
    ("bzip2", seven_zip_of(b"\4\2\2", b"", bz2.compress(TEXT, 1), TEXT)),
    ("ppmd", seven_zip_of(b"\3\4\1", b"\6\0\0\1\0", PPMD_BITS, TEXT)),
]


# ---- codecs --------------------------------------------------------------------------------------

RAW_DEFLATE = zlib.compressobj(wbits=-15)
RAW_DEFLATE = RAW_DEFLATE.compress(TEXT) + RAW_DEFLATE.flush()
LZMA_ALONE = lzma.compress(TEXT, lzma.FORMAT_ALONE)
LZMA_IN_ZIP = b"\x09\x14\x05\0\x5d\0\0\1\0" + LZMA_ALONE[13:]

WARC = (
    b"WARC/1.0\r\nWARC-Type: resource\r\nWARC-Target-URI: file://a/b.txt\r\n"
    b"WARC-Date: 2024-01-01T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:0>\r\n"
    b"Content-Type: text/plain\r\nContent-Length: 400\r\n\r\n" + TEXT + b"\r\n\r\n"
)

SEEDS = {
    "7z": SEVEN_ZIPS,
    "rar": RARS,
    "rar5": RAR5S,
    "lha": LHAS,
    "zlib": [("text", zlib.compress(TEXT)), ("stored", zlib.compress(TEXT, 0))],
    "bzip2": [("small", bz2.compress(TEXT, 1)), ("two", bz2.compress(b"a") + bz2.compress(TEXT))],
    "warc": [("resource", WARC)],
    "codec_deflate": [("text", RAW_DEFLATE)],
    "codec_lzma_zip": [("text", LZMA_IN_ZIP)],
}

MUCH = b"\xff\xff\xff\xff"
GREEDY = {
    # The target of a symbolic link that has 958 MiB.
    "rar_link": (
        rar_of(rar_file(b"a", b"target", b"target", 0x30, mode=0o120777, claims=958 << 20)),
        "truncated", "corrupt", "memory", "crash",
    ),
    "7z_lzma": (
        seven_zip_of(b"\3\1\1", b"\x5d" + MUCH, LZMA1, TEXT),
        "codec-memory", "memory", "corrupt", "unsupported", "crash",
    ),
    "7z_lzma2": (
        seven_zip_of(b"\x21", b"\x28", LZMA2, TEXT),
        "codec-memory", "memory", "corrupt", "unsupported", "crash",
    ),
    "7z_ppmd": (
        seven_zip_of(b"\3\4\1", b"\6" + MUCH, PPMD_BITS, TEXT),
        "codec-memory", "memory", "corrupt", "unsupported", "crash",
    ),
}  # fmt: skip
