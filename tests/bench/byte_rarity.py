#!/usr/bin/env python3
"""byte_rarity.py DIRECTORY...: the table of signatures/filter/key_rarity.c, counted in the files of
the directories (up to 1 MiB of each), the mean of three kinds with the same weight: programs, text,
and everything else. The table that is there was made from /usr/bin /usr/lib /usr/share of Debian 12."""
import collections
import math
import os
import sys

PART = 1 << 20
KINDS = ("program", "text", "other")


def kind_of(data):
    if data[:4] == b"\x7fELF" or data[:2] == b"MZ":
        return "program"
    return "other" if b"\0" in data[:4096] else "text"


def files(directories):
    for directory in directories:
        for place, _, names in os.walk(directory):
            for name in names:
                path = os.path.join(place, name)
                if os.path.isfile(path) and not os.path.islink(path):
                    yield path


def main():
    counts = {kind: collections.Counter() for kind in KINDS}
    for path in files(sys.argv[1:]):
        with open(path, "rb") as file:
            data = file.read(PART)
        counts[kind_of(data)].update(data)
    sums = {kind: max(1, sum(counts[kind].values())) for kind in KINDS}
    shares = [sum(counts[kind][byte] / sums[kind] for kind in KINDS) / len(KINDS)
              for byte in range(256)]
    bits = [min(255, round(-8 * math.log2(max(share, 1e-9)))) for share in shares]
    for line in range(0, 256, 16):
        print("    " + " ".join(f"{value}," for value in bits[line:line + 16]))


main()
