"""Frames of LZ4 and Zstandard, and xz streams, put together field by field. Sources: RFC 8878,
lz4_Frame_format.md, xz-file-format.txt."""

import struct
import zlib

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
LZ4_MAGIC = b"\x04\x22\x4d\x18"
LZ4_LEGACY_MAGIC = b"\x02\x21\x4c\x18"
MASK = 0xFFFFFFFF


def skippable_frame(content, number=0):
    return struct.pack("<II", 0x184D2A50 + number, len(content)) + content


def zstd_block(content, kind=0, is_last=True, size=None):
    """Kind 0 is raw, 1 a run of one byte."""
    said = (len(content) if size is None else size) << 3 | kind << 1 | is_last
    return said.to_bytes(3, "little") + content


def zstd_frame(*blocks, window=10 << 3, descriptor=0, fields=b""):
    """`fields` are what follows the window: dictionary and size, as the descriptor says."""
    return ZSTD_MAGIC + bytes([descriptor, window]) + fields + b"".join(blocks)


def empty_zstd_frame():
    return ZSTD_MAGIC + b"\x20\0" + zstd_block(b"")


def rotated(number, bits):
    return (number << bits | number >> 32 - bits) & MASK


def xxh32_short(data):
    """XXH32 of fewer than 16 bytes."""
    p2, p3, p4, p5 = 2246822519, 3266489917, 668265263, 374761393
    total = p5 + len(data)
    while len(data) >= 4:
        total = rotated((total + int.from_bytes(data[:4], "little") * p3) & MASK, 17) * p4 & MASK
        data = data[4:]
    for byte in data:
        total = rotated((total + byte * p5) & MASK, 11) * 2654435761 & MASK
    total = (total ^ total >> 15) * p2 & MASK
    total = (total ^ total >> 13) * p3 & MASK
    return total ^ total >> 16


def lz4_block(content, is_plain=True):
    return struct.pack("<I", len(content) | is_plain << 31) + content


def lz4_frame(*blocks, flags=0x60, block_maximum=0x40, fields=b"", end=b"\0\0\0\0", check=None):
    """Version 1, blocks that stand alone, no check sums but that of the header."""
    head = bytes([flags, block_maximum]) + fields
    checked = xxh32_short(head) >> 8 & 0xFF if check is None else check
    return LZ4_MAGIC + head + bytes([checked]) + b"".join(blocks) + end


def lz4_packed(content):
    """A block of LZ4 that is nothing but literals."""
    count = len(content)
    if count < 15:
        return bytes([count << 4]) + content
    more, rest = divmod(count - 15, 255)
    return b"\xf0" + b"\xff" * more + bytes([rest]) + content


def lz4_legacy(*blocks):
    packed = [struct.pack("<I", len(block)) + block for block in map(lz4_packed, blocks)]
    return LZ4_LEGACY_MAGIC + b"".join(packed)


def with_crc(content):
    """Filled up to whole words, its CRC behind it."""
    content += bytes(-len(content) % 4)
    return content + struct.pack("<I", zlib.crc32(content))


def xz_block_header(filters):
    """`filters`: a byte that counts them and the flags of each, as bytes."""
    size = (len(filters) + 1 + 3) // 4
    return with_crc((bytes([size]) + filters).ljust(4 * size, b"\0"))
