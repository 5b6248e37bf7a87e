"""Compressed streams that are damaged, joined, contrived or ask for too much."""

import bz2
import gzip
import lzma
import struct
import zlib

from frames import (
    LZ4_LEGACY_MAGIC,
    ZSTD_MAGIC,
    empty_zstd_frame,
    lz4_block,
    lz4_frame,
    lz4_legacy,
    lz4_packed,
    skippable_frame,
    xz_block_header,
    zstd_block,
    zstd_frame,
)
from table import (
    NAME,
    case,
    gzip_of,
    lz4_of,
    lzma_of,
    noise,
    run,
    text,
    write,
    xz_of,
    zip_of,
    zstd_of,
)
from zip_records import deflated


def add(name, members, reasons, build, tools=()):
    """A case whose bytes are build(payload); the first word of its name is what the file ends in."""

    @case(members, *reasons, tools=tools, name=f"codec_{name}")
    def made(directory, payload):
        return write(directory, f"a.{name.split('_')[0]}", build(payload))


# ---- what holds for all of them --------------------------------------------------------------

# Of the first bytes of a damaged stream something may come out, so what must be found behind it is
# a zip file, which is known by its end.
CODECS = {
    "gz": (gzip_of, 10, 8, ()),
    "bz2": (lambda content: bz2.compress(content, 1), 11, 10, ()),
    "xz": (xz_of, 12, 12, ()),
    "zst": (zstd_of, 6, 4, ("zstd",)),
    "lz4": (lz4_of, 7, 4, ("lz4",)),
}


def damaged(packed, at, count=8):
    changed = bytes(byte ^ 0xFF for byte in packed[at : at + count])
    return packed[:at] + changed + packed[at + count :]


def add_codec(suffix, pack, front, behind, tools):
    here = [f"<{suffix}>"]
    rows = (
        ("hundred_streams", here, (), lambda p: pack(p) + pack(b"x") * 99),
        ("payload_in_parts", here, (), lambda p: b"".join(pack(bytes([b])) for b in p)),
        ("first_stream_empty", here, (), lambda p: pack(b"") + pack(p)),
        ("zeros_between", here, (), lambda p: pack(p[:9]) + bytes(512) + pack(p[9:])),
        ("zeros_behind", here, (), lambda p: pack(p) + bytes(10240)),
        ("junk_between", here, ["corrupt"], lambda p: pack(p[:9]) + noise(99) + pack(p[9:])),
        ("junk_behind", here, ["corrupt"], lambda p: pack(p) + noise(99)),
        ("junk_before_the_last_of_many", here, ["corrupt"],
         lambda p: pack(p[:9]) + noise(9) + pack(p[9:19]) + noise(9) + pack(p[19:])),
        ("cut_in_the_head", None, ["truncated"], lambda p: pack(p)[: front - 1]),
        ("cut_behind_the_head", None, ["truncated"], lambda p: pack(p)[:front]),
        ("cut_in_the_middle", here, ["truncated"], lambda p: pack(p + noise(300000))[:200000]),
        ("cut_in_the_trailer", here, ["truncated"], lambda p: pack(p)[: -(behind // 2)]),
        ("cut_before_the_trailer", here, ["truncated"], lambda p: pack(p)[:-behind]),
        ("last_byte_gone", here, ["truncated"], lambda p: pack(p)[:-1]),
        # All but bzip2 decode on into the next one.
        ("cut_and_then_whole", [*here, NAME], ["corrupt" if suffix == "bz2" else "truncated"],
         lambda p: pack(noise(3000))[:900] + pack(zip_of([(NAME, p)]))),
        ("damaged_and_then_whole", [*here, NAME], ["corrupt"],
         lambda p: damaged(pack(noise(3000)), 900) + pack(zip_of([(NAME, p)]))),
        ("damaged_late", here, ["corrupt"], lambda p: damaged(pack(p + noise(300000)), 200000)),
        ("in_itself", here * 3, (), lambda p: pack(pack(pack(p)))),
        ("of_nothing_but_zeros_then_payload", [*here, NAME], (),
         lambda p: pack(bytes(1 << 20) + zip_of([(NAME, p)]))),
    )  # fmt: skip
    for name, members, reasons, build in rows:
        add(f"{suffix}_{name}", members, reasons, build, tools)


for _suffix, _row in CODECS.items():
    add_codec(_suffix, *_row)

# ---- gzip, RFC 1952 --------------------------------------------------------------------------


def gzip_with(content, flags=0, fields=b"", data=None, crc=None, size=None, method=8):
    head = struct.pack("<BBBBIBB", 0x1F, 0x8B, method, flags, 0, 0, 3)
    tail = struct.pack(
        "<II",
        zlib.crc32(content) if crc is None else crc,
        len(content) if size is None else size,
    )
    return head + fields + (deflated(content) if data is None else data) + tail


for _flag in (0x20, 0x40, 0x80, 0xE0):
    add(f"gz_reserved_flags_{_flag:x}", ["<gz>"], (), lambda p, flag=_flag: gzip_with(p, flag))
EXTRA = struct.pack("<H", 65535) + noise(65535)
add("gz_extra_of_64k", ["<gz>"], (), lambda p: gzip_with(p, 4, EXTRA))
add("gz_name_of_70k", ["<gz>"], (), lambda p: gzip_with(p, 8, b"n" * 70000 + b"\0"))
add("gz_all_fields", ["<gz>"], (),
    lambda p: gzip_with(p, 0x1F, EXTRA + b"name\0" + b"words\0" + b"\1\2"))  # fmt: skip
add("gz_name_without_end", None, ["truncated"],
    lambda p: gzip_with(p, 8, b"x").replace(b"\0", b"\1")[:60])  # fmt: skip
add("gz_extra_past_the_end", None, ["truncated"], lambda p: gzip_with(p, 4, b"\xff\xff"))
add("gz_text_flag", ["<gz>"], (), lambda p: gzip_with(p, 1))
add("gz_wrong_header_crc", ["<gz>"], (), lambda p: gzip_with(p, 2, b"\1\2"))
add("gz_wrong_crc", ["<gz>"], ["corrupt"], lambda p: gzip_with(p, crc=1))
add("gz_wrong_size", ["<gz>"], ["corrupt"], lambda p: gzip_with(p, size=1 << 31))
add("gz_wrong_crc_then_whole", ["<gz>"], ["corrupt"],
    lambda p: gzip_with(p[:9], crc=1) + gzip_with(p[9:]))  # fmt: skip
add("gz_bad_block_first_then_whole", ["<gz>"], ["corrupt"],
    lambda p: gzip_with(b"", data=b"\7\7\7\7") + gzip_with(p))  # fmt: skip
add("gz_stored_blocks", ["<gz>"], (), lambda p: gzip_with(p, data=stored_blocks(p)))
add("gz_empty_blocks", ["<gz>"], (),
    lambda p: gzip_with(p, data=b"\0\0\0\xff\xff" * 5000 + deflated(p)))  # fmt: skip
add("gz_magic_in_the_data", ["<gz>"], (), lambda p: gzip_of(p + b"\x1f\x8b\x08" * 50))
add("gz_magics_in_a_damaged_one", [*["<gz>"], NAME], ["corrupt"],
    lambda p: gzip_with(b"", data=b"\7\7\x1f\x8b\x08" + b"\x1f\x8b\x08" * 30)
    + gzip_of(zip_of([(NAME, p)])))  # fmt: skip


def stored_blocks(content):
    """One byte in each block."""
    out = b""
    for number, byte in enumerate(content):
        out += bytes([number == len(content) - 1]) + b"\1\0\xfe\xff" + bytes([byte])
    return out


# ---- zlib, RFC 1950 --------------------------------------------------------------------------

for _level in (0, 1, 6, 9):
    add(f"zlib_level_{_level}", ["<zlib>"], (), lambda p, level=_level: zlib.compress(p * 3, level))
add("zlib_wrong_sum", ["<zlib>"], ["corrupt"], lambda p: zlib.compress(p * 3)[:-1] + b"\0")
add("zlib_cut", ["<zlib>"], ["truncated"], lambda p: zlib.compress(p + noise(9000))[:8000])
add("zlib_in_gzip", ["<gz>", "<zlib>"], (), lambda p: gzip_of(zlib.compress(p)))

# ---- bzip2 -----------------------------------------------------------------------------------

for _level in (1, 9):
    add(f"bz2_level_{_level}", ["<bz2>"], (), lambda p, level=_level: bz2.compress(p, level))
add("bz2_wrong_block_crc", ["<bz2>"], ["corrupt"], lambda p: damaged(bz2.compress(p), 10, 4))
add("bz2_wrong_stream_crc", ["<bz2>"], ["corrupt"],
    lambda p: damaged(bz2.compress(p), len(bz2.compress(p)) - 3, 1))  # fmt: skip
add("bz2_second_block_damaged", ["<bz2>"], ["corrupt"],
    lambda p: damaged(bz2.compress(p + noise(250000), 1), 150000))  # fmt: skip
add("bz2_damaged_first_then_whole", ["<bz2>"], ["corrupt"],
    lambda p: damaged(bz2.compress(noise(500)), 14) + bz2.compress(p))  # fmt: skip
add("bz2_huge_run", ["<bz2>", NAME], (),
    lambda p: bz2.compress(bytes(45_000_000) + zip_of([(NAME, p)])))  # fmt: skip

# ---- xz --------------------------------------------------------------------------------------

X86, LZMA2 = {"id": lzma.FILTER_X86}, {"id": lzma.FILTER_LZMA2, "preset": 1}
for _label, _filters in {
    "x86": [X86, LZMA2],
    "delta": [{"id": lzma.FILTER_DELTA, "dist": 4}, LZMA2],
    "arm": [{"id": lzma.FILTER_ARM}, LZMA2],
    "powerpc": [{"id": lzma.FILTER_POWERPC}, LZMA2],
    "ia64": [{"id": lzma.FILTER_IA64}, LZMA2],
    "sparc": [{"id": lzma.FILTER_SPARC}, LZMA2],
    "three_filters": [{"id": lzma.FILTER_DELTA, "dist": 1}, X86, LZMA2],
    "literal_bits": [{**LZMA2, "lc": 0, "lp": 4, "pb": 0}],
}.items():
    add(f"xz_{_label}", ["<xz>"], (),
        lambda p, filters=_filters: lzma.compress(p + text(999), filters=filters))  # fmt: skip
for _label, _check in {"none": 0, "crc32": 1, "crc64": 4, "sha256": 10}.items():
    add(f"xz_check_{_label}", ["<xz>"], (), lambda p, check=_check: lzma.compress(p, check=check))


def xz_wrong_check(payload, check, size):
    """The check stands before the index, which has 8 bytes and a footer of 12 behind it."""
    packed = lzma.compress(payload, check=check)
    index = (int.from_bytes(packed[-8:-4], "little") + 1) * 4
    return damaged(packed, len(packed) - 12 - index - size, size)


for _label, _check, _size in (("crc32", 1, 4), ("crc64", 4, 8), ("sha256", 10, 32)):
    add(f"xz_wrong_{_label}", ["<xz>"], ["corrupt"],
        lambda p, check=_check, size=_size: xz_wrong_check(p, check, size))  # fmt: skip


def xz_with(payload, change):
    packed = bytearray(xz_of(payload))
    change(packed)
    return bytes(packed)


def change_footer_size(packed):
    packed[-8:-4] = struct.pack("<I", 77)
    packed[-12:-8] = struct.pack("<I", zlib.crc32(bytes(packed[-8:-2])))


def change_index(packed):
    size = (int.from_bytes(packed[-8:-4], "little") + 1) * 4
    at = len(packed) - 12 - size
    packed[at + 2] ^= 1
    end = at + size - 4
    packed[end : end + 4] = struct.pack("<I", zlib.crc32(bytes(packed[at:end])))


def change_dictionary(packed):
    """The block header says 4 GiB; the CRC of it is right."""
    packed[16] = 40
    packed[20:24] = struct.pack("<I", zlib.crc32(bytes(packed[12:20])))


add("xz_footer_lies", ["<xz>"], ["corrupt"], lambda p: xz_with(p, change_footer_size))
add("xz_index_lies", ["<xz>"], ["corrupt"], lambda p: xz_with(p, change_index))
add("xz_dictionary_of_4g", None, ["codec-memory"], lambda p: xz_with(p, change_dictionary))
add("xz_footer_crc", ["<xz>"], ["corrupt"], lambda p: damaged(xz_of(p), len(xz_of(p)) - 12, 4))
add("xz_header_crc_then_whole", ["<xz>"], ["corrupt"],
    lambda p: damaged(xz_of(b"x"), 8, 4) + xz_of(p))  # fmt: skip
add("xz_block_crc_then_whole", ["<xz>"], ["corrupt"],
    lambda p: damaged(xz_of(b"x"), 20, 4) + xz_of(p))  # fmt: skip
add("xz_unknown_filter", None, ["unsupported"],
    lambda p: xz_of(b"")[:12] + xz_block_header(b"\0\x7f\0") + p)  # fmt: skip
add("xz_unknown_flags", None, ["unsupported"],
    lambda p: b"\xfd7zXZ\0\1\4" + struct.pack("<I", zlib.crc32(b"\1\4")) + p)  # fmt: skip
add("xz_padding_of_3", ["<xz>"], (), lambda p: xz_of(p[:9]) + bytes(3) + xz_of(p[9:]))


@case(["<xz>"], tools=["xz"])
def codec_xz_many_blocks(directory, payload):
    packed = run("xz", "-c", "--block-size=4096", "-T1", data=payload + text(200000))
    return write(directory, "a.xz", packed)


# ---- .lzma -----------------------------------------------------------------------------------


def lzma_with(payload, dictionary=None, size=None):
    packed = bytearray(lzma_of(payload))
    if dictionary is not None:
        packed[1:5] = struct.pack("<I", dictionary)
    if size is not None:
        packed[5:13] = struct.pack("<Q", size)
    return bytes(packed)


add("lzma_dictionary_of_4g", ["<lzma>"], (), lambda p: lzma_with(p, (1 << 32) - 1))
add("lzma_dictionary_of_2g", ["<lzma>"], (), lambda p: lzma_with(p, 1 << 31))
add("lzma_dictionary_of_4k", ["<lzma>"], (), lambda p: lzma_with(p, 4096))
add("lzma_size_known", ["<lzma>"], (), lambda p: lzma_with(p, size=len(p)))
add("lzma_size_huge", ["<lzma>"], ["corrupt"], lambda p: lzma_with(p * 9, size=1 << 39))
add("lzma_cut", ["<lzma>"], ["truncated"], lambda p: lzma_of(p + noise(9000))[:8000])
add("lzma_trailing_bytes", ["<lzma>"], ["corrupt"], lambda p: lzma_of(p) + noise(50))
add("lzma_damaged_late", ["<lzma>"], ["corrupt"], lambda p: damaged(lzma_of(p + text(90000)), 9000))

# ---- Zstandard -------------------------------------------------------------------------------

add("zst_skippable_before", ["<zst>"], (),
    lambda p: skippable_frame(b"x") + zstd_frame(zstd_block(p)))  # fmt: skip
add("zst_skippable_between", ["<zst>"], (),
    lambda p: zstd_frame(zstd_block(p[:9])) + skippable_frame(noise(999), 15)
    + zstd_frame(zstd_block(p[9:])))  # fmt: skip
add("zst_skippable_many", ["<zst>"], (),
    lambda p: zstd_frame(zstd_block(p[:9])) + skippable_frame(b"") * 5000
    + zstd_frame(zstd_block(p[9:])))  # fmt: skip
add("zst_skippable_lies", ["<zst>"], ["corrupt"],
    lambda p: zstd_frame(zstd_block(p)) + struct.pack("<II", 0x184D2A50, 1 << 31) + b"x")  # fmt: skip
add("zst_empty_frames", ["<zst>"], (),
    lambda p: empty_zstd_frame() * 1000 + zstd_frame(zstd_block(p)))  # fmt: skip
add("zst_raw_blocks", ["<zst>"], (),
    lambda p: zstd_frame(*[zstd_block(p[n : n + 1], is_last=n == 67) for n in range(68)]))  # fmt: skip
add("zst_empty_blocks", ["<zst>"], (),
    lambda p: zstd_frame(*[zstd_block(b"", is_last=False)] * 9999, zstd_block(p)))  # fmt: skip
add("zst_reserved_block", ["<zst>"], ["corrupt"],
    lambda p: zstd_frame(zstd_block(p, is_last=False), zstd_block(b"x", kind=3)))  # fmt: skip
add("zst_block_too_large", ["<zst>"], ["corrupt"],
    lambda p: zstd_frame(zstd_block(p, is_last=False), zstd_block(b"x", 1, size=1 << 20)))  # fmt: skip
add("zst_window_of_2g", ["<zst>"], (), lambda p: zstd_frame(zstd_block(p), window=(31 - 10) << 3))
add("zst_window_of_1t", ["<zst>"], (),
    lambda p: zstd_frame(zstd_block(p), window=0xFF))  # fmt: skip
add("zst_window_of_128m", ["<zst>"], (), lambda p: zstd_frame(zstd_block(p), window=(27 - 10) << 3))
add("zst_size_of_2_63", ["<zst>"], ["corrupt"],
    lambda p: ZSTD_MAGIC + b"\xe0" + struct.pack("<Q", 1 << 63) + zstd_block(p))  # fmt: skip
add("zst_size_too_small", ["<zst>"], ["corrupt"],
    lambda p: zstd_frame(zstd_block(p), descriptor=0x80, fields=struct.pack("<I", 9)))  # fmt: skip
add("zst_size_too_large", ["<zst>"], ["corrupt"],
    lambda p: zstd_frame(zstd_block(p), descriptor=0x80, fields=struct.pack("<I", 999)))  # fmt: skip
add("zst_dictionary", None, ["unsupported"],
    lambda p: zstd_frame(zstd_block(p), descriptor=1, fields=b"\x55"))  # fmt: skip
add("zst_dictionary_then_whole", ["<zst>"], ["unsupported"],
    lambda p: zstd_frame(zstd_block(b"x"), descriptor=1, fields=b"\x55")
    + zstd_frame(zstd_block(p)))  # fmt: skip
add("zst_reserved_bit", None, ["unsupported"], lambda p: zstd_frame(zstd_block(p), descriptor=8))
add("zst_wrong_check_sum", ["<zst>"], ["corrupt"],
    lambda p: zstd_frame(zstd_block(p), descriptor=4) + b"\1\2\3\4")  # fmt: skip
add("zst_before_0_8", None, ["unsupported"], lambda p: b"\x27\xb5\x2f\xfd" + p)


@case(["<zst>"], tools=["zstd"])
def codec_zst_long_31(directory, payload):
    packed = run("zstd", "-q", "-c", "--long=31", data=payload + text(9000))
    return write(directory, "a.zst", packed)


@case(None, "corrupt", tools=["zstd"])
def codec_zst_real_dictionary(directory, payload):
    """One that is plain text has no number, so nothing tells that it is missing."""
    dictionary = write(directory, "dictionary", text(5000))
    packed = run("zstd", "-q", "-c", "-D", str(dictionary), data=text(4000) + payload)
    dictionary.unlink()
    return write(directory, "a.zst", packed)


# ---- LZ4 -------------------------------------------------------------------------------------

add("lz4_legacy", ["<lz4>"], (), lambda p: lz4_legacy(p))
add("lz4_legacy_two_blocks", ["<lz4>"], (), lambda p: lz4_legacy(p[:9], p[9:]))
add("lz4_legacy_twice", ["<lz4>"], (), lambda p: lz4_legacy(p[:9]) + lz4_legacy(p[9:]))
add("lz4_legacy_then_frame", ["<lz4>"], (),
    lambda p: lz4_legacy(p[:9]) + lz4_frame(lz4_block(p[9:])))  # fmt: skip
add("lz4_legacy_cut_in_the_block", ["<lz4>"], ["truncated"],
    lambda p: lz4_legacy(p + noise(90000))[:50000])  # fmt: skip
add("lz4_legacy_damaged_in_the_block", ["<lz4>"], ["corrupt"],
    lambda p: LZ4_LEGACY_MAGIC + lz4_bad_block(p))  # fmt: skip
add("lz4_legacy_junk_behind", ["<lz4>"], ["corrupt"], lambda p: lz4_legacy(p) + b"\xff" * 60)
add("lz4_skippable_before", ["<lz4>"], (),
    lambda p: skippable_frame(b"x") + lz4_frame(lz4_block(p)))  # fmt: skip
add("lz4_skippable_between", ["<lz4>"], (),
    lambda p: lz4_frame(lz4_block(p[:9])) + skippable_frame(noise(999), 9)
    + lz4_frame(lz4_block(p[9:])))  # fmt: skip
add("lz4_empty_frames", ["<lz4>"], (), lambda p: lz4_frame() * 1000 + lz4_frame(lz4_block(p)))
add("lz4_bytes_as_blocks", ["<lz4>"], (),
    lambda p: lz4_frame(*[lz4_block(bytes([byte])) for byte in p]))  # fmt: skip
add("lz4_wrong_header_sum_then_whole", ["<lz4>"], ["corrupt"],
    lambda p: lz4_frame(lz4_block(b"x"), check=1) + lz4_frame(lz4_block(p)))  # fmt: skip
add("lz4_wrong_content_sum", ["<lz4>"], ["corrupt"],
    lambda p: lz4_frame(lz4_block(p), flags=0x64) + b"\1\2\3\4")  # fmt: skip
add("lz4_wrong_block_sum", ["<lz4>"], ["corrupt"],
    lambda p: lz4_frame(lz4_block(p) + b"\1\2\3\4", lz4_block(b"x"), flags=0x70))  # fmt: skip
add("lz4_wrong_sum_of_a_packed_block", ["<lz4>"], ["corrupt"],
    lambda p: lz4_frame(lz4_block(lz4_packed(p), False) + b"\1\2\3\4", flags=0x70))  # fmt: skip
add("lz4_cut_in_a_block_sum", ["<lz4>"], ["truncated"],
    lambda p: lz4_frame(lz4_block(lz4_packed(p), False) + b"\1\2", flags=0x70, end=b""))  # fmt: skip
add("lz4_size_lies", ["<lz4>"], ["corrupt"],
    lambda p: lz4_frame(lz4_block(p), flags=0x68, fields=struct.pack("<Q", 1 << 40)))  # fmt: skip
add("lz4_dictionary", ["<lz4>"], (),
    lambda p: lz4_frame(lz4_block(p), flags=0x61, fields=b"\1\2\3\4"))  # fmt: skip
add("lz4_version_2", None, ["corrupt"], lambda p: lz4_frame(lz4_block(p), flags=0xA0))
add("lz4_reserved_bit", None, ["corrupt"], lambda p: lz4_frame(lz4_block(p), flags=0x62))
add("lz4_block_too_large", ["<lz4>"], ["corrupt"],
    lambda p: lz4_frame(lz4_block(p), struct.pack("<I", 0x7FFFFFFF)))  # fmt: skip
add("lz4_cut_in_a_plain_block", ["<lz4>"], ["truncated"],
    lambda p: lz4_frame(lz4_block(p + noise(9000)))[:5000])  # fmt: skip
add("lz4_cut_in_a_packed_block", ["<lz4>"], ["truncated"],
    lambda p: lz4_frame(lz4_block(lz4_packed(p + noise(9000)), False))[:5000])  # fmt: skip
add("lz4_damaged_in_a_packed_block", ["<lz4>"], ["corrupt"],
    lambda p: lz4_frame(lz4_bad_block(p)))  # fmt: skip
add("lz4_cut_in_a_linked_block", ["<lz4>"], ["truncated"],
    lambda p: lz4_frame(lz4_block(lz4_packed(p), False), lz4_block(lz4_packed(noise(9000)), False),
                        flags=0x40)[:5000])  # fmt: skip
add("lz4_no_end_mark", ["<lz4>"], ["truncated"], lambda p: lz4_frame(lz4_block(p), end=b""))


def lz4_bad_block(payload):
    """The payload, then a copy from before the beginning."""
    return lz4_block(lz4_packed(payload)[:-1] + payload[-1:] + b"\xff\xff\x10" + noise(40), False)


@case(["<lz4>"], tools=["lz4"])
def codec_lz4_legacy_by_lz4(directory, payload):
    return write(directory, "a.lz4", run("lz4", "-q", "-l", "-c", data=payload + text(9000)))


@case(["<gz>", "<bz2>", "<xz>", "<zst>", "<lz4>"], tools=["zstd", "lz4"])
def codec_each_in_another(directory, payload):
    packed = gzip.compress(bz2.compress(xz_of(zstd_of(lz4_of(payload)))), mtime=0)
    return write(directory, "a.gz", packed)
