"""The records of a zip file, each field of which may lie. Source: PKWARE APPNOTE.TXT 6.3.10."""

import struct
import zlib

STORED, DEFLATE = 0, 8
ENCRYPTED, DESCRIPTOR = 1, 8
NO_SIZE = 0xFFFFFFFF


def deflated(content, wbits=-15):
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    return packer.compress(content) + packer.flush()


def fields_of(name, content, method, packed):
    """What an honest header says about a member."""
    return {
        "flags": 0,
        "method": method,
        "crc": zlib.crc32(content),
        "packed": len(packed),
        "unpacked": len(content),
        "name": name if isinstance(name, bytes) else name.encode(),
        "extra": b"",
        "disk": 0,
        "attributes": 0,
        "comment": b"",
    }


class Member:
    """A member: both headers say the same unless `local` or `central` say otherwise; `both` changes
    the two. `data` replaces the bytes in the archive, `tail` stands behind them, such as a
    descriptor. `offset` is added to where the directory says that the local header is."""

    def __init__(self, name, content, method=DEFLATE, data=None, tail=b"", offset=0, both=None,
                 local=None, central=None):  # fmt: skip
        packed = deflated(content) if method == DEFLATE else content
        self.data = packed if data is None else data
        fields = {**fields_of(name, content, method, self.data), **(both or {})}
        self.local = {**fields, **(local or {})}
        self.central = {**fields, **(central or {})}
        self.tail = tail
        self.offset = offset

    def local_bytes(self):
        return local_header(self.local) + self.data + self.tail


def local_header(fields):
    return (
        b"PK\3\4"
        + common(fields)
        + struct.pack("<HH", len(fields["name"]), len(fields["extra"]))
        + fields["name"]
        + fields["extra"]
    )


def central_header(fields, offset):
    lengths = struct.pack(
        "<HHHHHII",
        len(fields["name"]),
        len(fields["extra"]),
        len(fields["comment"]),
        fields["disk"],
        0,
        fields["attributes"],
        offset & NO_SIZE,
    )
    front = b"PK\1\2" + struct.pack("<H", 3 << 8 | 63) + common(fields)
    return front + lengths + fields["name"] + fields["extra"] + fields["comment"]


def common(fields):
    """From the version to the sizes; the date is the first that there is."""
    return struct.pack(
        "<HHHHHIII",
        20,
        fields["flags"],
        fields["method"],
        0,
        0x21,
        fields["crc"],
        fields["packed"] & NO_SIZE,
        fields["unpacked"] & NO_SIZE,
    )


def end_record(count, size, offset, comment=b"", disk=0):
    return (
        b"PK\5\6"
        + struct.pack("<HHHHII", disk, disk, count & 0xFFFF, count & 0xFFFF, size, offset & NO_SIZE)
        + struct.pack("<H", len(comment))
        + comment
    )


def end64_records(count, size, offset, at):
    """The zip64 end record, which stands at `at`, and its locator."""
    end = b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, count, count, size, offset)
    return end + b"PK\6\7" + struct.pack("<IQI", 0, at, 1)


def descriptor(content, packed, signed=True, wide=False, crc=None):
    sizes = struct.pack("<QQ" if wide else "<II", len(packed), len(content))
    checked = struct.pack("<I", zlib.crc32(content) if crc is None else crc)
    return (b"PK\7\x08" if signed else b"") + checked + sizes


def zip64_extra(*numbers):
    return struct.pack("<HH", 1, 8 * len(numbers)) + struct.pack(f"<{len(numbers)}Q", *numbers)


class Zip:
    """An archive in its parts, so that a case may leave one out or put something between."""

    def __init__(self, *members, base=0, between=b""):
        self.members = b""
        self.directory = b""
        self.count = len(members)
        for member in members:
            at = base + len(self.members) + member.offset
            self.directory += central_header(member.central, at)
            self.members += member.local_bytes() + between
        self.base = base

    def end(self, comment=b"", **changes):
        said = {
            "count": self.count,
            "size": len(self.directory),
            "offset": self.base + len(self.members),
            "comment": comment,
        }
        return end_record(**{**said, **changes})

    def bytes(self, comment=b""):
        return self.members + self.directory + self.end(comment)


def zip_bytes(*members, **options):
    return Zip(*members, **options).bytes()
