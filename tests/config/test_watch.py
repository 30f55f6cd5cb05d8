"""Somebody outside the machine notices when it is silent, ill or replaced."""

import ast
import json
import os
import socket
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path

import pytest

from config.watch import (
    ENGINES,
    RING_VARIABLE,
    Bells,
    Verdict,
    Watchman,
    judge,
    look,
    main,
    read_rings,
    ring,
    unheard,
)
from tests.bot.conftest import until

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
            watchman.told(second)
            rang.append(second / 60)
    assert rang == [2, 7, 17, 37, 77, 157, 317]
    assert watchman.sees(Verdict(), 8 * 3600) == "hilo.example.org is well again, after 480 min."
    watchman.told(8 * 3600)
    assert watchman.sees(Verdict(), 8 * 3600 + 30) is None


def test_a_hiccup_rings_nobody() -> None:
    watchman = Watchman("hilo.example.org")
    for second, found in ((0, "silent"), (30, None), (90, "silent"), (180, "ill"), (200, None)):
        assert watchman.sees(Verdict(found), second) is None


def test_the_longest_silence_between_two_rings_is_six_hours() -> None:
    watchman, rang = Watchman("hilo"), list[int]()
    for second in range(0, 4 * 86400, 60):
        if watchman.sees(Verdict("silent"), second):
            watchman.told(second)
            rang.append(second)
    assert max(b - a for a, b in pairwise(rang)) == 6 * 3600


def test_what_rang_nobody_is_rung_at_the_next_look_and_nobody_hears_that_it_is_over() -> None:
    watchman, ill = Watchman("hilo"), Verdict("silent", "it does not answer")
    tried = [second for second in range(0, 3600, 30) if watchman.sees(ill, second)]
    assert tried == list(range(120, 3600, 30)), "the line of the watchman itself was down"
    assert watchman.sees(Verdict(), 3600) is None
    watchman.sees(ill, 4000)
    assert watchman.sees(ill, 4120)
    watchman.told(4120)
    for second in (4200, 4230):
        assert watchman.sees(Verdict(), second) == "hilo is well again, after 3 min."
    watchman.told(4230)
    assert watchman.sees(Verdict(), 4260) is None


@contextmanager
def serving(
    status: int,
    body: bytes,
    location: str = "",
    *,
    port: int = 0,
    first: Callable[[], None] = lambda: None,
) -> Iterator[tuple[str, list[bytes]]]:
    heard: list[bytes] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            first()
            heard.append(self.rfile.read(int(self.headers["Content-Length"])))
            if "Authorization" in self.headers:
                heard.append(self.headers["Authorization"].encode())
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Answers)
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


@contextmanager
def sick(*said: bytes, cut: bool = False) -> Iterator[str]:
    """A server that says this and no more: it cuts the line, or says nothing for as long as one
    asks.
    """
    over = threading.Event()

    def answer_all(door: socket.socket) -> None:
        while True:
            try:
                line, _ = door.accept()
            except OSError:
                return
            threading.Thread(target=answer_one, args=(line,), daemon=True).start()

    def answer_one(line: socket.socket) -> None:
        with line, suppress(OSError):
            line.recv(4096)
            for part in said:
                line.sendall(part)
            while not cut and not over.wait(0.05):
                line.sendall(b"a")

    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=answer_all, args=(door,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            over.set()
            door.shutdown(socket.SHUT_RDWR)


SICK = {
    "an error that breaks off": ((b"HTTP/1.1 502 X\r\nContent-Length: 99\r\n\r\n{",), True, "ill"),
    "a broken piece": (
        (b"HTTP/1.1 503 X\r\nTransfer-Encoding: chunked\r\n\r\n50\r\nabc",),
        True,
        "ill",
    ),
    "an error that drips": (
        (b"HTTP/1.1 503 X\r\nContent-Length: 9999\r\n\r\n",),
        False,
        "silent",
    ),
    "a body that drips": ((b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n",), False, "silent"),
    "a head that drips": ((b"HTTP/1.1 200 OK\r\nX: ",), False, "silent"),
    "garbage": ((b"garbage\r\n\r\n",), True, "lying"),
}


@pytest.mark.parametrize("how", SICK)
def test_a_sick_answer_neither_ends_the_watch_nor_holds_it(how: str) -> None:
    said, cut, wrong = SICK[how]
    with sick(*said, cut=cut) as url:
        assert look(url, lambda: NOW, whole=1.0).wrong == wrong


@pytest.mark.parametrize("how", ["garbage", "a head that drips"])
def test_a_sick_ring_does_not_ring_and_does_not_keep_the_others_from_it(
    how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said, cut, _ = SICK[how]
    with sick(*said, cut=cut) as url, serving(200, b"") as (well, heard):
        assert not ring(f"{url}/hook", "words", whole=1.0)
        gone = "ntfy://ana:sesame99@127.0.0.1:1/topic"
        assert unheard([gone, f"{well}/hook"], "words") == [gone]
    assert heard == [b'{"text": "words"}']
    assert not Bells([gone]).ring("words", 0)
    assert "sesame99" not in "".join(capsys.readouterr())


def ill(*stale: str) -> bytes:
    said = {"ok": False, "stale": stale, "engines": dict.fromkeys(ENGINES, NOW.isoformat())}
    return json.dumps(said).encode()


def test_of_what_is_ill_only_plain_names_are_said() -> None:
    assert judge(503, ill("postman", "request"), NOW).detail.endswith(": postman, request")
    for strange in ("\ud800", "\x1b[2J", "a\nb", "a" * 41, "Sesame 99"):
        assert judge(503, ill(strange), NOW).detail == "it says so itself: error 503"
    assert len(judge(503, ill(*["postman"] * 9999), NOW).detail) < 200


@pytest.mark.parametrize("terminal", ["there", "gone"])
def test_the_watch_rings_whatever_it_is_told_and_whoever_reads_its_terminal(terminal: str) -> None:
    reading, writing = os.pipe()
    with serving(503, ill("\ud800")) as (hilo, _), serving(200, b"") as (well, heard):
        if terminal == "gone":
            os.close(reading)
        words = [hilo, "--ring", f"{well}/hook", "--after", "0", "--every", "0.05"]
        with subprocess.Popen(
            [sys.executable, "-I", "-S", str(FILE), *words], stdout=writing, stderr=writing
        ) as child:
            os.close(writing)
            try:
                until(lambda: bool(heard) or child.poll() is not None, 20)
                assert heard
                assert child.poll() is None
            finally:
                child.kill()
    if terminal == "there":
        os.close(reading)


def test_an_address_that_cannot_be_read_is_refused_without_its_passphrase(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for bad in ("ntfys://ana:sesame99\u2100@h/t", "ntfys://ana@h:sesame99/t", "ntfys://[sesame99"):
        assert main(["http://127.0.0.1:1", "--ring", bad, "--once"]) == 2
    assert "sesame99" not in "".join(capsys.readouterr())


def test_a_name_and_a_passphrase_go_into_a_header() -> None:
    with serving(200, b"") as (url, heard):
        assert ring(url.replace("http://", "ntfy://ana:ses%40me@") + "/topic", "words")
        assert heard == [b"words", b"Basic " + b64encode(b"ana:ses@me")]


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


@pytest.mark.parametrize("how", ["a body that drips", "an error that drips", "a head that drips"])
def test_what_is_cut_off_at_its_time_leaves_no_thread_and_no_line_behind(how: str) -> None:
    said, _, _ = SICK[how]
    before = threading.active_count()
    with sick(*said) as url:
        for _ in range(3):
            assert look(url, lambda: NOW, whole=0.3).wrong == "silent"
            assert not ring(f"{url}/hook", "words", whole=0.3)
            mail = url.replace("http://", "mailto://")
            assert not ring(f"{mail}?from=a@example.org&to=b@example.org", "words", whole=0.3)
        until(lambda: threading.active_count() <= before + 1, 20)  # the server's own is one


def test_a_line_that_is_never_encrypted_is_cut_too() -> None:
    before = threading.active_count()
    with socket.create_server(("127.0.0.1", 0)) as door:
        url = f"https://127.0.0.1:{door.getsockname()[1]}"
        assert look(url, lambda: NOW, whole=0.3).wrong == "silent"
        until(lambda: threading.active_count() == before, 10)  # of itself it waits for 15


def test_who_did_not_hear_is_rung_again_more_and_more_rarely_until_there_is_something_new() -> None:
    with serving(200, b"") as (well, heard), serving(500, b"") as (deaf, tried):
        bells = Bells([f"{well}/hook", f"{deaf}/hook"])
        assert bells.ring("it is not well", 0)
        for at in range(1, 17):
            bells.again(30 * at)
        assert (len(heard), len(tried)) == (1, 1 + 5), "after 1, 2, 4, 8 and 16 looks"
        assert bells.ring("it is well again", 600)
        bells.again(600 + 7 * 3600)
        assert (len(heard), len(tried)) == (2, 7)


def test_who_can_be_reached_later_hears_later() -> None:
    with serving(200, b"") as (well, _), socket.create_server(("127.0.0.1", 0)) as taken:
        later = f"http://127.0.0.1:{taken.getsockname()[1]}/hook"
        taken.close()
        bells = Bells([f"{well}/hook", later])
        assert bells.ring("it is not well", 0)
        with serving(200, b"", port=int(later[17:-5])) as (_, heard):
            for at in (30, 60, 90):
                bells.again(at)
        assert heard == [b'{"text": "it is not well"}']


def test_a_test_rings_all_at_one_time_and_says_how_many_heard(
    capsys: pytest.CaptureFixture[str],
) -> None:
    together = threading.Barrier(3)

    def meet() -> None:
        with suppress(threading.BrokenBarrierError):
            together.wait(10)

    with serving(200, b"", first=meet) as (url, heard):
        words = [one for path in "abc" for one in ("--ring", f"{url}/{path}")]
        assert main([url, "--test", *words]) == 0
    assert len(heard) == 3
    assert not together.broken, "each waited for the other two"
    assert main([url, "--test", *words[:2]]) == 1
    assert main([url, "--test"]) == 1, "nothing to ring is no test that went well"
    assert capsys.readouterr().out == "3 of 3 rang\n0 of 1 rang\n0 of 0 rang\n"


@pytest.mark.parametrize(
    "wrong",
    ["https://ana:sesame99@h", "https://h:sesame99", "https://[sesame99", "https://\u2100@h"],
)
def test_an_address_to_watch_that_cannot_be_read_is_not_said(
    wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([wrong, "--once"]) == 2
    told = "".join(capsys.readouterr())
    assert "https://" in told
    assert "sesame99" not in told


@pytest.mark.parametrize("every", ["0", "-1", "nan", "inf", "soon"])
def test_looks_without_a_pause_are_refused(every: str) -> None:
    with pytest.raises(SystemExit):
        main(["https://hilo.example.org", "--once", "--every", every])


def test_what_says_it_is_well_and_names_what_is_not_is_ill() -> None:
    assert judge(200, answer(NOW, stale=("clock",)), NOW).detail == "it says so itself: clock"


def test_it_is_written_for_a_python_of_years_ago(tmp_path: Path) -> None:
    """As on a small machine in a cupboard: 3.9 has no `UTC`, and reads no `|` between types."""
    source = FILE.read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 9))
    assert "\nfrom __future__ import annotations" in source
    lacks = "import datetime, runpy, sys; del datetime.UTC; sys.argv = sys.argv[1:];"
    copied = tmp_path / "watch.py"
    copied.write_text(source, encoding="utf-8")
    done = subprocess.run(
        [
            *(sys.executable, "-I", "-S", "-c"),
            f"{lacks} runpy.run_path(sys.argv[0], run_name='__main__')",
            *(str(copied), "http://127.0.0.1:1", "--once"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "it does not answer (ConnectionRefusedError)\n", done.stderr
