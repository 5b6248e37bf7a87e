"""Files that grow, nest, repeat or claim without end. Each must be given up in time, within memory,
and with the right reason; or be read to its end where that is cheap.

BOMBS is a table of its own, because making some of them takes a while:

    build(directory, payload) -> path
    members    the path to the payload, when it is still found; None otherwise
    reasons    reasons of incomplete events that must be there
    megabytes  what a worker may use of memory
    seconds    what a scan may take here, several times what it does
    options    of `assay scan`
"""

import bz2
import collections
import functools
import gzip
import io
import lzma
import struct
import zlib

import frames
from hostile_tar import END, header, member, padded, record
from table import NAME, gzip_of, noise, run, text, write, xz_of, zip_of
from zip_records import (
    DEFLATE,
    STORED,
    Member,
    Zip,
    central_header,
    deflated,
    end64_records,
    end_record,
    fields_of,
    local_header,
    zip_bytes,
)

Bomb = collections.namedtuple("Bomb", "name build members reasons megabytes seconds options")
BOMBS = []


def bomb(members, *reasons, megabytes=300, seconds=40, options=()):
    def add(build):
        BOMBS.append(
            Bomb(build.__name__, build, members, reasons, megabytes, seconds, tuple(options))
        )
        return build

    return add


# ---- a gzip file that holds itself -----------------------------------------------------------

# Deflate data are a program: L(n) prints the n bytes behind it, R(n) prints the last n bytes once
# more. Both take five bytes here, so that the program can be written in such units and
# prints itself (R. Cox, Zip Files All The Way Down, 2010).
UNIT = 5


class Bits:
    """Bits from the lowest of each byte on; codes of Huffman from their highest."""

    def __init__(self):
        self.value = self.count = 0

    def put(self, value, count):
        self.value |= value << self.count
        self.count += count

    def put_code(self, code, count):
        self.put(int(f"{code:0{count}b}"[::-1], 2), count)

    def bytes(self):
        return self.value.to_bytes((self.count + 7) // 8, "little")


def literal(size):
    return struct.pack("<BHH", 0, size, size ^ 0xFFFF)


def put_copy(bits, length, distance):
    """In the fixed code: RFC 1951, 3.2.5 and 3.2.6."""
    if length <= 10:
        code, extra, count = 254 + length, 0, 0
    elif length <= 18:
        code, extra, count = 265 + (length - 11) // 2, (length - 11) % 2, 1
    else:
        code, extra, count = 269 + (length - 19) // 4, (length - 19) % 4, 2
    bits.put_code(code - 256, 7)
    bits.put(extra, count)
    base, code, more = 1, 0, 0
    while distance >= base + (1 << more):
        base += 1 << more
        code += 1
        more = code // 2 - 1 if code >= 4 else 0
    bits.put_code(code, 5)
    bits.put(distance - base, more)


def repeat(size, *lengths, is_last=False):
    bits = Bits()
    bits.put(2 | is_last, 3)
    for length in lengths:
        put_copy(bits, length, size)
    bits.put(0, 7)
    return bits.bytes()


def quine_with(front, behind):
    """Prints front, itself and behind."""
    tail = repeat(4 + len(behind), 4 + len(behind), is_last=True)
    assert len(tail) == 4
    l_front = literal(len(front) + UNIT)
    r_front = repeat(len(front) + UNIT, 10, len(front) + UNIT - 10)
    l1, l4, r4 = literal(UNIT), literal(4 * UNIT), repeat(4 * UNIT, 10, 10)
    l_tail = literal(len(tail) + len(behind))
    l0 = literal(0)
    assert len(r_front) == len(r4) == UNIT
    program = [l_front, front, l_front, r_front, l1, r_front, l1, l1, l4, r_front, l1, l1, l4, r4]
    program += [l4, r4, l4, r4, l4, r4, l4, r4, l0, l0, l_tail, r4, l0, l0, l_tail, tail, behind]
    return b"".join([*program, tail])


@functools.cache
def gzip_quine():
    """The CRC of the file stands in the file, which then has another CRC. That is a linear system:
    every bit of the one changes the same bits of the other."""
    front = b"\x1f\x8b\x08\x08" + bytes(5) + b"\3" + b"r\0"
    for salt in range(256):
        front = front[:4] + bytes([salt]) + front[5:]

        def whole(crc, front=front):
            def build(size):
                behind = struct.pack("<II", crc, size)
                return front + quine_with(front, behind) + behind

            return build(len(build(0)))

        zero = zlib.crc32(whole(0))
        rows = [(zlib.crc32(whole(1 << bit)) ^ zero ^ 1 << bit, 1 << bit) for bit in range(32)]
        crc = solve(rows, zero)
        if crc is not None:
            return whole(crc)
    raise AssertionError("no salt makes it solvable")


def solve(columns, wanted):
    """The sum of columns that gives `wanted`, by elimination: (column, what it stands for)."""
    pivots = {}
    for value, mask in columns:
        for top in sorted(pivots, reverse=True):
            if value >> top & 1:
                value, mask = value ^ pivots[top][0], mask ^ pivots[top][1]
        if value:
            pivots[value.bit_length() - 1] = (value, mask)
    result = 0
    for top in sorted(pivots, reverse=True):
        if wanted >> top & 1:
            wanted, result = wanted ^ pivots[top][0], result ^ pivots[top][1]
    return result if wanted == 0 else None


@bomb(None, "depth")
def bomb_gzip_quine(directory, payload):
    content = gzip_quine()
    if gzip.decompress(content) != content:
        raise AssertionError("it does not hold itself")
    return write(directory, "quine.gz", content)


@bomb(["payload.bin"], "depth")
def bomb_quine_before_the_payload(directory, payload):
    return write(directory, "a.zip", zip_of([("quine.gz", gzip_quine()), (NAME, payload)]))


@bomb(None, "depth")
def bomb_many_quines(directory, payload):
    return write(directory, "a.zip", zip_of([(f"{n}.gz", gzip_quine()) for n in range(2000)]))


# ---- nesting ---------------------------------------------------------------------------------


def nested(payload, depth, wrap):
    for _ in range(depth):
        payload = wrap(payload)
    return payload


@bomb(["<gz>"] * 23, seconds=20)
def bomb_24_deep(directory, payload):
    return write(directory, "a.gz", nested(payload, 23, gzip_of))


@bomb(None, "depth", seconds=20)
def bomb_25_deep(directory, payload):
    return write(directory, "a.gz", nested(payload, 25, gzip_of))


@bomb(None, "depth", seconds=20)
def bomb_1000_deep(directory, payload):
    return write(directory, "a.gz", nested(payload, 1000, gzip_of))


@bomb(None, "depth", seconds=20)
def bomb_1000_zips_deep(directory, payload):
    wrap = lambda content: zip_bytes(Member("n", content, STORED))  # noqa: E731
    return write(directory, "a.zip", nested(payload, 1000, wrap))


@bomb(None, "depth", seconds=20)
def bomb_1000_tars_deep(directory, payload):
    wrap = lambda content: member("n", content) + END  # noqa: E731
    return write(directory, "a.tar", nested(payload, 1000, wrap))


@bomb(["lib 0.zip"] * 5, "members", seconds=120, options=["--max-members", "20000"])
def bomb_zips_16_to_the_5(directory, payload):
    """As 42.zip: sixteen files in each, five deep."""
    content = payload
    for _ in range(5):
        members = [(f"lib {n}.zip", content) for n in range(16)]
        content = zip_of(members)
    return write(directory, "42.zip", content)


@bomb(None, "ratio", seconds=120)
def bomb_zips_of_zeros(directory, payload):
    content = bytes(20 << 20)
    for _ in range(4):
        content = zip_of([(f"{n}.zip", content) for n in range(16)])
    return write(directory, "a.zip", content)


# ---- ratio -----------------------------------------------------------------------------------


def zeros_deflated(size):
    """The same 64 MiB again and again, which is quicker to make than to read."""
    packer = zlib.compressobj(9, wbits=-15)
    part = packer.compress(bytes(64 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return part * (size >> 26) + b"\3\0"


def zeros_gzipped(size):
    return b"\x1f\x8b\x08" + bytes(7) + zeros_deflated(size) + bytes(8)


@bomb(None, "member-bytes", seconds=120, megabytes=900)
def bomb_gzip_of_zeros(directory, payload):
    """A ratio that may be honest."""
    return write(directory, "a.gz", zeros_gzipped(1 << 30))


@bomb(None, "ratio", seconds=60, megabytes=900)
def bomb_gzip_of_gzip_of_zeros(directory, payload):
    """A ratio of a million."""
    return write(directory, "a.gz.gz", gzip_of(zeros_gzipped(1 << 30)))


@bomb(None, "ratio", seconds=60, megabytes=900)
def bomb_bzip2_of_zeros(directory, payload):
    return write(directory, "a.bz2", bz2.compress(bytes(45 << 20)) * 10 + bz2.compress(payload))


@bomb(None, "ratio", seconds=60, megabytes=900)
def bomb_zstd_of_runs(directory, payload):
    run_of_zeros = frames.zstd_block(b"\0", kind=1, is_last=False, size=128 << 10)
    content = frames.zstd_frame(run_of_zeros * 20000, frames.zstd_block(payload), window=7 << 3)
    return write(directory, "a.zst", content)


@bomb([NAME], "member-bytes", seconds=120, megabytes=900)
def bomb_around_the_payload(directory, payload):
    zeros = zeros_deflated(640 << 20)
    big = Member("zeros", b"", DEFLATE, data=zeros, both={"unpacked": 640 << 20})
    return write(directory, "a.zip", zip_bytes(big, Member(NAME, payload)))


# ---- what overlaps ---------------------------------------------------------------------------


@bomb(None, "expanded-bytes", seconds=120, options=["--max-expanded", "500M"])
def bomb_zip_overlap_full(directory, payload):
    """Every entry of the directory names the same member."""
    kernel = Member("k", bytes(8 << 20))
    entries = [dict(kernel.central, name=b"%d" % n) for n in range(5000)]
    # All of them deserve to be looked at once; so a hundred real copies follow.
    archive = Zip(*[kernel] * 100)
    archive.directory = b"".join(central_header(entry, 0) for entry in entries)
    archive.count = len(entries)
    return write(directory, "a.zip", archive.bytes())


@bomb(None, "ratio", seconds=120, megabytes=900)
def bomb_zip_overlap_quoted(directory, payload):
    """D. Fifield, A better zip bomb, 2019: each member quotes the header of the next as a literal
    and runs on into the same kernel. Only the CRC of the first is right, which stops nobody."""
    kernel = bytes(20 << 20)
    size, crc = len(kernel), zlib.crc32(kernel)
    blocks, following = deflated(kernel), b""
    places = []
    for number in range(250):
        fields = fields_of(b"%04d" % number, b"", DEFLATE, blocks)
        fields.update(crc=crc, unpacked=size)
        front = local_header(fields)
        places.append((fields, len(blocks) + len(front)))
        following = front + blocks
        size += len(front)
        crc = zlib.crc32(kernel, zlib.crc32(front)) if number == 0 else 0
        blocks = struct.pack("<BHH", 0, len(front), len(front) ^ 0xFFFF) + following
    total = len(following)
    directory_bytes = b"".join(central_header(f, total - back) for f, back in reversed(places))
    end = end_record(len(places), len(directory_bytes), total)
    return write(directory, "a.zip", following + directory_bytes + end)


# ---- many ------------------------------------------------------------------------------------


@bomb(["last"], seconds=240, megabytes=600)
def bomb_million_zip_members(directory, payload):
    members, entries = io.BytesIO(), io.BytesIO()
    blank = dict(Member("", b"\0", STORED).central)
    for number in range(1_000_000):
        name = b"%d" % number
        blank["name"] = name
        entries.write(central_header(blank, members.tell()))
        members.write(local_header(blank) + b"\0")
    last = Member("last", payload)
    entries.write(central_header(last.central, members.tell()))
    members.write(last.local_bytes())
    front, middle = members.getvalue(), entries.getvalue()
    ends = end64_records(1_000_001, len(middle), len(front), len(front) + len(middle))
    end = end_record(0xFFFF, len(middle), len(front))
    return write(directory, "a.zip", front + middle + ends + end)


@bomb(["last"], seconds=240, megabytes=600)
def bomb_million_tar_members(directory, payload):
    path = write(directory, "a.tar", b"")
    block = member("member", b"x")
    with open(path, "wb") as file:
        for _ in range(100):
            file.write(block * 5000)
        file.write(member("last", payload) + END)
    return path


@bomb(None, "members", seconds=60, options=["--max-members", "1000"])
def bomb_too_many_members(directory, payload):
    members = [(f"member-{n}", b"x") for n in range(2000)]
    return write(directory, "a.zip", zip_of([*members, (NAME, payload)], 0))


@bomb(["<gz>"], seconds=40)
def bomb_gzip_of_many_members(directory, payload):
    return write(directory, "a.gz", gzip_of(payload) + gzip_of(b"x") * 100_000)


@bomb(["<gz>"], seconds=40)
def bomb_gzip_of_many_empty_members(directory, payload):
    return write(directory, "a.gz", gzip_of(b"") * 500_000 + gzip_of(payload))


@bomb(["<zst>"], seconds=40)
def bomb_million_empty_zstd_frames(directory, payload):
    content = frames.empty_zstd_frame() * 1_000_000 + frames.zstd_frame(frames.zstd_block(payload))
    return write(directory, "a.zst", content)


@bomb(["<lz4>"], seconds=80)
def bomb_million_empty_lz4_frames(directory, payload):
    content = frames.lz4_frame() * 1_000_000 + frames.lz4_frame(frames.lz4_block(payload))
    return write(directory, "a.lz4", content)


@bomb(["<xz>"], seconds=40)
def bomb_many_empty_xz_streams(directory, payload):
    return write(directory, "a.xz", xz_of(b"") * 100_000 + xz_of(payload))


@bomb(["<bz2>"], seconds=40)
def bomb_many_empty_bzip2_streams(directory, payload):
    return write(directory, "a.bz2", bz2.compress(b"") * 200_000 + bz2.compress(payload))


@bomb(["<zst>"], seconds=40)
def bomb_million_skippable_frames(directory, payload):
    last = frames.zstd_frame(frames.zstd_block(payload))
    content = frames.empty_zstd_frame() + frames.skippable_frame(b"") * 1_000_000 + last
    return write(directory, "a.zst", content)


@bomb(None, "corrupt", seconds=120)
def bomb_gzip_magics(directory, payload):
    """Each may be the beginning of a stream, and none is."""
    return write(directory, "a.gz", b"\x1f\x8b\x08\0" * 2_000_000)


@bomb(None, "corrupt", seconds=120)
def bomb_zip_headers_only(directory, payload):
    """Local headers that say no more than that they are ones."""
    front = Member("n", b"x" * 9, STORED).local
    return write(directory, "a.zip", local_header({**front, "packed": 1 << 30}) * 100_000)


@bomb(["d/" * 16384], seconds=40)
def bomb_deep_directory_name(directory, payload):
    """Cut to 32 KiB for the report."""
    name = b"/".join([b"d"] * 30000)
    return write(directory, "a.zip", zip_bytes(Member(name, payload)))


@bomb([NAME], seconds=40)
def bomb_pax_headers(directory, payload):
    content = b"".join(record(b"a%d" % n, b"b") for n in range(100_000))
    blocks = member("x", content, b"x") + member(NAME, payload) + END
    return write(directory, "a.tar", blocks)


# ---- what claims much ------------------------------------------------------------------------


@bomb(["big", NAME], "truncated", seconds=20)
def bomb_tar_size_of_2_63(directory, payload):
    front = header("big", b"\x80\0\0\0\x80\0\0\0\0\0\0\0")
    return write(directory, "a.tar", front + member(NAME, payload) + END)


@bomb(["<lzma>"], seconds=20)
def bomb_lzma_dictionary_of_4g(directory, payload):
    packed = bytearray(lzma.compress(payload, lzma.FORMAT_ALONE))
    packed[1:5] = b"\xff" * 4
    return write(directory, "a.lzma", bytes(packed))


@bomb(["<zst>"], seconds=20)
def bomb_zstd_window_of_1t(directory, payload):
    content = frames.zstd_frame(frames.zstd_block(payload), window=0xFF)
    return write(directory, "a.zst", content)


@bomb(None, "codec-memory", seconds=20)
def bomb_xz_dictionary_of_4g(directory, payload):
    packed = bytearray(xz_of(payload))
    packed[16] = 40
    packed[20:24] = struct.pack("<I", zlib.crc32(bytes(packed[12:20])))
    return write(directory, "a.xz", bytes(packed))


@bomb(["sparse"], seconds=20)
def bomb_sparse_of_many_terabytes(directory, payload):
    front = header("sparse", len(payload), b"S", b"ustar  \0",
                   at_386=b"77777777777\0" + b"%011o\0" % len(payload),
                   at_483=b"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff")  # fmt: skip
    return write(directory, "a.tar", front + padded(payload) + END)


@bomb([NAME], "corrupt", seconds=20)
def bomb_zip_sizes_of_2_64(directory, payload):
    huge = Member("huge", text(500), data=deflated(text(500)) + noise(9), both={"crc": 1})
    return write(directory, "a.zip", zip_bytes(huge, Member(NAME, payload)))


@bomb(["a.7z", NAME], seconds=40)
def bomb_7z_after_zeros(directory, payload):
    path = write(directory, NAME, payload)
    run("7z", "a", "-bd", "a.7z", NAME, cwd=directory)
    path.unlink()
    inner = path.with_name("a.7z")
    content = inner.read_bytes()
    inner.unlink()
    zeros = Member("zeros", bytes(50 << 20))
    return write(directory, "a.zip", zip_bytes(zeros, Member("a.7z", content)))
