"""Headers stand alone, and the library exports what assay.h declares and nothing else."""

import re
import subprocess
import unittest

import harness
import tree

C = ["cc", "-std=c11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-xc"]
CXX = ["c++", "-std=c++11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-xc++"]
INCLUDES = [f"-I{harness.SOURCE}{place}" for place in ("", "/scanner", "/scanner/include")]
PUBLIC = harness.SOURCE / "scanner" / "include" / "assay.h"


def compile_alone(command, header):
    # Twice: the include guard must hold.
    text = f'#include "{header}"\n#include "{header}"\n'
    done = subprocess.run(
        [*command, *INCLUDES, "-"], input=text, text=True, stderr=subprocess.PIPE
    )
    return done.stderr if done.returncode else ""


def declared():
    text = re.sub(r"(?m)^#.*(\\\n.*)*$", "", tree.bare(PUBLIC))
    return set(re.findall(r"ASSAY_API\b[^;]*?\b(assay_\w+)\(", text))


class Headers(unittest.TestCase):
    def test_each_compiles_alone(self):
        for header in tree.c_files(suffixes=(".h",)):
            with self.subTest(header=tree.name(header)):
                self.assertEqual("", compile_alone(C, header))

    def test_public_header_is_plain_c_and_cxx(self):
        strict = [option for option in C if option != "-D_GNU_SOURCE"] + ["-pedantic"]
        self.assertEqual("", compile_alone(strict, PUBLIC))
        self.assertEqual("", compile_alone(CXX, PUBLIC))

    def test_exports(self):
        library = tree.BUILD / "libassay.so"
        command = ["nm", "-D", "--defined-only", "--format=posix", str(library)]
        listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        exported = {row.split()[0] for row in listing.splitlines()}
        self.assertGreater(len(declared()), 10)
        self.assertEqual(declared(), exported)


if __name__ == "__main__":
    harness.main()
