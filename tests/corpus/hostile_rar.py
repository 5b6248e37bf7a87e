"""RAR archives of both kinds that are damaged, cut, encrypted or contrived. All of them store."""

from rar_records import (
    MARK4,
    MARK5,
    block4,
    encrypted5,
    encryption_head5,
    end4,
    end5,
    file4,
    file5,
    main4,
    main5,
    rar4,
    rar5,
)
from table import NAME, PROGRAM, case, noise, text, write


def add(name, members, reasons, build):
    """A case whose bytes are build(payload)."""

    @case(members, *reasons, name=name)
    def made(directory, payload):
        return write(directory, "a.rar", build(payload))


# ---- what both have --------------------------------------------------------------------------


def add_kind(kind, rar, file, mark, main, end, volume):
    def both(name, members, reasons, build):
        add(f"rar{kind}_{name}", members, reasons, build)

    first, last = file("a", text(300)), file("z", text(90))
    # In a header: this one goes on in the next volume, came from the one before.
    split_after, split_before = (2, 1) if kind == 4 else (0x10, 8)
    both("stored", [NAME], (), lambda p: rar(first, file(NAME, p), last))
    both("wrong_crc", [NAME], ["corrupt"], lambda p: rar(first, file(NAME, p, crc=1)))
    both("wrong_crc_before", [NAME], ["corrupt"],
         lambda p: rar(file("a", b"x", crc=1), file(NAME, p)))  # fmt: skip
    both("wrong_head_crc", None, ["corrupt"], lambda p: rar(first, file(NAME, p, head_crc=1)))
    both("wrong_head_crc_behind", [NAME], ["corrupt"],
         lambda p: rar(file(NAME, p), file("z", b"x", head_crc=1)))  # fmt: skip
    both("cut_in_the_payload", None, ["truncated"],
         lambda p: rar(first, file(NAME, p))[: -(len(p) - 9) - len(end)])  # fmt: skip
    both("cut_behind_the_payload", [NAME], ["truncated"],
         lambda p: rar(file(NAME, p), file("z", noise(5000)))[:1000])  # fmt: skip
    both("trailing_bytes", [NAME], (), lambda p: rar(first, file(NAME, p)) + noise(500))
    both("size_huge", [NAME] if kind == 4 else None, ["truncated"],
         lambda p: rar(file(NAME, p, packed=1 << 31, unpacked=1 << 31)))  # fmt: skip
    both("unknown_method", None, ["unsupported"],
         lambda p: rar(file(NAME, p, method=0x3F if kind == 4 else 7)))  # fmt: skip
    both("first_volume", [NAME], ["missing-volume"],
         lambda p: rar(file(NAME, p), file("z", noise(99), flags=split_after), main=volume, end=1))  # fmt: skip
    both("later_volume", [NAME], ["missing-volume"],
         lambda p: rar(file("z", noise(99), flags=split_before), file(NAME, p), main=volume))  # fmt: skip
    both("behind_program", [f"<{'rar' if kind == 4 else 'rar5'}@{len(PROGRAM)}>", NAME], (),
         lambda p: PROGRAM + rar(first, file(NAME, p)))  # fmt: skip
    both("nested", ["inner.rar", NAME], (), lambda p: rar(file("inner.rar", rar(file(NAME, p)))))
    for label, name, shown in (
        ("absolute", "/etc/passwd", "/etc/passwd"),
        ("parents", "../../x", "../../x"),
        ("control", "\x1b[2J", "\\x1b[2J"),
    ):
        both(f"name_{label}", [shown], (), lambda p, name=name: rar(first, file(name, p)))
    nothing = "corrupt" if kind == 4 else "truncated"
    both("mark_only", None, [nothing], lambda p: mark)
    both("main_only", None, [nothing], lambda p: mark + main)


add_kind(4, rar4, file4, MARK4, main4(), end4(), 1)
add_kind(5, rar5, file5, MARK5, main5(), end5(), 1)

# ---- encryption ------------------------------------------------------------------------------

add("rar4_encrypted", None, ["encrypted"], lambda p: rar4(file4(NAME, noise(80), flags=0x404)))
add("rar4_encrypted_headers", None, ["encrypted"],
    lambda p: MARK4 + main4(0x80) + b"saltsalt" + noise(400))  # fmt: skip
add("rar4_encrypted_before", [NAME], ["encrypted"],
    lambda p: rar4(file4("a", noise(80), flags=0x404), file4(NAME, p)))  # fmt: skip
add("rar5_encrypted", None, ["encrypted"],
    lambda p: rar5(file5(NAME, noise(80), extra=encrypted5())))  # fmt: skip
add("rar5_encrypted_headers", None, ["encrypted"],
    lambda p: MARK5 + encryption_head5() + noise(400))  # fmt: skip
add("rar5_encrypted_before", [NAME], ["encrypted"],
    lambda p: rar5(file5("a", noise(80), extra=encrypted5()), file5(NAME, p)))  # fmt: skip

# ---- what libarchive does not read, and it is said ---------------------------------------------

add("rar4_names_repeat", None, ["corrupt"], lambda p: rar4(file4(NAME, b"x"), file4(NAME, p)))
add("rar4_old_comment", None, ["corrupt"],
    lambda p: rar4(block4(0x75, 0x8000, bytes.fromhex("05000000050000001d300000"), b"words"),
                   file4(NAME, p)))  # fmt: skip
add("rar4_unknown_block", None, ["corrupt"],
    lambda p: rar4(block4(0x79, 0x8000, b"\x05\0\0\0", b"hello"), file4(NAME, p)))  # fmt: skip
add("rar5_directory_with_bytes", None, ["corrupt"], lambda p: rar5(file5(NAME, p, kind=1)))

add("rar5_without_end", [NAME], ["truncated"], lambda p: MARK5 + main5() + file5(NAME, p))

# ---- and what it does --------------------------------------------------------------------------

add("rar4_directory_with_bytes", [NAME], (),
    lambda p: rar4(file4(NAME, p, flags=0xE0, attributes=0o040755)))  # fmt: skip
add("rar4_without_end_since_3", [NAME], ["truncated"],
    lambda p: MARK4 + main4() + file4(NAME, p, version=29))  # fmt: skip
add("rar4_without_end_before_3", [NAME], (), lambda p: MARK4 + main4() + file4(NAME, p))
add("rar5_names_repeat", [NAME], (), lambda p: rar5(file5(NAME, b"x"), file5(NAME, p)))
