"""What ClamAV's body signatures become: rules that find what clamscan finds in the same files."""

import hashlib
import random
import re
import struct
import subprocess

import harness

IMPORT_FILES = harness.BUILD / "tests" / "import-files"


def put(data, offset, piece):
    return data[:offset] + piece + data[offset + len(piece) :]


def noise(chance, size):
    """Few different bytes, so that much is nearly found; none that a text would have."""
    return bytes(chance.choice(b"\x81\x82\x93\x94\xa5\xb6") for _ in range(size))


def pe(chance, sections=3):
    optional = struct.pack("<HBBIIIIIIIII", 0x10B, 0, 0, 0, 0, 0, 0x2010, 0x1000, 0, 0x400000, 4096, 512)
    optional += struct.pack("<HHHHHHIIIIHH", 4, 0, 0, 0, 4, 0, 0, 0x8000, 0x400, 0, 3, 0)
    optional += struct.pack("<IIIIII", 0x100000, 4096, 0x100000, 4096, 0, 16) + bytes(128)
    data = b"MZ".ljust(60, b"\0") + struct.pack("<I", 64)
    data += b"PE\0\0" + struct.pack("<HHIIIHH", 0x14C, sections, 0, 0, 0, len(optional), 0x102)
    data += optional
    for i in range(sections):
        place = (0x200, 0x1000 * (i + 1), 0x200, 0x400 + 0x200 * i)
        data += struct.pack("<8sIIIIIIHHI", b".s%d" % i, *place, 0, 0, 0, 0, 0x60000020)
    return data.ljust(0x400, b"\0") + noise(chance, 0x200 * sections + chance.randint(0, 60))


def elf(chance):
    names = b"\0.a\0.b\0.names\0"
    code = noise(chance, 300)
    begin = 64 + 56
    sections = begin + len(code) + len(names)
    header = b"\x7fELF\2\1\1".ljust(16, b"\0")
    header += struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0x400000 + begin + 16, 64, sections, 0, 64, 56, 1,
                          64, 4, 3)  # fmt: skip
    whole = sections + 4 * 64
    header += struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, whole, whole, 4096)
    tables = bytes(64)
    for name, kind, offset, size in ((1, 1, begin, 100), (4, 1, begin + 100, 200),
                                     (7, 3, begin + len(code), len(names))):  # fmt: skip
        address = 0x400000 + offset if kind == 1 else 0
        tables += struct.pack("<IIQQQQIIQQ", name, kind, 6, address, offset, size, 0, 0, 1, 0)
    return header + code + names + tables


def macho(chance, form):
    """A header without load commands: big- or little-endian, of 32 or 64 bits."""
    order, magic = ((">", 0xFEEDFACE), ("<", 0xFEEDFACE), (">", 0xFEEDFACF), ("<", 0xFEEDFACF))[form]
    header = struct.pack(order + "7I", magic, 7, 3, 2, 0, 0, 0) + bytes(4 if form > 1 else 0)
    return header + noise(chance, chance.randint(200, 1500))


def samples(chance):
    """{name: (bytes, target, where its program starts, [(begin, size)] of its sections)}"""
    files = {}
    for i in range(6):
        data = noise(chance, chance.randint(200, 1500))
        files[f"any{i}"] = (b"\x01\x81" + data, 0, None, [])
        places = [(0x400 + 0x200 * k, 0x200) for k in range(3)]
        files[f"pe{i}"] = (pe(chance), 1, 0x600 + 0x10, places)
        files[f"elf{i}"] = (elf(chance), 6, 120 + 16, [(0, 0), (120, 100), (220, 200), (420, 14)])
        files[f"macho{i}"] = (macho(chance, i % 4), 9, None, [])
        files[f"dos{i}"] = (b"MZ\x81\x82" + data, 1, None, [])
    return files


class Body:
    """A signature of bytes that stand somewhere, with wildcards over what may differ."""

    def __init__(self, chance, data, begin):
        self.chance = chance
        self.data = data
        self.at = begin
        self.text = ""
        self.fixed()
        for _ in range(chance.randint(0, 5)):
            chance.choice((self.gap, self.star, self.any, self.nibble, self.either, self.neither,
                           self.wide))()  # fmt: skip
            self.fixed()

    def take(self, count):
        piece = self.data[self.at : self.at + count]
        self.at += count
        return piece

    def fixed(self):
        """What clamscan can look for: some bytes that are not all the same."""
        piece = self.take(self.chance.randint(3, 6))
        if len(set(piece)) < 2:
            piece += self.take(12)
        self.text += piece.hex()

    def gap(self):
        size = self.chance.randint(0, 12)
        least = max(0, size + self.chance.randint(-3, 1))
        most = max(least + 1, size + self.chance.randint(-1, 3))
        forms = [f"{{{least}-{most}}}", f"{{-{most}}}", f"{{{least}-}}", f"{{{max(1, size)}}}"]
        self.text += self.chance.choice(forms)
        self.take(size)

    def wide(self):
        size = self.chance.randint(150, 300)
        self.text += self.chance.choice((f"{{{size}}}", f"{{{size}-}}", f"{{-{size}}}",
                                         f"{{{size - 1}-{size + 1}}}", f"{{{size + 1}-}}"))  # fmt: skip
        self.take(size)

    def star(self):
        self.text += "*"
        self.take(self.chance.randint(0, 40))

    def any(self):
        self.text += "??" * len(self.take(self.chance.randint(1, 3)))

    def nibble(self):
        for byte in self.take(1):
            digits = f"{byte:02x}"
            self.text += self.chance.choice((digits[0] + "?", "?" + digits[1]))

    def either(self):
        right = self.take(self.chance.randint(1, 2)).hex()
        wrong = [self.chance.choice(("77", "81", "93", "7788", "8193", "8?"))
                 for _ in range(self.chance.randint(1, 3))]  # fmt: skip
        words = {right or "81", *wrong}
        if len({len(word) for word in words}) > 1:
            words = {word for word in words if "?" not in word}
        if len(words) > 1:
            self.text += f"({'|'.join(sorted(words))})"

    def neither(self):
        self.take(1)
        self.text += f"!({self.chance.choice(('81', '77', '81|93', '82|77|94'))})"


def offset_of(chance, begin, size, entry, places):
    """Says where the body begins, in one of the ways there are; now and then one off."""
    off = chance.choice((0, 0, 0, 0, 1, -1))
    ways = ["*", "*", f"{begin + off}", f"EOF-{size - begin + off}"]
    shift = chance.randint(0, 20)
    ways.append(f"{max(0, begin - shift + off)},{shift}")
    ways.append(f"EOF-{size - begin + shift + off},{shift}")
    if entry is not None:
        distance = begin - entry + off
        ways += [f"EP{distance:+}"] * 2
        ways.append(f"EP{distance - shift:+},{shift}")
        for number, (place, length) in enumerate(places):
            if place and begin + off >= place:
                ways.append(f"S{number}+{begin - place + off}")
                if begin < place + length:
                    ways.append(f"SE{max(1, number + off)}")
        ways.append(f"SL+{max(0, begin - places[-1][0] + off)}")
    return chance.choice(ways)


class ClamAV(harness.Case):
    def setUp(self):
        super().setUp()
        self.need("clamscan", "yara")
        if not IMPORT_FILES.exists():
            self.skipTest(f"{IMPORT_FILES} is not built")

    def import_list(self, name, text):
        """What was made of it, and [(line, reason)] of what was skipped."""
        source = self.file(f"in/{name}", text.encode())
        out = self.directory / "out"
        out.mkdir(exist_ok=True)
        run = subprocess.run([IMPORT_FILES, "clamav", source, out], capture_output=True)
        self.assertEqual(0, run.returncode, run.stderr)
        lines = [line.split("\t") for line in run.stdout.decode().splitlines()]
        return out, [(int(line), reason) for _, line, reason in lines]

    def found_by_clamscan(self, database):
        command = ["clamscan", "--allmatch", "--no-summary", "-d", database, self.directory / "t"]
        run = subprocess.run(command, capture_output=True, text=True)
        self.assertIn(run.returncode, (0, 1), run.stderr)
        self.assertNotIn("rror", run.stderr)
        found = re.findall(r"^.*/(\w+): (.*?)(?:\.UNOFFICIAL)? FOUND$", run.stdout, re.MULTILINE)
        return set(found)

    def found_by_yara(self, rules):
        command = ["yara", "-w", "-m", "-r", rules, self.directory / "t"]
        run = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual((0, ""), (run.returncode, run.stderr))
        return {(name, signature) for signature, name in
                re.findall(r'^\w+ \[name="(.*?)",.*\] .*/(\w+)$', run.stdout, re.MULTILINE)}  # fmt: skip

    def test_clamscan_finds_the_same(self):
        chance = random.Random(3)
        files = samples(chance)
        lines = []
        for number in range(1500):
            data, target, entry, places = chance.choice(list(files.values()))
            first = 0x400 if data[60:64] == b"\x40\0\0\0" else 120 if target == 6 else 4
            begin = chance.randint(first, len(data) - 60)
            if target == 6:
                begin = chance.randint(120, 400)
            body = Body(chance, data, begin)
            # Zeros that go on and on are more than clamscan keeps an eye on.
            if body.at > (420 if target == 6 else len(data)):
                continue
            kind = target if chance.random() < 0.7 or entry is not None else 0
            where = offset_of(chance, begin, len(data), entry, places)
            lines.append(f"T.{number}:{kind}:{where}:{body.text}")
        for name, (data, *_) in files.items():
            self.file(f"t/{name}", data)
        out, skipped = self.import_list("t.ndb", "\n".join(lines) + "\n")
        # What cannot be said is not compared; it is little.
        self.assertLess(len(skipped), len(lines) / 8, skipped)
        left = {number for number, _ in skipped}
        taken = [line for number, line in enumerate(lines, 1) if number not in left]
        database = self.file("taken.ndb", ("\n".join(taken) + "\n").encode())
        by_name = {line.split(":")[0]: line for line in taken}

        def compared(pair):
            """From the end of a file that begins as a program and is none clamscan counts nothing."""
            return not (re.match("dos|macho", pair[0]) and ":EOF-" in by_name[pair[1]])

        expected = set(filter(compared, self.found_by_clamscan(database)))
        found = set(filter(compared, self.found_by_yara(out / "t.ndb.yar")))
        wrong = [(name, by_name[signature], "clamscan" if (name, signature) in expected else "yara")
                 for name, signature in sorted(found ^ expected)]  # fmt: skip
        self.assertEqual([], wrong[:20], f"{len(wrong)} of {len(expected)}")
        self.assertGreater(len(expected), 800)
        self.assertGreater(len({signature for _, signature in expected}), 600)

    def test_what_cannot_be_said_is_named(self):
        wrong = {
            "A:3:*:aabbccdd": "HTML",
            "A:2:*:aabbccdd": "OLE2",
            "A:13:*:aabbccdd": "target",
            "A:0:EP+0:aabbccdd": "entry point",
            "A:9:S0+0:aabbccdd": "section",
            "A:0:VI:aabbccdd": "offset",
            "A:0:12,:aabbccdd": "offset",
            "A:1:SE0,4:aabbccdd": "offset",
            "A:1:SX+4:aabbccdd": "offset",
            "A:0:*:aabbcc[1-4]dd": "anchored",
            "A:0:*:aabb(B)ccdd": "(B)",
            "A:0:*:aabb!(L)ccdd": "negation",
            "A:0:*:aabb!(ccdd)ccdd": "negation",
            "A:0:*:aabb(cc|(dd|ee))ff": "digit",
            "A:0:*:aabb(cc|)ff": "digit",
            "A:0:*:aabb{4-2}ccdd": "gap",
            "A:0:*:aabb{4ccdd": "gap",
            "A:0:*:{4}aabb": "gap",
            "A:0:*:aabb*": "gap",
            "A:0:*:aabb*{3}ccdd": "two gaps",
            "A:0:*:aabbc": "digit",
            "A:0:*:aa??bb??cc": "fixed bytes",
            "A:0:*:0000000000": "fixed bytes",
            "A:0:*:aabb*0000": "fixed bytes",
            "A:0:*:aabb{-3}cc{300-301}ddee": "varies",
            "A:0:*:aabb" + "{200}" * 2 + "ccdd": "two gaps",
            "A:0:*:aabb" + "{200}??" * 21 + "ccdd": "too long",
            "A:0:*:aabb" + "(11|22|33|44|55)" * 30 + "ccdd": "alternatives",
            "A:0:*:aabbccdd:217": "versions",
            "A:0:*:aabbccdd:60:215": "versions",
            "A:0:*:aabbccdd:60:x": "NAME:TARGET",
            "A:0:*": "NAME:TARGET",
            ":0:*:aabbccdd": "name",
        }
        text = "\n".join(["# a comment", "", *wrong, "Good:0:*:aabbccdd", "Good:0:*:aabbccdd"])
        _, skipped = self.import_list("t.ndb", text)
        self.assertEqual(list(range(3, len(wrong) + 3)) + [len(wrong) + 4], [n for n, _ in skipped])
        for (line, words), (_, reason) in zip(wrong.items(), skipped):
            self.assertIn(words, reason, line)
        self.assertIn(f"line {len(wrong) + 3} says the same", skipped[-1][1])

    def test_the_longest_that_are_taken_compile(self):
        fixed = "".join(f"{n * 7 % 256:02x}" for n in range(3900))
        lines = [
            f"Long.Fixed:0:*:{fixed}",
            f"Long.Parts:0:*:{fixed}*{fixed}",
            "Gaps:0:*:" + "aabb{-200}" * 18 + "aabb",
            "Either:0:*:aabb" + "(11|22|33|44)" * 24 + "ccdd",
            "Neither:0:*:aabb!(11|22|33)!(44|45)ccdd",
            "Chain:0:*:" + "aabb{1000}" * 500 + "aabb",
            "Far:0:*:aabb{1000000000}ccdd",
            "Same.Name:0:*:aabbccdd",
            "Same-Name:0:*:aabbccdd",
            "Same_Name_2:0:*:aabbccdd",
        ]
        out, skipped = self.import_list("t.ndb", "\n".join(lines))
        self.assertEqual([], skipped)
        self.file("t/any", bytes.fromhex("aabb0012ccdd" + fixed))
        found = {("any", "Long.Fixed"), ("any", "Neither")}
        self.assertLessEqual(found, self.found_by_yara(out / "t.ndb.yar"))

    def test_hashes(self):
        digests = {name: hashlib.new(name, b"some bytes").hexdigest()
                   for name in ("md5", "sha1", "sha256")}  # fmt: skip
        text = "\n".join(
            (
                f"{digests['sha256'].upper()}:10:Win.Test-1:73",
                f"{digests['md5']}:*:PUA.Test-2:73",
                f"{digests['sha1']}:10:Win.Test-3",
                f"{digests['sha1']}:10:Win.Test-3",
                f"{digests['sha1']}:1x:Win.Test-4",
                f"{digests['md5']}1:1:Win.Test-5",
                f"{digests['md5']}:1:Win.Test-6:500",
            )
        )
        out, skipped = self.import_list("t.hsb", text)
        self.assertEqual([5, 6, 7], [line for line, _ in skipped])
        expected = (
            f"{digests['md5']}\t*\tPUA.Test-2\tlow\n"
            f"{digests['sha1']}\t10\tWin.Test-3\thigh\n"
            f"{digests['sha256']}\t10\tWin.Test-1\thigh\n"
        )
        self.assertEqual(expected, (out / "hashes" / "all.hashes").read_text())


if __name__ == "__main__":
    harness.main()
