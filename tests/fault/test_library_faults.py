"""A library that crashes, ends the process, hangs or eats memory costs the file it was at, no other."""

import itertools
import shutil
import sys
import unittest

import harness
import live

sys.path.insert(0, str(harness.SOURCE / "tests" / "corpus"))
import archives  # noqa: E402
import handmade  # noqa: E402
import microsoft  # noqa: E402

SHIM = harness.BUILD / "tests" / "fault-shim.so"
TIMEOUT = 2  # seconds for a file
# What each fault may be called.
FAULTS = {
    "crash": {"crash"},
    "exit": {"crash"},
    "loop": {"time"},
    "memory": {"memory", "crash"},
}
SUFFIX_OF = {
    "inflate": "gz",
    "BZ2_bzDecompress": "bz2",
    "lzma_code": "xz",
    "ZSTD_decompressStream": "zst",
    "LZ4F_decompress": "lz4",
}


def rar(directory, content):
    member = handmade.rar_file(b"member", content, content, 0x30)
    return archives.write(directory, "a.rar", handmade.rar_of(member))


def szdd(directory, content):
    return archives.write(directory, "a.tx_", microsoft.szdd_of(content))


def packed(suffix):
    return lambda directory, content: archives.write(
        directory, f"a.{suffix}", archives.CODECS[suffix][0](content)
    )


# {function of a library: what makes a file that has it called}
LIBRARIES = {name: packed(suffix) for name, suffix in SUFFIX_OF.items()}
LIBRARIES["archive_read_data_block"] = rar
LIBRARIES["mspack_create_szdd_decompressor"] = szdd


@unittest.skipIf(harness.SANITIZED, "sanitizers want to be loaded first, and unlimited memory")
class Faults(harness.Case):
    def setUp(self):
        super().setUp()
        self.need("zstd", "lz4")
        self.rules = self.file("rules.yar", live.MARK_RULE)

    def scan(self, function, fault, call, *arguments):
        environment = harness.clean_environment(
            LD_PRELOAD=str(SHIM), SHIM_FUNCTION=function, SHIM_FAULT=fault, SHIM_CALL=str(call)
        )
        # fmt: off
        return harness.scan("--rules", self.rules, "-j", "1", "--timeout", str(TIMEOUT),
                            "--max-memory", "300M", *arguments, env=environment, timeout=60)
        # fmt: on

    def three_files(self, build):
        """Files of one format, in the order in which they are scanned, with the mark inside each."""
        tree = self.directory / "tree"
        tree.mkdir()
        paths = []
        for number in range(3):
            content = live.MARK + archives.noise(3000 + number)
            packed = build(self.directory, content)
            paths.append(tree / f"{number}{packed.suffix}")
            shutil.move(packed, paths[-1])
        return paths

    def calls_of_one_file(self, function, path):
        """So many calls of the function are over when the second file begins."""
        for call in itertools.count(1):
            run = self.scan(function, "crash", call, path)
            if run.code == 1 and not run.of_type("incomplete"):
                self.assertGreater(call, 1, "the library is not asked at all")
                return call - 1
            self.assertLess(call, 50, run)

    def check(self, function, fault, call, paths):
        run = self.scan(function, fault, call, *paths)
        incomplete = run.of_type("incomplete")
        self.assertEqual([event["path"] for event in incomplete], [str(paths[1])], run)
        self.assertIn(incomplete[0]["reason"], FAULTS[fault], run)
        # Codecs leave the mark as it is, so that it is found from outside as well.
        inside = [event["path"] for event in run.of_type("match") if event["members"]]
        self.assertEqual(inside, [str(paths[0]), str(paths[2])], run)
        self.assertEqual(run.of_type("error"), [], run)
        self.assertEqual((run.summary["files"], run.summary["incomplete"]), (3, 1), run)
        self.assertEqual((run.code, run.summary["exit"]), (1, 1), run)
        self.assertLess(run.summary["seconds"], TIMEOUT + 5)

    def check_library(self, function):
        paths = self.three_files(LIBRARIES[function])
        call = self.calls_of_one_file(function, paths[0]) + 1
        for fault in FAULTS:
            with self.subTest(fault):
                self.check(function, fault, call, paths)

    def test_zlib(self):
        self.check_library("inflate")

    def test_bzip2(self):
        self.check_library("BZ2_bzDecompress")

    def test_liblzma(self):
        self.check_library("lzma_code")

    def test_zstd(self):
        self.check_library("ZSTD_decompressStream")

    def test_lz4(self):
        self.check_library("LZ4F_decompress")

    def test_libarchive(self):
        self.check_library("archive_read_data_block")

    def test_libmspack(self):
        self.check_library("mspack_create_szdd_decompressor")

    def test_what_was_lost_is_never_clean(self):
        paths = self.three_files(LIBRARIES["inflate"])
        call = self.calls_of_one_file("inflate", paths[0]) + 1
        self.rules = self.file("other.yar", b"rule Other { condition: filesize == 1 }")
        for fault in FAULTS:
            with self.subTest(fault):
                run = self.scan("inflate", fault, call, "--all", *paths)
                self.assertEqual(run.code, 3, run)
                self.assertEqual([e["path"] for e in run.of_type("incomplete")], [str(paths[1])])
                clean = {event["path"] for event in run.of_type("clean")}
                self.assertEqual(clean, {str(paths[0]), str(paths[2])}, run)


@unittest.skipIf(harness.SANITIZED, "AddressSanitizer needs unlimited address space")
class Breakers(harness.Case):
    """Small files that make libraries ask for far more than they have."""

    def check(self, name, content, *reasons):
        tree = self.directory / name
        for number in (0, 2):
            self.file(f"{name}/{number}", live.MARK)
        broken = self.file(f"{name}/1", content)
        rules = self.file("rules.yar", live.MARK_RULE)
        run = harness.scan("--rules", rules, "-j", "1", "--timeout", "10", tree, timeout=60)
        incomplete = run.of_type("incomplete")
        self.assertEqual({event["path"] for event in incomplete}, {str(broken)}, run)
        self.assertLessEqual({event["reason"] for event in incomplete}, set(reasons), run)
        self.assertEqual(len(run.of_type("match")), 2, run)
        self.assertEqual(run.code, 1, run)

    def test_files_that_ask_for_much_memory(self):
        for name, (content, *reasons) in handmade.GREEDY.items():
            with self.subTest(name):
                self.assertLess(len(content), 400)
                self.check(name, content, *reasons)


if __name__ == "__main__":
    harness.main()
