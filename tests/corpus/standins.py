"""Harmless stand-ins for what the built-in rules look for, and near misses.

The texts are in standins/THEME.txt, one file for each rule file:

    == Rule_Name (kind)
    a text that this rule, and no other, must match
    -- why this is not what the rule looks for (kind)
    a text that no rule may match

They cannot do harm: programs leave at once, and addresses are those reserved for examples. "@@"
stands in the middle of telling words and is taken out here, so that the texts, as they are stored,
match nothing. Kinds: "hex" for bytes, "wide" for UTF-16, "xor" for bytes under a key; "elf",
"elf-so", "elf-rel", "pe" and "lnk" put the first bytes of such a file before the text; "pad" puts
it far into the file. No such file can be run: it has no program in it.
"""

import collections
import pathlib
import re
import struct

import harness

TEXTS = pathlib.Path(__file__).with_name("standins")
RULES = harness.SOURCE / "signatures" / "rules"

StandIn = collections.namedtuple("StandIn", "rule content")  # rule is None for a near miss


def elf(kind):
    return b"\x7fELF\x02\x01\x01".ljust(16, b"\0") + struct.pack("<H", kind).ljust(48, b"\0")


PREFIXES = {
    "elf-rel": elf(1),
    "elf": elf(2),
    "elf-so": elf(3),
    "pe": b"MZ".ljust(64, b"\0"),
    "lnk": bytes.fromhex("4c0000000114020000000000c000000000000046").ljust(76, b"\0"),
}
WORDS = {"%WALLET%": "4" + "A" * 94, "%FILL%": "QUFB" * 32, "@@": ""}


def build(text, kinds):
    """The bytes of one stand-in: its text, changed as its kinds say."""
    for word, replacement in WORDS.items():
        text = text.replace(word, replacement)
    if "hex" in kinds:
        content = bytes.fromhex(text)
    else:
        content = text.encode("utf-16-le" if "wide" in kinds else "utf-8")
    if "xor" in kinds:
        content = bytes(byte ^ 0x22 for byte in content)
    if "pad" in kinds:
        content = content.rjust(4096, b"\0")
    prefix = b"".join(PREFIXES.get(kind, b"") for kind in kinds)
    return prefix + content


def read(path):
    """The stand-ins of one file."""
    for section in re.split(r"^(?=== |-- )", path.read_text(), flags=re.MULTILINE)[1:]:
        head, text = section.split("\n", 1)
        mark, title = head.split(" ", 1)
        title, kinds = re.fullmatch(r"(.*?)(?: \(([a-z -]+)\))?", title).groups()
        yield StandIn(title if mark == "==" else None, build(text, (kinds or "").split()))


def all_standins():
    """Every stand-in and near miss. EICAR is its own stand-in."""
    eicar = harness.eicar()
    result = [
        StandIn("EICAR_Test_File", eicar),
        StandIn("EICAR_Test_File", eicar + b"\r\n"),
        StandIn(None, b"about it: " + eicar),
        StandIn(None, eicar + b"." * 61),
    ]
    for path in sorted(TEXTS.glob("*.txt")):
        result.extend(read(path))
    return result


def rules():
    """The built-in rules as their sources have them: a dict of name to source text."""
    found = {}
    for path in sorted(RULES.glob("*.yar")):
        parts = re.split(r"^rule (\w+)", path.read_text(), flags=re.MULTILINE)
        found.update(zip(parts[1::2], parts[2::2]))
    return found
