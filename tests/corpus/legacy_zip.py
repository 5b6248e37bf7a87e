"""The compression methods of zip that are older than deflate, which nothing writes any more.

METHODS has them all, by name: (number of the method, flags of the member, packer). A packer takes
bytes and gives bytes. They aim at using all of a format, not at small files.

    legacy_zip.py METHOD INPUT OUTPUT    writes what a packer makes of a file, without a zip around
    legacy_zip.py METHOD --zip INPUT OUTPUT    or with one
"""

import collections
import functools
import heapq
import pathlib
import struct
import sys
import zlib


class Bits:
    """Bytes that are filled bit by bit, from the lowest."""

    def __init__(self):
        self.done = bytearray()
        self.held = 0
        self.count = 0

    def put(self, value, count):
        self.held |= value << self.count
        self.count += count
        while self.count >= 8:
            self.done.append(self.held & 0xFF)
            self.held >>= 8
            self.count -= 8

    def bytes(self):
        return bytes(self.done) + (bytes([self.held]) if self.count else b"")


def matches(data, window, shortest, longest):
    """What follows each other in data: a byte, or (distance, length) of what stood there before."""
    seen = {}
    at = 0
    while at < len(data):
        key = data[at : at + shortest]
        before = seen.get(key, -1)
        length = 0
        if before >= 0 and at - before <= window and len(key) == shortest:
            most = min(longest, len(data) - at)
            length = shortest
            while length < most and data[before + length] == data[at + length]:
                length += 1
        yield (at - before, length) if length else data[at]
        for place in range(at, at + (length or 1)):
            seen[data[place : place + shortest]] = place
        at += length or 1


# ---- prefix codes ----------------------------------------------------------------------------


def code_lengths(weights, longest):
    """The length of each symbol's code; all have one, and none is longer than that."""
    heap = [(weight + 1, symbol, (symbol,)) for symbol, weight in enumerate(weights)]
    heapq.heapify(heap)
    lengths = [0] * len(weights)
    while len(heap) > 1:
        first, second = heapq.heappop(heap), heapq.heappop(heap)
        for symbol in first[2] + second[2]:
            lengths[symbol] += 1
        heapq.heappush(heap, (first[0] + second[0], first[1], first[2] + second[2]))
    if max(lengths) > longest:
        return code_lengths([weight // 2 for weight in weights], longest)
    return lengths


def inverted_codes(lengths):
    """(bits, their count) of each symbol: shorter codes are the higher numbers, and so are those of
    earlier symbols. The first bit is the lowest."""
    codes = {}
    code = 0
    order = sorted(range(len(lengths)), key=lambda symbol: (-lengths[symbol], -symbol))
    for symbol in order:
        upper = f"{code >> (16 - lengths[symbol]):0{lengths[symbol]}b}"
        codes[symbol] = int(upper[::-1], 2), lengths[symbol]
        code += 1 << (16 - lengths[symbol])
    assert code == 1 << 16
    return codes


# ---- shrink ----------------------------------------------------------------------------------


class Strings:
    """The strings of shrink. `front` is kept as the reader keeps it, who does not know that a string
    whose front was forgotten cannot be used."""

    FIRST, LAST = 257, 8191

    def __init__(self):
        self.codes = {}
        self.front = {}

    def add(self, front, byte):
        """False when there is no room."""
        code = next((c for c in range(self.lowest, self.LAST + 1) if c not in self.front), None)
        if code is None:
            return False
        self.lowest = code + 1
        if front < 256 or (front in self.front and front != code):
            self.codes[front, byte] = code
        self.front[code] = front
        return True

    lowest = FIRST

    def clear(self):
        fronts = set(self.front.values())
        self.front = {code: front for code, front in self.front.items() if code in fronts}
        self.codes = {key: code for key, code in self.codes.items() if code in self.front}
        self.lowest = self.FIRST


def shrink(data, clear_every=1 << 30):
    out = Bits()
    strings = Strings()
    width = 9

    def control(what):
        out.put(256, width)
        out.put(what, width)

    current = data[0]
    for count, byte in enumerate(data[1:], 1):
        if (current, byte) in strings.codes:
            current = strings.codes[current, byte]
            continue
        while current >= 1 << width:
            control(1)
            width += 1
        out.put(current, width)
        if count % clear_every == 0:
            control(2)
            strings.clear()
        if not strings.add(current, byte):
            control(2)
            strings.clear()
            strings.add(current, byte)
        current = byte
    out.put(current, max(width, 9))
    return out.bytes()


# ---- reduce ----------------------------------------------------------------------------------

MARK = 144


def reduce_matches(data, length_bits):
    """Bytes, in which a mark begins each match."""
    longest = (1 << length_bits) - 1
    out = bytearray()
    at = 0
    for token in matches(data, 256 << (8 - length_bits), 3, 3 + longest + 255):
        distance, length = token if isinstance(token, tuple) else (0, 1)
        upper, lower = divmod(max(distance, 1) - 1, 256)
        rest = length - 3
        first = upper << length_bits | min(max(rest, 0), longest)
        if distance == 0 or first == 0:  # a mark and zero stand for the mark
            for byte in data[at : at + length]:
                out += bytes([MARK, 0]) if byte == MARK else bytes([byte])
        else:
            out += bytes([MARK, first])
            if rest >= longest:
                out.append(rest - longest)
            out.append(lower)
        at += length
    return out


def reduce(data, length_bits):
    plain = reduce_matches(data, length_bits)
    following = [collections.Counter() for _ in range(256)]
    for last, byte in zip(b"\0" + plain, plain):
        following[last][byte] += 1
    # As many as there are, up to 32, and none where there would be only one now and then.
    sets = [[byte for byte, times in c.most_common(32) if times > 1] for c in following]
    out = Bits()
    for followers in reversed(sets):
        out.put(len(followers), 6)
        for byte in followers:
            out.put(byte, 8)
    for last, byte in zip(b"\0" + plain, plain):
        followers = sets[last]
        if byte in followers:
            out.put(0, 1)
            out.put(followers.index(byte), max(1, (len(followers) - 1).bit_length()))
        else:
            if followers:
                out.put(1, 1)
            out.put(byte, 8)
    return out.bytes()


# ---- implode ---------------------------------------------------------------------------------


def put_tree(out, lengths):
    runs = []
    for length in lengths:
        if runs and runs[-1][0] == length and runs[-1][1] < 16:
            runs[-1][1] += 1
        else:
            runs.append([length, 1])
    out.put(len(runs) - 1, 8)
    for length, count in runs:
        out.put((count - 1) << 4 | (length - 1), 8)


def implode(data, window_bits, trees):
    shortest = trees
    lower_bits = window_bits - 6
    tokens = list(matches(data, 1 << window_bits, shortest, shortest + 63 + 255))
    weights = [[0] * 256, [0] * 64, [0] * 64]
    for token in tokens:
        if isinstance(token, int):
            weights[0][token] += 1
        else:
            weights[1][min(token[1] - shortest, 63)] += 1
            weights[2][(token[0] - 1) >> lower_bits] += 1
    lengths = [code_lengths(row, 16) for row in weights]
    literals, counts, distances = (inverted_codes(row) for row in lengths)
    out = Bits()
    for row in lengths[3 - trees :]:
        put_tree(out, row)
    for token in tokens:
        if isinstance(token, int):
            out.put(1, 1)
            out.put(*(literals[token] if trees == 3 else (token, 8)))
            continue
        distance, length = token[0] - 1, token[1] - shortest
        out.put(0, 1)
        out.put(distance & ((1 << lower_bits) - 1), lower_bits)
        out.put(*distances[distance >> lower_bits])
        out.put(*counts[min(length, 63)])
        if length >= 63:
            out.put(length - 63, 8)
    return out.bytes()


# ---- implode of the Data Compression Library -------------------------------------------------


def unrolled(runs):
    """Lengths of codes from "length*count" or "length"."""
    for run in runs.split():
        length, _, count = run.partition("*")
        yield from [int(length)] * int(count or 1)


DCL_LITERALS = inverted_codes(list(unrolled(
    "11 12*8 8 7 12*2 7 12*12 13 12*5 4 10 8 12 10 12 10 8 7*2 8 9 7 6 7 8 7 6 7*4 8 7*2 8*2 12 11 "
    "7 9 11 12 6 7 6*2 5 7 8*2 6 11 9 6 7 6*2 7 11 6*3 7 9 8 9*2 11 8 11 9 12 8 12 5 6*3 5 6*3 5 "
    "11 7 5 6 5*2 6 10 5*4 8 7 8*2 10 11*2 12*3 13*48 12*48 13 12 13*3 12 13*3 12 13*4 12 13*3 "
    "12*3 13*11"
)))  # fmt: skip
DCL_LENGTHS = inverted_codes(list(unrolled("2 3*3 4*3 5*4 6*3 7*2")))
DCL_DISTANCES = inverted_codes(list(unrolled("2 4*2 5*4 6*15 7*26 8*16")))
# Lengths from here up are told by this symbol and so many bits.
DCL_FROM = [(3, 0, 0), (2, 1, 0)] + [(n, n - 2, 0) for n in range(4, 10)]
DCL_FROM += [((1 << bits) + 8, bits + 7, bits) for bits in range(1, 9)]


def put_dcl_length(out, length):
    base, symbol, extra = max(row for row in DCL_FROM if row[0] <= length)
    out.put(*DCL_LENGTHS[symbol])
    out.put(length - base, extra)


def dcl_implode(data, window_bits, coded):
    out = Bits()
    out.put(coded, 8)
    out.put(window_bits - 6, 8)
    for token in matches(data, 1 << window_bits, 3, 518):
        if isinstance(token, int):
            out.put(0, 1)
            out.put(*(DCL_LITERALS[token] if coded else (token, 8)))
            continue
        lower_bits = 2 if token[1] == 2 else window_bits - 6
        out.put(1, 1)
        put_dcl_length(out, token[1])
        out.put(*DCL_DISTANCES[(token[0] - 1) >> lower_bits])
        out.put((token[0] - 1) & ((1 << lower_bits) - 1), lower_bits)
    out.put(1, 1)
    put_dcl_length(out, 519)
    return out.bytes()


# ---- all of them -----------------------------------------------------------------------------

METHODS = {
    "shrink": (1, 0, shrink),
    "shrink-clear": (1, 0, functools.partial(shrink, clear_every=7)),
    "reduce-1": (2, 0, functools.partial(reduce, length_bits=7)),
    "reduce-2": (3, 0, functools.partial(reduce, length_bits=6)),
    "reduce-3": (4, 0, functools.partial(reduce, length_bits=5)),
    "reduce-4": (5, 0, functools.partial(reduce, length_bits=4)),
    "implode-4k-2": (6, 0, functools.partial(implode, window_bits=12, trees=2)),
    "implode-8k-2": (6, 2, functools.partial(implode, window_bits=13, trees=2)),
    "implode-4k-3": (6, 4, functools.partial(implode, window_bits=12, trees=3)),
    "implode-8k-3": (6, 6, functools.partial(implode, window_bits=13, trees=3)),
    "dcl-1k": (10, 0, functools.partial(dcl_implode, window_bits=10, coded=0)),
    "dcl-4k-coded": (10, 0, functools.partial(dcl_implode, window_bits=12, coded=1)),
}


def zip_of(name, content, method):
    """A zip file with one member, packed with one of METHODS."""
    number, flags, pack = METHODS[method]
    packed = pack(content)
    sizes = zlib.crc32(content), len(packed), len(content)
    common = struct.pack("<HHHIIIIHH", 20, flags, number, 0x58210000, *sizes, len(name), 0)
    local = b"PK\3\4" + common + name.encode() + packed
    central = b"PK\1\2" + struct.pack("<H", 20) + common + bytes(14) + name.encode()
    end = struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + b"PK\5\6" + end


def main(method, *options):
    *options, source, target = options
    content = pathlib.Path(source).read_bytes()
    whole = zip_of("content", content, method) if options else METHODS[method][2](content)
    pathlib.Path(target).write_bytes(whole)


if __name__ == "__main__":
    main(*sys.argv[1:])
