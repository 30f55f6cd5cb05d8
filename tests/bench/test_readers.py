"""The handbook under 200 readers at once, beside a bare Flask hello in the same server and run."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from tests.bench.hilo import ROOT, environ_of
from tests.bench.report import PEOPLE, TIMES, measured
from tests.ground.databases import migrate
from tests.handbook.asked import questions

pytestmark = pytest.mark.bench
SECONDS = 5 * TIMES
STARTS_WITHIN = 60
SERVER = ("granian", "--interface", "wsgi", "--no-ws", "--blocking-threads", "8")
PAGES = {
    "where to begin": ("/manual/",),
    "chapter": ("/manual/llamada-virtual",),
    "pictures": ("/manual/llamada-virtual/dibujos",),
    "search": tuple(f"/manual/search?q={quote_plus(asked)}" for asked in questions()),
}


def test_the_handbook_under_two_hundred_readers(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hilo.db'}"
    migrate(url)
    waits = {}
    with serving("tests.bench.hello:app", dict(os.environ)) as hello:
        least = read((f"{hello}/",))
    with serving("wsgi:app", {**os.environ, **environ_of(url, tmp_path)}) as house:
        for name, paths in PAGES.items():
            waits[name] = read([f"{house}{path}" for path in paths])
    for name, found in waits.items():
        assert found["wrong"] == 0
        for part in ("p50", "p99"):
            measured(
                f"{name}, {PEOPLE} readers, {part}",
                ours=found[part],
                reference=least[part],
                unit="ms",
                against="a bare Flask hello in the same server",
                goal="the least a page can cost is 1",
                each_second=round(found["each_second"]),
                hello_each_second=round(least["each_second"]),
            )


def read(urls: Sequence[str]) -> dict[str, float]:
    """What those readers wait, measured from outside the server's process, once it is awake."""
    with urllib.request.urlopen(urls[0], timeout=STARTS_WITHIN) as first:  # noqa: S310  # ours, http
        first.read()
    asked = [sys.executable, "-m", "tests.bench.readers", str(PEOPLE), str(SECONDS), *urls]
    told = subprocess.run(asked, cwd=ROOT, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(told.stdout)
    return found


@contextmanager
def serving(app: str, environ: dict[str, str]) -> Iterator[str]:
    """The app in the server an installation runs, on a port of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = str(Path(sys.executable).parent / SERVER[0])
    command = [program, *SERVER[1:], "--log-level", "error", "--port", str(port), app]
    process = subprocess.Popen(command, cwd=ROOT, env=environ)
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        with socket.socket() as door:
            if door.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(port)
