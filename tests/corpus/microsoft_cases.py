"""Cases for archives.py: cabinets, compiled help, and what COMPRESS.EXE made."""

import pathlib

import microsoft
from table import NAME, case, noise, run, text, write


@case([NAME], tools=["gcab"])
def cab(directory, payload):
    write(directory, NAME, payload)
    run("gcab", "-c", "-n", "-z", "a.cab", NAME, cwd=directory)
    return pathlib.Path(directory, "a.cab")


@case([NAME], tools=["gcab"])
def cab_stored(directory, payload):
    write(directory, NAME, payload)
    run("gcab", "-c", "-n", "a.cab", NAME, cwd=directory)
    return pathlib.Path(directory, "a.cab")


@case([NAME], tools=["gcab"])
def cab_reserved_fields(directory, payload):
    content = bytearray(cab(directory, payload).read_bytes())
    content[4] = 1
    return write(directory, "a.cab", content)


@case([NAME])
def cab_lzx(directory, payload):
    files = [("a", text(70000)), (NAME, payload), ("b", b"b")]
    return write(directory, "a.cab", microsoft.cab_of([microsoft.folder(files, microsoft.LZX)]))


@case([NAME])
def cab_folders_and_reserved_areas(directory, payload):
    folders = [microsoft.folder([("a", text(70000))]), microsoft.folder([(NAME, payload)])]
    content = microsoft.cab_of(folders, reserved=(b"header", b"folder", b"block"))
    return write(directory, "a.cab", content)


@case([NAME], "corrupt")
def cab_bad_check_sum(directory, payload):
    content = bytearray(microsoft.cab_of([microsoft.folder([(NAME, payload)])]))
    content[content.index(b"CK") - 8] ^= 1
    return write(directory, "a.cab", content)


@case([NAME], "corrupt")
def cab_damaged_block_before(directory, payload):
    files = [("a", noise(microsoft.BLOCK)), (NAME, payload)]
    content = bytearray(microsoft.cab_of([microsoft.folder(files)]))
    content[content.index(b"CK") + 2 : content.index(b"CK") + 50] = b"\xff" * 48
    return write(directory, "a.cab", content)


@case([NAME], "truncated")
def cab_truncated(directory, payload):
    content = microsoft.cab_of([microsoft.folder([(NAME, payload), ("b", noise(90000))])])
    return write(directory, "a.cab", content[:50000])


@case([NAME], "truncated")
def cab_truncated_in_the_only_block(directory, payload):
    content = microsoft.cab_of([microsoft.folder([(NAME, payload), ("b", noise(900))])])
    return write(directory, "a.cab", content[:-100])


@case([NAME], "missing-volume")
def cab_first_volume(directory, payload):
    first, _ = microsoft.cab_set([(NAME, payload), ("b", text(900))], len(payload) + 100)
    return write(directory, "1.cab", first)


@case([NAME], "missing-volume")
def cab_second_volume(directory, payload):
    _, second = microsoft.cab_set([("a", text(900)), (NAME, payload)], 500)
    return write(directory, "2.cab", second)


@case([NAME], "truncated")
def cab_size_is_too_large(directory, payload):
    whole = microsoft.folder([(NAME, payload)])
    content = microsoft.cab_of([whole._replace(files=[(NAME, 0, 0x7FFF0000)])])
    return write(directory, "a.cab", content)


@case(["<folder-0@0>"])
def cab_unlisted_file(directory, payload):
    whole = microsoft.folder([(NAME, payload)])
    content = microsoft.cab_of([whole._replace(files=[(NAME, 0, 0)])])
    return write(directory, "a.cab", content)


@case(["<residue@512>"])
def cab_bytes_behind(directory, payload):
    content = microsoft.cab_of([microsoft.folder([("a", b"a")])])
    return write(directory, "a.cab", content.ljust(512, b"\0") + payload)


@case(None, "unsupported")
def cab_unknown_compression(directory, payload):
    whole = microsoft.folder([(NAME, payload)])
    return write(directory, "a.cab", microsoft.cab_of([whole._replace(type=9)]))


@case([NAME], "ratio")
def cab_bomb_of_one_folder(directory, payload):
    whole = microsoft.folder([("a", payload + b"\0" * (100 * microsoft.BLOCK))])
    files = [(NAME if n == 0 else str(n), 0, 1 << 30) for n in range(60)]
    return write(directory, "a.cab", microsoft.cab_of([whole._replace(files=files)]))


# Each file ends in the last block and begins in the one before: it is decoded from the start.
@case([NAME], "corrupt")
def cab_bomb_of_overlaps(directory, payload):
    content = payload + b"\0" * (300 * microsoft.BLOCK)
    whole = microsoft.folder([("a", content)])
    begin = len(content) - 40000
    files = [(NAME, 0, len(payload))] + [(str(n), begin + n, 40000 - n) for n in range(5000)]
    return write(directory, "a.cab", microsoft.cab_of([whole._replace(files=files)]))


@case([f"/{NAME}"])
def chm_stored(directory, payload):
    return write(directory, "a.chm", microsoft.chm_of([("/a", b"a"), (f"/{NAME}", payload)]))


@case([f"/{NAME}"])
def chm_compressed(directory, payload):
    files = [("/a", text(70000)), (f"/{NAME}", payload), ("/b", b"b")]
    return write(directory, "a.chm", microsoft.chm_of([("/stored", b"x")], files))


@case([f"/{NAME}"], "corrupt")
def chm_damaged_interval_before(directory, payload):
    files = [("/a", text(microsoft.BLOCK)), (f"/{NAME}", payload)]
    content = bytearray(microsoft.chm_of([], files))
    content[content.index(text(1000)) - 15] ^= 0xFF  # the type of an LZX block
    return write(directory, "a.chm", content)


@case([f"/{NAME}"], "corrupt")
def chm_damaged_directory(directory, payload):
    content = microsoft.chm_of([(f"/{NAME}", payload)], more_entries=[("/b", 1 << 70, 0, 1)])
    return write(directory, "a.chm", content)


@case([f"/{NAME}"], "truncated")
def chm_truncated(directory, payload):
    files = [(f"/{NAME}", payload), ("/b", noise(100000))]
    return write(directory, "a.chm", microsoft.chm_of([], files)[:-90000])


@case([f"<MSCompressed@{len(text(1000))}>"])
def chm_unlisted_file(directory, payload):
    content = bytearray(microsoft.chm_of([], [("/a", text(1000)), ("/hidden", payload)]))
    entries = content.index(b"/hidden") + len(b"/hidden")
    content[entries + 3] = 0  # its size
    return write(directory, "a.chm", content)


@case(["<szdd>"])
def szdd(directory, payload):
    return write(directory, "a.ex_", microsoft.szdd_of(payload + text(5000)))


@case(["<szdd>"])
def szdd_qbasic(directory, payload):
    return write(directory, "a.ex_", microsoft.szdd_of(payload + text(5000), qbasic=True))


@case(["<szdd>"], "truncated")
def szdd_truncated(directory, payload):
    return write(directory, "a.ex_", microsoft.szdd_of(payload + text(5000))[:-1000])


for _method in microsoft.KWAJ_METHODS:

    @case(["NAME.EXT"], name=f"kwaj_{_method}")
    def kwaj(directory, payload, method=_method):
        content = microsoft.kwaj_of(payload + text(50000), method, "NAME", "EXT")
        return write(directory, "a.kwj", content)


@case(["<kwaj>"], "truncated")
def kwaj_truncated(directory, payload):
    content = microsoft.kwaj_of(payload + text(50000), "mszip")
    return write(directory, "a.kwj", content[:-1000])
