"""Archives with something in them, and what a scan must say about each.

CASES is a table. A case makes one file in a directory of its own:

    build(directory, payload) -> path    the payload is what a scan has to find
    members    the path to the payload, from outside in; None when it cannot be seen
    reasons    reasons of incomplete events that must be there, too
    tools      programs that build needs, apart from Python

A case without members must give at least one reason: what is not seen is said. Every build gives
the same bytes each time, apart from what 7z and its like write about times.
"""

import bz2
import lzma
import os
import pathlib
import struct
import tarfile

import legacy_zip

from table import (  # noqa: F401: tests and other modules of the corpus use CASES
    CASES,
    NAME,
    ar_of,
    case,
    compress_of,
    deb_of,
    gzip_of,
    lz4_of,
    lzip_of,
    lzma_of,
    noise,
    run,
    seven_zip_of,
    streamed_zip_of,
    tar_of,
    text,
    write,
    xz_of,
    zip_of,
    zstd_of,
)

# ---- codecs ----------------------------------------------------------------------------------

CODECS = {
    "gz": (gzip_of, ()),
    "bz2": (bz2.compress, ()),
    "xz": (xz_of, ()),
    "lzma": (lzma_of, ()),
    "zst": (zstd_of, ("zstd",)),
    "lz4": (lz4_of, ("lz4",)),
    "lz": (lzip_of, ("lzip",)),
}


def add_codec(suffix, compress, tools):
    @case([f"<{suffix}>"], tools=tools, name=f"codec_{suffix}")
    def whole(directory, payload):
        return write(directory, f"payload.{suffix}", compress(payload))

    @case([f"<{suffix}>", NAME], tools=tools, name=f"tar_{suffix}")
    def tar(directory, payload):
        return write(directory, f"a.tar.{suffix}", compress(tar_of([(NAME, payload)])))

    @case([f"<{suffix}>", "second"], "truncated", tools=tools, name=f"truncated_{suffix}")
    def truncated(directory, payload):
        # The payload stands at the front; what is cut off comes long after it.
        content = tar_of([("second", payload), ("third", noise(1 << 20))])
        packed = compress(content)
        return write(directory, f"cut.tar.{suffix}", packed[: len(packed) - 5000])


for _suffix, (_compress, _tools) in CODECS.items():
    add_codec(_suffix, _compress, _tools)


# Without an end: that something is missing shows in what is inside.
@case(["<Z>"], tools=["compress"])
def codec_Z(directory, payload):
    return write(directory, "payload.Z", compress_of(payload))


@case(["<Z>", NAME], tools=["compress"])
def tar_Z(directory, payload):
    return write(directory, "a.tar.Z", compress_of(tar_of([(NAME, payload)])))


@case(["<Z>", "second"], "truncated", tools=["compress"])
def truncated_Z(directory, payload):
    packed = compress_of(tar_of([("second", payload), ("third", text(1 << 20))]))
    return write(directory, "cut.tar.Z", packed[: len(packed) - 5000])


@case(["<Z>", NAME], "corrupt", tools=["compress"])
def corrupt_Z(directory, payload):
    packed = bytearray(compress_of(tar_of([(NAME, payload), ("third", text(1 << 20))])))
    packed[5000:5100] = b"\xff" * 100
    return write(directory, "bad.tar.Z", packed)


@case(["<lz>"], tools=["lzip"])
def lzip_two_members(directory, payload):
    return write(directory, "two.lz", lzip_of(payload[:20]) + lzip_of(payload[20:]))


@case(["<lz>"], "corrupt", tools=["lzip"])
def lzip_wrong_check_sum(directory, payload):
    packed = bytearray(lzip_of(payload))
    packed[-20] ^= 1
    return write(directory, "bad.lz", packed)


@case(["<gz>"])
def gzip_two_members(directory, payload):
    return write(directory, "two.gz", gzip_of(payload[:20]) + gzip_of(payload[20:]))


@case(["<gz>", "<bz2>", "<xz>"])
def codecs_in_each_other(directory, payload):
    return write(directory, "x.xz.bz2.gz", gzip_of(bz2.compress(xz_of(payload))))


# ---- tar -------------------------------------------------------------------------------------


@case([NAME])
def tar_gnu(directory, payload):
    return write(directory, "a.tar", tar_of([("first", b"x"), (NAME, payload)]))


@case([f"{'deep/' * 40}{NAME}"])
def tar_gnu_long_name(directory, payload):
    return write(directory, "a.tar", tar_of([(f"{'deep/' * 40}{NAME}", payload)]))


@case([f"{'tief/' * 30}ü/{NAME}"])
def tar_pax_long_name(directory, payload):
    name = f"{'tief/' * 30}ü/{NAME}"
    return write(directory, "a.tar", tar_of([(name, payload)], tarfile.PAX_FORMAT))


@case([NAME])
def tar_ustar(directory, payload):
    return write(directory, "a.tar", tar_of([(NAME, payload)], tarfile.USTAR_FORMAT))


@case([NAME], tools=["tar"])
def tar_v7(directory, payload):
    write(directory, NAME, payload)
    run("tar", "--format=v7", "-cf", "a.tar", NAME, cwd=directory)
    return pathlib.Path(directory, "a.tar")


@case(["two\\x0alines", "<gz>"], tools=["tar"])
def tar_v7_odd_name(directory, payload):
    write(directory, "two\nlines", gzip_of(payload))
    run("tar", "--format=v7", "-cf", "a.tar", "two\nlines", cwd=directory)
    return pathlib.Path(directory, "a.tar")


@case(["holes"], tools=["tar"])
def tar_sparse(directory, payload):
    path = write(directory, "holes", payload)
    os.truncate(path, 2 << 30)
    run("tar", "--format=pax", "--sparse", "-cf", "a.tar", "holes", cwd=directory)
    path.unlink()
    return pathlib.Path(directory, "a.tar")


@case([NAME])
def tar_joined(directory, payload):
    return write(directory, "a.tar", tar_of([("a", b"a")]) + tar_of([(NAME, payload)]))


@case([NAME], "corrupt")
def tar_damaged_header(directory, payload):
    content = bytearray(tar_of([("a", b"a"), ("b", b"b"), (NAME, payload)]))
    content[1024 + 150] ^= 1
    return write(directory, "a.tar", content)


@case(["first"], "truncated")
def tar_truncated(directory, payload):
    content = tar_of([("first", payload), ("second", text(5000))])
    return write(directory, "a.tar", content[:3000])


# ---- zip -------------------------------------------------------------------------------------

for _name, _method in (("stored", 0), ("deflate", 8), ("bzip2", 12), ("lzma", 14)):

    @case([NAME], name=f"zip_{_name}")
    def zip_method(directory, payload, method=_method):
        return write(directory, "a.zip", zip_of([("a", b"a"), (NAME, payload)], method))

    @case([NAME], name=f"zip_streamed_{_name}")
    def zip_streamed(directory, payload, method=_method):
        return write(directory, "a.zip", streamed_zip_of([("a", b"a"), (NAME, payload)], method))


for _name in legacy_zip.METHODS:

    @case([NAME], name=f"zip_{_name.replace('-', '_')}")
    def zip_legacy(directory, payload, method=_name):
        content = legacy_zip.zip_of(NAME, payload + text(9000), method)
        return write(directory, "a.zip", content)


@case([NAME], "corrupt")
def zip_flags_differ(directory, payload):
    content = bytearray(legacy_zip.zip_of(NAME, payload + text(9000), "implode-8k-3"))
    content[6] = 0
    return write(directory, "a.zip", content)


@case([NAME], tools=["7z"])
def zip_deflate64(directory, payload):
    content = payload + text(200000) + payload
    return seven_zip_of(directory, content, "-mm=Deflate64", kind="zip")


@case([NAME], tools=["7z"])
def zip_ppmd(directory, payload):
    # What is shorter is stored.
    return seven_zip_of(directory, payload + text(5000), "-mm=PPMd", kind="zip")


@case([NAME])
def zip_behind_program(directory, payload):
    program = pathlib.Path("/bin/true").read_bytes()
    return write(directory, "sfx", program + zip_of([(NAME, payload)]))


@case([NAME])
def zip_joined(directory, payload):
    return write(directory, "a.zip", zip_of([(NAME, payload)]) + zip_of([("b", b"b")]))


@case([NAME], "truncated")
def zip_without_directory(directory, payload):
    content = zip_of([(NAME, payload)])
    return write(directory, "a.zip", content[: content.index(b"PK\1\2")])


@case(["b"], "corrupt")
def zip_corrupt_member_before(directory, payload):
    content = bytearray(zip_of([("a", text(3000)), ("b", payload)]))
    content[200:220] = b"\xff" * 20
    return write(directory, "a.zip", content)


@case([NAME], "corrupt")
def zip_names_differ(directory, payload):
    content = zip_of([(NAME, payload)])
    directory_at = content.index(b"PK\1\2")
    other = NAME.upper().encode()
    return write(
        directory,
        "a.zip",
        content[:directory_at] + content[directory_at:].replace(NAME.encode(), other),
    )


@case([NAME])
def zip_stored_is_deflated(directory, payload):
    content = bytearray(zip_of([(NAME, payload)]))
    struct.pack_into("<H", content, 8, 0)
    struct.pack_into("<H", content, content.index(b"PK\1\2") + 10, 0)
    return write(directory, "a.zip", content)


@case([NAME])
def zip_unlisted_member(directory, payload):
    hidden = zip_of([(NAME, payload)])
    shown = zip_of([("shown", b"harmless")])
    return write(directory, "a.zip", hidden[: hidden.index(b"PK\1\2")] + shown)


@case(None, "encrypted", tools=["7z"])
def zip_encrypted(directory, payload):
    return seven_zip_of(directory, payload, "-pnot on any list", kind="zip")


@case(None, "encrypted", tools=["7z"])
def zip_encrypted_aes(directory, payload):
    return seven_zip_of(directory, payload, "-pnot on any list", "-mem=AES256", kind="zip")


# The customary password is tried on everything.
for _cipher in ("ZipCrypto", "AES128", "AES192", "AES256"):
    for _method in ("Copy", "Deflate", "BZip2", "LZMA"):

        @case([NAME], tools=["7z"], name=f"zip_infected_{_cipher}_{_method}".lower())
        def zip_infected(directory, payload, cipher=_cipher, method=_method):
            options = (f"-mem={cipher}", f"-mm={method}")
            return seven_zip_of(directory, payload, "-pinfected", *options, kind="zip")


for _level in ("0", "9"):

    @case([NAME], tools=["zip"], name=f"zip_infected_info_zip_{_level}")
    def zip_infected_by_info_zip(directory, payload, level=_level):
        write(directory, NAME, payload)
        run("zip", "-q", f"-{level}", "-P", "infected", "a.zip", NAME, cwd=directory)
        return pathlib.Path(directory, "a.zip")

    # The check on the password is of the time then, because no CRC is known yet.
    @case([NAME], tools=["zip"], name=f"zip_infected_streamed_{_level}")
    def zip_infected_streamed(directory, payload, level=_level):
        write(directory, NAME, payload)
        content = run("zip", "-q", f"-{level}", "-P", "infected", "-", NAME, cwd=directory)
        return write(directory, "a.zip", content)


def infected_aes_of(directory, content, method, name=NAME):
    options = ("-pinfected", "-mem=AES256", f"-mm={method}")
    path = seven_zip_of(directory, content, *options, name=name, kind="zip")
    archive = path.read_bytes()
    path.unlink()
    return archive


@case(["a.zip", NAME], tools=["7z"])
def zip_infected_twice(directory, payload):
    inner = infected_aes_of(directory, payload, "Deflate")
    return write(directory, "b.zip", infected_aes_of(directory, inner, "Copy", "a.zip"))


@case([NAME], "corrupt", tools=["7z"])
def zip_infected_wrong_code(directory, payload):
    content = bytearray(infected_aes_of(directory, payload, "Copy"))
    content[content.index(b"PK\1\2") - 1] ^= 1
    return write(directory, "a.zip", content)


@case([NAME], "truncated", tools=["7z"])
def zip_infected_truncated(directory, payload):
    content = infected_aes_of(directory, payload + noise(5000), "Deflate")
    return write(directory, "a.zip", content[: len(content) - 2000])


@case(None, "encrypted", tools=["7z"])
def zip_infected_lying_verifier(directory, payload):
    content = bytearray(infected_aes_of(directory, payload, "Copy"))
    content[30 + len(NAME) + content[28] + 16] ^= 1
    return write(directory, "a.zip", content)


@case(None, "missing-volume")
def zip_first_volume(directory, payload):
    content = b"PK\7\x08" + zip_of([("a", text(9000))])
    return write(directory, "a.z01", content[:1500])


# ---- containers read by a library ------------------------------------------------------------


@case([NAME], tools=["7z"])
def seven_zip(directory, payload):
    return seven_zip_of(directory, payload)


@case(None, "encrypted", tools=["7z"])
def seven_zip_encrypted(directory, payload):
    return seven_zip_of(directory, payload, "-pnot on any list")


@case(None, "encrypted", tools=["7z"])
def seven_zip_encrypted_names(directory, payload):
    return seven_zip_of(directory, payload, "-pnot on any list", "-mhe=on")




@case([NAME], tools=["jlha"])
def lha(directory, payload):
    write(directory, NAME, payload)
    run("jlha", "aq", "a.lzh", NAME, cwd=directory)
    return pathlib.Path(directory, "a.lzh")


# ---- nesting and bounds ----------------------------------------------------------------------


@case(["inner.tar.gz", "<gz>", "inner.zip", NAME], tools=["7z"])
def nested(directory, payload):
    inner = gzip_of(tar_of([("inner.zip", zip_of([(NAME, payload)]))]))
    return seven_zip_of(directory, inner, name="inner.tar.gz")


@case(["<gz>"] * 20)
def deep(directory, payload):
    for _ in range(20):
        payload = gzip_of(payload)
    return write(directory, "deep.gz", payload)


@case(None, "depth")
def too_deep(directory, payload):
    for _ in range(30):
        payload = gzip_of(payload)
    return write(directory, "deep.gz", payload)


@case(None, "ratio", tools=["xz"])
def ratio_bomb(directory, payload):
    zeros = b"\0" * (1 << 20)
    compressor = lzma.LZMACompressor()
    packed = b"".join(compressor.compress(zeros) for _ in range(600))
    return write(directory, "bomb.xz", packed + compressor.compress(payload) + compressor.flush())


@case(["member-19999"])
def many_members(directory, payload):
    members = [(f"member-{n}", b"%d" % n) for n in range(19999)]
    return write(directory, "a.zip", zip_of(members + [("member-19999", payload)], 0))


# ---- known, and not read ---------------------------------------------------------------------


@case(None, "unsupported")
def pdf(directory, payload):
    return write(directory, "a.pdf", b"%PDF-1.7\n1 0 obj\n<</Length 1>>\nstream\nx\nendstream\n%%EOF\n")


# ---- what damages and contrives files of one format, each in a module of its own -------------

import hostile_codec  # noqa: E402, F401
import hostile_other  # noqa: E402, F401
import hostile_rar  # noqa: E402, F401
import hostile_tar  # noqa: E402, F401
import hostile_zip  # noqa: E402, F401
import hostile_zip_forms  # noqa: E402, F401
import polyglots  # noqa: E402, F401
import microsoft_cases  # noqa: E402, F401
import stored_archives  # noqa: E402, F401
