"""seeds.py NAME DIRECTORY: writes the first inputs of fuzz target NAME into DIRECTORY."""

import pathlib
import random
import shutil
import struct
import sys
import tempfile

import archives
import bundles
import databases
import handmade
import rule_lists

PAYLOAD = b"a harmless payload"
LARGEST = 64 << 10  # bytes; larger seeds only make fuzzing slow

# Which cases of the corpus a target reads: by the beginnings of their names. Without a row here:
# those that begin with its own name.
TARGETS = {
    "gzip": ("codec_gz", "gzip_"),
    "zlib": ("codec_zlib",),
    "bzip2": ("codec_bz2",),
    "xz": ("codec_xz",),
    "lzma": ("codec_lzma",),
    "zstd": ("codec_zst",),
    "lz4": ("codec_lz4",),
    "7z": ("seven_zip",),
    "rar": ("rar4_",),
    "ar": ("ar_", "deb_"),
    "lzip": ("codec_lz", "lzip_"),
    "compress": ("codec_Z",),
    "inspect": ("",),
    "sweep": ("sweep_", "polyglot_"),
}


def wire_frames():
    """What the processes say, as scanner/pool/wire.c has it: native integers, texts with their size."""

    def text(words):
        return struct.pack("I", len(words) + 1) + words + b"\0"

    member = struct.pack("=I", 5) + b"inner" + struct.pack("=I", 1)
    match = struct.pack("=IQI", 0, 18, 1) + member
    match += text(b"rule") + text(b"space") + text(b"base") + struct.pack("=I", 3) + bytes(32)
    match += struct.pack("=I", 1) + text(b"tag")
    match += struct.pack("=I", 1) + text(b"score") + struct.pack("=I", 1) + text(b"")
    match += struct.pack("=q", 75)
    match += struct.pack("=QI", 0, 1) + text(b"$a") + struct.pack("=QQI", 3, 4, 4) + b"data"
    incomplete = struct.pack("=IQI", 1, 18, 0) + struct.pack("=I", 7) + text(b"why")
    view = struct.pack("=IQI", 3, 18, 0) + text(b"zip, tar") + struct.pack("=IQ", 2, 9)
    done = struct.pack("=QIQQI", 1, 3, 2, 0, 0)
    key = struct.pack("I", 32) + bytes(range(32))
    outcome = struct.pack("=IQ", 7, 1) + text(b"words")
    for name, kind, payload in (
        ("match", 16, match), ("incomplete", 16, incomplete), ("view", 16, view), ("done", 17, done),
        ("key", 5, key), ("outcome", 12, outcome),
    ):
        yield name, payload
        yield name + "_frame", struct.pack("=IBBH", len(payload), kind, 0, 0) + payload


def responses():
    """What is in front of the body of an answer."""
    for place in ("bytes 1000-1999/2000", "bytes */2000", "bytes 0-0/*"):
        lines = ("HTTP/1.1 302 Found", "Location: /x", "", "HTTP/1.1 206 Partial Content",
                 "Content-Length: 1000", f"Content-Range: {place}", "", "")  # fmt: skip
        yield str(place.count("*")) + str(len(place)), "\r\n".join(lines).encode()


def executables():
    """The least PE and ELF that libyara's parsers go through; each has one section."""
    dos = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)
    pe = b"PE\0\0" + struct.pack("<HHIIIHH", 0x14C, 1, 0, 0, 0, 224, 0x102)
    optional = struct.pack("<H", 0x10B).ljust(92, b"\0") + struct.pack("<I", 16) + bytes(128)
    section = b".text\0\0\0" + struct.pack("<IIIIIIHHI", 512, 4096, 512, 512, 0, 0, 0, 0, 0x20)
    yield "pe", (dos + pe + optional + section).ljust(512, b"\0") + PAYLOAD.ljust(512, b"\0")
    elf = b"\x7fELF\2\1\1".ljust(16, b"\0")
    elf += struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0x400000, 64, 120, 0, 64, 56, 1, 64, 1, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, 184, 184, 4096)
    yield "elf", elf + segment + struct.pack("<IIQQQQIIQQ", 0, 1, 0, 0, 120, 64, 0, 0, 1, 0)


def numbers():
    """Numbers of which fuzz_string_keys.c makes strings, the same each time."""
    for seed in range(40):
        yield f"numbers_{seed}", random.Random(seed).randbytes(40 + 12 * seed)


def literal_sets():
    """Literals of all classes, some in any case, some that begin alike, and a view with most of them;
    undamaged, and with bytes of the header and of the tables changed."""
    words = (b"kernel32.dll", b"KERNEL32", b"Kern", b"ke", b"kernel32.dlx", bytes(4), bytes(32),
             b"\xff\xfe", b"This program cannot be run in DO", b"program can")  # fmt: skip
    literals = b"".join(
        bytes([len(word) - 2 + (155 if n % 2 else 0)]) + word for n, word in enumerate(words)
    )
    view = b"This Program cannot be run in DOS mode KERNEL32.DLL" + bytes(40) + b"kernel32"
    yield "plain", bytes([0, len(words)]) + literals + view
    yield "long", bytes([0, len(words)]) + literals + bytes(4080) + view
    for name, at in ("header", 8), ("buckets", 320), ("places", 600), ("texts", 1400):
        damages = b"".join(struct.pack(">HB", at + 8 * n, 255) for n in range(5))
        yield name, bytes([5]) + damages + bytes([len(words)]) + literals + view


def choices():
    """What tests/fuzz/condition_grammar.h chooses rules and data from; all bytes are meaningful."""
    for number in range(64):
        yield f"choices-{number}", random.Random(number).randbytes(200 + 10 * number)


def packed_member(content):
    """The packed bytes of the first member of a zip file."""
    at = content.index(b"PK\3\4")
    size, name, extra = struct.unpack_from("<I4xHH", content, at + 18)
    begin = at + 30 + name + extra
    return content[begin : begin + size] if size else content[begin:]


# What makes the seeds of a target that takes no files.
MADE = {
    "wire": wire_frames,
    "response": responses,
    "matcher": executables,
    "string_keys": numbers,
    "literal_set": literal_sets,
    "condition": choices,
}


def seeds(name):
    """(file name, content) pairs."""
    yield "tiny", b"\0"
    yield from MADE.get(name, tuple)()
    yield from databases.MADE.get(name, tuple)()
    yield from handmade.SEEDS.get(name, ())
    yield from bundles.SEEDS.get(name, ())
    yield from rule_lists.SEEDS.get(name, ())
    # What only zip has comes out of zip files: codec_shrink takes those that begin with zip_shrink.
    is_codec = name.startswith("codec_")
    own = name.replace("codec_", "zip_", 1)
    for case in archives.CASES:
        wanted = case.name.startswith(TARGETS.get(name, (own,)))
        if not wanted or not all(shutil.which(tool) for tool in case.tools):
            continue
        with tempfile.TemporaryDirectory() as directory:
            content = case.build(directory, PAYLOAD).read_bytes()
        if is_codec:
            content = packed_member(content)
        if len(content) <= LARGEST:
            yield case.name, content


def main(name, directory):
    for file_name, content in seeds(name):
        pathlib.Path(directory, file_name).write_bytes(content)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
