"""What belongs to databases beside bundles, small: keys and signatures, channels, the state of a store,
compiled rules, hashes and their index. The first inputs of fuzz targets."""

import base64
import struct


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


def channel_index():
    """The index of a channel, as signatures/database/channel.h has it."""
    text = "assay-channel 1\nname stable\nserial 57\nsize 123456\n"
    text += f"sha256 {'0123456789abcdef' * 4}\nfile stable-57.asdb\n"
    yield "index", text.encode()


def store_states():
    """The state of a store, as signatures/database/store_state.h has it."""
    state = '{"format": 1, "highest": %s, "newest_signed": "2023-11-14T22:13:20Z"}\n'
    yield "empty", (state % "{}").encode()
    names = '{"a": {"": 3, "0123456789ABCDEF": 57}, "b.c": {"0123456789ABCDEF": 9}}'
    yield "names", (state % names).encode()
    yield "newer", b'{"format": 2}'


def compiled_rules():
    """What fuzz_rules_binary.c puts a front before and a check sum behind."""
    for databases in ((), (b"one",), (b"first", b"", b"third" * 20)):
        body = struct.pack("<I", len(databases))
        for database in databases:
            body += struct.pack("<I", len(database)) + database
        yield f"rules_{len(databases)}", body + b"YARA and more" + struct.pack("<Q", 13)
    yield "rules_none", bytes(12)


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


def hash_indexes():
    yield "index", hash_index()


def hash_lists():
    lines = ("\t".join((digest.hex(), *fields)) + "\n" for digest, *fields in hash_list())
    yield "list", "".join(lines).encode()


# What seeds.py asks for: by fuzz target, functions that make (name, content) pairs.
MADE = {
    "signing": signing_texts,
    "channel": channel_index,
    "store_state": store_states,
    "rules_binary": compiled_rules,
    "hash_set": hash_indexes,
    "hash_index": hash_lists,
}
