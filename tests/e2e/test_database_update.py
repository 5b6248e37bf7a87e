"""`assay db update` and `assay db install URL`, from a server on this machine that tells the truth or lies.
What is left after each is looked at: the old database or the new one, and nothing else."""

import hashlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import harness
import https
from publisher import DatabaseCase

IS_ROOT = os.geteuid() == 0


def environment():
    """Nothing of the caller's proxies."""
    return {k: v for k, v in harness.clean_environment().items() if "proxy" not in k.lower()}


class Online(DatabaseCase):
    """A channel that a server gives out, file by file, as it is at that moment."""

    @classmethod
    def setUpClass(cls):
        if not shutil.which("openssl"):
            raise AssertionError("openssl is not installed: tests/run installs it")
        cls.certificates = pathlib.Path(tempfile.mkdtemp(prefix="assay-test-"))
        cls.addClassCleanup(shutil.rmtree, cls.certificates)
        cls.authority = https.Authority(cls.certificates)
        cls.certificate = cls.authority.certify("good")

    def setUp(self):
        super().setUp()
        self.channel = self.directory / "channel"
        self.channel.mkdir()
        self.server = self.serve()

    def serve(self, certificate=None):
        server = https.Server(certificate or self.certificate)
        self.addCleanup(server.stop)
        return server

    def publish(self, serial, *numbers, name="test", key=None):
        path = self.build(self.rules(*numbers), serial, name=name)
        self.db("sign", "-k", key or self.key, "--channel", self.channel, path)
        self.offer()
        return self.channel / path.name

    def offer(self):
        for path in self.channel.iterdir():
            self.route(path.name, https.ranged(path.read_bytes()))

    def route(self, name, function):
        self.server.routes[f"/{name}"] = function

    def write_index(self, key=None, **changes):
        """An index that says something else, properly signed."""
        path = self.channel / "test.channel"
        lines = [line.split(" ") for line in path.read_text().splitlines()]
        path.write_text("".join(f"{k} {changes.get(k, v)}\n" for k, v in lines))
        self.db("sign", "-k", key or self.key, path)
        self.offer()

    @property
    def url(self):
        return self.server.url("/test.channel")

    def update(self, *urls, code=0, words="", options=(), ca=None):
        run = self.db("update", *self.here, "--ca-file", ca or self.authority.certificate, *options,
                      *(urls or (self.url,)), code=code, env=environment())  # fmt: skip
        self.assertIn(words, run.err.decode())
        return run

    def asked(self, name):
        """The ranges that were asked for of this file."""
        return [h.get("Range") for path, h in self.server.requests if path == f"/{name}"]

    def current(self, name="test"):
        try:
            return int(os.readlink(self.store / name / "current"))
        except FileNotFoundError:
            return None

    def left(self):
        """What is in the store besides databases."""
        if not self.store.exists():
            return set()
        found = {path.name for path in self.store.iterdir()} - {"lock", "state.json"}
        inner = {path.name for folder in self.store.iterdir() if folder.is_dir()
                 for path in folder.rglob(".*")}  # fmt: skip
        return {name for name in found if not (self.store / name / "current").is_symlink()} | inner

    def check(self, current, left=()):
        self.assertEqual((current, set(left)), (self.current(), self.left()))
        self.assertEqual([], list((self.directory / "tmp").glob("*")))


class Updating(Online):
    def test_the_newest_bundle_is_installed(self):
        self.publish(1, 1)
        self.assertIn(b"serial 1, is in use now", self.update().out)
        self.assertEqual(["Needle_1"], self.found(self.scan(self.needle(1))))
        self.server.requests.clear()
        self.assertIn(b"already", self.update().out)
        self.assertEqual([], self.asked("test-1.asdb"))
        self.publish(2, 1, 2)
        self.update()
        self.assertEqual(["Needle_2"], self.found(self.scan(self.needle(2))))
        self.check(2)

    def test_a_bundle_at_an_address_of_its_own(self):
        self.publish(1, 1)
        run = self.db("install", *self.here, "--ca-file", self.authority.certificate,
                      self.server.url("/test-1.asdb"), env=environment())  # fmt: skip
        self.assertIn(b"is in use now", run.out)
        self.check(1)
        run = self.db("install", *self.here, "--ca-file", self.authority.certificate,
                      self.server.url("/nothing-2.asdb"), code=2, env=environment())  # fmt: skip
        self.assertIn(b"404", run.err)
        self.check(1)

    def test_install_takes_a_channel_too(self):
        self.publish(1, 1)
        self.db("install", *self.here, "--ca-file", self.authority.certificate, self.url, env=environment())
        self.check(1)

    def test_the_channels_of_the_configuration(self):
        self.publish(1, 1)
        self.publish(7, 7, name="second")
        config = self.file("config.ini", (
            f"[db update]\nchannel = {self.url}\nchannel = {self.server.url('/second.channel')}\n"
            f"ca-file = {self.authority.certificate}\nstore = {self.store}\ntrust = {self.trust}\n"
        ).encode())  # fmt: skip
        self.db("--config", config, "update", code=2)  # it is an option of the verb
        self.db("update", "--config", config, env=environment())
        self.assertEqual((1, 7), (self.current(), self.current("second")))
        self.assertEqual(set(), self.left())

    def test_a_store_behind_a_symbolic_link(self):
        (self.directory / "real").mkdir()
        self.store.symlink_to("real")
        self.publish(1, 1)
        self.update()
        self.update()
        self.check(1)

    def test_without_any_channel(self):
        run = self.db("update", *self.here, code=2, env=environment())
        self.assertIn(b"which channel?", run.err)

    def test_one_channel_that_fails_does_not_keep_the_others_back(self):
        self.publish(1, 1)
        self.publish(3, 3, name="third")
        urls = [self.server.url(f"/{name}.channel") for name in ("test", "nothing", "third", "none")]
        run = self.update(*urls, code=2)
        for url in (urls[1], urls[3]):
            self.assertIn(f"{url}: the server answers 404", run.err.decode())
        self.assertEqual((1, 3), (self.current(), self.current("third")))

    def test_only_https_and_files(self):
        for url in ("http://127.0.0.1/test.channel", "http://127.0.0.1/test-1.asdb"):
            self.update(url, code=2, words="only https://")
        self.update("ftp://127.0.0.1/test.channel", code=2, words="only https://")
        self.check(None)


class Interrupted(Online):
    def setUp(self):
        super().setUp()
        self.bundle = self.publish(1, 1)
        self.content = self.bundle.read_bytes()
        self.half = len(self.content) // 2

    def cut(self, handler, content=None):
        content = content or self.content
        handler.head(200, content_length=len(content))
        handler.wfile.write(content[: len(content) // 2])

    def partial(self):
        (path,) = self.store.glob(".download-*")
        return path

    def test_the_rest_only_is_asked_for(self):
        self.route("test-1.asdb", self.cut)
        self.update(code=2, words="what came is kept")
        self.assertEqual(self.half, self.partial().stat().st_size)
        self.assertEqual(0o600, self.partial().stat().st_mode & 0o777)
        self.check(None, [self.partial().name])
        self.offer()
        self.update()
        self.assertEqual([None, f"bytes={self.half}-"], self.asked("test-1.asdb"))
        self.check(1)

    def test_a_killed_download_goes_on(self):
        self.route("test-1.asdb", https.drip(self.content, 0.02, content_length=len(self.content)))
        words = [harness.ASSAY, "db", "update", *self.here, "--ca-file", self.authority.certificate,
                 self.url]  # fmt: skip
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
            with subprocess.Popen(words, env=environment(), stderr=subprocess.DEVNULL) as process:
                before = sum(path.stat().st_size for path in self.store.glob(".download-*"))
                end = time.monotonic() + 60
                while sum(p.stat().st_size for p in self.store.glob(".download-*")) <= before:
                    self.assertLess(time.monotonic(), end)
                    time.sleep(0.02)
                process.send_signal(number)
            self.assertNotEqual(0, process.returncode)
            self.check(None, [self.partial().name])
            self.route("test-1.asdb", https.ranged(self.content[: self.half]))
            self.route("test-1.asdb", https.drip(self.content, 0.02, content_length=len(self.content)))
        self.offer()
        self.update()
        self.check(1)

    def test_what_was_begun_of_an_older_one_is_thrown_away(self):
        self.route("test-1.asdb", self.cut)
        self.update(code=2)
        self.publish(2, 2)
        self.update()
        self.assertEqual([None], self.asked("test-2.asdb"))
        self.check(2)

    def test_what_was_left_may_be_anything(self):
        self.route("test-1.asdb", self.cut)
        self.update(code=2)
        self.offer()
        name = self.partial().name
        for content in (b"x" * self.half, b"x" * len(self.content)):
            self.partial().write_bytes(content)
            self.update(code=2, words="not the bundle that the channel promises")
            self.assertEqual(0, self.partial().stat().st_size)
            self.check(None, [name])
        self.partial().write_bytes(b"x" * 2 * len(self.content))
        self.update()
        self.check(1)

    def test_what_was_left_may_be_no_file(self):
        self.route("test-1.asdb", self.cut)
        self.update(code=2)
        self.offer()
        path = self.partial()
        other = self.file("other", b"untouched")
        for make in (lambda: path.symlink_to(other), path.mkdir, lambda: os.mkfifo(path)):
            path.unlink() if not path.is_dir() else path.rmdir()
            make()
            self.update(code=2)
            self.assertEqual(b"untouched", other.read_bytes())
        path.unlink()
        self.update()
        self.check(1)

    def test_of_several_channels_each_goes_on(self):
        other = self.publish(4, 4, name="test-b").read_bytes()
        urls = self.url, self.server.url("/test-b.channel")
        self.route("test-1.asdb", self.cut)
        self.route("test-b-4.asdb", lambda handler: self.cut(handler, other))
        self.update(*urls, code=2, words="what came is kept")
        self.assertEqual(2, len(list(self.store.glob(".download-*"))))
        self.offer()
        self.update(urls[0])
        self.partial()
        self.route("test-b-4.asdb", https.ranged(other))
        self.update(*urls)
        self.check(1)
        self.assertEqual(4, self.current("test-b"))

    def test_two_at_once(self):
        self.route("test-1.asdb", https.drip(self.content, 0.01, content_length=len(self.content)))
        words = [harness.ASSAY, "db", "update", *self.here, "--ca-file", self.authority.certificate,
                 self.url]  # fmt: skip
        with subprocess.Popen(words, env=environment(), stdout=subprocess.DEVNULL) as process:
            end = time.monotonic() + 60
            while not list(self.store.glob(".download-*")):
                self.assertLess(time.monotonic(), end)
                time.sleep(0.02)
            self.update(code=2, words="another update is fetching the same bundle")
        self.assertEqual(0, process.returncode)
        self.check(1)


class Servers(Online):
    def setUp(self):
        super().setUp()
        self.publish(1, 1)

    def refused(self, *words, left=(), url=None, ca=None):
        run = self.update(*([url] if url else []), code=2, ca=ca)
        for each in words:
            self.assertIn(each, run.err.decode())
        self.check(None, left)

    def test_redirects(self):
        for step in range(5):
            self.route(f"hop{step}", https.redirect(f"/hop{step + 1}"))
        self.server.routes["/hop5"] = self.server.routes["/test-1.asdb"]
        self.route("test-1.asdb", https.redirect("/hop1"))
        self.update()
        self.check(1)
        self.publish(2, 2)
        self.route("test-2.asdb", https.redirect("/test-2.asdb"))
        self.update(code=2, words="redirects")
        self.assertEqual(1, self.current())

    def test_a_redirect_that_leaves_https(self):
        for target in ("http://127.0.0.1/x", "file:///etc/shadow"):
            self.route("test.channel", https.redirect(target))
            self.refused("only https is followed")

    def test_a_redirected_index_names_what_is_beside_its_own_address(self):
        self.server.routes["/far/away/index"] = self.server.routes["/test.channel"]
        self.route("test.channel", https.redirect("/far/away/index"))
        self.update()
        self.check(1)

    def test_certificates(self):
        self.refused("--ca-file", ca="/etc/ssl/certs/ca-certificates.crt")
        other = self.serve(self.authority.certify("other", "DNS:other.example"))
        self.refused("check the address", url=other.url("/test.channel"))
        old = self.serve(self.authority.certify("old", days=-1))
        self.refused("expired", url=old.url("/test.channel"))
        self.assertEqual([], self.server.requests + other.requests + old.requests)

    def test_a_truncated_body_that_nothing_tells_of(self):
        content = (self.channel / "test-1.asdb").read_bytes()

        def route(handler):
            handler.head(200)
            handler.wfile.write(content[:-7])
            handler.close_cleanly()
        self.route("test-1.asdb", route)
        run = self.update(code=2)
        self.assertIn(b"promises", run.err)
        self.offer()
        self.update()
        self.check(1)

    def test_a_body_longer_than_promised(self):
        content = (self.channel / "test-1.asdb").read_bytes()
        self.route("test-1.asdb", https.whole(content + b"more"))
        self.update(code=2, words="are allowed")
        self.offer()
        self.update()
        self.check(1)

    def test_an_index_without_end(self):
        self.route("test.channel", https.whole(b"x" * 10**6))
        self.refused("are allowed")
        self.offer()
        self.route("test.channel.minisig", https.whole(b"x" * 10**6))
        self.refused("are allowed")

    def test_a_slow_server_is_given_up(self):
        self.route("test.channel", https.drip(b"x" * 1000, 0.5, content_length=1000))
        began = time.monotonic()
        self.refused("slow")
        self.assertLess(time.monotonic() - began, 60)

    def test_a_server_that_is_not_there(self):
        self.server.stop()
        self.refused("connect")


class Lying(Online):
    def setUp(self):
        super().setUp()
        self.publish(5, 5)
        self.update()
        self.bundle = self.publish(6, 6)

    def refused(self, words, left=()):
        self.update(code=2, words=words)
        self.check(5, left)

    def partials(self):
        return [path.name for path in self.store.glob(".download-*")]

    def test_about_size_and_digest(self):
        size = self.bundle.stat().st_size
        self.write_index(size=size - 1)
        self.update(code=2, words="are allowed")
        self.write_index(size=size + 1)
        self.update(code=2, words="promises")
        self.write_index(size=2**62)
        self.update(code=2)
        self.write_index(size=size, sha256="0" * 64)
        self.update(code=2, words="promises")
        self.assertEqual(5, self.current())
        self.assertEqual(1, len(self.partials()))
        self.publish(7, 7)
        self.update()
        self.check(7)

    def test_about_the_serial(self):
        shutil.copy(self.bundle, self.channel / "test-9.asdb")
        self.write_index(serial=9, file="test-9.asdb")
        self.refused("the channel promises test, serial 9, and the bundle is test, serial 6")
        self.write_index(serial=0, file="test-0.asdb")
        self.refused("the line 'serial'")
        self.write_index(serial="6 ")
        self.refused("the line 'serial'")

    def test_about_the_name(self):
        shutil.copy(self.bundle, self.channel / "other-6.asdb")
        self.write_index(name="other", file="other-6.asdb")
        self.refused("the channel promises other, serial 6, and the bundle is test, serial 6")
        self.assertIsNone(self.current("other"))

    def test_about_where_the_bundle_is(self):
        for file in ("../test-6.asdb", "/etc/shadow", "https://127.0.0.1/test-6.asdb", "test-5.asdb"):
            self.write_index(file=file)
            self.refused("the line 'file'")

    def test_who_may_not_sign_this_database(self):
        stranger = self.keygen("stranger")
        self.write_index(key=stranger)
        self.refused("the index of the channel")
        shutil.copy(self.directory / "stranger.pub", self.trust / "keys")
        said = self.db("sign", "-k", stranger, self.build(self.rules(1), 1, name="x")).out.decode()
        key = said.split("signed by ")[1][:16]
        (self.trust / "trust.ini").write_text(f"[key {key}]\ndatabases = elsewhere\n")
        self.refused("trust.ini lets")

    def test_two_signatures_are_asked_of_the_bundle_and_not_of_the_index(self):
        second = self.keygen("second")
        shutil.copy(self.directory / "second.pub", self.trust / "keys")
        (self.trust / "trust.ini").write_text("signatures_required = 2\n")
        self.refused("1 of 2 required signatures")
        path = self.build(self.rules(7), 7)
        self.sign(path, key=second)
        self.db("sign", "-k", self.key, "--channel", self.channel, path)
        self.offer()
        self.update()
        self.check(7)

    def test_a_signature_that_is_missing_or_another(self):
        index = (self.channel / "test.channel.minisig").read_bytes()
        del self.server.routes["/test.channel.minisig"]
        self.refused("404")
        for signature in (b"", b"nonsense", index[:-20], index.replace(b"serial", b"SERIAL")):
            self.route("test.channel.minisig", https.whole(signature))
            if signature != index:
                self.refused("the index of the channel")

    def test_a_signature_of_an_older_index(self):
        kept = (self.channel / "test.channel.minisig").read_bytes()
        self.publish(7, 7)
        self.route("test.channel.minisig", https.whole(kept))
        self.refused("the index of the channel")

    def test_an_older_index_and_bundle_are_replayed(self):
        kept = {path.name: path.read_bytes() for path in self.channel.iterdir()}
        self.publish(7, 7)
        self.update()
        for name, content in kept.items():
            self.route(name, https.ranged(content))
        self.server.requests.clear()
        self.update(code=2, words="offers serial 6 of test, and 7 is in use")
        self.assertEqual([], self.asked("test-6.asdb"))
        self.check(7)
        self.db("rollback", "--store", self.store, "5")  # whoever goes back on purpose goes on from there
        self.update()
        self.check(6)

    def test_bundles_that_do_not_pass_leave_nothing(self):
        unsigned = self.build(self.rules(8), 8).read_bytes()
        for content in (unsigned, b"no bundle at all"):
            self.publish(8, 8)
            (self.channel / "test-8.asdb").write_bytes(content)
            self.write_index(size=len(content), sha256=hashlib.sha256(content).hexdigest())
            self.refused("test-8.asdb: ")


@unittest.skipIf(not IS_ROOT, "only root can mount a small disk")
class FullDisk(Online):
    def disk(self, name, size):
        path = self.directory / name
        path.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", path], check=True)
        self.addCleanup(subprocess.run, ["umount", path], check=True)
        return path

    def publish_hashes(self, serial, lines=6000):
        folder = self.directory / "lists"
        folder.mkdir(exist_ok=True)
        (folder / "x.hashes").write_text("".join(
            f"{os.urandom(32).hex()}\t*\tName.{n}\thigh\n" for n in range(lines)))  # fmt: skip
        path = self.build(folder, serial)
        self.db("sign", "-k", self.key, "--channel", self.channel, path)
        self.offer()

    def test_of_the_store(self):
        for size in ("64k", "220k", "400k"):
            with self.subTest(size):
                disk = self.disk(f"disk-{size}", size)
                self.store = disk / "store"
                self.publish(1, 1)
                self.update()
                self.publish_hashes(2)
                run = self.update(code=2)
                self.assertRegex(run.err.decode(), "No space left on device.*room")
                self.assertEqual(1, self.current())
                self.assertLessEqual(self.left(), {p.name for p in self.store.glob(".download-*")})
                self.assertEqual(["Needle_1"], self.found(self.scan(self.needle(1))))
                subprocess.run(["mount", "-o", "remount,size=8m", disk], check=True)
                self.update()
                self.check(2)
                shutil.rmtree(self.channel)
                self.channel.mkdir()

    def test_of_temporary_files(self):
        tmp = self.disk("tmp", "64k")
        self.publish_hashes(1)
        run = harness.assay("db", "update", *self.here, "--ca-file", self.authority.certificate, self.url,
                            env={**environment(), "TMPDIR": str(tmp)})  # fmt: skip
        self.assertEqual(2, run.code, run)
        self.assertIn(b"No space left on device; set TMPDIR to a directory with space", run.err)
        self.assertEqual(None, self.current())


if __name__ == "__main__":
    harness.main()
