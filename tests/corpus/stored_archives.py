"""Archives whose members are stored as they are: cpio, ar and .deb, rpm, WARC.

The cases go into the table of archives.py, which see.
"""

import pathlib

from archives import CODECS
from table import NAME, ar_of, case, deb_of, gzip_of, run, tar_of, write, zstd_of

# ---- cpio ------------------------------------------------------------------------------------


@case([NAME], tools=["cpio"])
def cpio_newc(directory, payload):
    write(directory, NAME, payload)
    content = run("cpio", "-o", "-H", "newc", "--quiet", cwd=directory, data=NAME.encode())
    return write(directory, "a.cpio", content)


@case([NAME], tools=["cpio"])
def cpio_odc(directory, payload):
    write(directory, NAME, payload)
    content = run("cpio", "-o", "-H", "odc", "--quiet", cwd=directory, data=NAME.encode())
    return write(directory, "a.cpio", content)


# Linux boots from such: an archive behind the other, each filled up to whole blocks.
@case([NAME], tools=["cpio"])
def cpio_joined(directory, payload):
    path = cpio_newc(directory, b"harmless")
    first = path.read_bytes()
    return write(directory, "a.cpio", first + cpio_newc(directory, payload).read_bytes())


# The first updates the processor, the second is compressed.
@case(["<residue@512>", "<zst>", NAME], tools=["cpio", "zstd"])
def cpio_initramfs(directory, payload):
    first = cpio_newc(directory, b"harmless").read_bytes()
    second = zstd_of(cpio_newc(directory, payload).read_bytes())
    return write(directory, "initrd.img", first + second)


@case([NAME], tools=["cpio"])
def cpio_binary(directory, payload):
    write(directory, NAME, payload)
    content = run("cpio", "-o", "--quiet", cwd=directory, data=NAME.encode())
    return write(directory, "a.cpio", content)


@case([NAME], "corrupt", tools=["cpio"])
def cpio_wrong_sum(directory, payload):
    write(directory, NAME, payload)
    content = bytearray(run("cpio", "-o", "-H", "crc", "--quiet", cwd=directory, data=NAME.encode()))
    content[102:110] = b"00000001"
    return write(directory, "a.cpio", content)


@case([NAME], "corrupt", tools=["cpio"])
def cpio_damaged_header(directory, payload):
    write(directory, "a", b"harmless")
    write(directory, NAME, payload)
    names = f"a\n{NAME}\n".encode()
    content = bytearray(run("cpio", "-o", "-H", "newc", "--quiet", cwd=directory, data=names))
    content[3] = ord("?")
    content = run("cpio", "-o", "-H", "newc", "--quiet", cwd=directory, data=b"a") + content
    return write(directory, "a.cpio", content.replace(b"TRAILER!!!", b"no trailer", 1))


@case([NAME], "truncated", tools=["cpio"])
def cpio_truncated(directory, payload):
    content = cpio_newc(directory, payload).read_bytes()
    return write(directory, "a.cpio", content[: content.index(payload) + len(payload)])


@case([NAME], "truncated", tools=["cpio"])
def cpio_size_lies(directory, payload):
    write(directory, "a", b"harmless")
    write(directory, NAME, payload)
    names = f"a\n{NAME}\n".encode()
    content = bytearray(run("cpio", "-o", "-H", "newc", "--quiet", cwd=directory, data=names))
    content[54:62] = b"7fffffff"
    return write(directory, "a.cpio", content)


# ---- ar --------------------------------------------------------------------------------------


@case([NAME])
def ar_archive(directory, payload):
    return write(directory, "a.a", ar_of([("a.o", b"a"), (NAME, payload)]))


@case([NAME], "corrupt")
def ar_damaged_header(directory, payload):
    content = ar_of([("a.o", b"a")]) + b"?" * 60 + ar_of([(NAME, payload)])[8:]
    return write(directory, "a.a", content)


@case([NAME], "truncated")
def ar_size_lies(directory, payload):
    content = bytearray(ar_of([("a.o", b"a"), (NAME, payload)]))
    content[56:66] = b"9999999999"
    return write(directory, "a.a", content)


@case(["a name that does not fit into sixteen bytes"], tools=["ar"])
def ar_long_name(directory, payload):
    name = "a name that does not fit into sixteen bytes"
    write(directory, name, payload)
    run("ar", "qc", "a.a", name, cwd=directory)
    return pathlib.Path(directory, "a.a")


@case([NAME], "truncated")
def ar_header_cut(directory, payload):
    whole = ar_of([(NAME, payload), ("b.o", b"b")])
    return write(directory, "a.a", whole[: len(whole) - 30])


for _suffix in ("gz", "xz", "zst"):
    _compress, _tools = CODECS[_suffix]

    @case(
        [f"data.tar.{_suffix}", f"<{_suffix}>", "./usr/bin/payload"],
        tools=_tools,
        name=f"deb_{_suffix}",
    )
    def deb(directory, payload, compress=_compress, suffix=_suffix):
        return write(directory, "a.deb", deb_of(payload, compress, suffix))


# ---- rpm -------------------------------------------------------------------------------------


def rpm_of(directory, content, payload):
    """The path of a package that installs usr/bin/payload; payload is rpm's word for its codec."""
    write(directory, "content", content)
    spec = f"""
Name: assay-test
Version: 1
Release: 1
Summary: a test
License: none
BuildArch: noarch
%description
a test
%install
mkdir -p %{{buildroot}}/usr/bin
cp {directory}/content %{{buildroot}}/usr/bin/payload
%files
/usr/bin/payload
"""
    path = write(directory, "test.spec", spec.encode())
    settings = {"_topdir": directory, "_binary_payload": payload, "_buildhost": "test"}
    defines = [word for pair in settings.items() for word in ("--define", "%s %s" % pair)]
    run("rpmbuild", "-bb", "--quiet", *defines, path, cwd=directory)
    return next(pathlib.Path(directory, "RPMS").glob("*/*.rpm"))


for _payload, _suffix in (("w9.gzdio", "gz"), ("w9.bzdio", "bz2"), ("w6.xzdio", "xz"),
                          ("w6.lzdio", "lzma"), ("w3.zstdio", "zst")):  # fmt: skip

    @case(
        ["<payload>", f"<{_suffix}>", "./usr/bin/payload"], tools=["rpmbuild"], name=f"rpm_{_suffix}"
    )
    def rpm(directory, payload, word=_payload):
        return rpm_of(directory, payload, word)


@case(["<payload>", "<gz>", "./usr/bin/payload"], tools=["rpmbuild"])
def rpm_without_lead(directory, payload):
    content = rpm_of(directory, payload, "w9.gzdio").read_bytes()
    return write(directory, "a.rpm", content[96:])


@case(["<payload>", "<gz>", "./usr/bin/payload"], "truncated", tools=["rpmbuild"])
def rpm_signatures_lie(directory, payload):
    content = bytearray(rpm_of(directory, payload, "w9.gzdio").read_bytes())
    content[104:112] = b"\xff" * 8
    return write(directory, "a.rpm", content)


@case(None, "truncated", tools=["rpmbuild"])
def rpm_truncated(directory, payload):
    content = rpm_of(directory, payload, "w9.gzdio").read_bytes()
    return write(directory, "a.rpm", content[:1000])


# ---- WARC ------------------------------------------------------------------------------------


def warc_record(kind, uri, media, block, length=None):
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {uri}\r\nContent-Type: {media}\r\n"
    head += f"Content-Length: {len(block) if length is None else length}\r\n\r\n"
    return head.encode() + block + b"\r\n\r\n"


def warc_response(uri, fields, body):
    block = b"HTTP/1.1 200 OK\r\n" + fields + b"\r\n" + body
    return warc_record("response", uri, "application/http; msgtype=response", block)


@case(["http://x/payload"])
def warc_plain(directory, payload):
    content = warc_record("warcinfo", "x:info", "application/warc-fields", b"software: x\r\n")
    content += warc_response("http://x/payload", b"Content-Type: text/plain\r\n", payload)
    return write(directory, "a.warc", content)


@case(["<gz>", "http://x/payload", "<gz>"])
def warc_gz(directory, payload):
    # Each record is a stream of its own.
    content = gzip_of(warc_record("resource", "x:first", "text/plain", b"harmless"))
    body = warc_response("http://x/payload", b"Content-Encoding: gzip\r\n", gzip_of(payload))
    return write(directory, "a.warc.gz", content + gzip_of(body))


@case(["http://x/payload"])
def warc_chunked(directory, payload):
    body = b"a\r\n" + payload[:10] + b"\r\n%x;x=y\r\n" % len(payload[10:]) + payload[10:]
    content = warc_response(
        "http://x/payload", b"Transfer-Encoding: chunked\r\n", body + b"\r\n0\r\n\r\n"
    )
    return write(directory, "a.warc", content)


@case(["x:second"], "corrupt")
def warc_length_lies(directory, payload):
    content = warc_record("resource", "x:first", "text/plain", b"harmless", 50)
    content += warc_record("resource", "x:second", "text/plain", payload)
    return write(directory, "a.warc", content)


@case(["x:second"], "truncated")
def warc_length_is_huge(directory, payload):
    content = warc_record("resource", "x:first", "text/plain", b"harmless", 1 << 50)
    content += warc_record("resource", "x:second", "text/plain", payload)
    return write(directory, "a.warc", content)
