"""Loopback servers that ring instead of the real ones, started by the test and ended with it."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import pytest


class Ntfy(ThreadingHTTPServer):
    """What an ntfy server was told; answers with `status`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Told)
        self.heard: list[str] = []
        self.topics: list[str] = []
        self.status = 200
        self.location: str | None = None

    @property
    def address(self) -> str:
        return f"ntfy://127.0.0.1:{self.server_port}/a-long-name"


class _Told(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = cast(Ntfy, self.server)
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        try:
            told = json.loads(body)
            server.topics.append(told["topic"])
            server.heard.append(told["message"])
        except (ValueError, KeyError):
            server.heard.append(body.decode())
        self.send_response(server.status)
        if server.location:
            self.send_header("Location", server.location)
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_POST  # noqa: N815  # a redirect may turn one into the other

    def log_message(self, *_: object) -> None:
        """Silent."""


class TarPit(socketserver.ThreadingTCPServer):
    """Answers a byte at a time, and never comes to an end before `over`. Counts who came."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Dripping)
        self.over = threading.Event()
        self.came = 0

    @property
    def address(self) -> str:
        return f"ntfy://127.0.0.1:{self.server_address[1]}/a-long-name"


class _Dripping(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server = cast(TarPit, self.server)
        server.came += 1
        with suppress(OSError):
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
            while not server.over.wait(0.2):
                self.wfile.write(b" ")


class Mail(socketserver.ThreadingTCPServer):
    """A mail server that takes what it is given."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Posted)
        self.letters: list[tuple[str, str]] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Posted(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        to, text, reading = "", [], False
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            said = line.decode().rstrip("\r\n")
            if reading:
                reading = said != "."
                text += [said] if reading else []
                if not reading:
                    cast(Mail, self.server).letters.append((to, "\n".join(text)))
                    self.wfile.write(b"250 kept\r\n")
                continue
            verb = said.upper()
            if verb.startswith("RCPT TO:"):
                to = said[8:].strip("<> ")
            reading = verb == "DATA"
            self.wfile.write(b"354 go on\r\n" if reading else b"250 fine\r\n")
            if verb == "QUIT":
                return


def _running(server: socketserver.BaseServer) -> Iterator[Any]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def ntfy() -> Iterator[Ntfy]:
    yield from _running(Ntfy())


@pytest.fixture
def mail() -> Iterator[Mail]:
    yield from _running(Mail())


@pytest.fixture
def tar_pit() -> Iterator[TarPit]:
    server = TarPit()
    running = _running(server)
    yield next(running)
    server.over.set()
    next(running, None)
