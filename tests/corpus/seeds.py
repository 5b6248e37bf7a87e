"""seeds.py NAME DIRECTORY: writes the first inputs of fuzz target NAME into DIRECTORY."""

import pathlib
import shutil
import struct
import sys
import tempfile

import archives

PAYLOAD = b"a harmless payload"
LARGEST = 64 << 10  # bytes; larger seeds only make fuzzing slow

# Which cases of the corpus a target reads: by the beginnings of their names.
TARGETS = {
    "zip": ("zip_",),
    "tar": ("tar_",),
    "codecs": ("codec_", "truncated_", "gzip_"),
    "containers": ("seven_zip", "cpio_", "ar_", "deb_", "cab", "lha"),
    "inspect": ("",),
}


def wire_frames():
    """What a worker says, as scanner/pool/wire.c has it: native integers, texts with their size."""

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
    done = struct.pack("=QIQQI", 1, 3, 2, 0, 0)
    for name, kind, payload in (
        ("match", 13, match), ("incomplete", 13, incomplete), ("done", 14, done)
    ):
        yield name, payload
        yield name + "_frame", struct.pack("=IBBH", len(payload), kind, 0, 0) + payload


def seeds(name):
    """(file name, content) pairs."""
    yield "tiny", b"\0"
    if name == "wire":
        yield from wire_frames()
    for case in archives.CASES:
        wanted = case.name.startswith(TARGETS.get(name, ()))
        if not wanted or not all(shutil.which(tool) for tool in case.tools):
            continue
        with tempfile.TemporaryDirectory() as directory:
            content = case.build(directory, PAYLOAD).read_bytes()
        if len(content) <= LARGEST:
            yield case.name, content


def main(name, directory):
    for file_name, content in seeds(name):
        pathlib.Path(directory, file_name).write_bytes(content)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
