"""Databases in one file, written from docs/database-format.md alone.

SEEDS: {fuzz target: [(name, content)]}."""

import hashlib
import json
import re
import struct

FILES = {
    "a.yar": b"rule a { condition: true }\n",
    "hashes/all.hashes": b"44d88612fea8a8f36de82e1278abb02f\t68\ttest\thigh\n",
    "deep/" * 30 + "long.yar": b"rule b { condition: false }\n",
}


def canonical(value):
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=True)
    # Digits of escapes are capitals.
    return re.sub(r"\\u\w{4}", lambda found: "\\u" + found[0][2:].upper(), text).encode() + b"\n"


def manifest(files=FILES, **changes):
    fields = {
        "format": 1,
        "name": "seed",
        "description": "d\u00e9j\u00e0 vu",
        "licence": "MIT",
        "serial": 7,
        "created": "2025-11-25T12:00:00Z",
        "expires": "2026-11-25T12:00:00Z",
        "min_engine": "0.1.0",
        "counts": {"rules": 2, "md5": 1, "sha1": 0, "sha256": 0},
        "files": [
            {"name": name, "size": len(text), "sha256": hashlib.sha256(text).hexdigest()}
            for name, text in sorted(files.items())
        ],
        "skipped": [{"name": "b\u00f6se.ndb", "line": 12, "reason": "not exact"}],
    }
    return canonical(fields | changes)


def members(signatures=(b"one", b"two"), files=FILES, **changes):
    yield "manifest.json", manifest(files, **changes)
    for number, text in enumerate(signatures, 1):
        yield "manifest.json.minisig" + (f".{number}" if number > 1 else ""), text
    yield from sorted(files.items())


def header(name, size):
    prefix = ""
    if len(name) > 100:
        slash = name.rindex("/", 0, 156)
        prefix, name = name[:slash], name[slash + 1 :]
    fields = [
        (100, name), (8, "0000644"), (8, "0000000"), (8, "0000000"), (12, f"{size:011o}"),
        (12, "00000000000"), (8, " " * 8), (1, "0"), (100, ""), (6, "ustar"), (2, "00"), (32, ""),
        (32, ""), (8, "0000000"), (8, "0000000"), (155, prefix), (12, ""),
    ]  # fmt: skip
    block = b"".join(text.encode().ljust(room, b"\0") for room, text in fields)
    return block[:148] + f"{sum(block):06o}\0 ".encode() + block[156:]


def tar(entries):
    blocks = [
        header(name, len(text)) + text.ljust(-(-len(text) // 512) * 512, b"\0")
        for name, text in entries
    ]
    return b"".join(blocks) + bytes(1024)


# ---- zstd: a frame of blocks that are stored, or one byte many times ------------------------------


def xxh64(data):
    """XXH64 of less than 32 bytes, or more, with seed 0 (xxhash.com, specification)."""
    mask = (1 << 64) - 1
    p1, p2, p3, p4, p5 = (
        0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9,
        0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5,
    )  # fmt: skip

    def turn(value, bits):
        return (value << bits | value >> (64 - bits)) & mask

    def step(value, lane):
        return turn((value + lane * p2) & mask, 31) * p1 & mask

    at = 0
    value = p5
    if len(data) >= 32:
        lanes = [(p1 + p2) & mask, p2, 0, -p1 & mask]
        while at + 32 <= len(data):
            for i, lane in enumerate(struct.unpack_from("<4Q", data, at)):
                lanes[i] = step(lanes[i], lane)
            at += 32
        value = sum(turn(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18))) & mask
        for lane in lanes:
            value = ((value ^ step(0, lane)) * p1 + p4) & mask
    value = (value + len(data)) & mask
    while at + 8 <= len(data):
        lane = struct.unpack_from("<Q", data, at)[0]
        value = (turn(value ^ step(0, lane), 27) * p1 + p4) & mask
        at += 8
    if at + 4 <= len(data):
        lane = struct.unpack_from("<I", data, at)[0]
        value = (turn(value ^ lane * p1 & mask, 23) * p2 + p3) & mask
        at += 4
    for byte in data[at:]:
        value = turn(value ^ byte * p5 & mask, 11) * p1 & mask
    value = (value ^ value >> 33) * p2 & mask
    value = (value ^ value >> 29) * p3 & mask
    return value ^ value >> 32


def frame(data, window=20, checksum=True, kind=0):
    head = struct.pack("<IBB", 0xFD2FB528, 4 if checksum else 0, (window - 10) << 3)
    size = len(data)
    block = struct.pack("<I", 1 | kind << 1 | size << 3)[:3] + (data if kind == 0 else data[:1])
    tail = struct.pack("<I", xxh64(data) & 0xFFFFFFFF) if checksum else b""
    return head + block + tail


def bundle(entries, head=3):
    """Of which so many members are in the first frame."""
    entries = list(entries)
    first = tar(entries[:head])[:-1024]
    return sealed(frame(first) + frame(tar(entries[head:])))


def sealed(frames):
    return frames + struct.pack("<II", 0x184D2A5E, 32) + hashlib.sha256(frames).digest()


SEEDS = {
    "manifest": [
        ("all", manifest()),
        ("empty", manifest({}, skipped=[])),
        ("unknown", manifest({}, later={"a": [None, True, -1]})),
        ("newer", manifest({}, format=2)),
    ],
    "bundle": [
        ("all", tar(members())),
        ("unsigned", tar(members(()))),
        ("empty", tar(members((), {}))),
    ],
    "bundle_expand": [
        ("all", bundle(members())),
        ("no_checksum", sealed(frame(b"x", checksum=False) + frame(b"y"))),
        ("window", sealed(frame(b"x", window=27) + frame(b"y"))),
        ("repeated", sealed(frame(bytes(131072), kind=1) + frame(b""))),
        ("behind", bundle(members()) + frame(b"")),
    ],
}
