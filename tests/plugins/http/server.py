"""A real HTTP server on loopback that answers by its path, and says what it was sent."""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

LARGE = 8 * 1024 * 1024
LET_GO = Event()
"""Set when the server is closed: no answer keeps a client waiting after a test."""


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_any(self) -> None:
        path = urlsplit(self.path)
        answer = getattr(self, "answer_" + path.path.strip("/").split("/")[0].replace("-", "_"), self.answer_missing)
        answer()

    def __getattr__(self, name: str) -> Any:
        """The library looks for a method named after each HTTP method: `do_GET` and so on."""
        if name.startswith("do_"):
            return self.handle_any
        raise AttributeError(name)

    def answer_echo(self) -> None:
        """What was sent, as JSON."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        told = {
            "method": self.command,
            "query": parse_qs(urlsplit(self.path).query),
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": body.decode("utf-8", "replace"),
        }
        self.send(200, json.dumps(told).encode(), {"Content-Type": "application/json", "Set-Cookie": "a=1"})

    def answer_events(self) -> None:
        """A stream that ends, with all that may stand in one."""
        first = ': hello\nid: 1\nevent: word\ndata: {"text": "fal"}\n\n'
        body = first + 'data: co\ndata: n\n\nretry: 5\n\ndata: {"text": "con"}\n'
        self.send(200, body.encode(), {"Content-Type": "text/event-stream"})

    def answer_missing(self) -> None:
        self.send(404, b"nothing is here", {"Content-Type": "text/plain"})

    def answer_created(self) -> None:
        self.send(201, b"{}", {"Content-Type": "application/json"})

    def answer_empty(self) -> None:
        self.send(200, b"")

    def answer_moved(self) -> None:
        self.send(302, b"", {"Location": "/echo"})

    def answer_latin(self) -> None:
        self.send(200, "café".encode("latin-1"), {"Content-Type": "text/plain; charset=iso-8859-1"})

    def answer_private(self) -> None:
        known = self.headers.get("Authorization")
        self.send(200 if known in ("Basic YW5uOnB3", "Bearer tok") else 401, str(known).encode())

    def answer_digest(self) -> None:
        """Challenges first, then checks the answer to the challenge."""
        sent = dict(re.findall(r'(\w+)="?([^",]+)"?', self.headers.get("Authorization", "")))
        if sent and sent["response"] == _digest(self.command, sent):
            return self.send(200, b"welcome")
        challenge = 'Digest realm="tests", nonce="n1", qop="auth", algorithm=MD5'
        return self.send(401, b"", {"WWW-Authenticate": challenge})

    def answer_file(self) -> None:
        self.send(200, b"a,b\n1,2\n", {"Content-Type": "text/csv"})

    def answer_named(self) -> None:
        self.send(200, b"x", {"Content-Disposition": "attachment; filename*=UTF-8''my%20r%C3%A9sum%C3%A9.txt"})

    def answer_climbing(self) -> None:
        self.send(200, b"x", {"Content-Disposition": 'attachment; filename="../../evil.txt"'})

    def answer_large(self) -> None:
        self.send(200, b"x" * LARGE)

    def answer_cut(self) -> None:
        """Breaks off before the end."""
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"half")
        self.close_connection = True

    def answer_silent(self) -> None:
        LET_GO.wait(10)
        self.close_connection = True

    def send(self, code: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(code)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves early is what some tests are about."""


def _digest(method: str, sent: dict[str, str]) -> str:
    """RFC 7616 for the user ann with password pw."""

    def md5(*parts: str) -> str:
        return hashlib.md5(":".join(parts).encode()).hexdigest()

    who, what = md5("ann", "tests", "pw"), md5(method, sent["uri"])
    return md5(who, sent["nonce"], sent["nc"], sent["cnonce"], sent["qop"], what)


@contextmanager
def a_server() -> Iterator[str]:
    """The address of a running server."""
    LET_GO.clear()
    server = QuietServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        LET_GO.set()
        server.shutdown()
        thread.join()
        server.server_close()
