"""Archives of RAR that only store: version 4 (1.5 to 4) and version 5. Sources: technote.txt of
RAR 4 and the RAR 5.0 archive format."""

import struct
import zlib

MARK4 = b"Rar!\x1a\7\0"
MARK5 = b"Rar!\x1a\7\1\0"


# ---- version 4 -------------------------------------------------------------------------------


def block4(kind, flags, fields, data=b"", crc=None):
    head = struct.pack("<BHH", kind, flags, 7 + len(fields)) + fields
    checked = zlib.crc32(head) & 0xFFFF if crc is None else crc
    return struct.pack("<H", checked) + head + data


def main4(flags=0):
    return block4(0x73, flags, bytes(6))


def file4(name, content, flags=0, method=0x30, crc=None, packed=None, unpacked=None, version=20,
          attributes=0o100644, head_crc=None):  # fmt: skip
    name = name if isinstance(name, bytes) else name.encode()
    fields = struct.pack(
        "<IIBIIBBHI",
        len(content) if packed is None else packed,
        len(content) if unpacked is None else unpacked,
        3,
        zlib.crc32(content) if crc is None else crc,
        0x21 << 16,
        version,
        method,
        len(name),
        attributes,
    )
    salt = b"saltsalt" if flags & 0x400 else b""
    return block4(0x74, 0x8000 | flags, fields + name + salt, content, head_crc)


def end4(flags=0x4000):
    return block4(0x7B, flags, b"")


def rar4(*files, main=0, end=0x4000):
    return MARK4 + main4(main) + b"".join(files) + end4(end)


# ---- version 5 -------------------------------------------------------------------------------


def vint(number):
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def block5(kind, flags, fields, extra=b"", data=None, size=None, crc=None):
    body = vint(kind)
    flags |= (1 if extra else 0) | (2 if data is not None else 0)
    body += vint(flags)
    if extra:
        body += vint(len(extra))
    if data is not None:
        body += vint(len(data) if size is None else size)
    body += fields + extra
    head = vint(len(body)) + body
    checked = zlib.crc32(head) if crc is None else crc
    return struct.pack("<I", checked) + head + (data or b"")


def main5(flags=0):
    return block5(1, 0, vint(flags))


def file5(name, content, flags=0, crc=None, packed=None, unpacked=None, method=0, extra=b"",
          kind=0, head_crc=None):  # fmt: skip
    name = name if isinstance(name, bytes) else name.encode()
    fields = vint(4 | kind) + vint(len(content) if unpacked is None else unpacked) + vint(0o100644)
    fields += struct.pack("<I", zlib.crc32(content) if crc is None else crc)
    fields += vint(method << 7) + vint(1) + vint(len(name)) + name
    return block5(2, flags, fields, extra, content, packed, head_crc)


def encrypted5():
    """The extra record of a file that is encrypted."""
    record = vint(1) + vint(0) + vint(0) + b"\x0f" + bytes(16) + bytes(16)
    return vint(len(record)) + record


def encryption_head5():
    return block5(4, 0, vint(0) + vint(0) + b"\x0f" + bytes(16))


def end5(flags=0):
    return block5(5, 0, vint(flags))


def rar5(*files, main=0, end=0):
    return MARK5 + main5(main) + b"".join(files) + end5(end)
