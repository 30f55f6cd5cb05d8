"""Somebody outside the machine notices when it is silent, ill or replaced."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import pytest

from config.watch import ENGINES, RING_VARIABLE, Verdict, Watchman, judge, look, read_rings, ring

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
FILE = Path(__file__).parents[2] / "config" / "watch.py"


def answer(beat: datetime, *, ok: bool = True, stale: tuple[str, ...] = ()) -> bytes:
    engines = {name: beat.isoformat() for name in ENGINES}
    return json.dumps({"ok": ok, "stale": list(stale), "engines": engines}).encode()


def test_a_fresh_answer_is_well() -> None:
    assert judge(200, answer(NOW - timedelta(seconds=20)), NOW) == Verdict()


def test_what_says_that_all_is_well_with_old_moments_lies() -> None:
    found = judge(200, answer(NOW - timedelta(minutes=10)), NOW)
    assert found.wrong == "lying"
    assert "postman" in found.detail


def test_moments_in_the_future_are_no_good_either() -> None:
    assert judge(200, answer(NOW + timedelta(minutes=10)), NOW).wrong == "lying"


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Welcome to our hotel</html>",
        b"[]",
        b"null",
        b'{"ok": true}',
        b'{"ok": true, "stale": [], "engines": {}}',
        b'{"ok": true, "stale": 5, "engines": 7}',
        b"\xff\xfe",
    ],
)
def test_a_page_that_is_not_ours_is_no_comfort(body: bytes) -> None:
    assert judge(200, body, NOW).wrong == "lying"


def test_what_it_says_of_itself_is_told() -> None:
    found = judge(503, answer(NOW, ok=False, stale=("clock",)), NOW)
    assert found == Verdict("ill", "it says so itself: clock")
    assert judge(502, b"Bad gateway", NOW).wrong == "ill"
    assert judge(503, answer(NOW), NOW).wrong == "ill"


def test_it_rings_once_then_ever_more_rarely_and_says_when_it_is_over() -> None:
    watchman, rang = Watchman("hilo.example.org"), list[float]()
    ill = Verdict("silent", "it does not answer")
    for second in range(0, 8 * 3600, 30):
        if watchman.sees(ill, second):
            rang.append(second / 60)
    assert rang == [2, 7, 17, 37, 77, 157, 317]
    assert watchman.sees(Verdict(), 8 * 3600) == "hilo.example.org is well again, after 480 min."
    assert watchman.sees(Verdict(), 8 * 3600 + 30) is None


def test_a_hiccup_rings_nobody() -> None:
    watchman = Watchman("hilo.example.org")
    for second, found in ((0, "silent"), (30, None), (90, "silent"), (180, "ill"), (200, None)):
        assert watchman.sees(Verdict(found), second) is None


def test_the_longest_silence_between_two_rings_is_six_hours() -> None:
    watchman, rang = Watchman("hilo"), list[int]()
    for second in range(0, 4 * 86400, 60):
        if watchman.sees(Verdict("silent"), second):
            rang.append(second)
    assert max(b - a for a, b in pairwise(rang)) == 6 * 3600


@contextmanager
def serving(status: int, body: bytes, location: str = "") -> Iterator[tuple[str, list[bytes]]]:
    heard: list[bytes] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            heard.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_it_looks_over_http_and_follows_nobody_elsewhere() -> None:
    with serving(200, answer(NOW)) as (url, _):
        assert look(url, lambda: NOW) == Verdict()
        with serving(302, b"", url + "/healthz") as (portal, _heard):
            assert look(portal, lambda: NOW).wrong == "lying"
    assert look(url, lambda: NOW).wrong == "silent"


def test_it_rings_ntfy_and_a_hook_and_survives_one_that_is_gone() -> None:
    with serving(200, b"") as (url, heard):
        assert ring(url.replace("http", "ntfy") + "/topic", "Hilo is not well")
        assert ring(url + "/hook", "Hilo is not well")
    assert heard == [b"Hilo is not well", b'{"text": "Hilo is not well"}']
    assert not ring(url + "/hook", "nobody")


def test_an_address_that_cannot_ring_is_refused_before_the_watch_begins() -> None:
    mail = "mailtos://me:word@mail.example.org?from=a@example.org&to=b@example.org"
    assert read_rings((), {RING_VARIABLE: mail}, None) == [mail]
    for bad in ("file:///etc/passwd", "ntfys://", mail.replace("&to=b@example.org", "")):
        with pytest.raises(ValueError, match="ring"):
            read_rings((bad,), {}, None)


def test_the_file_runs_alone_with_nothing_of_ours_beside_it(tmp_path: Path) -> None:
    copied = tmp_path / "watch.py"
    copied.write_bytes(FILE.read_bytes())
    with serving(200, answer(datetime.now(UTC))) as (url, _):  # noqa: TID251  # the child's own clock
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(copied), url, "--once"],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )
    assert (done.returncode, done.stdout.strip()) == (0, "well"), done.stderr
