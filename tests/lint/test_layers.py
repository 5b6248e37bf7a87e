"""Who may include whom. CMakeLists.txt says which rooms a room uses; this holds the code to it, and
CMakeLists.txt to what docs/architecture.md promises."""

import re
import unittest

import harness
import tree

# Libraries that only one room may know.
WALLS = {
    r"yara(/.*|_.*)?\.h|yara/.*": {"signatures"},
    r"openssl/.*": {"signatures", "unpack", "database"},
    r"archive(_entry)?\.h|zlib\.h|lzma(/.*)?\.h|bzlib\.h|lz4\w*\.h|mspack\.h": {"unpack"},
    r"zstd\w*\.h": {"unpack", "database"},
    r"sodium(/.*)?\.h": {"database"},
    r"curl/.*": {"update"},
    r"seccomp\.h|linux/(seccomp|filter|audit)\.h": {"pool"},
    r"immintrin\.h": {"signatures"},
    r"linux/landlock\.h": {"pool", "update"},
    r"jansson\.h": {"report", "database"},
    r"ini\.h": {"cli", "database"},
    r"(net|netinet|arpa)/.*|netdb\.h": {"pool"},  # the sandbox tries to get past itself
}
# Everything else in angle brackets comes with the C library or the kernel.
LIBC = re.compile(
    r"(sys|linux|asm)/\w+\.h|(assert|ctype|dirent|elf|endian|errno|fcntl|fnmatch|getopt|glob|grp|iconv"
    r"|inttypes|langinfo|limits|link|locale|malloc|math|poll|pwd|sched|search|signal|spawn|stdalign|stdarg"
    r"|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|strings|termios|time|unistd"
    r"|wchar|wctype)\.h"
)
NEVER = {
    "base": {"database", "unpack", "signatures", "inspect", "walk", "pool", "report", "cli"},
    "unpack": {"database", "signatures", "inspect", "walk", "pool", "report", "cli"},
    "signatures": {"database", "unpack", "inspect", "walk", "pool", "report", "cli"},
    "database": {"unpack", "inspect", "walk", "pool", "report", "cli"},
    "update": {"unpack", "signatures", "database", "inspect", "walk", "pool", "report", "cli"},
    "inspect": {"walk", "pool", "report", "cli"},
    "walk": {"unpack", "signatures", "inspect", "pool", "report", "cli"},
    "report": {"unpack", "signatures", "inspect", "walk", "pool", "cli"},
    "pool": {"unpack", "walk", "report", "cli"},
    "cli": {"unpack"},
}
PRINTS = (
    r"\b(v?f?printf|v?dprintf|puts|fputs|putchar|putc|fputc|putchar_unlocked|fwrite|perror|psignal"
    r"|stdout|stderr|warnx?|errx?)\b(?=\s*[(,;)])"
)
INCLUDE = r'(?m)^[ \t]*#[ \t]*include[ \t]*([<"])([^">]+)[">]'


def room_of(path):
    parts = path.relative_to(harness.SOURCE).parts
    if parts[:2] == ("signatures", "database"):
        return "database"
    return parts[1] if parts[0] == "scanner" else parts[0]


def uses():
    """{room: rooms it may include}, as CMakeLists.txt has it."""
    text = (harness.SOURCE / "CMakeLists.txt").read_text()
    graph = {}
    row = r"(?m)^room\((\w+) \S+(?: ALSO \S+)?(?: USES ([^)]*))?\)"
    for room, words in re.findall(row, text):
        graph[room] = {word for word in words.split() if "::" not in word}
    return graph


def resolve(path, included):
    places = (path.parent, harness.SOURCE / "scanner", harness.SOURCE)
    for place in (*places, harness.SOURCE / "scanner" / "include"):
        target = (place / included).resolve()
        if target.is_file():
            return target
    return None


class Layers(unittest.TestCase):
    def test_the_declared_graph_keeps_the_promised_walls(self):
        graph = uses()
        self.assertEqual(set(NEVER), set(graph), "a room is new: give it a row here")
        for room, forbidden in NEVER.items():
            self.assertFalse(graph[room] & forbidden, f"{room} must not use these")

    def test_every_include_stays_in_the_graph(self):
        graph = uses()
        wrong = []
        for path in tree.c_files():
            for line, found in tree.lines_with(INCLUDE, path.read_text()):
                kind, included = found.groups()
                problem = self.problem(path, graph, kind == "<", included)
                if problem:
                    wrong.append(f"{tree.name(path)}:{line}: {included}: {problem}")
        self.assertEqual([], wrong, "\n" + "\n".join(wrong))

    def problem(self, path, graph, is_system, included):
        room = room_of(path)
        if is_system:
            for library, rooms in WALLS.items():
                if re.fullmatch(library, included):
                    return None if room in rooms else f"belongs to {', '.join(rooms)} only"
            return None if LIBC.fullmatch(included) else "not a header of the C library"
        target = resolve(path, included)
        if target is None:
            return "there is no such file"
        other = room_of(target)
        if other in ({room, "include"} if room != "include" else {"include"}):
            return None
        return None if other in graph.get(room, ()) else f"{room} does not use {other}"

    def test_only_the_command_line_and_the_sinks_print(self):
        wrong = []
        for path in tree.c_files():
            if room_of(path) in ("cli", "report"):
                continue
            for line, found in tree.lines_with(PRINTS, tree.bare(path)):
                # format(printf, 1, 2) is an attribute.
                if not re.search(r"format\($", found.string[: found.start()]):
                    wrong.append(f"{tree.name(path)}:{line}: {found.group()}")
        self.assertEqual([], wrong, "\n" + "\n".join(wrong))


if __name__ == "__main__":
    harness.main()
