"""7z and LHA archives that are damaged, cut, encrypted or in volumes."""

import pathlib
import struct
import zlib

from table import NAME, PROGRAM, case, noise, run, seven_zip_of, text, write


# ---- 7z --------------------------------------------------------------------------------------


def seven_zip(directory, *contents, options=()):
    """The bytes of an archive of files that are named by their place; the last is the payload."""
    names = [*map(str, range(len(contents) - 1)), NAME]
    for name, content in zip(names, contents):
        write(directory, name, content)
    run("7z", "a", "-bd", *options, "made.7z", *names, cwd=directory)
    made = pathlib.Path(directory, "made.7z")
    content = made.read_bytes()
    for name in (*names, "made.7z"):
        pathlib.Path(directory, name).unlink()
    return content


def add_7z(name, members, reasons, change=None, before=(), options=()):
    """A case whose bytes are change(archive)."""

    @case(members, *reasons, tools=["7z"], name=f"seven_zip_{name}")
    def made(directory, payload):
        content = seven_zip(directory, *before, payload, options=options)
        return write(directory, "a.7z", change(content) if change else content)


def damaged(content, at, count=4):
    changed = bytes(byte ^ 0xFF for byte in content[at : at + count])
    return content[:at] + changed + content[at + count :]


for _method in ("Copy", "LZMA", "LZMA2", "BZip2", "Deflate", "PPMd", "Delta", "BCJ", "BCJ2"):
    _filter = [f"-m0={_method}"] if _method not in ("Delta", "BCJ", "BCJ2") else [
        f"-m0={_method}", "-m1=LZMA"]  # fmt: skip
    add_7z(f"by_{_method.lower()}", [NAME], (), before=[text(900)], options=_filter)
add_7z("headers_not_packed", [NAME], (), options=["-mhc=off"])
add_7z("solid", [NAME], (), before=[text(9000), text(300)], options=["-ms=on"])
add_7z("not_solid", [NAME], (), before=[text(9000), text(300)], options=["-ms=off"])
add_7z("trailing_bytes", [NAME], (), lambda c: c + noise(700))
add_7z("behind_program", [f"<7z@{len(PROGRAM)}>", NAME], (), lambda c: PROGRAM + c)
add_7z("bad_crc_before", [NAME], ["corrupt"], lambda c: damaged(c, 40), [text(900)],
       ["-m0=Copy", "-ms=off"])  # fmt: skip
# libarchive gives up; the stream of the other member is found where it lies.
add_7z("corrupt_member_before", ["<bzip2@1159>", "<bz2>"], ["corrupt"], lambda c: damaged(c, 60, 30), [noise(900)],
       ["-m0=BZip2", "-ms=off"])  # fmt: skip
add_7z("start_header_crc", [NAME], (), lambda c: damaged(c, 8))
add_7z("header_crc", None, ["corrupt"], lambda c: damaged(c, len(c) - 8))
add_7z("cut_in_the_header", None, ["truncated"], lambda c: c[:-10])
add_7z("cut_in_the_data", None, ["truncated"], lambda c: c[: len(c) // 2], [noise(9000)])
add_7z("start_only", None, ["truncated"], lambda c: c[:32])
add_7z("mark_only", None, ["truncated"], lambda c: c[:6] + b"\0\4")


def far_header(content):
    """A header that is said to lie 2^62 bytes further; the CRC of that is right."""
    start = struct.pack("<QQI", 1 << 62, 100, 0)
    return content[:8] + struct.pack("<I", zlib.crc32(start)) + start + content[32:]


add_7z("header_far_away", None, ["truncated"], far_header)


@case(None, "encrypted", tools=["7z"])
def seven_zip_encrypted_among_others(directory, payload):
    write(directory, "plain", text(90))
    run("7z", "a", "-bd", "a.7z", "plain", cwd=directory)
    write(directory, NAME, payload)
    run("7z", "a", "-bd", "-pnot on any list", "a.7z", NAME, cwd=directory)
    for name in ("plain", NAME):
        pathlib.Path(directory, name).unlink()
    return pathlib.Path(directory, "a.7z")


@case([NAME], "encrypted", tools=["7z"])
def seven_zip_plain_among_encrypted(directory, payload):
    write(directory, "secret", text(90))
    run("7z", "a", "-bd", "-pnot on any list", "a.7z", "secret", cwd=directory)
    write(directory, NAME, payload)
    run("7z", "a", "-bd", "a.7z", NAME, cwd=directory)
    for name in ("secret", NAME):
        pathlib.Path(directory, name).unlink()
    return pathlib.Path(directory, "a.7z")


def seven_zip_volumes(directory, payload):
    write(directory, "a", noise(9000))
    write(directory, NAME, payload)
    run("7z", "a", "-bd", "-v4k", "-m0=Copy", "a.7z", "a", NAME, cwd=directory)
    for name in ("a", NAME):
        pathlib.Path(directory, name).unlink()


@case(None, "truncated", tools=["7z"])
def seven_zip_first_volume(directory, payload):
    seven_zip_volumes(directory, payload)
    return pathlib.Path(directory, "a.7z.001")


@case(["inner.7z", NAME], tools=["7z"])
def seven_zip_in_itself(directory, payload):
    inner = seven_zip(directory, payload)
    return seven_zip_of(directory, inner, name="inner.7z")


# ---- LHA: level 0, stored ----------------------------------------------------------------------


def crc16(data):
    total = 0
    for byte in data:
        total ^= byte
        for _ in range(8):
            total = total >> 1 ^ (0xA001 if total & 1 else 0)
    return total


def lha_member(name, content, method=b"-lh0-", crc=None, packed=None, check=None):
    name = name if isinstance(name, bytes) else name.encode()
    fields = method + struct.pack(
        "<IIIBBB",
        len(content) if packed is None else packed,
        len(content),
        0x21 << 16,
        0x20,
        0,
        len(name),
    )
    fields += name + struct.pack("<H", crc16(content) if crc is None else crc)
    total = sum(fields) & 0xFF if check is None else check
    return bytes([len(fields), total]) + fields + content


def add_lha(name, members, reasons, build):
    @case(members, *reasons, name=f"lha_{name}")
    def made(directory, payload):
        return write(directory, "a.lzh", build(payload))


FIRST = lha_member("first", text(300))
add_lha("stored", [NAME], (), lambda p: FIRST + lha_member(NAME, p) + b"\0")
add_lha("lz4_stored", [NAME], (), lambda p: FIRST + lha_member(NAME, p, b"-lz4-") + b"\0")
add_lha("wrong_crc", [NAME], ["corrupt"], lambda p: FIRST + lha_member(NAME, p, crc=1) + b"\0")
add_lha("wrong_crc_before", [NAME], ["corrupt"],
        lambda p: lha_member("a", text(90), crc=1) + lha_member(NAME, p) + b"\0")  # fmt: skip
add_lha("wrong_head_sum", None, ["corrupt"], lambda p: FIRST + lha_member(NAME, p, check=1) + b"\0")
add_lha("without_end", [NAME], ["truncated"], lambda p: FIRST + lha_member(NAME, p))
add_lha("cut", [NAME], ["truncated"],
    lambda p: (lha_member(NAME, p) + lha_member("z", noise(900)))[:500])  # fmt: skip
add_lha("size_huge", [NAME], ["truncated"], lambda p: lha_member(NAME, p, packed=1 << 31) + b"\0")
add_lha("unknown_method", None, ["unsupported"], lambda p: lha_member(NAME, p, b"-lh3-") + b"\0")
add_lha("trailing_bytes", [NAME], (), lambda p: FIRST + lha_member(NAME, p) + b"\0" + noise(300))
add_lha("names_repeat", [NAME], (), lambda p: lha_member(NAME, b"x") + lha_member(NAME, p) + b"\0")
add_lha("absolute", ["/etc/passwd"], (), lambda p: FIRST + lha_member("/etc/passwd", p) + b"\0")
