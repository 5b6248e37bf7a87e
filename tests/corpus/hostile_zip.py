"""Zip files whose records lie, are damaged, missing, or too many."""

import bz2
import lzma
import pathlib
import struct
import zlib

from table import NAME, case, noise, run, streamed_zip_of, text, write, zip_of, zstd_of
from zip_records import (
    DEFLATE,
    DESCRIPTOR,
    ENCRYPTED,
    NO_SIZE,
    STORED,
    Member,
    Zip,
    central_header,
    deflated,
    descriptor,
    end64_records,
    end_record,
    zip64_extra,
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

# ---- zip64 -----------------------------------------------------------------------------------

WIDE = {"packed": NO_SIZE, "unpacked": NO_SIZE}


def wide_extra(payload, unpacked=None):
    return zip64_extra(len(payload) if unpacked is None else unpacked, len(deflated(payload)))


def wide_archive(payload, *unpacked):
    extra = wide_extra(payload, *unpacked)
    return Zip(FIRST, Member(NAME, payload, both={**WIDE, "extra": extra}))


@case([NAME])
def zip_zip64_by_hand(directory, payload):
    archive = wide_archive(payload)
    at = len(archive.members) + len(archive.directory)
    ends = end64_records(2, len(archive.directory), len(archive.members), at)
    end = archive.end(count=0xFFFF, size=NO_SIZE, offset=NO_SIZE)
    return write_zip(directory, archive.members + archive.directory + ends + end)


@case([NAME])
def zip_zip64_behind_text(directory, payload):
    archive = wide_archive(payload)
    at = len(archive.members) + len(archive.directory)
    ends = end64_records(2, len(archive.directory), len(archive.members), at)
    end = archive.end(count=0xFFFF, size=NO_SIZE, offset=NO_SIZE)
    content = text(777) + archive.members + archive.directory + ends + end
    return write(directory, "a.txt", content)


@case([NAME], "truncated")
def zip_zip64_end_only(directory, payload):
    """The plain end record is right, the other one lies."""
    archive = Zip(FIRST, Member(NAME, payload))
    at = len(archive.members) + len(archive.directory)
    ends = end64_records(0, 1 << 63, 1 << 62, at)
    return write_zip(directory, archive.members + archive.directory + ends + archive.end())


@case([NAME], "truncated")
def zip_zip64_offsets_lie(directory, payload):
    archive = Zip(FIRST, Member(NAME, payload))
    far = dict(Member(NAME, payload).central, extra=zip64_extra((1 << 64) - 1))
    archive.directory += central_header(far, NO_SIZE)
    return write_zip(directory, archive.bytes())


for _label, _sizes in {
    "huge": ((1 << 64) - 1, (1 << 64) - 1),
    "0": (0, 0),
    "1": (1, 1),
    "signed": (1 << 63, 1 << 63),
}.items():
    add_pair(f"zip64_sizes_{_label}", [NAME], (), both={**WIDE, "extra": zip64_extra(*_sizes)})
add_pair("zip64_extra_is_short", [NAME], (), both={**WIDE, "extra": b"\1\0\x10\0\1"})
add_pair("zip64_extra_is_missing", [NAME], (), both=WIDE)
add_pair("extra_fields_overrun", [NAME], (), both={"extra": b"\x99\x99\xff\xff12"})


@case([NAME], tools=["zip"])
def zip_zip64_by_zip(directory, payload):
    write(directory, NAME, payload)
    run("zip", "-q", "-fz", "a.zip", NAME, cwd=directory)
    return pathlib.Path(directory, "a.zip")


@case(["-"], tools=["zip"])
def zip_zip64_streamed_by_zip(directory, payload):
    return write_zip(directory, run("zip", "-q", "-fz", "-", "-", data=payload))


# ---- volumes ---------------------------------------------------------------------------------


def volumes(directory, payload):
    write(directory, "a", noise(200000))
    write(directory, NAME, payload)
    run("zip", "-q", "-s", "64k", "a.zip", "a", NAME, cwd=directory)
    pathlib.Path(directory, "a").unlink()
    pathlib.Path(directory, NAME).unlink()


@case(None, "missing-volume", tools=["zip"])
def zip_volume_first(directory, payload):
    volumes(directory, payload)
    return pathlib.Path(directory, "a.z01")


@case([NAME], "missing-volume", tools=["zip"])
def zip_volume_last(directory, payload):
    volumes(directory, payload)
    return pathlib.Path(directory, "a.zip")


@case([NAME])
def zip_spanned_marker(directory, payload):
    """Split, but there was only one volume."""
    return write_zip(directory, b"PK00" + zip_bytes(FIRST, Member(NAME, payload), base=4))


# ---- other methods, which decoders of streams read ---------------------------------------------


def raw_lzma(content):
    filters = [{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 16, "lc": 3, "lp": 0, "pb": 2}]
    data = lzma.compress(content, lzma.FORMAT_RAW, filters=filters)
    return b"\x09\x14\x05\x00\x5d" + struct.pack("<I", 1 << 16) + data


for _label, _method, _pack in (
    ("bzip2_in_two", 12, lambda c: bz2.compress(c[:9]) + bz2.compress(c[9:])),
    ("lzma_no_size", 14, raw_lzma),
    ("xz", 95, lzma.compress),
    ("xz_in_two", 95, lambda c: lzma.compress(c[:9]) + lzma.compress(c[9:])),
):

    def _build(payload, method=_method, pack=_pack):
        flags = {"flags": 2} if method == 14 else {}
        member = Member(NAME, payload, method, data=pack(payload), both=flags)
        return zip_bytes(FIRST, member, Member("z", text(90)))

    add(f"method_{_label}", [NAME], (), _build)

for _method in (20, 93):

    @case([NAME], tools=["zstd"], name=f"zip_method_zstd_{_method}")
    def zip_zstd(directory, payload, method=_method):
        member = Member(NAME, payload, method, data=zstd_of(payload))
        return write_zip(directory, zip_bytes(FIRST, member))


# ---- nested ------------------------------------------------------------------------------------


@case(["inner.zip", NAME])
def zip_stored_in_zip(directory, payload):
    inner = zip_bytes(FIRST, Member(NAME, payload))
    return write_zip(directory, zip_bytes(FIRST, Member("inner.zip", inner, STORED)))


@case(["inner.zip", NAME])
def zip_stored_in_streamed_zip(directory, payload):
    """Nothing tells where the inner one ends before it begins."""
    inner = zip_bytes(FIRST, Member(NAME, payload))
    member = Member("inner.zip", inner, STORED, tail=descriptor(inner, inner), local=LATER,
                    central={"flags": DESCRIPTOR})  # fmt: skip
    return write_zip(directory, zip_bytes(member, FIRST))


@case(["inner.zip", NAME])
def zip_stored_in_zip_without_directory(directory, payload):
    """Nobody can tell whose directory the one at the end is."""
    inner = zip_bytes(FIRST, Member(NAME, payload))
    archive = Zip(Member("inner.zip", inner, STORED))
    return write_zip(directory, archive.members)


@case([NAME])
def zip_members_overlap(directory, payload):
    """Two entries of the directory for the same bytes."""
    archive = Zip(Member(NAME, payload))
    archive.directory += central_header(Member(NAME, payload).central, 0)
    archive.count = 2
    return write_zip(directory, archive.bytes())
