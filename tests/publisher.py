"""A publisher of signature databases and a machine that uses them, for the tests of both."""

import shutil

import harness

RULE = """
rule Needle_{n} : tag
{{
    meta:
        description = "needle {n}"
        severity = "medium"
    strings:
        $a = "needle-number-{n}"
    condition:
        $a
}}
"""


class DatabaseCase(harness.Case):
    """A publisher with a key, and a machine with a store and a trust directory of its own."""

    def setUp(self):
        super().setUp()
        self.store = self.directory / "store"
        self.trust = self.directory / "trust"
        (self.trust / "keys").mkdir(parents=True)
        self.directory.chmod(0o700)
        self.trust.chmod(0o755)
        self.key = self.keygen("publisher")
        shutil.copy(self.directory / "publisher.pub", self.trust / "keys")

    def db(self, *arguments, code=0, **options):
        run = harness.assay("db", *arguments, **options)
        self.assertEqual(code, run.code, run)
        return run

    def keygen(self, name):
        self.db("keygen", "-W", self.directory / name)
        return self.directory / f"{name}.key"

    def rules(self, *numbers, where="rules"):
        folder = self.directory / where
        shutil.rmtree(folder, ignore_errors=True)
        for number in numbers:
            self.file(f"{where}/needle{number}.yar", RULE.format(n=number).encode())
        return folder

    def build(self, source, serial, *options, name="test", created="2026-01-01", output=None):
        path = output or self.directory / f"{name}-{serial}.asdb"
        self.db("build", source, "-o", path, "--name", name, "--serial", str(serial),
                "--created", created, *options)  # fmt: skip
        return path

    def sign(self, path, key=None, **options):
        self.db("sign", "-k", key or self.key, path, **options)
        return path

    def signed(self, serial, *numbers, **options):
        return self.sign(self.build(self.rules(*numbers), serial, **options))

    @property
    def here(self):
        return ("--store", self.store, "--trust", self.trust)

    def install(self, path, *options, code=0, **more):
        return self.db("install", *self.here, *options, path, code=code, **more)

    def scan(self, *arguments, **options):
        return harness.scan("-d", self.store, *arguments, **options)

    def needle(self, number, name="file.txt"):
        return self.file(name, b"hay hay needle-number-%d hay" % number)

    def found(self, run):
        return sorted(match["rule"] for match in run.of_type("match"))
