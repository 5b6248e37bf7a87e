"""Tar files that are damaged, contrived, or as old and odd programs write them."""

import io
import pathlib
import tarfile

from table import NAME, case, gzip_of, noise, run, tar_of, text, write

BLOCK = 512
END = bytes(2 * BLOCK)


def octal(number, size):
    return b"%0*o\0" % (size - 1, number)


def header(name, size, kind=b"0", magic=b"ustar\x0000", is_signed=False, **fields):
    """A header with the right check sum. `size` may be bytes, as they are in the field; so may any
    of the fields, by the offsets they have: at_345=b"prefix"."""
    block = bytearray(BLOCK)

    def put(at, content):
        block[at : at + len(content)] = content

    put(0, name if isinstance(name, bytes) else name.encode())
    put(100, octal(0o644, 8))
    put(108, octal(0, 8))
    put(116, octal(0, 8))
    put(124, size if isinstance(size, bytes) else octal(size, 12))
    put(136, octal(0, 12))
    put(156, kind)
    put(257, magic)
    for field, content in fields.items():
        put(int(field.removeprefix("at_")), content)
    put(148, b" " * 8)
    total = sum(byte - 256 if is_signed and byte > 127 else byte for byte in block)
    put(148, b"%06o\0 " % total)
    return bytes(block)


def padded(content):
    return content + bytes(-len(content) % BLOCK)


def member(name, content, kind=b"0", size=None, **fields):
    return header(name, len(content) if size is None else size, kind, **fields) + padded(content)


def record(key, value):
    """A pax record, which begins with its own length."""
    body = b" " + key + b"=" + value + b"\n"
    length = len(body)
    while len(str(length)) + len(body) != length:
        length = len(str(length)) + len(body)
    return str(length).encode() + body


def pax(*records, kind=b"x"):
    return member("pax", b"".join(records), kind)


def add(name, members, reasons, build):
    """A case whose bytes are build(payload)."""

    @case(members, *reasons, name=f"tar_{name}")
    def made(directory, payload):
        return write(directory, "a.tar", build(payload))


FIRST = member("first", text(700))
LAST = member("last", text(300))


# ---- what stands before, behind and between --------------------------------------------------

add("three_joined", [NAME], (), lambda p: FIRST + END + member(NAME, p) + END + LAST + END)
add("joined_without_end", [NAME], (), lambda p: FIRST + member(NAME, p) + LAST + END)
add("joined_far", [NAME], (), lambda p: FIRST + END * 40 + member(NAME, p) + END)
add("trailing_bytes", [NAME], ["corrupt"], lambda p: member(NAME, p) + END + noise(3000))
add("trailing_payload", ["<residue@2560>"], ["corrupt"], lambda p: FIRST + END + p)
add("payload_in_the_padding", ["<residue@522>"], (),
    lambda p: header("a", 10) + b"0123456789" + p + bytes(BLOCK - 10 - len(p)) + END)  # fmt: skip
add("payload_behind_a_link", ["link"], (), lambda p: FIRST + member("link", p, b"2") + END)
add("junk_between_members", [NAME], ["corrupt"],
    lambda p: FIRST + noise(BLOCK * 3) + member(NAME, p) + END)  # fmt: skip
add("payload_between_members", ["<residue@1536>"], ["corrupt"],
    lambda p: FIRST + padded(p) + LAST + END)  # fmt: skip
add("leading_zeros", [NAME], (), lambda p: bytes(BLOCK) + member(NAME, p) + END)
add("leading_junk", [NAME], ["corrupt"], lambda p: noise(BLOCK * 3) + member(NAME, p) + END)

# ---- headers ---------------------------------------------------------------------------------


def damaged(payload, at, count):
    content = bytearray(FIRST + member("second", text(800)) + member(NAME, payload) + END)
    content[at : at + count] = b"\xff" * count
    return bytes(content)


SECOND = len(FIRST)
add("bad_check_sum_first", [NAME], ["corrupt"], lambda p: damaged(p, 148, 4))
add("bad_check_sum_second", [NAME], ["corrupt"], lambda p: damaged(p, SECOND + 148, 4))
add("bad_header_second", [NAME], ["corrupt"], lambda p: damaged(p, SECOND, BLOCK))
add("bad_check_sum_of_payload", ["<residue@3584>"], ["corrupt"],
    lambda p: damaged(p, SECOND + 3 * BLOCK + 148, 4))  # fmt: skip
add("check_sum_of_signed_bytes", ["gr\\xf6\\xdfe"], (),
    lambda p: header(b"gr\xf6\xdfe", len(p), is_signed=True) + padded(p) + END)  # fmt: skip
add("check_sum_with_blanks", [NAME], (),
    lambda p: header(NAME, len(p)).replace(header(NAME, len(p))[148:156],
              b"%6o\0 " % int(header(NAME, len(p))[148:154], 8)) + padded(p) + END)  # fmt: skip
add("v7_without_magic", [NAME], (),
    lambda p: header(NAME, len(p), b"\0", b"") + padded(p) + END)  # fmt: skip
add("gnu_magic", [NAME], (),
    lambda p: header(NAME, len(p), b"0", b"ustar  \0") + padded(p) + END)  # fmt: skip
add("ustar_prefix", [f"some/where/{NAME}"], (),
    lambda p: header(NAME, len(p), at_345=b"some/where") + padded(p) + END)  # fmt: skip
add("unknown_type", [NAME], (), lambda p: member(NAME, p, b"Z") + END)
add("contiguous", [NAME], (), lambda p: member(NAME, p, b"7") + END)

for _label, _size in {
    "2_63": b"\x80\0\0\0\x80\0\0\0\0\0\0\0",
    "2_95": b"\xbf" + b"\xff" * 11,
    "negative": b"\xff" * 12,
    "of_7s": b"777777777777",
}.items():
    # Until the next header that is sound, and said.
    add(f"size_{_label}", [NAME], ["truncated"],
        lambda p, size=_size: member(NAME, p, size=size) + LAST + END)  # fmt: skip
    add(f"size_{_label}_before", [NAME], ["truncated"],
        lambda p, size=_size: member("a", text(90), size=size) + member(NAME, p) + END)  # fmt: skip
for _label, _size in {
    "garbage": b"junk here...",
    "empty": bytes(12),
    "letters": b"12x4567\0\0\0\0\0",
}.items():
    add(f"size_{_label}", ["<residue@512>"], ["corrupt"],
        lambda p, size=_size: member(NAME, p, size=size) + LAST + END)  # fmt: skip
add("size_0", ["<residue@512>"], ["corrupt"], lambda p: member(NAME, p, size=0) + LAST + END)
add("size_base_256", [NAME], (),
    lambda p: member(NAME, p, size=b"\x80" + len(p).to_bytes(11, "big")) + END)  # fmt: skip
add("size_in_blanks", [NAME], (),
    lambda p: member(NAME, p, size=b"%11o " % len(p)) + END)  # fmt: skip
add("size_too_large", [NAME], (),
    lambda p: member(NAME, p, size=3 * BLOCK) + bytes(2 * BLOCK) + END)  # fmt: skip

# ---- members that should have no bytes -------------------------------------------------------

for _label, _kind in {"hard_link": b"1", "symbolic_link": b"2", "device": b"3", "block_device": b"4",
                      "directory": b"5", "fifo": b"6", "volume_label": b"V",
                      "dump_directory": b"D"}.items():  # fmt: skip
    add(f"{_label}_with_bytes", [NAME], (),
        lambda p, kind=_kind: FIRST + member(NAME, p, kind) + END)  # fmt: skip
    # Some programs write a size and no bytes.
    if _kind in b"123456":
        add(f"{_label}_with_a_size_only", [NAME], (),
            lambda p, kind=_kind: header("a", 99, kind) + member(NAME, p) + END)  # fmt: skip

# ---- names -----------------------------------------------------------------------------------

for _label, _name, _shown in (
    ("absolute", b"/etc/passwd", "/etc/passwd"),
    ("parents", b"../../etc/passwd", "../../etc/passwd"),
    ("invalid_utf8", b"\xff\xfe", "\\xff\\xfe"),
    ("empty", b"", ""),
    ("control", b"\x1b[2J\r", "\\x1b[2J\\x0d"),
    ("full", b"n" * 100, "n" * 100),
):
    add(f"name_{_label}", [_shown], (),
        lambda p, name=_name: FIRST + member(name, p) + END)  # fmt: skip

LONG = b"l/" * 5000 + b"name"


def long_name(payload, name=LONG, kind=b"L"):
    return member("././@LongLink", name + b"\0", kind) + member("short", payload)


add("gnu_name_of_10k", [LONG.decode()], (), lambda p: long_name(p) + END)
add("gnu_long_name_is_empty", ["short"], (), lambda p: long_name(p, b"") + END)
add("gnu_long_link", ["short"], (), lambda p: long_name(p, kind=b"K") + END)
add("gnu_long_name_twice", [NAME], (),
    lambda p: member("x", b"first\0", b"L") + long_name(p, NAME.encode()) + END)  # fmt: skip
add("gnu_long_name_is_huge", [NAME], ["truncated"],
    lambda p: member("x", b"name\0", b"L", size=1 << 30) + member(NAME, p) + END)  # fmt: skip
add("gnu_long_name_without_member", [NAME], ["truncated"],
    lambda p: member(NAME, p) + member("x", b"name\0", b"L") + END)  # fmt: skip

# ---- pax -------------------------------------------------------------------------------------

add("pax_path", ["other/name"], (),
    lambda p: pax(record(b"path", b"other/name")) + member("a", p) + END)  # fmt: skip
add("pax_path_of_bytes", ["\\xff\\x0a"], (),
    lambda p: pax(record(b"path", b"\xff\n")) + member("a", p) + END)  # fmt: skip
add("pax_size", [NAME], (),
    lambda p: pax(record(b"size", b"%d" % len(p))) + member(NAME, p, size=0) + END)  # fmt: skip
add("pax_size_lies_huge", [NAME], ["truncated"],
    lambda p: pax(record(b"size", b"9" * 30)) + member(NAME, p) + LAST + END)  # fmt: skip
add("pax_size_lies_0", ["<residue@1536>"], ["corrupt"],
    lambda p: pax(record(b"size", b"0")) + member(NAME, p) + LAST + END)  # fmt: skip
add("pax_size_is_no_number", [NAME], (),
    lambda p: pax(record(b"size", b"-1")) + member(NAME, p) + END)  # fmt: skip
add("pax_global_path", ["everywhere"], (),
    lambda p: pax(record(b"path", b"everywhere"), kind=b"g") + member("a", p) + END)  # fmt: skip
add("pax_solaris", ["other"], (),
    lambda p: member("x", record(b"path", b"other"), b"X") + member("a", p) + END)  # fmt: skip
for _label, _body in {
    "record_too_long": b"999 path=other\n",
    "record_too_short": b"3 path=other\n",
    "record_length_0": b"0 path=other\n",
    "record_length_huge": b"99999999999999999999999 path=other\n",
    "record_without_length": b"path=other\n",
    "record_without_equals": b"15 path other!\n",
    "record_without_newline": b"14 path=other.",
    "binary": bytes(range(1, 200)),
}.items():
    add(f"pax_{_label}", [NAME], ["corrupt"],
        lambda p, body=_body: member("x", body, b"x") + member(NAME, p) + END)  # fmt: skip
add("pax_is_empty", [NAME], (), lambda p: member("x", b"", b"x") + member(NAME, p) + END)
add("pax_of_64k", [NAME], (),
    lambda p: pax(record(b"comment", text(1 << 16))) + member(NAME, p) + END)  # fmt: skip
add("pax_chain", [NAME], (), lambda p: pax(record(b"a", b"b")) * 500 + member(NAME, p) + END)

# ---- sparse ----------------------------------------------------------------------------------


def sparse_entries(*entries):
    return b"".join(octal(at, 12) + octal(size, 12) for at, size in entries)


def gnu_sparse(payload, entries, **fields):
    front = header("holes", len(payload), b"S", b"ustar  \0", at_386=sparse_entries(*entries),
                   at_483=octal(2 << 30, 12), **fields)  # fmt: skip
    return front


add("sparse_gnu_hole_of_2g", ["holes"], (),
    lambda p: gnu_sparse(p, [(0, len(p)), (2 << 30, 0)]) + padded(p) + END)  # fmt: skip
add("sparse_gnu_hole_first", ["holes"], (),
    lambda p: gnu_sparse(p, [(2 << 30, len(p))]) + padded(p) + END)  # fmt: skip
add("sparse_gnu_extended", ["holes"], (),
    lambda p: gnu_sparse(p, [(0, 1)] * 4, at_482=b"\1")
    + sparse_entries(*[(n, 1) for n in range(21)]).ljust(BLOCK, b"\0") + padded(p) + END)  # fmt: skip
add("sparse_pax_0_0", ["holes"], (),
    lambda p: pax(record(b"GNU.sparse.size", b"%d" % (2 << 30)), record(b"GNU.sparse.numblocks", b"1"),
                  record(b"GNU.sparse.offset", b"2147483580"), record(b"GNU.sparse.numbytes", b"68"))
    + member("holes", p) + END)  # fmt: skip
add("sparse_pax_0_1", ["holes"], (),
    lambda p: pax(record(b"GNU.sparse.size", b"%d" % (2 << 30)), record(b"GNU.sparse.name", b"holes"),
                  record(b"GNU.sparse.map", b"2147483580,68"))
    + member("GNUSparseFile/holes", p) + END)  # fmt: skip


def sparse_1_0(payload, sparse_map, size=2 << 30):
    told = pax(record(b"GNU.sparse.major", b"1"), record(b"GNU.sparse.minor", b"0"),
               record(b"GNU.sparse.name", b"holes"),
               record(b"GNU.sparse.realsize", b"%d" % size))  # fmt: skip
    return told + member("GNUSparseFile/holes", padded(sparse_map) + payload) + END


add("sparse_pax_1_0", ["holes"], (), lambda p: sparse_1_0(p, b"1\n2147483580\n68\n"))
add("sparse_pax_1_0_of_2_63", ["holes"], (),
    lambda p: sparse_1_0(p, b"1\n9223372036854775807\n68\n", 1 << 63))  # fmt: skip
add("sparse_pax_1_0_many_holes", ["holes"], (),
    lambda p: sparse_1_0(p, b"3000\n" + b"1\n0\n" * 2999 + b"0\n68\n"))  # fmt: skip


@case(["holes"], tools=["tar"])
def tar_sparse_gnu_by_tar(directory, payload):
    return sparse_by_tar(directory, payload, "--format=gnu")


for _version in ("0.0", "0.1", "1.0"):

    @case(["holes"], tools=["tar"], name=f"tar_sparse_{_version}_by_tar")
    def tar_sparse_by_tar(directory, payload, version=_version):
        return sparse_by_tar(directory, payload, "--format=pax", f"--sparse-version={version}")


def sparse_by_tar(directory, payload, *options):
    """The payload behind a hole of 2 GiB, and another hole behind it."""
    path = pathlib.Path(directory, "holes")
    with open(path, "wb") as file:
        file.seek(2 << 30)
        file.write(payload)
        file.truncate(3 << 30)
    run("tar", *options, "--sparse", "-cf", "a.tar", "holes", cwd=directory)
    path.unlink()
    return pathlib.Path(directory, "a.tar")


# ---- cut -------------------------------------------------------------------------------------

add("cut_in_a_member", [NAME], ["truncated"],
    lambda p: (member(NAME, p) + member("b", text(5000)))[:3000])  # fmt: skip
add("cut_in_a_header", [NAME], ["corrupt"], lambda p: (member(NAME, p) + FIRST)[: 2 * BLOCK + 200])
add("cut_at_a_boundary", [NAME], ["truncated"], lambda p: FIRST + member(NAME, p))
add("cut_behind_the_bytes", [NAME], ["truncated"], lambda p: header(NAME, len(p)) + p)
add("cut_in_the_payload", ["a"], ["truncated"], lambda p: header("a", 9999) + p)
add("cut_in_the_end", [NAME], (), lambda p: FIRST + member(NAME, p) + bytes(BLOCK))
add("cut_behind_a_header", [NAME], ["truncated"], lambda p: member(NAME, p) + header("b", 5000))
add("cut_behind_pax", [NAME], ["truncated"],
    lambda p: member(NAME, p) + pax(record(b"path", b"next")))  # fmt: skip
add("end_of_one_block", [NAME], (), lambda p: member(NAME, p) + bytes(BLOCK))
add("end_cut_in_a_block", [NAME], (), lambda p: member(NAME, p) + bytes(100))

# ---- volumes, nesting --------------------------------------------------------------------------

add("volume_that_goes_on", ["rest"], ["missing-volume"],
    lambda p: member("rest", p, b"M", at_369=octal(5000, 12)) + END)  # fmt: skip
add("volume_that_is_cut", [NAME], ["truncated"],
    lambda p: member(NAME, p) + member("b", noise(2 * BLOCK), size=9000))  # fmt: skip
add("in_tar", ["inner.tar", NAME], (),
    lambda p: FIRST + member("inner.tar", member(NAME, p) + END) + END)  # fmt: skip
add("in_tar_without_end", ["inner.tar", NAME], ["truncated"],
    lambda p: FIRST + member("inner.tar", member(NAME, p)) + END)  # fmt: skip
add("in_tar_larger_than_it", ["inner.tar", NAME], ["truncated"],
    lambda p: member("inner.tar", member(NAME, p) + END, size=1 << 33))  # fmt: skip
add("of_gzip", ["x.gz", "<gz>"], (), lambda p: FIRST + member("x.gz", gzip_of(p)) + END)
add("names_repeat", [NAME], (), lambda p: member(NAME, b"x") + member(NAME, p) + END)


@case([NAME])
def tar_members_of_other_programs(directory, payload):
    """As archives of npm have it: no directory, long times, large numbers of owners."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        info = tarfile.TarInfo(NAME)
        info.size, info.uid, info.gid, info.mtime = len(payload), 1 << 31, 1 << 40, -5
        archive.addfile(info, io.BytesIO(payload))
    return write(directory, "a.tar", out.getvalue())


for _label, _format in (
    ("gnu", tarfile.GNU_FORMAT),
    ("pax", tarfile.PAX_FORMAT),
    ("ustar", tarfile.USTAR_FORMAT),
):

    @case(None, "truncated", name=f"tar_{_label}_cut_before_the_payload")
    def tar_cut(directory, payload, form=_format):
        content = tar_of([("a", text(900)), (NAME, payload)], form)
        return write(directory, "a.tar", content[: 3 * BLOCK])
