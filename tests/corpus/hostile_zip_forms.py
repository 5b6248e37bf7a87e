"""Zip files of rarer forms: zip64, volumes, methods of other streams, archives in archives."""

import bz2
import lzma
import pathlib
import struct

from hostile_zip import FIRST, LATER, add, add_pair, write_zip
from table import NAME, case, noise, run, text, write, zstd_of
from zip_records import (
    DESCRIPTOR,
    NO_SIZE,
    STORED,
    Member,
    Zip,
    central_header,
    deflated,
    descriptor,
    end64_records,
    zip64_extra,
    zip_bytes,
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
