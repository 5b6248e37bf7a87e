"""Zip files whose records lie, are damaged, missing, or too many."""

import struct
import zlib

from table import NAME, case, noise, streamed_zip_of, text, write, zip_of
from zip_records import (
    DEFLATE,
    DESCRIPTOR,
    ENCRYPTED,
    STORED,
    Member,
    Zip,
    central_header,
    deflated,
    descriptor,
    end_record,
    zip_bytes,
)

FIRST = Member("a", text(300))


def write_zip(directory, content):
    return write(directory, "a.zip", content)


def add(name, members, reasons, build):
    """A case whose bytes are build(payload)."""

    @case(members, *reasons, name=f"zip_{name}")
    def made(directory, payload):
        return write_zip(directory, build(payload))


def add_pair(name, members, reasons, **lies):
    """A member that lies, between two honest ones."""

    def build(payload):
        return zip_bytes(FIRST, Member(NAME, payload, **lies), Member("z", text(90)))

    add(name, members, reasons, build)


# ---- what stands before, behind and between --------------------------------------------------


@case([NAME])
def zip_three_joined(directory, payload):
    parts = [zip_of([("a", text(99))]), zip_of([(NAME, payload)]), zip_of([("z", text(99))])]
    return write_zip(directory, b"".join(parts))


@case([NAME])
def zip_behind_text(directory, payload):
    return write(directory, "a.txt", text(1000) + zip_bytes(FIRST, Member(NAME, payload)))


@case([NAME])
def zip_behind_text_that_is_counted(directory, payload):
    content = zip_bytes(FIRST, Member(NAME, payload), base=1000)
    return write(directory, "a.txt", text(1000) + content)


@case([NAME])
def zip_comment_of_64k(directory, payload):
    content = Zip(FIRST, Member(NAME, payload)).bytes(comment=text(65535))
    return write_zip(directory, content)


@case([NAME])
def zip_trailing_bytes(directory, payload):
    return write_zip(directory, zip_bytes(FIRST, Member(NAME, payload)) + noise(70000))


add(
    "payload_behind_the_end",
    [f"<residue@{len(zip_bytes(FIRST))}>"],
    (),
    lambda payload: zip_bytes(FIRST) + payload,
)
add(
    "payload_between_members",
    ["<residue@336>"],
    (),
    lambda payload: zip_bytes(
        Member("a", noise(305), STORED, tail=payload), Member("z", text(90))
    ),
)
add(
    "payload_before_the_directory",
    ["<residue@336>"],
    (),
    lambda payload: zip_bytes(Member("a", noise(305), STORED, tail=payload)),
)
add(
    "payload_in_a_signing_block",  # as Android has it, before the directory
    ["<residue@139>"],
    (),
    lambda payload: zip_bytes(
        Member("a", b"x" * 108, STORED, tail=payload + struct.pack("<Q", 99) + b"Sig Block 42")
    ),
)
add(
    "hidden_behind_the_end",  # a member that only a search finds
    [NAME],
    (),
    lambda payload: zip_bytes(FIRST) + Member(NAME, payload).local_bytes(),
)
add(
    "hidden_in_the_comment",
    [NAME],
    (),
    lambda payload: Zip(FIRST).bytes(comment=Member(NAME, payload).local_bytes()),
)
add(
    "hidden_between_members",
    [NAME],
    (),
    lambda payload: zip_bytes(
        Member("a", text(300), tail=Member(NAME, payload).local_bytes()), Member("z", text(9))
    ),
)
add(
    "hidden_in_an_extra_field",  # only its directory entry tells where
    [NAME],
    (),
    lambda payload: hidden_in_extra(payload),
)


def hidden_in_extra(payload):
    inner = Member(NAME, payload)
    hidden = inner.local_bytes()
    outer = Member("a", text(99), local={"extra": struct.pack("<HH", 0x6666, len(hidden)) + hidden})
    archive = Zip(outer)
    archive.directory += central_header(inner.central, 30 + 1 + 4)
    archive.count = 2
    return archive.bytes()


# ---- signatures and records that are gone ----------------------------------------------------


def destroyed(payload, *signatures):
    content = bytearray(zip_bytes(Member(NAME, payload), Member("z", text(90))))
    for signature in signatures:
        at = content.index(signature)
        content[at : at + 4] = b"\xff\xfe\xfd\xfc"
    return bytes(content)


add("no_first_local_signature", [NAME], ["corrupt"], lambda p: destroyed(p, b"PK\3\4"))
add("no_central_signature", [NAME], ["truncated"], lambda p: destroyed(p, b"PK\1\2"))
add("no_end_signature", [NAME], ["truncated"], lambda p: destroyed(p, b"PK\5\6"))
add("no_central_and_end", [NAME], ["truncated"], lambda p: destroyed(p, b"PK\1\2", b"PK\5\6"))
add("no_local_and_central", None, ["truncated"], lambda p: destroyed(p, b"PK\3\4", b"PK\1\2"))


@case([NAME], "corrupt")
def zip_local_signature_of_the_second(directory, payload):
    content = bytearray(zip_bytes(FIRST, Member(NAME, payload)))
    at = content.index(b"PK\3\4", 4)
    content[at : at + 4] = b"\0\0\0\0"
    return write_zip(directory, content)


@case([NAME], "truncated")
def zip_cut_in_the_directory(directory, payload):
    content = zip_bytes(FIRST, Member(NAME, payload))
    return write_zip(directory, content[: content.index(b"PK\1\2") + 30])


@case([NAME], "truncated")
def zip_cut_in_the_next_member(directory, payload):
    content = zip_bytes(Member(NAME, payload), Member("z", noise(5000)))
    return write_zip(directory, content[:2000])


@case([NAME], "truncated")
def zip_cut_in_the_next_stored_member(directory, payload):
    content = zip_bytes(Member(NAME, payload), Member("z", noise(5000), STORED))
    return write_zip(directory, content[:2000])


@case([NAME], "truncated")
def zip_streamed_without_directory(directory, payload):
    content = streamed_zip_of([("a", text(300)), (NAME, payload)])
    return write_zip(directory, content[: content.index(b"PK\1\2")])


@case([NAME])
def zip_directory_before_the_members(directory, payload):
    archive = Zip(FIRST, Member(NAME, payload))
    size = len(archive.directory)
    archive = Zip(FIRST, Member(NAME, payload), base=size)
    end = end_record(2, size, 0)
    return write_zip(directory, archive.directory + archive.members + end)


@case([NAME])
def zip_two_end_records(directory, payload):
    archive = Zip(FIRST, Member(NAME, payload))
    return write_zip(directory, archive.bytes() + end_record(0, 0, 0))


@case([NAME])
def zip_end_record_in_the_comment(directory, payload):
    """A reader that searches from the back takes the empty one, another the first."""
    content = Zip(FIRST, Member(NAME, payload)).bytes(comment=end_record(0, 0, 0, b"more"))
    return write_zip(directory, content)


@case([NAME])
def zip_two_directories(directory, payload):
    """The last end record names a directory that shows only one of the members."""
    archive = Zip(FIRST, Member(NAME, payload))
    shown = central_header(FIRST.central, 0)
    at = len(archive.bytes())
    return write_zip(directory, archive.bytes() + shown + end_record(1, len(shown), at))


def with_end(**changes):
    def build(payload):
        archive = Zip(FIRST, Member(NAME, payload))
        return archive.members + archive.directory + archive.end(**changes)

    return build


add("end_says_no_entries", [NAME], (), with_end(count=0))
add("end_says_many_entries", [NAME], (), with_end(count=65535))
add("end_says_size_0", [NAME], (), with_end(size=0))
add("end_says_huge_size", [NAME], ["truncated"], with_end(size=0x7FFFFFFF))
add("end_says_huge_offset", [NAME], (), with_end(offset=0x7FFFFFFF))
add("end_says_offset_0", [NAME], ["truncated"], with_end(offset=0))
add("end_says_other_disk", [NAME], ["missing-volume"], with_end(disk=3))

# ---- descriptors -----------------------------------------------------------------------------

LATER = {"flags": DESCRIPTOR, "crc": 0, "packed": 0, "unpacked": 0}
for _signed in (True, False):
    for _wide in (True, False):
        for _method in (STORED, DEFLATE):

            def _build(payload, signed=_signed, wide=_wide, method=_method):
                packed = deflated(payload) if method == DEFLATE else payload
                tail = descriptor(payload, packed, signed, wide)
                later = Member(NAME, payload, method, tail=tail, local=LATER,
                               central={"flags": DESCRIPTOR})  # fmt: skip
                return zip_bytes(FIRST, later, Member("z", text(90)))

            add(
                f"descriptor{'' if _signed else '_unsigned'}{'_zip64' if _wide else ''}_{_method}",
                [NAME],
                (),
                _build,
            )


def lying_descriptor(payload):
    packed = deflated(payload)
    tail = b"PK\7\x08" + struct.pack("<III", 1, 2, 3)
    lies = Member(NAME, payload, tail=tail, local=LATER,
                  central={"flags": DESCRIPTOR, "crc": 1, "packed": len(packed)})  # fmt: skip
    return zip_bytes(FIRST, lies)


add("descriptor_lies", [NAME], ["corrupt"], lying_descriptor)
add(
    "descriptor_is_missing",
    [NAME],
    (),
    lambda p: zip_bytes(FIRST, Member(NAME, p, local=LATER, central={"flags": DESCRIPTOR})),
)
add(
    "descriptor_and_sizes_are_missing",  # the directory has a CRC, which is wrong
    [NAME],
    ["corrupt"],
    lambda p: zip_bytes(FIRST, Member(NAME, p, local=LATER, central=LATER)),
)

# ---- headers that disagree -------------------------------------------------------------------

for _side in ("local", "central", "both"):
    for _what, _lie in {
        "method_stored": {"method": STORED},
        "method_unknown": {"method": 77},
        "method_cmpsc": {"method": 16},
        "packed_0": {"packed": 0},
        "packed_1": {"packed": 1},
        "packed_huge": {"packed": 0x7FFFFFFF},
        "unpacked_0": {"unpacked": 0},
        "unpacked_1": {"unpacked": 1},
        "unpacked_huge": {"unpacked": 0x7FFFFFFF},
        "all_sizes_0": {"packed": 0, "unpacked": 0},
        "crc": {"crc": 12345},
        "crc_and_sizes_0": {"packed": 0, "unpacked": 0, "crc": 0},
        "encrypted": {"flags": ENCRYPTED},
        "strongly_encrypted": {"flags": ENCRYPTED | 64},
        "flags": {"flags": 0x0806},
        "descriptor": {"flags": DESCRIPTOR},
    }.items():
        # Sizes are no more than hints, and a flag that all ignore does no harm.
        _said = _side != "both" and _what not in ("flags", "descriptor")
        _wrong = _said or _what in ("crc", "crc_and_sizes_0")
        _reasons = ["corrupt"] if _wrong else ()
        if _side == "both" and _what in ("method_unknown", "method_cmpsc"):
            _reasons = ["unsupported"]
        add_pair(f"{_side}_{_what}", [NAME], _reasons, **{_side: _lie})
    for _what, _lie in {
        "packed_0": {"packed": 0},
        "packed_1": {"packed": 1},
        "packed_huge": {"packed": 0x7FFFFFFF},
        "unpacked_0": {"unpacked": 0},
        "crc": {"crc": 12345},
    }.items():
        _wrong = _side != "both" or _what == "crc"
        add_pair(
            f"stored_{_side}_{_what}",
            [NAME],
            ["corrupt"] if _wrong else (),
            method=STORED,
            **{_side: _lie},
        )

add_pair("names_are_long_and_short", [NAME], ["corrupt"], central={"name": b"n" * 65000})
add_pair("local_name_is_empty", [NAME], ["corrupt"], local={"name": b""})
add(
    "stored_all_sizes_0_and_last",
    [NAME],
    (),
    lambda p: zip_bytes(FIRST, Member(NAME, p, STORED, both={"packed": 0, "unpacked": 0})),
)
add(
    "stored_says_deflated",
    ["<residue@%d>" % (len(FIRST.local_bytes()) + 30 + len(NAME))],
    ["corrupt"],
    lambda p: zip_bytes(FIRST, Member(NAME, p, STORED, both={"method": DEFLATE})),
)
add(
    "deflate_is_zlib",
    [NAME],
    ["corrupt"],
    lambda p: zip_bytes(FIRST, Member(NAME, p, data=zlib.compress(p))),
)
add(
    "stored_is_zlib",
    [NAME],
    (),
    lambda p: zip_bytes(FIRST, Member(NAME, p, STORED, data=zlib.compress(p))),
)
add(
    "bytes_behind_the_stream",  # inside the size that is said
    [NAME],
    (),
    lambda p: zip_bytes(FIRST, Member(NAME, p, data=deflated(p) + noise(500))),
)

# ---- damage before the payload ---------------------------------------------------------------


def damaged_first(method):
    def build(payload):
        data = bytearray(deflated(text(3000)) if method == DEFLATE else text(3000))
        data[60:90] = b"\xff" * 30
        return zip_bytes(Member("a", text(3000), method, data=bytes(data)), Member(NAME, payload))

    return build


add("corrupt_deflate_before", [NAME], ["corrupt"], damaged_first(DEFLATE))
add("corrupt_stored_before", [NAME], ["corrupt"], damaged_first(STORED))
add(
    "unknown_method_before",
    [NAME],
    ["unsupported"],
    lambda p: zip_bytes(Member("a", text(99), 77, data=noise(300)), Member(NAME, p)),
)
add(
    "encrypted_before",
    [NAME],
    ["encrypted"],
    lambda p: zip_bytes(
        Member("a", text(99), data=noise(300), both={"flags": ENCRYPTED}), Member(NAME, p)
    ),
)
add(
    "truncated_stream_before",
    [NAME],
    ["truncated"],
    lambda p: zip_bytes(Member("a", noise(900), data=deflated(noise(900))[:400]), Member(NAME, p)),
)
add(
    "cut_header_in_the_middle",  # which is then a file of its own: the beginning of a zip
    [NAME],
    ["truncated"],
    lambda p: zip_bytes(Member("a", text(99), tail=b"PK\3\4\x14\0\0\0"), Member(NAME, p)),
)

# ---- members that should have no bytes, and odd names -----------------------------------------

add_pair("link_with_bytes", [NAME], (), central={"attributes": 0o120777 << 16})
add_pair("device_with_bytes", [NAME], (), central={"attributes": 0o060777 << 16})
add_pair("directory_bit_with_bytes", [NAME], (), central={"attributes": 0o040755 << 16 | 16})

for _label, _name, _shown in (
    ("directory_with_bytes", b"directory/", "directory/"),
    ("absolute", b"/etc/passwd", "/etc/passwd"),
    ("parents", b"../../../etc/passwd", "../../../etc/passwd"),
    ("drive", b"C:\\Windows\\x.exe", "C:\\\\Windows\\\\x.exe"),
    ("nul", b"a\0b", "a\\x00b"),
    ("invalid_utf8", b"\xff\xfe\xc3", "\\xff\\xfe\\xc3"),
    ("empty", b"", ""),
    ("control", b"\x1b[2J\r\n\x07", "\\x1b[2J\\x0d\\x0a\\x07"),
    ("separator", b"a!/b", "a\\x21/b"),
    ("dot", b".", "."),
    ("slashes", b"////", "////"),
    ("signature", b"PK\3\4", "PK\\x03\\x04"),
):

    def _build(payload, name=_name):
        return zip_bytes(FIRST, Member(name, payload), Member("z", text(90)))

    add(f"name_{_label}", [_shown], (), _build)

add(
    "name_of_64k",
    ["n" * 32768],
    (),
    lambda p: zip_bytes(FIRST, Member(b"n" * 65535, p)),
)
add(
    "names_repeat",
    [NAME],
    (),
    lambda p: zip_bytes(Member(NAME, b"x"), Member(NAME, p), Member(NAME, b"y")),
)
