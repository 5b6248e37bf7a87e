"""Files that are several things at once.

Some are known by how they begin or how they end. Others have an archive in the middle of other data,
where only looking everywhere finds it; what is found so is called <READER@OFFSET>.
"""

import bz2
import pathlib
import struct
import zlib

from frames import lz4_block, lz4_frame, skippable_frame
from hostile_tar import END, header, member, padded
from rar_records import file4, file5, rar4, rar5
from table import NAME, PROGRAM, ar_of, case, gzip_of, noise, run, tar_of, text, write, xz_of, zip_of, zstd_of
from zip_records import STORED, Member, Zip, zip_bytes



def sweep(name, suffix, members, *reasons, tools=()):
    """A case whose file is the bytes that the function below gives."""

    def add(content):
        def build(directory, payload):
            return write(directory, f"a.{suffix}", content(directory, payload))

        case(members, *reasons, tools=tools, name=f"sweep_{name}")(build)
        return content

    return add


# ---- what they are wrapped in ----------------------------------------------------------------

GIF = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"
JPEG = (
    b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"
    + b"\xff\xfe"
    + struct.pack(">H", 1002)
    + noise(1000).replace(b"\xff", b"\0")
    + b"\xff\xd9"
)
HTML = b"<!DOCTYPE html>\n<html><body>" + b"<p>words and more words</p>\n" * 40 + b"</body></html>\n"
PDF = b"%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\n" + b"% words\n" * 90


def png_chunk(kind, content):
    checked = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checked)


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + png_chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + png_chunk(b"IDAT", zlib.compress(b"\0\0"))
    + png_chunk(b"IEND", b"")
)
TEXT = text(1000)
SCRIPT = b"#!/bin/sh\n" + b"# more of the script\n" * 50 + b"exit 0\n"


def seven_zip_bytes(directory, payload):
    path = write(directory, NAME, payload)
    run("7z", "a", "-bd", "x.7z", NAME, cwd=directory)
    path.unlink()
    made = pathlib.Path(directory, "x.7z")
    content = made.read_bytes()
    made.unlink()
    return content


# ---- known by how they begin or end ------------------------------------------------------------


@case([NAME])
def polyglot_gif_zip(directory, payload):
    return write(directory, "a.gif", GIF + zip_bytes(Member(NAME, payload)))


@case([NAME])
def polyglot_jpeg_zip(directory, payload):
    return write(directory, "a.jpg", JPEG + zip_bytes(Member(NAME, payload), base=len(JPEG)))


@case([NAME])
def polyglot_png_zip(directory, payload):
    return write(directory, "a.png", PNG + zip_bytes(Member(NAME, payload)))


@case([NAME])
def polyglot_html_zip(directory, payload):
    return write(directory, "a.html", HTML + zip_bytes(Member(NAME, payload)))


@case([NAME], "unsupported")
def polyglot_pdf_zip(directory, payload):
    return write(directory, "a.pdf", PDF + zip_bytes(Member(NAME, payload)))


@case([NAME])
def polyglot_script_zip(directory, payload):
    return write(directory, "a.sh", SCRIPT + zip_bytes(Member(NAME, payload)))


@case([f"<7z@{len(PROGRAM)}>", NAME], tools=["7z"])
def polyglot_program_7z(directory, payload):
    return write(directory, "a", PROGRAM + seven_zip_bytes(directory, payload))


@case([NAME], "corrupt")
def polyglot_tar_zip(directory, payload):
    """A tar whose first member is named like the mark of a zip file, and a zip behind it."""
    front = tar_of([("PK\3\4", text(900))])
    return write(directory, "a.tar", front + zip_bytes(Member(NAME, payload)))


@case([NAME], "corrupt")
def polyglot_gzip_zip(directory, payload):
    return write(directory, "a.gz", gzip_of(text(900)) + zip_bytes(Member(NAME, payload)))


@case(["<gz>"], "corrupt")
def polyglot_gzip_with_zip_behind(directory, payload):
    return write(directory, "a.gz", gzip_of(payload) + zip_of([("a", text(900))]))


@case([NAME], "corrupt")
def polyglot_bzip2_zip(directory, payload):
    return write(directory, "a.bz2", bz2.compress(text(900)) + zip_bytes(Member(NAME, payload)))


@case([NAME])
def polyglot_tar_in_the_name_of_a_zip(directory, payload):
    """The name of the zip's only member makes the block of a tar header."""
    inner = header("a", 0)[30 + 4 :]
    return write(directory, "a.zip", zip_bytes(Member(inner.rstrip(b"\0") + b"n", b"x"),
                                               Member(NAME, payload)))  # fmt: skip


@case([NAME], "corrupt")
def polyglot_ar_zip(directory, payload):
    return write(directory, "a.a", ar_of([("a.o", text(900))]) + zip_bytes(Member(NAME, payload)))


# ---- found by looking everywhere ---------------------------------------------------------------


@sweep("zip_between_text_and_text", "txt", ["<zip@%d>" % len(TEXT), NAME])
def zip_between(directory, payload):
    return TEXT + zip_bytes(Member(NAME, payload)) + text(999)


@sweep("zip_with_prefix_and_comment", "bin", ["<zip@%d>" % len(TEXT), NAME])
def zip_prefix_and_comment(directory, payload):
    return TEXT + Zip(Member(NAME, payload)).bytes(comment=text(70))


@sweep("zip_in_gif", "gif", [f"<zip@{len(GIF)}>", NAME])
def zip_in_gif(directory, payload):
    return GIF + zip_bytes(Member(NAME, payload)) + GIF


@sweep("zip_in_pdf", "pdf", [f"<zip@{len(PDF)}>", NAME], "unsupported")
def zip_in_pdf(directory, payload):
    return PDF + zip_bytes(Member(NAME, payload)) + b"\n%%EOF\n"


@sweep("zip_stored_in_program", "bin", [f"<zip@{len(PROGRAM)}>", NAME])
def zip_in_program(directory, payload):
    return PROGRAM + zip_bytes(Member(NAME, payload, STORED)) + bytes(4096)


@sweep("7z_in_jpeg", "jpg", [f"<7z@{len(JPEG)}>", NAME], tools=["7z"])
def seven_zip_in_jpeg(directory, payload):
    return JPEG + seven_zip_bytes(directory, payload)


@sweep("7z_in_jpeg_and_more", "jpg", [f"<7z@{len(JPEG)}>", NAME], tools=["7z"])
def seven_zip_in_jpeg_and_more(directory, payload):
    return JPEG + seven_zip_bytes(directory, payload) + JPEG


@sweep("gzip_in_html", "html", [f"<gzip@{len(HTML)}>", "<gz>"])
def gzip_in_html(directory, payload):
    return HTML + gzip_of(payload)


@sweep("gzip_in_the_middle_of_html", "html", [f"<gzip@{len(HTML)}>", "<gz>"])
def gzip_in_middle(directory, payload):
    return HTML + gzip_of(payload) + HTML


@sweep("tar_gz_behind_script", "sh", [f"<gzip@{len(SCRIPT)}>", "<gz>", NAME])
def tar_gz_behind_script(directory, payload):
    return SCRIPT + gzip_of(tar_of([(NAME, payload)]))


@sweep("tar_behind_program", "bin", [f"<tar@{len(PROGRAM)}>", NAME])
def tar_behind_program(directory, payload):
    return PROGRAM + member(NAME, payload) + END


@sweep("tar_at_an_odd_place", "bin", ["<tar@777>", NAME])
def tar_odd(directory, payload):
    return noise(777) + header(NAME, len(payload)) + padded(payload) + END + noise(99)


@sweep("rar4_in_png", "png", [f"<rar@{len(PNG)}>", NAME])
def rar4_in_png(directory, payload):
    return PNG + rar4(file4(NAME, payload))


@sweep("rar5_in_png", "png", [f"<rar5@{len(PNG)}>", NAME])
def rar5_in_png(directory, payload):
    return PNG + rar5(file5(NAME, payload))


@sweep("xz_between_text_and_text", "txt", ["<xz@%d>" % len(TEXT), "<xz>"])
def xz_between(directory, payload):
    return TEXT + xz_of(payload) + text(500)


@sweep("bzip2_between_text_and_text", "txt", ["<bzip2@%d>" % len(TEXT), "<bz2>"])
def bzip2_between(directory, payload):
    return TEXT + bz2.compress(payload) + text(500)


@sweep("zstd_between_text_and_text", "txt", ["<zstd@%d>" % len(TEXT), "<zst>"])
def zstd_between(directory, payload):
    return TEXT + zstd_of(payload) + text(500)


@sweep("lz4_between_text_and_text", "txt", ["<lz4@%d>" % len(TEXT), "<lz4>"])
def lz4_between(directory, payload):
    return TEXT + lz4_frame(lz4_block(payload)) + text(500)


@sweep("several", "bin", ["<zip@%d>" % (1000 + len(gzip_of(b"x")) + 512), NAME])
def several(directory, payload):
    return noise(1000) + gzip_of(b"x") + noise(512) + zip_bytes(Member(NAME, payload)) + noise(64)


@sweep("behind_a_skippable_frame", "bin", ["<gzip@%d>" % (len(skippable_frame(noise(99)))), "<gz>"])
def behind_skippable(directory, payload):
    return skippable_frame(noise(99)) + gzip_of(payload)


@sweep("zip_behind_gzip_and_before_text", "gz", [f"<zip@{len(gzip_of(text(900)))}>", NAME], "corrupt")
def zip_behind_gzip(directory, payload):
    return gzip_of(text(900)) + zip_bytes(Member(NAME, payload)) + text(900)


@sweep("deb_in_the_middle", "bin", ["<ar@512>", NAME])
def ar_in_the_middle(directory, payload):
    return noise(512) + ar_of([(NAME, payload)])

