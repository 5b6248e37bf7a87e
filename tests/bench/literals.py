#!/usr/bin/env python3
"""tests/bench/literals.py DIRECTORY...: the literals of the YARA rules below, as bench-literals takes
them: of each text, and of the longest run of whole bytes of each hexadecimal string, the first 32
bytes; of long ones, to have more, also some from the middle and the end. In an order of chance that
is always the same."""

import pathlib
import random
import re
import sys

LONGEST = 32
TEXT = re.compile(rb'\$\w*\s*=\s*"((?:[^"\\\n]|\\.)*)"([^\n]*)')
HEX = re.compile(rb"\$\w*\s*=\s*\{([^}]*)\}")
ESCAPE = re.compile(rb"\\(x[0-9a-fA-F]{2}|.)")
COMMENT = re.compile(rb"//[^\n]*|/\*.*?\*/", re.DOTALL)
NO_BYTES = re.compile(rb"[^0-9a-fA-F\s]+|\?\?|\[[^\]]*\]")
LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"\r"}


def unescaped(match):
    word = match[1]
    return bytes([int(word[1:], 16)]) if len(word) == 3 else LETTERS.get(word, word)


def texts(source):
    for match in TEXT.finditer(source):
        text = ESCAPE.sub(unescaped, match[1])
        modifiers = match[2].split(b"//")[0].split()
        any_case = b"nocase" in modifiers
        text = text.lower() if any_case else text
        if b"wide" in modifiers:
            yield b"".join(bytes([byte, 0]) for byte in text), any_case
        if b"wide" not in modifiers or b"ascii" in modifiers:
            yield text, any_case


def runs(source):
    for match in HEX.finditer(source):
        digits = (re.sub(rb"\s", b"", run) for run in NO_BYTES.split(COMMENT.sub(b"", match[1])))
        yield max((bytes.fromhex(run[: len(run) & ~1].decode()) for run in digits), key=len), False


def main(directories):
    literals, more = set(), set()
    for directory in directories:
        for path in pathlib.Path(directory).rglob("*.yar*"):
            source = path.read_bytes()
            for text, any_case in (*texts(source), *runs(source)):
                text = text[:LONGEST]
                if len(text) >= 4:
                    literals.add((text, any_case))
                if len(text) >= 24:
                    more |= {(text[6:22], any_case), (text[-12:], any_case)}
    for some in sorted(literals), sorted(more - literals):
        random.Random(1).shuffle(some)
        for text, any_case in some:
            print(text.hex(), int(any_case))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
