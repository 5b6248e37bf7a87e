"""seeds.py NAME DIRECTORY: writes the first inputs of fuzz target NAME into DIRECTORY."""

import base64
import pathlib
import shutil
import struct
import sys
import tempfile

import archives
import bundles
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


def compiled_rules():
    """What fuzz_rules_binary.c puts a front before and a check sum behind."""
    for databases in ((), (b"one",), (b"first", b"", b"third" * 20)):
        body = struct.pack("<I", len(databases))
        for database in databases:
            body += struct.pack("<I", len(database)) + database
        yield f"rules_{len(databases)}", body + b"YARA and more" + struct.pack("<Q", 13)
    yield "rules_none", bytes(12)


def channel_index():
    """The index of a channel, as signatures/database/channel.h has it."""
    text = "assay-channel 1\nname stable\nserial 57\nsize 123456\n"
    text += f"sha256 {'0123456789abcdef' * 4}\nfile stable-57.asdb\n"
    yield "index", text.encode()


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


def signing_texts():
    """A public key, a signature and a secret key (Ed25519, of the seed of 32 zeros, id 0), as minisign
    writes them, and a trust.ini. The key's signatures are of nothing."""
    public = bytes.fromhex("3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29")
    key = b"Ed" + bytes(8) + public
    signature = b"ED" + bytes(8 + 64)
    secret = b"Ed\0\0B2" + bytes(32 + 8 + 8) + bytes(8) + bytes(32) + public + bytes(32)

    def text(*lines):
        comments = (b"untrusted comment: seed", b"trusted comment: seed")
        lines = (base64.b64encode(line) for line in lines)
        return b"".join(a + b"\n" + b + b"\n" for a, b in zip(comments, lines))

    yield "public", text(key)
    yield "signature", text(signature, bytes(64))
    yield "secret", text(secret)
    yield "locked", text(secret[:2] + b"Sc" + secret[4:])
    yield "ini", (
        b"signatures_required = 2 ; of different keys\n"
        b"[key 0000000000000000]\ndatabases = community, lab\n"
    )


def hash_list():
    """Hashes of all kinds, sorted, as signatures/hash_set.h has them."""
    for kind, digest in enumerate((bytes(range(16)), bytes(range(20)), bytes(range(32)))):
        for size in ("*", "0", "18014398509481984"):
            yield digest, size, f"Name.{kind}", "high"
    yield b"\xff" * 32, "7", "Name.0", "info"


def hash_index():
    """The index of these, as signatures/hash_format.h has it, with the least tables."""
    names = b"\x06Name.0\x06Name.1\x06Name.2"
    content = b"ASSAYHX1".ljust(64, b"\0")
    sections = b""
    for digest_size in (16, 20, 32):
        entries = [
            digest
            + struct.pack("<I", names.index(name.encode()) - 1)
            + struct.pack("<Q", (1 << 56) - 1 if size == "*" else int(size))
            for digest, size, name, _ in hash_list()
            if len(digest) == digest_size
        ]
        at = len(content)
        content += b"".join(entries)
        buckets = len(content)
        content += struct.pack("<II", 0, len(entries)) + b"\xff" * 64
        # Only one kind is as if all had sizes.
        unsized = 0 if digest_size == 16 else 1
        sections += struct.pack("<7Q", at, len(entries), unsized, buckets, 0, buckets + 8, 0)
    at = len(content)
    content += names
    size = len(content) + 32 + len(sections)
    return content + b"ASSAYHX1" + struct.pack("<QQQ", size, at, len(names)) + sections


def store_states():
    """The state of a store, as signatures/database/store_state.h has it."""
    state = '{"format": 1, "highest": %s, "newest_signed": "2023-11-14T22:13:20Z"}\n'
    yield "empty", (state % "{}").encode()
    names = '{"a": {"": 3, "0123456789ABCDEF": 57}, "b.c": {"0123456789ABCDEF": 9}}'
    yield "names", (state % names).encode()
    yield "newer", b'{"format": 2}'


def hash_indexes():
    yield "index", hash_index()


def hash_lists():
    lines = ("\t".join((digest.hex(), *fields)) + "\n" for digest, *fields in hash_list())
    yield "list", "".join(lines).encode()


def packed_member(content):
    """The packed bytes of the first member of a zip file."""
    at = content.index(b"PK\3\4")
    size, name, extra = struct.unpack_from("<I4xHH", content, at + 18)
    begin = at + 30 + name + extra
    return content[begin : begin + size] if size else content[begin:]


# What makes the seeds of a target that takes no files.
MADE = {
    "wire": wire_frames,
    "signing": signing_texts,
    "rules_binary": compiled_rules,
    "store_state": store_states,
    "channel": channel_index,
    "response": responses,
    "matcher": executables,
    "hash_set": hash_indexes,
    "hash_index": hash_lists,
}


def seeds(name):
    """(file name, content) pairs."""
    yield "tiny", b"\0"
    yield from MADE.get(name, tuple)()
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
