"""The table of the corpus, and what its files are made with.

archives.py says what a case is; every module that it imports adds its cases here.
"""

import collections
import gzip
import io
import lzma
import os
import pathlib
import random
import subprocess
import tarfile
import zipfile
import zlib

Case = collections.namedtuple("Case", "name build members reasons tools")
CASES = []
NAME = "payload.bin"
TIME = (2024, 1, 1, 0, 0, 0)
PROGRAM = pathlib.Path("/bin/true").read_bytes()


def case(members, *reasons, tools=(), name=None):
    """Adds the function below to the table, under its own name."""

    def add(build):
        row = Case(name or build.__name__, build, members, reasons, tuple(tools))
        if any(other.name == row.name for other in CASES):
            raise ValueError(f"two cases are called {row.name}")
        CASES.append(row)
        return build

    return add


def run(*command, cwd=None, data=None):
    """Runs a tool, quietly; its standard output."""
    done = subprocess.run(
        command, cwd=cwd, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def write(directory, name, content):
    path = pathlib.Path(directory, name)
    path.write_bytes(content)
    return path


def text(size):
    """Text of which a codec leaves something over: numbers, one a line."""
    lines = b"".join(b"%d\n" % (n * n) for n in range(size // 6 + 1))
    return lines[:size]


def noise(size):
    """Bytes that no codec makes smaller; always the same."""
    return random.Random(1).randbytes(size)


# ---- the formats, in memory ------------------------------------------------------------------


def zip_of(members, method=zipfile.ZIP_DEFLATED):
    """A zip file of (name, content) pairs."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, TIME), content, method)
    return out.getvalue()


class Pipe:
    """Cannot seek, so that sizes have to follow the data."""

    def __init__(self):
        self.data = b""

    def write(self, data):
        self.data += bytes(data)
        return len(data)

    def flush(self):
        pass


def streamed_zip_of(members, method=zipfile.ZIP_DEFLATED):
    out = Pipe()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name, TIME), content, method)
    return out.data


def tar_of(members, form=tarfile.GNU_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def gzip_of(content):
    return gzip.compress(content, 6, mtime=0)


def zlib_of(content):
    return zlib.compress(content)


def xz_of(content):
    return lzma.compress(content)


def lzma_of(content):
    return lzma.compress(content, lzma.FORMAT_ALONE)


def zstd_of(content):
    return run("zstd", "-q", "-c", "--check", data=content)


def lz4_of(content):
    # Blocks of 64 KiB: of a block that is cut nothing can be decoded.
    return run("lz4", "-q", "-c", "-B4", data=content)


def lzip_of(content):
    return run("lzip", "-q", "-c", data=content)


def compress_of(content):
    return run("compress", "-f", "-c", data=content)


def ar_of(members):
    out = b"!<arch>\n"
    for name, content in members:
        out += f"{name + '/':16}{0:<12}{0:<6}{0:<6}{'100644':8}{len(content):<10}`\n".encode()
        out += content + b"\n" * (len(content) % 2)
    return out


def deb_of(content, compress, suffix):
    control = tar_of([("./control", b"Package: assay-test\nVersion: 1\n")])
    data = tar_of([("./usr/bin/payload", content)])
    return ar_of([
        ("debian-binary", b"2.0\n"),
        ("control.tar.gz", gzip_of(control)),
        (f"data.tar.{suffix}", compress(data)),
    ])  # fmt: skip


def seven_zip_of(directory, content, *options, name=NAME, kind="7z"):
    """The path of an archive made by 7z of one file."""
    write(directory, name, content)
    run("7z", "a", "-bd", f"-t{kind}", *options, f"archive.{kind}", name, cwd=directory)
    os.remove(pathlib.Path(directory, name))
    return pathlib.Path(directory, f"archive.{kind}")
