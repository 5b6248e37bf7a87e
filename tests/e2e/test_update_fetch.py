"""assay-update against servers that tell the truth or lie, and fetch(), which starts it."""

import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

import harness
import https

UPDATE = harness.BUILD / "assay-update"
DRIVE = harness.BUILD / "tests" / "drive-fetch"
CONTENT = bytes(range(256)) * 1000
OK, USAGE, NOT_FOUND, NETWORK, TLS, TOO_LARGE, NO_WRITING, CUT, SLOW = 0, 2, 3, 4, 5, 6, 7, 8, 9
IS_ROOT = os.geteuid() == 0


def plain_environment(**changes):
    """Nothing of the caller's proxies."""
    environment = {k: v for k, v in harness.clean_environment().items() if "proxy" not in k.lower()}
    return {**environment, **changes}


class Download:
    """A finished run of assay-update."""

    def __init__(self, code, words, path):
        self.code, self.words, self.content = code, words, path.read_bytes()

    def __repr__(self):
        return f"exit {self.code}, {len(self.content)} bytes, {self.words!r}"


class Update(harness.Case):
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
        self.target = self.directory / "target"
        self.server = self.serve()

    def serve(self, certificate=None, **options):
        server = https.Server(certificate or self.certificate, **options)
        self.addCleanup(server.stop)
        return server

    def route(self, function, path="/x"):
        self.server.routes[path] = function

    def command(self, url, most=10**6, ca=None, **options):
        words = [str(UPDATE), "--max-bytes", str(most), "--ca-file", str(ca or self.authority.certificate)]
        for name, value in options.items():
            words += ["--" + name.replace("_", "-"), str(value)]
        return [*words, url]

    def start(self, command, target=None, env=None, prepare=None, keep=()):
        """Descriptor 3 is the target, as a shell's 3<>FILE."""
        fd = os.open(target or self.target, os.O_RDWR | os.O_CREAT, 0o600)

        def enter():
            os.dup2(fd, 3)
            os.set_inheritable(3, True)
            if prepare:
                prepare()

        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            preexec_fn=enter, pass_fds=(3, *keep), env=env or plain_environment(),
        )  # fmt: skip
        os.close(fd)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def update(self, path="/x", url=None, target=None, env=None, prepare=None, **options):
        command = self.command(url or self.server.url(path), **options)
        process = self.start(command, target, env, prepare)
        words = process.communicate(timeout=120)[1].decode()
        download = Download(process.returncode, words, target or self.target)
        # One line with words for every failure, none when there is none.
        self.assertRegex(words, r"\A\Z" if download.code == OK else r"\Aassay-update: .+\n\Z", download)
        return download

    def check(self, code, content=None, words=".*", **options):
        download = self.update(**options)
        self.assertEqual(code, download.code, download)
        self.assertRegex(download.words, words)
        if content is not None:
            self.assertEqual(content, download.content, download)
        return download

    def wait_for(self, condition):
        end = time.monotonic() + 60
        while not condition():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)

    def ranges(self):
        return [headers.get("Range") for _, headers in self.server.requests]


class Whole(Update):
    def test_a_file_comes_as_it_is(self):
        self.route(https.ranged(CONTENT))
        self.check(OK, CONTENT)
        self.assertEqual([None], self.ranges())

    def test_an_empty_file_comes_too(self):
        self.route(https.whole(b""))
        self.check(OK, b"")

    def test_without_a_length(self):
        def route(handler):
            handler.head(200)
            handler.wfile.write(CONTENT)
            handler.close_cleanly()
        self.route(route)
        self.check(OK, CONTENT)

    def test_errors_of_the_server_have_names(self):
        answers = {
            404: (NOT_FOUND, "404 .not found"), 410: (NOT_FOUND, "410 .gone"),
            403: (NETWORK, "403 .forbidden"), 401: (NETWORK, "401 .wants a password"),
            500: (NETWORK, "500 .server error"), 503: (NETWORK, "503 .unavailable"),
            418: (NETWORK, "418;"), 204: (NETWORK, "204"), 304: (NETWORK, "304"),
        }  # fmt: skip
        for status, (code, words) in answers.items():
            with self.subTest(status=status):
                def route(handler, status=status):
                    body = b"" if status in (204, 304) else b"<html>an error</html>"
                    handler.head(status, content_length=len(body))
                    handler.wfile.write(body)
                self.route(route)
                self.check(code, b"", words)

    def test_what_was_there_stays_when_the_server_fails(self):
        self.target.write_bytes(CONTENT[:100])
        self.route(lambda handler: handler.head(500, content_length=0))
        self.check(NETWORK, CONTENT[:100])

    def test_headers_without_end(self):
        def route(handler):
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for number in range(100000):
                handler.wfile.write(b"X-%d: %s\r\n" % (number, b"x" * 1000))
        self.route(route)
        self.check(NETWORK, b"", "headers without end")

    def test_nonsense_for_an_answer(self):
        for nonsense in (b"SSH-2.0-x\r\n", b"", b"HTTP/1.1\r\n\r\n", b"HTTP/9.9 200 OK\r\n\r\n"):
            with self.subTest(nonsense=nonsense):
                self.route(lambda handler, nonsense=nonsense: handler.wfile.write(nonsense))
                self.assertNotEqual(OK, self.update().code)

    def test_command_line(self):
        self.check(USAGE, words="only https://", url="http://127.0.0.1/x")
        self.check(USAGE, words="only https://", url="file:///etc/passwd")
        self.check(USAGE, words="user or password", url="https://user:word@127.0.0.1/x")
        self.check(USAGE, words="cannot be read", ca=self.directory / "nothing")
        self.check(USAGE, words="usage", max_bytes=0)
        said = subprocess.run(
            self.command(self.server.url("/x")), stderr=subprocess.PIPE, close_fds=True, check=False
        )
        self.assertEqual(USAGE, said.returncode)
        self.assertIn(b"descriptor 3", said.stderr)


class Resume(Update):
    def test_a_cut_body_is_resumed(self):
        def cut(handler):
            handler.head(200, content_length=len(CONTENT))
            handler.wfile.write(CONTENT[:1000])
        self.route(cut)
        self.check(CUT, CONTENT[:1000], "what came is kept")
        self.route(https.ranged(CONTENT))
        self.check(OK, CONTENT)
        self.assertEqual([None, "bytes=1000-"], self.ranges())

    def test_a_cut_that_no_length_tells_of(self):
        def chunked(handler):
            handler.head(200, transfer_encoding="chunked")
            handler.wfile.write(b"3e8\r\n" + CONTENT[:1000] + b"\r\n")
        self.route(chunked)
        self.check(CUT, CONTENT[:1000], "what came is kept")

    def test_a_cut_that_nothing_tells_of(self):
        # libcurl takes it for the end, though TLS was not closed. Size and digest are for the caller.
        def unannounced(handler):
            handler.head(200)
            handler.wfile.write(CONTENT[:1000])
        self.route(unannounced)
        download = self.update()
        self.assertIn(download.code, (OK, CUT))
        self.assertEqual(CONTENT[:1000], download.content)

    def test_a_server_that_knows_no_ranges(self):
        self.target.write_bytes(b"something else that was longer" * 10)
        self.route(https.whole(b"all of it"))
        self.check(OK, b"all of it")

    def test_nothing_is_left_to_do(self):
        self.target.write_bytes(CONTENT)
        self.route(https.ranged(CONTENT))
        self.check(OK, CONTENT)
        self.assertEqual([f"bytes={len(CONTENT)}-"], self.ranges())

    def test_what_is_there_is_longer_than_the_file(self):
        self.target.write_bytes(b"x" * 2000)
        self.route(https.ranged(CONTENT[:1000]))
        self.check(OK, CONTENT[:1000])
        self.assertEqual(["bytes=2000-", None], self.ranges())

    def test_another_part_than_the_one_asked_for(self):
        for place in (
            "bytes 0-255999/256000", "bytes 999-255999/256000", "bytes 1000-255999/*", "nonsense", "",
            "bytes 1000-999/256000",
        ):  # fmt: skip
            with self.subTest(place=place):
                def route(handler, place=place):
                    if "Range" not in handler.headers:
                        return https.whole(CONTENT)(handler)
                    handler.head(206, content_range=place, content_length=10)
                    return handler.wfile.write(b"wrong part")
                self.target.write_bytes(CONTENT[:1000])
                self.route(route)
                self.check(OK, CONTENT)

    def test_always_another_part(self):
        def route(handler):
            handler.head(206, content_range="bytes 5-9/10", content_length=5)
            handler.wfile.write(b"56789")
        self.route(route)
        self.check(NETWORK, b"", "another part")
        self.target.write_bytes(b"0123")
        self.check(NETWORK, b"", "another part")
        self.assertEqual([None, "bytes=4-", None], self.ranges())

    def test_never_what_was_asked_for(self):
        self.target.write_bytes(b"0123")
        self.route(lambda handler: handler.head(416, content_length=0))
        self.check(NETWORK, b"", "416")
        self.assertEqual(["bytes=4-", None], self.ranges())

    def test_less_than_the_rest(self):
        def route(handler):
            handler.head(206, content_range="bytes 4-6/10", content_length=3)
            handler.wfile.write(b"456")
        self.target.write_bytes(b"0123")
        self.route(route)
        self.check(CUT, b"0123456", "only a part")
        self.target.write_bytes(b"0123")

        def longer(handler):
            handler.head(206, content_range="bytes 4-6/7", content_length=5)
            handler.wfile.write(b"45678")
        self.route(longer)
        self.assertNotEqual(OK, self.update().code)


class Redirects(Update):
    def chain(self, count):
        for step in range(count):
            self.route(https.redirect(f"/{step + 1}"), f"/{step}")
        self.route(https.ranged(CONTENT), f"/{count}")

    def test_five_are_followed(self):
        self.chain(5)
        self.check(OK, CONTENT, path="/0")

    def test_six_are_not(self):
        self.chain(6)
        self.check(NETWORK, b"", "redirects", path="/0")

    def test_a_circle(self):
        self.route(https.redirect("/x"))
        self.check(NETWORK, b"", "redirects")
        self.assertEqual(6, len(self.server.requests))

    def test_only_to_https(self):
        secret = self.file("secret", b"secret")
        for target in (
            self.server.url("/y").replace("https:", "http:"), f"file://{secret}", "ftp://127.0.0.1/x",
            "gopher://127.0.0.1/x",
        ):  # fmt: skip
            with self.subTest(target=target):
                self.route(https.redirect(target))
                self.check(NETWORK, b"", "only https is followed")

    def test_a_password_is_not_taken_along(self):
        self.route(https.redirect(self.server.url("/y").replace("//", "//user:word@")))
        self.route(https.ranged(CONTENT), "/y")
        self.check(USAGE, b"", "user or password")

    def test_nothing_personal_is_sent(self):
        self.file(".netrc", b"machine 127.0.0.1 login user password word\n").chmod(0o600)
        self.route(https.redirect("/y"))
        self.route(https.ranged(CONTENT), "/y")
        self.check(OK, CONTENT, env=plain_environment(HOME=str(self.directory)))
        self.assertEqual(2, len(self.server.requests))
        for _, headers in self.server.requests:
            self.assertLessEqual(set(headers), {"Host", "User-Agent", "Accept"})

    def test_a_part_is_asked_for_behind_redirects(self):
        self.target.write_bytes(CONTENT[:1000])
        self.route(https.redirect("/y"))
        self.route(https.ranged(CONTENT), "/y")
        self.check(OK, CONTENT)


class Certificates(Update):
    def refused(self, words, certificate, **options):
        server = self.serve(certificate, routes={"/x": https.whole(CONTENT)})
        self.check(TLS, b"", words, url=server.url("/x"), **options)
        self.assertEqual([], server.requests)

    def test_another_host(self):
        self.refused("check the address", self.authority.certify("other", "DNS:other.example"))

    def test_expired(self):
        self.refused("expired.*clock", self.authority.certify("old", days=-1))

    def test_an_authority_that_nobody_trusts(self):
        other = https.Authority(self.certificates, "other")
        self.refused("--ca-file", other.certify("foreign"))
        self.refused("--ca-file", self.certificate, ca=other.certificate)

    def test_the_named_authority_replaces_those_of_the_system(self):
        known = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
        self.refused("--ca-file", self.certificate, ca=known)

    def test_old_versions_of_tls(self):
        server = self.serve(newest=ssl.TLSVersion.TLSv1_1)
        self.check(TLS, b"", "TLS 1.2", url=server.url("/x"))

    def test_no_tls_at_all(self):
        with socket.create_server(("127.0.0.1", 0)) as plain:
            url = f"https://127.0.0.1:{plain.getsockname()[1]}/x"
            process = self.start(self.command(url))
            client, _ = plain.accept()
            client.recv(10)
            client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")
            client.close()
            process.wait(60)
        self.assertIn(process.returncode, (TLS, NETWORK))
        self.assertEqual(b"", self.target.read_bytes())


class Bounds(Update):
    def test_as_large_as_allowed(self):
        self.route(https.ranged(CONTENT))
        self.check(OK, CONTENT, most=len(CONTENT))

    def test_too_large_by_its_length(self):
        self.route(https.ranged(CONTENT))
        self.check(TOO_LARGE, b"", "256000 bytes, 255999 are allowed", most=len(CONTENT) - 1)

    def test_too_large_by_its_range(self):
        self.target.write_bytes(CONTENT[:1000])
        self.route(https.ranged(CONTENT))
        self.check(TOO_LARGE, CONTENT[:1000], "256000", most=len(CONTENT) - 1)

    def test_too_large_and_no_length_says_so(self):
        def endless(handler):
            handler.head(200)
            while not handler.server.stopped.is_set():
                handler.wfile.write(b"x" * 65536)
        def chunked(handler):
            handler.head(200, transfer_encoding="chunked")
            while not handler.server.stopped.is_set():
                handler.wfile.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        def packed(handler):
            # Nobody asked for it to be packed.
            handler.head(200, content_length=len(CONTENT), content_encoding="gzip")
            handler.wfile.write(CONTENT)
        for route in (endless, chunked, packed):
            with self.subTest(route=route.__name__):
                self.route(route)
                download = self.check(TOO_LARGE, words="allowed", most=100000)
                self.assertLessEqual(len(download.content), 100000)

    def test_more_than_was_announced(self):
        def route(handler):
            handler.head(200, content_length=10)
            handler.wfile.write(CONTENT)
        self.route(route)
        self.check(OK, CONTENT[:10])

    def test_a_slow_server(self):
        self.route(https.drip(CONTENT, 0.3, content_length=len(CONTENT)))
        begin = time.monotonic()
        download = self.check(SLOW, words="too slow", timeout=8, low_speed=1000)
        self.assertLess(time.monotonic() - begin, 7.5)
        self.assertLess(0, len(download.content))

    def test_the_time_for_all_of_it(self):
        self.route(https.drip(CONTENT, 0.01, content_length=len(CONTENT)))
        begin = time.monotonic()
        self.check(SLOW, words="what came is kept", timeout=2, low_speed=1)
        self.assertLess(time.monotonic() - begin, 10)

    def test_a_server_that_says_nothing(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            url = f"https://127.0.0.1:{silent.getsockname()[1]}/x"
            self.check(SLOW, b"", url=url, timeout=2)

    def test_nobody_is_there(self):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        self.check(NETWORK, b"", "check the address", url=f"https://127.0.0.1:{port}/x")

    def test_a_file_that_may_not_grow(self):
        self.route(https.ranged(CONTENT))
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))  # noqa: E731
        self.check(NO_WRITING, CONTENT[:4096], "make room", prepare=limit)
        self.check(OK, CONTENT)

    def test_a_full_disk(self):
        disk = self.directory / "disk"
        disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(disk)]
        if not IS_ROOT or subprocess.run(mount, stderr=subprocess.DEVNULL, check=False).returncode:
            self.skipTest("needs root, to mount a small disk")
        self.addCleanup(subprocess.run, ["umount", disk], check=True)
        self.route(https.ranged(CONTENT))
        self.check(NO_WRITING, CONTENT[:65536], "No space left.*make room", target=disk / "target")


class Rights(Update):
    def slow_start(self, env=None, **options):
        self.route(https.drip(CONTENT, 0.2, content_length=len(CONTENT)))
        process = self.start(self.command(self.server.url("/x"), low_speed=0), env=env, **options)
        self.wait_for(lambda: self.target.stat().st_size > 0)
        return process

    def test_little_is_left_of_them(self):
        secret = os.open("/etc/hostname", os.O_RDONLY)
        self.addCleanup(os.close, secret)
        process = self.slow_start(keep=(secret,))
        proc = pathlib.Path("/proc", str(process.pid))
        told = (proc / "status").read_text()
        field = lambda name: re.search(rf"^{name}:[ \t]*(.*)$", told, re.MULTILINE)[1].split()  # noqa: E731
        self.assertEqual(["1"], field("NoNewPrivs"))
        self.assertEqual(["0077"], field("Umask"))
        limits = (proc / "limits").read_text()
        self.assertRegex(limits, r"Max core file size\s+0\s+0\s")
        self.assertRegex(limits, r"Max file size\s+1000000\s+1000000\s")
        if IS_ROOT:
            self.assertNotIn("0", field("Uid") + field("Gid"))
            self.assertEqual(1, len(set(field("Uid"))))
            self.assertEqual([], field("Groups"))
            self.assertEqual({"0" * 16}, {*field("CapEff"), *field("CapPrm"), *field("CapInh")})
        # It is another's now, whose files only root may see.
        files = [os.readlink(link) for link in (proc / "fd").iterdir()]
        self.assertNotIn("/etc/hostname", files)
        self.assertIn(str(self.target), files)

    def test_what_only_root_may_read_is_read_before(self):
        locked = self.directory / "locked"
        locked.mkdir(mode=0o700)
        ca = locked / "ca.pem"
        ca.write_bytes(self.authority.certificate.read_bytes())
        ca.chmod(0o600)
        self.route(https.ranged(CONTENT))
        self.check(OK, CONTENT, ca=ca)

    def test_the_environment_is_not_trusted(self):
        keys = self.directory / "keys"
        config = self.file("openssl.cnf", b"openssl_conf = nothing\n[nothing]\nbad = \n")
        self.route(https.ranged(CONTENT))
        self.check(OK, CONTENT, env=plain_environment(SSLKEYLOGFILE=str(keys), OPENSSL_CONF=str(config)))
        self.assertFalse(keys.exists())

    def test_proxies_are_those_of_the_environment(self):
        self.route(https.ranged(CONTENT))
        with socket.create_server(("127.0.0.1", 0)) as closed:
            proxy = f"http://127.0.0.1:{closed.getsockname()[1]}"
        self.check(NETWORK, b"", env=plain_environment(https_proxy=proxy))
        self.assertEqual([], self.server.requests)
        self.check(OK, CONTENT, env=plain_environment(https_proxy=proxy, no_proxy="127.0.0.1"))


class Fetch(Update):
    """The other side."""

    def drive(self, url, most=10**6, timeout=60, low_speed=0, ca=None, env=None):
        ca = self.authority.certificate if ca is None else ca
        words = map(str, (DRIVE, url, self.target, most, timeout, low_speed, ca, UPDATE))
        process = subprocess.Popen(
            list(words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=env or plain_environment(), text=True,
        )  # fmt: skip
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def fetch(self, *arguments, **options):
        said, noise = self.drive(*arguments, **options).communicate(timeout=120)
        self.assertEqual("", noise)
        status, words = said.rstrip("\n").split(" ", 1)
        return int(status), words

    def child_of(self, process):
        def children():
            path = pathlib.Path("/proc", str(process.pid), "task", str(process.pid), "children")
            return path.read_text().split()
        self.wait_for(children)
        self.wait_for(lambda: self.target.exists() and self.target.stat().st_size > 0)
        return pathlib.Path("/proc", children()[0])

    def slow_drive(self, env=None):
        self.route(https.drip(CONTENT, 0.2, content_length=len(CONTENT)))
        process = self.drive(self.server.url("/x"), env=env)
        return process, self.child_of(process)

    def test_a_file(self):
        self.route(https.ranged(CONTENT))
        self.assertEqual((0, ""), self.fetch(self.server.url("/x")))
        self.assertEqual(CONTENT, self.target.read_bytes())
        if IS_ROOT:
            self.assertEqual(0, self.target.stat().st_uid)

    def test_what_goes_wrong_has_a_status_and_words(self):
        status, words = self.fetch(self.server.url("/nothing"))
        self.assertEqual((-3, True), (status, words.startswith("the server answers 404")))
        self.route(https.ranged(CONTENT))
        status, words = self.fetch(self.server.url("/x"), ca="")
        self.assertEqual((-2, True), (status, "--ca-file" in words), words)
        self.assertEqual(-13, self.fetch(self.server.url("/x"), most=1000)[0])
        self.route(https.drip(CONTENT, 0.3, content_length=len(CONTENT)))
        self.assertEqual(-14, self.fetch(self.server.url("/x"), timeout=4, low_speed=1000)[0])

    def test_a_cut_body_is_resumed(self):
        def cut(handler):
            handler.head(200, content_length=len(CONTENT))
            handler.wfile.write(CONTENT[:1000])
        self.route(cut)
        status, words = self.fetch(self.server.url("/x"))
        self.assertEqual((-8, True), (status, "what came is kept" in words), words)
        self.route(https.ranged(CONTENT))
        self.assertEqual((0, ""), self.fetch(self.server.url("/x")))
        self.assertEqual(CONTENT, self.target.read_bytes())
        self.assertEqual([None, "bytes=1000-"], self.ranges())

    def test_variables_of_the_caller_stay_here(self):
        noise = {"LD_LIBRARY_PATH": "/nowhere", "OPENSSL_CONF": "/nowhere", "no_proxy": "127.0.0.1"}
        if not harness.SANITIZED:  # which wants to be loaded first
            noise["LD_PRELOAD"] = "libm.so.6"
        _, child = self.slow_drive(plain_environment(**noise))
        variables = (child / "environ").read_bytes().split(b"\0")
        self.assertEqual([b"no_proxy=127.0.0.1", b""], variables)

    def test_a_signal_ends_both(self):
        process, child = self.slow_drive()
        process.send_signal(signal.SIGTERM)
        self.assertEqual("-6 stopped\n", process.communicate(timeout=60)[0])
        self.assertFalse(child.exists())
        self.assertLess(0, self.target.stat().st_size)

    def test_it_does_not_outlive_who_started_it(self):
        process, child = self.slow_drive()
        process.kill()
        process.communicate(timeout=60)
        self.wait_for(lambda: not child.exists())


if __name__ == "__main__":
    harness.main()
