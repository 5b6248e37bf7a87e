"""The program does not talk to a network: it has neither the libraries nor the functions for it.
Only assay-update has, which is a program of its own."""

import re
import subprocess
import unittest

import harness
import tree

# Direct and indirect libraries of the program, without versions. libcrypto is OpenSSL's half that
# knows digests and no network; libxml2, ICU and libmagic come with Debian's libarchive and libyara.
ALLOWED = {
    "linux-vdso", "ld-linux-x86-64", "ld-linux-aarch64", "libc", "libm", "libgcc_s", "libstdc++",
    "libyara", "libmagic", "libjansson", "libcrypto", "libseccomp", "libinih",
    "libsodium",
    "libarchive", "libmspack", "libnettle", "libacl", "libxml2", "libicuuc", "libicudata",
    "liblzma", "libzstd", "liblz4", "libbz2", "libz",
}  # fmt: skip
# Pairs of sockets and messages over them are how the processes of one scan talk to each other.
NETWORK = (
    r"(socket|connect|bind|listen|accept4?|sendto|recvfrom|getaddrinfo|getnameinfo|gethostby\w+"
    r"|getservby\w+|inet_\w+|__?res_\w+|res_\w+|if_nameto\w+|getifaddrs|curl_\w+|SSL_\w+)"
)
# What scanner/pool/selftest.c tries inside the sandbox, which must refuse it.
SELF_TEST = {"socket", "connect"}


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def libraries(path):
    names = re.findall(r"(?m)^\s*(\S+)", output("ldd", str(path)))
    return {name.rsplit("/", 1)[-1].split(".so")[0] for name in names}


class Network(unittest.TestCase):
    def test_libraries(self):
        for path in (harness.ASSAY, tree.BUILD / "libassay.so"):
            linked = libraries(path)
            self.assertIn("libyara", linked)
            self.assertEqual(set(), linked - ALLOWED, path)

    def test_only_the_updater_has_them(self):
        linked = libraries(tree.BUILD / "assay-update")
        self.assertIn("libcurl", linked)
        # And none of what reads files that others wrote.
        self.assertEqual(set(), linked & {"libyara", "libarchive", "libmspack", "libjansson"})

    def imports(self, path, *options):
        listing = output("nm", "--undefined-only", "--format=posix", *options, str(path))
        for row in listing.splitlines():
            if not row.endswith(":"):
                yield row.split()[0].split("@")[0]

    def network_imports(self, path, *options):
        imported = set(self.imports(path, *options))
        self.assertTrue(imported, path)
        return {name for name in imported if re.fullmatch(NETWORK, name)}

    def test_library_functions(self):
        self.assertEqual(set(), self.network_imports(tree.BUILD / "libassay.so", "-D"))

    def test_program_functions(self):
        self.assertLessEqual(self.network_imports(harness.ASSAY, "-D"), SELF_TEST)

    def test_updater_functions(self):
        # All goes through libcurl.
        imported = self.network_imports(tree.BUILD / "assay-update", "-D")
        self.assertIn("curl_easy_perform", imported)
        self.assertEqual([], [name for name in imported if not name.startswith("curl_")])

    def test_only_the_self_test_tries(self):
        archives = sorted(tree.BUILD.glob("lib*.a"))
        self.assertGreater(len(archives), 5)
        for archive in archives:
            if archive.name == "libupdate.a":
                continue
            listing = output("nm", "-A", "--undefined-only", "--format=posix", str(archive))
            for row in listing.splitlines():
                where, name = row.split()[:2]
                if re.fullmatch(NETWORK, name):
                    self.assertIn("[selftest.c.o]", where, name)


if __name__ == "__main__":
    harness.main()
