"""A server for https on this machine, that tells the truth or lies, and certificates for it."""

import http.server
import pathlib
import ssl
import subprocess
import threading
import warnings


def openssl(*arguments):
    done = subprocess.run(
        ["openssl", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode:
        raise AssertionError(f"openssl {arguments}: {done.stdout}")


class Authority:
    """Signs certificates, with the program openssl. Its own is in the file `certificate`."""

    def __init__(self, directory, name="authority"):
        self.directory = pathlib.Path(directory)
        self.name = name
        self.certificate = self.directory / f"{name}.pem"
        self.key = self.directory / f"{name}.key"
        self._request(name, "-x509", "-days", "2", "-out", self.certificate)

    def _request(self, name, *more):
        openssl(
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", self.directory / f"{name}.key", "-subj", f"/CN={name}", *more,
        )  # fmt: skip

    def certify(self, name, hosts="IP:127.0.0.1,DNS:localhost", days=2):
        """The file with certificate and key of a server. Days below 0: it has expired."""
        name = f"{self.name}-{name}"
        base = self.directory / name
        self._request(name, "-out", f"{base}.csr")
        pathlib.Path(f"{base}.ext").write_text(f"subjectAltName={hosts}\n")
        openssl(
            "x509", "-req", "-in", f"{base}.csr", "-CA", self.certificate, "-CAkey", self.key,
            "-CAcreateserial", "-days", days, "-extfile", f"{base}.ext", "-out", f"{base}.crt",
        )  # fmt: skip
        both = pathlib.Path(f"{base}.both")
        both.write_text(pathlib.Path(f"{base}.crt").read_text() + (base.with_suffix(".key")).read_text())
        return both


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.close_connection = True
        self.server.requests.append((self.path, dict(self.headers)))
        self.server.routes.get(self.path, missing)(self)

    def log_message(self, *_):
        pass

    def head(self, status, **headers):
        """Status line and headers; content_length=5 is Content-Length: 5."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def close_cleanly(self):
        """Says that nothing more comes, which closing a socket alone does not."""
        self.wfile.flush()
        self.connection.unwrap()


def missing(handler):
    handler.head(404, content_length=0)


class Server(http.server.ThreadingHTTPServer):
    """Answers GET by `routes`, {path: function of a handler}; `requests` is what was asked."""

    daemon_threads = True

    def __init__(self, certificate, routes=None, newest=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        if newest:
            self.context.set_ciphers("DEFAULT:@SECLEVEL=0")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                self.context.minimum_version = ssl.TLSVersion.TLSv1
                self.context.maximum_version = newest
        self.routes = dict(routes or {})
        self.requests = []
        self.stopped = threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def get_request(self):
        plain, address = super().get_request()
        # The handshake belongs to the thread that will serve it.
        secure = self.context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        return secure, address

    def handle_error(self, *_):
        pass  # clients that hang up are what is tested

    def url(self, path):
        return f"https://127.0.0.1:{self.server_address[1]}{path}"

    def stop(self):
        self.stopped.set()
        self.shutdown()
        self.server_close()


def whole(content):
    """A route that gives the content, whatever part was asked for."""
    def route(handler):
        handler.head(200, content_length=len(content))
        handler.wfile.write(content)
    return route


def ranged(content):
    """A route that gives what was asked for."""
    def route(handler):
        asked = handler.headers.get("Range")
        if not asked:
            return whole(content)(handler)
        first = int(asked.removeprefix("bytes=").removesuffix("-"))
        if first >= len(content):
            return handler.head(416, content_range=f"bytes */{len(content)}", content_length=0)
        part = content[first:]
        place = f"bytes {first}-{len(content) - 1}/{len(content)}"
        handler.head(206, content_range=place, content_length=len(part))
        return handler.wfile.write(part)
    return route


def redirect(target):
    def route(handler):
        handler.head(302, location=target, content_length=5, set_cookie="a=b; Path=/")
        handler.wfile.write(b"moved")
    return route


def drip(content, pause, **headers):
    """A route that gives the content byte by byte."""
    def route(handler):
        handler.head(200, **headers)
        for place in range(len(content)):
            if handler.server.stopped.wait(pause):
                break
            handler.wfile.write(content[place : place + 1])
    return route
